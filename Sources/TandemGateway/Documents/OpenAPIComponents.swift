internal import TandemAPI
internal import TandemTransport

/// What the operations refer to: every type they take or answer, every status of problems, the token.
struct OpenAPIComponents {
    private let routes: [Route]

    init(_ routes: [Route]) { self.routes = routes }

    func write(_ writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("schemas")
        writer.beginObject()
        for (name, type) in types.sorted(by: { $0.key < $1.key }) {
            writer.key(dynamic: name)
            type.schema.write(&writer, description: type.schemaDescription)
        }
        writer.endObject()
        writer.key("responses")
        writer.beginObject()
        for status in Set(routes.flatMap(\.problems)).sorted() { problem(status, &writer) }
        transportProblem(&writer)
        writer.endObject()
        writer.key("securitySchemes")
        writer.raw(
            Array(#"{"bearer":{"type":"http","scheme":"bearer","description":"A token from /v1/credentials."}}"#.utf8))
        writer.endObject()
    }

    private var types: [String: any Described.Type] {
        var types: [String: any Described.Type] = [:]
        Schema.named(Problem.self).collect(into: &types)
        Schema.named(TransportProblem.self).collect(into: &types)
        for route in routes {
            if case .json(let type) = route.body { Schema.named(type).collect(into: &types) }
            route.replySchema?.collect(into: &types)
        }
        return types
    }

    private func transportProblem(_ writer: inout JSONWriter) {
        let statuses = Set(HTTPServer.problemCodes.map(\.status)).sorted().map { "\($0)" }
        writer.key("Transport")
        writer.beginObject()
        writer.field(
            "description", "Not answered by the API but by the transport: \(statuses.joined(separator: ", ")).")
        writer.content("application/problem+json", .named(TransportProblem.self))
        writer.endObject()
    }

    private func problem(_ status: Int, _ writer: inout JSONWriter) {
        let codes = ErrorCode.allCases.filter { $0.status == status }.map { "`\($0.rawValue)`" }
        writer.key(dynamic: "Problem\(status)")
        writer.beginObject()
        writer.field("description", "Codes: \(codes.joined(separator: ", ")).")
        writer.content("application/problem+json", .named(Problem.self))
        writer.endObject()
    }
}
