import Testing

@testable import TandemTransport

@Suite("The handshake between nodes")
struct PeerHandshakeTests {
    /// `one` dials `two` under `number`; both have to come to the same reason, and nobody is found.
    private func refused(
        _ one: TestPeer, _ two: TestPeer, as number: UInt32? = nil, by code: PeerRefusal.Code
    ) throws {
        one.dial([(number.map(PeerID.init) ?? two.id, two.address)])
        #expect(try two.waitTurnedAway() == code)
        #expect(try one.waitRefused() == code)
        for node in [one, two] {
            #expect(!node.happenings.all.contains { if case .found = $0 { true } else { false } })
            node.close()
        }
    }

    // MARK: Refusals that both sides hear of

    @Test("A node of another cluster is refused, and told so")
    func otherCluster() throws {
        let other = ClusterID(high: 1, low: 3)
        try refused(TestPeer(1, cluster: other), TestPeer(2), by: .otherCluster)
    }

    @Test("Nodes without a common version are refused; with one they speak", arguments: [2, 1])
    func versions(lowest: UInt16) throws {
        let one = try TestPeer(1, protocols: lowest...3)
        let two = try TestPeer(2)
        guard lowest == 1 else { return try refused(one, two, by: .protocolVersion) }
        one.dial(two)
        try one.waitFound(two)
        try two.waitFound(one)
        one.close()
        two.close()
    }

    @Test("A node that claims to be the one it speaks to is refused")
    func selfClaimed() throws {
        try refused(TestPeer(1), TestPeer(1), as: 2, by: .selfClaimed)
    }

    @Test("A node that is not the one that was dialled refuses")
    func wrongNode() throws {
        try refused(TestPeer(1), TestPeer(2), as: 3, by: .wrongNode)
    }

    @Test("A node that its owner does not admit is refused by the owner's reason")
    func notAdmitted() throws {
        let two = try TestPeer(2)
        two.refusal = { peer in PeerRefusal(.notAdmitted, "no member is \(peer.node)") }
        let one = try TestPeer(1)
        one.dial(two)
        let text = try one.waitEvent {
            if case .notReached(_, _, .refused(let refusal)) = $0 { refusal.text } else { nil }
        }
        #expect(text == "no member is node 1")
        one.close()
        two.close()
    }

    @Test("A dialler that does not admit who answers tells it why, and neither finds the other")
    func diallerRefuses() throws {
        let code = PeerRefusal.Code(300)
        let one = try TestPeer(1)
        one.refusal = { _ in PeerRefusal(code, "not today") }
        let two = try TestPeer(2)
        one.dial(two)
        let refusal = try two.waitEvent {
            if case .turnedAway(_, _, .refused(let refusal)) = $0 { refusal } else { nil }
        }
        #expect(refusal == PeerRefusal(code, "not today"))
        for node in [one, two] {
            #expect(!node.happenings.all.contains { if case .found = $0 { true } else { false } })
            node.close()
        }
    }

    @Test("A life that was superseded is refused; the same and later ones are not")
    func generation() throws {
        let one = try TestPeer(1)
        let later = [
            PeerLife(generation: 1, incarnation: 5), PeerLife(generation: 1, incarnation: 5),
            PeerLife(generation: 1, incarnation: 6), PeerLife(generation: 2, incarnation: 1),
        ]
        for (place, life) in later.enumerated() {
            let two = try TestPeer(2, life: life)
            two.dial(one)
            try two.waitFound(one)
            try one.waitFound(two, times: place + 1)
            two.close()
            try one.waitLost(two, times: place + 1)
        }
        for life in [PeerLife(generation: 1, incarnation: 9), PeerLife(generation: 0, incarnation: 99)] {
            let two = try TestPeer(2, life: life)
            two.dial(one)
            #expect(try two.waitRefused() == .generation)
            two.close()
        }
        #expect(try one.waitTurnedAway() == .generation)
        one.close()
    }

    @Test("A later life takes the place of an earlier one whose connection still stands")
    func superseded() throws {
        let one = try TestPeer(1)
        let old = try RawPeer(one)
        try old.connect(as: 2, to: one)
        let two = try TestPeer(2, life: PeerLife(incarnation: 2))
        try one.waitFound(two)
        two.dial(one)
        try two.waitFound(one)
        #expect(try one.waitLost(two) == .superseded)
        try one.waitFound(two, times: 2)
        one.close()
        two.close()
    }

