internal import TandemRuntime

/// Asks every partition how it stands, one after the other, and hands over what they said. None of them waits for its
/// journal to answer.
// Safe: `found` is touched by one partition's answer at a time; the next is asked only then.
final class NodeSurvey: @unchecked Sendable {
    private let node: Node
    private let done: @Sendable ([PartitionStatus]) -> Void
    private var found: [PartitionStatus] = []

    init(_ node: Node, done: @escaping @Sendable ([PartitionStatus]) -> Void) {
        self.node = node
        self.done = done
    }

    func run() { ask(0) }

    private func ask(_ number: UInt16) {
        node.partition(number).run { [self] partition in
            found.append(partition.status())
            if node.hasPartition(number + 1) { ask(number + 1) } else { done(found) }
        }
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
