package import TandemCore

/// The bytes of one event outside of its entry: a version byte and the event.
///
/// A store that keeps what people said in a column of its own writes with `textApart` and hands the text back in.
package enum EventCodec {
    package static func encode(_ event: Event, textApart: Bool = false) -> [UInt8] {
        var writer = WireWriter()
        write(event, textApart: textApart, to: &writer)
        return writer.bytes
    }

    package static func write(_ event: Event, textApart: Bool = false, to writer: inout WireWriter) {
        writer.writeByte(WireVersion.current)
        event.write(to: &writer, textApart: textApart)
    }

    /// What `textApart` leaves out: a message's text, and nothing of any other event.
    package static func text(of event: Event) -> String? {
        if case .messagePosted(let message) = event { message.text } else { nil }
    }

    /// - Parameter text: what `text(of:)` gave, where the bytes were written with `textApart`; else nil.
    /// - Throws: `WireError` unless `bytes` are one whole event.
    package static func decode(_ bytes: UnsafeRawBufferPointer, text: String? = nil) throws(WireError) -> Event {
        try WireReader.readAll(bytes) { reader throws(WireError) in try read(from: &reader, text: text) }
    }

    package static func decode(_ bytes: [UInt8], text: String? = nil) throws(WireError) -> Event {
        try WireReader.readAll(bytes) { reader throws(WireError) in try read(from: &reader, text: text) }
    }

    private static func read(from reader: inout WireReader, text: String?) throws(WireError) -> Event {
        try WireVersion.check(&reader)
        return try Event(from: &reader, text: text)
    }
}
