import Glibc
import TestChance
import Testing

@testable import TandemTransport

@Suite("Nodes on a network that fails")
struct PeerFaultTests {
    private static let seed = UInt64.random(in: 0 ... .max)

    /// Two nodes that only reach each other over one wire.
    private func withWire(
        limits: PeerLimits = TestPeer.limits, others: PeerLimits? = nil,
        _ body: (TestPeer, TestPeer, FaultyWire) throws -> Void
    ) throws {
        let one = try TestPeer(1, limits: limits)
        let two = try TestPeer(2, limits: others ?? limits)
        let wire = try FaultyWire(to: two.address)
        defer {
            one.close()
            two.close()
            wire.stop()
        }
        one.dial([(two.id, wire.address)])
        try one.waitFound(two)
        try two.waitFound(one)
        try body(one, two, wire)
    }

    /// So patient that what is noticed is not noticed by silence.
    private var patient: PeerLimits {
        var limits = TestPeer.limits
        limits.silenceMilliseconds = 600_000
        return limits
    }

    private var impatient: PeerLimits {
        var limits = TestPeer.limits
        limits.silenceMilliseconds = 200
        limits.handshakeMilliseconds = 200
        return limits
    }

    @Test("A broken connection is noticed by both at once, and made again")
    func cut() throws {
        try withWire(limits: patient) { one, two, wire in
            for round in 1...5 {
                wire.cut()
                #expect(try [.reset, .ended].contains(one.waitLost(two, times: round)))
                try two.waitLost(one, times: round)
                try one.waitFound(two, times: round + 1)
                try two.waitFound(one, times: round + 1)
                one.send([UInt8(round)], to: two)
                _ = try two.waitFrames(round)
            }
        }
    }

    @Test("A node that ends is lost at once, and found again when its next life dials")
    func ended() throws {
        let one = try TestPeer(1, limits: patient)
        let two = try TestPeer(2, limits: patient)
        one.dial(two)
        try one.waitFound(two)
        try two.waitFound(one)
        two.close()
        #expect(try one.waitLost(two) == .ended)
        let next = try TestPeer(2, life: PeerLife(incarnation: 2), limits: patient)
        next.dial(one)
        try one.waitFound(two, times: 2)
        next.close()
        one.close()
    }

    @Test("A dead wire is noticed by silence, whichever way is dead, and the connection is made again when it lives")
    func freeze() throws {
        let faults: [(inout FaultyWire.Faults) -> Void] = [
            {
                $0.freezesThere = true
                $0.freezesBack = true
            },
            { $0.freezesThere = true }, { $0.freezesBack = true },
        ]
        for fault in faults {
            try withWire(limits: impatient) { one, two, wire in
                wire.set(fault)
                let losses: [PeerLoss] = [try one.waitLost(two), try two.waitLost(one)]
                #expect(losses.contains(.silent))
                // Who is heard and does not hear takes nobody for dead.
                #expect(!losses.contains(.ended) && !losses.contains(.reset), "\(losses)")
                wire.set { $0 = FaultyWire.Faults() }
                try one.waitFound(two, times: 2)
                try two.waitFound(one, times: 2)
            }
        }
    }

    @Test("Peers that have nothing to say to each other stay connected")
    func idle() throws {
        var limits = TestPeer.limits
        limits.silenceMilliseconds = 800
        try withWire(limits: limits) { one, two, _ in
            let later = Gate()
            one.loop.schedule(at: EventLoop.monotonicNanoseconds() + 2_000_000_000) { later.open() }
            later.wait()
            for node in [one, two] {
                #expect(!node.happenings.all.contains { if case .lost = $0 { true } else { false } })
            }
        }
    }

    @Test("A loop that was held up longer than the silence allowed does not blame its peers")
    func heldUp() throws {
        try withWire(limits: impatient, others: patient) { one, two, _ in
            one.sync {
                let end = EventLoop.monotonicNanoseconds() + 500_000_000
                while EventLoop.monotonicNanoseconds() < end {}
            }
            one.send([1], to: two)
            _ = try two.waitFrames(1)
            two.send([1], to: one)
            _ = try one.waitFrames(1)
            #expect(!one.happenings.all.contains { if case .lost = $0 { true } else { false } })
        }
    }

