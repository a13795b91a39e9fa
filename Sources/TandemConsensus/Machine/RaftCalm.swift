/// Whether a group may be left alone for a while.
extension Raft {
    /// Nothing is under way that another tick would bring on before the next heartbeat is due. Then its ticks may come
    /// several at once, as many as there are between two heartbeats, until somebody brings something else than heartbeats
    /// and answers to them.
    package var isCalm: Bool {
        guard core.disk.silentTicks == 0, core.arriving == nil else { return false }
        switch role {
        case .follower(let follower):
            // A leader that has missed a heartbeat is watched closely.
            return follower.leader != nil && !follower.owesReply
                && follower.countdown.elapsed <= 2 * core.limits.heartbeatTicks
        case .preCandidate, .candidate: return false
        case .leader(let leader): return leader.isCalm(core)
        }
    }
}

extension Leader {
    /// Everybody has everything, knows it, and was heard since the heartbeat before the last.
    fileprivate func isCalm(_ core: Core) -> Bool {
        guard transfer == nil, reads.isEmpty, core.log.commit == core.log.last.index else { return false }
        return peers.allSatisfy { peer in
            guard peer.id != core.id else { return true }
            return peer.match == core.log.commit && peer.toldCommit == core.log.commit
                && peer.silentTicks <= 2 * core.limits.heartbeatTicks
        }
    }
}
