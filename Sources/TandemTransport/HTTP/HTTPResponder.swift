/// The answer to one request: given once, at once or later, from any thread.
///
/// Either `respond`, or `begin` then any number of `write` and one `end`, or `upgradeToWebSocket`. Answers leave in the order
/// of their requests. Calls off the connection's loop hop to it and keep their order. A responder that is let go
/// unanswered answers 500; one let go in the middle of a stream breaks the connection, so that nobody takes the part for
/// the whole.
// Safe: used by one party at a time, as every answer must be; the connection is touched on its loop only.
package final class HTTPResponder: @unchecked Sendable {
    private enum Phase { case waiting, streaming, done }

    private let connection: HTTPServerConnection
    private let sequence: UInt64
    private var phase = Phase.waiting

    init(_ connection: HTTPServerConnection, _ sequence: UInt64) {
        self.connection = connection
        self.sequence = sequence
    }

    deinit {
        switch phase {
        case .waiting:
            run { connection, sequence in
                connection.respond(sequence, 500, .problem, HTTPServer.problem(500, "http.unanswered"))
            }
        case .streaming: run { connection, sequence in connection.abandon(sequence) }
        case .done: break
        }
    }

    /// The connection's loop: work that is done there needs no hop.
    package var loop: EventLoop { connection.loop }

    /// Answers with `body` whole. The length, the date and what the connection needs are added.
    package func respond(status: Int, headers: HTTPHeaders = .none, body: [UInt8] = []) {
        precondition(phase == .waiting, "a request is answered once")
        phase = .done
        if connection.loop.isCurrent {
            connection.respond(sequence, status, headers, body)
        } else {
            run { connection, sequence in connection.respond(sequence, status, headers, body) }
        }
    }

    /// Begins an answer whose body follows in parts; with a length, or in chunks (to a 1.0 client: until the connection
    /// closes).
    package func begin(status: Int, headers: HTTPHeaders = .none, contentLength: Int? = nil) {
        precondition(phase == .waiting, "a request is answered once")
        phase = .streaming
        run { connection, sequence in connection.begin(sequence, status, headers, contentLength) }
    }

    /// Sends a part of the body; the parts of one batch leave together.
    package func write(_ bytes: [UInt8]) {
        precondition(phase == .streaming, "a body is written between begin and end")
        run { connection, sequence in connection.write(sequence, bytes) }
    }

    /// Ends a streamed answer; trailers go out only in chunked ones.
    package func end(trailers: HTTPHeaders = .none) {
        precondition(phase == .streaming, "only a begun answer ends")
        phase = .done
        run { connection, sequence in connection.end(sequence, trailers) }
    }

    /// Calls `body`, on the loop, when the connection is gone before the answer was given or ended; at once when it is
    /// gone already. `body` should hold the responder weakly, if at all.
    package func onGone(_ body: @escaping @Sendable () -> Void) {
        run { connection, sequence in connection.onGone(sequence, body) }
    }

    /// Bytes of this connection that wait for the client to read them; on the loop only.
    package var outstandingBytes: Int { connection.outstandingBytes }

    /// More waits for the client than `Limits.highWaterBytes`: a stream that can wait should, until `onDrained`. On the loop
    /// only.
    package var isCongested: Bool { connection.isCongested(sequence) }

    /// Calls `body`, on the loop, each time the client has read on after `isCongested` was true.
    package func onDrained(_ body: @escaping @Sendable () -> Void) {
        run { connection, sequence in connection.onDrained(sequence, body) }
    }

    /// Turns the connection into a WebSocket when `request` asks for one as it should, else answers 400 or 426.
    ///
    /// `onOpen` is called on the loop, before any message, and sets the callbacks.
    /// - Parameter subprotocols: those spoken here, the best first; one the client offers is chosen, or none
    package func upgradeToWebSocket(
        _ request: HTTPRequest, subprotocols: [String] = [], headers: HTTPHeaders = .none,
        onOpen: @escaping @Sendable (WebSocket) -> Void
    ) {
        switch WebSocketHandshake.answer(request, subprotocols) {
        case .accepted(let lines):
            precondition(phase == .waiting, "a request is answered once")
            phase = .done
            run { connection, sequence in connection.upgrade(sequence, lines, headers, onOpen) }
        case .refused(let refusal):
            var lines = HTTPHeaders.text
            if refusal.status == 426 { for (name, value) in WebSocketHandshake.needed { lines.add(name, value) } }
            respond(status: refusal.status, headers: lines, body: Array(refusal.reason.utf8))
        }
    }

    private func run(_ body: @escaping @Sendable (HTTPServerConnection, UInt64) -> Void) {
        let connection = self.connection
        let sequence = self.sequence
        if connection.loop.isCurrent {
            body(connection, sequence)
        } else {
            connection.loop.run { body(connection, sequence) }
        }
    }
}
