package import TandemConsensus
package import TandemJournal
package import TandemTransport
internal import TandemWire

/// How the nodes of a cluster speak: Raft's messages of all partitions, and the commands they hand one another, over one
/// connection for each pair.
///
/// Belongs to the consensus loop, where everything that comes is taken and everything that goes leaves: what is sent
/// during one batch of the loop leaves in one call for each node. `send` may be called from any thread.
// Safe: `outbox` and `isPosting` are under `lock`, `network`, `replicas` and `watcher` are set once before anything is
// received; the rest is touched on the loop only.
package final class ClusterNetwork: ReplicaPeers, NodeMail, PeerNetworkOwner, @unchecked Sendable {
    /// Lost ones are sent again by Raft in its own time. The channel is the partition.
    private static let raft = PeerKind(16, whenFull: .dropped)

    private struct Letter {
        let kind: PeerKind
        let partition: UInt16
        let to: PeerID
        let bytes: [UInt8]
    }

    let id: NodeID
    let configuration: ClusterConfiguration
    let presence: NodePresence
    private let loop: EventLoop
    private let disks: DiskMemory
    private let lock = Lock()
    private var outbox: [Letter] = []
    private var isPosting = false
    private var network: PeerNetwork?
    private var replicas: [Replica] = []
    private var forwarder: Forwarder?
    /// Frames that were not what this protocol allows, by nodes that were admitted.
    private(set) var garbled: UInt64 = 0

    package init(
        _ configuration: ClusterConfiguration, id: NodeID, incarnation: UInt64, disk: UInt64, log: any EntryLog,
        known: [UInt32: UInt64], loop: EventLoop
    ) {
        self.configuration = configuration
        self.id = id
        self.loop = loop
        presence = NodePresence(
            configuration.members.keys.sorted().filter { $0 != id.node }, at: EventLoop.monotonicNanoseconds())
        disks = DiskMemory(log: log, known: known)
        let identity = PeerIdentity(
            cluster: configuration.id, node: PeerID(id.node),
            life: PeerLife(generation: id.incarnation, incarnation: incarnation),
            formats: WireVersion.first...WireVersion.current, address: configuration.listen.description, disk: disk)
        network = PeerNetwork(
            PeerConfiguration(identity: identity, security: configuration.security), loop: loop, owner: self)
    }

    // MARK: Life

    /// Accepts and dials from now on.
    package func start(_ replicas: [Replica], _ forwarder: Forwarder? = nil) throws(TransportError) {
        self.replicas = replicas
        self.forwarder = forwarder
        guard let network else { return }
        let bound = try network.listen(on: configuration.listen)
        configuration.tell("peers: listening on \(bound)")
        var peers: [PeerID: SocketAddress] = [:]
        for (node, address) in configuration.members where node != id.node { peers[PeerID(node)] = address }
        loop.run { [peers] in network.setPeers(peers) }
    }

    /// Lets go of everything; what waits is sent first.
    func stop() {
        guard let network else { return }
        loop.run { network.close() }
    }

    /// How the others stand, by number; on the loop.
    func view(_ done: @escaping @Sendable ([PeerStatus]) -> Void) {
        loop.run { done(self.network?.status ?? []) }
    }

    // MARK: Sending

    package func send(_ message: RaftMessage, of partition: UInt16) {
        // What is over its bound is what nobody would read: Raft says it again and in smaller parts, or never.
        guard let bytes = try? RaftCodec.encode(message) else { return }
        put(Letter(kind: Self.raft, partition: partition, to: PeerID(message.to.node), bytes: bytes))
    }

    package func send(_ kind: MailKind, partition: UInt16, _ bytes: [UInt8], to node: NodeID) {
        let kind = PeerKind(kind.rawValue, whenFull: .refused)
        put(Letter(kind: kind, partition: partition, to: PeerID(node.node), bytes: bytes))
    }

    private func put(_ letter: Letter) {
        let wakes = lock.withLock {
            outbox.append(letter)
            defer { isPosting = true }
            return !isPosting
        }
        if wakes { loop.run { self.post() } }
    }

    private func post() {
        let letters = lock.withLock {
            defer { outbox = [] }
            isPosting = false
            return outbox
        }
        for letter in letters {
            network?.send(letter.kind, channel: letter.partition, letter.bytes, to: letter.to)
        }
    }

    // MARK: What comes

    package func admits(_ peer: PeerIdentity) -> PeerRefusal? {
        guard configuration.members[peer.node.number] != nil else {
            return PeerRefusal(.notAdmitted, "\(peer.node) is no member of cluster \(configuration.name)")
        }
        guard peer.life.generation == 0 else {
            return PeerRefusal(.notAdmitted, "\(peer.node) is no member in its life \(peer.life)")
        }
        return disks.refusal(of: peer)
    }

    package func found(_ peer: PeerIdentity) {
        disks.remember(peer)
        presence.found(peer.node.number, incarnation: peer.life.incarnation)
        forwarder?.found(NodeID(peer.node.number))
        for replica in replicas { replica.connection(to: NodeID(peer.node.number), isUp: true) }
    }

    package func lost(_ node: PeerID, _ loss: PeerLoss) {
        presence.lost(node.number, at: EventLoop.monotonicNanoseconds())
        for replica in replicas { replica.connection(to: NodeID(node.number), isUp: false) }
        forwarder?.lost(NodeID(node.number), ended: loss == .ended || loss == .reset)
    }

    package func received(_ frame: PeerFrame, from node: PeerID) {
        switch frame.kind {
        case Self.raft.code:
            guard Int(frame.channel) < replicas.count,
                let message = try? RaftCodec.decode(RaftMessage.self, frame.payload),
                message.from == NodeID(node.number), message.to == id
            else { return garbled += 1 }
            replicas[Int(frame.channel)].receive(message)
        default:
            guard let forwarder, let kind = MailKind(rawValue: frame.kind) else { return garbled += 1 }
            do throws(WireError) {
                try forwarder.received(
                    kind, partition: frame.channel, bytes: [UInt8](frame.payload), from: NodeID(node.number))
            } catch {
                garbled += 1
            }
        }
    }

    package func gainedRoom(_ node: PeerID) {}

    package func happened(_ event: PeerEvent) {
        configuration.tell("\(event)")
        // The port is tried again: without it, nodes that start anew could not come in.
        guard case .listenerFailed = event, let network else { return }
        loop.schedule(at: EventLoop.monotonicNanoseconds() + Self.listenAgainNanoseconds) { [configuration] in
            do throws(TransportError) {
                _ = try network.listen(on: configuration.listen)
            } catch {
                self.happened(.listenerFailed(error))
            }
        }
    }

    private static let listenAgainNanoseconds: UInt64 = 1_000_000_000
}
