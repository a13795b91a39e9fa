/// A mistake built into the machines around Raft on purpose, to see that the checkers find it. Raft itself is the real
/// one: what it is given or what it says is falsified.
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
}
