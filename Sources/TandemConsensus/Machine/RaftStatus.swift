/// What a node knows of its group, for operators and checkers.
package struct RaftStatus: Sendable, Equatable {
    package struct Peer: Sendable, Equatable {
        package enum State: Sendable, Equatable {
            case probing
            case replicating
            case receivingSnapshot
        }

        package let id: NodeID
        package let match: LogIndex
        package let next: LogIndex
        package let state: State
        /// Appends, and their bytes, that are under way.
        package let inFlight: Int
        package let inFlightBytes: Int
        package let silentTicks: Int
    }

    package let id: NodeID
    package let ballot: Ballot
    package let standing: Standing
    package let isForgetful: Bool
    /// What it has to get back before it stands.
    package let owed: OwedEntries?
    package let origin: LogPoint
    package let last: LogPoint
    package let commit: LogIndex
    package let durable: LogIndex
    package let applied: LogIndex
    package let membership: Membership
    package let isMembershipCommitted: Bool
    package let cachedBytes: Int
    /// Of a leader: the others, and what is proposed and not committed.
    package let peers: [Peer]
    package let uncommittedBytes: Int
}

extension Raft {
    package var status: RaftStatus {
        var peers: [RaftStatus.Peer] = []
        var uncommittedBytes = 0
        if case .leader(let leader) = role {
            peers = leader.peers.filter { $0.id != core.id }.map(Self.status)
            uncommittedBytes = leader.uncommittedBytes
        }
        return RaftStatus(
            id: core.id, ballot: core.ballot, standing: currentStanding, isForgetful: core.isForgetful, owed: core.owed,
            origin: core.log.origin,
            last: core.log.last, commit: core.log.commit, durable: core.log.durable, applied: core.log.applied,
            membership: core.membership, isMembershipCommitted: core.isMembershipCommitted,
            cachedBytes: core.log.recent.bytes, peers: peers, uncommittedBytes: uncommittedBytes)
    }

    private static func status(_ peer: Progress) -> RaftStatus.Peer {
        let state: RaftStatus.Peer.State =
            switch peer.state {
            case .probe: .probing
            case .replicate: .replicating
            case .snapshot: .receivingSnapshot
            }
        return RaftStatus.Peer(
            id: peer.id, match: peer.match, next: peer.next, state: state, inFlight: peer.inFlight.count,
            inFlightBytes: peer.inFlight.bytes, silentTicks: peer.silentTicks)
    }

    package var id: NodeID { core.id }
    package var term: Term { core.ballot.term }
    package var commitIndex: LogIndex { core.log.commit }
    /// The entry before the first one the log holds.
    package var origin: LogPoint { core.log.origin }
    package var last: LogPoint { core.log.last }
    package var membership: Membership { core.membership }

    /// Of a leader: the first entry that a member it hears from still needs. Cutting it costs that member a snapshot, or
    /// another one after the one it is receiving; keeping it for ever costs the log its bound.
    package var neededFrom: LogIndex? {
        guard case .leader(let leader) = role else { return nil }
        return leader.peers.filter { $0.id != core.id && $0.silentTicks < core.limits.electionTicks }
            .map { peer in
                switch peer.state {
                case .probe, .replicate: peer.match + 1
                case .snapshot(let transfer): (transfer.snapshot?.point.index ?? core.log.applied) + 1
                }
            }.min()
    }

    /// The term of an entry the log holds, or of its origin.
    package func term(at index: LogIndex) -> Term? { core.log.term(at: index) }

    /// What a snapshot of the state at an applied index says of the group.
    package func membership(at index: LogIndex) -> Membership { core.members.membership(at: index) }

    package var isLeader: Bool {
        switch role {
        case .follower, .preCandidate, .candidate: false
        case .leader: true
        }
    }

    /// It follows somebody who it knows leads.
    package var followsLeader: Bool {
        switch role {
        case .follower(let follower): follower.leader != nil
        case .preCandidate, .candidate, .leader: false
        }
    }

    /// What must always hold and does not, in words; nil when all is well. Slow: for tests and simulators.
    package var brokenInvariant: String? {
        let log = core.log
        if log.origin.index > log.applied { return "the log was cut beyond what is applied" }
        if log.applied > log.handed || log.handed > log.commit { return "applied what is not committed" }
        if log.commit > log.last.index { return "committed what is not there" }
        if log.durable > log.written || log.written > log.last.index { return "durable what was not written" }
        if log.recent.end != log.last.index + 1 { return "memory does not end where the log ends" }
        if log.recent.first > log.durable + 1 { return "forgot what is not durable" }
        guard case .leader(let leader) = role else { return nil }
        if leader.uncommittedBytes < 0 { return "counts fewer than no uncommitted bytes" }
        for peer in leader.peers where peer.id != core.id {
            if peer.next <= peer.match { return "sends \(peer.id) what it has" }
            if peer.match > log.last.index { return "\(peer.id) matches what is not there" }
            if peer.inFlight.bytes > core.limits.inFlightBytes + core.limits.entryBytes + core.limits.messageBytes {
                return "more is under way to \(peer.id) than allowed"
            }
        }
        return nil
    }
}
