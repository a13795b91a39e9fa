internal import TandemCore

/// A value of consensus that is stored or sent by itself, within named bounds.
package protocol RaftValue: WireValue, Sendable {
    /// Throws `tooLong` when a list or bytes of the value are over their bound: nobody would read it back.
    func checkBounds() throws(WireError)
}

extension RaftValue {
    /// A value whose size is that of its type has no bound to pass.
    package func checkBounds() throws(WireError) {}
}

/// The bytes of what the nodes of a group say to one another and keep: a version byte and the value.
///
/// ```
/// message     from 8 │ to 8 │ term 1–9 │ kind 1 │ the kind's fields
/// entry       index 1–9 │ term 1–9 │ kind 1 │ nothing, a command behind its length, or a membership
/// membership  voters │ outgoing │ learners; each a count and eight bytes a node
/// ```
/// Which value it is, is not in the bytes: the column or the frame that holds them says so. The bounds of lists and
/// bytes are checked on both sides: what is written here can be read back.
package enum RaftCodec {
    /// Appends the value to the writer, in a format.
    ///
    /// - Throws: `tooLong` when a part of the value, or all of it, is over its bound: the writer's bytes from here on
    ///   are then worth nothing.
    package static func write<Value: RaftValue>(
        _ value: Value, in format: UInt8, to writer: inout WireWriter
    ) throws(WireError) {
        try value.checkBounds()
        let start = writer.count
        writer.begin(format)
        writer.write(value)
        guard writer.count - start <= Limits.raftMessageBytesMax else {
            throw .tooLong(limit: Limits.raftMessageBytesMax)
        }
    }

    /// - Throws: `tooLong` as `write` does.
    package static func encode<Value: RaftValue>(_ value: Value, in format: UInt8) throws(WireError) -> [UInt8] {
        var writer = WireWriter()
        try write(value, in: format, to: &writer)
        return writer.bytes
    }

    /// - Throws: `WireError` unless `bytes` are one whole value within the bounds.
    package static func decode<Value: RaftValue>(
        _: Value.Type = Value.self, _ bytes: UnsafeRawBufferPointer
    ) throws(WireError) -> Value {
        try WireReader.readAll(bytes, read)
    }

    package static func decode<Value: RaftValue>(
        _: Value.Type = Value.self, _ bytes: [UInt8]
    ) throws(WireError) -> Value {
        try WireReader.readAll(bytes, read)
    }

    private static func read<Value: RaftValue>(from reader: inout WireReader) throws(WireError) -> Value {
        guard reader.remaining <= Limits.raftMessageBytesMax else {
            throw .tooLong(limit: Limits.raftMessageBytesMax)
        }
        try WireVersion.check(&reader)
        return try reader.read()
    }
}
