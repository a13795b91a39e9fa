import Testing

@testable import TandemConsensus

/// The Raft paper, sections 5.1 and 5.2 and 5.4.1: terms, elections, and who may win them.
struct PaperElectionTests {
    @Test("5.1: every node begins as a follower and stays one as long as it hears from a leader")
    func beginsAsFollower() {
        let group = Group([1, 2, 3])
        for node in group.founders.voters { #expect(group.nodes[node]?.status.standing == .follower(leader: nil)) }
        group.elect(1)
        for _ in 0..<200 {
            group.tick(1)
            group.settle()
            group.tick(2)
            group.tick(3)
        }
        #expect(group[2].status.standing == .follower(leader: NodeID(1)))
        #expect(group[2].term == Term(1) && group[3].term == Term(1))
    }

    @Test("5.1: whoever sees a larger term takes it, and a candidate or leader that does so follows")
    func takesLargerTerm() {
        let group = Group([1, 2, 3])
        group.elect(1)
        group.send(.appendReply(.accepted(match: 0)), from: 2, to: 1, term: 7)
        #expect(group[1].status.standing == .follower(leader: nil))
        #expect(group[1].term == Term(7))
    }

    @Test("5.1: a request of an older term is refused, and its sender learns of the newer one")
    func refusesOlderTerm() {
        let group = Group([1, 2, 3])
        group.hold(1, terms: [1, 2], ballot: Ballot(term: Term(5)))
        group.send(
            .append(Append(previous: .beginning, entries: [], commit: 0)), from: 2, to: 1, term: 4)
        group.send(
            .voteRequest(Candidacy(last: LogPoint(index: 9, term: Term(4)), isCalled: false)), from: 3, to: 1, term: 4)
        #expect(group.messages.map(\.term) == [Term(5), Term(5)])
        #expect(group.messages.map(\.body) == [.outdated, .voteReply(isGranted: false)])
        #expect(group[1].term == Term(5))
    }

    @Test("5.2: a follower that hears nothing begins a term, votes for itself and asks all others")
    func standsAfterTimeOut() {
        let group = Group([1, 2, 3])
        group.timeOut(1)
        while group[1].term == .zero { group.deliver() }
        let requests = group.messages.filter(\.isVoteRequest)
        #expect(group[1].status.ballot == Ballot(term: Term(1), vote: NodeID(1)))
        #expect(requests.map(\.to) == [NodeID(2), NodeID(3)])
        #expect(requests.allSatisfy { $0.term == Term(1) })
    }

    @Test("5.2: a node votes once per term, for who asks first")
    func votesOnce() {
        let group = Group([1, 2, 3, 4, 5])
        let candidacy = Candidacy(last: .beginning, isCalled: false)
        group.send(.voteRequest(candidacy), from: 2, to: 1, term: 1)
        group.send(.voteRequest(candidacy), from: 3, to: 1, term: 1)
        group.send(.voteRequest(candidacy), from: 2, to: 1, term: 1)
        #expect(
            group.messages.map(\.body) == [
                .voteReply(isGranted: true), .voteReply(isGranted: false), .voteReply(isGranted: true),
            ])
    }

    @Test("5.2: a vote survives a crash, and is not said before it is durable")
    func votePersists() {
        let group = Group([1, 2, 3])
        group.slowDisks = [NodeID(1)]
        let candidacy = Candidacy(last: .beginning, isCalled: false)
        group.send(.voteRequest(candidacy), from: 2, to: 1, term: 1)
        #expect(group.messages.isEmpty)
        group.persist(NodeID(1))
        #expect(group.messages.map(\.body) == [.voteReply(isGranted: true)])
        group.messages = []
        group.restart(1)
        group.slowDisks = []
        group.send(.voteRequest(candidacy), from: 3, to: 1, term: 1)
        #expect(group.messages.map(\.body) == [.voteReply(isGranted: false)])
    }

    @Test("5.2: a candidate needs the votes of a majority of all, and leads as soon as it has them")
    func needsMajority() {
        let group = Group([1, 2, 3, 4, 5])
        group.timeOut(1)
        while !group.messages.contains(where: \.isVoteRequest) { group.deliver() }
        group.messages = []
        group.send(.voteReply(isGranted: true), from: 2, to: 1, term: 1)
        group.send(.voteReply(isGranted: true), from: 2, to: 1, term: 1)
        group.send(.voteReply(isGranted: false), from: 4, to: 1, term: 1)
        #expect(group[1].status.standing == .candidate)
        group.send(.voteReply(isGranted: true), from: 3, to: 1, term: 1)
        #expect(group[1].isLeader)
        #expect(group.messages.filter(\.isAppend).map(\.to) == [2, 3, 4, 5].map { NodeID($0) })
    }

