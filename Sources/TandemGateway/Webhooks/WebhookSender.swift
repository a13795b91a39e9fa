internal import Synchronization
internal import TandemAPI
package import TandemCore
package import TandemRuntime
package import TandemTransport

/// Tells webhooks what is due: one connection for each attempt, on a thread of its own.
///
/// 1. The secret is found, and the host's number asked for (`NameDesk`), a bounded time. Whoever waited that long for others'
///    names has not begun: that is no attempt.
/// 2. It connects to the very number that was looked at, if that may be reached, sends, and waits for the answer's end: a
///    bounded time, and a bounded answer, which is thrown away.
/// 3. What came of it is told; the log hears of it now and then (`WebhookNews`).
// Safe: what changes is touched on `loop` only.
package final class WebhookSender: EffectPerformer, @unchecked Sendable {
    package struct Options: Sendable {
        package var secrets: WebhookSecrets
        /// Addresses of this machine and of private networks may be told.
        package var reachesPrivate = false
        /// Whom to trust: the system's authorities, or a file's.
        package var trust = TLSContext.Trust.system
        /// For the name, and again from the connection's beginning to the answer's end.
        package var wholeMilliseconds: UInt64 = 15_000
        package var resolve: NameDesk.Resolve = { (host, port) throws(TransportError) in
            try SocketAddress(host: host, port: port)
        }
        /// Seconds since 1970.
        package var wall: @Sendable () -> Int64
        /// Takes a line; does not wait.
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

    /// What waits for its host's number.
    private struct Asking {
        let effect: Effect
        let address: WebhookAddress
        let key: [UInt8]
        let done: Done
        let timer: TimerToken
    }

    package typealias Done = @Sendable (DeliveryResult?) -> Void

    private let options: Options
    private let limits: TransportLimits
    private let loop: EventLoop
    private let names: NameDesk
    private let tls: TLSContext
    private let isStopping = Atomic<Bool>(false)
    private var connectionsMax = 0
    private var news = WebhookNews()
    private var asking: [UInt64: Asking] = [:]
    private var connections: [UInt64: HTTPClientConnection] = [:]
    private var number: UInt64 = 0

    /// - Throws: `TransportError` for authorities that cannot be read, or where the system has no more descriptors.
    package init(_ options: Options) throws(TransportError) {
        self.options = options
        var limits = TransportLimits()
        limits.connectMilliseconds = Self.connectMilliseconds
        limits.bodyBytesMax = Self.answerBytesMax
        self.limits = limits
        loop = try EventLoop(name: "webhooks")
        names = NameDesk(resolve: options.resolve)
        tls = try TLSContext(trust: options.trust)
    }

    /// - Parameter connectionsMax: sockets at once. Partitions hand out no more than they may; but what a leadership of before
    ///   had handed out is under way beside what the next one hands out.
    package func start(connectionsMax: Int) {
        loop.run { [self] in self.connectionsMax = connectionsMax }
        loop.start()
    }

    /// What is under way is given up, and nobody is told: it is done again by whoever leads. Does not wait for name servers.
    package func stop() {
        isStopping.store(true, ordering: .relaxed)
        names.stop()
        loop.run { [self] in
            for connection in connections.values { connection.close() }
        }
        loop.stop()
    }

    package func perform(_ effect: Effect, done: @escaping Done) {
        loop.run { [self] in begin(effect, done) }
    }

    package func gaveUp(_ failed: DeliveryFailed) {
        loop.run { [self] in
            say(news.gaveUp(failed, at: EventLoop.monotonicNanoseconds()), failed.target.webhook)
        }
    }

    // MARK: The host's number

    /// What an attempt lacks is a failure like one on the way: another node may have it, or this one by then.
    private func begin(_ effect: Effect, _ done: @escaping Done) {
        guard let address = WebhookAddress(effect.webhook.spec.url) else {
            return tell(effect, .refused(DeliveryFailure(.addressNotFound)), done)
        }
        let tenant = effect.target.tenant
        guard let key = options.secrets.key(of: tenant, named: effect.webhook.spec.secret) else {
            return tell(effect, .failed(DeliveryFailure(.secretMissing)), done)
        }
        if let found = SocketAddress(numbers: "\(address.host):\(address.port)") {
            return send(effect, address, key, to: found, done)
        }
        number += 1
        let place = number
        let question = NameDesk.Question(tenant: tenant, host: address.host, port: address.port)
        let timer = loop.schedule(at: deadline()) { [self] in nameIsLate(place, question) }
        asking[place] = Asking(effect: effect, address: address, key: key, done: done, timer: timer)
        names.ask(question, ticket: place) { [self] found in
            loop.run { [self] in named(place, found) }
        }
    }

    private func deadline() -> UInt64 { EventLoop.monotonicNanoseconds() + options.wholeMilliseconds * 1_000_000 }

    private func named(_ place: UInt64, _ found: SocketAddress?) {
        // It was late, and somebody has been told so.
        guard let asked = asking.removeValue(forKey: place) else { return }
        loop.cancel(asked.timer)
        guard let found else {
            return tell(asked.effect, .failed(DeliveryFailure(.addressNotFound)), asked.done)
        }
        send(asked.effect, asked.address, asked.key, to: found, asked.done)
    }

    /// Its own name servers' silence is a failure; the wait for others' is none.
    private func nameIsLate(_ place: UInt64, _ question: NameDesk.Question) {
        guard let asked = asking.removeValue(forKey: place) else { return }
        let underWay = names.withdraw(question, ticket: place) ?? 0
        guard underWay >= options.wholeMilliseconds * 1_000_000 / 3 else { return tell(asked.effect, nil, asked.done) }
        tell(asked.effect, .failed(DeliveryFailure(.addressNotFound)), asked.done)
    }

    // MARK: Sending

    private func send(
        _ effect: Effect, _ address: WebhookAddress, _ key: [UInt8], to found: SocketAddress, _ done: @escaping Done
    ) {
        guard options.reachesPrivate || found.isPublic else {
            return tell(effect, .failed(DeliveryFailure(.addressNotAllowed)), done)
        }
        guard connections.count < connectionsMax else { return tell(effect, nil, done) }
        let connection: HTTPClientConnection
        do throws(TransportError) {
            connection = try HTTPClientConnection(
                loop: loop, address: found, tls: address.isSecure ? tls : nil, serverName: address.host,
                authority: address.authority, limits: limits)
        } catch {
            // Descriptors are this node's to have.
            return tell(effect, error.code == .resource ? nil : Self.result(error), done)
        }
        number += 1
        let place = number
        connections[place] = connection
        let timer = loop.schedule(at: deadline()) { [self] in
            // Closing answers the request, too late to be heard.
            guard let late = connections.removeValue(forKey: place) else { return }
            tell(effect, .failed(DeliveryFailure(.timedOut)), done)
            late.close()
        }
        let request = WebhookMessage.request(effect, key: key, path: address.path, at: options.wall())
        connection.send(request) { [self] answer in
            guard let connection = connections.removeValue(forKey: place) else { return }
            loop.cancel(timer)
            switch answer {
            case .success(let response): tell(effect, WebhookMessage.result(response.status), done)
            case .failure(let error):
                tell(effect, Self.result(error), detail: error.code == .tls ? error.message : nil, done)
            }
            connection.close()
        }
    }

    private static func result(_ error: TransportError) -> DeliveryResult {
        switch error.code {
        case .protocolViolation: .failed(DeliveryFailure(.badAnswer))
        case .tls: .failed(DeliveryFailure(.tlsFailed))
        case .timeout: .failed(DeliveryFailure(.timedOut))
        case .resource, .address, .connection, .limit: .failed(DeliveryFailure(.unreachable))
        }
    }

    /// - Parameter result: nil: nothing was begun
    private func tell(_ effect: Effect, _ result: DeliveryResult?, detail: String? = nil, _ done: Done) {
        // What ends with the node is no receiver's fault.
        guard !isStopping.load(ordering: .relaxed) else { return }
        if let result {
            let now = EventLoop.monotonicNanoseconds()
            say(news.attempted(effect, result, detail: detail, at: now), effect.target.webhook)
        }
        done(result)
    }

    private func say(_ said: WebhookNews.Said, _ webhook: WebhookID) {
        for line in said.lines { options.log(line) }
        guard let again = said.lookAgainAt else { return }
        loop.schedule(at: again) { [self] in say(news.minuteOver(webhook, at: again), webhook) }
    }
}

/// Core has bounds of its own.
private typealias TransportLimits = TandemTransport.Limits
