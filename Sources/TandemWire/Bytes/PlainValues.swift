// The standard library's own types: small numbers as themselves, other numbers as LEB128, lists with their count.

extension UInt8: WireValue {
    package func write(to writer: inout WireWriter) { writer.writeByte(self) }
    package init(from reader: inout WireReader) throws(WireError) { self = try reader.readByte() }
}

extension UInt16: WireValue {
    package func write(to writer: inout WireWriter) { writer.writeVarint(UInt64(self)) }
    package init(from reader: inout WireReader) throws(WireError) {
        guard let number = UInt16(exactly: try reader.readVarint()) else { throw .badNumber }
        self = number
    }
}

extension UInt32: WireValue {
    package func write(to writer: inout WireWriter) { writer.writeVarint(UInt64(self)) }
    package init(from reader: inout WireReader) throws(WireError) {
        guard let number = UInt32(exactly: try reader.readVarint()) else { throw .badNumber }
        self = number
    }
}

extension UInt64: WireValue {
    package func write(to writer: inout WireWriter) { writer.writeVarint(self) }
    package init(from reader: inout WireReader) throws(WireError) { self = try reader.readVarint() }
}

extension Int32: WireValue {
    package func write(to writer: inout WireWriter) { writer.writeZigZag(Int64(self)) }
    package init(from reader: inout WireReader) throws(WireError) {
        guard let number = Int32(exactly: try reader.readZigZag()) else { throw .badNumber }
        self = number
    }
}

extension Int64: WireValue {
    package func write(to writer: inout WireWriter) { writer.writeZigZag(self) }
    package init(from reader: inout WireReader) throws(WireError) { self = try reader.readZigZag() }
}

extension Bool: WireValue {
    package func write(to writer: inout WireWriter) { writer.writeByte(self ? 1 : 0) }
    package init(from reader: inout WireReader) throws(WireError) {
        let byte = try reader.readByte()
        guard byte <= 1 else { throw .badTag(type: "Bool", value: byte) }
        self = byte == 1
    }
}

extension String: WireValue {
    package func write(to writer: inout WireWriter) { writer.writeText(self) }
    package init(from reader: inout WireReader) throws(WireError) { self = try reader.readText() }
}

extension Optional: WireValue where Wrapped: WireValue {
    package func write(to writer: inout WireWriter) {
        guard let value = self else { return writer.writeByte(0) }
        writer.writeByte(1)
        value.write(to: &writer)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        self = try Bool(from: &reader) ? try Wrapped(from: &reader) : nil
    }
}

extension Array: WireValue where Element: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.writeVarint(UInt64(count))
        for element in self { element.write(to: &writer) }
    }
    package init(from reader: inout WireReader) throws(WireError) { self = try reader.readList(atMost: .max) }
}
