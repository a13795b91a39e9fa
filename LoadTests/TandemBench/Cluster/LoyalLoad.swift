internal import TandemAPI
internal import TandemTransport

/// Customers who go on whatever becomes of their nodes: cut off, each goes to the next node, resumes, and says again what
/// was not acknowledged.
///
///     away ── connect ──▶ opening ── welcome ──▶ there ── lost ──▶ away
// Safe: touched on its loop only, but for constants.
final class LoyalLoad: @unchecked Sendable {
    /// Behind a message's number and a blank: 256 bytes with them.
    private static let filler = String(repeating: "m", count: 255)
    /// Before somebody tries another node whom one has just turned away, and before what could not be done is said again.
    private static let pauseNanoseconds: UInt64 = 5_000_000

    private enum State { case away, opening, there }

    // Safe: touched on the load's loop only.
    private final class Customer: @unchecked Sendable {
        let line: TenantLine
        var node: Int
        var state = State.away
        var socket: WebSocket?
        var position: Int64 = 0
        var failures = 0
        /// Said and not acknowledged, by number, with when it was said first.
        var waiting: [Int: UInt64] = [:]
        var said = 0

        init(_ line: TenantLine) {
            self.line = line
            node = line.home
        }
    }

    private let loop: EventLoop
    private let addresses: [SocketAddress]
    private let customers: [Customer]
    private let depth: Int
    private let paceNanoseconds: UInt64
    private let stopsAt: Int
    private var isStopped = false
    /// Nobody says anything new.
    private var isEnding = false
    private var onBegun: (() -> Void)?
    private var onEnd: (() -> Void)?
    private(set) var acknowledged = 0
    /// What nodes could not do, and was said again.
    private(set) var troubles = 0
    private var latencies = Latencies()
    private var heard: [UInt16: (last: UInt64, longest: UInt64)] = [:]

    /// - Parameters:
    ///   - depth: messages that each customer has under way.
    ///   - paceNanoseconds: between an acknowledgement and what is said next in its place.
    ///   - stopsAt: acknowledged messages after which it stops by itself.
    init(
        _ loop: EventLoop, _ lines: [TenantLine], _ addresses: [SocketAddress], depth: Int, paceNanoseconds: UInt64 = 0,
        stopsAt: Int = .max
    ) {
        self.loop = loop
        self.addresses = addresses
        self.depth = depth
        self.paceNanoseconds = paceNanoseconds
        self.stopsAt = stopsAt
        customers = lines.map(Customer.init)
    }

    // MARK: From any thread

    /// Begins; returns when everybody is there.
    func begin() async {
        await withCheckedContinuation { begun in
            loop.run { [self] in
                onBegun = { begun.resume() }
                for customer in customers { connect(customer) }
            }
        }
    }

    /// Returns when `stopsAt` is reached.
    func finished() async {
        await withCheckedContinuation { done in
            loop.run { [self] in if isStopped { done.resume() } else { onEnd = { done.resume() } } }
        }
    }

    func stop() async { await onLoop { $0.end() } }

    /// Nothing new is said, and what is under way gets its time; then it stops.
    ///
    /// - Returns: what each of the customers said, in the order of the lines
    func conclude(seconds: Double) async throws -> [CustomerAccount] {
        let end = EventLoop.monotonicNanoseconds() + UInt64(seconds * 1e9)
        await onLoop { $0.isEnding = true }
        while await onLoop({ load in load.customers.contains { !$0.waiting.isEmpty } }),
            EventLoop.monotonicNanoseconds() < end
        {
            try await Task.sleep(for: .milliseconds(20))
        }
        return await onLoop { load in
            load.end()
            return load.customers.map { CustomerAccount(said: $0.said, unacknowledged: Set($0.waiting.keys)) }
        }
    }

    /// What was measured since the last time.
    func takeLatencies() async -> Latencies {
        await onLoop { load in
            defer { load.latencies = Latencies() }
            return load.latencies
        }
    }

    /// Forgets how long which partition was silent.
    func listen() async {
        await onLoop { load in
            let now = EventLoop.monotonicNanoseconds()
            load.heard = load.heard.mapValues { (last: $0.last, longest: now - $0.last) }
        }
    }

    /// The longest time without an acknowledgement since `listen`, by partition, in nanoseconds; the silence that lasts
    /// counts.
    func silences() async -> [UInt16: UInt64] {
        await onLoop { load in
            let now = EventLoop.monotonicNanoseconds()
            return load.heard.mapValues { max($0.longest, now - $0.last) }
        }
    }

