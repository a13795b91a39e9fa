internal import TandemAPI
internal import TandemCore
internal import TandemTransport

// From a request to its handler: route, query, type of the body, token, right. Whatever does not fit is answered here.
extension Gateway {
    func handle(_ request: HTTPRequest, _ responder: HTTPResponder) {
        if request.method == .get, request.pathEquals("/livez") {
            return responder.respond(status: 200, headers: .text, body: Self.alive)
        }
        if options.isConformance, request.pathEquals("/conformance/echo") {
            return ConformanceEcho.answer(request, responder)
        }
        let started = EventLoop.monotonicNanoseconds()
        let trace = TraceContext(request)
        func turnAway(_ problem: Problem, allowing allowed: String? = nil) {
            observe(request, nil, problem.status, problem.code, nil, trace, since: started)
            respond(problem, to: request, responder, trace, allowing: allowed)
        }
        guard let parts = request.pathComponents else {
            return turnAway(Problem(.invalid, detail: "The path is not well formed."))
        }
        switch table.match(request.method, parts) {
        case .nothing: turnAway(Problem(.notFound, detail: "There is no such path."))
        case .otherMethods(let allowed):
            let list = allowed.joined(separator: ", ")
            guard request.method == .options else { return turnAway(Problem(.methodNotAllowed), allowing: list) }
            observe(request, nil, 204, nil, nil, trace, since: started)
            responder.respond(status: 204, headers: ["Allow": list])
        case .found(let route, let identifiers):
            var call = Call(
                gateway: self, route: route, request: request, responder: responder, caller: nil,
                identifiers: identifiers, query: [:], trace: trace, startedNanoseconds: started)
            if route.operation != .open { return identify(call) }
            do throws(Problem) {
                call.query = try Self.check(request, for: route)
            } catch {
                return call.refuse(error)
            }
            call.run()
        }
    }

    /// Counts an answer and hands it to the log; `route` is nil where none fits.
    func observe(
        _ request: HTTPRequest, _ route: Route?, _ status: Int, _ code: ErrorCode?, _ credential: CredentialID?,
        _ trace: TraceContext, since started: UInt64
    ) {
        metrics.record(isWrite: route?.isWrite ?? false, status: status, since: started)
        options.onRequest?(
            RequestLine(
                method: request.methodName, route: route?.path, status: status, code: code?.rawValue,
                credential: credential, traceparent: trace.parent,
                microseconds: (EventLoop.monotonicNanoseconds() &- started) / 1_000))
    }

    static let alive = Array("ok\n".utf8)

    /// Looks at the token, then at the right, and only then at what was sent: a stranger learns nothing from it.
    private func identify(_ anonymous: Call) {
        guard let text = Self.bearer(anonymous.request) else {
            return anonymous.refuse(Problem(.unauthenticated, detail: "Send `Authorization: Bearer <token>`."))
        }
        guard let token = Token(text) else {
            return anonymous.refuse(Problem(.unauthenticated, detail: "The token is not well formed."))
        }
        let tellsOfNode = anonymous.route.operation == .operateNode && !anonymous.route.isWrite
        authenticator.authenticate(token, mayBeOld: tellsOfNode) { result in
            var call = anonymous
            do throws(Problem) {
                let caller = try result.get()
                call.caller = caller
                guard caller.reach(call.route.operation) != .none else { throw Problem(.forbidden) }
                call.query = try Self.check(call.request, for: call.route)
            } catch {
                return call.refuse(error)
            }
            call.run()
        }
    }

    /// The token of a request. Browsers cannot set headers on a WebSocket: they offer the subprotocol
    /// `bearer.<token>` beside `tandem`, or send `access_token` in the query.
    private static func bearer(_ request: HTTPRequest) -> String? {
        if let header = request.header("Authorization") {
            let parts = header.split(separator: " ", omittingEmptySubsequences: true)
            guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
            return String(parts[1])
        }
        guard request.asksForUpgrade else { return nil }
        let offered = request.headers.all("Sec-WebSocket-Protocol").flatMap { $0.split(separator: ",") }
        for protocolName in offered {
            let name = protocolName.drop { $0 == " " }
            if name.hasPrefix("bearer.") { return String(name.dropFirst("bearer.".count).prefix { $0 != " " }) }
        }
        return request.queryItem("access_token")
    }

