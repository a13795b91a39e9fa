import Synchronization
import TandemConsensus
import TandemJournal
import TandemTransport
import TandemWire

@testable import TandemRuntime

/// A node of a fleet: what survives its process, and the process.
final class Vessel {
    let number: UInt32
    let generation: UInt32
    let disk: UInt64
    /// What it reads; another build reads others.
    var formats: ClosedRange<UInt8>
    let hasJoined: Bool
    /// One for each group; the last has what the node remembers.
    let journals = [HandJournal(), HandJournal()]
    private(set) var process: Process?
    private var life: UInt64 = 0

    struct Process {
        let replicas: [Replica]
        let texts: HandTexts
        let part: ClusterPart
        let peers: HandPeers
        let agreed: AgreedFormat
        let life: UInt64
    }

    init(
        _ number: UInt32, generation: UInt32 = 0, disk: UInt64, formats: ClosedRange<UInt8>, hasJoined: Bool = false
    ) {
        self.number = number
        self.generation = generation
        self.disk = disk
        self.formats = formats
        self.hasJoined = hasJoined
    }

    var id: NodeID { NodeID(number, incarnation: generation) }

    /// As it says who it is.
    var identity: PeerIdentity {
        PeerIdentity(
            cluster: process?.part.system.state.id ?? ClusterID(high: 0, low: 0), node: PeerID(number),
            life: PeerLife(generation: generation, incarnation: life), formats: formats, disk: disk)
    }

    func start(
        state: ClusterState, founders: (UInt16) -> Membership, addresses: [UInt32: String], listens: String,
        in fleet: Fleet
    ) throws {
        life += 1
        let mail = HandPost.Box(number, fleet.post)
        let peers = HandPeers(
            Admission(id: id, founders: addresses, state: state), DiskMemory(log: journals[1]), mail, fleet.clock)
        let replicas = journals.enumerated().map { group, journal in
            Replica(
                partition: UInt16(group), id: id, founders: founders(UInt16(group)), log: journal, peers: mail,
                snapshots: NoSnapshots(), reader: fleet.executor, life: life, seed: id.value &* 77 &+ life)
        }
        let agreed = AgreedFormat(state.format)
        let part = ClusterPart(
            replicas[1], peers, loop: fleet.executor, clock: fleet.clock, log: journals[1], life: life, state: state,
            own: ClusterRequest.Report(
                node: number, generation: generation, disk: disk, address: listens, formats: formats),
            agreed: agreed, tell: { line in peers.told.set(peers.told.get() + [line]) })
        peers.replicas = replicas
        let texts = HandTexts()
        process = Process(replicas: replicas, texts: texts, part: part, peers: peers, agreed: agreed, life: life)
        try replicas[0].start(texts, at: .beginning, disk: .ok) {}
        try part.start(replicas, disk: .ok) { _, _ in false }
        peers.refresh()
    }

    func crash() {
        for replica in process?.replicas ?? [] { replica.stop() }
        process = nil
        for journal in journals { journal.crash() }
    }

    func tick(at now: UInt64) {
        guard let process else { return }
        for replica in process.replicas { replica.tick() }
        process.part.beat(at: now)
    }

    func found(_ other: Vessel) {
        guard let process, let life = other.process?.life else { return }
        process.peers.disks.remember(other.identity)
        process.peers.presence.found(other.number, incarnation: life)
        for replica in process.replicas { replica.connection(to: other.id, isUp: true) }
    }

    func lost(_ other: Vessel, at now: UInt64) {
        guard let process else { return }
        process.peers.presence.lost(other.number, at: now)
        for replica in process.replicas { replica.connection(to: other.id, isUp: false) }
    }
}

/// The other nodes, as one of a fleet has them.
// Safe: touched on the test's thread only.
final class HandPeers: ClusterPeers, @unchecked Sendable {
    let presence: NodePresence
    let clocks: ClockRounds
    let disks: DiskMemory
    var replicas: [Replica] = []
    private(set) var dialled: [UInt32: String] = [:]
    private var admission: Admission
    private let mail: HandPost.Box
    private let clock: HandClock
    /// Requests and answers that were none.
    var garbled = 0
    /// Lines of its log.
    let told = Mutexed<[String]>([])

    init(_ admission: Admission, _ disks: DiskMemory, _ mail: HandPost.Box, _ clock: HandClock) {
        self.admission = admission
        self.disks = disks
        self.mail = mail
        self.clock = clock
        presence = NodePresence(admission.others, at: clock.monotonic())
        clocks = ClockRounds(node: admission.id.node, clock: TrustedClock(clock), tell: { _ in })
    }

