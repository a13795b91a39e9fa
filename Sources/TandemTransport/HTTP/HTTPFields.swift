internal import Glibc

/// Header (or trailer) lines as they came, already checked: `name: value` CRLF, one after the other.
///
/// Looking one up reads along the lines; there are few, and no dictionary is cheaper to build than they are to read.
package struct HTTPFields: Sendable {
    private let bytes: [UInt8]
    private let start: Int
    private let end: Int

    init(_ bytes: [UInt8], start: Int, end: Int) {
        self.bytes = bytes
        self.start = start
        self.end = end
    }

    static let none = HTTPFields([], start: 0, end: 0)

    /// Calls `body` with each name and value (without the spaces around it) until it returns false.
    @inline(__always)
    func forEach(_ body: (_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool) {
        bytes.withUnsafeBytes { bytes in
            var line = start
            while line < end, let base = bytes.baseAddress {
                guard let feed = memchr(base + line, 10, end - line), let colon = memchr(base + line, 58, end - line)
                else { return }
                let lineEnd = UnsafeRawPointer(feed) - base
                let colonAt = UnsafeRawPointer(colon) - base
                let name = UnsafeRawBufferPointer(rebasing: bytes[line..<colonAt])
                let value = UnsafeRawBufferPointer(rebasing: bytes[(colonAt + 1)..<(lineEnd - 1)])
                guard body(name, HTTPCharacters.trimmed(value)) else { return }
                line = lineEnd + 1
            }
        }
    }

    /// The value of the first line with this name, in any case of its letters; bytes that are not UTF-8 are replaced.
    package func first(_ name: String) -> String? {
        var found: String?
        forEach { candidate, value in
            guard HTTPCharacters.equal(candidate, name) else { return true }
            found = String(decoding: value, as: UTF8.self)
            return false
        }
        return found
    }

    /// The values of all lines with this name, in their order.
    package func all(_ name: String) -> [String] {
        var found: [String] = []
        forEach { candidate, value in
            if HTTPCharacters.equal(candidate, name) { found.append(String(decoding: value, as: UTF8.self)) }
            return true
        }
        return found
    }

    /// The value of the first line with this name as raw bytes.
    package func firstBytes(_ name: StaticString) -> [UInt8]? {
        var found: [UInt8]?
        forEach { candidate, value in
            guard HTTPCharacters.equal(candidate, name) else { return true }
            found = Array(value)
            return false
        }
        return found
    }

    /// Names the list in the lines of this name (`Connection: a, b`) the token, in any case?
    package func listContains(_ name: StaticString, _ token: StaticString) -> Bool {
        var contains = false
        forEach { candidate, value in
            guard HTTPCharacters.equal(candidate, name) else { return true }
            HTTPCharacters.members(value) { if HTTPCharacters.equal($0, token) { contains = true } }
            return true
        }
        return contains
    }
}
