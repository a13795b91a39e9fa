import TestChance
import Testing

@testable import TandemConsensus

/// The Raft paper, section 6, and what others got wrong: changing who takes part.
struct MembershipTests {
    private func ids(_ nodes: UInt32...) -> [NodeID] { nodes.map { NodeID($0) } }

    /// Three voters led by 1, and learners that have caught up.
    private func group(learners: [UInt32] = []) throws -> Group {
        let group = Group([1, 2, 3])
        group.elect(1)
        for node in learners {
            group.start(NodeID(node))
            try change(group, MembershipChange(learn: [NodeID(node)]))
        }
        return group
    }

    private func change(_ group: Group, _ change: MembershipChange, at node: UInt32 = 1) throws {
        try group[node].change(change)
        group.work(NodeID(node))
        run(group, node)
    }

    private func run(_ group: Group, _ node: UInt32 = 1, ticks: Int = 12) {
        for _ in 0..<ticks {
            group.settle()
            group.tick(node)
        }
        group.settle()
    }

    @Test("6: new members first learn without a vote, then vote by way of a joint membership")
    func addsVoters() throws {
        let group = try group(learners: [4, 5])
        #expect(group[1].membership == Membership(voters: ids(1, 2, 3), learners: ids(4, 5)))
        try group[1].change(MembershipChange(promote: ids(4, 5)))
        #expect(group[1].membership == Membership(voters: ids(1, 2, 3, 4, 5), outgoing: ids(1, 2, 3)))
        group.work(NodeID(1))
        run(group)
        for node in [1, 2, 3, 4, 5] as [UInt32] {
            #expect(group[node].membership == Membership(voters: ids(1, 2, 3, 4, 5)))
        }
    }

    @Test("6: while joint, entries need majorities of the old and of the new voters")
    func jointMajorities() throws {
        let group = try group(learners: [4, 5, 6])
        // The new voters' disks do not answer: nothing is decided, though all old voters agree.
        group.slowDisks = Set(ids(4, 5, 6))
        try group[1].change(MembershipChange(promote: ids(4, 5, 6), remove: ids(2, 3)))
        let commit = group[1].commitIndex
        group.work(NodeID(1))
        run(group)
        #expect(group[1].commitIndex == commit)
        #expect(group[1].membership.isJoint)
        group.slowDisks = []
        for id in ids(4, 5, 6) { group.persist(id) }
        run(group)
        #expect(group[1].membership == Membership(voters: ids(1, 4, 5, 6)))
    }

    @Test("6: while joint, an election needs majorities of both")
    func jointElection() throws {
        let group = try group(learners: [4, 5, 6])
        // Only the new voters get the joint membership, and it is not committed.
        group.isLost = { $0.to == NodeID(2) || $0.to == NodeID(3) }
        group.slowDisks = Set(ids(1))
        try group[1].change(MembershipChange(promote: ids(4, 5, 6), remove: ids(1, 2, 3)))
        group.work(NodeID(1))
        group.settle()
        #expect(group[4].membership.isJoint)
        group.isolate(1, 2, 3)
        group.elect(4)
        #expect(!group[4].isLeader)
        group.heal()
        group.isolate(1)
        group.elect(4)
        group.elect(4)
        #expect(group[4].isLeader)
    }

    @Test("6: a node uses the latest membership in its log, committed or not, and the one before after a truncation")
    func takesEffectOnAppend() throws {
        let group = try group(learners: [4])
        group.isolate(1)
        group.slowDisks = []
        try group[1].change(MembershipChange(promote: ids(4)))
        group.work(NodeID(1))
        #expect(group[1].membership.isJoint)
        group.elect(2)
        #expect(group[2].isLeader)
        group.heal()
        run(group, 2, ticks: 30)
        #expect(group[1].membership == Membership(voters: ids(1, 2, 3), learners: ids(4)))
    }

    @Test("6: a leader that is not among the new voters leads until that is committed, uncounted, and hands over")
    func leaderRemovesItself() throws {
        let group = try group()
        try group.propose("before", at: 1)
        try change(group, MembershipChange(remove: ids(1)))
        #expect(!group[1].isLeader)
        #expect(group.story.contains { $0.hasPrefix("n1 → n") && $0.hasSuffix("stand now") })
        let leader = try #require([2, 3].first { group[$0].isLeader })
        #expect(group[leader].membership == Membership(voters: ids(2, 3)))
        #expect(group.said(leader) == ["before"])
        group.tick(1, times: 100)
        group.settle()
        #expect(group[leader].isLeader && group[leader].term == Term(2))
    }

    @Test("A node that is to go stands until its removal is committed: nobody else might be able to")
    func outgoingMayStand() throws {
        let group = Group([1, 2])
        group.elect(1)
        // Joint is committed, the membership without 1 is only in 1's log.
        group.isLost = { message in
            guard case .append(let append) = message.body else { return false }
            return append.entries.contains { $0.content == .membership(Membership(voters: [NodeID(2)])) }
        }
        try change(group, MembershipChange(remove: ids(1)))
        #expect(group[1].membership == Membership(voters: ids(2)))
        #expect(group[2].membership.isJoint)
        group.heal()
        group.restart(1)
        group.elect(1)
        for _ in 0..<80 where !group[2].isLeader {
            group.tick(1)
            group.tick(2)
            group.settle()
        }
        #expect(group[2].isLeader)
        #expect(group[2].membership == Membership(voters: ids(2)))
    }

