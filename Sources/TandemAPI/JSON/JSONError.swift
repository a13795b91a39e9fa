/// Why bytes are not the JSON that was expected, and where: `offset` counts bytes from the start.
package struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Reason: Hashable, Sendable {
        case unexpectedEnd
        case unexpectedByte
        case trailingBytes
        case badEscape
        case badUTF8
        /// Half of a surrogate pair.
        case loneSurrogate
        /// A byte below 32 inside a string.
        case controlCharacter
        case badNumber
        /// Does not fit, or is not whole where a whole number is asked.
        case numberOutOfRange
        case tooDeep
        case duplicateKey(String)
        case unknownKey(String)
        /// Another kind of value stands there.
        case wrongType(expected: String)
    }
    package let reason: Reason
    package let offset: Int

    package init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    package var description: String {
        let what =
            switch reason {
            case .unexpectedEnd: "the text ends too early"
            case .unexpectedByte: "this byte may not stand here"
            case .trailingBytes: "something follows the value"
            case .badEscape: "an escape that is none"
            case .badUTF8: "not UTF-8"
            case .loneSurrogate: "half of a surrogate pair"
            case .controlCharacter: "a control character inside a string"
            case .badNumber: "a number that is none"
            case .numberOutOfRange: "a number that does not fit"
            case .tooDeep: "nested too deeply"
            case .duplicateKey(let key): "the key \(key) stands twice"
            case .unknownKey(let key): "there is no field \(key)"
            case .wrongType(let expected): "\(expected) was expected"
            }
        return "\(what), at byte \(offset)"
    }
}
