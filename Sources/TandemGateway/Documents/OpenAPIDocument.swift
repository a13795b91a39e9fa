package import TandemAPI
internal import TandemCore

/// The OpenAPI 3.1 document, written from the routes themselves: what is not in it is not served, and what is served is in
/// it.
package struct OpenAPIDocument {
    private let routes: [Route]
    private let version: String

    package init(routes: [Route], version: String) {
        self.routes = routes
        self.version = version
    }

    package var bytes: [UInt8] {
        var writer = JSONWriter(reserving: 131_072)
        writer.beginObject()
        writer.field("openapi", "3.1.0")
        info(&writer)
        writer.key("security")
        writer.raw(Array(#"[{"bearer":[]}]"#.utf8))
        writer.key("paths")
        paths(&writer)
        writer.key("components")
        OpenAPIComponents(routes).write(&writer)
        writer.endObject()
        return writer.bytes
    }

    private func info(_ writer: inout JSONWriter) {
        writer.key("info")
        writer.beginObject()
        writer.field("title", "Tandem")
        writer.field("version", version)
        writer.field(
            "description",
            """
            A contact-centre runtime. Lengths of time are whole milliseconds, moments RFC 3339 in UTC, identifiers \
            three letters and thirteen base-32 digits. Every answer from 400 on is a problem document (RFC 9457) with \
            a stable `code`.
            """)
        writer.key("license")
        writer.raw(Array(#"{"name":"Apache-2.0","identifier":"Apache-2.0"}"#.utf8))
        writer.endObject()
    }

    private func paths(_ writer: inout JSONWriter) {
        var order: [String] = []
        var byPath: [String: [Route]] = [:]
        for route in routes {
            if byPath[route.path] == nil { order.append(route.path) }
            byPath[route.path, default: []].append(route)
        }
        writer.beginObject()
        for path in order {
            writer.key(dynamic: path)
            writer.beginObject()
            for route in byPath[path] ?? [] {
                writer.key(dynamic: route.method.rawValue.lowercased())
                OpenAPIOperation(route).write(&writer)
            }
            writer.endObject()
        }
        writer.endObject()
    }
}

extension JSONWriter {
    /// The `content` of a body.
    mutating func content(_ type: String, _ schema: Schema) {
        key("content")
        beginObject()
        key(dynamic: type)
        beginObject()
        key("schema")
        schema.write(&self)
        endObject()
        endObject()
    }
}

extension Route {
    /// The schema of what it answers in JSON.
    package var replySchema: Schema? {
        switch reply {
        case .json(let type): .named(type)
        case .page(let type): type.pageSchema
        case .document: .anything
        case .text, .webSocket: nil
        }
    }

    /// The statuses of problems that it may answer.
    var problems: [Int] {
        if path == "/readyz" { return [] }
        guard operation != .open else { return [] }
        var statuses: Set<Int> = [400, 401, 403, 404, 503]
        if isWrite { statuses.formUnion([409, 422, 500, 504]) }
        if case .json = body { statuses.insert(415) }
        if isVersioned, isWrite { statuses.insert(412) }
        if case .webSocket = reply { statuses.insert(426) }
        return statuses.sorted()
    }
}

extension Described {
    fileprivate static var pageSchema: Schema { .page(of: Self.self) }
}
