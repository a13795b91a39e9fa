internal import Glibc

/// What happens in a network of peers; all of it on the network's loop.
package protocol PeerNetworkOwner: AnyObject {
    /// Whether this node may be spoken to; nil admits it. Asked at each handshake, and for those connected when the peers
    /// are set.
    func admits(_ peer: PeerIdentity) -> PeerRefusal?
    /// Connected: frames may be sent.
    func found(_ peer: PeerIdentity)
    /// Connected no more. What was sent and has not arrived is lost.
    func lost(_ node: PeerID, _ loss: PeerLoss)
    /// A frame came; its payload is gone when the call returns. The frames of one connection come in the order they were
    /// sent.
    func received(_ frame: PeerFrame, from node: PeerID)
    /// For the log.
    func happened(_ event: PeerEvent)
}

/// How a node speaks to its peers.
package struct PeerConfiguration: Sendable {
    /// Who this node is.
    package var identity: PeerIdentity
    /// Without it everything is sent in the clear and identities are believed.
    package var security: PeerSecurity?
    package var limits: PeerLimits

    package init(identity: PeerIdentity, security: PeerSecurity? = nil, limits: PeerLimits = PeerLimits()) {
        self.identity = identity
        self.security = security
        self.limits = limits
    }
}

/// What became of a frame that was to be sent.
package enum PeerSending: Sendable, Equatable {
    /// It leaves at the end of the batch, and arrives unless the connection is lost first.
    case queued
    /// The queue is full; the kind says that such a frame is forgotten.
    case dropped
    /// The queue is full; the caller still has it.
    case full
    /// There is no connection.
    case notConnected
    /// Longer than this node sends or the peer takes.
    case tooLong
}

