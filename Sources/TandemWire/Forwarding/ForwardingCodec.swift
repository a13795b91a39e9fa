internal import TandemCore

/// The bytes of forwarded commands and of their outcomes.
///
/// ```
/// commands  version 1 │ life 8 │ stream 1–10 │ previous 1–10 │ count
///           │ place 1–10 │ may be done 1 │ failures 1 │ key 24 │ command …
/// outcomes  version 1 │ life 8 │ stream 1–10 │ count │ place 1–10 │ kind 1 │ what the kind has …
/// ```
/// Nodes of neighbouring versions speak to each other: the version is that of commands and answers (`WireVersion`), and
/// which of the two it is, is the frame's to say.
package enum ForwardingCodec {
    /// Bytes of one command: it becomes events, and those are one entry.
    package static let commandBytesMax = Limits.raftCommandBytesMax
    /// Bytes of a message after which the next begins another: a few dozen usual commands.
    package static let messageBytes = 64 << 10
    /// Bytes of one message: what is over `messageBytes` at most by its last command, and the fields around them.
    package static let messageBytesMax = messageBytes + commandBytesMax + 1_024
    /// Commands or outcomes in one message.
    package static let itemsMax = 4_096

    /// - Throws: `tooLong` when there are more commands, or more bytes, than a message may have.
    package static func encode(_ commands: ForwardedCommands, in format: UInt8) throws(WireError) -> [UInt8] {
        try bounded(commands.items.count, format) { writer in
            writer.write(commands.stream)
            writer.writeVarint(commands.previous)
            writer.write(commands.items)
        }
    }

    /// - Throws: `tooLong` as above.
    package static func encode(_ outcomes: ForwardedOutcomes, in format: UInt8) throws(WireError) -> [UInt8] {
        try bounded(outcomes.items.count, format) { writer in
            writer.write(outcomes.stream)
            writer.write(outcomes.items)
        }
    }

    /// - Throws: `WireError` unless `bytes` are whole forwarded commands within the bounds.
    package static func commands(_ bytes: [UInt8]) throws(WireError) -> ForwardedCommands {
        try WireReader.readAll(bytes) { reader throws(WireError) in
            try begin(&reader)
            return ForwardedCommands(
                stream: try reader.read(), previous: try reader.readVarint(),
                items: try reader.readList(atMost: itemsMax))
        }
    }

    /// - Throws: `WireError` unless `bytes` are whole outcomes within the bounds.
    package static func outcomes(_ bytes: [UInt8]) throws(WireError) -> ForwardedOutcomes {
        try WireReader.readAll(bytes) { reader throws(WireError) in
            try begin(&reader)
            return ForwardedOutcomes(stream: try reader.read(), items: try reader.readList(atMost: itemsMax))
        }
    }

    private static func bounded(
        _ count: Int, _ format: UInt8, _ write: (inout WireWriter) -> Void
    ) throws(WireError) -> [UInt8] {
        guard count <= itemsMax else { throw .tooLong(limit: itemsMax) }
        var writer = WireWriter()
        writer.begin(format)
        write(&writer)
        guard writer.count <= messageBytesMax else { throw .tooLong(limit: messageBytesMax) }
        return writer.bytes
    }

    private static func begin(_ reader: inout WireReader) throws(WireError) {
        guard reader.remaining <= messageBytesMax else { throw .tooLong(limit: messageBytesMax) }
        try WireVersion.check(&reader)
    }
}

extension StreamName: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.writeFixed(life)
        writer.writeVarint(number)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(life: reader.readFixed64(), number: reader.readVarint())
    }
}

extension ForwardedCommands.Item: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.writeVarint(place)
        writer.write(mayBeDone)
        writer.writeByte(failures)
        writer.write(key)
        writer.write(command)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(
            place: reader.readVarint(), mayBeDone: reader.read(), failures: reader.readByte(), key: reader.read(),
            command: reader.read())
    }
}

extension ForwardedOutcomes.Item: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.writeVarint(place)
        writer.write(verdict)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(place: reader.readVarint(), verdict: reader.read())
    }
}

extension ForwardedOutcomes.Trouble: WireWord {}

extension ForwardedOutcomes.Verdict: WireValue {
    /// Append, never renumber.
    private enum Tag: UInt8 {
        case answered = 0, repeated = 1, refused = 2, busy = 3, unavailable = 4, unknown = 5, outOfOrder = 6
    }
    package func write(to writer: inout WireWriter) {
        switch self {
        case .answered(let answer, let position): writer.writeCase(Tag.answered, answer, position)
        case .repeated(let answer, let position): writer.writeCase(Tag.repeated, answer, position)
        case .refused(let refusal): writer.writeCase(Tag.refused, refusal)
        case .busy: writer.writeTag(Tag.busy)
        case .unavailable(let trouble, let leader): writer.writeCase(Tag.unavailable, trouble, leader)
        case .unknown: writer.writeTag(Tag.unknown)
        case .outOfOrder: writer.writeTag(Tag.outOfOrder)
        }
    }
    package init(from reader: inout WireReader) throws(WireError) {
        switch try reader.readTag(Tag.self, of: Self.self) {
        case .answered: self = try .answered(reader.read(), position: reader.read())
        case .repeated: self = try .repeated(reader.read(), position: reader.read())
        case .refused: self = .refused(try reader.read())
        case .busy: self = .busy
        case .unavailable: self = try .unavailable(reader.read(), leader: reader.read())
        case .unknown: self = .unknown
        case .outOfOrder: self = .outOfOrder
        }
    }
}
