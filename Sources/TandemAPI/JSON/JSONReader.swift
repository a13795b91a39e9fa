/// Reads JSON (RFC 8259) piece by piece: the caller says what it expects, and every other thing is an error with its
/// offset.
///
/// ```
/// var reader = JSONReader(bytes)
/// try reader.beginObject()
/// while let key = try reader.nextKey() {
///     switch key {
///     case "text": text = try reader.string()
///     default: throw reader.unknown(key)
///     }
/// }
/// try reader.finish()
/// ```
/// Keys of up to 15 bytes cost no allocation. It is strict (no comments, no trailing commas, no lone surrogates, valid
/// UTF-8) and bounded by the length of its bytes and by `depthMax`.
package struct JSONReader: Sendable {
    /// What stands next.
    package enum Kind: Hashable, Sendable {
        case object, array, string, number, boolean, null
    }

    /// Open brackets at once; the masks below have a bit for each.
    package static let depthMax = 60

    let bytes: [UInt8]
    /// Where it reads next.
    package internal(set) var offset = 0
    private(set) var depth = 0
    private let depthLimit: Int
    /// By depth: has this bracket had an element already?
    private var started: UInt64 = 0

    package init(_ bytes: [UInt8], depthMax: Int = 16) {
        self.bytes = bytes
        depthLimit = min(depthMax, Self.depthMax)
    }

    package func error(_ reason: JSONError.Reason) -> JSONError { JSONError(reason, at: offset) }
    package func unknown(_ key: String) -> JSONError { error(.unknownKey(key)) }

    // MARK: Structure

    package mutating func beginObject() throws(JSONError) { try begin(UInt8(ascii: "{"), "an object") }

    package mutating func beginArray() throws(JSONError) { try begin(UInt8(ascii: "["), "an array") }

    /// The next key of the innermost object, its colon read; nil at the object's end, which is then left.
    package mutating func nextKey() throws(JSONError) -> String? {
        guard try nextMember(closing: UInt8(ascii: "}")) else { return nil }
        skipSpace()
        guard peekByte() == UInt8(ascii: "\"") else { throw structureError() }
        let key = try string()
        skipSpace()
        guard peekByte() == UInt8(ascii: ":") else { throw structureError() }
        offset += 1
        return key
    }

    /// Whether another element of the innermost array follows; at the end the array is left.
    package mutating func nextElement() throws(JSONError) -> Bool { try nextMember(closing: UInt8(ascii: "]")) }

    /// To be called last: nothing but white space may follow.
    package mutating func finish() throws(JSONError) {
        skipSpace()
        guard offset == bytes.count, depth == 0 else { throw error(.trailingBytes) }
    }

    private mutating func begin(_ bracket: UInt8, _ expected: String) throws(JSONError) {
        skipSpace()
        guard peekByte() == bracket else { throw wrong(expected) }
        guard depth < depthLimit else { throw error(.tooDeep) }
        offset += 1
        depth += 1
        started &= ~(1 << UInt64(depth))
    }

    private mutating func nextMember(closing: UInt8) throws(JSONError) -> Bool {
        skipSpace()
        guard let byte = peekByte() else { throw error(.unexpectedEnd) }
        let bit: UInt64 = 1 << UInt64(depth)
        if byte == closing {
            offset += 1
            depth -= 1
            return false
        }
        if started & bit != 0 {
            guard byte == UInt8(ascii: ",") else { throw error(.unexpectedByte) }
            offset += 1
            skipSpace()
            if peekByte() == closing { throw error(.unexpectedByte) }
        }
        started |= bit
        return true
    }

    // MARK: Values

    /// What kind of value stands next, by its first byte.
    package mutating func peek() throws(JSONError) -> Kind {
        skipSpace()
        guard let byte = peekByte() else { throw error(.unexpectedEnd) }
        switch byte {
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .boolean
        case UInt8(ascii: "n"): return .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
        default: throw error(.unexpectedByte)
        }
    }

    package mutating func bool() throws(JSONError) -> Bool {
        skipSpace()
        switch peekByte() {
        case UInt8(ascii: "t"):
            try literal("true")
            return true
        case UInt8(ascii: "f"):
            try literal("false")
            return false
        default: throw wrong("true or false")
        }
    }

    /// Reads a `null` if one stands next.
    package mutating func nullIfPresent() throws(JSONError) -> Bool {
        skipSpace()
        guard peekByte() == UInt8(ascii: "n") else { return false }
        try literal("null")
        return true
    }

    private mutating func literal(_ text: StaticString) throws(JSONError) {
        for place in 0..<text.utf8CodeUnitCount {
            guard offset < bytes.count else { throw error(.unexpectedEnd) }
            guard bytes[offset] == text.utf8Start[place] else { throw error(.unexpectedByte) }
            offset += 1
        }
    }

    // MARK: Bytes

    @inline(__always)
    func peekByte() -> UInt8? { offset < bytes.count ? bytes[offset] : nil }

    @inline(__always)
    mutating func skipSpace() {
        while offset < bytes.count {
            switch bytes[offset] {
            case 32, 9, 10, 13: offset += 1
            default: return
            }
        }
    }

    /// The error for a place where `expected` does not stand.
    func wrong(_ expected: String) -> JSONError {
        offset < bytes.count ? error(.wrongType(expected: expected)) : error(.unexpectedEnd)
    }

    private func structureError() -> JSONError {
        offset < bytes.count ? error(.unexpectedByte) : error(.unexpectedEnd)
    }
}
