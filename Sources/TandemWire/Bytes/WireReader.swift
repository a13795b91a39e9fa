/// Takes values off borrowed bytes, from front to back; whatever the bytes are, it answers or throws.
///
/// Nothing is allocated before the bytes that fill it are known to be there: a count larger than the rest is
/// `truncated`. Every value has one written form only; another spelling of it (a number with needless bytes, a flag
/// that is neither 0 nor 1) throws, so that bytes and values correspond one to one.
package struct WireReader {
    /// How deep conditions may nest inside one another.
    package static let depthMax = 64
    /// Elements reserved on the word of a count alone.
    static let reservedMax = 64

    @usableFromInline var next: UnsafeRawPointer
    @usableFromInline let end: UnsafeRawPointer
    var depth = 0
    /// Whose layout the bytes have; a codec's version byte sets it.
    var version = WireVersion.current

    /// - Parameter bytes: borrowed: they must outlive the reader.
    package init(_ bytes: UnsafeRawBufferPointer) {
        // An empty buffer may have no address: one that is never read takes its place.
        let start = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 1).unsafelyUnwrapped
        next = start
        end = start + bytes.count
    }

    /// Reads one value that takes all of `bytes`.
    ///
    /// - Throws: what `body` throws, and `trailingBytes` when something is left over.
    package static func readAll<Value>(
        _ bytes: UnsafeRawBufferPointer, _ body: (inout WireReader) throws(WireError) -> Value
    ) throws(WireError) -> Value {
        var reader = WireReader(bytes)
        let value = try body(&reader)
        try reader.finish()
        return value
    }

    /// As above, of an array.
    package static func readAll<Value>(
        _ bytes: [UInt8], _ body: (inout WireReader) throws(WireError) -> Value
    ) throws(WireError) -> Value {
        let result = bytes.withUnsafeBytes { bytes in
            Result { () throws(WireError) in try readAll(bytes, body) }
        }
        return try result.get()
    }

    /// Bytes that have not been read.
    @inlinable
    package var remaining: Int { end - next }

    /// Throws `trailingBytes` unless everything has been read.
    package func finish() throws(WireError) {
        if remaining > 0 { throw .trailingBytes(remaining) }
    }

    @inlinable
    package mutating func readByte() throws(WireError) -> UInt8 {
        guard remaining >= 1 else { throw .truncated }
        let byte = next.load(as: UInt8.self)
        next += 1
        return byte
    }

    @inlinable
    package mutating func readFixed64() throws(WireError) -> UInt64 {
        guard remaining >= 8 else { throw .truncated }
        let number = next.loadUnaligned(as: UInt64.self)
        next += 8
        return UInt64(littleEndian: number)
    }

    @inlinable
    package mutating func readVarint() throws(WireError) -> UInt64 {
        let first = try readByte()
        return first < 0x80 ? UInt64(first) : try readLongVarint(after: first)
    }

    @usableFromInline
    mutating func readLongVarint(after first: UInt8) throws(WireError) -> UInt64 {
        var number = UInt64(first & 0x7f)
        var shift: UInt64 = 7
        while true {
            let byte = try readByte()
            // The tenth byte holds the one bit that is left; an empty last byte could have been left out.
            if shift == 63, byte > 1 { throw .badNumber }
            number |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 {
                if byte == 0 { throw .badNumber }
                return number
            }
            shift += 7
        }
    }

    @inlinable
    package mutating func readZigZag() throws(WireError) -> Int64 {
        let number = try readVarint()
        return Int64(bitPattern: number >> 1) ^ -Int64(bitPattern: number & 1)
    }

    /// A count of things that take at least one byte each, hence at most as many as there are bytes.
    @inlinable
    package mutating func readCount() throws(WireError) -> Int {
        let count = try readVarint()
        guard count <= UInt64(remaining) else { throw .truncated }
        return Int(count)
    }

    /// A list of at most `limit` elements; throws `tooLong` over it.
    mutating func readList<Element: WireValue>(atMost limit: Int) throws(WireError) -> [Element] {
        let count = try readCount()
        guard count <= limit else { throw .tooLong(limit: limit) }
        guard count > 0 else { return [] }
        var list: [Element] = []
        list.reserveCapacity(min(count, Self.reservedMax))
        for _ in 0..<count { list.append(try Element(from: &self)) }
        return list
    }

    /// The next `count` bytes, borrowed.
    package mutating func readBytes(_ count: Int) throws(WireError) -> UnsafeRawBufferPointer {
        guard count >= 0, count <= remaining else { throw .truncated }
        let bytes = UnsafeRawBufferPointer(start: next, count: count)
        next += count
        return bytes
    }

    /// Bytes behind their count, copied as a whole; throws `tooLong` over `limit`, before anything is allocated.
    package mutating func readOpaque(atMost limit: Int) throws(WireError) -> [UInt8] {
        let count = try readCount()
        guard count <= limit else { throw .tooLong(limit: limit) }
        return [UInt8](try readBytes(count))
    }

    package mutating func readText() throws(WireError) -> String {
        let bytes = try readBytes(readCount())
        guard !bytes.isEmpty else { return "" }
        guard let text = try? UTF8Span(validating: bytes.bindMemory(to: UInt8.self).span) else { throw .badUTF8 }
        return String(copying: text)
    }

    /// A case by its number; `Owner` is what the error calls it.
    @inlinable
    mutating func readTag<Tag: RawRepresentable, Owner>(
        _: Tag.Type, of _: Owner.Type
    ) throws(WireError) -> Tag where Tag.RawValue == UInt8 {
        let byte = try readByte()
        guard let tag = Tag(rawValue: byte) else { throw .badTag(type: String(describing: Owner.self), value: byte) }
        return tag
    }

    @inlinable
    package mutating func read<Value: WireValue>(
        _: Value.Type = Value.self
    ) throws(WireError) -> Value { try Value(from: &self) }
}
