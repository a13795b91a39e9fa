internal import TandemTransport

/// Keeps entries under way to the node that leads. A measurement is over when that node is lost, or another one leads: what
/// was under way is nobody's then, and the figure would be an election's.
// Safe: touched on its loop only, but for the network, which is made with it.
final class JournalClient: PeerNetworkOwner, @unchecked Sendable {
    private static let number: UInt32 = 100

    static func identity(_ node: UInt32) -> PeerIdentity {
        PeerIdentity(
            cluster: ClusterID(high: 1, low: 1), node: PeerID(node), life: PeerLife(incarnation: 1), formats: 1...1)
    }

    private let loop: EventLoop
    private lazy var network = PeerNetwork(
        PeerConfiguration(identity: Self.identity(Self.number)), loop: loop, owner: self)
    private var leader: PeerID?
    private var onLeader: ((Result<Void, any Error>) -> Void)?
    private var frame = [UInt8](repeating: 255, count: 8 + 256)
    private var sentAt: [UInt64: UInt64] = [:]
    private var nextNumber: UInt64 = 0
    private var latencies = Latencies()
    private var began: UInt64 = 0
    private var end: UInt64 = 0
    private var done: ((Result<TurnBench.Run, any Error>) -> Void)?
    private var trouble: NodeProcesses.Trouble?
    /// Counts what is waited for.
    private var turn = 0
    private var isClosing = false

    /// How long an election may take, or the last answers.
    private static let patienceSeconds = 30.0

    init(_ loop: EventLoop) { self.loop = loop }

    /// Connects to all; `ready` is called once when one of them leads, or none does.
    func begin(_ members: [PeerID: SocketAddress], ready: @escaping (Result<Void, any Error>) -> Void) {
        onLeader = ready
        watch(seconds: Self.patienceSeconds, "no node leads")
        network.setPeers(members)
    }

    func run(inFlight: Int, seconds: Double, done: @escaping (Result<TurnBench.Run, any Error>) -> Void) {
        if let trouble { return done(.failure(trouble)) }
        self.done = done
        watch(seconds: seconds + Self.patienceSeconds, "entries are not answered")
        latencies = Latencies()
        began = EventLoop.monotonicNanoseconds()
        end = began + UInt64(seconds * 1e9)
        for _ in 0..<inFlight { send() }
    }

    func close() {
        isClosing = true
        network.close()
    }

    private func watch(seconds: Double, _ what: String) {
        turn += 1
        loop.schedule(at: EventLoop.monotonicNanoseconds() + UInt64(seconds * 1e9)) { [self, turn] in
            if turn == self.turn, onLeader != nil || done != nil { fail(what) }
        }
    }

    private func fail(_ what: String) {
        let trouble = trouble ?? NodeProcesses.Trouble(description: what)
        self.trouble = trouble
        onLeader?(.failure(trouble))
        onLeader = nil
        done?(.failure(trouble))
        done = nil
    }

    private func send() {
        guard let leader, trouble == nil else { return }
        nextNumber += 1
        frame.withUnsafeMutableBytes { $0.storeBytes(of: nextNumber, as: UInt64.self) }
        sentAt[nextNumber] = EventLoop.monotonicNanoseconds()
        let sending = network.send(JournalMember.Kind.propose, channel: 0, frame, to: leader)
        precondition(sending == .queued, "a thousand frames are within every bound")
    }

    func admits(_ peer: PeerIdentity) -> PeerRefusal? { nil }
    func found(_ peer: PeerIdentity) {}

    func lost(_ node: PeerID, _ loss: PeerLoss) {
        if !isClosing { fail("\(node) was lost: \(loss)") }
    }

    func received(_ frame: PeerFrame, from node: PeerID) {
        if frame.kind == JournalMember.Kind.leads.code {
            guard leader == nil else { return fail("\(node) was elected meanwhile: the machine was too busy") }
            leader = node
            onLeader?(.success(()))
            onLeader = nil
            return
        }
        guard trouble == nil else { return }
        let now = EventLoop.monotonicNanoseconds()
        let number = frame.payload.loadUnaligned(as: UInt64.self)
        if let before = sentAt.removeValue(forKey: number) { latencies.record(now - before) }
        if now < end { return send() }
        guard sentAt.isEmpty else { return }
        let rate = Double(latencies.count) / (Double(now - began) / 1e9)
        done?(.success(TurnBench.Run(rate: rate, latencies: latencies)))
        done = nil
    }

    func happened(_ event: PeerEvent) {}
}
