/// Who shall take part instead. What is not named stays as it is.
package struct MembershipChange: Sendable, Equatable {
    /// Learners that get a vote. They must be learners already, and have caught up.
    package var promote: [NodeID]
    /// Added without a vote, or voters that lose theirs.
    package var learn: [NodeID]
    package var remove: [NodeID]

    package init(promote: [NodeID] = [], learn: [NodeID] = [], remove: [NodeID] = []) {
        self.promote = promote
        self.learn = learn
        self.remove = remove
    }

    /// The membership the change leads to: joint when voters change, else stable at once. Nil for a change that names
    /// a node twice, changes nothing, promotes who is no learner, removes who is not there or leaves no voter.
    package func applied(to before: Membership) -> Membership? {
        let named = promote + learn + remove
        guard Set(named).count == named.count, !before.isJoint else { return nil }
        guard promote.allSatisfy(before.learners.contains), remove.allSatisfy(before.contains) else { return nil }
        let voters = before.voters.filter { !learn.contains($0) && !remove.contains($0) } + promote
        let learners = before.learners.filter { !promote.contains($0) && !remove.contains($0) } + learn
        guard !voters.isEmpty else { return nil }
        let after = Membership(voters: voters, learners: learners)
        if after == before { return nil }
        if after.voters == before.voters { return after }
        return Membership(voters: voters, outgoing: before.voters, learners: learners)
    }
}
