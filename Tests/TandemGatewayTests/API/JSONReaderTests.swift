import TandemAPI
import TestChance
import Testing

@Suite("The JSON reader")
struct JSONReaderTests {
    private func reason(_ text: String) -> JSONError.Reason? {
        do {
            _ = try JSONValue(parsing: Array(text.utf8))
            return nil
        } catch {
            return error.reason
        }
    }

    @Test("Every kind of value is read, with its escapes")
    func reads() throws {
        let text = #"{"a":[1,-2,3.5,true,false,null],"b":"x\"\\\/\b\f\n\r\té\uD83D\uDE00😀"}"#
        let value = try JSONValue(parsing: Array(text.utf8))
        #expect(
            value["a"] == .array([.integer(1), .integer(-2), .number(3.5), .boolean(true), .boolean(false), .null]))
        #expect(value["b"]?.text == "x\"\\/\u{8}\u{c}\n\r\t\u{e9}\u{1F600}\u{1F600}")
        #expect(try JSONValue(parsing: Array(" \r\n\t[ ] ".utf8)) == .array([]))
    }

    @Test("The largest and smallest whole numbers fit, the next do not")
    func numbers() throws {
        var reader = JSONReader(Array("[9223372036854775807,-9223372036854775808,9223372036854775808]".utf8))
        try reader.beginArray()
        #expect(try reader.nextElement())
        #expect(try reader.integer() == .max)
        #expect(try reader.nextElement())
        #expect(try reader.integer() == .min)
        #expect(try reader.nextElement())
        #expect(throws: JSONError(.numberOutOfRange, at: 42)) { try reader.integer() }
        var narrow = JSONReader(Array("256".utf8))
        #expect(throws: JSONError(.numberOutOfRange, at: 0)) { try narrow.integer(as: UInt8.self) }
        var fraction = JSONReader(Array("1.0".utf8))
        #expect(throws: JSONError(.wrongType(expected: "a whole number"), at: 0)) { try fraction.integer() }
    }

    @Test(
        "What is not JSON is refused",
        arguments: [
            ("", JSONError.Reason.unexpectedEnd), ("{", .unexpectedEnd), ("[1", .unexpectedEnd),
            ("\"a", .unexpectedEnd),
            ("[1,]", .unexpectedByte), ("{\"a\":1,}", .unexpectedByte), ("{a:1}", .unexpectedByte),
            ("[1 2]", .unexpectedByte), ("{\"a\" 1}", .unexpectedByte), ("// no\n1", .unexpectedByte),
            ("nul", .unexpectedEnd), ("truth", .unexpectedByte), ("01", .badNumber), ("-", .unexpectedEnd),
            ("1.", .badNumber), ("1e", .badNumber), ("-a", .badNumber), ("1 1", .trailingBytes),
            ("[1]]", .trailingBytes),
            ("\"\u{1}\"", .controlCharacter), ("\"\\x\"", .badEscape), ("\"\\u12G4\"", .badEscape),
            ("\"\\uD800\"", .loneSurrogate), ("\"\\uD800\\u0041\"", .loneSurrogate), ("\"\\uDC00\"", .loneSurrogate),
            ("1e999", .numberOutOfRange), ("{\"a\":1,\"a\":2}", .duplicateKey("a")),
        ])
    func refuses(text: String, expected: JSONError.Reason) {
        #expect(reason(text) == expected, "\(text)")
    }

    @Test("Bytes that are not UTF-8 are refused where they stand, overlong forms and surrogates too")
    func badUTF8() {
        for bytes: [UInt8] in [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xc3]] {
            let text = [UInt8(ascii: "\"")] + bytes + [UInt8(ascii: "\"")]
            #expect(throws: JSONError(.badUTF8, at: 1)) { try JSONValue(parsing: text) }
        }
    }

    @Test("Nesting is bounded")
    func depth() throws {
        let deep = Array(repeating: UInt8(ascii: "["), count: 17)
        #expect(throws: JSONError(.tooDeep, at: 16)) { try JSONValue(parsing: deep, depthMax: 16) }
        let fits = String(repeating: "[", count: 16) + String(repeating: "]", count: 16)
        _ = try JSONValue(parsing: Array(fits.utf8), depthMax: 16)
    }

    @Test("A hot frame is read key by key, and an unknown key names itself")
    func pulls() throws {
        var reader = JSONReader(Array(#"{"type":"post","text":"hi","extra":{"a":[1,"2"]},"n":7}"#.utf8))
        var seen: [String] = []
        try reader.beginObject()
        while let key = try reader.nextKey() {
            seen.append(key)
            switch key {
            case "type": #expect(try reader.string() == "post")
            case "text": #expect(try reader.string() == "hi")
            case "n": #expect(try reader.integer(as: UInt16.self) == 7)
            default:
                #expect(reader.unknown(key).reason == .unknownKey("extra"))
                _ = try JSONValue(&reader)
            }
        }
        try reader.finish()
        #expect(seen == ["type", "text", "extra", "n"])
    }

    @Test("Whatever bytes come, reading ends with a value or an error", arguments: [1, 2, 3, 4, 5] as [UInt64])
    func fuzz(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let alphabet = Array("{}[]\",:\\u0123456789abDdeEflnrst.+- \n\u{e9}".utf8) + [0xff, 0xd8, 0]
        for _ in 0..<4_000 {
            let count = Int.random(in: 0...24, using: &generator)
            let bytes = (0..<count).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] }
            if let value = try? JSONValue(parsing: bytes) {
                var writer = JSONWriter()
                writer.value(value)
                let again = try JSONValue(parsing: writer.bytes)
                #expect(again == value, "seed \(seed): \(bytes)")
            }
        }
    }

    @Test("What is written is read again the same, whatever it is", arguments: [11, 12, 13] as [UInt64])
    func roundTrip(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<1_000 {
            let value = JSONValue.random(depth: 4, using: &generator)
            var writer = JSONWriter()
            writer.value(value)
            let again = try JSONValue(parsing: writer.bytes)
            #expect(again == value, "seed \(seed)")
        }
    }
}

