internal import TandemCore
internal import TandemTransport
internal import TandemWire

/// What a node says of its state at an entry. All members of a group that have applied it say the same, or one of them is
/// wrong.
package struct StateDigest: Hashable, Sendable {
    /// The last entry in the state.
    package let index: UInt64
    /// Records that were hashed.
    package let records: Int
    /// SHA-256, 32 bytes.
    package let bytes: [UInt8]

    /// The first 16 of its hexadecimal digits.
    package var text: String { HexadecimalText.encode(bytes.prefix(8)) }
}

extension Partition {
    /// A digest of all records that are not dormant, in the order of their identifiers, each with its actor and its
    /// canonical bytes, in the format that the log has come to. Those are in memory on every node; which of the others are differs from node to node.
    ///
    /// Of the last entry proposed here: a leader's digest counts once that entry is committed in its term. Takes about as
    /// long as encoding these records, on the executor.
    package func stateDigest() -> StateDigest {
        var records = 0
        var digest = [UInt8](repeating: 0, count: 32)
        var writer = WireWriter()
        // Hashed in parts, each with what came before, so that no copy of everything is made.
        func hash() {
            digest = Digest.sha256(digest + writer.bytes)
            writer.removeAll(keepingCapacity: true)
        }
        for actor in roster.all {
            var isDormant = false
            roster.withKeeping(actor) { isDormant = $0.dormant }
            guard !isDormant, let record = roster.record(actor) else { continue }
            records += 1
            writer.write(actor)
            RecordCodec.write(record, in: format, to: &writer)
            if writer.count >= Self.hashedAtOnce { hash() }
        }
        hash()
        return StateDigest(index: proposed, records: records, bytes: digest)
    }

    /// The same of what is committed; nil while records are ahead of that, or not there yet.
    package var committedDigest: StateDigest? {
        switch phase {
        case .leading, .following, .retiring: inflight.isEmpty ? stateDigest() : nil
        case .made, .draining, .stopped: nil
        }
    }

    private static let hashedAtOnce = 64 << 10
}
