package import TandemConsensus
package import TandemJournal
package import TandemTransport
internal import TandemWire

/// How the nodes of a cluster speak: Raft's messages of all partitions, and the commands they hand one another, over one
/// connection for each pair.
///
/// Belongs to the consensus loop, where everything that comes is taken and everything that goes leaves: what is sent
/// during one batch of the loop leaves in one call for each node. `send` may be called from any thread.
// Safe: `outbox`, `isPosting` and `answered` are under `lock`, `network`, `replicas`, `desk` and `watch` are set once
// before anything is received; the rest is touched on the loop only.
package final class ClusterNetwork: ReplicaPeers, NodeMail, ClusterPeers, PeerNetworkOwner,
    @unchecked Sendable
{
    /// Lost ones are sent again by Raft in its own time. The channel is the partition.
    private static let raft = PeerKind(16, whenFull: .dropped)
    /// A request about the cluster, and its answer; asked again until there is one.
    private static let request = PeerKind(20, whenFull: .dropped)
    private static let answer = PeerKind(21, whenFull: .dropped)
    /// The sender is going, in order: nothing is to be handed to it. Who does not know it, or does not get it, is none the
    /// worse: what he hands over comes back.
    private static let goodbye = PeerKind(30, whenFull: .dropped)
    /// What a wall clock shows; asked again before long.
    private static let clockQuestion = PeerKind(22, whenFull: .dropped)
    private static let clockAnswer = PeerKind(23, whenFull: .dropped)

    /// A state at a mark; told again at the next while it matters. The channel is the partition.
    private static let mark = PeerKind(24, whenFull: .dropped)

    private struct Letter {
        let kind: PeerKind
        let partition: UInt16
        let to: PeerID
        let bytes: [UInt8]
    }

    let id: NodeID
    let configuration: ClusterConfiguration
    let presence: NodePresence
    let clocks: ClockRounds
    private let loop: EventLoop
    private let disks: DiskMemory
    private let lock = Lock()
    private var outbox: [Letter] = []
    private var isPosting = false
    private var answered = AnsweredRounds()
    private var network: PeerNetwork?
    private var replicas: [Replica] = []
    private var forwarder: Forwarder?
    private var desk: ClusterDesk?
    private var watch: MarkWatch?
    private var admission: Admission
    /// Of those that are connected.
    private var lives: [UInt32: NodeID] = [:]
    private var dialled: [UInt32: String] = [:]
    private let agreed: AgreedFormat
    /// It was said that somebody writes what this node does not read.
    private var isTooOldTold = false
    /// Frames that were not what this protocol allows, by nodes that were admitted.
    private(set) var garbled: UInt64 = 0

    package init(
        _ configuration: ClusterConfiguration, id: NodeID, incarnation: UInt64, disk: UInt64, log: any EntryLog,
        state: ClusterState, agreed: AgreedFormat, loop: EventLoop, clock: TrustedClock
    ) {
        self.agreed = agreed
        self.configuration = configuration
        self.id = id
        admission = Admission(id: id, founders: configuration.members.mapValues(\.description), state: state)
        self.loop = loop
        presence = NodePresence(admission.others, at: EventLoop.monotonicNanoseconds())
        clocks = ClockRounds(node: id.node, clock: clock, tell: configuration.tell)
        clocks.set(admission.others)
        disks = DiskMemory(log: log)
        let identity = PeerIdentity(
            cluster: state.id, node: PeerID(id.node),
            life: PeerLife(generation: id.incarnation, incarnation: incarnation),
            formats: WireVersion.read, address: configuration.listen.description, disk: disk)
        network = PeerNetwork(
            PeerConfiguration(identity: identity, security: configuration.security), loop: loop, owner: self)
    }

    // MARK: Life

    /// Accepts and dials as soon as the loop runs, which it does not yet.
    ///
    /// - Parameter desk: for requests about the cluster; nil: it takes none.
    package func start(
        _ replicas: [Replica], _ forwarder: Forwarder? = nil, desk: ClusterDesk? = nil
    ) throws(TransportError) {
        self.replicas = replicas
        self.forwarder = forwarder
        self.desk = desk
        clocks.start { [weak self] isAnswer, bytes, node in
            let kind = isAnswer ? Self.clockAnswer : Self.clockQuestion
            self?.put(Letter(kind: kind, partition: 0, to: PeerID(node), bytes: bytes))
        } changed: { isReluctant in
            for replica in replicas { replica.reluctant(isReluctant) }
        }
        guard let network else { return }
        let bound = try network.listen(on: configuration.listen)
        configuration.tell("peers: listening on \(bound)")
        loop.run { self.refresh() }
    }

    /// The cluster is so from now on; on the loop.
    func take(_ new: ClusterState) {
        admission.state = new
        presence.set(admission.others, at: EventLoop.monotonicNanoseconds())
        clocks.set(admission.others)
        refresh()
    }

    /// Who hears what others say of their states; before the start.
    func take(_ watch: MarkWatch) { self.watch = watch }

    /// Dials those who are to be spoken to, and asks anew about those who are connected.
    func refresh() {
        let groups = replicas.map(\.membership)
        let wanted = admission.dialled(groups)
        let isStale = lives.values.contains { admission.refusal(of: $0, groups) != nil }
        guard wanted != dialled || isStale else { return }
        dialled = wanted
        var peers: [PeerID: SocketAddress] = [:]
        for (node, address) in wanted { peers[PeerID(node)] = SocketAddress(numbers: address) }
        network?.setPeers(peers)
    }

    /// Lets go of everything; what waits is sent first.
    func stop() {
        guard let network else { return }
        loop.run { network.close() }
    }

    /// Lets go of those who hold it, or would be held by it for ever; when the loop has ended.
    func letGo() {
        // A loop that never ran has not closed it.
        network = nil
        replicas = []
        forwarder = nil
        desk = nil
        watch = nil
        clocks.stop()
    }

    /// How the others stand, by number; on the loop.
    var peers: [PeerStatus] { network?.status ?? [] }

    // MARK: Sending

    package func send(_ message: RaftMessage, of partition: UInt16) {
        // What is over its bound is what nobody would read: Raft says it again and in smaller parts, or never.
        guard let bytes = try? RaftCodec.encode(message, in: agreed.now) else { return }
        let letter = Letter(kind: Self.raft, partition: partition, to: PeerID(message.to.node), bytes: bytes)
        put(letter, mayWait: lock.withLock { answered.mayWait(message, of: partition) })
    }

    package func send(_ kind: MailKind, partition: UInt16, _ bytes: [UInt8], to node: NodeID) {
        let kind = PeerKind(kind.rawValue, whenFull: .refused)
        put(Letter(kind: kind, partition: partition, to: PeerID(node.node), bytes: bytes))
    }

    func send(isAnswer: Bool, _ bytes: [UInt8], to node: UInt32) {
        put(Letter(kind: isAnswer ? Self.answer : Self.request, partition: 0, to: PeerID(node), bytes: bytes))
    }

    func send(mark bytes: [UInt8], of partition: UInt16, to node: UInt32) {
        put(Letter(kind: Self.mark, partition: partition, to: PeerID(node), bytes: bytes))
    }

    /// Tells everybody that this node is going.
    func sayGoodbye() {
        loop.run { [self] in
            for node in lives.keys.sorted() {
                put(Letter(kind: Self.goodbye, partition: 0, to: PeerID(node), bytes: []))
            }
        }
    }

    /// - Parameter mayWait: it leaves with the next one that may not, or with the next beat: an idle node wakes up and sends
    ///   half as often.
    private func put(_ letter: Letter, mayWait: Bool = false) {
        let wakes = lock.withLock {
            outbox.append(letter)
            guard !mayWait else { return false }
            defer { isPosting = true }
            return !isPosting
        }
        if wakes { loop.run { self.post() } }
    }

    /// Sends what waits; on the loop.
    func post() {
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
        admission.refusal(of: peer, replicas.map(\.membership), disks)
    }

    package func found(_ peer: PeerIdentity) {
        disks.remember(peer)
        lives[peer.node.number] = peer.id
        presence.found(peer.node.number, incarnation: peer.life.number)
        clocks.found(peer.node.number)
        forwarder?.found(peer.id)
        for replica in replicas { replica.connection(to: peer.id, isUp: true) }
    }

    package func lost(_ node: PeerID, _ loss: PeerLoss) {
        presence.lost(node.number, at: EventLoop.monotonicNanoseconds())
        clocks.lost(node.number)
        guard let id = lives.removeValue(forKey: node.number) else { return }
        for replica in replicas { replica.connection(to: id, isUp: false) }
        forwarder?.lost(id, ended: loss == .ended || loss == .reset)
    }

    package func received(_ frame: PeerFrame, from node: PeerID) {
        switch frame.kind {
        case Self.raft.code: receivedOfRaft(frame, from: node)
        case Self.request.code:
            if desk?.asked([UInt8](frame.payload), by: node.number) != true { garbled += 1 }
        case Self.clockQuestion.code:
            if !clocks.asked([UInt8](frame.payload), by: node.number) { garbled += 1 }
        case Self.clockAnswer.code:
            if !clocks.heard([UInt8](frame.payload), from: node.number) { garbled += 1 }
        case Self.mark.code:
            if watch?.heard([UInt8](frame.payload), of: frame.channel, from: node.number) != true { garbled += 1 }
        case Self.goodbye.code: presence.leaves(node.number)
        case Self.answer.code: if desk?.heard([UInt8](frame.payload)) != true { garbled += 1 }
        default:
            guard let forwarder, let kind = MailKind(rawValue: frame.kind), let from = lives[node.number] else {
                return garbled += 1
            }
            do throws(WireError) {
                try forwarder.received(kind, partition: frame.channel, bytes: [UInt8](frame.payload), from: from)
            } catch {
                take(error, from: node)
            }
        }
    }

    private func receivedOfRaft(_ frame: PeerFrame, from node: PeerID) {
        let message: RaftMessage
        do throws(WireError) {
            message = try RaftCodec.decode(RaftMessage.self, frame.payload)
        } catch {
            return take(error, from: node)
        }
        guard Int(frame.channel) < replicas.count, message.from == lives[node.number] else { return garbled += 1 }
        // What was said to an earlier life is void.
        if message.to == id { replicas[Int(frame.channel)].receive(message) }
    }

    /// Nothing is guessed at; the others go on without this node.
    private func take(_ error: WireError, from node: PeerID) {
        garbled += 1
        guard case .unknownVersion = error, !isTooOldTold else { return }
        isTooOldTold = true
        configuration.tell("\(node) is not understood (\(error)): start this node with a newer build")
    }

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
