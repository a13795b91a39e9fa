/// The log of one node: where it begins, the terms of all its entries, and the newest entries themselves.
///
/// ```
///    origin    applied ≤ handed    commit         durable ≤ written ≤ last
///   ───┼──────────┼─────────┼────────┼──────────────┼──────────┼───────┼──▶
/// ```
/// What is to be applied is committed and durable here. A leader's commit may be ahead of its own disk.
struct RaftLog: Sendable {
    /// The entry before the first one kept: what a snapshot, or a cut, stands for.
    private(set) var origin: LogPoint
    private(set) var last: LogPoint
    private(set) var commit: LogIndex
    /// Handed out to be applied, up to here.
    private(set) var handed: LogIndex
    private(set) var applied: LogIndex
    /// Handed out to be written, up to here.
    private(set) var written: LogIndex
    /// Known to survive a power cut, up to here.
    private(set) var durable: LogIndex
    private(set) var recent: EntryRing
    private var terms = TermRuns()
    private var batch: Batch?

    /// The newest batch that was made: the disk and the followers are mostly given the same.
    private struct Batch: Sendable {
        let from: LogIndex
        let end: LogIndex
        let bytes: Int
        let entries: [LogEntry]
    }

    init(origin: LogPoint, applied: LogIndex) {
        self.origin = origin
        last = origin
        commit = applied
        handed = applied
        self.applied = applied
        written = origin.index
        durable = origin.index
        recent = EntryRing(first: origin.index + 1)
    }

    /// The term of an entry, or of the origin; nil for what was cut or does not exist.
    func term(at index: LogIndex) -> Term? {
        if index == last.index { return last.term }
        if index > last.index || index < origin.index { return nil }
        return index == origin.index ? origin.term : terms.term(at: index)
    }

    func contains(_ point: LogPoint) -> Bool { term(at: point.index) == point.term }

    /// The last place, at most `index`, whose term is at most `term`: where two logs that differ behind may still agree.
    func hint(upTo index: LogIndex, termAtMost term: Term) -> LogPoint {
        let bound = min(index, last.index)
        guard bound > origin.index, let found = terms.last(upTo: bound, termAtMost: term) else { return origin }
        return LogPoint(index: found, term: self.term(at: found) ?? origin.term)
    }

    mutating func append(_ entry: LogEntry) {
        precondition(entry.index == last.index + 1, "entries follow one another")
        precondition(entry.term >= last.term, "terms do not fall")
        terms.append(entry.term, at: entry.index)
        recent.append(entry)
        last = entry.point
    }

    /// Entries in memory from `from` to the last, as many as fit and at least one.
    mutating func batch(from: LogIndex, bytes: Int, count: Int) -> (entries: [LogEntry], bytes: Int) {
        if let batch, batch.from == from, batch.end == recent.end, batch.bytes <= bytes, batch.entries.count <= count {
            return (batch.entries, batch.bytes)
        }
        let slice = recent.slice(from: from, before: recent.end, bytes: bytes, count: count)
        let made = Batch(
            from: from, end: from + LogIndex(slice.count), bytes: slice.reduce(0) { $0 + $1.size },
            entries: Array(slice))
        batch = made
        return (made.entries, made.bytes)
    }

    /// Takes back entries that are not committed.
    mutating func truncate(from index: LogIndex) {
        precondition(index > commit, "what is committed stays")
        batch = nil
        terms.truncate(from: index)
        recent.truncate(from: index)
        last = LogPoint(index: index - 1, term: term(at: index - 1, orOrigin: origin))
        written = min(written, index - 1)
        durable = min(durable, index - 1)
    }

    private func term(at index: LogIndex, orOrigin origin: LogPoint) -> Term {
        index == origin.index ? origin.term : terms.term(at: index) ?? origin.term
    }

    /// Begins anew behind a snapshot; what was in the log is void.
    mutating func restart(at point: LogPoint) {
        self = RaftLog(origin: point, applied: point.index)
    }

    /// Forgets entries that are applied; the log then begins behind `index`.
    mutating func compact(to index: LogIndex) {
        guard index > origin.index, let term = term(at: index) else { return }
        terms.compact(through: index)
        origin = LogPoint(index: index, term: term)
        while recent.first <= index && recent.count > 0 { recent.removeFirst() }
        if recent.count == 0 { recent.removeAll(first: last.index + 1) }
    }

    mutating func commit(to index: LogIndex) {
        precondition(index <= last.index, "only what is there can be committed")
        commit = max(commit, index)
    }

    mutating func wrote(upTo index: LogIndex) { written = index }

    mutating func becameDurable(upTo index: LogIndex) { durable = max(durable, index) }

    mutating func handedOut(upTo index: LogIndex) { handed = index }

    mutating func wasApplied(upTo index: LogIndex) {
        precondition(index <= handed, "only what was handed out can be applied")
        applied = max(applied, index)
    }

    /// After a start: what the state contains is committed and applied.
    mutating func resume(at index: LogIndex) {
        commit(to: index)
        handed = index
        applied = index
    }

    /// While starting, lets go of old entries until the rest fits; all are durable, and can be fetched.
    mutating func forget(over bytes: Int) {
        while recent.bytes > bytes && recent.count > 1 { recent.removeFirst() }
    }

    /// Lets go of old entries until the rest fits, with more room for what was not handed out; what is not durable or not
    /// committed stays.
    mutating func evict(over bytes: Int, waiting: Int) {
        func drop(upTo last: LogIndex, over bytes: Int) {
            while recent.bytes > bytes && recent.count > 0 && recent.first <= last { recent.removeFirst() }
        }
        drop(upTo: handed, over: bytes)
        drop(upTo: min(durable, commit), over: waiting)
    }
}
