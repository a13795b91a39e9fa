import Testing

@testable import TandemConsensus

/// Golden transcripts: what is said, word for word. A change of behaviour shows here as a change of the story.
struct StoryTests {
    private func expect(_ group: Group, _ story: String) {
        let told = group.story
        let expected = story.split(separator: "\n").map(String.init)
        #expect(told == expected)
        group.story = []
    }

    @Test("An election, a write, a read at a follower")
    func firstDay() throws {
        let group = Group([1, 2, 3])
        group.elect(1)
        expect(
            group,
            """
            n1 → n2: t1 would you vote? (0@t0)
            n1 → n3: t1 would you vote? (0@t0)
            n2 → n1: t1 would vote
            n3 → n1: t1 would vote
            n1 → n2: t1 vote! (0@t0)
            n1 → n3: t1 vote! (0@t0)
            n2 → n1: t1 votes
            n3 → n1: t1 votes
            n1 → n2: t1 append 1 behind 0@t0, commit 0
            n1 → n3: t1 append 1 behind 0@t0, commit 0
            n2 → n1: t1 holds 0
            n2 → n1: t1 holds 1
            n3 → n1: t1 holds 0
            n3 → n1: t1 holds 1
            """)
        try group.propose("hello", at: 1)
        group.settle()
        group.tick(1)
        group.settle()
        expect(
            group,
            """
            n1 → n2: t1 append 1 behind 1@t1, commit 1
            n1 → n3: t1 append 1 behind 1@t1, commit 1
            n2 → n1: t1 holds 2
            n3 → n1: t1 holds 2
            n1 → n2: t1 heartbeat, commit 2, round 0
            n1 → n3: t1 heartbeat, commit 2, round 0
            n2 → n1: t1 answers round 0
            n3 → n1: t1 answers round 0
            """)
        group[3].read(ReadContext(origin: 3, number: 1))
        group.settle()
        expect(
            group,
            """
            n3 → n1: t1 read 1?
            n1 → n2: t1 heartbeat, commit 2, round 1
            n1 → n3: t1 heartbeat, commit 2, round 1
            n2 → n1: t1 answers round 1
            n3 → n1: t1 answers round 1
            n1 → n3: t1 read 1 at 2
            """)
    }

    @Test("The leader dies: the one who notices first asks, stands, and leads")
    func failOver() throws {
        let group = Group([1, 2, 3])
        group.elect(1)
        try group.propose("a", at: 1)
        group.settle()
        group.story = []
        group.isolate(1)
        for node in [2, 3] as [UInt32] { group[node].peerLost(NodeID(1)) }
        group.timeOut(2)
        group.settle()
        group.heal()
        group.tick(1, times: group.limits.heartbeatTicks)
        group.settle()
        expect(
            group,
            """
            n2 → n1: t2 would you vote? (2@t1) (lost)
            n2 → n3: t2 would you vote? (2@t1)
            n3 → n2: t2 would vote
            n2 → n1: t2 vote! (2@t1) (lost)
            n2 → n3: t2 vote! (2@t1)
            n3 → n2: t2 votes
            n2 → n1: t2 append 1 behind 2@t1, commit 1 (lost)
            n2 → n3: t2 append 1 behind 2@t1, commit 1
            n3 → n2: t2 holds 2
            n3 → n2: t2 holds 3
            n1 → n2: t1 heartbeat, commit 2, round 0
            n1 → n3: t1 heartbeat, commit 2, round 0
            n1 → n2: t1 heartbeat, commit 2, round 0
            n1 → n3: t1 heartbeat, commit 2, round 0
            n2 → n1: t2 is the term
            n3 → n1: t2 is the term
            n2 → n1: t2 is the term
            n3 → n1: t2 is the term
            """)
    }

