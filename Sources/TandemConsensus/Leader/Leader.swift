/// A leader's view of its group.
struct Leader: Sendable {
    /// A handing over of leadership that was asked for.
    struct Transfer: Sendable {
        let target: NodeID
        var elapsed = 0
    }

    /// All members and the leader itself, sorted by id.
    private(set) var peers: [Progress] = []
    /// The entry that opened the term. Until it is committed nothing is known of what is committed.
    let opening: LogIndex
    var transfer: Transfer?
    var reads = ReadQueue()
    /// Bytes proposed in this term and not committed.
    var uncommittedBytes = 0

    init(_ core: inout Core) {
        opening = core.log.last.index + 1
        arrange(core)
        append(.opening, to: &core)
    }

    // MARK: Log

    /// Appends an entry of this term. It is sent, and written here, with the next `Ready`.
    mutating func append(_ content: LogEntry.Content, to core: inout Core) {
        let entry = LogEntry(index: core.log.last.index + 1, term: core.ballot.term, content: content)
        core.append(entry)
        uncommittedBytes += entry.size
        if case .membership = content { arrange(core) }
    }

    /// Counts what is durable; true if more is committed than before.
    mutating func advanceCommit(_ core: inout Core) -> Bool {
        let reached = reached { $0.match }
        let before = core.log.commit
        // Only an entry of the own term is committed by counting; those before it come along (Raft, 5.4.2, figure 8).
        guard reached > before, core.log.term(at: reached) == core.ballot.term else { return false }
        var index = max(before + 1, opening)
        while index <= reached {
            uncommittedBytes -= core.log.recent[index].size
            index += 1
        }
        core.log.commit(to: reached)
        if before < opening { reads.opened(at: core.log.commit) }
        return true
    }

    // MARK: Peers

    /// Follows the membership: who counts, who is sent to.
    private mutating func arrange(_ core: Core) {
        let membership = core.membership
        var everyone = membership.everyone
        if !everyone.contains(core.id) {
            everyone.append(core.id)
            everyone.sort()
        }
        let before = peers
        peers = everyone.map { id in
            var votes: Progress.Votes = []
            if membership.voters.contains(id) { votes.insert(.voters) }
            if membership.outgoing.contains(id) { votes.insert(.outgoing) }
            var peer =
                before.first { $0.id == id }
                ?? Progress(id: id, votes: votes, next: core.log.last.index + 1, limits: core.limits)
            peer.votes = votes
            if id == core.id { peer.match = core.log.durable }
            return peer
        }
        if let target = transfer?.target, !membership.isVoter(target) { transfer = nil }
    }

    func position(of id: NodeID) -> Int? { peers.firstIndex { $0.id == id } }

    mutating func updatePeer<Result>(_ id: NodeID, _ body: (inout Progress) -> Result) -> Result? {
        guard let position = position(of: id) else { return nil }
        return body(&peers[position])
    }

    mutating func updatePeer<Result>(at position: Int, _ body: (inout Progress) -> Result) -> Result {
        body(&peers[position])
    }

    /// The highest value that a majority has reached, of both sets of voters; 0 if nobody votes.
    func reached(_ value: (Progress) -> UInt64) -> UInt64 {
        let new = reached(by: .voters, value)
        return peers.contains { $0.votes.contains(.outgoing) } ? min(new, reached(by: .outgoing, value)) : new
    }

    /// Compares each with each: voters are few, and nothing is allocated.
    private func reached(by votes: Progress.Votes, _ value: (Progress) -> UInt64) -> UInt64 {
        var voters = 0
        for peer in peers where peer.votes.contains(votes) { voters += 1 }
        var best: UInt64 = 0
        for peer in peers where peer.votes.contains(votes) {
            let candidate = value(peer)
            guard candidate > best else { continue }
            var count = 0
            for other in peers where other.votes.contains(votes) && value(other) >= candidate { count += 1 }
            if count >= Majority.of(voters) { best = candidate }
        }
        return best
    }

    /// The other voter that has most of the log, of those heard of lately.
    func successor(in core: Core) -> NodeID? {
        let candidates = peers.filter {
            $0.id != core.id && $0.votes.contains(.voters) && $0.silentTicks < core.limits.electionTicks
        }
        return candidates.max { $0.match < $1.match }?.id
    }
}
