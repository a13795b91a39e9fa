internal import TandemTransport

/// Customers who post messages over WebSockets, each with so many under way, to whatever nodes.
// Safe: touched on its loop only, and by its maker before and after.
final class PostLoad: @unchecked Sendable {
    /// One customer's live session.
    struct Line: Sendable {
        let address: SocketAddress
        let token: String
        let conversation: String
    }

    private let loop: EventLoop
    private let lines: [Line]
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

    init(_ loop: EventLoop, _ lines: [Line], depth: Int) {
        self.loop = loop
        self.lines = lines
        self.depth = depth
    }

    func run(seconds: Double, done: @escaping (Result<TurnBench.Run, any Error>) -> Void) {
        self.done = done
        for line in lines {
            let headers: HTTPHeaders = ["Authorization": "Bearer \(line.token)"]
            WebSocket.connect(
                on: loop, to: line.address, target: "/v1/live/customer?conversation=\(line.conversation)",
                headers: headers
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
        guard sockets.count == lines.count else { return }
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
