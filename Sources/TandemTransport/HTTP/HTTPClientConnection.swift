internal import Glibc

/// A client's side of one HTTP/1.1 connection: requests are sent as they are given, one behind the other, and answered in
/// that order. Everything happens on the loop.
// Safe: touched on the loop only; `Sendable` for closures that hop to it.
package final class HTTPClientConnection: ConnectionOwner, @unchecked Sendable {
    package typealias Completion = (Result<HTTPResponse, TransportError>) -> Void

    private struct Pending {
        let isHead: Bool
        let onPart: (([UInt8]) -> Void)?
        let completion: Completion
    }

    private let connection: Connection
    private let host: String
    private var parser: HTTPResponseParser
    private var pending: [Pending] = []
    private var ended: TransportError?
    private var hasOpened = false

    /// Begins to connect; requests may be given at once. On the loop.
    /// - Parameter authority: what requests name as their `Host`; nil: the address
    package init(
        loop: EventLoop, address: SocketAddress, tls: TLSContext? = nil, serverName: String = "localhost",
        authority: String? = nil, limits: Limits = Limits(), metrics: TransportMetrics = TransportMetrics()
    ) throws(TransportError) {
        host = authority ?? address.description
        parser = HTTPResponseParser(limits: limits)
        let session = try tls.map { context throws(TransportError) in
            try TLSSession(context, serverName: serverName)
        }
        connection = try Connection.connecting(to: address, loop: loop, tls: session, limits: limits, metrics: metrics)
        try connection.start(self)
    }

    /// May another request be given?
    package var isOpen: Bool { ended == nil }

    /// No part of an answer that is still missing has come.
    package var isUntouched: Bool { parser.isIdle }

    /// Sends a request behind those already sent. With `onPart` the body is handed out as it comes, and is empty in the
    /// response. `completion` is called once, on the loop.
    package func send(
        _ request: HTTPClientRequest, onPart: (([UInt8]) -> Void)? = nil, _ completion: @escaping Completion
    ) {
        if let ended { return completion(.failure(ended)) }
        pending.append(Pending(isHead: request.method == "HEAD", onPart: onPart, completion: completion))
        if pending.count == 1 { prepareParser() }
        guard connection.mayWrite() else { return }
        request.write(&connection.output, host: host)
        connection.flushSoon()
    }

    /// Ends the connection; requests without an answer fail.
    package func close() { connection.close(.finished) }

    private func prepareParser() {
        parser.isForHead = pending.first?.isHead ?? false
        parser.onPart = pending.first?.onPart
    }

    package func connectionOpened(_ connection: Connection) {
        hasOpened = true
        connection.flushSoon()
    }

    package func connection(_ connection: Connection, received bytes: UnsafeMutableRawBufferPointer) {
        let bytes = UnsafeRawBufferPointer(bytes)
        var offset = 0
        do {
            while offset < bytes.count {
                guard !pending.isEmpty else { return connection.close(.protocolViolation) }
                guard let response = try parser.next(bytes, from: &offset) else { return }
                answer(response)
                if parser.closes { return connection.close(.finished) }
            }
        } catch {
            fail(TransportError(.protocolViolation, "the answer is malformed: \(error)"))
            connection.close(.protocolViolation)
        }
    }

    private func answer(_ response: HTTPResponse) {
        let first = pending.removeFirst()
        prepareParser()
        first.completion(.success(response))
    }

    private func fail(_ error: TransportError) {
        ended = ended ?? error
        let waiting = pending
        pending = []
        for one in waiting { one.completion(.failure(error)) }
    }

    package func connectionPeerFinished(_ connection: Connection) {
        if !pending.isEmpty, let response = parser.end() { answer(response) }
        connection.close(.peerClosed)
    }

    package func connectionDrained(_ connection: Connection) {}  // Requests are the caller's to hold back.

    package func connectionClosed(_ connection: Connection, _ reason: CloseReason) {
        guard reason == .tlsFailed, !hasOpened else {
            return fail(TransportError(.connection, "the connection ended: \(reason)"))
        }
        // Nothing was sent yet.
        fail(connection.failure ?? TransportError(.tls, "the handshake was broken off"))
    }
}
