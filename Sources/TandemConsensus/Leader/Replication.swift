/// Sending the log to the members.
extension Leader {
    /// Sends every member what it may be sent now.
    mutating func replicate(_ core: inout Core) {
        for position in peers.indices where peers[position].id != core.id { feed(position, &core) }
    }

    private mutating func feed(_ position: Int, _ core: inout Core) {
        while !peers[position].isDoubted {
            let next = peers[position].next
            switch peers[position].state {
            case .snapshot: return
            case .probe(let probe):
                if probe.isWaiting { return }
                guard let previous = previous(of: next, core) else { return offerSnapshot(to: position, &core) }
                // What memory no longer holds is only fetched for who will take it.
                let isHeld = next >= core.log.recent.first && next <= core.log.last.index
                let (entries, bytes) = isHeld ? batch(from: next, &core) : ([], 0)
                sendAppend(previous, entries, to: position, &core)
                let end = previous.index + LogIndex(entries.count)
                updatePeer(at: position) {
                    $0.state = .probe(Progress.Probe(isWaiting: true, end: end, bytes: bytes))
                }
                return
            case .replicate:
                guard next <= core.log.last.index, !peers[position].inFlight.isFull else { return }
                guard let previous = previous(of: next, core) else { return offerSnapshot(to: position, &core) }
                guard next >= core.log.recent.first else { return fetch(next, for: position, &core) }
                let (entries, bytes) = batch(from: next, &core)
                send(previous, entries, bytes: bytes, to: position, &core)
            }
        }
    }

    private func previous(of next: LogIndex, _ core: Core) -> LogPoint? {
        core.log.term(at: next - 1).map { LogPoint(index: next - 1, term: $0) }
    }

    private func batch(from next: LogIndex, _ core: inout Core) -> (entries: [LogEntry], bytes: Int) {
        core.log.batch(from: next, bytes: core.limits.messageBytes, count: core.limits.messageEntries)
    }

    private mutating func send(
        _ previous: LogPoint, _ entries: [LogEntry], bytes: Int, to position: Int, _ core: inout Core
    ) {
        sendAppend(previous, entries, to: position, &core)
        let end = previous.index + LogIndex(entries.count)
        updatePeer(at: position) { peer in
            peer.next = end + 1
            peer.inFlight.add(end: end, bytes: bytes)
        }
    }

    private mutating func sendAppend(
        _ previous: LogPoint, _ entries: [LogEntry], to position: Int, _ core: inout Core
    ) {
        let append = Append(previous: previous, entries: entries, commit: core.log.commit)
        core.send(.append(append), to: peers[position].id)
        // The receiver commits only what it holds by this append, so it may have to be told again.
        let told = min(core.log.commit, previous.index + LogIndex(entries.count))
        updatePeer(at: position) { $0.toldCommit = max($0.toldCommit, told) }
    }

    private mutating func fetch(_ next: LogIndex, for position: Int, _ core: inout Core) {
        guard peers[position].fetch == .none else { return }
        updatePeer(at: position) { $0.fetch = .underWay(from: next) }
        let bytes = min(core.limits.fetchBytes, core.limits.messageBytes)
        core.out.fetches.append(LogFetch(reader: .peer(peers[position].id), from: next, maximumBytes: bytes))
    }

    /// The journal has given entries for a member; what no longer fits is dropped, and asked for again when needed.
    mutating func fetched(_ entries: [LogEntry], for peer: NodeID, from index: LogIndex, _ core: inout Core) {
        // An answer to an earlier leadership's question is none to this one's.
        guard let position = position(of: peer), peers[position].fetch == .underWay(from: index) else { return }
        // It was cut meanwhile, or cannot be read, or is not what this log says it is.
        guard let first = entries.first, core.isOurs(entries) else {
            return updatePeer(at: position) { $0.fetch = .inVain }
        }
        updatePeer(at: position) { $0.fetch = .none }
        guard case .replicate = peers[position].state, first.index == peers[position].next,
            !peers[position].inFlight.isFull, let previous = previous(of: first.index, core)
        else { return }
        let bytes = entries.reduce(0) { $0 + $1.size }
        send(previous, entries, bytes: bytes, to: position, &core)
    }

