internal import Foundation

/// Where a token is read from, as command lines name it: `FILE`, whose text it is, or `FILE:KEY`, whose JSON object has it
/// under the key. A file keeps it out of process lists.
package struct TokenFile {
    package struct Trouble: Error, CustomStringConvertible {
        package let description: String
    }

    private let path: String
    private let key: String?

    /// A file of the whole name goes before one with a key behind a colon.
    package init(_ named: String) {
        guard !FileManager.default.fileExists(atPath: named), let colon = named.lastIndex(of: ":") else {
            (path, key) = (named, nil)
            return
        }
        (path, key) = (String(named[..<colon]), String(named[named.index(after: colon)...]))
    }

    /// The token as the file has it now; of a list the first.
    package func token() throws(Trouble) -> String {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw Trouble(description: "\(path) cannot be read")
        }
        guard let key else { return text.trimmingCharacters(in: .whitespacesAndNewlines) }
        let value = (try? JSONValue(parsing: Array(text.utf8)))?[key]
        guard let token = value?.text ?? value?.elements?.first?.text else {
            throw Trouble(description: "\(path) has no token under \"\(key)\"")
        }
        return token
    }
}
