package import TandemConsensus

/// What a group's leader does next, so that those take part in it whom the cluster's state names: one step at a time,
/// each of which a majority survives.
///
/// 1. Who is missing learns, who learns and does not belong leaves: that changes no voters.
/// 2. Who has caught up gets a vote, up to the number of replicas, where that makes an odd number: an even one survives no
///    more losses than the odd one below it, and needs one more to agree. A node that replaces itself, or another in its
///    stead, gets its vote in the same change in which its old life loses it.
/// 3. Who does not belong loses its vote; the leader last, after it has handed over. Who is one too many learns again.
///
/// Each partition has an order of the nodes of its own, in which they are taken, so that votes are spread like leaders.
package enum MembershipPlan {
    package enum Step: Sendable, Equatable {
        case change(MembershipChange)
        case handOver(NodeID)
    }

    /// The nodes in a partition's order, the last ones spare.
    static func order(_ nodes: [NodeID], of partition: UInt16) -> [NodeID] {
        let sorted = nodes.sorted()
        let first = sorted.isEmpty ? 0 : Int(partition) % sorted.count
        return Array(sorted[first...] + sorted[..<first])
    }

    /// Nothing would be done whoever is healthy: everyone takes part, and who learns is one too many.
    static func isSettled(_ membership: Membership, wanted: [NodeID], replicas: Replicas) -> Bool {
        let votes = membership.voters.count
        guard !membership.isJoint, membership.everyone == wanted.sorted(), votes <= replicas.count else { return false }
        let most = min(membership.learners.count, replicas.count - votes)
        return !(0...most).contains { $0 > 0 && (votes + $0) % 2 == 1 }
    }

    /// - Parameters:
    ///   - wanted: who belongs to the cluster, in their present lives, in the partition's order.
    ///   - replicas: how many may vote.
    ///   - caughtUp: learners that answer and lack little.
    ///   - healthy: who was heard lately, the leader itself among them.
    /// - Returns: nil when all is as it should be, or has to wait.
    package static func next(
        _ membership: Membership, wanted: [NodeID], replicas: Replicas, caughtUp: Set<NodeID>, healthy: Set<NodeID>,
        leader: NodeID,
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
        let ready = wanted.filter { membership.learners.contains($0) && caughtUp.contains($0) && healthy.contains($0) }
        var spare = ready.count { one in !membership.voters.contains { $0.node == one.node } }
        let leaving = membership.voters.filter { voter in
            guard !wanted.contains(voter), let successor = wanted.first(where: { $0.node == voter.node }) else {
                return !wanted.contains(voter)
            }
            if ready.contains(successor) || membership.voters.contains(successor) { return true }
            // It stays until somebody can take its place: gone it costs no more than missing.
            spare -= 1
            return spare >= 0
        }
        let belonging = membership.voters.filter { !leaving.contains($0) }
        let surplus = surplus(belonging, of: wanted, replicas, healthy, leader)
        let staying = belonging.filter { !surplus.contains($0) }
        let successors = ready.filter { one in leaving.contains { $0.node == one.node } }
        let open = max(0, replicas.count - staying.count)
        let queue = (successors + ready.filter { !successors.contains($0) }).prefix(open)
        let isShrinking = !leaving.isEmpty || !surplus.isEmpty
        guard let promoted = promoted(Array(queue), staying, isShrinking: isShrinking, healthy) else { return nil }
        if leaving.contains(leader), let heir = staying.first(where: { healthy.contains($0) }) {
            return .handOver(heir)
        }
        return .change(MembershipChange(promote: promoted, learn: surplus, remove: leaving))
    }

    /// Who votes and is one too many: who was not heard first, then the last in the partition's order, never the leader.
    private static func surplus(
        _ voters: [NodeID], of wanted: [NodeID], _ replicas: Replicas, _ healthy: Set<NodeID>, _ leader: NodeID
    ) -> [NodeID] {
        let last = wanted.reversed().filter { voters.contains($0) && $0 != leader }
        let order = last.filter { !healthy.contains($0) } + last.filter(healthy.contains)
        return order.prefix(max(0, voters.count - replicas.count)).sorted()
    }

    /// How many of those who are ready get a vote: as many as make the largest odd number; nil when nothing is to be done,
    /// or a majority would be missing after it.
    private static func promoted(
        _ queue: [NodeID], _ staying: [NodeID], isShrinking: Bool, _ healthy: Set<NodeID>
    ) -> [NodeID]? {
        let counts = Array((0...queue.count).reversed())
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
