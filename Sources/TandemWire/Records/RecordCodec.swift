package import TandemCore

/// The bytes of one actor's record as stored and as hashed: a version byte and the fields.
///
/// The kind is not in the bytes: the table row or the digest that holds them names the actor. Lists are written in
/// the order in which Core keeps them, which is the same on every node.
package enum RecordCodec {
    package static func encode(_ record: Record, in format: UInt8) -> [UInt8] {
        var writer = WireWriter()
        write(record, in: format, to: &writer)
        return writer.bytes
    }

    package static func write(_ record: Record, in format: UInt8, to writer: inout WireWriter) {
        writer.begin(format)
        switch record {
        case .tenant(let record): writer.write(record)
        case .queue(let record): writer.write(record)
        case .agent(let record): writer.write(record)
        case .customer(let record): writer.write(record)
        case .conversation(let record): writer.write(record)
        case .credential(let record): writer.write(record)
        case .quarantine(let record): writer.write(record)
        case .delivery(let record): writer.write(record)
        }
    }

    /// - Throws: `WireError` unless `bytes` are one whole record of that kind.
    package static func decode(kind: ActorKind, _ bytes: UnsafeRawBufferPointer) throws(WireError) -> Record {
        try WireReader.readAll(bytes) { reader throws(WireError) in try read(kind, from: &reader) }
    }

    package static func decode(kind: ActorKind, _ bytes: [UInt8]) throws(WireError) -> Record {
        try WireReader.readAll(bytes) { reader throws(WireError) in try read(kind, from: &reader) }
    }

    private static func read(_ kind: ActorKind, from reader: inout WireReader) throws(WireError) -> Record {
        try WireVersion.check(&reader)
        return switch kind {
        case .tenant: .tenant(try reader.read())
        case .queue: .queue(try reader.read())
        case .agent: .agent(try reader.read())
        case .customer: .customer(try reader.read())
        case .conversation: .conversation(try reader.read())
        case .credential: .credential(try reader.read())
        case .quarantine: .quarantine(try reader.read())
        case .delivery: .delivery(try reader.read())
        }
    }
}
