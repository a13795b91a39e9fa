/// The methods a server of ours knows by name.
package enum HTTPMethod: UInt8, Sendable {
    case get, head, post, put, patch, delete, options, trace, other

    init(_ name: UnsafeRawBufferPointer) {
        func equals(_ text: StaticString) -> Bool {
            name.count == text.utf8CodeUnitCount
                && zip(name, UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)).allSatisfy(==)
        }
        switch name.first {
        case UInt8(ascii: "G") where equals("GET"): self = .get
        case UInt8(ascii: "H") where equals("HEAD"): self = .head
        case UInt8(ascii: "P") where equals("POST"): self = .post
        case UInt8(ascii: "P") where equals("PUT"): self = .put
        case UInt8(ascii: "P") where equals("PATCH"): self = .patch
        case UInt8(ascii: "D") where equals("DELETE"): self = .delete
        case UInt8(ascii: "O") where equals("OPTIONS"): self = .options
        case UInt8(ascii: "T") where equals("TRACE"): self = .trace
        default: self = .other  // Methods are case-sensitive; the handler decides about others.
        }
    }
}

/// A whole request, checked: its head as it came (one allocation), and its body.
package struct HTTPRequest: Sendable {
    package let method: HTTPMethod
    /// HTTP/1.0: no keep-alive unless asked for, no chunks.
    package let isVersion10: Bool
    /// The client lets the connection go on after the answer.
    package let keepsAlive: Bool
    /// The client would like to go on as a WebSocket; nothing after it is read as HTTP until it is answered.
    package let asksForUpgrade: Bool
    let head: [UInt8]
    private let methodRange: Range<Int>
    private let pathRange: Range<Int>
    private let queryRange: Range<Int>?
    package let headers: HTTPFields
    /// De-chunked.
    package let body: [UInt8]
    /// What followed a chunked body; never part of `headers`.
    package let trailers: HTTPFields

    init(_ head: HTTPHead, bytes: [UInt8], body: [UInt8], trailers: HTTPFields) {
        method = head.method
        isVersion10 = head.isVersion10
        keepsAlive = head.keepsAlive
        asksForUpgrade = head.asksForUpgrade
        self.head = bytes
        methodRange = head.methodRange
        pathRange = head.pathRange
        queryRange = head.queryRange
        headers = HTTPFields(bytes, start: head.fieldsStart, end: bytes.count - 2)
        self.body = body
        self.trailers = trailers
    }

    /// The method as it was written.
    package var methodName: String { String(decoding: head[methodRange], as: UTF8.self) }

    /// The path as it was written, percent signs and all; `/` for an absolute target without one, `*` for a server-wide
    /// `OPTIONS`.
    package var path: String {
        pathRange.isEmpty ? (method == .options ? "*" : "/") : String(decoding: head[pathRange], as: UTF8.self)
    }

    /// What follows the `?`, as it was written.
    package var query: String? { queryRange.map { String(decoding: head[$0], as: UTF8.self) } }

    /// Does the path equal `text`, to the byte? Does not allocate.
    package func pathEquals(_ text: StaticString) -> Bool {
        guard pathRange.count == text.utf8CodeUnitCount else { return false }
        return head.withUnsafeBufferPointer { head in
            for index in 0..<pathRange.count where head[pathRange.lowerBound + index] != text.utf8Start[index] {
                return false
            }
            return true
        }
    }

    /// The parts of the path between its slashes, decoded; nil when one is not valid. `/a//b` has an empty part.
    package var pathComponents: [String]? {
        guard !pathRange.isEmpty, head[pathRange.lowerBound] == 47 else { return [] }
        let parts = head[(pathRange.lowerBound + 1)..<pathRange.upperBound]
        guard !parts.isEmpty else { return [] }
        var components: [String] = []
        for part in parts.split(separator: 47, omittingEmptySubsequences: false) {
            guard let component = HTTPCharacters.percentDecoded(part) else { return nil }
            components.append(component)
        }
        return components
    }

    /// The query's `name=value` pairs, decoded, in their order; nil when one is not valid.
    package var queryItems: [(name: String, value: String)]? {
        guard let queryRange else { return [] }
        var items: [(name: String, value: String)] = []
        for part in head[queryRange].split(separator: 38) {
            let equals = part.firstIndex(of: 61) ?? part.endIndex
            let rest = equals == part.endIndex ? part[equals...] : part[(equals + 1)...]
            guard let name = HTTPCharacters.percentDecoded(part[..<equals], plusIsSpace: true),
                let value = HTTPCharacters.percentDecoded(rest, plusIsSpace: true)
            else { return nil }
            items.append((name, value))
        }
        return items
    }

    /// The first value of a query item, decoded.
    package func queryItem(_ name: String) -> String? { queryItems?.first { $0.name == name }?.value }

    /// The first header with this name.
    package func header(_ name: String) -> String? { headers.first(name) }
}
