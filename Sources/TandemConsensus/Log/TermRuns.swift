/// The terms of all entries of a log, as the few places where they change.
///
/// A log of millions of entries has as many runs as it has had elections; so the term of any entry, and with it every
/// hint about where two logs part, is known without the entry.
struct TermRuns: Sendable, Equatable {
    private struct Run: Sendable, Equatable {
        let start: LogIndex
        let term: Term
    }

    private var runs: [Run] = []

    /// Takes up the entry behind the last one.
    mutating func append(_ term: Term, at index: LogIndex) {
        if let last = runs.last, last.term == term { return }
        runs.append(Run(start: index, term: term))
    }

    mutating func truncate(from index: LogIndex) {
        while let last = runs.last, last.start >= index { runs.removeLast() }
    }

    /// Forgets the entries up to and with `index`.
    mutating func compact(through index: LogIndex) {
        guard let position = position(of: index + 1) else { return }
        runs.removeFirst(position)
        if runs[0].start <= index { runs[0] = Run(start: index + 1, term: runs[0].term) }
    }

    /// The term at an index the log holds.
    func term(at index: LogIndex) -> Term? { position(of: index).map { runs[$0].term } }

    /// The last index, at most `index`, whose term is at most `term`; nil if there is none.
    func last(upTo index: LogIndex, termAtMost term: Term) -> LogIndex? {
        guard var position = position(of: index) else { return nil }
        if runs[position].term <= term { return index }
        while position > 0 {
            position -= 1
            if runs[position].term <= term { return runs[position + 1].start - 1 }
        }
        return nil
    }

    /// The run an index belongs to, if it is not before the first.
    private func position(of index: LogIndex) -> Int? {
        var high = runs.count
        if let last = runs.last, last.start <= index { return high - 1 }
        var low = 0
        while low < high {
            let middle = (low + high) / 2
            if runs[middle].start <= index { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? nil : low - 1
    }
}
