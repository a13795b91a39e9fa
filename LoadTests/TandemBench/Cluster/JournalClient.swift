internal import TandemTransport

/// Keeps entries under way to whoever leads.
// Safe: touched on its loop only, but for the network, which is made with it.
final class JournalClient: PeerNetworkOwner, @unchecked Sendable {
    private static let number: UInt32 = 100

    static func identity(_ node: UInt32) -> PeerIdentity {
        PeerIdentity(
            cluster: ClusterID(high: 1, low: 1), node: PeerID(node), life: PeerLife(incarnation: 1), formats: 1...1)
    }

    private let loop: EventLoop
    private let onFailure: (PeerLoss) -> Void
    private lazy var network = PeerNetwork(
        PeerConfiguration(identity: Self.identity(Self.number)), loop: loop, owner: self)
    private var leader: PeerID?
    private var onLeader: (() -> Void)?
    private var frame = [UInt8](repeating: 255, count: 8 + 256)
    private var sentAt: [UInt64: UInt64] = [:]
    private var nextNumber: UInt64 = 0
    private var latencies = Latencies()
    private var began: UInt64 = 0
    private var end: UInt64 = 0
    private var done: ((TurnBench.Run) -> Void)?
    private var isClosing = false

    init(_ loop: EventLoop, onFailure: @escaping (PeerLoss) -> Void) {
        self.loop = loop
        self.onFailure = onFailure
    }

    /// Connects to all; `ready` is called once when one of them leads.
    func begin(_ members: [PeerID: SocketAddress], ready: @escaping () -> Void) {
        onLeader = ready
        network.setPeers(members)
    }

    func run(inFlight: Int, seconds: Double, done: @escaping (TurnBench.Run) -> Void) {
        self.done = done
        latencies = Latencies()
        began = EventLoop.monotonicNanoseconds()
        end = began + UInt64(seconds * 1e9)
        for _ in 0..<inFlight { send() }
    }

    func close() {
        isClosing = true
        network.close()
    }

    private func send() {
        guard let leader else { return }
        nextNumber += 1
        frame.withUnsafeMutableBytes { $0.storeBytes(of: nextNumber, as: UInt64.self) }
        sentAt[nextNumber] = EventLoop.monotonicNanoseconds()
        let sending = network.send(JournalMember.Kind.propose, channel: 0, frame, to: leader)
        precondition(sending == .queued, "a thousand frames are within every bound")
    }

    func admits(_ peer: PeerIdentity) -> PeerRefusal? { nil }
    func found(_ peer: PeerIdentity) {}

    func lost(_ node: PeerID, _ loss: PeerLoss) {
        if !isClosing { onFailure(loss) }
    }

    func received(_ frame: PeerFrame, from node: PeerID) {
        if frame.kind == JournalMember.Kind.leads.code {
            leader = node
            onLeader?()
            onLeader = nil
            return
        }
        let now = EventLoop.monotonicNanoseconds()
        let number = frame.payload.loadUnaligned(as: UInt64.self)
        if let before = sentAt.removeValue(forKey: number) { latencies.record(now - before) }
        if now < end { return send() }
        guard sentAt.isEmpty else { return }
        done?(TurnBench.Run(rate: Double(latencies.count) / (Double(now - began) / 1e9), latencies: latencies))
        done = nil
    }

    func gainedRoom(_ node: PeerID) {}
    func happened(_ event: PeerEvent) {}
}
