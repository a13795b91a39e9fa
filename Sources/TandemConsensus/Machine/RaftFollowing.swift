/// Doing what the leader says.
extension Raft {
    /// A message of this term's leader: makes the node its follower. False if it cannot be one.
    private mutating func hear(_ leader: NodeID) -> Bool {
        switch role {
        case .follower(var follower):
            if let known = follower.leader, known != leader {
                core.out.alarms.append(.secondLeader(leader))
                return false
            }
            follower.leader = leader
            core.heardLeader()
            follower.countdown.elapsed = 0
            // The time-out may have been shortened when the connection broke.
            follower.countdown.timeout = max(follower.countdown.timeout, core.limits.electionTicks)
            role = .follower(follower)
            return true
        case .preCandidate, .candidate:
            core.heardLeader()
            follow(leader, in: core.ballot.term)
            return true
        case .leader:
            core.out.alarms.append(.secondLeader(leader))
            return false
        }
    }

    private mutating func update(_ body: (inout Follower, inout Core) -> Void) {
        guard case .follower(var follower) = role else { return }
        body(&follower, &core)
        role = .follower(follower)
    }

    // MARK: Appends

    mutating func handle(_ append: Append, from leader: NodeID) {
        guard hear(leader) else { return }
        // The state is being replaced, or there is no room; what is not taken will be sent again.
        if core.arriving?.isInstalling == true || core.isDiskFull && !append.entries.isEmpty { return }
        guard let end = merge(append, from: leader) else { return }
        update { follower, core in
            follower.matched = max(follower.matched, end)
            follower.owesReply = true
            core.log.commit(to: max(core.log.commit, min(append.commit, follower.matched)))
        }
    }

    /// Takes the entries into the log; returns up to where it is then known to be the leader's, nil if not at all.
    private mutating func merge(_ append: Append, from leader: NodeID) -> LogIndex? {
        let commit = core.log.commit
        // What is committed is the same everywhere, and may have been cut.
        if append.previous.index >= commit && !core.log.contains(append.previous) {
            reject(append.previous, to: leader)
            return nil
        }
        guard append.isConsecutive else {
            core.out.alarms.append(.contradicted(at: append.previous.index, by: leader))
            return nil
        }
        for entry in append.entries where entry.index > commit {
            if entry.index <= core.log.last.index {
                if core.log.term(at: entry.index) == entry.term { continue }
                core.truncate(from: entry.index)
            }
            core.append(entry)
        }
        return max(commit, append.previous.index + LogIndex(append.entries.count))
    }

    private mutating func reject(_ previous: LogPoint, to leader: NodeID) {
        if previous.index <= core.log.commit {
            core.out.alarms.append(.contradicted(at: previous.index, by: leader))
            return
        }
        // The last place that is not after the leader's point and not of a later term (Raft, 5.3, end).
        let hint = core.log.hint(upTo: previous.index - 1, termAtMost: previous.term)
        update { follower, core in
            follower.isAsked = true
            core.send(.appendReply(.rejected(previous: previous.index, hint: hint)), to: leader)
        }
    }

    /// Tells the leader what is durable, once for all appends since the last answer, and never before the term is.
    mutating func replyToLeader() {
        guard core.disk.isBallotDurable else { return }
        update { follower, core in
            guard follower.owesReply, let leader = follower.leader else { return }
            let match = min(core.log.durable, follower.matched)
            // Nothing new, and more is on its way to the disk: the answer comes with it.
            if match < follower.matched && match <= follower.acknowledged && !follower.isAsked { return }
            follower.owesReply = false
            follower.isAsked = false
            follower.acknowledged = match
            core.send(.appendReply(.accepted(match: follower.acknowledged)), to: leader)
        }
    }

    // MARK: Heartbeats

    mutating func handleHeartbeat(commit: LogIndex, round: UInt64, from leader: NodeID) {
        guard hear(leader) else { return }
        let last = core.log.last.index
        if let owed = core.owed, commit > last, commit <= owed.last.index {
            // The leader takes it for what it was: this tells it where it has to go on.
            core.send(.heartbeatReply(round: round), to: leader)
            let hint = core.log.last
            return core.send(.appendReply(.rejected(previous: commit, hint: hint)), to: leader)
        }
        if commit > last {
            // The leader names only what this node has acknowledged. Votes and terms may be forgotten with it.
            core.isForgetful = true
            core.out.alarms.append(.forgotAcknowledged(upTo: commit, last: last))
            return follow(nil, in: core.ballot.term)
        }
        update { follower, core in
            // It has acknowledged so much in this term, though it may have been restarted since.
            follower.matched = max(follower.matched, commit)
            core.log.commit(to: max(core.log.commit, commit))
            core.send(.heartbeatReply(round: round), to: leader)
        }
    }

    // MARK: Snapshots

    mutating func handle(_ part: SnapshotPart, from leader: NodeID) {
        guard hear(leader) else { return }
        let point = part.snapshot.point
        if point.index <= core.log.commit || core.log.contains(point) {
            return update { follower, core in
                let end = max(core.log.commit, point.index)
                follower.matched = max(follower.matched, end)
                follower.owesReply = true
                core.log.commit(to: end)
            }
        }
        var arriving =
            core.arriving
            ?? ArrivingSnapshot(
                partial: PartialSnapshot(snapshot: part.snapshot, received: 0), sender: leader, phase: .receiving)
        if arriving.partial.snapshot != part.snapshot && !arriving.isInstalling {
            arriving.partial = PartialSnapshot(snapshot: part.snapshot, received: 0)
            arriving.phase = .receiving
        }
        arriving.sender = leader
        core.arriving = arriving
        switch arriving.phase {
        case .storing, .installing: break  // The answer comes when that is done.
        case .receiving:
            if part.offset == arriving.partial.received && !part.bytes.isEmpty {
                core.arriving?.phase = .storing
                core.out.snapshots.append(.store(part))
            } else {
                goOnReceiving()
            }
        }
    }

    /// Parts of a snapshot are stored up to `received`, or it was bad and nothing of it is.
    package mutating func snapshotStored(_ snapshot: Snapshot, received: UInt64) {
        guard var arriving = core.arriving, arriving.partial.snapshot == snapshot else { return }
        arriving.partial.received = received
        arriving.phase = .receiving
        core.arriving = arriving
        goOnReceiving()
    }

    /// Installs what is complete, asks for more of what is not.
    private mutating func goOnReceiving() {
        guard case .follower(let follower) = role, let arriving = core.arriving else { return }
        let snapshot = arriving.partial.snapshot
        if snapshot.point.index <= core.log.commit {
            core.arriving = nil
        } else if arriving.isComplete {
            core.arriving?.phase = .installing
            core.out.snapshots.append(.install(snapshot))
        } else if arriving.sender == follower.leader {
            core.send(.snapshotReply(arriving.reply), to: arriving.sender)
        }
    }

    /// A snapshot has become the state, durably; the log begins anew behind it.
    package mutating func snapshotInstalled(_ snapshot: Snapshot) {
        guard let arriving = core.arriving, arriving.isInstalling, arriving.partial.snapshot == snapshot else { return }
        core.arriving = nil
        core.restart(at: snapshot)
        update { follower, core in
            follower.matched = core.log.commit
            follower.acknowledged = 0
            follower.owesReply = true
        }
    }
}
