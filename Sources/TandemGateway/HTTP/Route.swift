package import TandemAPI

/// One method of one path: what it needs, what it takes, what it answers, and who does it. The OpenAPI document is written
/// from the same values.
package struct Route: Sendable {
    package enum Method: String, Sendable, CaseIterable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case delete = "DELETE"
    }

    /// A part of the query; where it is left out, what the description says holds.
    package struct Parameter: Sendable {
        package let name: String
        package let schema: Schema
        package let description: String
        package init(_ name: String, _ schema: Schema, _ description: String) {
            self.name = name
            self.schema = schema
            self.description = description
        }
    }

    enum Part: Sendable {
        case skill, calendar, routingPolicy, slaPolicy, webhook, quarantine
    }

    package enum Body: Sendable {
        case none
        case json(any Described.Type)
    }

    package enum Reply: Sendable {
        case json(any Described.Type)
        case page(any Described.Type)
        /// A list whose lines are events.
        case text
        /// The OpenAPI document itself.
        case document
        /// Turns into a WebSocket.
        case webSocket
    }

    package let method: Method
    /// `/v1/queues/{queue}`.
    package let path: String
    package let operation: Operation
    package let summary: String
    /// The kind of identifier of each `{…}` in the path, in order: the prefix, or nil for free text.
    package let identifiers: [String?]
    package let query: [Parameter]
    package let body: Body
    package let status: Int
    package let reply: Reply
    /// Takes `If-Match`, answers `ETag`.
    package let isVersioned: Bool
    /// What the answer's part is, where it has one.
    let part: Part?
    let handler: @Sendable (Call) throws(Problem) -> Void

    init(
        _ method: Method, _ path: String, _ operation: Operation, _ summary: String, ids: [String?] = [],
        query: [Parameter] = [], body: Body = .none, status: Int = 200, reply: Reply, isVersioned: Bool = false,
        part: Part? = nil,
        handler: @escaping @Sendable (Call) throws(Problem) -> Void
    ) {
        precondition(path.split(separator: "/").count { $0.hasPrefix("{") } == ids.count, "each {} has its kind")
        self.method = method
        self.path = path
        self.operation = operation
        self.summary = summary
        identifiers = ids
        self.query = query
        self.body = body
        self.status = status
        self.reply = reply
        self.isVersioned = isVersioned
        self.part = part
        self.handler = handler
    }

    /// Writes take `Idempotency-Key`.
    package var isWrite: Bool { method != .get }

    /// The names between the braces, in order.
    package var pathParameters: [String] {
        path.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }
    }

    /// For `operationId`: the method and the words of the path.
    package var identifier: String {
        let words = path.split(separator: "/").map { $0.hasPrefix("{") ? "by-" + $0.dropFirst().dropLast() : $0[...] }
        let joined = words.flatMap { $0.split(whereSeparator: { "-.".contains($0) }) }
        return method.rawValue.lowercased()
            + joined.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }
}

extension Route.Parameter {
    static let limit = Route.Parameter("limit", .integer(1...500), "Lines of a page; 100 if left out.")
    static let cursor = Route.Parameter(
        "cursor", .string(min: 1, max: 256), "`next` of the page before; the first page if left out.")
    /// Handlers do not look at it: reading does.
    static let stale = Route.Parameter(
        "stale", .integer(1...60),
        "The answer may be so many seconds old, and is given without asking whoever leads where it is not older; nothing "
            + "that was acknowledged before is missing. If left out, nothing that was acknowledged at all.")
    static let tenant = Route.Parameter(
        "tenant", .id("ten"), "Whose; the token's own if left out, and required where it has none.")
}
