import Foundation
import TandemAPI
import TandemCore
import TandemGateway
import TandemRuntime
import TandemTransport
import Testing

/// A node with its gateway on loopback, and what most tests need in it: a tenant with a queue, an agent, a customer and a
/// token for everybody. Its files go when it does.
final class Centre: Sendable {
    struct Reply: Sendable {
        let status: Int
        let json: JSONValue
        let response: HTTPResponse

        var code: String? { json["code"]?.text }
        var field: String? { json["field"]?.text }
        var id: String { json["id"]?.text ?? "" }
        var items: [JSONValue] { json["items"]?.elements ?? [] }
    }

    let directory: String
    let loops: EventLoopGroup
    let node: Node
    let gateway: Gateway
    let client: HTTPClient
    let log: RequestLog
    let port: UInt16

    let administrator: String
    // Safe: all of these are set once, in `furnish`, before the centre is handed out.
    private(set) nonisolated(unsafe) var tenant = ""
    private(set) nonisolated(unsafe) var supervisor = ""
    private(set) nonisolated(unsafe) var queue = ""
    private(set) nonisolated(unsafe) var agent = ""
    private(set) nonisolated(unsafe) var agentToken = ""
    private(set) nonisolated(unsafe) var customer = ""
    private(set) nonisolated(unsafe) var customerToken = ""

    private init(
        directory: String, loops: EventLoopGroup, node: Node, gateway: Gateway, client: HTTPClient, log: RequestLog,
        port: UInt16, administrator: String
    ) {
        self.directory = directory
        self.loops = loops
        self.node = node
        self.gateway = gateway
        self.client = client
        self.log = log
        self.port = port
        self.administrator = administrator
    }

    /// Opens a centre, runs `body` in it, and closes it whatever happens.
    static func run(
        partitions: Int = 2, conformance: Bool = false, live: Bool = true, testClock: Int64? = nil,
        retentionDays: Int = 0, limits: TandemTransport.Limits = TandemTransport.Limits(),
        liveLimits: LiveLimits = LiveLimits(), _ body: (Centre) async throws -> Void
    ) async throws {
        let centre = try await open(
            partitions: partitions, conformance: conformance, live: live, testClock: testClock,
            retentionDays: retentionDays, limits: limits, liveLimits: liveLimits)
        do {
            try await body(centre)
        } catch {
            await centre.close()
            throw error
        }
        await centre.close()
    }

