import Foundation
import TestChance
import Testing

@testable import TandemTransport

/// What happened, in order, and waiting for it.
// Safe: `values` is touched under the condition's lock only.
final class Happenings<Value: Sendable>: @unchecked Sendable {
    struct TooLate: Error {}

    private let condition = NSCondition()
    private var values: [Value] = []

    func append(_ value: Value) {
        condition.withLock {
            values.append(value)
            condition.broadcast()
        }
    }

    var all: [Value] { condition.withLock { values } }

    /// Waits until `find` finds something in all that happened; half a minute is more than any test needs.
    func wait<Found>(_ find: ([Value]) -> Found?) throws -> Found {
        let end = Date(timeIntervalSinceNow: 30)
        condition.lock()
        defer { condition.unlock() }
        while true {
            if let found = find(values) { return found }
            guard condition.wait(until: end) else { throw TooLate() }
        }
    }

    /// Waits until `count` values hold.
    func wait(for count: Int = 1, where holds: (Value) -> Bool) throws {
        _ = try wait { values in values.count(where: holds) >= count ? true : nil }
    }
}

/// A node with a network of peers on a loop of its own, which writes down what it is told.
// Safe: what changes is touched on the loop only.
final class TestPeer: PeerNetworkOwner, @unchecked Sendable {
    enum Happening: Equatable {
        case found(PeerIdentity)
        case lost(PeerID, PeerLoss)
        case frame(PeerID, kind: UInt8, channel: UInt16, [UInt8])
        case event(PeerEvent)
    }

    static let cluster = ClusterID(high: 1, low: 2)
    static let raft = PeerKind(16, whenFull: .dropped)
    static let command = PeerKind(17, whenFull: .refused)

    let loop: EventLoop
    let network: PeerNetwork
    let address: SocketAddress
    let id: PeerID
    let happenings = Happenings<Happening>()
    /// Asked before everyone is admitted; on the loop.
    var refusal: (PeerIdentity) -> PeerRefusal? = { _ in nil }
    /// Told when a peer has room again; on the loop.

    /// Listens on loopback; nobody is dialled yet.
    init(
        _ number: UInt32, cluster: ClusterID = cluster, life: PeerLife = PeerLife(incarnation: 1),
        protocols: ClosedRange<UInt16> = 1...1, security: PeerSecurity? = nil, limits: PeerLimits = limits,
        port: UInt16 = 0
    ) throws {
        id = PeerID(number)
        loop = try EventLoop(name: "peer-\(number)")
        let relay = Relay()
        let identity = PeerIdentity(
            cluster: cluster, node: id, life: life, protocols: protocols, formats: 1...1, name: "n\(number)")
        network = PeerNetwork(
            PeerConfiguration(identity: identity, security: security, limits: limits), loop: loop, owner: relay,
            generator: SeededGenerator(seed: UInt64(number)))
        address = try network.listen(on: SocketAddress(host: "127.0.0.1", port: port))
        relay.peer = self
        loop.start()
    }

    /// Impatient, so that tests are quick.
    static var limits: PeerLimits {
        var limits = PeerLimits()
        limits.redialMillisecondsMin = 4
        limits.redialMillisecondsMax = 50
        limits.pingMilliseconds = 20
        return limits
    }

    /// Runs `work` on the loop and waits for it.
    func sync<Value: Sendable>(_ work: @escaping @Sendable () -> Value) -> Value {
        let result = Log<Value>()
        let done = Gate()
        loop.run {
            result.append(work())
            done.open()
        }
        done.wait()
        return result.all[0]
    }

    func dial(_ others: TestPeer...) { dial(others.map { ($0.id, $0.address) }) }

    func dial(_ addresses: [(PeerID, SocketAddress)]) {
        let addresses = Dictionary(uniqueKeysWithValues: addresses)
        sync { [network] in network.setPeers(addresses) }
    }

    /// Ends it as a process ends that is told to; once, and nothing may be asked afterwards.
    func close() {
        sync { [network] in network.close() }
        loop.stop()
    }

    @discardableResult
    func send(_ bytes: [UInt8], channel: UInt16 = 0, _ kind: PeerKind = raft, to other: TestPeer) -> PeerSending {
        let id = other.id
        return sync { [network] in network.send(kind, channel: channel, bytes, to: id) }
    }

    var status: [PeerStatus] { sync { [network] in network.status } }

    var connected: [PeerID] { sync { [network] in network.connected } }

    func connections(to other: TestPeer) -> Int { connections(to: other.id) }

    func connections(to id: PeerID) -> Int { status.first { $0.node == id }?.figures.connections ?? 0 }

    // MARK: Waiting

    func waitFound(_ other: TestPeer, times: Int = 1) throws {
        try happenings.wait(for: times) { if case .found(let who) = $0 { who.node == other.id } else { false } }
    }

    /// The reason for which `other` was lost last, once it was.
    @discardableResult
    func waitLost(_ other: TestPeer, times: Int = 1) throws -> PeerLoss {
        try happenings.wait { all in
            let losses = all.compactMap { if case .lost(other.id, let loss) = $0 { loss } else { nil } }
            return losses.count >= times ? losses[times - 1] : nil
        }
    }

    /// The first trouble that was told which `holds`.
    @discardableResult
    func waitEvent<Found>(_ find: (PeerEvent) -> Found?) throws -> Found {
        try happenings.wait { all in
            for case .event(let event) in all { if let found = find(event) { return found } }
            return nil
        }
    }

    /// The code by which it refused somebody who dialled it.
    func waitTurnedAway() throws -> PeerRefusal.Code {
        try waitEvent {
            if case .turnedAway(_, _, .refusing(let refusal)) = $0 { refusal.code } else { nil }
        }
    }

    /// The code by which it was refused where it dialled.
    func waitRefused() throws -> PeerRefusal.Code {
        try waitEvent {
            if case .notReached(_, _, .refused(let refusal)) = $0 { refusal.code } else { nil }
        }
    }

    func waitFrames(_ count: Int) throws -> [Happening] {
        // There may be many: each is looked at once.
        var (frames, seen): ([Happening], Int) = ([], 0)
        return try happenings.wait { all in
            frames += all[seen...].filter { if case .frame = $0 { true } else { false } }
            seen = all.count
            return frames.count >= count ? frames : nil
        }
    }

    // MARK: What the network tells

    func admits(_ peer: PeerIdentity) -> PeerRefusal? { refusal(peer) }
    func found(_ peer: PeerIdentity) { happenings.append(.found(peer)) }
    func lost(_ node: PeerID, _ loss: PeerLoss) { happenings.append(.lost(node, loss)) }
    func happened(_ event: PeerEvent) { happenings.append(.event(event)) }

    func received(_ frame: PeerFrame, from node: PeerID) {
        happenings.append(.frame(node, kind: frame.kind, channel: frame.channel, Array(frame.payload)))
    }

    /// The network wants its owner before the test's node, of which it is a part, is whole.
    private final class Relay: PeerNetworkOwner {
        weak var peer: TestPeer?

        func admits(_ identity: PeerIdentity) -> PeerRefusal? { peer?.admits(identity) }
        func found(_ identity: PeerIdentity) { peer?.found(identity) }
        func lost(_ node: PeerID, _ loss: PeerLoss) { peer?.lost(node, loss) }
        func received(_ frame: PeerFrame, from node: PeerID) { peer?.received(frame, from: node) }
        func happened(_ event: PeerEvent) { peer?.happened(event) }
    }
}