extension JSONValue {
    static func random(depth: Int, using generator: inout SeededGenerator) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &generator) {
        case 0: return .null
        case 1: return .boolean(Bool.random(using: &generator))
        case 2: return .integer(Int64.random(in: .min ... .max, using: &generator))
        case 3: return .integer(Int64.random(in: -9...9, using: &generator))
        case 4: return .number(Double(Int.random(in: -999...999, using: &generator)) + 0.5)
        case 5: return .string(text(using: &generator))
        case 6:
            let count = Int.random(in: 0...4, using: &generator)
            return .array((0..<count).map { _ in random(depth: depth - 1, using: &generator) })
        default:
            let count = Int.random(in: 0...4, using: &generator)
            return .object(
                (0..<count).map {
                    Member("\($0)" + text(using: &generator), random(depth: depth - 1, using: &generator))
                })
        }
    }

    private static func text(using generator: inout SeededGenerator) -> String {
        var text = ""
        for _ in 0..<Int.random(in: 0...6, using: &generator) {
            let number = UInt32.random(in: 0...0x10ffff, using: &generator)
            let small = UInt32.random(in: 0...127, using: &generator)
            if let scalar = Unicode.Scalar(Bool.random(using: &generator) ? number : small) {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}

extension JSONWriter {
    mutating func value(_ value: JSONValue) {
        switch value {
        case .object(let members):
            beginObject()
            for member in members {
                key(dynamic: member.key)
                self.value(member.value)
            }
            endObject()
        case .array(let elements):
            beginArray()
            for element in elements { self.value(element) }
            endArray()
        case .string(let text): string(text)
        case .integer(let whole): integer(whole)
        case .number(let number): self.number(number)
        case .boolean(let flag): bool(flag)
        case .null: null()
        }
    }
}
