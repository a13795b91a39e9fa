package import TandemConsensus
package import TandemCore

/// The content of an entry as the journal keeps it, which has index and term in columns of their own.
///
/// ```
/// a turn       its entry as `EntryCodec` writes it, which begins with a version from 1 up
/// opening      0
/// membership   0 │ the membership as `RaftCodec` writes it
/// ```
/// Each node writes a membership for itself, in the oldest format it can: so all of them have the same bytes, whatever
/// they know of the format agreed on.
extension LogEntry.Content {
    private static let isNoTurn: UInt8 = 0

    /// - Throws: `tooLong` for a membership over its bound.
    package func journaled() throws(WireError) -> [UInt8] {
        switch self {
        case .opening: return [Self.isNoTurn]
        case .command(let bytes): return bytes
        case .membership(let membership):
            var writer = WireWriter()
            writer.writeByte(Self.isNoTurn)
            try RaftCodec.write(membership, in: WireVersion.oldest, to: &writer)
            return writer.bytes
        }
    }

    /// - Throws: `WireError` when the bytes begin like no turn and are none of the others. What a turn's bytes hold is
    ///   for `EntryCodec` to say.
    package init(journaled bytes: [UInt8]) throws(WireError) {
        guard bytes.first == Self.isNoTurn else {
            guard !bytes.isEmpty else { throw .truncated }
            self = .command(bytes)
            return
        }
        self =
            bytes.count == 1 ? .opening : .membership(try RaftCodec.decode(Membership.self, Array(bytes.dropFirst())))
    }
}

extension EntryCodec {
    /// The time of a turn's entry, without reading the rest.
    package static func time(of bytes: [UInt8]) throws(WireError) -> Timestamp {
        let result = bytes.withUnsafeBytes { bytes in
            Result { () throws(WireError) -> Timestamp in
                var reader = WireReader(bytes)
                try WireVersion.check(&reader)
                return try reader.read()
            }
        }
        return try result.get()
    }
}
