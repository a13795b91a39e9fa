/// Checks UTF-8 as it comes, in any slices, and says no at the first byte that cannot be right (RFC 3629).
struct UTF8Validator {
    /// Continuation bytes still to come in the current character.
    private var missing = 0
    // What the next continuation byte may be: the first one rules out overlong forms, surrogates and more than U+10FFFF.
    private var low: UInt8 = 0x80
    private var high: UInt8 = 0xBF

    /// Between two characters: the text may end here.
    var isComplete: Bool { missing == 0 }

    /// Goes on with `bytes`; false when the text is broken, and then for good.
    mutating func accept(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var index = 0
        while index < bytes.count {
            if missing == 0 {
                while index + 8 <= bytes.count,
                    bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
                {
                    index += 8
                }
                guard index < bytes.count else { return true }
                guard begin(bytes[index]) else { return false }
            } else {
                guard (low...high).contains(bytes[index]) else { return false }
                missing -= 1
                low = 0x80
                high = 0xBF
            }
            index += 1
        }
        return true
    }

    /// The first byte of a character.
    private mutating func begin(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x00...0x7F: return true
        case 0xC2...0xDF: missing = 1
        case 0xE0...0xEF:
            missing = 2
            if byte == 0xE0 { low = 0xA0 }
            if byte == 0xED { high = 0x9F }
        case 0xF0...0xF4:
            missing = 3
            if byte == 0xF0 { low = 0x90 }
            if byte == 0xF4 { high = 0x8F }
        default: return false  // A continuation byte, or one that UTF-8 never has.
        }
        return true
    }
}
