// Strings and numbers of the reader.
extension JSONReader {
    package mutating func string() throws(JSONError) -> String {
        skipSpace()
        guard peekByte() == UInt8(ascii: "\"") else { throw wrong("a string") }
        offset += 1
        let start = offset
        while offset < bytes.count {
            let byte = bytes[offset]
            if byte == UInt8(ascii: "\"") {
                let text = try validated(bytes[start..<offset], from: start)
                offset += 1
                return text
            }
            if byte == UInt8(ascii: "\\") { return try escapedString(from: start) }
            guard byte >= 32 else { throw error(.controlCharacter) }
            offset += 1
        }
        throw error(.unexpectedEnd)
    }

    /// A string with at least one escape, of which everything before `offset` is plain.
    private mutating func escapedString(from start: Int) throws(JSONError) -> String {
        var text = Array(bytes[start..<offset])
        while offset < bytes.count {
            let byte = bytes[offset]
            switch byte {
            case UInt8(ascii: "\""):
                let whole = try validated(text[...], from: start)
                offset += 1
                return whole
            case UInt8(ascii: "\\"): try escape(into: &text)
            case 0..<32: throw error(.controlCharacter)
            default:
                text.append(byte)
                offset += 1
            }
        }
        throw error(.unexpectedEnd)
    }

    private func validated(_ slice: ArraySlice<UInt8>, from start: Int) throws(JSONError) -> String {
        guard let text = String(validating: slice, as: UTF8.self) else { throw JSONError(.badUTF8, at: start) }
        return text
    }

    private mutating func escape(into text: inout [UInt8]) throws(JSONError) {
        guard offset + 1 < bytes.count else { throw error(.unexpectedEnd) }
        let letter = bytes[offset + 1]
        let plain: UInt8
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): plain = letter
        case UInt8(ascii: "b"): plain = 8
        case UInt8(ascii: "f"): plain = 12
        case UInt8(ascii: "n"): plain = 10
        case UInt8(ascii: "r"): plain = 13
        case UInt8(ascii: "t"): plain = 9
        case UInt8(ascii: "u"): return text += try Array(unicodeEscape().utf8)
        default: throw error(.badEscape)
        }
        text.append(plain)
        offset += 2
    }

    /// `\uXXXX`, or two of them that make a pair.
    private mutating func unicodeEscape() throws(JSONError) -> String {
        let at = offset
        let first = try codeUnit()
        if let scalar = Unicode.Scalar(first) { return String(scalar) }
        guard first < 0xdc00, offset + 1 < bytes.count, bytes[offset] == UInt8(ascii: "\\"),
            bytes[offset + 1] == UInt8(ascii: "u")
        else { throw JSONError(.loneSurrogate, at: at) }
        let second = try codeUnit()
        guard (0xdc00...0xdfff).contains(second),
            let scalar = Unicode.Scalar(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00))
        else { throw JSONError(.loneSurrogate, at: at) }
        return String(scalar)
    }

    private mutating func codeUnit() throws(JSONError) -> UInt32 {
        guard offset + 6 <= bytes.count else {
            offset = bytes.count
            throw error(.unexpectedEnd)
        }
        var unit: UInt32 = 0
        for place in (offset + 2)..<(offset + 6) {
            let digit: UInt32
            switch bytes[place] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = UInt32(bytes[place] - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = UInt32(bytes[place] - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = UInt32(bytes[place] - UInt8(ascii: "A") + 10)
            default: throw error(.badEscape)
            }
            unit = unit << 4 | digit
        }
        offset += 6
        return unit
    }

    // MARK: Numbers

    /// A whole number; `1.0` and `1e2` are not taken for one.
    package mutating func integer() throws(JSONError) -> Int64 {
        skipSpace()
        let start = offset
        let text = try numberText()
        var negative = false
        var value: UInt64 = 0
        for byte in text {
            switch byte {
            case UInt8(ascii: "-"): negative = true
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                let (product, over) = value.multipliedReportingOverflow(by: 10)
                let (sum, overSum) = product.addingReportingOverflow(UInt64(byte - UInt8(ascii: "0")))
                guard !over, !overSum else { throw JSONError(.numberOutOfRange, at: start) }
                value = sum
            default: throw JSONError(.wrongType(expected: "a whole number"), at: start)
            }
        }
        if negative, value == UInt64(Int64.max) + 1 { return .min }
        guard let signed = Int64(exactly: value) else { throw JSONError(.numberOutOfRange, at: start) }
        return negative ? -signed : signed
    }

    /// A whole number of a narrower type.
    package mutating func integer<Number: FixedWidthInteger>(as _: Number.Type) throws(JSONError) -> Number {
        skipSpace()
        let start = offset
        guard let number = Number(exactly: try integer()) else { throw JSONError(.numberOutOfRange, at: start) }
        return number
    }

    /// The bytes of a number, by its grammar.
    mutating func numberText() throws(JSONError) -> ArraySlice<UInt8> {
        skipSpace()
        let start = offset
        if peekByte() == UInt8(ascii: "-") { offset += 1 }
        guard let first = peekByte() else { throw error(.unexpectedEnd) }
        guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
            throw offset == start ? wrong("a number") : error(.badNumber)
        }
        if first == UInt8(ascii: "0") { offset += 1 } else { digits() }
        if peekByte() == UInt8(ascii: ".") {
            offset += 1
            guard digits() > 0 else { throw error(.badNumber) }
        }
        if peekByte() == UInt8(ascii: "e") || peekByte() == UInt8(ascii: "E") {
            offset += 1
            if peekByte() == UInt8(ascii: "+") || peekByte() == UInt8(ascii: "-") { offset += 1 }
            guard digits() > 0 else { throw error(.badNumber) }
        }
        if let next = peekByte(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(next) { throw error(.badNumber) }
        return bytes[start..<offset]
    }

    @discardableResult
    private mutating func digits() -> Int {
        let start = offset
        while let byte = peekByte(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { offset += 1 }
        return offset - start
    }
}