    // MARK: What can be checked without state

    private static func check(_ request: HTTPRequest, for route: Route) throws(Problem) -> [String: String] {
        if route.isWrite { try checkKey(request) }
        try checkBody(request, for: route)
        if case .webSocket = route.reply, let refusal = WebSocketHandshake.refusal(of: request) {
            throw Problem(
                refusal.status == 426 ? .upgradeRequired : .invalid, field: refusal.header, detail: refusal.reason)
        }
        guard let items = request.queryItems else {
            throw Problem(.invalid, detail: "The query is not well formed.")
        }
        var query: [String: String] = [:]
        for item in items {
            guard let parameter = route.query.first(where: { $0.name == item.name }) else {
                throw Problem(.unknownParameter, field: item.name)
            }
            guard query.updateValue(item.value, forKey: item.name) == nil else {
                throw Problem(.invalid, field: item.name, detail: "It stands there twice.")
            }
            do throws(FieldProblem) {
                try parameter.schema.check(parameter.value(item.value), at: item.name)
            } catch {
                throw Problem(error)
            }
        }
        return query
    }

    private static func checkKey(_ request: HTTPRequest) throws(Problem) {
        guard let key = request.header("Idempotency-Key") else { return }
        guard (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ (33...126).contains($0) }) else {
            throw Problem(.idempotencyKeyMalformed, field: "Idempotency-Key")
        }
    }

    private static func checkBody(_ request: HTTPRequest, for route: Route) throws(Problem) {
        switch route.body {
        case .json:
            let type = request.header("Content-Type")?.prefix { $0 != ";" && $0 != " " }.lowercased()
            guard type == "application/json" else {
                throw Problem(.unsupportedMediaType, field: "Content-Type", detail: "Send `application/json`.")
            }
        case .none:
            // A client may send `{}` where nothing is asked for; anything more would be ignored, which is worse.
            guard route.isWrite, !request.body.isEmpty else { return }
            let value: JSONValue
            do throws(JSONError) {
                value = try JSONValue(parsing: request.body)
            } catch {
                throw Problem(.malformedJSON, detail: error.description)
            }
            if let key = value.keys.first { throw Problem(.unknownField, field: key) }
            guard case .object = value else { throw Problem(.invalid, detail: "This request takes no body.") }
        }
    }

    // MARK: Problems

    func respond(
        _ problem: Problem, to request: HTTPRequest, _ responder: HTTPResponder, _ trace: TraceContext,
        allowing allowed: String? = nil
    ) {
        var headers = HTTPHeaders.problem
        if problem.status == 401 { headers.add("WWW-Authenticate", Self.challenge(problem.code)) }
        if let seconds = problem.code.retryAfterSeconds { headers.add("Retry-After", "\(seconds)") }
        if let allowed { headers.add("Allow", allowed) }
        if problem.status == 426 { for (name, value) in WebSocketHandshake.needed { headers.add(name, value) } }
        var problem = problem
        problem.instance = String(request.path.prefix(1_024))
        var writer = JSONWriter()
        problem.write(&writer)
        responder.respond(status: problem.status, headers: trace.adding(to: headers), body: writer.bytes)
    }

    /// RFC 6750, 3: a request without any token gets no error code.
    private static func challenge(_ code: ErrorCode) -> String {
        code == .unauthenticated ? "Bearer realm=\"tandem\"" : "Bearer realm=\"tandem\", error=\"invalid_token\""
    }
}

extension Route.Parameter {
    /// A value of the query as the JSON its schema speaks of.
    func value(_ text: String) -> JSONValue {
        switch schema {
        case .integer, .choice: Int64(text).map { .integer($0) } ?? .string(text)
        case .boolean: text == "true" ? .boolean(true) : text == "false" ? .boolean(false) : .string(text)
        case .string, .word, .id, .time, .day, .clock, .number, .array, .object, .map, .union, .named, .anything:
            .string(text)
        }
    }
}

extension Call {
    /// Hands the call to its handler, and answers what that refuses at once.
    func run() {
        do throws(Problem) {
            try route.handler(self)
        } catch {
            refuse(error)
        }
    }
}
