internal import TandemCore
internal import TandemTransport
internal import TandemWire

/// What a node's records of a partition come to: the same on every node that has applied as much.
package struct PartitionDigest: Sendable, Equatable {
    /// The last entry that is in it.
    package let applied: UInt64
    /// 16 hexadecimal digits.
    package let text: String
}

extension Partition {
    /// Hashes every record that is not dormant, kind by kind in the order of their identifiers; dormant ones come and go
    /// between memory and store, differently on each node. Takes a microsecond or so for each.
    ///
    /// Nil while records are ahead of what is committed, or not there yet.
    package func digest() -> PartitionDigest? {
        guard inflight.isEmpty, phase == .leading || phase == .following else { return nil }
        var hash = [UInt8](repeating: 0, count: 32)
        forEachRecord { record in
            guard !record.isDormant else { return }
            var writer = WireWriter()
            writer.writeByte(record.actor.kind.rawValue)
            writer.writeFixed(record.actor.raw)
            RecordCodec.write(record, to: &writer)
            hash = Digest.sha256(hash + writer.bytes)
        }
        let text = hash.prefix(8).map { byte in
            String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }
        return PartitionDigest(applied: committed, text: text.joined())
    }
}

extension Record {
    fileprivate var isDormant: Bool {
        switch self {
        case .tenant(let record): record.isDormant
        case .queue(let record): record.isDormant
        case .agent(let record): record.isDormant
        case .customer(let record): record.isDormant
        case .conversation(let record): record.isDormant
        case .credential(let record): record.isDormant
        case .quarantine(let record): record.isDormant
        }
    }
}
