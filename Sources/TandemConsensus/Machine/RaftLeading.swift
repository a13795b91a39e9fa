/// Leading: what a leader does by itself, and what it is asked for.
extension Raft {
    // MARK: Time

    mutating func tickLeader() {
        // Whoever decides alone waits for his disk, and hears from his journal what it has refused: nobody could do better,
        // and what is under way would be given up as if nobody knew what becomes of it.
        if core.isDiskStalled || core.isDiskFull, !core.isSoleVoter {
            core.out.alarms.append(core.isDiskFull ? .diskFull : .diskStalled)
            return resign()
        }
        if core.isUnfit, !core.isSoleVoter { return resign() }
        let hearsMajority = lead { leader, core -> Bool in
            leader.tickPeers(&core)
            if core.ticks % UInt64(core.limits.heartbeatTicks) == 0 {
                leader.sendHeartbeats(&core)
                leader.forgetVainFetches()
                leader.callSuccessor(&core)
            } else {
                leader.tellCommit(&core)
            }
            leader.tickTransfer(core)
            return leader.hearsMajority(core)
        }
        if hearsMajority == false { follow(nil, in: core.ballot.term) }
    }

    /// Hands over to who has most of the log, and follows.
    private mutating func resign() {
        lead { leader, core in
            guard let successor = leader.successor(in: core) else { return }
            core.send(.campaignNow, to: successor)
        }
        follow(nil, in: core.ballot.term)
    }

    // MARK: Answers

    mutating func handle(_ reply: AppendReply, from peer: NodeID) {
        lead { leader, core in
            guard leader.answered(reply, by: peer, &core) else { return }
            let isNews = leader.advanceCommit(&core)
            if isNews { leader.answerReads(&core) }
            if leader.transfer?.target == peer { leader.callSuccessor(&core) }
        }
    }

    mutating func handle(_ reply: SnapshotReply, from peer: NodeID) {
        lead { leader, core in leader.snapshotAnswered(reply, by: peer, &core) }
    }

    mutating func handleHeartbeatReply(round: UInt64, from peer: NodeID) {
        lead { leader, core in
            leader.heartbeatAnswered(round: round, by: peer)
            leader.answerReads(&core)
        }
    }

    /// What is durable here counts like any member's answer.
    mutating func countOwnLog() {
        lead { leader, core in
            let durable = core.log.durable
            _ = leader.updatePeer(core.id) { $0.match = durable }
            if leader.advanceCommit(&core) { leader.answerReads(&core) }
        }
    }

    /// Before the next `Ready`: goes on with a change of members, sends what is new, begins a round for reads.
    mutating func prepareLeader() {
        let isOut = lead { leader, core -> Bool in
            if core.isMembershipCommitted && core.membership.isJoint {
                leader.append(.membership(core.membership.left), to: &core)
            }
            let isOut = core.isMembershipCommitted && !core.membership.isVoter(core.id)
            leader.replicate(&core)
            if isOut { leader.sendHeartbeats(&core) }
            leader.beginRound(&core)
            return isOut
        }
        // It led until the membership without it was committed (Raft, 6).
        if isOut == true { resign() }
    }

    // MARK: Reads

    mutating func takeRead(_ context: ReadContext, from asker: NodeID) {
        let isTaken = lead { leader, core -> Bool in
            guard leader.reads.count < core.limits.waitingReads else { return false }
            let isOpen = core.log.commit >= leader.opening
            leader.reads.take(context, from: asker, commit: isOpen ? core.log.commit : nil)
            return true
        }
        if isTaken == true { return }
        if asker == core.id {
            answerRead(context, nil)
        } else {
            core.send(.readReply(context, index: nil), to: asker)
        }
    }

    mutating func answerRead(_ context: ReadContext, _ index: LogIndex?) {
        core.out.reads.append(ReadAnswer(context: context, index: index))
    }

    // MARK: Leadership

    /// Hands leadership to a voter: it is brought up to date, then told to stand. Proposals are refused meanwhile; after
    /// an election time-out without success the node leads on. To itself there is nothing to hand.
    package mutating func transferLeadership(to target: NodeID) throws(ProposalRefusal) {
        try requireLeadership()
        guard core.membership.voters.contains(target) else { throw .badTarget(target) }
        guard target != core.id else { return }
        lead { leader, core in
            if leader.transfer?.target == target { return }
            leader.transfer = Leader.Transfer(target: target)
            leader.callSuccessor(&core)
        }
    }

    // MARK: Membership

    /// Begins a change of members; it is over when a membership that is not joint is committed.
    package mutating func change(_ change: MembershipChange) throws(ProposalRefusal) {
        let membership = try membership(after: change)
        lead { leader, core in leader.append(.membership(membership), to: &core) }
    }

    /// Why a change would be refused now; nil: it would not.
    package func refusal(of change: MembershipChange) -> ProposalRefusal? {
        do throws(ProposalRefusal) {
            _ = try membership(after: change)
            return nil
        } catch {
            return error
        }
    }

    private func membership(after change: MembershipChange) throws(ProposalRefusal) -> Membership {
        try requireLeadership()
        guard case .leader(let leader) = role else { throw .notLeader(nil) }
        if leader.transfer != nil { throw .handingOver }
        // Else two changes of different terms could have majorities that do not meet.
        guard core.log.commit >= leader.opening, core.isMembershipCommitted, !core.membership.isJoint else {
            throw .changeUnderWay
        }
        guard let membership = change.applied(to: core.membership), membership.everyone.count <= core.limits.members
        else { throw .badChange }
        for id in change.promote where !leader.hasCaughtUp(id, in: core) { throw .notCaughtUp(id) }
        return membership
    }

    /// Goes back to the voters of before, when the new ones do not answer.
    ///
    /// Only the leader that began the change may, and only while it is not committed: then no other membership can have
    /// followed the joint one anywhere, and all that are in use need a majority of the old voters.
    package mutating func cancelChange() throws(ProposalRefusal) {
        try requireLeadership()
        let index = core.members.currentIndex
        guard core.membership.isJoint, !core.isMembershipCommitted, core.log.term(at: index) == core.ballot.term else {
            throw .nothingToCancel
        }
        lead { leader, core in leader.append(.membership(core.membership.cancelled), to: &core) }
    }

    // MARK: Snapshots

    /// No snapshot could be made; it will be asked for again after a while.
    package mutating func snapshotNotMade() { core.isMakingSnapshot = false }

    /// A snapshot was made of what is applied.
    package mutating func snapshotMade(_ snapshot: Snapshot) {
        core.isMakingSnapshot = false
        core.snapshot = snapshot
        lead { leader, core in leader.snapshotMade(&core) }
    }

    /// A part was read for a member.
    package mutating func snapshotRead(_ part: SnapshotPart, for peer: NodeID) {
        lead { leader, core in leader.snapshotRead(part, for: peer, &core) }
    }

    /// A snapshot can no longer be read.
    package mutating func snapshotGone(_ snapshot: Snapshot, for peer: NodeID) {
        if core.snapshot == snapshot { core.snapshot = nil }
        lead { leader, core in leader.snapshotGone(snapshot, for: peer, &core) }
    }
}
