/// Header lines of a message to be sent, kept as the bytes that go out.
///
/// Make the ones that are always the same once. `Date`, `Content-Length`, `Transfer-Encoding` and `Connection` are the
/// server's to write.
package struct HTTPHeaders: Sendable, ExpressibleByDictionaryLiteral {
    private(set) var bytes: [UInt8] = []

    package init() {}

    package init(dictionaryLiteral elements: (String, String)...) {
        for (name, value) in elements { add(name, value) }
    }

    /// Adds a line. The name must be a token; in the value, what may not stand in a header (line ends, other control
    /// characters) becomes a space, so that no value can add lines of its own.
    package mutating func add(_ name: String, _ value: String) {
        let nameBytes = Array(name.utf8)
        precondition(
            !nameBytes.isEmpty && nameBytes.allSatisfy(HTTPCharacters.isToken), "a header's name is a token")
        bytes += nameBytes
        bytes += [58, 32]
        bytes += value.utf8.map { $0 < 32 && $0 != 9 || $0 == 127 ? 32 : $0 }
        bytes += [13, 10]
    }

    package func adding(_ name: String, _ value: String) -> HTTPHeaders {
        var copy = self
        copy.add(name, value)
        return copy
    }

    package static let none = HTTPHeaders()
    package static let json: HTTPHeaders = ["Content-Type": "application/json"]
    package static let problem: HTTPHeaders = ["Content-Type": "application/problem+json"]
    package static let text: HTTPHeaders = ["Content-Type": "text/plain; charset=utf-8"]
}
