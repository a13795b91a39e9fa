/// The written form: three letters, an underscore, thirteen Crockford base-32 digits; it sorts as the number does.
extension Identifier: CustomStringConvertible, LosslessStringConvertible {
    /// The length of every written identifier, in bytes.
    package static var textLength: Int { 17 }

    package var description: String {
        String(unsafeUninitializedCapacity: Self.textLength) { buffer in
            write(into: buffer)
            return Self.textLength
        }
    }

    /// Writes the 17 ASCII bytes of the written form.
    package func write(into buffer: UnsafeMutableBufferPointer<UInt8>) {
        Kind.prefix.withUTF8Buffer { prefix in
            for position in 0..<3 { buffer[position] = prefix[position] }
        }
        buffer[3] = UInt8(ascii: "_")
        var rest = raw
        for position in stride(from: 16, to: 3, by: -1) {
            buffer[position] = Crockford.digit(UInt8(rest & 31))
            rest >>= 5
        }
    }

    /// Nil for another kind's prefix, a wrong length, a bad digit or a number above 64 bits.
    package init?(_ text: String) {
        var text = text
        guard let raw = text.withUTF8({ Self.parse($0) }) else { return nil }
        self.init(raw: raw)
    }

    /// Reads the written form from ASCII bytes; the hot paths use it without making a string.
    package init?(ascii bytes: UnsafeBufferPointer<UInt8>) {
        guard let raw = Self.parse(bytes) else { return nil }
        self.init(raw: raw)
    }

    private static func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64? {
        guard bytes.count == textLength, bytes[3] == UInt8(ascii: "_") else { return nil }
        let matches = Kind.prefix.withUTF8Buffer { prefix in (0..<3).allSatisfy { prefix[$0] == bytes[$0] } }
        guard matches, let first = Crockford.value(bytes[4]), first < 16 else { return nil }
        var raw = UInt64(first)
        for position in 5..<textLength {
            guard let value = Crockford.value(bytes[position]) else { return nil }
            raw = raw << 5 | UInt64(value)
        }
        return raw == 0 ? nil : raw
    }
}

/// Base 32 without the letters people mistake: i, l, o, u.
enum Crockford {
    static func digit(_ value: UInt8) -> UInt8 {
        switch value {
        case 0..<10: UInt8(ascii: "0") + value
        case 10..<18: UInt8(ascii: "a") + value - 10
        case 18..<20: UInt8(ascii: "j") + value - 18
        case 20..<22: UInt8(ascii: "m") + value - 20
        case 22..<27: UInt8(ascii: "p") + value - 22
        default: UInt8(ascii: "v") + value - 27
        }
    }

    static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "h"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "j")...UInt8(ascii: "k"): digit - UInt8(ascii: "j") + 18
        case UInt8(ascii: "m")...UInt8(ascii: "n"): digit - UInt8(ascii: "m") + 20
        case UInt8(ascii: "p")...UInt8(ascii: "t"): digit - UInt8(ascii: "p") + 22
        case UInt8(ascii: "v")...UInt8(ascii: "z"): digit - UInt8(ascii: "v") + 27
        default: nil
        }
    }
}
