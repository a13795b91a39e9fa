import Testing

@testable import TandemConsensus

/// What keeps elections from doing harm: pre-votes, stickiness, majorities that are heard, disks that work.
struct ElectionTests {
    @Test(
        "A node that cannot win does not raise the term, however long it is cut off, and does no harm when it returns")
    func preVote() {
        let group = Group([1, 2, 3])
        group.elect(1)
        group.isolate(3)
        group.tick(3, times: 500)
        #expect(group[3].term == Term(1))
        group.heal()
        group.timeOut(3)
        group.settle()
        group.tick(1, times: group.limits.heartbeatTicks)
        group.settle()
        #expect(group[1].isLeader && group[1].term == Term(1))
        #expect(group[3].status.standing == .follower(leader: NodeID(1)))
    }

    @Test("A leader that hears no majority steps down within an election time-out")
    func checkQuorum() {
        let group = Group([1, 2, 3, 4, 5])
        group.elect(1)
        group.isLost = { $0.to == NodeID(1) && $0.from != NodeID(2) }
        group.tick(1, times: group.limits.electionTicks)
        group.settle()
        #expect(!group[1].isLeader)
        #expect(group[1].term == Term(1))
    }

    @Test("A reluctant node lets the others stand first, and stands when nobody else does")
    func reluctant() {
        let group = Group([1, 2, 3])
        group.elect(1)
        group[2].reluctant(true)
        group.isolate(1)
        group.tick(2, times: 2 * group.limits.electionTicks)
        group.settle()
        #expect(!group[2].isLeader && group[2].term == Term(1))
        group.timeOut(3)
        group.settle()
        #expect(group[3].isLeader, "it votes like any other")
        // Of the two that are left both are reluctant.
        group.heal()
        group.tick(3, times: group.limits.heartbeatTicks)
        group.settle()
        #expect(!group[1].isLeader)
        group.isolate(3)
        group[1].reluctant(true)
        var ticks = 0
        while !group[1].isLeader, !group[2].isLeader, ticks < 2 * group.limits.electionTicks * 20 {
            for node in [1, 2] as [UInt32] { group.tick(node) }
            group.settle()
            ticks += 1
        }
        #expect(group[1].isLeader || group[2].isLeader, "somebody has to")
        #expect(ticks > group.limits.electionTicks * group.limits.reluctantTimeouts)
    }

    @Test("An unfit node hands over what it leads and does not stand, but votes, takes entries and counts for them")
    func unfit() throws {
        let group = Group([1, 2, 3])
        group.elect(1)
        group[1].unfit(true)
        group.tick(1)
        group.settle()
        #expect(!group[1].isLeader)
        let heir: UInt32 = group[2].isLeader ? 2 : 3
        #expect(group[heir].isLeader, "it was called")
        let third: UInt32 = heir == 2 ? 3 : 2
        group.isolate(third)
        let point = try group.propose("a", at: heir)
        group.settle()
        #expect(group[heir].commitIndex == point.index, "the unfit one is the other half of the majority")
        group.isolate(heir)
        group.tick(1, times: 20 * group.limits.electionTicks)
        group.settle()
        #expect(!group[1].isLeader)
        group[1].unfit(false)
        group.elect(1)
        group.settle()
        #expect(group[1].isLeader, "it has all that is committed")
    }

    @Test("A reluctant node that decides alone leads")
    func reluctantAlone() {
        let group = Group([1])
        group[1].reluctant(true)
        group.timeOut(1)
        group.settle()
        #expect(group[1].isLeader)
    }

    @Test("A partial partition does not make leadership change hands again and again")
    func partialPartition() {
        let group = Group([1, 2, 3])
        group.elect(1)
        // 3 hears 2 and not 1; 2 hears both.
        group.isLost = { [$0.from, $0.to].contains(NodeID(1)) && [$0.from, $0.to].contains(NodeID(3)) }
        for _ in 0..<400 {
            for node in [1, 2, 3] as [UInt32] {
                group.tick(node)
                group.settle()
            }
        }
        #expect(group[1].isLeader && group[1].term == Term(1))
    }

    @Test("When only one way of a link is cut, a leader nobody hears makes way for one that is heard")
    func oneWay() {
        let group = Group([1, 2, 3])
        group.elect(1)
        // 1 hears all and is heard by nobody.
        group.isLost = { $0.from == NodeID(1) }
        for _ in 0..<100 {
            for node in [1, 2, 3] as [UInt32] {
                group.tick(node)
                group.settle()
            }
        }
        let leaders = [1, 2, 3].filter { group[$0].isLeader }
        #expect(leaders.count == 1 && leaders != [1])
    }

