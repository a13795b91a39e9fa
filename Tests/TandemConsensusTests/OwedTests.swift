import Testing

@testable import TandemConsensus

/// A node whose journal was damaged: it has forgotten entries that it had acknowledged, and knows it.
struct OwedTests {
    /// 1 leads; "x" is committed by 1 and 2 alone, as entry 3, and then 2 loses entries 2 and 3.
    private func group() throws -> Group {
        let group = Group([1, 2, 3])
        group.elect(1)
        try group.propose("a", at: 1)
        group.settle()
        group.isolate(3)
        try group.propose("x", at: 1)
        group.settle()
        #expect(group[1].commitIndex == 3)
        group.heal()
        group.rot(2, from: 2)
        return group
    }

    @Test("It gives no vote to who lacks what it had acknowledged, though it lacks that itself")
    func keepsItsWord() throws {
        let group = try group()
        group.isolate(1)
        group.elect(3)
        group.tick(2, times: 40)
        group.elect(3)
        #expect(!group[3].isLeader && !group[2].isLeader)
        #expect(!group.messages.contains { $0.isGrantedVote })
        // Once the one who has it is there again, nothing is lost.
        group.heal()
        group.elect(1)
        #expect(group[1].isLeader)
        for _ in 0..<10 {
            group.tick(1, times: 5)
            group.settle()
        }
        for node in [1, 2, 3] as [UInt32] { #expect(group[node].commitIndex >= 3, "node \(node)") }
        #expect(group.said(2).suffix(2) == ["a", "x"] && group.said(3).contains("x"))
        #expect(group[2].status.owed == nil)
    }

    @Test("It votes for who has everything: two of three are enough")
    func votes() throws {
        let group = try group()
        group.restart(1)
        group.isolate(3)
        group.elect(1)
        group.tick(1, times: 5)
        group.settle()
        #expect(group[1].isLeader)
        #expect(group[2].status.owed == nil && group.said(2).contains("x"))
    }

    @Test("It never stands, and leads when it is asked only once it is whole")
    func doesNotStand() throws {
        let group = try group()
        group.isolate(2)
        let term = group[2].term
        let told = group.story.count
        group.tick(2, times: 200)
        #expect(group[2].term == term && group.story.count == told)
        group.send(.campaignNow, from: 1, to: 2, term: term.value)
        #expect(group[2].term == term)
    }

    @Test("The leader of the same term, which counts it as whole, learns otherwise and sends what is lost again")
    func sameLeader() throws {
        for isNoticed in [false, true] {
            let group = try group()
            let term = group[1].term
            if isNoticed {
                group[1].peerLost(NodeID(2))
                group[1].peerFound(NodeID(2))
            }
            for _ in 0..<10 {
                group.tick(1, times: 5)
                group.settle()
            }
            #expect(group[1].term == term && group[1].isLeader)
            #expect(group[2].last == group[1].last && group[2].commitIndex == 3)
            #expect(group[2].status.owed == nil && group.journals[NodeID(2)]?.owed == nil)
            #expect(group.alarms.values.allSatisfy { $0.isEmpty })
            try group.propose("y", at: 1)
            group.settle()
            group.tick(1, times: 5)
            group.settle()
            #expect(group.said(2) == ["a", "x", "y"])
        }
    }

    @Test(
        "A crash on the way back changes nothing; an entry of a later leader ends it as well as the last of the old ones"
    )
    func crashOnTheWay() throws {
        let group = try group()
        group.slowDisks = [NodeID(2)]
        for _ in 0..<10 {
            group.tick(1, times: 5)
            group.settle()
        }
        #expect(group[2].status.owed != nil)
        group.restart(2)
        #expect(group[2].status.owed?.last.index == 3)
        group.slowDisks = []
        // 3 acknowledged entries that no majority had, and another leads without them.
        for _ in 0..<10 {
            group.tick(1, times: 5)
            group.settle()
        }
        #expect(group[2].status.owed == nil)
        let late = Group([1, 2, 3])
        late.hold(2, terms: [1, 1, 1, 1, 1, 1], ballot: Ballot(term: Term(1)))
        late.hold(1, terms: [1, 1], ballot: Ballot(term: Term(1)))
        late.hold(3, terms: [1, 1], ballot: Ballot(term: Term(1)))
        late.rot(2, from: 2)
        late.elect(1)
        #expect(late[1].isLeader && late[1].last.index == 3)
        for _ in 0..<10 {
            late.tick(1, times: 5)
            late.settle()
        }
        #expect(late[2].last.index == 3 && late[2].status.owed == nil)
    }

    @Test("A leader that has cut what is lost sends a snapshot")
    func snapshot() throws {
        let group = try group()
        group[1].compact(to: 3)
        var isOffered = false
        for _ in 0..<10 where !isOffered {
            group.tick(1, times: 5)
            group.settle()
            isOffered = group.tasks[NodeID(1)]?.contains(.make) == true
        }
        #expect(isOffered)
    }
}
