internal import TandemTransport

/// A client of HTTP that goes to the next node when its own does not answer.
// Safe: touched on the stage's loop only.
final class Caller: @unchecked Sendable {
    private let stage: Stage
    private let home: Int
    /// Whom it asks, from 0 on.
    private(set) var node: Int
    private var connection: HTTPClientConnection?

    init(_ stage: Stage, home: Int) {
        self.stage = stage
        self.home = home % stage.addresses.count
        node = self.home
    }

    func moveOn() { go(to: (node + 1) % stage.addresses.count) }

    func goHome() { if node != home { go(to: home) } }

    private func go(to next: Int) {
        connection?.close()
        connection = nil
        node = next
    }

    /// One try; no answer in time is a failure, after which it is not known what was done.
    func send(
        _ request: HTTPClientRequest, _ done: @escaping (Result<HTTPResponse, TransportError>) -> Void
    ) {
        let connection: HTTPClientConnection
        if let open = self.connection, open.isOpen {
            connection = open
        } else {
            var limits = Limits()
            limits.connectMilliseconds = Stage.answerMilliseconds
            do throws(TransportError) {
                connection = try HTTPClientConnection(
                    loop: stage.loop, address: stage.addresses[node], limits: limits)
            } catch {
                return done(.failure(error))
            }
            self.connection = connection
        }
        let timer = stage.after(milliseconds: Stage.answerMilliseconds) { [weak connection] in connection?.close() }
        connection.send(request) { [stage] result in
            stage.loop.cancel(timer)
            done(result)
        }
    }
}
