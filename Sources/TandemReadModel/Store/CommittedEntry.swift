package import TandemWire

/// An entry as the journal committed it.
package struct CommittedEntry: Sendable {
    /// From 1, without gaps; an entry without a turn (an election's) comes with no events.
    package let index: UInt64
    package let term: UInt64
    package let entry: Entry

    package init(index: UInt64, term: UInt64, entry: Entry) {
        self.index = index
        self.term = term
        self.entry = entry
    }
}
