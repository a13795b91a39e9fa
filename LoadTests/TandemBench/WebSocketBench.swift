internal import TandemCore
internal import TandemGateway
internal import TandemTransport

/// Message posts as customers send them: WebSocket and JSON over 64 connections, the client on the same cores.
enum WebSocketBench {
    private static let connections = 64
    /// Messages that each connection has under way.
    private static let depth = 4

    static let benchmark = Benchmark(
        names: ["gateway.websocket.durable", "gateway.websocket.p99"],
        about: "message posts over 64 WebSockets, \(connections * depth) in flight"
    ) { effort in
        let scratch = try Scratch()
        let workplace = try await Workplace(at: scratch.path)
        var options = Gateway.Options(address: try SocketAddress(host: "127.0.0.1", port: 0))
        options.live = LiveEdge(node: workplace.node)
        let gateway = Gateway(node: workplace.node, options: options)
        let address = try gateway.start()
        let token = try await makeToken(workplace)
        let conversations = try await workplace.conversations(connections)
        let loop = try EventLoop(name: "load")
        loop.start()
        let lines = conversations.map { PostLoad.Line(address: address, token: token, conversation: "\($0)") }
        let load = PostLoad(loop, lines, depth: depth)
        let run = try await withCheckedThrowingContinuation { done in
            loop.run { load.run(seconds: min(effort.seconds, 30)) { done.resume(with: $0) } }
        }
        loop.stop()
        gateway.drain()
        await workplace.close()
        return [
            Figure(name: "gateway.websocket.durable", value: run.rate, unit: "commands/s"),
            Figure(name: "gateway.websocket.p99", value: run.latencies.percentile(0.99) / 1e6, unit: "ms"),
        ]
    }

    private static func makeToken(_ workplace: Workplace) async throws -> String {
        let secret = Token.makeSecret()
        let spec = CredentialSpec(
            tenant: workplace.tenant, role: .customer, customer: workplace.customer, label: "bench",
            secretDigest: Token.digest(secret))
        let raw = try await workplace.node.perform(.credential(nil, .create(spec))).actor.raw
        return Token(credential: CredentialID(raw: raw), secret: secret).text
    }
}
