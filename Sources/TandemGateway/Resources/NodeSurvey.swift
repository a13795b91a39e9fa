internal import TandemRuntime

/// Asks every partition how it stands, one after the other, and hands over what they said. None of them waits for its
/// journal to answer.
// Safe: `found` is touched by one partition's answer at a time; the next is asked only then.
final class NodeSurvey<Found: Sendable>: @unchecked Sendable {
    private let node: Node
    private let look: @Sendable (isolated Partition) -> Found
    private let done: @Sendable ([Found]) -> Void
    private var found: [Found] = []

    init(
        _ node: Node, look: @escaping @Sendable (isolated Partition) -> Found,
        done: @escaping @Sendable ([Found]) -> Void
    ) {
        self.node = node
        self.look = look
        self.done = done
    }

    func run() { ask(0) }

    private func ask(_ number: UInt16) {
        node.partition(number).run { [self] partition in
            found.append(look(partition))
            if node.hasPartition(number + 1) { ask(number + 1) } else { done(found) }
        }
    }
}

extension NodeSurvey where Found == PartitionStatus {
    convenience init(_ node: Node, done: @escaping @Sendable ([PartitionStatus]) -> Void) {
        self.init(node, look: { $0.status() }, done: done)
    }
}

extension PartitionStatus {
    /// A word or two for it.
    var condition: String {
        if let trouble { return trouble.rawValue }
        if givenUp != nil { return "given up" }
        return phase == .following && leader == nil ? "no leader is known" : phase.rawValue
    }
}
