internal import TandemConsensus

/// Mistakes built in on purpose: what Raft says is falsified on its way out.
extension Simulation {
    func falsified(_ message: RaftMessage, _ replica: Replica) -> RaftMessage {
        var message = message
        switch (mutation, message.body) {
        case (.boastingCandidate, .voteRequest(let candidacy)):
            let last = LogPoint(index: candidacy.last.index + 50, term: message.term)
            message.body = .voteRequest(Candidacy(last: last, isCalled: candidacy.isCalled))
        case (.boastingCandidate, .preVoteRequest(let candidacy)):
            let last = LogPoint(index: candidacy.last.index + 50, term: message.term)
            message.body = .preVoteRequest(Candidacy(last: last, isCalled: candidacy.isCalled))
        case (.oldTermCounted, .heartbeat(let commit, let round)):
            let held = min(counted(replica), replica.acknowledged[message.to] ?? 0)
            message.body = .heartbeat(commit: max(commit, held), round: round)
        case (.uncheckedCommit, .heartbeat(_, let round)):
            message.body = .heartbeat(commit: replica.raft.commitIndex, round: round)
        case (.oldTermCounted, .append(var append)):
            append.commit = max(append.commit, counted(replica))
            message.body = .append(append)
        case (_, _): break
        }
        return message
    }

    /// What a majority of the voters holds, of whatever term.
    private func counted(_ replica: Replica) -> LogIndex {
        Majority.reached(in: replica.raft.membership) { id in
            id == replica.raft.id ? replica.raft.status.durable : replica.acknowledged[id] ?? 0
        }
    }

    /// Remembers what followers acknowledge, for `counted`.
    func learn(from message: RaftMessage, _ replica: Replica) {
        guard mutation == .oldTermCounted else { return }
        if replica.acknowledgedTerm != replica.raft.term {
            replica.acknowledgedTerm = replica.raft.term
            replica.acknowledged = [:]
        }
        guard message.term == replica.raft.term, case .appendReply(.accepted(let match)) = message.body else { return }
        replica.acknowledged[message.from] = max(match, replica.acknowledged[message.from] ?? 0)
    }
}
