import TandemConsensus
import TandemWire
import Testing

@testable import TandemRuntime

/// Requests about the cluster, on whichever node they are asked.
@Suite("The cluster's desk")
struct ClusterDeskTests {
    private func founded() throws -> Fleet {
        let fleet = try Fleet(3)
        try fleet.write("founded")
        try fleet.wait { (1...3).allSatisfy { fleet.members(1, at: $0) == "1 2 3" } && fleet.leader(1) != nil }
        return fleet
    }

    private func refusal(_ request: ClusterRequest, at node: UInt32, _ fleet: Fleet) throws -> ClusterRefusal? {
        guard case .failure(let refusal) = try fleet.ask(request, at: node) else { return nil }
        return refusal
    }

    @Test("Whichever node is asked, who leads the system partition decides, and everybody hears of it")
    func anyNode() throws {
        let fleet = try founded()
        for number in UInt32(1)...3 {
            let state = try fleet.ask(.drain(2), at: number).get()
            #expect(state.member(2)?.role == .draining)
        }
        let again = ClusterRequest.Joining(node: 2, disk: 22, address: "10.0.0.2:7500", formats: WireVersion.read)
        #expect(try fleet.ask(.join(again), at: 3).get().member(2)?.role == .serving)
        try fleet.wait { (1...3).allSatisfy { fleet.role(2, at: $0) == .serving } }
    }

    @Test("A refusal comes back in words, wherever it was asked")
    func refusals() throws {
        let fleet = try founded()
        for number in UInt32(1)...3 {
            #expect(try refusal(.remove(9), at: number, fleet)?.code == .unknownNode)
        }
        fleet.crash(3)
        fleet.tick(100)
        let lost = try refusal(.remove(1), at: 2, fleet)
        #expect(lost?.code == .wouldLoseMajority)
        #expect(lost?.detail.contains("no majority") == true)
    }

    @Test("The leader dies with a request under way: the next one answers, and it was done once")
    func leaderDies() throws {
        // Without the leader and the one that is voided a majority is left.
        let fleet = try Fleet(5)
        try fleet.wait { fleet.leader(1).map { fleet.state(at: $0)?.member(5)?.disk == 55 } == true }
        let leader = try #require(fleet.leader(1))
        let asked = try #require([1, 2, 3].first { $0 != leader })
        let void = try #require([1, 2, 3].first { $0 != leader && $0 != asked })
        // The entry reaches the others; that they have it does not reach the leader, nor its answer anybody.
        fleet.post.lose { letter in
            switch letter.content {
            case .raft(let message, group: 1): if case .appendReply = message.body { true } else { false }
            case .answer: true
            case .raft, .request: false
            }
        }
        let answer = fleet.submit(.replace(void, generation: 0), at: asked)
        fleet.tick(5)
        #expect(answer.get() == nil)
        fleet.crash(leader)
        fleet.post.lose { _ in false }
        try fleet.wait { answer.get() != nil }
        let state = try #require(try answer.get()?.get())
        #expect(state.member(void)?.generation == 1, "asked twice, done once")
    }

    @Test("A node with a new disk names its requests otherwise than the old one did: a late answer means nobody's")
    func replaced() throws {
        let fleet = try founded()
        let numbers = Mutexed<Set<UInt64>>([])
        // Who leads asks nobody else.
        let node = try #require(([2, 3] as [UInt32]).first { $0 != fleet.leader(1) })
        fleet.post.lose { letter in
            guard letter.from == node, case .request(let bytes) = letter.content else { return false }
            guard let request = try? ClusterCodec.decodeRequest(bytes) else { return false }
            numbers.set(numbers.get().union([request.number]))
            return false
        }
        func asked() throws -> Set<UInt64> {
            numbers.set([])
            for _ in 1...3 { _ = try fleet.ask(.drain(1), at: node).get() }
            return numbers.get()
        }
        let before = try asked()
        fleet.crash(node)
        try fleet.join(node, disk: 999, through: 1)
        try fleet.wait { fleet.role(node, at: node) == .serving }
        let after = try asked()
        #expect(before.count == 3 && after.count == 3 && before.isDisjoint(with: after), "\(before) \(after)")
    }

