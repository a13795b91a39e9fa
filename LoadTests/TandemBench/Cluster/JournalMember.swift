internal import Foundation
internal import Glibc
internal import TandemConsensus
internal import TandemJournal
internal import TandemRuntime
internal import TandemTransport

/// A node that shares nothing but a journal with the others: Raft, the journal and the peers' connections, and entries
/// that mean nothing. It runs in a process of its own.
///
/// A client's frame is a number and an entry's bytes; the answer is the number, once the entry is committed and durable
/// here. Everything but the consensus runs on one loop.
// Safe: `term`, `next`, `batch` and `hasClient` are touched on the loop only.
final class JournalMember: Replicated, PeerNetworkOwner, @unchecked Sendable {
    /// The first argument of such a process; its plan follows, as JSON.
    static let argument = "--journal-member"

    struct Plan: Codable {
        var node: UInt32
        var directory: String
        var peerPorts: [UInt16]
        var clientPort: UInt16
    }

    enum Kind {
        static let propose = PeerKind(32, whenFull: .refused)
        static let committed = PeerKind(33, whenFull: .refused)
        /// To a client: this node leads from now on; refused is not told, a client asks again.
        static let leads = PeerKind(34, whenFull: .refused)
    }

    private let plan: Plan
    private let loop: EventLoop
    private let consensus: EventLoop
    private let reader: EventLoop
    private let journal: Journal
    private let network: ClusterNetwork
    private let replica: Replica
    private lazy var clients = PeerNetwork(
        PeerConfiguration(identity: JournalClient.identity(plan.node)), loop: loop, owner: self)
    private var term: UInt64?
    private var next: UInt64 = 0
    private var batch: [JournalEntry] = []
    private var askers: [(client: PeerID, number: UInt64)] = []
    private var hasClient = false

    private init(_ plan: Plan) throws {
        self.plan = plan
        loop = try EventLoop(name: "clients")
        consensus = try EventLoop(name: "consensus")
        reader = try EventLoop(name: "journal-reader")
        journal = try Journal(directory: plan.directory)
        var members: [UInt32: SocketAddress] = [:]
        for (place, port) in plan.peerPorts.enumerated() {
            members[UInt32(place + 1)] = try SocketAddress(host: "127.0.0.1", port: port)
        }
        let listen = try SocketAddress(host: "127.0.0.1", port: plan.peerPorts[Int(plan.node) - 1])
        let id = NodeID(plan.node)
        let cluster = ClusterConfiguration(name: "bench", members: members, listen: listen)
        network = ClusterNetwork(
            cluster, id: id, incarnation: 1, disk: UInt64(plan.node), log: journal, state: cluster.founding,
            agreed: AgreedFormat(), loop: consensus, clock: TrustedClock(SystemClock()))
        replica = Replica(
            partition: 0, id: id, founders: Membership(voters: members.keys.sorted().map { NodeID($0) }), log: journal,
            peers: network, snapshots: NoSnapshots(), reader: reader, life: 1, seed: UInt64(plan.node))
    }

    /// Runs until it is ended, or its client is gone.
    static func run(_ plan: String) async throws {
        let member = try JournalMember(JSONDecoder().decode(Plan.self, from: Data(plan.utf8)))
        try member.start()
        while true { try await Task.sleep(for: .seconds(3_600)) }
    }

    private func start() throws {
        for loop in [loop, consensus, reader] { loop.start() }
        try replica.start(self, at: .beginning, disk: journal.health) {}
        consensus.run { self.beat() }
        try network.start([replica])
        _ = try clients.listen(on: SocketAddress(host: "127.0.0.1", port: plan.clientPort))
        // Nobody came: its bench is gone.
        loop.schedule(at: EventLoop.monotonicNanoseconds() + 30_000_000_000) { if !self.hasClient { exit(1) } }
    }

    private func beat() {
        replica.tick()
        consensus.schedule(at: EventLoop.monotonicNanoseconds() + 10_000_000) { self.beat() }
    }

    // MARK: As what is replicated

    func follow(_ entries: [FollowedEntry], done: @escaping @Sendable (UInt64) -> Void) {
        done(entries.last?.index ?? 0)
    }

    /// Its group keeps its members.
    func retire(_ done: @escaping @Sendable () -> Void) { done() }

    /// Its log is never cut.
    func install(_ image: StateImage, done: @escaping @Sendable () -> Void) { done() }

    func lead(term: UInt64, after opening: UInt64) {
        loop.run { [self] in
            self.term = term
            next = opening + 1
            for client in clients.connected { clients.send(Kind.leads, channel: 0, [], to: client) }
        }
    }

    func depose(_ trouble: Unavailable?) {
        loop.run { [self] in term = nil }
    }

    // MARK: As a server

    func admits(_ peer: PeerIdentity) -> PeerRefusal? { nil }

    func found(_ peer: PeerIdentity) {
        hasClient = true
        if term != nil { clients.send(Kind.leads, channel: 0, [], to: peer.node) }
    }

    func lost(_ node: PeerID, _ loss: PeerLoss) { exit(0) }

    func received(_ frame: PeerFrame, from node: PeerID) {
        guard let term, frame.kind == Kind.propose.code, frame.payload.count > 8 else { return }
        let bytes = [UInt8](frame.payload[8...])
        askers.append((node, frame.payload.loadUnaligned(as: UInt64.self)))
        batch.append(JournalEntry(partition: 0, index: next, term: term, time: 0, bytes: bytes))
        next += 1
        if batch.count == 1 { loop.afterBatch { self.propose() } }
    }

    func happened(_ event: PeerEvent) {}

    private func propose() {
        let (entries, asked) = (batch, askers)
        guard let first = entries.first else { return }
        (batch, askers) = ([], [])
        replica.append(entries) { [self] range, result in
            guard case .success = result else { exit(1) }
            loop.run { [self] in
                for index in range {
                    let (client, number) = asked[Int(index - first.index)]
                    withUnsafeBytes(of: number) { _ = clients.send(Kind.committed, channel: 0, $0, to: client) }
                }
            }
        }
    }
}