/// The connections of a node to its peers: one for each, whoever dialled, for the frames of all partitions.
///
/// Belongs to one loop. `init` and `listen` may be called anywhere, everything else on the loop. It holds its owner and
/// itself in memory until `close`.
///
/// How the two sides agree on one connection: each dials while it has none. A dial gives way to a connection that the peer
/// has made, except that a dial by the lower number, once it has asked, holds the peer's back until it is decided.
// Safe: touched on its loop only, but for what never changes.
package final class PeerNetwork: @unchecked Sendable {
    package let loop: EventLoop
    let configuration: PeerConfiguration
    package let metrics = TransportMetrics()
    private(set) var owner: (any PeerNetworkOwner)?
    private let connectionLimits: Limits
    private var generator: any RandomNumberGenerator
    private var listener: Listener?
    var peers: [PeerID: Peer] = [:]
    /// Accepted connections that nobody's state holds yet, or that are being told a refusal; oldest first.
    var handshakes: [PeerLink] = []
    /// The latest life of each node that was ever connected.
    var lives: [PeerID: PeerLife] = [:]
    private var troubles = PeerTroubles()
    private var heartbeat: TimerToken?

    /// - Parameter generator: the chance in the pauses between dials
    package init(
        _ configuration: PeerConfiguration, loop: EventLoop, owner: any PeerNetworkOwner,
        generator: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()
    ) {
        self.configuration = configuration
        self.loop = loop
        self.owner = owner
        self.generator = generator
        let bounds = configuration.limits
        var limits = Limits()
        limits.connectMilliseconds = bounds.handshakeMilliseconds
        limits.outgoingBytesMax = bounds.queueBytesMax + bounds.frameBytesMax + PeerLimits.strangerBytesMax
        limits.stallMilliseconds = bounds.silenceMilliseconds
        limits.stallBytesMin = 1
        connectionLimits = limits
    }

    // MARK: Life

    /// Binds `address` and accepts peers there; returns it with the port the system chose. Again after a
    /// `PeerEvent.listenerFailed`.
    package func listen(on address: SocketAddress) throws(TransportError) -> SocketAddress {
        let listener = try Listener(
            on: loop, address: address, backlog: connectionLimits.backlog, metrics: metrics
        ) { [weak self] descriptor, peer in
            guard let self, owner != nil else {
                Glibc.close(descriptor)
                return
            }
            accepted(descriptor, from: peer)
        } onFailure: { [weak self] error in
            self?.owner?.happened(.listenerFailed(error))
        }
        loop.run { [self] in
            guard owner != nil else { return listener.close() }
            self.listener = listener
        }
        listener.start()
        return listener.address
    }

    /// Dials exactly these from now on, and asks the owner again about everyone who is connected.
    package func setPeers(_ addresses: [PeerID: SocketAddress]) {
        guard owner != nil else { return }
        for peer in inOrder {
            switch peer.state {
            case .answering(let link), .connected(let link):
                if let hello = link.hello, let refusal = owner?.admits(hello.identity) { link.refuse(refusal) }
            case .resting, .dialling: break  // Asked when the handshake comes to it.
            }
        }
        for peer in inOrder where addresses[peer.id] == nil {
            peer.address = nil
            if case .resting(let timer) = peer.state { forget(peer, timer) }
            if case .dialling(let link, _) = peer.state { link.end(.closed) }
        }
        for (id, address) in addresses.sorted(by: { $0.key < $1.key }) where id != configuration.identity.node {
            let peer = peer(id)
            let isNew = peer.address?.description != address.description
            peer.address = address
            if isNew, case .dialling(let link, _) = peer.state { link.end(.closed) }
            guard isNew, case .resting(let timer) = peer.state else { continue }
            if let timer { loop.cancel(timer) }
            dial(peer)
        }
    }

    /// Ends everything and lets go of the owner, who hears nothing more.
    package func close() {
        guard owner != nil else { return }
        owner = nil
        listener?.close()
        listener = nil
        if let heartbeat { loop.cancel(heartbeat) }
        heartbeat = nil
        for peer in inOrder {
            switch peer.state {
            case .resting(let timer): if let timer { loop.cancel(timer) }
            case .dialling(let link, let held):
                link.end(.closed)
                held?.end(.closed)
            case .answering(let link), .connected(let link):
                link.connection.flushNow()
                link.end(.closed)
            }
        }
        for link in handshakes { link.end(.closed) }
        peers = [:]
        handshakes = []
    }

    // MARK: Sending

    /// Sends a frame; what one batch of the loop sends to a peer leaves in one call at its end.
    @discardableResult
    package func send(
        _ kind: PeerKind, channel: UInt16, _ payload: UnsafeRawBufferPointer, to node: PeerID
    ) -> PeerSending {
        guard let peer = peers[node], let link = peer.link, let hello = link.hello else { return .notConnected }
        let limits = configuration.limits
        guard payload.count <= min(limits.frameBytesMax, hello.frameBytesMax) else { return .tooLong }
        if link.connection.outstandingBytes > limits.queueBytesMax {
            link.connection.flushNow()
            guard link.isOpen else { return .notConnected }
            if link.connection.outstandingBytes > limits.queueBytesMax { return meetsFull(peer, kind) }
        }
        link.send(kind.code, channel: channel, payload)
        peer.figures.framesOut += 1
        peer.figures.bytesOut += payload.count
        return .queued
    }

    @discardableResult
    package func send(_ kind: PeerKind, channel: UInt16, _ payload: [UInt8], to node: PeerID) -> PeerSending {
        payload.withUnsafeBytes { send(kind, channel: channel, $0, to: node) }
    }

    private func meetsFull(_ peer: Peer, _ kind: PeerKind) -> PeerSending {
        switch kind.whenFull {
        case .dropped:
            peer.figures.dropped += 1
            return .dropped
        case .refused:
            peer.figures.refused += 1
            return .full
        }
    }

    // MARK: What there is

    var inOrder: [Peer] { peers.values.sorted { $0.id < $1.id } }

    /// Who is connected, by number.
    package var connected: [PeerID] { inOrder.filter { $0.link != nil }.map(\.id) }

    /// All known peers, by number.
    package var status: [PeerStatus] {
        inOrder.map { peer in
            let state: PeerStatus.State =
                switch peer.state {
                case .resting: .resting
                case .dialling: .dialling
                case .answering: .answering
                case .connected: .connected
                }
            return PeerStatus(
                node: peer.id, address: peer.address?.description, state: state, identity: peer.identity,
                queuedBytes: peer.link?.connection.outstandingBytes ?? 0, lastLoss: peer.lastLoss, figures: peer.figures
            )
        }
    }

    func peer(_ id: PeerID) -> Peer {
        if let peer = peers[id] { return peer }
        let peer = Peer(id)
        peers[id] = peer
        return peer
    }

    // MARK: Making connections

    func hello(to peer: PeerID) -> PeerHello {
        PeerHello(configuration.identity, to: peer, frameBytesMax: configuration.limits.frameBytesMax)
    }

    private func accepted(_ descriptor: Int32, from address: SocketAddress) {
        if handshakes.count >= configuration.limits.handshakesMax { handshakes[0].end(.late) }
        do {
            let tls = try configuration.security.map { security throws(TransportError) in
                try TLSSession(security.server, serverName: nil)
            }
            let connection = Connection(
                descriptor, loop: loop, peer: address.description, connecting: false, tls: tls,
                limits: connectionLimits,
                metrics: metrics)
            let link = PeerLink(connection, dialled: nil, network: self)
            try link.start()
            handshakes.append(link)
        } catch {
            metrics.countRefused()  // The socket is closed; the peer dials again.
        }
    }

    func dial(_ peer: Peer) {
        guard owner != nil, let address = peer.address else { return }
        do {
            let tls = try configuration.security.map { security throws(TransportError) in
                try TLSSession(security.client, serverName: PeerSecurity.name(of: peer.id))
            }
            let connection = try Connection.connecting(
                to: address, loop: loop, tls: tls, limits: connectionLimits, metrics: metrics)
            let link = PeerLink(connection, dialled: peer.id, network: self)
            peer.state = .dialling(link, held: nil)
            try link.start()
        } catch {
            tellNotReached(peer.id, at: address.description, .unreachable(error.message))
            rest(peer)
        }
    }

    /// Waits before the next dial: longer with each failure, and by chance, so that nobody's dials meet for ever.
    func rest(_ peer: Peer) {
        guard owner != nil, peer.address != nil else { return forget(peer, nil) }
        let limits = configuration.limits
        let longest = min(limits.redialMillisecondsMin << min(peer.failures, 16), limits.redialMillisecondsMax)
        peer.failures += 1
        let pause = longest * 500_000 + generator.next() % max(longest * 500_000, 1)
        let timer = loop.schedule(at: EventLoop.monotonicNanoseconds() + pause) { [weak self, weak peer] in
            guard let self, let peer, case .resting = peer.state, peers[peer.id] === peer else { return }
            dial(peer)
        }
        peer.state = .resting(timer)
    }

    private func forget(_ peer: Peer, _ timer: TimerToken?) {
        if let timer { loop.cancel(timer) }
        peer.state = .resting(nil)
        peers[peer.id] = nil
    }

    // MARK: Troubles, unless the same was told a moment ago

    func tellNotReached(_ node: PeerID, at address: String, _ loss: PeerLoss) {
        guard let owner, troubles.isNews(node, loss, at: loop.batchTime) else { return }
        owner.happened(.notReached(node, at: address, loss))
    }

    func tellTurnedAway(_ link: PeerLink, _ loss: PeerLoss) {
        let who = link.hello?.identity
        guard let owner, troubles.isNews(who?.node, loss, at: loop.batchTime) else { return }
        owner.happened(.turnedAway(who, at: link.connection.peer, loss))
    }

    // MARK: Heartbeats

    func startHeartbeat() {
        guard heartbeat == nil else { return }
        let deadline = EventLoop.monotonicNanoseconds() + configuration.limits.pingMilliseconds * 1_000_000
        heartbeat = loop.schedule(at: deadline) { [weak self] in self?.beat() }
    }

    /// Pings those to whom nothing was said, and gives up those who say nothing. What has come is read before timers are
    /// due, so a loop that was held up does not blame its peers.
    private func beat() {
        heartbeat = nil
        let now = loop.batchTime
        let limits = configuration.limits
        for peer in inOrder {
            guard let link = peer.link else { continue }
            if link.heardAt + limits.silenceMilliseconds * 1_000_000 < now {
                link.giveUp()
            } else if link.saidAt + limits.pingMilliseconds * 1_000_000 <= now {
                link.ping()
            }
        }
        if owner != nil, peers.values.contains(where: { $0.link != nil }) { startHeartbeat() }
    }
}
