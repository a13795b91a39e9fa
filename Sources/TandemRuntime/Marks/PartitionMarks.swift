internal import TandemCore
internal import TandemJournal
package import TandemWire

// Marks: the leader journals what its records come to, and everybody who applies that compares (decision 20).
//
// ```
// nothing new ── a turn is journaled ──▶ wanted ── an interval later ──▶ counted ──▶ mark ──▶ nothing new
// ```
// So an idle partition journals none, and the last turns before it became idle are marked as well.

/// A partition's part in comparing states.
struct Marks {
    /// Journaled time between two marks. A difference is found within it; each mark costs all nodes an entry.
    static let interval = Milliseconds.seconds(60)
    static let hashedAtOnce = 256

    /// Something was journaled behind the last mark.
    var isWanted = false
    /// A wake-up for the next one is coming.
    var isScheduled = false
    /// Every record is hashed once, a few at a time.
    var isCounting = false
    /// The interval has passed, and the sum is not counted yet.
    var isDue = false
}

/// A mark that a node has applied.
package struct SeenMark: Sendable, Equatable {
    package let index: UInt64
    package let mark: StateMark
    /// What this node's records come to there; nil: it does not know yet.
    package let own: StateHash?
}

extension Partition {
    /// There is somebody to compare with, and all of them read marks.
    private var makesMarks: Bool {
        configuration.agreed.now >= StateMark.since && (!log.decidesAlone || configuration.presence != nil)
    }

    /// Sees to it that what was journaled is marked an interval from now.
    func scheduleMark() {
        guard phase == .leading, marks.isWanted, !marks.isScheduled, !marks.isDue, makesMarks else { return }
        marks.isScheduled = true
        wake(at: time.monotonic(for: max(time.now(clock), timeLast) + configuration.markInterval)) { partition in
            partition.marks.isScheduled = false
            partition.marks.isDue = true
            partition.markIfDue()
        }
    }

    /// Journals a mark, now or when all records are counted.
    private func markIfDue() {
        guard phase == .leading, services.givenUp == nil, marks.isWanted, makesMarks else { return marks.isDue = false }
        guard marks.isDue else { return }
        if roster.wantHashes(in: format) { return countHashes() }
        marks.isDue = false
        guard inflight.count < configuration.inflightMax, inflightBytes < configuration.inflightBytesMax,
            !state.isBehind(number), let found = roster.exactHashes()
        else { return scheduleMark() }
        let mark = StateMark(node: configuration.node, hash: found.sum)
        let entry = Entry(
            format: format, time: max(time.now(clock), timeLast), minted: minter.last, cause: .mark(mark), events: [])
        entryWriter.removeAll(keepingCapacity: true)
        // What has no events is within its bounds.
        guard (try? EntryCodec.write(entry, to: &entryWriter)) != nil else { return }
        place(entry, entryWriter.bytes, minterBefore: minter)
        marks.isWanted = false
    }

    /// Looks at every record once, some at a time.
    private func countHashes() {
        guard !marks.isCounting else { return }
        marks.isCounting = true
        run { $0.countSome() }
    }

    private func countSome() {
        guard phase != .stopped else { return }
        if roster.countHashes(Marks.hashedAtOnce) { return run { $0.countSome() } }
        marks.isCounting = false
        markIfDue()
    }

    /// An entry of somebody else was applied, or one of its own is committed.
    func noteMark(_ entry: Entry, at index: UInt64, isOwn: Bool) {
        switch entry.cause {
        case .command, .timer, .routing: marks.isWanted = true
        case .replication: break
        case .mark(let mark):
            if !isOwn { marks.isWanted = false }
            seen(mark, at: index, isOwn: isOwn)
        }
    }

    private func seen(_ mark: StateMark, at index: UInt64, isOwn: Bool) {
        var own: StateHash? = isOwn ? mark.hash : nil
        if !isOwn {
            if roster.wantHashes(in: format) { countHashes() } else { own = roster.exactHashes()?.sum }
        }
        counters.marks += 1
        if own != nil { counters.marksCompared += 1 }
        configuration.onMark?(SeenMark(index: index, mark: mark, own: own))
    }
}
