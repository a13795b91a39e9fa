internal import TandemCore

/// The bytes of one entry of the journal.
///
/// ```
/// version 1 │ time 8 │ minted 8 │ cause 1–22 │ key 1 or 25 │ answer 1 to 47 │ events with their count
/// ```
/// The bounds are checked on both sides: what is written here can be read back.
package enum EntryCodec {
    /// Bytes before the events, at most: version 1, time 8, minted 8, cause 2, key 25, answer 47; a
    /// mark's cause has 22, and nothing behind it.
    private static let headerBytesMax = 91
    /// Bytes of an entry, at most.
    package static let bytesMax = headerBytesMax + Limits.turnEventBytesMax

    /// Appends the entry to the writer, in its format.
    ///
    /// - Throws: `tooLong` when the turn has made more events, or larger ones, than a turn may: the writer's bytes
    ///   from here on are then worth nothing.
    package static func write(_ entry: Entry, to writer: inout WireWriter) throws(WireError) {
        guard entry.events.count <= Limits.turnEventsMax else { throw .tooLong(limit: Limits.turnEventsMax) }
        writer.begin(entry.format)
        writer.write(entry.time)
        writer.writeFixed(entry.minted)
        writer.write(entry.cause)
        writer.write(entry.key)
        writer.write(entry.answer)
        let start = writer.count
        writer.write(entry.events)
        guard writer.count - start <= Limits.turnEventBytesMax else {
            throw .tooLong(limit: Limits.turnEventBytesMax)
        }
    }

    /// - Throws: `tooLong` as `write` does.
    package static func encode(_ entry: Entry) throws(WireError) -> [UInt8] {
        var writer = WireWriter()
        try write(entry, to: &writer)
        return writer.bytes
    }

    /// - Throws: `WireError` unless `bytes` are one whole entry within the bounds.
    package static func decode(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> Entry {
        try WireReader.readAll(bytes, read)
    }

    package static func decode(_ bytes: [UInt8]) throws(WireError) -> Entry {
        try WireReader.readAll(bytes, read)
    }

    private static func read(from reader: inout WireReader) throws(WireError) -> Entry {
        try WireVersion.check(&reader)
        let time: Timestamp = try reader.read()
        let minted = try reader.readFixed64()
        guard minted <= IDMinter.lastMax else { throw .badNumber }
        let cause: Cause = try reader.read()
        let key: CommandKey? = try reader.read()
        let answer: Answer? = try reader.read()
        guard reader.remaining <= Limits.turnEventBytesMax else { throw .tooLong(limit: Limits.turnEventBytesMax) }
        let events: [Event] = try reader.readList(atMost: Limits.turnEventsMax)
        return Entry(
            format: reader.version, time: time, minted: minted, key: key, cause: cause, answer: answer, events: events)
    }
}