    @Test("6: whoever hears from a leader ignores requests for votes; a removed node is told, and falls silent")
    func removedNodeIsQuiet() throws {
        let group = try group()
        group.isLost = { $0.to == NodeID(3) }
        try change(group, MembershipChange(remove: ids(3)))
        group.heal()
        #expect(group[3].membership.isVoter(NodeID(3)))
        for _ in 0..<5 {
            group.timeOut(3)
            group.settle()
            group.tick(1)
            group.settle()
        }
        #expect(group[1].isLeader && group[1].term == Term(1))
        #expect(group.alarms[NodeID(3)] == [.removed])
        group.story = []
        group.tick(3, times: 100)
        #expect(group.story.isEmpty)
        // Let in again, it stands again.
        try change(group, MembershipChange(learn: ids(3)))
        run(group)
        try change(group, MembershipChange(promote: ids(3)))
        group.elect(3)
        #expect(group[3].isLeader)
    }

    @Test("A change is refused before an entry of the leader's own term is committed, and while another is under way")
    func oneAtATime() throws {
        let group = Group([1, 2, 3])
        group.isLost = { $0.isAcceptance }
        group.elect(1)
        #expect(throws: ProposalRefusal.changeUnderWay) { try group[1].change(MembershipChange(learn: self.ids(4))) }
        group.heal()
        run(group)
        group.start(NodeID(4))
        group.isolate(1)
        try group[1].change(MembershipChange(learn: ids(4)))
        #expect(throws: ProposalRefusal.changeUnderWay) { try group[1].change(MembershipChange(remove: self.ids(2))) }
    }

