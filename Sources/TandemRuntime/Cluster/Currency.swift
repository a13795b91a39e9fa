internal import TandemTransport

/// How far behind this node may be, partition by partition: whether it has had, in this life, everything that was committed
/// when it came up, and when it last had everything. Until then it would send its clients to look at the past.
///
/// Honest because it is asked: a node has everything of a moment when who leads has said up to where that is, in answer to
/// a question of that moment, and it has applied that much. Asked from any thread; beaten on the consensus loop.
// Safe: everything is under `lock`.
final class Currency: @unchecked Sendable {
    private static let intervalNanoseconds: UInt64 = 100_000_000
    /// What somebody cares about is asked again when it is so old, a tenth of what anybody allows.
    private static let refreshNanoseconds: UInt64 = 1_000_000_000

    private struct Mark {
        /// In monotonic nanoseconds, and the last entry that was committed anywhere then, or a later one.
        let asked: UInt64
        let index: UInt64
    }

    private let lock = Lock()
    private var missing: Set<UInt16>
    private var asked: Set<UInt16> = []
    private var due: UInt64 = 0
    private var marks: [UInt16: Mark] = [:]
    /// Somebody has asked how old they are since they were asked for last.
    private var wanted: Set<UInt16> = []

    init(_ partitions: Range<UInt16>) { missing = Set(partitions) }

    func isCurrent(_ partition: UInt16) -> Bool { lock.withLock { !missing.contains(partition) } }

    /// Everything that was committed anywhere at `asked` is applied here, and is not behind `index`.
    func had(_ partition: UInt16, upTo index: UInt64, asked: UInt64) {
        lock.withLock {
            missing.remove(partition)
            if marks[partition].map({ $0.asked < asked }) ?? true {
                marks[partition] = Mark(asked: asked, index: index)
            }
        }
    }

    /// The entry behind which nothing was committed `age` nanoseconds ago; nil when that is not known. As long as somebody
    /// asks, it is kept young.
    func mark(_ partition: UInt16, within age: UInt64, at now: UInt64) -> UInt64? {
        lock.withLock {
            wanted.insert(partition)
            guard let mark = marks[partition], now <= mark.asked + age else { return nil }
            return mark.index
        }
    }

    func beat(at now: UInt64, _ partitions: [Partition]) {
        let ask = lock.withLock { () -> [UInt16] in
            guard !missing.isEmpty || !wanted.isEmpty, now >= due else { return [] }
            due = now + Self.intervalNanoseconds
            let old = wanted.filter { number in marks[number].map { now > $0.asked + Self.refreshNanoseconds } ?? true }
            let ask = missing.union(old).subtracting(asked)
            wanted.subtract(ask)
            asked.formUnion(ask)
            return ask.sorted()
        }
        for number in ask {
            partitions[Int(number)].whenCurrent { [self] index in
                if let index { had(number, upTo: index, asked: now) }
                lock.withLock { _ = asked.remove(number) }
            }
        }
    }
}
