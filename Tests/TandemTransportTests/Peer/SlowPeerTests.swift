import Glibc
import Testing

@testable import TandemTransport

@Suite("Peers that do not take what they are sent")
struct SlowPeerTests {
    private static let part = [UInt8](repeating: 7, count: 20_000)

    private var limits: PeerLimits {
        var limits = TestPeer.limits
        limits.queueBytesMax = 300_000
        limits.silenceMilliseconds = 600_000
        return limits
    }

    /// A node, and a peer that is connected and reads nothing.
    private func withDeafPeer(_ limits: PeerLimits, _ body: (TestPeer, RawPeer) throws -> Void) throws {
        let one = try TestPeer(1, limits: limits)
        let deaf = try RawPeer(one, receiveBuffer: 4_096)
        try deaf.connect(as: 2, to: one)
        try one.happenings.wait { if case .found = $0 { true } else { false } }
        try body(one, deaf)
        one.close()
    }

    /// Sends until something else than "queued" comes of it.
    private func fill(_ one: TestPeer, _ kind: PeerKind) -> PeerSending {
        while true {
            let sending = one.sync { [network = one.network] in
                network.send(kind, channel: 0, Self.part, to: PeerID(2))
            }
            guard sending == .queued else { return sending }
        }
    }

    @Test("What would not fit is dropped and counted, or given back, as its kind says; memory is bounded")
    func full() throws {
        try withDeafPeer(limits) { one, deaf in
            #expect(fill(one, TestPeer.raft) == .dropped)
            #expect(fill(one, TestPeer.command) == .full)
            #expect(fill(one, TestPeer.raft) == .dropped)
            let status = try #require(one.status.first)
            #expect(status.queuedBytes > limits.queueBytesMax)
            #expect(status.queuedBytes <= limits.queueBytesMax + Self.part.count + PeerFrame.headerBytes)
            #expect(status.figures.dropped == 2 && status.figures.refused == 1)
            let taken = status.figures.framesOut * Self.part.count - status.queuedBytes
            #expect(taken < 3 * Int(PeerLimits.unsentBytesMax), "the kernel keeps \(taken) bytes, and not megabytes")
            // Everything that was queued arrives when the peer reads, and nothing else.
            for _ in 0..<status.figures.framesOut {
                var frame = try deaf.receive()
                while frame.kind == PeerLinkKind.ping.rawValue { frame = try deaf.receive() }
                #expect(frame.payload == Self.part)
            }
            let next = one.sync { [network = one.network] in
                network.send(TestPeer.raft, channel: 0, [1], to: PeerID(2))
            }
            #expect(next == .queued)
        }
    }

    @Test("A peer that pings and takes nothing is lost after its time")
    func takesNothing() throws {
        var limits = limits
        limits.silenceMilliseconds = 600
        try withDeafPeer(limits) { one, deaf in
            #expect(fill(one, TestPeer.raft) == .dropped)
            var loss: PeerLoss?
            while loss == nil {
                try? deaf.send(RawPeer.ping)
                sched_yield()
                for case .lost(_, let why) in one.happenings.all { loss = why }
            }
            #expect(loss == .slow)
            #expect(one.status.isEmpty)
        }
    }

    @Test("A peer that is lost takes what waited for it along, and its queue begins anew")
    func lost() throws {
        try withDeafPeer(limits) { one, deaf in
            #expect(fill(one, TestPeer.raft) == .dropped)
            deaf.client.finish()
            try one.happenings.wait { if case .lost = $0 { true } else { false } }
            let again = try RawPeer(one)
            try again.connect(as: 2, to: one)
            try one.happenings.wait(for: 2) { if case .found = $0 { true } else { false } }
            #expect(one.status.first?.queuedBytes == 0)
        }
    }
}