    @Test("A follower that wrote what nobody else has takes it back")
    func conflict() {
        let group = Group([1, 2, 3])
        group.hold(1, terms: [1, 1, 3, 3], ballot: Ballot(term: Term(3)))
        group.hold(2, terms: [1, 1, 2, 2, 2], ballot: Ballot(term: Term(2)))
        group.hold(3, terms: [1, 1, 3, 3], ballot: Ballot(term: Term(3)))
        group.elect(1)
        group.tick(1, times: group.limits.heartbeatTicks)
        group.settle()
        expect(
            group,
            """
            n1 → n2: t4 would you vote? (4@t3)
            n1 → n3: t4 would you vote? (4@t3)
            n2 → n1: t4 would vote
            n3 → n1: t4 would vote
            n1 → n2: t4 vote! (4@t3)
            n1 → n3: t4 vote! (4@t3)
            n2 → n1: t4 votes
            n3 → n1: t4 votes
            n1 → n2: t4 append 1 behind 4@t3, commit 0
            n1 → n3: t4 append 1 behind 4@t3, commit 0
            n2 → n1: t4 lacks 4, perhaps 3@t2
            n3 → n1: t4 holds 4
            n3 → n1: t4 holds 5
            n1 → n2: t4 append 3 behind 2@t1, commit 0
            n2 → n1: t4 holds 2
            n2 → n1: t4 holds 5
            n1 → n2: t4 heartbeat, commit 5, round 0
            n1 → n3: t4 heartbeat, commit 5, round 0
            n1 → n2: t4 heartbeat, commit 5, round 0
            n1 → n3: t4 heartbeat, commit 5, round 0
            n2 → n1: t4 answers round 0
            n3 → n1: t4 answers round 0
            n2 → n1: t4 answers round 0
            n3 → n1: t4 answers round 0
            """)
        #expect(group.terms(2) == [1, 1, 3, 3, 4])
    }

    @Test("One member takes another's place: it learns, then both memberships agree, then the new one is alone")
    func replacement() throws {
        let group = Group([1, 2, 3])
        group.elect(1)
        group.start(NodeID(4))
        group.story = []
        group.isolate(3)
        try group[1].change(MembershipChange(learn: [NodeID(4)]))
        group.settle()
        expect(
            group,
            """
            n1 → n2: t1 append 1 behind 1@t1, commit 1
            n1 → n3: t1 append 1 behind 1@t1, commit 1 (lost)
            n1 → n4: t1 append 0 behind 2@t1, commit 1
            n2 → n1: t1 holds 2
            n4 → n1: t1 lacks 2, perhaps 0@t0
            n1 → n4: t1 append 2 behind 0@t0, commit 2
            n4 → n1: t1 holds 0
            n4 → n1: t1 holds 2
            """)
        try group[1].change(MembershipChange(promote: [NodeID(4)], remove: [NodeID(3)]))
        group.settle()
        #expect(group[4].membership == Membership(voters: [NodeID(1), NodeID(2), NodeID(4)]))
        expect(
            group,
            """
            n1 → n2: t1 append 1 behind 2@t1, commit 2
            n1 → n3: t1 append 1 behind 2@t1, commit 2 (lost)
            n1 → n4: t1 append 1 behind 2@t1, commit 2
            n2 → n1: t1 holds 3
            n4 → n1: t1 holds 3
            n1 → n2: t1 append 1 behind 3@t1, commit 3
            n1 → n4: t1 append 1 behind 3@t1, commit 3
            n2 → n1: t1 holds 4
            n4 → n1: t1 holds 4
            """)
    }

    @Test("A leader hands over")
    func handOver() throws {
        let group = Group([1, 2, 3])
        group.elect(1)
        group.story = []
        try group[1].transferLeadership(to: NodeID(3))
        group.settle()
        expect(
            group,
            """
            n1 → n3: t1 stand now
            n3 → n1: t2 vote! (1@t1, called)
            n3 → n2: t2 vote! (1@t1, called)
            n1 → n3: t2 votes
            n2 → n3: t2 votes
            n3 → n1: t2 append 1 behind 1@t1, commit 0
            n3 → n2: t2 append 1 behind 1@t1, commit 0
            n1 → n3: t2 holds 1
            n1 → n3: t2 holds 2
            n2 → n3: t2 holds 1
            n2 → n3: t2 holds 2
            """)
    }
}
