internal import Glibc
internal import Synchronization

/// An HTTP/1.1 server with WebSocket upgrade on the loops of a group.
///
///     made ── start() ──▶ serving ── stop(drainMilliseconds:) ──▶ stopped
///
/// The first loop accepts and hands connections round. A connection too many is answered 503 and closed.
// Safe: what changes is atomic or belongs to one loop.
package final class HTTPServer: @unchecked Sendable {
    /// Called on the connection's loop; it must not wait. The answer may come later, from anywhere.
    package typealias Handler = @Sendable (HTTPRequest, HTTPResponder) -> Void

    /// The connections of one loop, touched there only.
    // Safe: loop only.
    private final class Shard: @unchecked Sendable {
        let loop: EventLoop
        var connections: [ObjectIdentifier: HTTPServerConnection] = [:]
        init(_ loop: EventLoop) { self.loop = loop }
    }

    package let metrics: TransportMetrics
    let limits: Limits
    let handler: Handler
    private let tls: TLSContext?
    private let shards: [Shard]
    /// Under `lock`; replaced when it has failed.
    private var listener: Listener?
    private let lock = Lock()
    private let onListenerFailure: @Sendable (TransportError) -> Void
    private let turn = Atomic<Int>(0)
    private let connectionCount = Atomic<Int>(0)
    /// Of the unfinished bodies, what exceeds `Limits.bodyBytesFree` each.
    private let bodyBytes = Atomic<Int>(0)
    private let draining = Atomic<Bool>(false)
    private let idle = Semaphore()

    /// Binds `address` (port 0 lets the system choose); accepts nothing before `start`.
    ///
    /// - Parameter onListenerFailure: nothing is accepted any more until `listenAgain`; called on the first loop
    package init(
        loops: EventLoopGroup, address: SocketAddress, limits: Limits = Limits(), tls: TLSContext? = nil,
        metrics: TransportMetrics = TransportMetrics(),
        onListenerFailure: @escaping @Sendable (TransportError) -> Void = { _ in }, handler: @escaping Handler
    ) throws(TransportError) {
        self.limits = limits
        self.tls = tls
        self.metrics = metrics
        self.onListenerFailure = onListenerFailure
        self.handler = handler
        shards = loops.loops.map(Shard.init)
        listener = try makeListener(address)
    }

    private func makeListener(_ address: SocketAddress) throws(TransportError) -> Listener {
        try Listener(
            on: shards[0].loop, address: address, backlog: limits.backlog, metrics: metrics
        ) { [weak self] descriptor, peer in
            guard let self else {
                Glibc.close(descriptor)
                return
            }
            self.place(descriptor, peer)
        } onFailure: { [weak self] error in
            self?.onListenerFailure(error)
        }
    }

    /// Where it listens, with the port the system chose.
    package var address: SocketAddress {
        guard let listener = lock.withLock({ listener }) else {
            preconditionFailure("a server is made with its listener")
        }
        return listener.address
    }

    /// Begins to accept.
    package func start() { lock.withLock { listener }?.start() }

    /// Binds the same address once more after the listener has failed; connections that are open were never concerned.
    package func listenAgain() throws(TransportError) {
        let fresh = try makeListener(address)
        let isStopped = lock.withLock {
            if !draining.load(ordering: .sequentiallyConsistent) { listener = fresh }
            return draining.load(ordering: .sequentiallyConsistent)
        }
        if !isStopped { fresh.start() }
    }

    /// Connections open now.
    package var connectionsOpen: Int { connectionCount.load(ordering: .relaxed) }

    /// Frees the port, lets requests in flight finish for `drainMilliseconds`, then closes what is left. Idle connections are
    /// closed at once; WebSockets are their owners' to close. Waits; not on a loop of the server.
    package func stop(drainMilliseconds: UInt64 = 0) {
        let listener = lock.withLock {
            draining.store(true, ordering: .sequentiallyConsistent)
            return self.listener
        }
        listener?.stop()
        for shard in shards {
            shard.loop.run { for connection in Array(shard.connections.values) { connection.drain() } }
        }
        if drainMilliseconds > 0 {
            let first = shards[0].loop
            let deadline = EventLoop.monotonicNanoseconds() + drainMilliseconds * 1_000_000
            let timer = first.schedule(at: deadline) { [idle] in idle.signal() }
            if connectionsOpen > 0 { idle.wait() }
            first.cancel(timer)
        }
        for shard in shards {
            let done = Semaphore()
            shard.loop.run {
                for connection in Array(shard.connections.values) { connection.close(.shutdown) }
                done.signal()
            }
            done.wait()
        }
    }

    // MARK: Connections

    private func place(_ descriptor: Int32, _ peer: SocketAddress) {
        let count = connectionCount.wrappingAdd(1, ordering: .relaxed).newValue
        let index = turn.wrappingAdd(1, ordering: .relaxed).oldValue
        let shard = shards[index % shards.count]
        guard count <= limits.connectionsMax + limits.refusalsMax else {
            connectionCount.wrappingSubtract(1, ordering: .relaxed)
            metrics.countRefused()
            Glibc.close(descriptor)
            return
        }
        let isRefused = count > limits.connectionsMax
        if isRefused { metrics.countRefused() }
        if shard.loop.isCurrent {
            open(descriptor, peer, shard, isRefused)
        } else {
            shard.loop.run { self.open(descriptor, peer, shard, isRefused) }
        }
    }

    private func open(_ descriptor: Int32, _ peer: SocketAddress, _ shard: Shard, _ isRefused: Bool) {
        do {
            let session = try tls.map { context throws(TransportError) in try TLSSession(context, serverName: nil) }
            let connection = HTTPServerConnection(
                Connection(
                    descriptor, loop: shard.loop, peer: peer.description, connecting: false, tls: session,
                    limits: limits, metrics: metrics), self)
            try connection.start()
            shard.connections[ObjectIdentifier(connection)] = connection
            if isRefused {
                connection.refuseConnection()
            } else if draining.load(ordering: .relaxed) {
                connection.drain()
            }
        } catch {
            // The descriptor is closed; the client sees that.
            connectionCount.wrappingSubtract(1, ordering: .relaxed)
            metrics.countRefused()
        }
    }

    /// A connection of one of the loops is gone; on that loop.
    func closed(_ connection: HTTPServerConnection) {
        for shard in shards where shard.loop === connection.loop {
            guard shard.connections.removeValue(forKey: ObjectIdentifier(connection)) != nil else { return }
        }
        let left = connectionCount.wrappingSubtract(1, ordering: .relaxed).newValue
        if left == 0, draining.load(ordering: .sequentiallyConsistent) { idle.signal() }
    }

    /// Takes so many bytes of the room for unfinished bodies, gives back where it is negative; false when there is none.
    func takeBodyBytes(_ count: Int) -> Bool {
        let taken = bodyBytes.wrappingAdd(count, ordering: .relaxed).newValue
        guard count > 0, taken > limits.bodiesBytesMax else { return true }
        bodyBytes.wrappingSubtract(count, ordering: .relaxed)
        return false
    }

    // MARK: Refusals

    /// The codes of the answers that the server gives by itself, with their statuses.
    package static var problemCodes: [(code: String, status: Int)] {
        HTTPRefusal.allCases.map { ("http.\($0)", $0.status) }
            + [("http.tooManyConnections", 503), ("http.unanswered", 500)]
    }

    /// The body of an answer that the server gives by itself (RFC 9457).
    static func problem(_ status: Int, _ code: String) -> [UInt8] {
        let title = HTTPStatus.reason(status)
        return Array(#"{"type":"about:blank","title":"\#(title)","status":\#(status),"code":"\#(code)"}"#.utf8)
    }
}