    @Test("A second connection of the same life is refused without a word to the owner; the first is kept")
    func connected() throws {
        let one = try TestPeer(1)
        let first = try RawPeer(one)
        try first.connect(as: 2, to: one)
        let second = try RawPeer(one)
        try second.send(RawPeer.hello(2, to: one))
        #expect(try second.receiveRefusal().code == .connected)
        #expect(try first.receive().kind == PeerLinkKind.ping.rawValue)
        try first.send(RawPeer.frame(20, [1]))
        _ = try one.waitFrames(1)
        #expect(one.happenings.all.count == 3, "found it, told it, and the frame")
        one.close()
    }

    @Test("When the peers are set, who is no longer admitted is told so and cut off")
    func cutOff() throws {
        let (one, two, three) = (try TestPeer(1), try TestPeer(2), try TestPeer(3))
        one.dial(two, three)
        for node in [two, three] {
            try node.waitFound(one)
            try one.waitFound(node)
        }
        let removed = two.id
        one.loop.run { one.refusal = { $0.node == removed ? PeerRefusal(.notAdmitted, "removed") : nil } }
        one.dial(three)
        #expect(try two.waitLost(one) == .refused(PeerRefusal(.notAdmitted, "removed")))
        try one.waitLost(two)
        #expect(one.connected == [three.id])
        for node in [one, two, three] { node.close() }
    }

    // MARK: Strangers

    @Test("Who is no node at all is told so and let go", arguments: ["GET / HTTP/1.1\r\n\r\n", "\u{16}\u{3}\u{1}"])
    func noise(text: String) throws {
        let one = try TestPeer(1)
        let stranger = try RawPeer(one)
        try stranger.send(Array(text.utf8))
        #expect(try stranger.receiveRefusal() == PeerRefusal(.malformed, "\(PeerViolation.notAPeer)"))
        #expect(try one.waitTurnedAway() == .malformed)
        one.close()
    }

    @Test("A stranger's frame over 4 KiB is refused by its header, and so is any but a HELLO")
    func strangersFrames() throws {
        let one = try TestPeer(1)
        let hello = RawPeer.hello(2, to: one)
        let long = RawPeer.frame(PeerLinkKind.hello.rawValue, [UInt8](repeating: 0, count: 4_097))
        let cases: [([UInt8], PeerViolation)] = [
            (PeerFrame.preface + long[..<16], .tooLong(length: 4_097, bound: 4_096)),
            (PeerFrame.preface + RawPeer.frame(16), .unexpected(kind: 16)),
            (PeerFrame.preface + RawPeer.ready, .unexpected(kind: 2)),
            (PeerFrame.preface + RawPeer.frame(1, [1, 2, 3]), .malformedHello),
        ]
        for (bytes, violation) in cases {
            let stranger = try RawPeer(one)
            try stranger.send(bytes)
            #expect(try stranger.receiveRefusal() == PeerRefusal(.malformed, "\(violation)"))
        }
        let hasty = try RawPeer(one)
        try hasty.send(hello + RawPeer.frame(16, [1]))
        #expect(try hasty.receiveFirst().kind == PeerLinkKind.hello.rawValue)
        #expect(try hasty.refusal(hasty.receive()).text == "\(PeerViolation.unexpected(kind: 16))")
        #expect(!one.happenings.all.contains { if case .found = $0 { true } else { false } })
        one.close()
    }

    @Test("Who does not come to the end of the handshake in time is let go", arguments: [0, 1, 2])
    func late(said: Int) throws {
        var limits = TestPeer.limits
        limits.handshakeMilliseconds = 150
        let one = try TestPeer(1, limits: limits)
        let stranger = try RawPeer(one)
        let hello = RawPeer.hello(2, to: one)
        try stranger.send([[], Array(hello[..<20]), hello][said])
        if said == 2 { #expect(try stranger.receiveFirst().kind == PeerLinkKind.hello.rawValue) }
        #expect(try stranger.client.receive() == nil)
        let loss = try one.waitEvent { if case .turnedAway(_, _, let loss) = $0 { loss } else { nil } }
        #expect(loss == .late)
        #expect(one.status.isEmpty, "who never was connected is forgotten")
        one.close()
    }

    @Test("Strangers who wait are bounded: one more ends the oldest")
    func manyStrangers() throws {
        var limits = TestPeer.limits
        limits.handshakesMax = 2
        let one = try TestPeer(1, limits: limits)
        let strangers = try (0..<3).map { _ in try RawPeer(one) }
        #expect(try strangers[0].client.receive() == nil)
        try strangers[2].connect(as: 2, to: one)
        try one.happenings.wait { if case .found = $0 { true } else { false } }
        one.close()
    }
}
