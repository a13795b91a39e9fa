/// One node's part in one group: Raft (Ongaro and Ousterhout, 2014) as a value.
///
/// It is told what happens (`step`, `tick`, `propose`, `persisted` …) and says what to do (`ready`). It does no I/O, asks
/// no clock and draws no number but from its seed: the same calls give the same answers. Whoever owns it calls `ready`
/// after each call, or after a batch of them, and does what it says in the order of its fields.
package struct Raft: Sendable {
    var core: Core
    var role: Role
    private var standing: Standing?
    private var commit: LogIndex = 0

    /// Who lost anything of its journal must not come back under the same id: it may have forgotten a vote.
    ///
    /// - Parameters:
    ///   - partial: a snapshot of which parts are stored from before.
    ///   - seed: where election time-outs are drawn from; different on each node.
    package init(
        id: NodeID, recovery: RaftRecovery, limits: RaftLimits, partial: PartialSnapshot? = nil, seed: UInt64
    ) {
        var recovery = recovery
        recovery.finish()
        core = Core(id: id, recovery: recovery, limits: limits, seed: seed)
        if let partial {
            core.arriving = ArrivingSnapshot(partial: partial, sender: id, phase: .receiving)
        }
        role = .follower(Follower(leader: nil, countdown: core.drawElection(), matched: core.log.commit))
        // It may have ended before that was written down.
        core.settle()
    }

    // MARK: What happens

    /// A message has arrived. It may be late, twice, out of order, or from a node that is no member.
    package mutating func step(_ message: RaftMessage) {
        guard message.to == core.id, message.from != core.id, !core.isForgetful else { return }
        if message.term > core.ballot.term {
            guard admits(message) else { return }
        } else if message.term < core.ballot.term {
            return answerOlder(message)
        }
        switch message.body {
        case .preVoteRequest, .removed, .outdated: answerOlder(message)
        case .preVoteReply: break  // Granted ones name the next term; a refusal that raises no term says nothing.
        case .voteRequest(let candidacy): considerVote(candidacy, from: message.from)
        case .voteReply(let isGranted): countVote(isGranted, from: message.from)
        case .append(let append): handle(append, from: message.from)
        case .appendReply(let reply): handle(reply, from: message.from)
        case .heartbeat(let commit, let round): handleHeartbeat(commit: commit, round: round, from: message.from)
        case .heartbeatReply(let round): handleHeartbeatReply(round: round, from: message.from)
        case .snapshot(let part): handle(part, from: message.from)
        case .snapshotReply(let reply): handle(reply, from: message.from)
        case .campaignNow: handleCall(from: message.from)
        case .readRequest(let context): takeRead(context, from: message.from)
        case .readReply(let context, let index): answerRead(context, index)
        }
    }

    /// A tick has passed.
    package mutating func tick() {
        core.disk.tick()
        core.ticks &+= 1
        switch role {
        case .follower(var follower):
            follower.countdown.elapsed += 1
            role = .follower(follower)
            if follower.countdown.isOver { seekLeader() }
        case .preCandidate(var canvass):
            canvass.countdown.elapsed += 1
            role = .preCandidate(canvass)
            if canvass.countdown.isOver {
                seekLeader()
            } else if canvass.countdown.elapsed % core.limits.quickElectionTicks == 0 {
                askForPreVotes(canvass)
            }
        case .candidate(var canvass):
            canvass.countdown.elapsed += 1
            role = .candidate(canvass)
            if canvass.countdown.isOver { seekLeader() }
        case .leader: tickLeader()
        }
    }

    /// All writes up to this number are durable.
    package mutating func persisted(_ number: UInt64) {
        let last = core.disk.persisted(number)
        core.log.becameDurable(upTo: last)
        core.settle()
        core.releaseHeld()
        switch role {
        case .follower(var follower):
            if min(core.log.durable, follower.matched) > follower.acknowledged {
                follower.owesReply = true
                role = .follower(follower)
            }
        case .preCandidate: break  // Nothing it asks depends on the disk.
        case .candidate: countOwnVote()
        case .leader: countOwnLog()
        }
    }

    /// The journal has no room for entries, or has again. A full node leads no more and takes no entries; those that the
    /// journal refused are dealt with as after any failed write: by a new machine.
    package mutating func diskFull(_ isFull: Bool) { core.isDiskFull = isFull }

    /// Whether others should lead if they can. A reluctant node votes and follows as ever, and leads when it is called to by a
    /// leader or nobody else has stood for `RaftLimits.reluctantTimeouts`; what it leads its owner hands over.
    package mutating func reluctant(_ isReluctant: Bool) { core.isReluctant = isReluctant }

    /// Whether what is decided here would be wrong. An unfit node votes, takes entries and counts for them as ever; it hands
    /// over what it leads and does not stand.
    package mutating func unfit(_ isUnfit: Bool) { core.isUnfit = isUnfit }

    /// The state machine has applied everything up to an index that was handed out.
    package mutating func applied(upTo index: LogIndex) { core.applied(upTo: index) }

    /// The journal's answer to a fetch; empty if there is nothing to be had.
    package mutating func fetched(_ entries: [LogEntry], for fetch: LogFetch) {
        switch fetch.reader {
        case .stateMachine: core.fetchedForState(entries)
        case .peer(let peer): lead { leader, core in leader.fetched(entries, for: peer, from: fetch.from, &core) }
        }
    }

    /// Entries up to an applied index are no longer needed. The caller cuts the journal; followers that lack them will
    /// be sent a snapshot.
    package mutating func compact(to index: LogIndex) {
        core.log.compact(to: min(index, core.log.applied, core.log.durable))
        core.members.compact(to: core.log.origin.index)
    }

    /// The connection to a node broke. If it led, somebody should stand soon; if it followed, what was under way is lost.
    package mutating func peerLost(_ peer: NodeID) {
        switch role {
        case .follower(var follower):
            guard follower.leader == peer else { return }
            follower.leader = nil
            let quick = follower.countdown.elapsed + core.quickElectionTicks(after: peer)
            follower.countdown.timeout = min(follower.countdown.timeout, quick)
            role = .follower(follower)
        case .preCandidate, .candidate: break
        case .leader:
            lead { leader, core in
                // From where the log begins at least: only who says that he lacks that is sent a snapshot.
                let origin = core.log.origin.index
                _ = leader.updatePeer(peer) { peer in
                    if case .replicate = peer.state { peer.probe(from: max(peer.match, origin) + 1) }
                }
            }
        }
    }

    /// The connection to a node is there again.
    package mutating func peerFound(_ peer: NodeID) {
        lead { leader, _ in
            _ = leader.updatePeer(peer) { $0.askAgain() }
        }
    }

    /// A node that decides alone has nobody to wait for: it need not let a time-out pass after its start.
    package mutating func standIfAlone() {
        guard core.isSoleVoter else { return }
        switch role {
        case .follower: seekLeader()
        case .preCandidate, .candidate, .leader: break  // It stands, or leads, already.
        }
    }

    /// For a group that has never had another voter, which only its owner knows: what is durable here is committed, and
    /// need not wait until the node leads again.
    package mutating func trustOwnLog() {
        guard core.isSoleVoter else { return }
        core.log.commit(to: core.log.durable)
    }

    // MARK: What is wanted

    /// Proposes an entry; it is the state machine's when it is committed under this index and term.
    package mutating func propose(_ bytes: [UInt8]) throws(ProposalRefusal) -> LogPoint {
        try requireLeadership()
        let size = LogEntry.overhead + bytes.count
        guard size <= core.limits.entryBytes else { throw .tooLarge }
        let refusal = lead { leader, core -> ProposalRefusal? in
            if leader.transfer != nil { return .handingOver }
            // One entry always fits, whatever its size.
            if leader.uncommittedBytes > 0 && leader.uncommittedBytes + size > core.limits.uncommittedBytes {
                return .tooMuchUncommitted
            }
            leader.append(.command(bytes), to: &core)
            return nil
        }
        if let refusal, let refusal { throw refusal }
        return core.log.last
    }

    /// Asks up to where a linearizable read has to wait; the answer comes in a `Ready`, or never if messages are lost.
    package mutating func read(_ context: ReadContext) {
        switch role {
        case .follower(let follower):
            if let leader = follower.leader {
                core.send(.readRequest(context), to: leader)
            } else {
                answerRead(context, nil)
            }
        case .preCandidate, .candidate: answerRead(context, nil)
        case .leader: takeRead(context, from: core.id)
        }
    }

    // MARK: What to do

    /// What is to be done now, if anything.
    package mutating func ready() -> Ready? {
        switch role {
        case .follower: replyToLeader()
        case .preCandidate, .candidate: break
        case .leader: prepareLeader()
        }
        let write = core.takeWrite()
        let apply = core.takeApply()
        var ready = core.out
        core.out = Ready()
        ready.write = write
        ready.apply = apply
        ready.commit = core.log.commit
        let current = currentStanding
        if current != standing {
            standing = current
            ready.standing = current
        }
        let isIdle =
            write == nil && ready.messages.isEmpty && apply.isEmpty && ready.commit == commit && ready.reads.isEmpty
            && !ready.isSettled && ready.fetches.isEmpty && ready.snapshots.isEmpty && ready.standing == nil
            && ready.alarms.isEmpty
        commit = ready.commit
        return isIdle ? nil : ready
    }

    var currentStanding: Standing {
        switch role {
        case .follower(let follower): .follower(leader: follower.leader)
        case .preCandidate: .follower(leader: nil)
        case .candidate: .candidate
        case .leader(let leader): .leader(opening: leader.opening)
        }
    }

    // MARK: Roles

    /// Lends out the leader's data, so that they are changed in place; nil if the node does not lead.
    @discardableResult
    mutating func lead<Result>(_ body: (inout Leader, inout Core) -> Result) -> Result? {
        guard case .leader(var leader) = role else { return nil }
        role = .follower(Follower(leader: nil, countdown: Countdown(timeout: 0), matched: 0))
        let result = body(&leader, &core)
        role = .leader(leader)
        return result
    }

    func requireLeadership() throws(ProposalRefusal) {
        switch role {
        case .follower(let follower): throw .notLeader(follower.leader)
        case .preCandidate, .candidate: throw .notLeader(nil)
        case .leader: break
        }
    }

    /// Follows from now on. Reads that waited for this node's leadership are given up.
    mutating func follow(_ leader: NodeID?, in term: Term) {
        lead { leading, core in
            for (context, asker) in leading.reads.drain() {
                if asker == core.id {
                    core.out.reads.append(ReadAnswer(context: context, index: nil))
                } else {
                    core.send(.readReply(context, index: nil), to: asker)
                }
            }
        }
        if term > core.ballot.term { core.enter(term) }
        role = .follower(Follower(leader: leader, countdown: core.drawElection(), matched: core.log.commit))
    }
}