    @Test("A candidate of a higher term that returns deposes a leader it cannot hear otherwise")
    func higherTermReturns() {
        let group = Group([1, 2, 3])
        group.elect(1)
        // 3 was a candidate once: its term is higher, and it follows nobody of a lower one.
        group.hold(3, terms: [1], ballot: Ballot(term: Term(5), vote: NodeID(3)))
        for _ in 0..<100 {
            for node in [1, 2, 3] as [UInt32] {
                group.tick(node)
                group.settle()
            }
        }
        let leaders = [1, 2, 3].filter { group[$0].isLeader }
        #expect(leaders.count == 1)
        #expect([1, 2, 3].allSatisfy { group[$0].term > Term(5) && group[$0].term == group[1].term })
    }

    @Test("When the connection to the leader breaks, somebody stands within a few ticks")
    func quickElection() {
        let group = Group([1, 2, 3])
        group.elect(1)
        group.isolate(1)
        for node in [2, 3] as [UInt32] { group[node].peerLost(NodeID(1)) }
        for _ in 0..<group.limits.noticeTicks {
            for node in [2, 3] as [UInt32] {
                group.tick(node)
                group.settle()
            }
        }
        #expect(group[2].isLeader || group[3].isLeader)
    }

    @Test(
        "When the leader's connections break, those who are left stand in turn and the first wins without a second round"
    )
    func quickElectionInTurn() {
        for count in [3, 5] as [UInt32] {
            var firsts: Set<UInt32> = []
            for rounds in 1...4 {
                let group = Group(Array(1...count))
                for round in 0..<rounds { group.elect(round % 2 == 0 ? 1 : 2) }
                guard let dead = (1...count).first(where: { group[$0].isLeader }) else {
                    Issue.record("nobody leads")
                    return
                }
                let before = group[dead].term
                group.isolate(dead)
                let left = (1...count).filter { $0 != dead }
                for node in left { group[node].peerLost(NodeID(dead)) }
                // All tick at the same moments: what chance would have to keep apart.
                for _ in 0..<group.limits.noticeTicks {
                    for node in left { group.tick(node) }
                    group.settle()
                }
                let leaders = left.filter { group[$0].isLeader }
                #expect(leaders.count == 1 && group[leaders[0]].term == before.next, "\(count) nodes, \(before)")
                firsts.formUnion(leaders)
            }
            #expect(firsts.count > 1, "the heirs take turns from term to term")
        }
    }

    @Test("Who stands before the others have noticed that the leader is dead asks them again")
    func quickElectionTooEarly() {
        let group = Group([1, 2, 3])
        group.elect(1)
        group.isolate(1)
        group[2].peerLost(NodeID(1))
        group.tick(2, times: group.limits.noticeTicks + group.limits.quickElectionTicks)
        group.settle()
        #expect(!group[2].isLeader, "3 still hears the leader, as far as it knows")
        group[3].peerLost(NodeID(1))
        group.tick(2, times: group.limits.quickElectionTicks)
        group.settle()
        #expect(group[2].isLeader)
    }

    @Test("Losing the connection to a leader that is still there costs nobody else its leader")
    func quickElectionAlone() {
        let group = Group([1, 2, 3])
        group.elect(1)
        group[3].peerLost(NodeID(1))
        group.tick(3, times: group.limits.quickElectionTicks)
        group.settle()
        group.tick(1, times: group.limits.heartbeatTicks)
        group.settle()
        #expect(group[1].isLeader && group[1].term == Term(1))
        #expect(group[3].status.standing == .follower(leader: NodeID(1)))
    }

    @Test("Who decides alone stands at once, and waits for his disk: nobody could do better")
    func alone() throws {
        let group = Group([1])
        group[1].standIfAlone()
        group.settle()
        #expect(group[1].isLeader, "no tick has passed")
        group.slowDisks = [NodeID(1)]
        try group.propose("a", at: 1)
        group.settle()
        group.tick(1, times: 10 * group.limits.diskStallTicks)
        #expect(group[1].isLeader && (group.alarms[NodeID(1)] ?? []).isEmpty)
        group.persist(NodeID(1))
        group.settle()
        #expect(group[1].commitIndex == group[1].last.index)
    }

    @Test("A leader whose disk takes no write hands over instead of going on with heartbeats")
    func stalledDisk() throws {
        let group = Group([1, 2, 3])
        group.elect(1)
        group.slowDisks = [NodeID(1)]
        try group.propose("a", at: 1)
        group.settle()
        for _ in 0..<group.limits.diskStallTicks {
            group.tick(1)
            group.settle()
        }
        #expect(group.alarms[NodeID(1)] == [.diskStalled])
        #expect(!group[1].isLeader)
        #expect(group[2].isLeader || group[3].isLeader)
        // It does not stand while its disk is stalled, and may again when it works.
        group.story = []
        group.isolate(1)
        group.tick(1, times: 100)
        #expect(!group.story.contains { $0.contains("would you vote") })
        group.persist(NodeID(1))
        group.tick(1, times: 100)
        #expect(group.story.contains { $0.contains("would you vote") })
    }

