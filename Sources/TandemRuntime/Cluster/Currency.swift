internal import TandemTransport

/// Which partitions have had, in this life of the node, everything that was committed when they asked: until then it would
/// send its clients to look at the past.
///
/// Asked from any thread; begun on the consensus loop.
// Safe: everything is under `lock`.
final class Currency: @unchecked Sendable {
    private static let intervalNanoseconds: UInt64 = 100_000_000

    private let lock = Lock()
    private var missing: Set<UInt16>
    private var asked: Set<UInt16> = []
    private var due: UInt64 = 0

    init(_ partitions: Range<UInt16>) { missing = Set(partitions) }

    func isCurrent(_ partition: UInt16) -> Bool { lock.withLock { !missing.contains(partition) } }

    func beat(at now: UInt64, _ partitions: [Partition]) {
        let ask = lock.withLock { () -> [UInt16] in
            guard !missing.isEmpty, now >= due else { return [] }
            due = now + Self.intervalNanoseconds
            let ask = missing.subtracting(asked)
            asked.formUnion(ask)
            return ask.sorted()
        }
        for number in ask {
            partitions[Int(number)].whenCurrent { [self] index in
                lock.withLock {
                    asked.remove(number)
                    if index != nil { missing.remove(number) }
                }
            }
        }
    }
}