    @Test(
        "A byte that the wire changed ends the connection on both sides with the reason, and nothing of it is handed out"
    )
    func garble() throws {
        try withWire(limits: patient) { one, two, wire in
            wire.set { $0.garblesNext = true }
            one.send([UInt8](repeating: 5, count: 10_000), to: two)
            guard case .refusing(let refusing) = try two.waitLost(one) else {
                Issue.record("\(two.happenings.all)")
                return
            }
            #expect(refusing.code == .malformed)
            try one.waitFound(two, times: 2)
            // A ping may have met the fault in the frame's place, which then arrived.
            one.send([6], to: two)
            let frames = try two.waitFrames(1)
            #expect(
                [[6], [UInt8](repeating: 5, count: 10_000)].contains { bytes in
                    frames[0] == .frame(one.id, kind: 16, channel: 0, bytes)
                })
        }
    }

    @Test("A slow wire keeps the order and loses nobody")
    func delay() throws {
        try withWire(limits: patient) { one, two, wire in
            wire.set { $0.delay = 30_000_000 }
            for number in 0..<200 { one.send([UInt8(number)], channel: UInt16(number % 5), to: two) }
            let frames = try two.waitFrames(200)
            let expected = (0..<200).map {
                TestPeer.Happening.frame(one.id, kind: 16, channel: UInt16($0 % 5), [UInt8($0)])
            }
            #expect(frames == expected)
            #expect(!one.happenings.all.contains { if case .lost = $0 { true } else { false } })
        }
    }

    @Test("Whatever the wire does, what arrives over one connection is a beginning of what was sent over it")
    func anything() throws {
        var generator = SeededGenerator(seed: Self.seed)
        try withWire(limits: impatient) { one, two, wire in
            for round in 0..<30 {
                let before = one.connections(to: two)
                let to = two.id
                one.sync { [network = one.network] in
                    for number in 0..<100 {
                        let bytes = [UInt8(number), UInt8(round)] + [UInt8](repeating: 9, count: 500)
                        network.send(TestPeer.raft, channel: 0, bytes, to: to)
                    }
                }
                let choice = generator.next() % 3
                if choice == 0 { wire.set { $0.garblesNext = true } }
                if choice == 1 { wire.cut() }
                one.sync { [network = one.network] in _ = network.send(TestPeer.raft, channel: 0, [200, 0], to: to) }
                if choice == 1 { try one.waitFound(two, times: before + 1) }
            }
            wire.set { $0 = FaultyWire.Faults() }
            var last: [Int: Int] = [:]
            for case .frame(_, _, _, let bytes) in two.happenings.all where bytes.count == 502 {
                let (number, round) = (Int(bytes[0]), Int(bytes[1]))
                #expect(number == (last[round] ?? -1) + 1, "seed \(Self.seed)")
                last[round] = number
            }
        }
    }

    @Test("Whatever is cut, and however often, nodes that all dial each other are all connected again, once each")
    func mesh() throws {
        var generator = SeededGenerator(seed: Self.seed)
        var limits = patient
        limits.handshakeMilliseconds = 300
        let nodes = try (1...4).map { try TestPeer($0, limits: limits) }
        let wires = try nodes.map { try FaultyWire(to: $0.address) }
        for node in nodes {
            node.dial(zip(nodes, wires).filter { $0.0.id != node.id }.map { ($0.0.id, $0.1.address) })
        }
        for round in 0..<60 {
            for _ in 0...(generator.next() % 3) { wires[Int(generator.next() % 4)].cut() }
            if generator.next() % 4 == 0 { wires[Int(generator.next() % 4)].set { $0.garblesNext = true } }
            let end = EventLoop.monotonicNanoseconds() + 20_000_000_000
            var isWhole = false
            while !isWhole, EventLoop.monotonicNanoseconds() < end {
                sched_yield()
                isWhole = nodes.allSatisfy { $0.connected.count == 3 }
            }
            #expect(isWhole, "round \(round), seed \(Self.seed)")
        }
        for node in nodes { node.close() }
        for wire in wires { wire.stop() }
        for node in nodes {
            for other in nodes where other.id != node.id {
                var balance = 0
                for happening in node.happenings.all {
                    if case .found(let who) = happening, who.node == other.id { balance += 1 }
                    if case .lost(other.id, _) = happening { balance -= 1 }
                    #expect(balance == 0 || balance == 1, "found and lost in turn, seed \(Self.seed)")
                }
            }
        }
    }

    // MARK: Nobody there

    @Test("Who cannot be reached is dialled again and again, with pauses that grow, and told of once")
    func unreachable() throws {
        let one = try TestPeer(1)
        let gone = try TestPeer(2)
        let address = gone.address
        gone.close()
        one.dial([(gone.id, address)])
        try one.waitEvent { if case .notReached(_, _, .unreachable) = $0 { true } else { nil } }
        let two = try TestPeer(2, port: address.port)
        try one.waitFound(two)
        let told = one.happenings.all.count { if case .event(.notReached) = $0 { true } else { false } }
        #expect(told == 1)
        one.close()
        two.close()
    }
}