    @Test("A request that nobody can decide is refused after ten seconds; decided later, it is not answered again")
    func nobodyLeads() throws {
        let fleet = try founded()
        fleet.crash(2)
        fleet.crash(3)
        let began = fleet.clock.monotonic()
        #expect(try refusal(.drain(1), at: 1, fleet)?.code == .noLeader)
        let took = fleet.clock.monotonic() - began
        #expect((10_000_000_000...11_000_000_000).contains(took))
        try fleet.start(2)
        #expect(try fleet.ask(.drain(1), at: 2).get().member(1)?.role == .draining)
    }

    @Test("So many requests wait for a leader; one more is told at once that nobody leads")
    func full() throws {
        let fleet = try founded()
        fleet.crash(2)
        fleet.crash(3)
        fleet.tick(300)
        let waiting = (0..<256).map { _ in fleet.submit(.drain(1), at: 1) }
        let more = fleet.submit(.drain(1), at: 1)
        fleet.settle()
        #expect(waiting.allSatisfy { $0.get() == nil })
        guard case .failure(let refusal) = more.get() else { return #expect(Bool(false), "it waits") }
        #expect(refusal.code == .noLeader)
        try fleet.start(2)
        try fleet.wait { waiting.allSatisfy { $0.get() != nil } }
        #expect(waiting.allSatisfy { if case .success = $0.get() { true } else { false } })
    }

    // MARK: Handing over

    @Test("A partition is handed to whoever serves, asked at a node that has nothing to do with it")
    func transfer() throws {
        let fleet = try founded()
        let leader = try #require(fleet.leader(0))
        let heir = try #require([1, 2, 3].first { $0 != leader })
        let third = try #require([1, 2, 3].first { $0 != leader && $0 != heir })
        _ = try fleet.ask(.transfer(partition: 0, to: heir), at: third).get()
        #expect(fleet.leader(0) == heir)
        _ = try fleet.ask(.transfer(partition: 0, to: heir), at: third).get()
        try fleet.write("by the heir")
        #expect(fleet.texts(heir) == ["founded", "by the heir"])
    }

    @Test("Nothing is handed to a node that drains, only learns, is unknown or has its clock off; each in words")
    func mayNotLead() throws {
        let fleet = try founded()
        try fleet.join(4, disk: 44, through: 1)
        // The first is to lead the partition when all are well.
        try fleet.wait { fleet.role(4, at: 1) == .serving && fleet.leader(0) == 1 }
        let leader: UInt32 = 1
        func words(_ node: UInt32) throws -> String? {
            try refusal(.transfer(partition: 0, to: node), at: leader, fleet)?.detail
        }
        #expect(try words(4) == "node 4 has no vote")
        #expect(try words(9) == "node 9 does not belong to the cluster")
        let others = [UInt32](1...3).filter { $0 != leader }
        _ = try fleet.ask(.drain(others[0]), at: leader).get()
        try fleet.wait { fleet.role(others[0], at: leader) == .draining }
        #expect(try words(others[0]) == "node \(others[0]) is draining")
        let off = ClockAnswer(asked: 0, wall: 1_700_000_000_000, isOff: true).bytes
        #expect(fleet[leader].process?.peers.clocks.heard(off, from: others[1]) == true)
        #expect(try words(others[1]) == "the clock of node \(others[1]) is off")
        #expect(
            try refusal(.transfer(partition: 2, to: leader), at: leader, fleet)?.detail == "there is no partition 2")
        #expect(fleet.leader(0) == leader)
    }

    @Test("Bytes that are no request or answer are told apart, and answered by nobody")
    func garbled() throws {
        let fleet = try founded()
        let desk = try #require(fleet[1].process?.part.desk)
        for bytes in [[], [9], [2, 1], [2, 1, 99]] as [[UInt8]] {
            #expect(!desk.asked(bytes, by: 2))
            #expect(!desk.heard(bytes))
        }
        // An answer to nobody's question is no harm.
        #expect(desk.heard(ClusterCodec.encode(.notLeading, number: 7, in: WireVersion.current)))
        fleet.tick(10)
        #expect((1...3).allSatisfy { fleet[$0].process?.peers.garbled == 0 })
    }
}
