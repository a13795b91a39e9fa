/// What a partition had acknowledged and its log has forgotten, because an entry in front of it was damaged; written down
/// with the forgetting, as a fact, until the entries are there again.
///
/// What comes back is not compared with the chain that was there: each node's chain also holds when it wrote an entry, so
/// that of equal entries differs from node to node. Equal states are compared by digests.
package struct OwedStretch: Sendable, Hashable {
    /// The last entry that was acknowledged.
    package let last: UInt64
    /// Its term, or where the damage hides that a later one.
    package let lastTerm: UInt64
    /// The term of the hard state when it was forgotten.
    package let term: UInt64

    package init(last: UInt64, lastTerm: UInt64, term: UInt64) {
        self.last = last
        self.lastTerm = lastTerm
        self.term = term
    }

    /// The fact it is written as.
    static func key(_ partition: UInt16) -> String { "owed.\(partition)" }

    var text: String { "\(last) \(lastTerm) \(term)" }

    init?(text: String) {
        let parts = text.split(separator: " ").compactMap { UInt64($0) }
        guard parts.count == 3 else { return nil }
        self.init(last: parts[0], lastTerm: parts[1], term: parts[2])
    }

    /// What is owed when more is found to be lost before all of it has come back.
    package func joined(with earlier: OwedStretch?) -> OwedStretch {
        OwedStretch(
            last: max(last, earlier?.last ?? 0), lastTerm: max(lastTerm, earlier?.lastTerm ?? 0),
            term: max(term, earlier?.term ?? 0))
    }
}
