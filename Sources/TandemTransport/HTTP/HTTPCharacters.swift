/// What may stand where in a message (RFC 9110, RFC 9112, RFC 3986), as one table of bits by byte.
enum HTTPCharacters {
    static let token: UInt8 = 1
    static let value: UInt8 = 2
    static let target: UInt8 = 4
    static let host: UInt8 = 8

    private static let table: [UInt8] = {
        var table = [UInt8](repeating: 0, count: 256)
        func allow(_ bit: UInt8, _ characters: String) {
            for byte in characters.utf8 { table[Int(byte)] |= bit }
        }
        let letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
        let digits = "0123456789"
        allow(token, letters + digits + "!#$%&'*+-.^_`|~")
        let unreserved = letters + digits + "-._~"
        let delimiters = "!$&'()*+,;="
        allow(target, unreserved + delimiters + ":@/?[]%")
        allow(host, unreserved + delimiters + "%:[]")
        for byte in 0x20...0xFF where byte != 0x7F { table[byte] |= value }
        table[9] |= value
        return table
    }()

    /// Are all bytes of the kind `bit`?
    @inline(__always)
    static func all(_ bytes: UnsafeRawBufferPointer, are bit: UInt8) -> Bool {
        table.withUnsafeBufferPointer { table in
            var common: UInt8 = 0xFF
            for byte in bytes { common &= table[Int(byte)] }
            return common & bit != 0
        }
    }

    @inline(__always)
    static func isToken(_ byte: UInt8) -> Bool {
        table.withUnsafeBufferPointer { $0[Int(byte)] & token != 0 }
    }

    @inline(__always)
    static func hexadecimal(_ byte: UInt8) -> Int? {
        switch byte {
        case 48...57: Int(byte) - 48
        case 65...70: Int(byte) - 55
        case 97...102: Int(byte) - 87
        default: nil
        }
    }

    /// Equal but for the case of ASCII letters? `lower` is in lower case.
    @inline(__always)
    static func equal(_ bytes: UnsafeRawBufferPointer, _ lower: StaticString) -> Bool {
        guard bytes.count == lower.utf8CodeUnitCount else { return false }
        let other = lower.utf8Start
        for index in 0..<bytes.count {
            let byte = bytes[index]
            let folded = byte &- 65 < 26 ? byte | 0x20 : byte
            guard folded == other[index] else { return false }
        }
        return true
    }

    /// Equal but for the case of ASCII letters on both sides?
    static func equal(_ bytes: UnsafeRawBufferPointer, _ name: String) -> Bool {
        var name = name
        return name.withUTF8 { other in
            guard bytes.count == other.count else { return false }
            for index in 0..<bytes.count {
                let left = bytes[index]
                let right = other[index]
                let foldedLeft = left &- 65 < 26 ? left | 0x20 : left
                let foldedRight = right &- 65 < 26 ? right | 0x20 : right
                guard foldedLeft == foldedRight else { return false }
            }
            return true
        }
    }

    /// Without spaces and tabs at both ends.
    @inline(__always)
    static func trimmed(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        var start = 0
        var end = bytes.count
        while start < end, bytes[start] == 32 || bytes[start] == 9 { start += 1 }
        while end > start, bytes[end - 1] == 32 || bytes[end - 1] == 9 { end -= 1 }
        return UnsafeRawBufferPointer(rebasing: bytes[start..<end])
    }

    /// Calls `body` for each non-empty member of a comma-separated list.
    static func members(_ list: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void) {
        var start = 0
        for index in 0...list.count where index == list.count || list[index] == 44 {
            let member = trimmed(UnsafeRawBufferPointer(rebasing: list[start..<index]))
            if member.count > 0 { body(member) }
            start = index + 1
        }
    }

    /// The text with each `%XX` replaced by its byte; nil when a `%` has no two digits or the result is not UTF-8.
    static func percentDecoded(_ bytes: some Collection<UInt8>, plusIsSpace: Bool = false) -> String? {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index != bytes.endIndex {
            let byte = bytes[index]
            index = bytes.index(after: index)
            guard byte == 37 else {
                decoded.append(byte == 43 && plusIsSpace ? 32 : byte)
                continue
            }
            guard index != bytes.endIndex, let high = hexadecimal(bytes[index]) else { return nil }
            index = bytes.index(after: index)
            guard index != bytes.endIndex, let low = hexadecimal(bytes[index]) else { return nil }
            index = bytes.index(after: index)
            decoded.append(UInt8(high << 4 | low))
        }
        return String(validating: decoded, as: UTF8.self)
    }
}
