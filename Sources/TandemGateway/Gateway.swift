package import TandemCore
package import TandemRuntime
internal import Synchronization
package import TandemTransport

/// The node's edge: HTTP and the way to live sessions. Untrusted bytes end here.
///
/// ```
/// made ── start ──▶ serving ── turnAway ──▶ leaving ── drain ──▶ stopped
/// ```
package final class Gateway: Sendable {
    package struct Options: Sendable {
        /// Where it listens; port 0 lets the system choose.
        package var address: SocketAddress
        package var limits = TandemTransport.Limits()
        package var tls: TLSContext?
        /// Also serves `/conformance/echo`.
        package var isConformance = false
        /// False: it is not ready before `open` is called.
        package var isOpen = true
        /// What `/v1/node/status` says.
        package var version = Build.version
        /// Gets a line for every answer but those of `/livez` and the echo; called on some thread, must not wait.
        package var onRequest: (@Sendable (RequestLine) -> Void)?
        /// The live sessions of this gateway; without, their paths answer 404.
        package var live: (any LiveSessions)?

        package init(address: SocketAddress) { self.address = address }
    }

    package let node: Node
    package let options: Options
    package let authenticator: Authenticator
    package let metrics = GatewayMetrics()
    package let table: RouteTable
    let places = ContactPlaces()
    let verification = JournalCheck()
    /// The OpenAPI document: it does not change while the node runs.
    let document: [UInt8]
    /// The listener as the child of a supervisor; the server's connections outlive it.
    let board = ServiceBoard([Gateway.listenerName])
    static let listenerName = "listener"
    /// Before a listener is restarted, and one that failed too often is tried again, in nanoseconds.
    private static let listenerPause: UInt64 = 100_000_000
    private static let listenerLongPause: UInt64 = 10_000_000_000
    private let server = Mutex<HTTPServer?>(nil)
    private let draining = Atomic<Bool>(false)
    private let opened: Atomic<Bool>
    /// Once it has had all partitions, one that has no leader for a moment is no reason to send nobody any more.
    private let hasBeenReady = Atomic<Bool>(false)

    package init(node: Node, options: Options) {
        self.node = node
        self.options = options
        opened = Atomic(options.isOpen)
        authenticator = Authenticator(node: node)
        table = RouteTable(Routes.all)
        document = OpenAPIDocument(routes: Routes.all, version: options.version).bytes
    }

    /// Binds the address and begins to serve; returns where, with the port the system chose.
    @discardableResult
    package func start() throws(TransportError) -> SocketAddress {
        let server = try HTTPServer(
            loops: node.loops, address: options.address, limits: options.limits, tls: options.tls,
            onListenerFailure: { [weak self] in self?.listenerFailed($0) }
        ) { [self] request, responder in handle(request, responder) }
        self.server.withLock { $0 = server }
        server.start()
        return server.address
    }

    /// Nothing is accepted any more: the listener is bound anew, after a moment or, when that has failed too often, after
    /// a longer one. Connections that are open go on meanwhile.
    private func listenerFailed(_ error: TransportError) {
        guard !isDraining else { return }
        let verdict = board.failed(Self.listenerName, reason: error.description)
        let pause = verdict == .escalate ? Self.listenerLongPause : Self.listenerPause
        _ = node.loops.loops[0].schedule(at: EventLoop.monotonicNanoseconds() + pause) { [weak self] in
            guard let self, let server = self.server.withLock({ $0 }) else { return }
            do throws(TransportError) {
                try server.listenAgain()
                self.board.started(Self.listenerName)
            } catch {
                self.listenerFailed(error)
            }
        }
    }

    /// The node is going: it is not ready any more and takes no new live sessions. Everything else goes on, until `drain`.
    package func turnAway() { draining.store(true, ordering: .sequentiallyConsistent) }

    /// Takes no more connections, tells live sessions to reconnect elsewhere, lets requests in flight finish for so
    /// long, then closes what is left. Waits; never on a loop of the node.
    package func drain(milliseconds: UInt64 = 5_000) {
        turnAway()
        node.endWaiting()
        options.live?.drain()
        let server = self.server.withLock { server in
            defer { server = nil }
            return server
        }
        server?.stop(drainMilliseconds: milliseconds)
    }

    /// Set by `turnAway`: the node answers, but a load balancer should send nobody new.
    package var isDraining: Bool { draining.load(ordering: .sequentiallyConsistent) }

    /// Nobody new should come: the node is ending, or an operator has it drain.
    var isTurningAway: Bool { isDraining || node.isDrained }

    /// What the node has to do before anybody can use it is done: from now on it may be ready.
    package func open() { opened.store(true, ordering: .sequentiallyConsistent) }

    /// The node serves: its journal can be written and at least one partition is led, here or by a node that this one
    /// hands commands to. Others may have been given up; what is theirs is refused. At first it has to have caught up with
    /// all of them.
    func isReady(_ partitions: [PartitionStatus]) -> Bool {
        guard opened.load(ordering: .sequentiallyConsistent), !isDraining, !node.isDrained,
            node.journalFigures.isHealthy
        else { return false }
        if hasBeenReady.load(ordering: .relaxed) || !node.isClustered { return partitions.contains(where: serves) }
        guard partitions.allSatisfy(serves) else { return false }
        hasBeenReady.store(true, ordering: .relaxed)
        return true
    }

    /// Takes commands of a partition, or hands them to who does.
    func serves(_ partition: PartitionStatus) -> Bool {
        switch partition.phase {
        case .leading, .retiring: partition.trouble == nil
        case .following: partition.leader != nil && partition.givenUp == nil && node.isCurrent(partition.number)
        case .made, .draining, .stopped: false
        }
    }

    package var connectionsOpen: Int { server.withLock { $0?.connectionsOpen ?? 0 } }

    package var transportFigures: TransportMetrics.Figures? { server.withLock { $0?.metrics.figures } }
}

/// What was answered, for the log: ids and numbers, never what people said.
package struct RequestLine: Sendable {
    package let method: String
    /// The route's pattern, so that lines of one kind can be counted; nil when none fits.
    package let route: String?
    package let status: Int
    package let code: String?
    package let credential: CredentialID?
    package let traceparent: String?
    package let microseconds: UInt64
}

/// The paths on which a connection becomes a live session.
package enum LiveKind: Sendable {
    case customer, agent, supervisor
}

/// The live sessions as the HTTP side knows them.
package protocol LiveSessions: Sendable {
    /// Takes over a request that asks to become a WebSocket; its caller is checked and has the right. On the
    /// connection's loop, or off it when the credential had to be loaded.
    func open(_ kind: LiveKind, _ call: Call)
    /// Tells every session to reconnect elsewhere and takes no more.
    func drain()
    var count: Int { get }
}
