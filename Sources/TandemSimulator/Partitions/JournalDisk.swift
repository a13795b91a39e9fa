internal import TandemConsensus
internal import TandemJournal

/// A machine's journal: writes become durable in their order, a transaction takes all that waits; after a crash what was
/// reported is there, and what was under way up to any point.
// Safe: a run has one thread.
final class JournalDisk: EntryLog, @unchecked Sendable {
    struct Waiting {
        let write: JournalWrite
        let completion: JournalCompletion
    }

    private(set) var entries: [JournalEntry] = []
    private(set) var cut = LogPoint.beginning
    private(set) var ballot = HardState()
    /// What was acknowledged and forgotten because of damage in front of it.
    private var owedStretch: OwedStretch?
    /// The first entry that has changed on the disk; reading it tells.
    private(set) var rotten: UInt64?
    /// Facts about the machine.
    private var facts: [String: String] = [:]
    /// The log's points as they will be when all that was handed over is written, from `pointsFrom` on.
    private var points: [LogPoint] = []
    private var waiting: [Waiting] = []
    private var transaction: [Waiting] = []

    var isFull = false
    /// Every write fails from now on, as after a failed sync.
    var hasFailed = false
    var slowness = 1
    /// Takes nothing before this moment.
    var hungUntil: Moment = 0
    /// Calls `commit` in a while.
    var plan: () -> Void = {}
    /// Told of each entry as it is handed over, with the term before it.
    var onEntry: (JournalEntry, Term) -> Void = { _, _ in }
    var onFull: () -> Void = {}

    var last: LogPoint { entries.last.map { LogPoint(index: $0.index, term: Term($0.term)) } ?? cut }

    func holds(_ point: LogPoint) -> Bool {
        if point.index <= cut.index { return true }
        guard point.index <= last.index else { return false }
        return entries[Int(point.index - cut.index) - 1].term == point.term.value
    }

    /// The term of an entry, written or on its way.
    func term(at index: LogIndex) -> Term? {
        guard let first = points.first, index >= first.index, index - first.index < points.count else { return nil }
        return points[Int(index - first.index)].term
    }

    // MARK: Writing

    func submit(_ write: JournalWrite, completion: @escaping JournalCompletion) {
        foresee(write)
        waiting.append(Waiting(write: write, completion: completion))
        begin()
    }

    private func foresee(_ write: JournalWrite) {
        switch write {
        case .append(let new):
            for entry in new {
                // Those of a write that was refused are not there.
                while let last = points.last, last.index >= entry.index { points.removeLast() }
                onEntry(entry, points.last?.term ?? cut.term)
                points.append(LogPoint(index: entry.index, term: Term(entry.term)))
            }
        case .truncate(_, let index), .forget(_, let index): points.removeAll { $0.index >= index }
        case .restart(_, let behind, let term): points = [LogPoint(index: behind, term: Term(term))]
        case .hardState, .cut, .settled, .meta: break
        }
    }

    private func begin() {
        guard transaction.isEmpty, !waiting.isEmpty else { return }
        swap(&transaction, &waiting)
        plan()
    }

    /// What is under way is written.
    func commit() {
        let done = transaction.map { ($0.completion, apply($0.write)) }
        transaction = []
        begin()
        for (completion, result) in done { completion(result) }
    }

    private func apply(_ write: JournalWrite) -> Result<Void, JournalError> {
        if hasFailed { return .failure(.failed(cause: "the disk failed")) }
        switch write {
        case .append(let new):
            guard !isFull else {
                onFull()
                return .failure(.diskFull)
            }
            guard let first = new.first, first.index == last.index + 1 else {
                return .failure(
                    .outOfOrder(partition: 0, expected: last.index + 1, found: new.first?.index ?? 0))
            }
            entries += new
        case .hardState(_, let new): ballot = new
        case .cut(_, let below):
            guard below > cut.index + 1, below <= last.index + 1 else { return .success(()) }
            let count = Int(below - cut.index) - 1
            let end = entries[count - 1]
            cut = LogPoint(index: end.index, term: Term(end.term))
            entries.removeSubrange(..<count)
        case .truncate(_, let from): entries.removeAll { $0.index >= from }
        case .restart(_, let behind, let term):
            cut = LogPoint(index: behind, term: Term(term))
            entries = []
        case .forget(_, let from):
            // It takes a segment of its own.
            guard !isFull else {
                points = [cut] + entries.map { LogPoint(index: $0.index, term: Term($0.term)) }
                return .failure(.diskFull)
            }
            forget(from: from)
        case .settled: owedStretch = nil
        case .meta(let key, let value): facts[key] = value
        }
        return .success(())
    }

    /// A bit of an entry changes.
    func rot(at index: UInt64) { rotten = min(index, rotten ?? index) }

    /// What a start does about damage: it forgets the entry with all behind it.
    func mend() -> Bool {
        guard let rotten, rotten > cut.index, rotten <= last.index else {
            rotten = nil
            return false
        }
        forget(from: rotten)
        return true
    }

    private func forget(from index: UInt64) {
        owedStretch = OwedStretch(last: last.index, lastTerm: last.term.value, term: ballot.term).joined(
            with: owedStretch)
        entries.removeAll { $0.index >= index }
        points.removeAll { $0.index >= index }
        rotten = nil
    }

    /// It said that it has an entry, and may have lost it since.
    func acknowledged(_ point: LogPoint) -> Bool { holds(point) || point.index <= owedStretch?.last ?? 0 }

    func owed(_ partition: UInt16) -> OwedStretch? { owedStretch }

    /// The process ends; so many of the writes under way were written.
    func crash(_ dice: inout Dice) {
        for one in transaction.prefix(dice.number(below: transaction.count + 1)) { _ = apply(one.write) }
        transaction = []
        waiting = []
        hasFailed = false
        points = [cut] + entries.map { LogPoint(index: $0.index, term: Term($0.term)) }
    }

    func refuseUntilThereIsRoom() { isFull = true }

    // MARK: Reading

    func read(partition: UInt16, from index: UInt64, maximumBytes: Int) throws(JournalError) -> [JournalEntry] {
        guard index > cut.index else { throw .compacted(partition: partition, first: cut.index + 1) }
        var found: [JournalEntry] = []
        var bytes = 0
        for entry in entries.dropFirst(Int(index - cut.index) - 1) {
            bytes += entry.bytes.count
            if bytes > maximumBytes, !found.isEmpty { break }
            if entry.index == rotten {
                guard found.isEmpty else { break }
                throw .damaged(
                    JournalFinding(
                        partition: partition, indexes: entry.index...entry.index, segment: 1, fault: .checksum))
            }
            found.append(entry)
        }
        return found
    }
    func firstIndex(_ partition: UInt16) -> UInt64 { cut.index + 1 }
    func lastIndex(_ partition: UInt16) -> UInt64 { last.index }
    func lastTerm(_ partition: UInt16) -> UInt64 { last.term.value }
    func cutTerm(_ partition: UInt16) -> UInt64 { cut.term.value }
    func hardState(_ partition: UInt16) -> HardState { ballot }
    func meta(_ key: String) -> String? { facts[key] }
}
