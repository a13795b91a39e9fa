package import TandemAPI
internal import TandemCore
internal import TandemRuntime
package import TandemTransport

/// One request on its way: what was asked, by whom, and how it is answered. Handlers get it once everything that can be
/// known without looking at state is checked.
package struct Call: Sendable {
    package let gateway: Gateway
    package let route: Route
    package let request: HTTPRequest
    package let responder: HTTPResponder
    /// Nil only where the operation is `open`.
    package internal(set) var caller: Caller?
    /// The identifiers of the path, in order.
    let identifiers: [String]
    /// The query, checked against the route's parameters.
    var query: [String: String]
    let trace: TraceContext
    /// The answer is that of an earlier request with the same idempotency key; it says so in a header.
    var isRepeated = false
    let startedNanoseconds: UInt64

    // MARK: What was asked

    /// The caller; operations that are open never ask.
    func requireCaller() throws(Problem) -> Caller {
        guard let caller else { throw Problem(.unauthenticated) }
        return caller
    }

    /// The identifier at a place of the path; what is none names nothing.
    func id<Kind>(_ place: Int = 0, as _: Identifier<Kind>.Type = Identifier<Kind>.self) throws(Problem)
        -> Identifier<Kind>
    {
        guard let id = Identifier<Kind>(identifiers[place]), gateway.node.hasPartition(id.partition) else {
            throw Problem(.notFound)
        }
        return id
    }

    func text(_ place: Int = 0) -> String { identifiers[place] }

    func parameter<Kind>(_ name: String, as _: Identifier<Kind>.Type = Identifier<Kind>.self) -> Identifier<Kind>? {
        query[name].flatMap { Identifier<Kind>($0) }
    }

    func time(_ name: String) -> Timestamp? { query[name].flatMap(TimestampText.parse) }

    var limit: Int { query["limit"].flatMap { Int($0) } ?? 100 }

    /// Whose things are meant: the caller's tenant, or the one it names. Another's does not exist for it.
    func tenant() throws(Problem) -> TenantID {
        let caller = try requireCaller()
        let named: TenantID? = parameter("tenant")
        guard let tenant = named ?? caller.tenant else {
            throw Problem(.missingField, field: "tenant", detail: "The token belongs to no tenant: name one.")
        }
        guard caller.sees(tenant), gateway.node.hasPartition(tenant.partition) else { throw Problem(.notFound) }
        return tenant
    }

    func body<Body: Described>(_: Body.Type = Body.self) throws(Problem) -> Body {
        do throws(FieldProblem) {
            return try Body.decode(request.body)
        } catch {
            throw Problem(error)
        }
    }

    /// The version in `If-Match`; nil where any will do.
    func expectedVersion() throws(Problem) -> UInt32? {
        guard let text = request.header("If-Match") else { return nil }
        if text == "*" { return nil }
        let bare = text.hasPrefix("W/") ? text.dropFirst(2) : text[...]
        guard bare.hasPrefix("\""), bare.hasSuffix("\""), bare.count > 2,
            let version = UInt32(bare.dropFirst().dropLast())
        else { throw Problem(.preconditionMalformed, field: "If-Match", detail: "Expected: a version like \"3\".") }
        return version
    }

    /// Where lists go on; what is no cursor of ours is refused.
    func cursor(parts count: Int) throws(Problem) -> [String]? {
        guard let text = query["cursor"] else { return nil }
        guard let parts = Cursor.parse(text), parts.count == count else {
            throw Problem(.invalid, field: "cursor", detail: "Expected: `next` of a page of this list.")
        }
        return parts
    }

    func cursor<Kind>(as _: Identifier<Kind>.Type = Identifier<Kind>.self) throws(Problem) -> Identifier<Kind>? {
        guard let parts = try cursor(parts: 1) else { return nil }
        guard let id = Identifier<Kind>(parts[0]) else {
            throw Problem(.invalid, field: "cursor", detail: "Expected: `next` of a page of this list.")
        }
        return id
    }

    func number(cursor: String) throws(Problem) -> Int64 {
        guard let number = Int64(cursor) else {
            throw Problem(.invalid, field: "cursor", detail: "Expected: `next` of a page of this list.")
        }
        return number
    }

    // MARK: Answers; each call is answered once

    func answer(_ bytes: [UInt8], status: Int? = nil, headers: HTTPHeaders = .json) {
        let status = status ?? route.status
        observe(status, nil)
        let headers = isRepeated ? headers.adding("Idempotent-Replayed", "true") : headers
        responder.respond(status: status, headers: trace.adding(to: headers), body: bytes)
    }

    func answer(_ body: some Described, status: Int? = nil, headers: HTTPHeaders = .json) {
        answer(body.encoded(), status: status, headers: headers)
    }

    /// Settings with their version; 304 where the client has this one already.
    func answer(_ body: some Described, version: UInt32) {
        let tag = "\"\(version)\""
        let headers = HTTPHeaders.json.adding("ETag", tag)
        let known = request.header("If-None-Match")?.split(separator: ",").map { part in
            let tag = part.drop { $0 == " " }
            return tag.hasPrefix("W/") ? tag.dropFirst(2) : tag
        }
        if route.method == .get, let known, known.contains("*") || known.contains(tag[...]) {
            return answer([], status: 304, headers: headers)
        }
        answer(body, headers: headers)
    }

    /// A page; `write` puts one item into the open array.
    func answer<Item>(page items: [Item], next: String?, write: (inout JSONWriter, Item) -> Void) {
        var writer = JSONWriter(reserving: 64 + items.count * 256)
        writer.beginObject()
        writer.key("items")
        writer.beginArray()
        for item in items { write(&writer, item) }
        writer.endArray()
        writer.field("next", ifPresent: next)
        writer.endObject()
        answer(writer.bytes)
    }

    func answer<Item: Described>(page items: [Item], next: String?) {
        answer(page: items, next: next) { $0.raw($1.encoded()) }
    }

    /// Counts the answer and puts it into the log.
    package func observe(_ status: Int, _ code: ErrorCode?) {
        gateway.observe(request, route, status, code, caller?.credential, trace, since: startedNanoseconds)
    }

    package func refuse(_ problem: Problem) {
        observe(problem.status, problem.code)
        gateway.respond(problem, to: request, responder, trace)
    }
}
