/// A mistake built into the machines around Raft on purpose, or between a partition and its replica, to see that the
/// checkers find it. Raft, replica and partition themselves are the real ones: what they are given or say is falsified.
package enum Mutation: String, CaseIterable, Sendable {
    /// The disk keeps the term and forgets the vote.
    case forgottenVote
    /// Writes count as durable when they are handed out.
    case acknowledgedTooEarly
    /// A leader tells its followers that what a majority holds is committed, of whatever term it is (figure 8).
    case oldTermCounted
    /// A change of members goes to the new ones at once, without a joint membership.
    case directChange
    /// A node that believes it leads answers reads by itself.
    case unconfirmedRead
    /// A candidate says that its log is longer than it is.
    case boastingCandidate
    /// A wiped machine comes back as who it was, with a vote.
    case wipedVoter
    /// Heartbeats name the leader's commit, whatever the receiver holds.
    case uncheckedCommit
    /// A node whose journal lost entries to damage takes what is left for all it ever had.
    case forgivenDebt

    /// A partition is told that its entries are committed when it proposes them.
    case repliedTooEarly
    /// A follower applies entries and not what they say of identifiers.
    case skippedMinter
    /// A follower applies entries and does not remember whose commands they carried out.
    case forgottenKey
    /// A follower applies an event to one actor twice, once; nothing but marks looks for that.
    case doubledEvent
    /// A deposed leader goes on as if nothing had happened.
    case ignoredDeposal
    /// A partition that believes it leads is not contradicted.
    case unconfirmedLeader
    /// A follower answers reads from whatever it has.
    case staleFollower
    /// A follower's partition believes that it leads: its timers fire.
    case leadingFollower
    /// What was received outside is not reported.
    case lostResult
    /// What was not sent is reported as done.
    case unsentEffect

    /// Where it is built in.
    package var world: World {
        switch self {
        case .forgottenVote, .acknowledgedTooEarly, .oldTermCounted, .directChange, .unconfirmedRead,
            .boastingCandidate, .wipedVoter, .uncheckedCommit, .forgivenDebt:
            .raft
        case .repliedTooEarly, .skippedMinter, .forgottenKey, .doubledEvent, .ignoredDeposal, .unconfirmedLeader,
            .staleFollower,
            .leadingFollower, .lostResult, .unsentEffect:
            .partition
        }
    }
}

/// What a run is made of.
package enum World: String, CaseIterable, Sendable {
    /// Raft alone, with a small replicated state: also memberships and snapshots.
    case raft
    /// Whole partitions on their replicas.
    case partition
}
