extension WebSocket {
    /// Connects and shakes hands; on `loop`. `completion` is called there once, with a WebSocket that is open and hands out
    /// messages only after it has returned, so that callbacks can be set in it.
    package static func connect(
        on loop: EventLoop, to address: SocketAddress, target: String = "/", headers: HTTPHeaders = .none,
        subprotocols: [String] = [], tls: TLSContext? = nil, serverName: String = "localhost",
        limits: Limits = Limits(), metrics: TransportMetrics = TransportMetrics(),
        completion: @escaping (Result<WebSocket, TransportError>) -> Void
    ) {
        do throws(TransportError) {
            let session = try tls.map { context throws(TransportError) in
                try TLSSession(context, serverName: serverName)
            }
            let connection = try Connection.connecting(
                to: address, loop: loop, tls: session, limits: limits, metrics: metrics)
            let key = Base64.encode(Secret.random(16))
            let request = WebSocketHandshake.request(
                target: target, key: key, headers: headers, subprotocols: subprotocols)
            let connector = WebSocketConnector(
                request, key: key, host: address.description, subprotocols: subprotocols, limits: limits,
                completion: completion)
            try connection.start(connector)
            connector.keepTime(connection)
        } catch {
            completion(.failure(error))
        }
    }
}

/// Owns a connection from its making to the end of the opening handshake.
private final class WebSocketConnector: ConnectionOwner {
    private let request: HTTPClientRequest
    private let key: String
    private let host: String
    private let subprotocols: [String]
    private let limits: Limits
    private var parser: HTTPResponseParser
    private var deadline: Deadline?
    private var completion: ((Result<WebSocket, TransportError>) -> Void)?

    init(
        _ request: HTTPClientRequest, key: String, host: String, subprotocols: [String], limits: Limits,
        completion: @escaping (Result<WebSocket, TransportError>) -> Void
    ) {
        self.request = request
        self.key = key
        self.host = host
        self.subprotocols = subprotocols
        self.limits = limits
        self.completion = completion
        parser = HTTPResponseParser(limits: limits)
    }

    /// Connecting and the handshake together may take `Limits.connectMilliseconds`.
    func keepTime(_ connection: Connection) {
        let deadline = Deadline(connection.loop) { [weak connection] in connection?.close(.connectFailed) }
        deadline.set(EventLoop.monotonicNanoseconds() + limits.connectMilliseconds * 1_000_000)
        self.deadline = deadline
    }

    private func complete(_ result: Result<WebSocket, TransportError>) {
        let completion = self.completion
        self.completion = nil
        deadline?.cancel()
        deadline = nil
        completion?(result)
    }

    func connectionOpened(_ connection: Connection) {
        request.write(&connection.output, host: host)
        connection.flushSoon()
    }

    func connection(_ connection: Connection, received bytes: UnsafeMutableRawBufferPointer) {
        var offset = 0
        let failure: TransportError
        do {
            guard let response = try parser.next(UnsafeRawBufferPointer(bytes), from: &offset) else { return }
            do throws(TransportError) {
                let chosen = try WebSocketHandshake.check(response, key: key, subprotocols: subprotocols)
                let socket = WebSocket(connection, role: .client, limits: limits)
                socket.subprotocol = chosen
                return socket.open({ complete(.success($0)) }, Array(bytes[offset...]))
            } catch {
                failure = error
            }
        } catch {
            failure = TransportError(.protocolViolation, "the answer is malformed: \(error)")
        }
        complete(.failure(failure))
        connection.close(.protocolViolation)
    }

    func connectionPeerFinished(_ connection: Connection) { connection.close(.peerClosed) }

    func connectionDrained(_ connection: Connection) {}  // The request is short.

    func connectionClosed(_ connection: Connection, _ reason: CloseReason) {
        complete(.failure(TransportError(.connection, "the connection ended: \(reason)")))
    }
}
