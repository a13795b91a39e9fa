internal import Synchronization
internal import TandemAPI
package import TandemCore
package import TandemRuntime
package import TandemTransport

/// Tells webhooks what is due: one connection for each attempt, on a thread of its own.
///
/// 1. A thread for names takes the address apart, finds the secret and the host's number, and looks whether that may be
///    reached. A name server that does not answer holds up hosts of the same thread, and no partition.
/// 2. The sockets' thread connects to the very number that was looked at, sends, and waits for the answer's end: a bounded
///    time, and a bounded answer, which is thrown away.
/// 3. What came of it is told. What was wrong with a webhook is logged when it begins, changes and ends.
// Safe: `troubles` and `connections` are touched on `loop` only.
package final class WebhookSender: EffectPerformer, @unchecked Sendable {
    package struct Options: Sendable {
        package var secrets: WebhookSecrets
        /// Addresses of this machine and of private networks may be told.
        package var reachesPrivate = false
        /// Whom to trust: the system's authorities, or a file's.
        package var trust = TLSContext.Trust.system
        /// From the handing over to the answer's end.
        package var wholeMilliseconds: UInt64 = 15_000
        /// Seconds since 1970.
        package var wall: @Sendable () -> Int64
        package var log: @Sendable (String) -> Void

        package init(
            secrets: WebhookSecrets, wall: @escaping @Sendable () -> Int64, log: @escaping @Sendable (String) -> Void
        ) {
            self.secrets = secrets
            self.wall = wall
            self.log = log
        }
    }

    /// For the connection and TLS.
    static let connectMilliseconds: UInt64 = 5_000
    /// Of an answer's body.
    static let answerBytesMax = 64 * 1_024
    private static let nameThreads = 2

    private let options: Options
    private let limits: TransportLimits
    private let loop: EventLoop
    private let names: [EventLoop]
    private let tls: TLSContext
    private let isStopping = Atomic<Bool>(false)
    /// Of webhooks whose last attempt failed, why.
    private var troubles: [WebhookID: DeliveryFailure] = [:]
    private var connections: [UInt64: HTTPClientConnection] = [:]
    private var connectionNumber: UInt64 = 0

    /// - Throws: `TransportError` for authorities that cannot be read, or where the system has no more threads.
    package init(_ options: Options) throws(TransportError) {
        self.options = options
        var limits = TransportLimits()
        limits.connectMilliseconds = Self.connectMilliseconds
        limits.bodyBytesMax = Self.answerBytesMax
        self.limits = limits
        loop = try EventLoop(name: "webhooks")
        var names: [EventLoop] = []
        for number in 0..<Self.nameThreads { names.append(try EventLoop(name: "names-\(number)")) }
        self.names = names
        tls = try TLSContext(trust: options.trust)
    }

    package func start() {
        loop.start()
        for thread in names { thread.start() }
    }

    /// What is under way is given up: it is done again by whoever leads.
    package func stop() {
        isStopping.store(true, ordering: .relaxed)
        for thread in names { thread.stop() }
        loop.run { [self] in
            for connection in connections.values { connection.close() }
        }
        loop.stop()
    }

    package func perform(_ effect: Effect, done: @escaping @Sendable (DeliveryResult) -> Void) {
        guard let address = WebhookAddress(effect.webhook.spec.url) else {
            return finish(effect, .refused(DeliveryFailure(.addressNotFound)), done)
        }
        // The same host is asked for on the same thread, in every life alike.
        let deadline = EventLoop.monotonicNanoseconds() + options.wholeMilliseconds * 1_000_000
        let thread = names[address.host.utf8.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xffff } % names.count]
        thread.run { [self] in
            // What waited behind a name server that does not answer may be somebody else's by now; and who stops waits for none.
            let isLate = isStopping.load(ordering: .relaxed) || EventLoop.monotonicNanoseconds() >= deadline
            let prepared = isLate ? .failure(DeliveryFailure(.timedOut)) : prepare(effect, address)
            loop.run { [self] in
                switch prepared {
                case .failure(let failure): tell(effect, .failed(failure), done)
                case .success(let ready): send(effect, ready, until: deadline, done)
                }
            }
        }
    }

    private struct Ready {
        let number: SocketAddress
        let address: WebhookAddress
        let request: HTTPClientRequest
    }

    /// What a prepared attempt lacks is a failure like one on the way: another node may have it, or this one by then.
    private enum Prepared {
        case success(Ready)
        case failure(DeliveryFailure)
    }

    private func prepare(_ effect: Effect, _ address: WebhookAddress) -> Prepared {
        guard let key = options.secrets.key(of: effect.target.tenant, named: effect.webhook.spec.secret) else {
            return .failure(DeliveryFailure(.secretMissing))
        }
        guard let number = try? SocketAddress(host: address.host, port: address.port) else {
            return .failure(DeliveryFailure(.addressNotFound))
        }
        guard options.reachesPrivate || number.isPublic else { return .failure(DeliveryFailure(.addressNotAllowed)) }
        let request = WebhookMessage.request(effect, key: key, path: address.path, at: options.wall())
        return .success(Ready(number: number, address: address, request: request))
    }

    private func send(
        _ effect: Effect, _ ready: Ready, until deadline: UInt64,
        _ done: @escaping @Sendable (DeliveryResult) -> Void
    ) {
        guard EventLoop.monotonicNanoseconds() < deadline else {
            return tell(effect, .failed(DeliveryFailure(.timedOut)), done)
        }
        let connection: HTTPClientConnection
        do throws(TransportError) {
            connection = try HTTPClientConnection(
                loop: loop, address: ready.number, tls: ready.address.isSecure ? tls : nil,
                serverName: ready.address.host, authority: ready.address.authority, limits: limits)
        } catch {
            return tell(effect, .failed(DeliveryFailure(.unreachable)), done)
        }
        connectionNumber += 1
        let place = connectionNumber
        connections[place] = connection
        let timer = loop.schedule(at: deadline) { [self] in
            // Closing answers the request, too late to be heard.
            guard let late = connections.removeValue(forKey: place) else { return }
            tell(effect, .failed(DeliveryFailure(.timedOut)), done)
            late.close()
        }
        connection.send(ready.request) { [self] answer in
            guard let connection = connections.removeValue(forKey: place) else { return }
            loop.cancel(timer)
            switch answer {
            case .success(let response): tell(effect, WebhookMessage.result(response.status), done)
            case .failure(let error):
                let isBad = error.code == .protocolViolation
                tell(effect, .failed(DeliveryFailure(isBad ? .badAnswer : .unreachable)), done)
            }
            connection.close()
        }
    }

    private func finish(
        _ effect: Effect, _ result: DeliveryResult, _ done: @escaping @Sendable (DeliveryResult) -> Void
    ) {
        loop.run { [self] in tell(effect, result, done) }
    }

    /// Ids, words and numbers: no address, which may hold what is not for a log, and nothing of the answer.
    private func tell(
        _ effect: Effect, _ result: DeliveryResult, _ done: @escaping @Sendable (DeliveryResult) -> Void
    ) {
        let webhook = effect.webhook.id
        switch result {
        case .done:
            if troubles.removeValue(forKey: webhook) != nil { options.log("webhook \(webhook): works again") }
        case .failed(let failure), .refused(let failure):
            if troubles.updateValue(failure, forKey: webhook) != failure {
                let status = failure.status.map { " \($0)" } ?? ""
                options.log(
                    "webhook \(webhook): \(failure.reason.text)\(status), with attempt \(effect.attempt) of "
                        + "\(effect.target.delivery)")
            }
        }
        done(result)
    }
}

/// Core has bounds of its own.
private typealias TransportLimits = TandemTransport.Limits