    @Test("A leader whose disk is full hands over; as a follower it takes no entries until there is room")
    func fullDisk() throws {
        let group = Group([1, 2, 3])
        group.elect(1)
        group[1].diskFull(true)
        group.tick(1)
        group.settle()
        #expect(group.alarms[NodeID(1)] == [.diskFull])
        let leader = try #require([2, 3].first { group[$0].isLeader })
        try group.propose("a", at: leader)
        for _ in 0..<10 {
            group.tick(leader)
            group.settle()
        }
        #expect(group.said(leader) == ["a"] && group.said(1) == [])
        group[1].diskFull(false)
        for _ in 0..<10 {
            group.tick(leader)
            group.settle()
        }
        #expect(group.said(1) == ["a"])
    }

    @Test("After the loss of one of three, the other two elect, though one of them has lost leadership before")
    func deposedIsElectedAgain() {
        let group = Group([1, 2, 3])
        group.elect(1)
        group.isolate(1)
        group.elect(2)
        group.heal()
        for _ in 0..<6 {
            group.tick(2)
            group.settle()
        }
        group.isolate(2)
        group.elect(1)
        if !group[1].isLeader { group.elect(1) }
        #expect(group[1].status.standing == .leader(opening: 3))
    }

    @Test("A learner never stands, and its voice counts for nothing")
    func learner() throws {
        let group = Group([1, 2], learners: [3])
        group.tick(3, times: 200)
        #expect(group.story.isEmpty)
        group.elect(1)
        group.isLost = { $0.from == NodeID(2) }
        let point = try group.propose("a", at: 1)
        group.settle()
        #expect(group[1].commitIndex < point.index)
        #expect(group[3].last == point)
    }

    @Test("A late vote for another life of the candidate, or of another term, elects nobody")
    func lateVotes() {
        let group = Group([1, 2, 3, 4, 5])
        group.isLost = { $0.isVoteRequest }
        group.timeOut(1)
        group.settle()
        #expect(group[1].status.standing == .candidate)
        group.send(.voteReply(isGranted: true), from: 2, to: 1, term: 1)
        group.tick(1, times: 2 * group.limits.electionTicks)
        group.send(.voteReply(isGranted: true), from: 3, to: 1, term: 1)
        group.send(.preVoteReply(isGranted: true), from: 4, to: 1, term: 1)
        #expect(!group[1].isLeader)
    }

    // MARK: Handing over

    @Test("Leadership is handed to a voter that has everything; proposals are refused meanwhile")
    func transfer() throws {
        let group = Group([1, 2, 3])
        group.elect(1)
        group.isolate(2)
        for _ in 0..<5 { try group.propose("a", at: 1) }
        group.settle()
        try group[1].transferLeadership(to: NodeID(2))
        #expect(throws: ProposalRefusal.handingOver) { try group[1].propose([1]) }
        #expect(throws: ProposalRefusal.handingOver) { try group[1].change(MembershipChange(learn: [NodeID(9)])) }
        group.heal()
        for _ in 0..<10 {
            group.tick(1)
            group.settle()
        }
        #expect(group[2].isLeader && group[2].term == Term(2))
        #expect(group.said(2) == ["a", "a", "a", "a", "a"])
    }

    @Test("A transfer that does not succeed in time is given up, and proposals are taken again")
    func transferTimesOut() throws {
        let group = Group([1, 2, 3])
        group.elect(1)
        group.isolate(2)
        try group[1].transferLeadership(to: NodeID(2))
        for _ in 0..<group.limits.electionTicks {
            group.tick(1)
            group.settle()
        }
        #expect(throws: Never.self) { try group.propose("a", at: 1) }
    }

    @Test("Leadership goes to voters only, a follower has none to hand, and its leader has it already")
    func badTransfers() throws {
        let group = Group([1, 2, 3], learners: [4])
        group.elect(1)
        #expect(throws: ProposalRefusal.badTarget(NodeID(4))) { try group[1].transferLeadership(to: NodeID(4)) }
        // Whoever asked did not know yet that it leads.
        try group[1].transferLeadership(to: NodeID(1))
        #expect(throws: Never.self) { try group.propose("a", at: 1) }
        #expect(throws: ProposalRefusal.notLeader(NodeID(1))) { try group[2].transferLeadership(to: NodeID(3)) }
    }

    @Test("Being told to stand while standing changes nothing")
    func calledWhileStanding() {
        let group = Group([1, 2, 3])
        group.isLost = { $0.isVoteRequest }
        group.timeOut(1)
        group.settle()
        group.send(.campaignNow, from: 2, to: 1, term: 1)
        #expect(group[1].status.standing == .candidate && group[1].term == Term(1))
    }
}
