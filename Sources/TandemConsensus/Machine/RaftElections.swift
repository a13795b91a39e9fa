/// Looking for a leader, and being looked for.
extension Raft {
    // MARK: Terms

    /// A message of a newer term: whether it is to be handled, in that term.
    mutating func admits(_ message: RaftMessage) -> Bool {
        switch message.body {
        case .preVoteRequest(let candidacy):
            considerPreVote(candidacy, from: message.from, term: message.term)
            return false
        case .preVoteReply(let isGranted):
            // A granted pre-vote names a term that may never begin.
            if isGranted { countPreVote(from: message.from, term: message.term) } else { follow(nil, in: message.term) }
            return false
        case .voteRequest(let candidacy):
            if hearsLeader && !candidacy.isCalled {
                noticeIfStranger(message.from)
                return false
            }
            follow(nil, in: message.term)
            return true
        case .append, .heartbeat, .snapshot:
            follow(message.from, in: message.term)
            return true
        case .removed: return true
        case .voteReply, .appendReply, .heartbeatReply, .snapshotReply, .campaignNow, .readRequest, .readReply,
            .outdated:
            follow(nil, in: message.term)
            return true
        }
    }

    /// A message of an older term, or one whose term does not matter.
    mutating func answerOlder(_ message: RaftMessage) {
        switch message.body {
        case .preVoteRequest: core.send(.preVoteReply(isGranted: false), to: message.from)
        case .voteRequest: core.send(.voteReply(isGranted: false), to: message.from)
        case .append, .heartbeat, .snapshot: core.send(.outdated, to: message.from)
        case .readRequest(let context): takeRead(context, from: message.from)
        case .readReply(let context, let index): answerRead(context, index)
        case .removed(let index): handleRemoval(asOf: index)
        case .preVoteReply, .voteReply, .appendReply, .heartbeatReply, .snapshotReply, .campaignNow, .outdated:
            break  // Said to what this node no longer is.
        }
    }

    /// A leader is certain enough to be there that nobody else should be voted for.
    var hearsLeader: Bool {
        switch role {
        case .follower(let follower):
            follower.leader != nil && follower.countdown.elapsed < core.limits.electionTicks
        case .preCandidate, .candidate: false
        case .leader: true  // It steps down by itself when it hears no majority.
        }
    }

    // MARK: Voting

    private mutating func considerPreVote(_ candidacy: Candidacy, from candidate: NodeID, term: Term) {
        if hearsLeader && !candidacy.isCalled { return noticeIfStranger(candidate) }
        let isGranted = candidacy.last >= core.lastAcknowledged
        core.send(.preVoteReply(isGranted: isGranted), to: candidate, term: isGranted ? term : core.ballot.term)
    }

    /// In the candidate's term.
    mutating func considerVote(_ candidacy: Candidacy, from candidate: NodeID) {
        let isFree = core.ballot.vote == nil || core.ballot.vote == candidate
        guard isFree, candidacy.last >= core.lastAcknowledged else {
            return core.send(.voteReply(isGranted: false), to: candidate)
        }
        core.vote(for: candidate)
        core.hold(.voteReply(isGranted: true), to: candidate)
        if case .follower(var follower) = role {
            follower.countdown = core.drawElection()
            role = .follower(follower)
        }
    }

    /// Tells a node that stands though the committed membership does not name it.
    private mutating func noticeIfStranger(_ node: NodeID) {
        if core.isMembershipCommitted && !core.membership.contains(node) {
            core.send(.removed(asOf: core.members.currentIndex), to: node)
        }
    }

    /// Somebody says that a later membership does not name this node.
    private mutating func handleRemoval(asOf index: LogIndex) {
        let isNews = index > core.members.currentIndex || !core.membership.contains(core.id)
        guard isNews, core.removedAsOf == nil else { return }
        switch role {
        case .follower: break
        case .preCandidate, .candidate: follow(nil, in: core.ballot.term)
        case .leader: return  // A majority of its own membership answers it.
        }
        core.removedAsOf = index
        core.out.alarms.append(.removed)
    }

    // MARK: Standing

    /// Nothing was heard of a leader for too long.
    mutating func seekLeader() {
        if core.isEligible, core.takesTurn() {
            beginPreCandidacy()
        } else {
            follow(nil, in: core.ballot.term)
        }
    }

    /// The leader hands over to this node.
    mutating func handleCall(from leader: NodeID) {
        switch role {
        case .follower, .preCandidate: if core.isEligible { beginCandidacy(isCalled: true) }
        case .candidate, .leader: break  // It stands, or leads, already.
        }
    }

    private mutating func beginPreCandidacy() {
        var canvass = Canvass(countdown: core.drawElection(), isCalled: false)
        canvass.record(core.id, isGranted: true)
        role = .preCandidate(canvass)
        askForPreVotes(canvass)
        decidePreVote()
    }

    /// Asks those who have not answered; again while nobody leads: who heard the leader longer than this node did says
    /// nothing, and would cost an election time-out.
    mutating func askForPreVotes(_ canvass: Canvass) {
        let candidacy = Candidacy(last: core.log.last, isCalled: false)
        for voter in core.membership.everyone where voter != core.id && core.membership.isVoter(voter) {
            guard canvass.answer(of: voter) == nil else { continue }
            core.send(.preVoteRequest(candidacy), to: voter, term: core.ballot.term.next)
        }
    }

    private mutating func beginCandidacy(isCalled: Bool) {
        core.enter(core.ballot.term.next, vote: core.id)
        role = .candidate(Canvass(countdown: core.drawElection(), isCalled: isCalled))
        // Held until the vote for itself is durable, and the log with it: otherwise it could stand again in the same
        // term after a crash, with a shorter log and the old votes.
        let candidacy = Candidacy(last: core.log.last, isCalled: isCalled)
        for voter in core.membership.everyone where voter != core.id && core.membership.isVoter(voter) {
            core.hold(.voteRequest(candidacy), to: voter)
        }
    }

    private mutating func countPreVote(from voter: NodeID, term: Term) {
        switch role {
        case .preCandidate(var canvass):
            guard term == core.ballot.term.next else { return }
            canvass.record(voter, isGranted: true)
            role = .preCandidate(canvass)
            decidePreVote()
        case .follower, .candidate, .leader: break  // Late.
        }
    }

    private mutating func decidePreVote() {
        guard case .preCandidate(let canvass) = role else { return }
        if Majority.verdict(in: core.membership, canvass.answer(of:)) == .won { beginCandidacy(isCalled: false) }
    }

    /// The own vote counts when it cannot be forgotten.
    mutating func countOwnVote() {
        if core.disk.isBallotDurable { countVote(true, from: core.id) }
    }

    mutating func countVote(_ isGranted: Bool, from voter: NodeID) {
        switch role {
        case .candidate(var canvass):
            canvass.record(voter, isGranted: isGranted)
            role = .candidate(canvass)
            switch Majority.verdict(in: core.membership, canvass.answer(of:)) {
            case .open: break
            case .won: role = .leader(Leader(&core))
            case .lost: follow(nil, in: core.ballot.term)
            }
        case .follower, .preCandidate, .leader: break  // Late: the election is over.
        }
    }
}