    @Test("5.2: a candidate that hears from a leader of its term follows it, and ignores one of an older term")
    func candidateYields() {
        let group = Group([1, 2, 3])
        group.hold(1, terms: [], ballot: Ballot(term: Term(3)))
        group.isLost = { $0.isVoteRequest }
        group.timeOut(1)
        group.send(.preVoteReply(isGranted: true), from: 2, to: 1, term: 4)
        #expect(group[1].status.standing == .candidate)
        let append = Append(previous: .beginning, entries: [], commit: 0)
        group.send(.append(append), from: 2, to: 1, term: 3)
        #expect(group[1].status.standing == .candidate)
        group.send(.append(append), from: 2, to: 1, term: 4)
        #expect(group[1].status.standing == .follower(leader: NodeID(2)))
    }

    @Test("5.2: when votes are split a new election follows, and drawn time-outs let one be first")
    func splitVote() {
        let group = Group([1, 2, 3, 4])
        let timeouts = (0..<40).map { seed -> Int in
            var raft = Raft(
                id: NodeID(1), recovery: RaftRecovery(membership: group.founders, limits: group.limits),
                limits: group.limits, seed: UInt64(seed))
            var ticks = 0
            while raft.ready()?.messages.isEmpty != false {
                raft.tick()
                ticks += 1
            }
            return ticks
        }
        let limit = group.limits.electionTicks
        #expect(timeouts.allSatisfy { $0 >= limit && $0 < 2 * limit })
        #expect(Set(timeouts).count > limit / 2)

        group.timeOut(1)
        group.timeOut(2)
        while group[1].term < Term(1) || group[2].term < Term(1) { group.deliver { $0.isPreVote } }
        // Each has a follower's vote: nobody wins.
        group.deliver { $0.isVoteRequest && $0.from == NodeID(1) && $0.to == NodeID(3) }
        group.deliver { $0.isVoteRequest && $0.from == NodeID(2) && $0.to == NodeID(4) }
        group.settle()
        #expect(!group[1].isLeader && !group[2].isLeader)
        group.elect(2)
        #expect(group[2].isLeader && group[2].term == Term(2))
    }

    @Test("5.4.1: who holds a later term, or as late a one and more entries, does not vote")
    func upToDate() {
        let cases: [(own: [UInt64], last: LogPoint, isGranted: Bool)] = [
            ([1, 1, 2], LogPoint(index: 3, term: Term(2)), true),
            ([1, 1, 2], LogPoint(index: 4, term: Term(2)), true),
            ([1, 1, 2], LogPoint(index: 2, term: Term(2)), false),
            ([1, 1, 2], LogPoint(index: 9, term: Term(1)), false),
            ([1, 1, 2], LogPoint(index: 1, term: Term(3)), true),
        ]
        for (own, last, isGranted) in cases {
            let group = Group([1, 2, 3])
            group.hold(1, terms: own, ballot: Ballot(term: Term(3)))
            group.send(.voteRequest(Candidacy(last: last, isCalled: false)), from: 2, to: 1, term: 4)
            #expect(group.messages.map(\.body) == [.voteReply(isGranted: isGranted)], "\(own) \(last)")
        }
    }

    @Test("A leader is there only once its own vote is durable")
    func ownVoteFirst() {
        let group = Group([1])
        group.slowDisks = [NodeID(1)]
        group.timeOut(1)
        group.work(NodeID(1))
        #expect(group[1].status.standing == .candidate)
        group.persist(NodeID(1))
        #expect(group[1].isLeader)
    }
}

extension RaftMessage {
    var isPreVote: Bool {
        switch body {
        case .preVoteRequest, .preVoteReply: true
        case .voteRequest, .voteReply, .append, .appendReply, .heartbeat, .heartbeatReply, .snapshot, .snapshotReply,
            .campaignNow, .readRequest, .readReply, .outdated, .removed:
            false
        }
    }
}