    // MARK: Answers

    /// Returns whether more may be committed.
    mutating func answered(_ reply: AppendReply, by peer: NodeID, _ core: inout Core) -> Bool {
        guard let position = position(of: peer), peer != core.id else { return false }
        switch reply {
        case .accepted(let match):
            // A match beyond the own log cannot be true.
            guard match <= core.log.last.index else { return false }
            let origin = core.log.origin.index
            return updatePeer(at: position) { peer in
                peer.silentTicks = 0
                return peer.accepted(match, origin: origin)
            }
        case .rejected(let previous, let hint):
            // The last place where this log may agree with one that has this hint (Raft, 5.3, end).
            let agreed = core.log.hint(upTo: hint.index, termAtMost: hint.term).index
            updatePeer(at: position) { peer in
                peer.silentTicks = 0
                peer.rejected(previous: previous, hint: agreed)
            }
            if peers[position].isDoubted { sendHeartbeat(to: position, &core) }
            return false
        }
    }

    // MARK: Heartbeats

    mutating func sendHeartbeats(_ core: inout Core) {
        for position in peers.indices where peers[position].id != core.id { sendHeartbeat(to: position, &core) }
    }

    private mutating func sendHeartbeat(to position: Int, _ core: inout Core) {
        let known = peers[position].isDoubted ? peers[position].acknowledged : peers[position].match
        let commit = min(known, core.log.commit)
        core.send(.heartbeat(commit: commit, round: reads.round), to: peers[position].id)
        updatePeer(at: position) { $0.toldCommit = max($0.toldCommit, min(commit, $0.match)) }
    }

    /// Tells members that hold more committed entries than they know; at once those who hold up a read.
    mutating func tellCommit(_ core: inout Core, to only: NodeID? = nil) {
        for position in peers.indices where peers[position].id != core.id {
            if let only, peers[position].id != only { continue }
            if min(peers[position].match, core.log.commit) > peers[position].toldCommit {
                sendHeartbeat(to: position, &core)
            }
        }
    }

    mutating func heartbeatAnswered(round: UInt64, by peer: NodeID) {
        _ = updatePeer(peer) { peer in
            peer.silentTicks = 0
            peer.round = max(peer.round, round)
            peer.isDoubted = false
            peer.askAgain()
        }
    }

    /// Looks after members that have not acknowledged for a while what they were sent: an append without entries behind
    /// the last one shows whether one was lost.
    mutating func tickPeers(_ core: inout Core) {
        for position in peers.indices where peers[position].id != core.id {
            updatePeer(at: position) { $0.silentTicks += 1 }
            switch peers[position].state {
            case .probe: break
            case .replicate:
                guard peers[position].match + 1 < peers[position].next else {
                    updatePeer(at: position) { $0.quietTicks = 0 }
                    break
                }
                updatePeer(at: position) { $0.quietTicks += 1 }
                guard peers[position].quietTicks >= 2 * core.limits.heartbeatTicks else { break }
                updatePeer(at: position) { $0.quietTicks = 0 }
                if let previous = previous(of: peers[position].next, core) {
                    sendAppend(previous, [], to: position, &core)
                } else {
                    // What is under way was cut meanwhile; should it be lost, only a snapshot helps.
                    offerSnapshot(to: position, &core)
                }
            case .snapshot: tickSnapshot(position, &core)
            }
        }
    }

    /// What could not be fetched is asked for again.
    mutating func forgetVainFetches() {
        for position in peers.indices where peers[position].fetch == .inVain {
            updatePeer(at: position) { $0.fetch = .none }
        }
    }
}
