internal import TandemConsensus

/// Whether the cluster has come to rest after everything was repaired.
extension Simulation {
    var isAtRest: Bool { unrestReason == nil }
    var unrest: String { unrestReason ?? "all is well" }

    private var unrestReason: String? {
        guard replacements.isEmpty else { return "\(replacements[0].old) is not replaced yet" }
        guard let leader else { return "nobody leads" }
        guard let replica = leader.replica else { return "nobody leads" }
        let status = replica.raft.status
        guard status.isMembershipCommitted, !status.membership.isJoint else {
            return "the membership \(status.membership) is not settled"
        }
        guard quietCommit < status.commit else { return "nothing new is committed" }
        for id in status.membership.everyone {
            guard let member = machines[Int(id.node) - 1].replica, member.raft.id == id else {
                return "\(id) does not run"
            }
            guard member.applied.index > quietCommit else {
                return "\(id) has only applied \(member.applied) of \(quietCommit)"
            }
            // Same index, same state: compared as each is applied.
            guard member.raft.term == replica.raft.term else { return "\(id) is in \(member.raft.term)" }
        }
        return nil
    }

    /// The running leader of the latest term.
    var leader: Machine? {
        var found: Machine?
        for machine in machines where machine.pausedUntil <= now {
            guard let raft = machine.replica?.raft, raft.isLeader else { continue }
            if let other = found?.replica?.raft, other.term > raft.term { continue }
            found = machine
        }
        return found
    }
}
