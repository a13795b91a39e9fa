/// What a leader owes its group beside the log: to be sure that it leads, to answer reads, to hand over.
extension Leader {
    /// Whether a majority was heard within an election time-out.
    func hearsMajority(_ core: Core) -> Bool {
        reached { $0.silentTicks < core.limits.electionTicks ? 1 : 0 } == 1
    }

    // MARK: Reads

    /// Begins a round for the reads that arrived since the last.
    mutating func beginRound(_ core: inout Core) {
        guard reads.needsRound else { return }
        _ = reads.beginRound()
        sendHeartbeats(&core)
        answerReads(&core)
    }

    /// Answers the reads whose round a majority has confirmed.
    mutating func answerReads(_ core: inout Core) {
        guard !reads.isEmpty else { return }
        let round = reads.round
        let confirmed = reached { $0.id == core.id ? round : $0.round }
        for read in reads.confirmed(confirmed) {
            if read.asker == core.id {
                core.out.reads.append(ReadAnswer(context: read.context, index: read.index))
            } else {
                core.send(.readReply(read.context, index: read.index), to: read.asker)
                // It serves the read once it knows that so much is committed.
                tellCommit(&core, to: read.asker)
            }
        }
    }

    // MARK: Handing over

    mutating func tickTransfer(_ core: Core) {
        guard transfer != nil else { return }
        transfer?.elapsed += 1
        if let elapsed = transfer?.elapsed, elapsed >= core.limits.electionTicks { transfer = nil }
    }

    /// Tells the target of a transfer to stand, if it has everything; again and again, should a message be lost.
    mutating func callSuccessor(_ core: inout Core) {
        guard let target = transfer?.target, let position = position(of: target) else { return }
        if peers[position].match == core.log.last.index { core.send(.campaignNow, to: target) }
    }

    // MARK: Membership

    /// A learner that answers and lacks little.
    func hasCaughtUp(_ id: NodeID, in core: Core) -> Bool {
        guard let position = position(of: id), peers[position].silentTicks < core.limits.electionTicks else {
            return false
        }
        switch peers[position].state {
        case .probe, .snapshot: return false
        case .replicate: return peers[position].match + core.limits.promotionLag >= core.log.commit
        }
    }
}
