/// Why something was not proposed; nothing was changed.
package enum ProposalRefusal: Error, Sendable, Equatable {
    case notLeader(NodeID?)
    /// Leadership is being handed over; a moment later there is another leader, or this one again.
    case handingOver
    /// More bytes wait for a majority than `RaftLimits.uncommittedBytes`.
    case tooMuchUncommitted
    /// The entry is larger than `RaftLimits.entryBytes`.
    case tooLarge
    /// The leader has not committed an entry of its own term, or another change is under way.
    case changeUnderWay
    /// The change names nodes that are not what it takes them for, or too many.
    case badChange
    /// A learner that was to become a voter is out of reach or has not caught up.
    case notCaughtUp(NodeID)
    /// There is no joint membership of this leader's own term to go back from.
    case nothingToCancel
    /// The node is no voter.
    case badTarget(NodeID)
}
