package import TandemWire

/// What a node says of its state at an entry. All members of a group that have applied it say the same, or one of them is
/// wrong.
package struct StateDigest: Hashable, Sendable {
    /// The last entry in the state.
    package let index: UInt64
    /// Records that were hashed.
    package let records: Int
    package let hash: StateHash

    /// The first 16 of its hexadecimal digits.
    package var text: String { hash.text }
}

extension Partition {
    /// A digest of all records that are not dormant, each with its actor and its canonical bytes, in the format that the log
    /// has come to. Those are in memory on every node; which of the others are differs from node to node.
    ///
    /// Of the last entry proposed here: a leader's digest counts once that entry is committed in its term. It is made anew
    /// from every record, and takes about as long as encoding these, on the executor: `keptDigest` is what marks use.
    package func stateDigest() -> StateDigest {
        let found = roster.recount(in: format)
        return StateDigest(index: proposed, records: found.count, hash: found.sum)
    }

    /// The same from what is kept while records change, in no time; nil while that is not whole.
    package var keptDigest: StateDigest? {
        guard roster.hashes.format == format else { return nil }
        return roster.exactHashes().map { StateDigest(index: proposed, records: $0.count, hash: $0.sum) }
    }

    /// The same of what is committed; nil while records are ahead of that, or not there yet.
    package var committedDigest: StateDigest? {
        switch phase {
        case .leading, .following, .retiring: inflight.isEmpty ? stateDigest() : nil
        case .made, .draining, .stopped: nil
        }
    }
}