    private static func open(
        partitions: Int, conformance: Bool, live: Bool, testClock: Int64?, retentionDays: Int,
        limits: TandemTransport.Limits, liveLimits: LiveLimits
    ) async throws -> Centre {
        let directory = FileManager.default.temporaryDirectory.appending(path: "tandem-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let loops = try EventLoopGroup(count: 2)
        loops.start()
        var configuration = Node.Configuration(directory: directory)
        configuration.partitions = partitions
        configuration.testClock = testClock
        configuration.retentionDays = retentionDays
        let node = try Node(configuration, loops: loops)
        try await node.start()
        var options = Gateway.Options(address: try SocketAddress(host: "127.0.0.1", port: 0))
        options.isConformance = conformance
        options.limits = limits
        if live { options.live = LiveEdge(node: node, limits: liveLimits) }
        let log = RequestLog()
        options.onRequest = { log.add($0) }
        let gateway = Gateway(node: node, options: options)
        let address = try gateway.start()
        let client = try HTTPClient(host: "127.0.0.1", port: address.port)
        let token = try await firstToken(node)
        let centre = Centre(
            directory: directory, loops: loops, node: node, gateway: gateway, client: client, log: log,
            port: address.port, administrator: token)
        try centre.furnish()
        return centre
    }

    func close() async {
        gateway.drain(milliseconds: 1_000)
        await node.stop()
        loops.stop()
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// What a fresh node has to do by itself: nobody can make the first token over HTTP.
    private static func firstToken(_ node: Node) async throws -> String {
        let secret = Token.makeSecret()
        let spec = CredentialSpec(
            tenant: nil, role: .administrator, label: "first", secretDigest: Token.digest(secret))
        let id: CredentialID? = await withCheckedContinuation { done in
            node.submit(.credential(nil, .create(spec))) { outcome in
                guard case .answered(let answer, _) = outcome else { return done.resume(returning: nil) }
                done.resume(returning: CredentialID(raw: answer.actor.raw))
            }
        }
        return Token(credential: try #require(id), secret: secret).text
    }

    private func furnish() throws {
        tenant = try made(.init("POST", "/v1/tenants", #"{"name":"Acme"}"#, administrator)).id
        supervisor = try token("supervisor", #""tenant":"\#(tenant)""#)
        queue = try made(
            .init("POST", "/v1/queues", #"{"name":"Sales","wrapUp":{"type":"optional"}}"#, supervisor)
        ).id
        agent = try made(.init("POST", "/v1/agents", #"{"name":"Ann","queues":["\#(queue)"]}"#, supervisor)).id
        customer = try made(.init("POST", "/v1/customers", #"{"name":"Cyd"}"#, supervisor)).id
        agentToken = try token("agent", #""tenant":"\#(tenant)","agent":"\#(agent)""#)
        customerToken = try token("customer", #""tenant":"\#(tenant)","customer":"\#(customer)""#)
    }

    func token(_ role: String, _ more: String = "", by maker: String? = nil) throws -> String {
        let body = #"{"role":"\#(role)","label":"test"\#(more.isEmpty ? "" : ",")\#(more)}"#
        let reply = try made(.init("POST", "/v1/credentials", body, maker ?? administrator))
        return try #require(reply.json["token"]?.text)
    }

    // MARK: Asking

    struct Ask {
        var method: String
        var target: String
        var body: String?
        var token: String?
        var headers: [(String, String)]

        init(
            _ method: String, _ target: String, _ body: String? = nil, _ token: String? = nil,
            headers: [(String, String)] = []
        ) {
            self.method = method
            self.target = target
            self.body = body
            self.token = token
            self.headers = headers
        }
    }

    func send(_ ask: Ask) throws -> Reply {
        var headers = HTTPHeaders()
        if let token = ask.token { headers.add("Authorization", "Bearer \(token)") }
        let names = ask.headers.map { $0.0.lowercased() }
        if ask.body != nil, !names.contains("content-type") { headers.add("Content-Type", "application/json") }
        for (name, value) in ask.headers { headers.add(name, value) }
        let request = HTTPClientRequest(
            ask.method, ask.target, headers: headers, body: ask.body.map { Array($0.utf8) } ?? [])
        let response = try client.send(request)
        let json = (try? JSONValue(parsing: response.body, depthMax: 50)) ?? .null
        if ask.method != "HEAD" { check(json, of: ask, response.status) }
        return Reply(status: response.status, json: json, response: response)
    }

    /// Every answer of a route is what its description promises.
    private func check(_ json: JSONValue, of ask: Ask, _ status: Int) {
        let path = ask.target.prefix { $0 != "?" }.split(separator: "/").map(String.init)
        guard let route = Routes.all.first(where: { $0.method.rawValue == ask.method && $0.fits(path) }),
            status == route.status, let schema = route.replySchema
        else { return }
        do throws(FieldProblem) {
            try schema.check(json)
        } catch {
            Issue.record("\(ask.method) \(ask.target): \(error)")
        }
    }

    func get(_ target: String, _ token: String) throws -> Reply { try send(.init("GET", target, nil, token)) }

    func post(_ target: String, _ body: String? = nil, _ token: String) throws -> Reply {
        try send(.init("POST", target, body, token))
    }

    /// Sends what must succeed.
    @discardableResult
    func made(_ ask: Ask, at location: SourceLocation = #_sourceLocation) throws -> Reply {
        let reply = try send(ask)
        let text = reply.response.text
        try #require(
            (200..<300).contains(reply.status), "\(ask.method) \(ask.target): \(reply.status) \(text)",
            sourceLocation: location)
        return reply
    }

    /// Asks until `isTrue`, because what follows from a command by itself may come a moment later.
    func eventually(
        _ target: String, _ token: String, at location: SourceLocation = #_sourceLocation,
        _ isTrue: (Reply) -> Bool
    ) throws -> Reply {
        var last = try get(target, token)
        let deadline = EventLoop.monotonicNanoseconds() + 10_000_000_000
        while !isTrue(last), EventLoop.monotonicNanoseconds() < deadline { last = try get(target, token) }
        try #require(isTrue(last), "\(target): \(last.response.text)", sourceLocation: location)
        return last
    }

    // MARK: Scenes

    func setPresence(_ presence: String = "available") throws {
        try made(.init("PUT", "/v1/agents/\(agent)/presence", #"{"presence":"\#(presence)"}"#, agentToken))
    }

    /// A conversation of the customer with a contact that waits, or is offered when the agent is there.
    func openConversation() throws -> (conversation: String, contact: String) {
        let body = #"{"contact":{"channel":"chat","queue":"\#(queue)","message":{"text":"Hello"}}}"#
        let reply = try made(.init("POST", "/v1/conversations", body, customerToken))
        return (reply.id, try #require(reply.json["contact"]?.text))
    }

    /// The agent's pending offer for a contact.
    func offer(of contact: String) throws -> String {
        let reply = try eventually("/v1/agents/\(agent)/offers", agentToken) { reply in
            reply.items.contains { $0["contact"]?.text == contact && $0["outcome"] == nil }
        }
        return try #require(reply.items.first { $0["contact"]?.text == contact }?["id"]?.text)
    }

    /// The customer talks with the agent.
    func connect() throws -> (conversation: String, contact: String, offer: String) {
        try setPresence()
        let (conversation, contact) = try openConversation()
        let offer = try offer(of: contact)
        try made(.init("POST", "/v1/offers/\(offer)/accept", nil, agentToken))
        return (conversation, contact, offer)
    }

    /// The entries committed in all partitions.
    func committed() throws -> [Int64] {
        let status = try made(.init("GET", "/v1/node/status", nil, administrator))
        return (status.json["partitions"]?.elements ?? []).compactMap { $0["committed"]?.whole }
    }
}

extension Route {
    fileprivate func fits(_ parts: [String]) -> Bool {
        let pattern = path.split(separator: "/")
        return pattern.count == parts.count
            && zip(pattern, parts).allSatisfy { $0 == $1 || ($0.hasPrefix("{") && !Self.words.contains($1)) }
    }

    /// Parts that are never an identifier.
    private static let words = Set(Routes.all.flatMap { $0.path.split(separator: "/").map(String.init) })
}

/// The lines a gateway has logged.
// Safe: `lines` is touched under `lock` only.
final class RequestLog: @unchecked Sendable {
    private let lock = NSLock()
    private var lines: [RequestLine] = []

    func add(_ line: RequestLine) { lock.withLock { lines.append(line) } }
    var all: [RequestLine] { lock.withLock { lines } }
}