    func onLoop<R: Sendable>(_ body: @escaping @Sendable (LoyalLoad) -> R) async -> R {
        await withCheckedContinuation { done in loop.run { done.resume(returning: body(self)) } }
    }

    // MARK: Coming and going

    private func connect(_ customer: Customer) {
        guard customer.state == .away, !isStopped else { return }
        customer.state = .opening
        var limits = Limits()
        limits.connectMilliseconds = 2_000
        let target = "/v1/live/customer?conversation=\(customer.line.conversation)&resume=\(customer.position)"
        WebSocket.connect(
            on: loop, to: addresses[customer.node], target: target,
            headers: ["Authorization": "Bearer \(customer.line.token)"], limits: limits
        ) { [self] result in
            switch result {
            case .failure: lost(customer)
            case .success(let socket):
                guard !isStopped else { return socket.close() }
                customer.socket = socket
                socket.onText = { [self] bytes in received(Array(bytes), by: customer) }
                socket.onClose = { [self] _ in lost(customer) }
            }
        }
    }

    /// The first time he tries the next node at once: that it takes over without a pause is what it is for.
    private func lost(_ customer: Customer) {
        customer.socket = nil
        customer.failures = customer.state == .there ? 0 : customer.failures + 1
        customer.state = .away
        customer.node = (customer.node + 1) % addresses.count
        if customer.failures == 0 { return connect(customer) }
        after(Self.pauseNanoseconds) { [self] in connect(customer) }
    }

    private func after(_ nanoseconds: UInt64, _ work: @escaping @Sendable () -> Void) {
        loop.schedule(at: EventLoop.monotonicNanoseconds() + nanoseconds, work)
    }

    private func end() {
        guard !isStopped else { return }
        isStopped = true
        for customer in customers { customer.socket?.close() }
        onEnd?()
        onEnd = nil
    }

    // MARK: Speaking

    private func received(_ bytes: [UInt8], by customer: Customer) {
        guard !isStopped, let frame = try? JSONValue(parsing: bytes), let type = frame["type"]?.text else { return }
        if let position = frame["position"]?.whole, type != "queue" {
            customer.position = max(customer.position, position)
        }
        let number = frame["id"]?.text.flatMap { Int($0) }
        switch type {
        case "welcome": welcomed(customer)
        case "ack": if let number { acknowledge(number, of: customer) }
        // The own ones of an earlier connection.
        case "message": if let number { acknowledge(number, of: customer) }
        case "error":
            troubles += 1
            guard let number else { return }
            after(Self.pauseNanoseconds) { [self] in send(number, of: customer) }
        default: break  // Not the load's business.
        }
    }

    private func welcomed(_ customer: Customer) {
        customer.state = .there
        for number in customer.waiting.keys.sorted() { send(number, of: customer) }
        while customer.waiting.count < depth, !isEnding { say(customer) }
        if let onBegun, customers.allSatisfy({ $0.state == .there }) {
            self.onBegun = nil
            onBegun()
        }
    }

    private func say(_ customer: Customer) {
        guard !isEnding else { return }
        customer.said += 1
        customer.waiting[customer.said] = EventLoop.monotonicNanoseconds()
        send(customer.said, of: customer)
    }

    private func send(_ number: Int, of customer: Customer) {
        guard customer.waiting[number] != nil, customer.state == .there else { return }
        let digits = String(number)
        let text = "\(digits) \(Self.filler.dropLast(digits.utf8.count))"
        customer.socket?.send(text: "{\"type\":\"message\",\"id\":\"\(digits)\",\"text\":\"\(text)\"}")
    }

    private func acknowledge(_ number: Int, of customer: Customer) {
        guard let since = customer.waiting.removeValue(forKey: number) else { return }
        let now = EventLoop.monotonicNanoseconds()
        latencies.record(now - since)
        acknowledged += 1
        let before = heard[customer.line.partition] ?? (last: now, longest: 0)
        heard[customer.line.partition] = (last: now, longest: max(before.longest, now - before.last))
        if acknowledged >= stopsAt { return end() }
        guard paceNanoseconds > 0 else { return say(customer) }
        after(paceNanoseconds) { [self] in
            if !isStopped, customer.state == .there, customer.waiting.count < depth { say(customer) }
        }
    }
}