    func take(_ state: ClusterState) {
        admission.state = state
        presence.set(admission.others, at: clock.monotonic())
        refresh()
    }

    func refresh() { dialled = admission.dialled(replicas.map(\.membership)) }

    func refusal(of peer: PeerIdentity) -> PeerRefusal? {
        admission.refusal(of: peer, replicas.map(\.membership), disks)
    }

    func send(isAnswer: Bool, _ bytes: [UInt8], to node: UInt32) {
        mail.put(isAnswer ? .answer(bytes) : .request(bytes), to: node)
    }

    /// Nothing waits here.
    private(set) var posts = 0

    func post() { posts += 1 }
}

/// What is on its way between the nodes of a fleet.
final class HandPost: Sendable {
    enum Content {
        case raft(RaftMessage, group: UInt16)
        case request([UInt8])
        case answer([UInt8])
    }

    struct Letter {
        let content: Content
        let from: UInt32
        let to: UInt32
    }

    private struct Kept {
        var waiting: [Letter] = []
        var isLost: @Sendable (Letter) -> Bool = { _ in false }
    }
    private let kept = Mutex(Kept())

    /// Loses some from now on.
    func lose(_ isLost: @escaping @Sendable (Letter) -> Bool) { kept.withLock { $0.isLost = isLost } }

    func take() -> [Letter] {
        kept.withLock { kept in
            defer { kept.waiting = [] }
            return kept.waiting.filter { !kept.isLost($0) }
        }
    }

    /// Where one node puts what it sends.
    final class Box: ReplicaPeers {
        private let node: UInt32
        private let post: HandPost

        init(_ node: UInt32, _ post: HandPost) {
            self.node = node
            self.post = post
        }

        func send(_ message: RaftMessage, of partition: UInt16) {
            // Through its bytes, as on a real wire.
            guard let bytes = try? RaftCodec.encode(message, in: WireVersion.oldest),
                let read = try? RaftCodec.decode(RaftMessage.self, bytes)
            else { return }
            put(.raft(read, group: partition), to: message.to.node)
        }

        func put(_ content: Content, to node: UInt32) {
            post.kept.withLock { $0.waiting.append(Letter(content: content, from: self.node, to: node)) }
        }
    }
}

/// A partition that is a list of texts.
final class HandTexts: Replicated {
    private struct Kept {
        var applied: UInt64 = 0
        var term: UInt64?
        var texts: [String] = []
        var underWay = 0
        var retired: (@Sendable () -> Void)?
    }
    private let kept = Mutex(Kept())

    var all: [String] { kept.withLock { $0.texts } }

    /// Proposes a text, unless it is there, something is under way or this node does not lead.
    func write(_ text: String, to log: Replica, done: @escaping @Sendable () -> Void) {
        let entry = kept.withLock { kept -> JournalEntry? in
            guard let term = kept.term, kept.underWay == 0, kept.retired == nil, !kept.texts.contains(text) else {
                return nil
            }
            kept.underWay += 1
            return JournalEntry(
                partition: 0, index: kept.applied + 1, term: term, time: 0, bytes: [WireVersion.oldest] + text.utf8)
        }
        guard let entry else { return all.contains(text) ? done() : () }
        log.append([entry]) { [self] _, result in
            let retired = kept.withLock { kept -> (@Sendable () -> Void)? in
                kept.underWay -= 1
                if case .success = result {
                    kept.applied = entry.index
                    kept.texts.append(text)
                }
                defer { kept.retired = nil }
                return kept.retired
            }
            if case .success = result { done() }
            retired?()
        }
    }

    func follow(_ entries: [FollowedEntry], done: @escaping @Sendable (UInt64) -> Void) {
        let applied = kept.withLock { kept in
            for entry in entries where entry.index > kept.applied {
                kept.applied = entry.index
                if let bytes = entry.bytes { kept.texts.append(String(decoding: bytes.dropFirst(), as: UTF8.self)) }
            }
            return kept.applied
        }
        done(applied)
    }

    func lead(term: UInt64, after opening: UInt64) {
        kept.withLock { kept in
            kept.term = term
            kept.applied = max(kept.applied, opening)
        }
    }

    func depose(_ trouble: Unavailable?) {
        kept.withLock { kept in
            kept.term = nil
            kept.underWay = 0
            kept.retired = nil
        }
    }

    func retire(_ done: @escaping @Sendable () -> Void) {
        let isAtOnce = kept.withLock { kept in
            kept.term = nil
            if kept.underWay > 0 { kept.retired = done }
            return kept.underWay == 0
        }
        if isAtOnce { done() }
    }

    func install(_ image: StateImage, done: @escaping @Sendable () -> Void) {}
}
