package import TandemConsensus

/// What a group's leader does next, so that those take part in it whom the cluster's state names: one step at a time,
/// each of which a majority survives.
///
/// 1. Who is missing learns, who learns and does not belong leaves: that changes no voters.
/// 2. Who has caught up gets a vote where that makes an odd number: an even one survives no more losses than the odd one
///    below it, and needs one more to agree. A node that replaces itself gets its vote in the same change in which its
///    old life loses it.
/// 3. Who does not belong loses its vote; the leader last, after it has handed over.
package enum MembershipPlan {
    package enum Step: Sendable, Equatable {
        case change(MembershipChange)
        case handOver(NodeID)
    }

    /// `replicas`: who has more nodes has more learners, which hold everything and take a vote when one is free.
    static let votersMax = 5

    /// - Parameters:
    ///   - wanted: who belongs to the cluster, in their present lives.
    ///   - caughtUp: learners that answer and lack little.
    ///   - healthy: who was heard lately, the leader itself among them.
    /// - Returns: nil when all is as it should be, or has to wait.
    package static func next(
        _ membership: Membership, wanted: [NodeID], caughtUp: Set<NodeID>, healthy: Set<NodeID>, leader: NodeID,
        membersMax: Int
    ) -> Step? {
        guard !membership.isJoint else { return nil }
        let everyone = membership.everyone
        let stale = membership.learners.filter { !wanted.contains($0) }
        let room = max(0, membersMax - everyone.count + stale.count)
        let missing = wanted.filter { !everyone.contains($0) }.prefix(room)
        if !stale.isEmpty || !missing.isEmpty {
            return .change(MembershipChange(learn: Array(missing), remove: stale))
        }
        let ready = membership.learners.filter { caughtUp.contains($0) && healthy.contains($0) }
        let leaving = membership.voters.filter { voter in
            guard !wanted.contains(voter) else { return false }
            // It stays until its successor can take its place: gone it costs no more than missing.
            let successor = wanted.first { $0.node == voter.node }
            return successor.map { ready.contains($0) || membership.voters.contains($0) } ?? true
        }
        let staying = membership.voters.filter { !leaving.contains($0) }
        let successors = ready.filter { one in leaving.contains { $0.node == one.node } }
        let queue = successors + ready.filter { !successors.contains($0) }
        guard let promoted = promoted(queue, staying, isShrinking: !leaving.isEmpty, membership, healthy) else {
            return nil
        }
        if leaving.contains(leader), let heir = staying.first(where: { healthy.contains($0) }) {
            return .handOver(heir)
        }
        return .change(MembershipChange(promote: promoted, remove: leaving))
    }

    /// How many of those who are ready get a vote: as many as make the largest odd number; nil when nothing is to be done,
    /// or a majority would be missing after it.
    private static func promoted(
        _ queue: [NodeID], _ staying: [NodeID], isShrinking: Bool, _ membership: Membership, _ healthy: Set<NodeID>
    ) -> [NodeID]? {
        let most = min(queue.count, max(votersMax, membership.voters.count) - staying.count)
        guard most >= 0 else { return nil }
        let counts = Array((0...most).reversed())
        let odd = counts.filter { (staying.count + $0) % 2 == 1 }
        for count in odd + (isShrinking ? counts.filter { !odd.contains($0) } : []) {
            guard count > 0 || isShrinking else { continue }
            let voters = staying + queue.prefix(count)
            guard !voters.isEmpty, voters.count(where: healthy.contains) >= Majority.of(voters.count) else { continue }
            return Array(queue.prefix(count))
        }
        return nil
    }
}