    @Test("Who is no learner, is away or lacks too much does not get a vote")
    func promotesOnlyWhoIsReady() throws {
        let group = try group()
        #expect(throws: ProposalRefusal.badChange) { try group[1].change(MembershipChange(promote: self.ids(4))) }
        #expect(throws: ProposalRefusal.badChange) { try group[1].change(MembershipChange(remove: self.ids(1, 2, 3))) }
        #expect(throws: ProposalRefusal.badChange) { try group[1].change(MembershipChange()) }
        try change(group, MembershipChange(learn: ids(4)))
        #expect(throws: ProposalRefusal.notCaughtUp(NodeID(4))) {
            try group[1].change(MembershipChange(promote: self.ids(4)))
        }
    }

    @Test("A joint membership whose new voters do not answer can be cancelled by the leader that began it")
    func cancels() throws {
        let group = try group(learners: [4, 5, 6, 7])
        group.isolate(4, 5, 6, 7)
        try group[1].change(MembershipChange(promote: ids(4, 5, 6, 7)))
        group.work(NodeID(1))
        run(group)
        #expect(group[1].membership.isJoint)
        try group[1].cancelChange()
        group.work(NodeID(1))
        run(group)
        #expect(group[1].membership == Membership(voters: ids(1, 2, 3), learners: ids(4, 5, 6, 7)))
        #expect(group[1].status.isMembershipCommitted)
        #expect(throws: ProposalRefusal.nothingToCancel) { try group[1].cancelChange() }
        group.heal()
        run(group)
        #expect(group[7].membership == group[1].membership)
    }

    @Test("A later leader may not cancel what another began: the change may have been committed")
    func cancelsOnlyOwn() throws {
        let group = try group(learners: [4, 5])
        group.isLost = { $0.isAcceptance }
        try group[1].change(MembershipChange(promote: ids(4, 5)))
        group.work(NodeID(1))
        group.settle()
        #expect(group[2].membership.isJoint)
        group.elect(2)
        #expect(group[2].isLeader)
        #expect(throws: ProposalRefusal.nothingToCancel) { try group[2].cancelChange() }
        group.heal()
        run(group, 2)
        #expect(group[2].membership == Membership(voters: ids(1, 2, 3, 4, 5)))
    }

    @Test("What was said by or to a node in another life is void")
    func incarnations() throws {
        let group = Group([1, 2, 3])
        group.elect(1)
        let reborn = NodeID(3, incarnation: 1)
        group.start(reborn)
        let term = group[1].term
        let vote = RaftMessage(
            from: NodeID(2), to: NodeID(3), term: term.next,
            body: .voteRequest(Candidacy(last: LogPoint(index: 9, term: term), isCalled: true)))
        group.nodes[reborn]?.step(vote)
        group.work(reborn)
        #expect(group.nodes[reborn]?.term == .zero)
        // It counts for nothing until it is admitted.
        group.isolate(2)
        group.isLost = { $0.to != NodeID(1) && $0.from != NodeID(1) || $0.to == NodeID(2) || $0.to == NodeID(3) }
        let point = try group.propose("a", at: 1)
        let fake = RaftMessage(
            from: reborn, to: NodeID(1), term: term, body: .appendReply(.accepted(match: point.index)))
        group.nodes[NodeID(1)]?.step(fake)
        #expect(group[1].commitIndex < point.index)
    }

    @Test(
        "A node that lacks what it acknowledged says so and is silent from then on, whatever reaches it first",
        arguments: [true, false])
    func forgetful(asksFirst: Bool) throws {
        let group = Group([1, 2, 3])
        group.elect(1)
        for _ in 0..<5 { try group.propose("a", at: 1) }
        run(group, ticks: 4)
        // The end of its journal is lost, and nobody noticed.
        group.journals[NodeID(2)]?.entries.removeLast(3)
        group.restart(2)
        if asksFirst {
            // As its connection comes back it is asked where it stands, and what it lacks would be on its way.
            group[1].peerLost(NodeID(2))
            group[1].peerFound(NodeID(2))
            try group.propose("b", at: 1)
        } else {
            group.isLost = { $0.isAppend }
            group.tick(1, times: group.limits.heartbeatTicks)
        }
        group.settle()
        #expect(group.alarms[NodeID(2)] == [.forgotAcknowledged(upTo: 6, last: 3)])
        group.heal()
        group.story = []
        group.tick(2, times: 100)
        group.send(
            .voteRequest(Candidacy(last: LogPoint(index: 9, term: Term(9)), isCalled: true)), from: 3, to: 2, term: 9)
        #expect(!group.story.contains { $0.hasPrefix("n2 →") })

        // It learns nothing from being started again.
        group.restart(2)
        group[1].peerLost(NodeID(2))
        group[1].peerFound(NodeID(2))
        try group.propose("c", at: 1)
        group.tick(1, times: group.limits.heartbeatTicks)
        group.settle()
        #expect(group[2].status.isForgetful)
    }

    @Test("Majorities of plain and joint memberships agree with counting every combination")
    func oracle() {
        let nodes = (1...5).map { NodeID(UInt32($0)) }
        let sets = (1..<32).map { mask in nodes.filter { mask & 1 << Int($0.node - 1) != 0 } }
        for voters in sets {
            for outgoing in [[]] + sets {
                let membership = Membership(voters: voters, outgoing: outgoing)
                for answers in 0..<32 {
                    let yes = Set(nodes.filter { answers & 1 << Int($0.node - 1) != 0 })
                    let isMajority = [voters, outgoing].allSatisfy { set in
                        set.isEmpty || 2 * set.count(where: yes.contains) > set.count
                    }
                    let verdict = Majority.verdict(in: membership) { yes.contains($0) }
                    #expect((verdict == .won) == isMajority)
                    #expect((verdict == .lost) == !isMajority)
                    // What a majority reached: 7 by those who said yes, 3 by the others.
                    #expect(Majority.reached(in: membership) { yes.contains($0) ? 7 : 3 } == (isMajority ? 7 : 3))
                }
            }
        }
    }

    @Test("An election is open only as long as the missing answers can decide it")
    func openElections() {
        let membership = Membership(voters: ids(1, 2, 3), outgoing: ids(3, 4, 5))
        var seen: [Majority.Verdict: Int] = [:]
        for combination in 0..<243 {
            var rest = combination
            var answers: [NodeID: Bool] = [:]
            for node in 1...5 as ClosedRange<UInt32> {
                if rest % 3 < 2 { answers[NodeID(node)] = rest % 3 == 1 }
                rest /= 3
            }
            let best = Majority.verdict(in: membership) { answers[$0] ?? true }
            let worst = Majority.verdict(in: membership) { answers[$0] ?? false }
            let expected: Majority.Verdict = best == .lost ? .lost : worst == .won ? .won : .open
            let verdict = Majority.verdict(in: membership) { answers[$0] }
            #expect(verdict == expected)
            seen[verdict, default: 0] += 1
        }
        #expect(seen.count == 3)
    }

    @Test("No change leads from one membership to another whose majorities need not meet")
    func changesKeepMajoritiesTogether() {
        let nodes = (1...4).map { NodeID(UInt32($0)) }
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<2_000 {
            let before = Membership(
                voters: nodes.filter { _ in generator.chance(of: 50) },
                learners: nodes.filter { _ in generator.chance(of: 50) })
            guard !before.voters.isEmpty, before.voters.allSatisfy({ !before.learners.contains($0) }) else { continue }
            var change = MembershipChange()
            for node in nodes where generator.chance(of: 50) {
                if generator.chance(of: 50) {
                    change.promote.append(node)
                } else if generator.chance(of: 50) {
                    change.remove.append(node)
                }
            }
            guard let after = change.applied(to: before), after.isJoint else { continue }
            #expect(after.outgoing == before.voters)
            #expect(after.cancelled.voters == before.voters)
            #expect(
                Set(after.cancelled.everyone).isSuperset(of: before.learners.filter { !change.remove.contains($0) }))
            #expect(!after.left.isJoint && change.promote.allSatisfy(after.left.voters.contains))
        }
    }
}
