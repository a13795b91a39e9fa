package import TandemCore

/// The bytes of one event outside of its entry: a version byte and the event.
///
/// A store that keeps what people said in a column of its own writes with `textApart` and hands the text back in.
package enum EventCodec {
    package static func encode(_ event: Event, in format: UInt8, textApart: Bool = false) -> [UInt8] {
        var writer = WireWriter()
        write(event, in: format, textApart: textApart, to: &writer)
        return writer.bytes
    }

    package static func write(
        _ event: Event, in format: UInt8, textApart: Bool = false, to writer: inout WireWriter
    ) {
        writer.begin(format)
        event.write(to: &writer, textApart: textApart)
    }

    /// The event as those know it who read it in a format: what that has no room for is left out.
    ///
    /// A leader applies this and no other: else it would know more than its followers and, after a restart, than itself.
    package static func known(_ event: Event, in format: UInt8) throws(WireError) -> Event {
        guard format < WireVersion.current else { return event }
        return try decode(encode(event, in: format))
    }

    /// - Parameter text: a message's, where its bytes were written with `textApart`; else nil.
    /// - Throws: `WireError` unless `bytes` are one whole event.
    package static func decode(_ bytes: [UInt8], text: String? = nil) throws(WireError) -> Event {
        try WireReader.readAll(bytes) { reader throws(WireError) in
            try WireVersion.check(&reader)
            return try Event(from: &reader, text: text)
        }
    }
}
