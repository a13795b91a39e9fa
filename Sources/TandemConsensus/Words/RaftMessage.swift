/// What one node says to another about one group.
package struct RaftMessage: Sendable, Equatable {
    package let from: NodeID
    package let to: NodeID
    /// The sender's term; of a pre-vote and its granted reply the term that would follow.
    package let term: Term
    package var body: Body

    package init(from: NodeID, to: NodeID, term: Term, body: Body) {
        self.from = from
        self.to = to
        self.term = term
        self.body = body
    }

    package enum Body: Sendable, Equatable {
        /// Would you vote for me? Asked before a term is begun, so that who cannot win disturbs nobody.
        case preVoteRequest(Candidacy)
        case preVoteReply(isGranted: Bool)
        case voteRequest(Candidacy)
        case voteReply(isGranted: Bool)
        case append(Append)
        case appendReply(AppendReply)
        /// `commit` is at most what the receiver is known to hold. `round` asks for an answer that confirms reads.
        case heartbeat(commit: LogIndex, round: UInt64)
        case heartbeatReply(round: UInt64)
        case snapshot(SnapshotPart)
        case snapshotReply(SnapshotReply)
        /// From a leader that hands over: stand at once.
        case campaignNow
        case readRequest(ReadContext)
        /// No index: the leader cannot answer.
        case readReply(ReadContext, index: LogIndex?)
        /// To a leader or candidate of an older term, which learns of the newer one by this message's term.
        case outdated
        /// To a node that stands though it is no member: be quiet until an entry behind `asOf` names you.
        case removed(asOf: LogIndex)
    }
}

/// A request for a vote.
package struct Candidacy: Sendable, Equatable {
    /// Where the candidate's log ends.
    package let last: LogPoint
    /// The leader itself asked for the election: whoever still hears from it may vote all the same.
    package let isCalled: Bool

    package init(last: LogPoint, isCalled: Bool) {
        self.last = last
        self.isCalled = isCalled
    }
}

/// Entries behind a point that the receiver must hold; without entries it asks whether it does.
package struct Append: Sendable, Equatable {
    package let previous: LogPoint
    package let entries: [LogEntry]
    package var commit: LogIndex

    package init(previous: LogPoint, entries: [LogEntry], commit: LogIndex) {
        self.previous = previous
        self.entries = entries
        self.commit = commit
    }

    /// Each entry follows the one before it, and no term falls.
    var isConsecutive: Bool {
        var last = previous
        for entry in entries {
            guard entry.index == last.index + 1, entry.term >= last.term else { return false }
            last = entry.point
        }
        return true
    }
}

package enum AppendReply: Sendable, Equatable {
    /// The receiver holds everything up to `match`, durably, and it is the leader's log.
    case accepted(match: LogIndex)
    /// The receiver does not hold the point at `previous`. At `hint` the logs may agree.
    case rejected(previous: LogIndex, hint: LogPoint)
}
