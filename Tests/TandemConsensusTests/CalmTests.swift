import Testing

@testable import TandemConsensus

/// When a group may be left alone between two heartbeats.
struct CalmTests {
    private let ids = [1, 2, 3] as [UInt32]

    private func group() -> Group {
        let group = Group([1, 2, 3])
        group.elect(1)
        return group
    }

    private func calm(_ group: Group) -> [Bool] { ids.map { group[$0].isCalm } }

    /// Ticks that come all together between two heartbeats.
    private func rest(_ group: Group, _ nodes: [UInt32]) {
        for node in nodes {
            for _ in 0..<group.limits.heartbeatTicks { group[node].tick() }
            group.work(NodeID(node))
        }
        group.settle()
    }

    @Test("A group in which everybody has everything and knows it is calm, and stays so with one beat for many ticks")
    func calm() {
        let group = group()
        rest(group, ids)
        #expect(calm(group) == [true, true, true])
        let term = group[1].term
        for _ in 0..<100 { rest(group, ids) }
        #expect(calm(group) == [true, true, true])
        #expect(group[1].isLeader && group[1].term == term)
    }

    @Test("Who proposes is calm no more until all have the entry and know that it is committed")
    func proposal() throws {
        let group = group()
        rest(group, ids)
        group.isLost = { $0.isAppend && $0.to == NodeID(3) }
        try group.propose("x", at: 1)
        #expect(!group[1].isCalm)
        group.settle()
        for _ in 0..<5 { rest(group, ids) }
        #expect(!group[1].isCalm, "one lacks it")
        group.heal()
        for _ in 0..<5 { rest(group, ids) }
        #expect(calm(group) == [true, true, true])
        #expect(group[3].last == group[1].last)
    }

    @Test("A follower that misses heartbeats is calm no more long before it would stand; nor is one without a leader")
    func silence() {
        let group = group()
        rest(group, ids)
        group.isolate(1)
        for _ in 0..<3 { rest(group, [2]) }
        #expect(!group[2].isCalm)
        #expect(group[2].status.standing == .follower(leader: NodeID(1)))
        group[3].peerLost(NodeID(1))
        #expect(!group[3].isCalm)
    }

    @Test("A leader that does not hear somebody is not calm, nor one that hands over or has a read to answer")
    func leader() throws {
        for stir in [
            { (group: Group) in try group[1].transferLeadership(to: NodeID(2)) },
            { (group: Group) in group[1].read(ReadContext(origin: 1, number: 1)) },
        ] as [(Group) throws -> Void] {
            let group = group()
            rest(group, ids)
            #expect(group[1].isCalm)
            try stir(group)
            #expect(!group[1].isCalm)
        }
        let group = group()
        rest(group, ids)
        for _ in 0..<3 { rest(group, [1]) }
        #expect(group[1].isCalm, "they answer")
        group.isolate(3)
        for _ in 0..<3 { rest(group, [1, 2]) }
        #expect(!group[1].isCalm)
    }
}
