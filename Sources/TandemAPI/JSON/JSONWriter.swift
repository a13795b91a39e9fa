package import TandemCore

/// Writes JSON straight into bytes: no tree, no Foundation, commas by itself.
///
/// ```
/// var writer = JSONWriter()
/// writer.beginObject()
/// writer.field("type", "messagePosted")
/// writer.field("sequence", 7)
/// writer.endObject()
/// ```
/// Text leaves as UTF-8; quotes, backslashes and control characters are escaped, nothing else. Keys are the program's own
/// words and are written as they are.
package struct JSONWriter: Sendable {
    package private(set) var bytes: [UInt8] = []
    private var needsComma = false
    private var depth = 0

    package init(reserving capacity: Int = 256) { bytes.reserveCapacity(capacity) }

    /// Starts anew and keeps the memory.
    package mutating func reset() {
        bytes.removeAll(keepingCapacity: true)
        needsComma = false
        depth = 0
    }

    // MARK: Structure

    package mutating func beginObject() { open(UInt8(ascii: "{")) }
    package mutating func endObject() { close(UInt8(ascii: "}")) }
    package mutating func beginArray() { open(UInt8(ascii: "[")) }
    package mutating func endArray() { close(UInt8(ascii: "]")) }

    package mutating func key(_ name: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// A key that is only known at run time.
    package mutating func key(dynamic name: String) {
        string(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    private mutating func open(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        depth += 1
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        precondition(depth > 0, "a bracket is closed once")
        depth -= 1
        bytes.append(bracket)
        needsComma = true
    }

    @inline(__always)
    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
    }

    // MARK: Values

    package mutating func string(_ text: String) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { appendEscaped($0) }
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    /// A word of the program's own: nothing in it needs an escape.
    package mutating func word(_ text: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    package mutating func integer(_ value: some BinaryInteger) {
        separate()
        appendDecimal(Int64(clamping: value), magnitude: UInt64(clamping: value.magnitude))
        needsComma = true
    }

    /// Rounded to three digits after the point: figures for people, and never `nan`.
    package mutating func number(_ value: Double) {
        guard value.isFinite else { return null() }
        separate()
        let text = String((value * 1_000).rounded() / 1_000)
        bytes.append(contentsOf: text.utf8)
        needsComma = true
    }

    package mutating func bool(_ value: Bool) {
        separate()
        bytes.append(contentsOf: (value ? "true" : "false").utf8)
        needsComma = true
    }

    package mutating func null() {
        separate()
        bytes.append(contentsOf: "null".utf8)
        needsComma = true
    }

    package mutating func id<Kind>(_ id: Identifier<Kind>) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Identifier<Kind>.textLength) { buffer in
            id.write(into: buffer)
            bytes.append(contentsOf: buffer)
        }
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    package mutating func time(_ time: Timestamp) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        TimestampText.append(time, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    /// A value that is JSON already.
    package mutating func raw(_ json: some Sequence<UInt8>) {
        separate()
        bytes.append(contentsOf: json)
        needsComma = true
    }

    // MARK: Bytes

    private mutating func appendEscaped(_ text: UnsafeBufferPointer<UInt8>) {
        var plain = 0
        for place in 0..<text.count {
            let byte = text[place]
            guard byte < 32 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else { continue }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[plain..<place]))
            appendEscape(byte)
            plain = place + 1
        }
        bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[plain..<text.count]))
    }

    private mutating func appendEscape(_ byte: UInt8) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
        case 8: bytes.append(UInt8(ascii: "b"))
        case 9: bytes.append(UInt8(ascii: "t"))
        case 10: bytes.append(UInt8(ascii: "n"))
        case 12: bytes.append(UInt8(ascii: "f"))
        case 13: bytes.append(UInt8(ascii: "r"))
        default:
            bytes.append(contentsOf: "u00".utf8)
            for digit in [byte >> 4, byte & 15] {
                bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            }
        }
    }

    private mutating func appendDecimal(_ value: Int64, magnitude: UInt64) {
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { buffer in
            var place = 20
            var rest = magnitude
            repeat {
                place -= 1
                buffer[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest > 0
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: buffer[place..<20]))
        }
    }
}

// One line per field.
extension JSONWriter {
    package mutating func field(_ name: StaticString, _ text: String) {
        key(name)
        string(text)
    }
    package mutating func field(_ name: StaticString, word: StaticString) {
        key(name)
        self.word(word)
    }
    package mutating func field(_ name: StaticString, _ value: some BinaryInteger) {
        key(name)
        integer(value)
    }
    package mutating func field(_ name: StaticString, _ value: Bool) {
        key(name)
        bool(value)
    }
    package mutating func field<Kind>(_ name: StaticString, _ id: Identifier<Kind>) {
        key(name)
        self.id(id)
    }
    package mutating func field(_ name: StaticString, _ time: Timestamp) {
        key(name)
        self.time(time)
    }
    package mutating func field(_ name: StaticString, _ length: Milliseconds) {
        key(name)
        integer(length.count)
    }
    package mutating func field(_ name: StaticString, ifPresent text: String?) {
        if let text { field(name, text) }
    }
    package mutating func field<Kind>(_ name: StaticString, ifPresent id: Identifier<Kind>?) {
        if let id { field(name, id) }
    }
    package mutating func field(_ name: StaticString, ifPresent time: Timestamp?) {
        if let time { field(name, time) }
    }
    package mutating func field(_ name: StaticString, ifPresent length: Milliseconds?) {
        if let length { field(name, length) }
    }
    package mutating func field<Kind>(_ name: StaticString, _ ids: [Identifier<Kind>]) {
        key(name)
        beginArray()
        for id in ids { self.id(id) }
        endArray()
    }
    package mutating func field(_ name: StaticString, _ texts: [String]) {
        key(name)
        beginArray()
        for text in texts { string(text) }
        endArray()
    }
}
