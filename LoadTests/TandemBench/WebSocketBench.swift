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
        let load = Load(loop, address, token: token, conversations, depth: depth)
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

    // Safe: touched on its loop only, and by its maker before and after.
    private final class Load: @unchecked Sendable {
        private let loop: EventLoop
        private let address: SocketAddress
        private let token: String
        private let conversations: [ConversationID]
        private let depth: Int
        private var sockets: [WebSocket] = []
        private var sentAt: [[UInt64]] = []
        private var numbers: [Int] = []
        private var latencies = Latencies()
        private var began: UInt64 = 0
        private var end: UInt64 = 0
        private var outstanding = 0
        private var done: ((Result<TurnBench.Run, any Error>) -> Void)?
        private static let text = String(repeating: "m", count: 256)
        private static let ack = Array("\"ack\"".utf8)

        init(
            _ loop: EventLoop, _ address: SocketAddress, token: String, _ conversations: [ConversationID], depth: Int
        ) {
            self.loop = loop
            self.address = address
            self.token = token
            self.conversations = conversations
            self.depth = depth
        }

        func run(seconds: Double, done: @escaping (Result<TurnBench.Run, any Error>) -> Void) {
            self.done = done
            for conversation in conversations {
                let headers: HTTPHeaders = ["Authorization": "Bearer \(token)"]
                WebSocket.connect(
                    on: loop, to: address, target: "/v1/live/customer?conversation=\(conversation)", headers: headers
                ) { [self] result in
                    switch result {
                    case .failure(let error): finish(.failure(error))
                    case .success(let socket): opened(socket, seconds)
                    }
                }
            }
        }

        private func opened(_ socket: WebSocket, _ seconds: Double) {
            let place = sockets.count
            sockets.append(socket)
            sentAt.append([])
            numbers.append(0)
            socket.onText = { [self] bytes in received(bytes, at: place) }
            socket.onClose = { [self] close in
                if self.done != nil { finish(.failure(TransportError(.connection, "closed: \(close.reason)"))) }
            }
            guard sockets.count == conversations.count else { return }
            began = EventLoop.monotonicNanoseconds()
            end = began + UInt64(seconds * 1e9)
            for place in sockets.indices { for _ in 0..<depth { send(at: place) } }
        }

        private func send(at place: Int) {
            numbers[place] += 1
            outstanding += 1
            sentAt[place].append(EventLoop.monotonicNanoseconds())
            sockets[place].send(text: "{\"type\":\"message\",\"id\":\"\(numbers[place])\",\"text\":\"\(Self.text)\"}")
        }

        /// Acknowledgements come in the order of the messages; what else comes is not counted.
        private func received(_ bytes: UnsafeRawBufferPointer, at place: Int) {
            guard bytes.prefix(24).indices.contains(where: { bytes[$0...].starts(with: Self.ack) }) else { return }
            let now = EventLoop.monotonicNanoseconds()
            latencies.record(now - sentAt[place].removeFirst())
            outstanding -= 1
            if now < end { return send(at: place) }
            guard outstanding == 0 else { return }
            let took = Double(now - began) / 1e9
            finish(.success(TurnBench.Run(rate: Double(latencies.count) / took, latencies: latencies)))
        }

        private func finish(_ result: Result<TurnBench.Run, any Error>) {
            done?(result)
            done = nil
            for socket in sockets { socket.close() }
        }
    }
}
