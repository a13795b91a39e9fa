/// Why bytes are not a value. The bytes are at fault, never the reader: nothing has been changed by the attempt.
package enum WireError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The bytes end before the value does, or a length promises more than there is.
    case truncated
    /// More than `limit` bytes or elements.
    case tooLong(limit: Int)
    /// A number that stands for no case of `type`: damage, or written by a newer version.
    case badTag(type: String, value: UInt8)
    case badUTF8
    /// A number written in more bytes than it needs, or outside the range of its type.
    case badNumber
    /// A list that is kept sorted, each element once, is not.
    case badOrder
    /// Nested deeper than `WireReader.depthMax`.
    case tooDeep
    /// A format that this version does not read.
    case unknownVersion(UInt8)
    /// A whole value, and bytes after it.
    case trailingBytes(Int)

    /// Stable: operators search for it.
    package var code: String {
        switch self {
        case .truncated: "wire.truncated"
        case .tooLong: "wire.tooLong"
        case .badTag: "wire.badTag"
        case .badUTF8: "wire.badUTF8"
        case .badNumber: "wire.badNumber"
        case .badOrder: "wire.badOrder"
        case .tooDeep: "wire.tooDeep"
        case .unknownVersion: "wire.unknownVersion"
        case .trailingBytes: "wire.trailingBytes"
        }
    }

    package var description: String {
        switch self {
        case .truncated: "\(code): the bytes end before the value does"
        case .tooLong(let limit): "\(code): longer than \(limit)"
        case .badTag(let type, let value): "\(code): \(value) is no \(type)"
        case .badUTF8: "\(code): the text is not UTF-8"
        case .badNumber: "\(code): a number is not in its shortest form or not in range"
        case .badOrder: "\(code): a list is not in order"
        case .tooDeep: "\(code): nested too deep"
        case .unknownVersion(let version):
            "\(code): it is written in format \(version), and this build reads \(WireVersion.read.lowerBound) to "
                + "\(WireVersion.read.upperBound)"
        case .trailingBytes(let count): "\(code): \(count) bytes after the value"
        }
    }
}
