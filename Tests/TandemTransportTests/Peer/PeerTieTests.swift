import Glibc
import Testing

@testable import TandemTransport

@Suite("Nodes that dial each other at once")
struct PeerTieTests {
    /// Waits until the node has read everything of a peer that has said HELLO.
    private func waitRead(_ node: TestPeer, _ bytes: Int) {
        while node.network.metrics.figures.bytesIn < bytes { sched_yield() }
        node.sync {}
    }

    /// Node 1, the dial of it that node 2 has accepted, and node 2's own, whose HELLO is held back meanwhile.
    private func holding() throws -> (one: TestPeer, dialled: RawPeer, held: RawPeer) {
        let one = try TestPeer(1)
        let port = try RawPort()
        one.dial([(PeerID(2), port.address)])
        let dialled = try port.accept()
        let held = try RawPeer(one)
        let hello = RawPeer.hello(2, to: one)
        try held.send(hello)
        waitRead(one, hello.count)
        return (one, dialled, held)
    }

    @Test("The lower number's dial, once it has asked, holds the peer's back, and refuses it when it succeeds")
    func heldAndRefused() throws {
        let (one, dialled, held) = try holding()
        #expect(one.status.first?.state == .dialling)
        try dialled.send(RawPeer.hello(2, to: one))
        #expect(try dialled.receive().kind == PeerLinkKind.ready.rawValue)
        #expect(try held.receiveRefusal().code == .connected)
        #expect(one.status.first?.state == .connected)
        one.close()
    }

    @Test("The lower number answers what it holds back when its own dial comes to nothing")
    func heldAndAnswered() throws {
        let (one, dialled, held) = try holding()
        dialled.client.finish()
        #expect(try held.receiveFirst().kind == PeerLinkKind.hello.rawValue)
        try held.send(RawPeer.ready)
        try one.happenings.wait { if case .found = $0 { true } else { false } }
        one.close()
    }

    @Test("What is held back and ends meanwhile is forgotten, and the dial goes on")
    func heldAndGone() throws {
        let (one, dialled, held) = try holding()
        held.client.finish()
        while one.network.metrics.figures.connectionsOpen > 1 { sched_yield() }
        try dialled.send(RawPeer.hello(2, to: one))
        #expect(try dialled.receive().kind == PeerLinkKind.ready.rawValue)
        one.close()
    }

    @Test("The higher number gives its dial up for the peer's")
    func givesWay() throws {
        let three = try TestPeer(3)
        let port = try RawPort()
        three.dial([(PeerID(2), port.address)])
        let dialled = try port.accept()
        let lower = try RawPeer(three)
        try lower.connect(as: 2, to: three)
        #expect(try dialled.client.receive() == nil)
        try three.happenings.wait { if case .found = $0 { true } else { false } }
        #expect(three.connections(to: PeerID(2)) == 1)
        three.close()
    }

    @Test("A peer that dials once more while it is being answered is answered there instead")
    func dialsAgain() throws {
        let one = try TestPeer(1)
        let first = try RawPeer(one)
        try first.send(RawPeer.hello(2, to: one))
        #expect(try first.receiveFirst().kind == PeerLinkKind.hello.rawValue)
        let second = try RawPeer(one)
        try second.connect(as: 2, to: one)
        #expect(try first.client.receive() == nil)
        try one.happenings.wait { if case .found = $0 { true } else { false } }
        #expect(!one.happenings.all.contains { if case .lost = $0 { true } else { false } })
        one.close()
    }

    @Test("A peer's address may change: the dial follows, and a connection that stands is kept")
    func moves() throws {
        let one = try TestPeer(1)
        let (before, here, there) = (try RawPort(), try RawPort(), try RawPort())
        one.dial([(PeerID(2), before.address)])
        let unanswered = try before.accept()
        one.dial([(PeerID(2), here.address)])
        #expect(try unanswered.client.receive() == nil)
        let dialled = try here.accept()
        try dialled.send(RawPeer.hello(2, to: one))
        #expect(try dialled.receive().kind == PeerLinkKind.ready.rawValue)
        one.dial([(PeerID(2), there.address)])
        try dialled.send(RawPeer.frame(20, [1]))
        _ = try one.waitFrames(1)
        dialled.client.finish()
        _ = try there.accept()
        one.close()
    }

    @Test("A peer that is no longer to be dialled is not dialled again, and forgotten when it is gone")
    func noLongerDialled() throws {
        let one = try TestPeer(1)
        let port = try RawPort()
        one.dial([(PeerID(2), port.address)])
        let dialled = try port.accept()
        try dialled.send(RawPeer.hello(2, to: one))
        #expect(try dialled.receive().kind == PeerLinkKind.ready.rawValue)
        one.dial([])
        #expect(one.status.first?.state == .connected)
        dialled.client.finish()
        try one.happenings.wait { if case .lost = $0 { true } else { false } }
        #expect(one.status.isEmpty)
        one.dial([(PeerID(2), port.address)])
        _ = try port.accept()
        one.dial([])
        #expect(one.status.isEmpty)
        one.close()
    }

    @Test("The codes of refusals, which operators search for, are what they always were")
    func codes() {
        let names = (1...11).map { PeerRefusal.Code($0).description }
        #expect(
            names == [
                "peer.protocolVersion", "peer.otherCluster", "peer.selfClaimed", "peer.wrongNode", "peer.generation",
                "peer.notAdmitted", "peer.connected", "peer.certificate", "peer.malformed", "peer.silent",
                "peer.11",
            ])
    }
}
