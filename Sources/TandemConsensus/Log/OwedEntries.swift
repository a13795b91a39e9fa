/// What a node acknowledged and its journal has lost: damage was found, and everything from there on was forgotten.
///
/// Term and vote are not lost, nor is where its log ended, so it stays who it is: it votes as if it still had all of it,
/// for only that keeps away a candidate who lacks an entry that this node's word had committed. But it does not stand:
/// it could not give others what it lacks. What it acknowledges anew counts, for that it has.
package struct OwedEntries: Sendable, Equatable {
    /// Where its log ended; the term may be later than that entry's, but not earlier.
    package let last: LogPoint
    /// The newest term it knew when the damage was found; nothing it acknowledged is newer.
    package let term: Term

    package init(last: LogPoint, term: Term) {
        self.last = last
        self.term = term
    }

    /// Whether a log that is durable up to a point has everything back.
    ///
    /// All of it came from leaders of this term or later ones. Either it reaches as far as before; or it holds an entry of
    /// a later term, whose leader had everything that was committed.
    func isSettled(by durable: LogPoint) -> Bool { durable.index >= last.index || durable.term > term }
}
