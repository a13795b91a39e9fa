/// A client for programs that may wait: one kept-alive connection on a loop of its own.
///
/// An address that is refused, a connection that breaks and an answer that does not come in time are told apart by the
/// error's code; after `.timeout` and `.connection` it is not known whether the request was carried out.
package final class HTTPClient: Sendable {
    private let loop: EventLoop
    private let line: Line

    /// - Parameter host: a name or a number; a name is resolved here, and checked against the certificate with TLS
    package init(
        host: String, port: UInt16, tls: TLSContext? = nil, limits: Limits = Limits()
    ) throws(TransportError) {
        let address = try SocketAddress(host: host, port: port)
        loop = try EventLoop(name: "client")
        line = Line(loop: loop, address: address, tls: tls, serverName: host, limits: limits)
        loop.start()
    }

    deinit { loop.stop() }

    /// Sends one request and waits for its answer. Not on a loop.
    ///
    /// A GET or HEAD on a kept connection that ends before any answer is sent once more on a new one: the server may have
    /// closed the idle connection at that moment.
    /// - Parameter onPart: is given the body in parts as it comes, on the client's loop; the response's body is then empty
    package func send(
        _ request: HTTPClientRequest, timeoutMilliseconds: UInt64 = 30_000,
        onPart: (@Sendable ([UInt8]) -> Void)? = nil
    ) throws(TransportError) -> HTTPResponse {
        let answer = Answer()
        let deadline = EventLoop.monotonicNanoseconds() + timeoutMilliseconds * 1_000_000
        let timer = loop.schedule(at: deadline) { [line] in
            let error = TransportError(.timeout, "no answer in \(timeoutMilliseconds) ms")
            if answer.give(.failure(error)) { line.close() }
        }
        loop.run { [line] in line.begin(request, onPart, answer, mayRetry: true) }
        defer { loop.cancel(timer) }
        return try answer.wait()
    }
}

/// The connection under a client, made anew when it has ended.
// Safe: touched on the loop only.
private final class Line: @unchecked Sendable {
    private let loop: EventLoop
    private let address: SocketAddress
    private let tls: TLSContext?
    private let serverName: String
    private let limits: Limits
    private var connection: HTTPClientConnection?

    init(loop: EventLoop, address: SocketAddress, tls: TLSContext?, serverName: String, limits: Limits) {
        self.loop = loop
        self.address = address
        self.tls = tls
        self.serverName = serverName
        self.limits = limits
    }

    func begin(
        _ request: HTTPClientRequest, _ onPart: (@Sendable ([UInt8]) -> Void)?, _ answer: Answer, mayRetry: Bool
    ) {
        if let connection, connection.isOpen {
            let retries = mayRetry && ["GET", "HEAD"].contains(request.method)
            connection.send(request, onPart: onPart) { [weak connection] result in
                if case .failure = result, retries, connection?.isUntouched ?? false {
                    self.connection = nil
                    self.begin(request, onPart, answer, mayRetry: false)
                } else {
                    answer.give(result)
                }
            }
            return
        }
        do throws(TransportError) {
            let fresh = try HTTPClientConnection(
                loop: loop, address: address, tls: tls, serverName: serverName, limits: limits)
            connection = fresh
            fresh.send(request, onPart: onPart) { answer.give($0) }
        } catch {
            answer.give(.failure(error))
        }
    }

    func close() {
        connection?.close()
        connection = nil
    }
}

/// Given once, by whoever comes first; waited for on another thread.
// Safe: `result` is touched under the lock only.
private final class Answer: @unchecked Sendable {
    private let lock = Lock()
    private let given = Semaphore()
    private var result: Result<HTTPResponse, TransportError>?

    @discardableResult
    func give(_ result: Result<HTTPResponse, TransportError>) -> Bool {
        let isFirst = lock.withLock {
            guard self.result == nil else { return false }
            self.result = result
            return true
        }
        if isFirst { given.signal() }
        return isFirst
    }

    func wait() throws(TransportError) -> HTTPResponse {
        given.wait()
        guard let result = lock.withLock({ result }) else {
            preconditionFailure("an answer is given before its signal")
        }
        return try result.get()
    }
}
