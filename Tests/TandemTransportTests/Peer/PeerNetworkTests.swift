import Testing

@testable import TandemTransport

@Suite("Nodes that speak to each other")
struct PeerNetworkTests {
    @Test("Two nodes that dial each other at once come to one connection, every time")
    func oneConnection() throws {
        for _ in 0..<40 {
            let one = try TestPeer(1)
            let two = try TestPeer(2)
            let both = Gate()
            let (here, there) = (one.address, two.address)
            one.loop.run { [network = one.network] in
                both.wait()
                network.setPeers([PeerID(2): there])
            }
            two.loop.run { [network = two.network] in
                both.open()
                network.setPeers([PeerID(1): here])
            }
            try one.waitFound(two)
            try two.waitFound(one)
            one.send([1], to: two)
            two.send([2], to: one)
            _ = try one.waitFrames(1)
            _ = try two.waitFrames(1)
            #expect(one.connections(to: two) == 1)
            #expect(two.connections(to: one) == 1)
            #expect(!one.happenings.all.contains { if case .lost = $0 { true } else { false } })
            one.close()
            two.close()
        }
    }

    @Test("Each learns who the other is; frames carry kind, channel and payload of every size, both ways")
    func frames() throws {
        let one = try TestPeer(1)
        let two = try TestPeer(2, life: PeerLife(generation: 3, incarnation: 9))
        one.dial(two)
        try one.waitFound(two)
        try two.waitFound(one)
        let who = try one.happenings.wait { all in
            for case .found(let who) in all { return who }
            return PeerIdentity?.none
        }
        #expect(who.life == PeerLife(generation: 3, incarnation: 9) && who.name == "n2" && who.formats == 1...1)
        let sizes = [0, 1, 255, 65_520, 65_536, 1_000_000, 16 * 1024 * 1024]
        for size in sizes {
            let bytes = [UInt8](repeating: UInt8(size % 251), count: size)
            #expect(one.send(bytes, channel: UInt16(size % 65_536), to: two) == .queued)
            #expect(two.send(bytes, channel: 7, TestPeer.command, to: one) == .queued)
        }
        let here = try one.waitFrames(sizes.count)
        let there = try two.waitFrames(sizes.count)
        for (place, size) in sizes.enumerated() {
            let bytes = [UInt8](repeating: UInt8(size % 251), count: size)
            #expect(there[place] == .frame(one.id, kind: 16, channel: UInt16(size % 65_536), bytes))
            #expect(here[place] == .frame(two.id, kind: 17, channel: 7, bytes))
        }
        let long = [UInt8](repeating: 0, count: 16 * 1024 * 1024 + 1)
        #expect(one.send(long, to: two) == .tooLong)
        let figures = try #require(one.status.first).figures
        #expect(figures.framesOut == sizes.count && figures.bytesOut == sizes.reduce(0, +))
        #expect(figures.framesIn == sizes.count && figures.bytesIn == sizes.reduce(0, +))
        one.close()
        two.close()
    }

    @Test("A peer with a smaller bound is sent no longer frames than it takes")
    func smallerBound() throws {
        var limits = TestPeer.limits
        limits.frameBytesMax = 10_000
        let one = try TestPeer(1)
        let two = try TestPeer(2, limits: limits)
        two.dial(one)
        try one.waitFound(two)
        #expect(one.send([UInt8](repeating: 1, count: 10_001), to: two) == .tooLong)
        #expect(one.send([UInt8](repeating: 1, count: 10_000), to: two) == .queued)
        _ = try two.waitFrames(1)
        one.close()
        two.close()
    }

    @Test("The frames of 64 partitions arrive in the order of each, and what a batch sends leaves in few calls")
    func order() throws {
        let one = try TestPeer(1)
        let two = try TestPeer(2)
        one.dial(two)
        try one.waitFound(two)
        try two.waitFound(one)
        let before = one.network.metrics.figures.sends
        let (rounds, partitions) = (400, 64)
        let to = two.id
        for round in 0..<rounds {
            one.loop.run { [network = one.network] in
                for partition in 0..<partitions {
                    let bytes = [UInt8(round & 255), UInt8(round >> 8)] + [UInt8](repeating: 7, count: 200)
                    network.send(TestPeer.command, channel: UInt16(partition), bytes, to: to)
                }
            }
        }
        let frames = try two.waitFrames(rounds * partitions)
        var next = [Int](repeating: 0, count: partitions)
        for case .frame(one.id, _, let channel, let bytes) in frames {
            #expect(Int(bytes[0]) | Int(bytes[1]) << 8 == next[Int(channel)])
            next[Int(channel)] += 1
        }
        #expect(next.allSatisfy { $0 == rounds })
        let sends = one.network.metrics.figures.sends - before
        #expect(sends <= 2 * rounds, "\(sends) calls for \(rounds * partitions) frames")
        one.close()
        two.close()
    }

    @Test("One batch's frames to a peer leave in one call")
    func coalescing() throws {
        let one = try TestPeer(1)
        let two = try TestPeer(2)
        one.dial(two)
        try one.waitFound(two)
        try two.waitFound(one)
        let to = two.id
        let calls = Log<Int>()
        let done = Gate()
        one.loop.run { [network = one.network] in
            let before = network.metrics.figures.sends
            for index in 0..<1_000 { network.send(TestPeer.raft, channel: UInt16(index), [1, 2, 3], to: to) }
            calls.append(network.metrics.figures.sends - before)
            network.loop.afterBatch {
                calls.append(network.metrics.figures.sends - before)
                done.open()
            }
        }
        done.wait()
        #expect(calls.all == [0, 1])
        _ = try two.waitFrames(1_000)
        one.close()
        two.close()
    }

    @Test("Three nodes find each other, and one that comes later is found as well")
    func three() throws {
        let (one, two, three) = (try TestPeer(1), try TestPeer(2), try TestPeer(3))
        one.dial(two, three)
        two.dial(one, three)
        try one.waitFound(two)
        three.dial(one, two)
        for (here, there) in [(one, two), (one, three), (two, one), (two, three), (three, one), (three, two)] {
            try here.waitFound(there)
        }
        #expect(one.connected == [PeerID(2), PeerID(3)])
        for node in [one, two, three] { node.close() }
    }

    @Test("Nothing is sent to who is not connected")
    func notConnected() throws {
        let one = try TestPeer(1)
        let two = try TestPeer(2)
        #expect(one.send([1], to: two) == .notConnected)
        #expect(one.send([1], to: one) == .notConnected)
        one.close()
        two.close()
    }
}
