internal import Synchronization
internal import TandemConsensus
internal import TandemJournal
internal import TandemTransport

/// Reads the journal again from its first entry to its last, slowly and for ever: what has rotted is found while the others
/// still have it, and not by the next start or by a member that has to catch up.
///
/// Once a minute it reads so much of each segment that a full one takes 17 hours, on the loop that reads the journal for
/// replicas, in parts between their reads. What is damaged is its replica's business (`Replica.read`), and the walk goes on
/// with the next partition: what is behind it comes back anew. A start begins at the first entry. Each walk begins with what
/// memory has of full segments dropped, so that the medium is read and not what was read before; of the segment that is
/// written, and those whose logs rest, it may read what is in memory.
// Safe: `figuresKept` is under its lock, the rest is touched on the loop only.
final class JournalPatrol: @unchecked Sendable {
    /// Between two beats, and bytes of entries read for each segment in one.
    static let intervalNanoseconds: UInt64 = 60_000_000_000
    static let bytesForSegment = 64 << 10
    /// Bytes read before others have their turn.
    private static let partBytes = 64 << 10

    private let loop: EventLoop
    private let journal: Journal
    private let interval: UInt64
    private let tell: @Sendable (UInt16, String) -> Void
    private var groups: [Replica] = []
    /// Where the walk is: the place of a group, and the entry it reads next.
    private var place = 0
    private var next: UInt64 = 1
    private let figuresKept = Mutex(PatrolFigures())

    init(
        loop: EventLoop, journal: Journal, interval: UInt64 = JournalPatrol.intervalNanoseconds,
        tell: @escaping @Sendable (UInt16, String) -> Void
    ) {
        self.loop = loop
        self.journal = journal
        self.interval = interval
        self.tell = tell
    }

    var figures: PatrolFigures { figuresKept.withLock { $0 } }

    func start(_ groups: [Replica]) {
        loop.run { [self] in
            self.groups = groups
            rest()
        }
    }

    /// When the loop has ended.
    func stop() { groups = [] }

    private func rest() {
        loop.schedule(at: EventLoop.monotonicNanoseconds() + interval) { [weak self] in
            guard let self, !groups.isEmpty else { return }
            if place == 0, next == 1 { journal.dropCaches() }
            read(Self.bytesForSegment * max(1, journal.statistics.segments))
        }
    }

    /// Reads a part, and later the rest of what this beat may.
    private func read(_ budget: Int) {
        guard budget > 0, place < groups.count else { return rest() }
        let group = groups[place]
        var taken = 0
        do throws(JournalError) {
            let entries = try group.read(partition: group.partition, from: next, maximumBytes: Self.partBytes)
            taken = entries.reduce(0) { $0 + $1.bytes.count }
            figuresKept.withLock { figures in
                figures.entries += UInt64(entries.count)
                figures.bytes += UInt64(taken)
            }
            if let last = entries.last { next = last.index + 1 } else { nextGroup() }
        } catch {
            switch error {
            case .compacted(_, let first): next = first
            case .damaged(let finding):
                figuresKept.withLock { $0.damaged += 1 }
                tell(group.partition, "reading its journal again has found damage: \(finding)")
                nextGroup()
            default: nextGroup()
            }
        }
        // One whole walk is enough for a beat, however short it was.
        guard place < groups.count else { return endWalk() }
        let left = budget - max(taken, 1 << 10)
        loop.run { [weak self] in self?.read(left) }
    }

    private func nextGroup() {
        place += 1
        next = 1
    }

    private func endWalk() {
        place = 0
        figuresKept.withLock { figures in
            figures.walks += 1
            figures.lastWalk = EventLoop.monotonicNanoseconds()
        }
        rest()
    }
}

/// What reading the journal again has come to since the start.
package struct PatrolFigures: Sendable, Equatable {
    package fileprivate(set) var entries: UInt64 = 0
    package fileprivate(set) var bytes: UInt64 = 0
    /// Times that it was read from its first entry to its last, and the monotonic nanosecond when that ended last.
    package fileprivate(set) var walks: UInt64 = 0
    package fileprivate(set) var lastWalk: UInt64 = 0
    package fileprivate(set) var damaged: UInt64 = 0

    package init() {}

    /// Nil before the first whole walk.
    package var secondsSinceWalk: Double? {
        walks == 0 ? nil : Double(EventLoop.monotonicNanoseconds() - lastWalk) / 1_000_000_000
    }
}
