internal import TandemAPI
internal import TandemCore

/// One route as an operation of the OpenAPI document.
struct OpenAPIOperation {
    private let route: Route

    init(_ route: Route) { self.route = route }

    func write(_ writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("operationId", route.identifier)
        writer.field("summary", route.summary)
        writer.field("description", rights)
        writer.field("tags", [tag])
        if route.operation == .open {
            writer.key("security")
            writer.beginArray()
            writer.endArray()
        }
        let places = self.places
        if !places.isEmpty {
            writer.key("parameters")
            writer.beginArray()
            for place in places { parameter(place, &writer) }
            writer.endArray()
        }
        if case .json(let type) = route.body {
            writer.key("requestBody")
            writer.beginObject()
            writer.field("required", true)
            writer.content("application/json", .named(type))
            writer.endObject()
        }
        writer.key("responses")
        responses(&writer)
        writer.endObject()
    }

    // MARK: Parameters

    private struct Place {
        let name: String
        let location: StaticString
        let schema: Schema
        var description = ""
    }

    private var places: [Place] {
        var places = zip(route.pathParameters, route.identifiers).map { name, prefix in
            Place(name: name, location: "path", schema: prefix.map { .id($0) } ?? .string(min: 1, max: 64))
        }
        places += route.query.map {
            Place(name: $0.name, location: "query", schema: $0.schema, description: $0.description)
        }
        if route.isWrite {
            places.append(
                Place(
                    name: "Idempotency-Key", location: "header", schema: .string(min: 1, max: 255),
                    description: "The same key and request within ten minutes is done once and answered alike."))
        }
        if route.isVersioned {
            let description =
                route.isWrite
                ? "The version that was seen; with another one now it is refused with 412."
                : "The version that is known; it is answered with 304."
            places.append(
                Place(
                    name: route.isWrite ? "If-Match" : "If-None-Match", location: "header",
                    schema: .string(min: 1, max: route.isWrite ? 64 : 8_192), description: description))
        }
        return places
    }

    private func parameter(_ place: Place, _ writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("name", place.name)
        writer.field("in", word: place.location)
        writer.field("required", place.location.description == "path")
        if !place.description.isEmpty { writer.field("description", place.description) }
        writer.key("schema")
        place.schema.write(&writer)
        writer.endObject()
    }

    // MARK: Answers

    private func responses(_ writer: inout JSONWriter) {
        writer.beginObject()
        writer.key(dynamic: "\(route.status)")
        writer.beginObject()
        writer.field("description", success)
        if route.isVersioned || route.isWrite {
            writer.key("headers")
            writer.beginObject()
            if route.isVersioned { header("ETag", "The version.", #"{"type":"string"}"#, &writer) }
            if route.isWrite {
                header(
                    "Idempotent-Replayed", "There when the answer is that of an earlier request with the same key.",
                    #"{"const":"true"}"#, &writer)
            }
            writer.endObject()
        }
        if let schema = route.replySchema {
            writer.content("application/json", schema)
        } else if case .text = route.reply {
            writer.content("text/plain", .text)
        }
        writer.endObject()
        if route.isVersioned, !route.isWrite { described("304", "It is the version in `If-None-Match`.", &writer) }
        if route.path == "/readyz" { described("503", "It does not; the text says why.", &writer) }
        for status in route.problems {
            writer.key(dynamic: "\(status)")
            writer.beginObject()
            writer.field("$ref", "#/components/responses/Problem\(status)")
            writer.endObject()
        }
        writer.key("default")
        writer.raw(Array(##"{"$ref":"#/components/responses/Transport"}"##.utf8))
        writer.endObject()
    }

    private func header(_ name: StaticString, _ text: String, _ schema: String, _ writer: inout JSONWriter) {
        writer.key(name)
        writer.beginObject()
        writer.field("description", text)
        writer.key("schema")
        writer.raw(Array(schema.utf8))
        writer.endObject()
    }

    private func described(_ status: String, _ text: String, _ writer: inout JSONWriter) {
        writer.key(dynamic: status)
        writer.beginObject()
        writer.field("description", text)
        writer.endObject()
    }

    private var success: String {
        switch route.reply {
        case .webSocket: "The connection is a WebSocket from here on."
        case .json, .page, .document, .text: route.status == 201 ? "It was made." : "Done."
        }
    }

    private var rights: String {
        guard route.operation != .open else { return "For everybody; no token is needed." }
        let reaches = Role.allCases.compactMap { role -> String? in
            switch route.operation.reach(of: role) {
            case .none: nil
            case .own: "\(role.text) (what is its own)"
            case .tenant: role.text
            case .node: "\(role.text) (of the node, without a tenant)"
            }
        }
        return "For: \(reaches.joined(separator: ", "))."
    }

    private var tag: String {
        let parts = route.path.split(separator: "/")
        return parts.first == "v1" ? parts.dropFirst().first.map(String.init) ?? "v1" : "system"
    }
}
