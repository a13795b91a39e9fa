/// Who takes part: voters, learners, and while it changes also the voters of before.
///
/// ```
///   stable ──change of learners──▶ stable
///   stable ──change of voters──▶ joint ──committed──▶ stable (the new voters)
///                                  └──cancelled──▶ stable (the old voters)
/// ```
/// While joint, every decision needs a majority of both sets of voters (Raft, 6). All lists are sorted.
package struct Membership: Sendable, Equatable, CustomStringConvertible {
    package let voters: [NodeID]
    /// The voters of before; empty unless joint.
    package let outgoing: [NodeID]
    /// Receive everything, decide nothing. A voter of before may be listed: it becomes a learner when joint ends.
    package let learners: [NodeID]

    package init(voters: [NodeID], outgoing: [NodeID] = [], learners: [NodeID] = []) {
        self.voters = Self.sorted(voters)
        self.outgoing = Self.sorted(outgoing)
        self.learners = Self.sorted(learners)
    }

    package static let none = Membership(voters: [])

    package var isJoint: Bool { !outgoing.isEmpty }

    /// All that are sent entries, each once, sorted.
    package var everyone: [NodeID] { Self.sorted(voters + outgoing + learners) }

    package func contains(_ id: NodeID) -> Bool {
        isVoter(id) || learners.contains(id)
    }

    /// Has a vote, in either set.
    package func isVoter(_ id: NodeID) -> Bool {
        voters.contains(id) || outgoing.contains(id)
    }

    /// What follows when the joint membership is committed.
    package var left: Membership { Membership(voters: voters, learners: learners) }

    /// What was before the joint membership. Learners that were to become voters are learners again, so that nothing
    /// they have fetched is lost; those that were to become learners are voters.
    package var cancelled: Membership {
        let promoted = voters.filter { !outgoing.contains($0) }
        let kept = (learners + promoted).filter { !outgoing.contains($0) }
        return Membership(voters: outgoing, learners: kept)
    }

    package var description: String {
        var text = voters.map(\.description).joined(separator: " ")
        if isJoint { text = "joint [\(outgoing.map(\.description).joined(separator: " "))] and [\(text)]" }
        if !learners.isEmpty { text += " learning \(learners.map(\.description).joined(separator: " "))" }
        return text
    }

    private static func sorted(_ ids: [NodeID]) -> [NodeID] {
        var result: [NodeID] = []
        for id in ids.sorted() where result.last != id { result.append(id) }
        return result
    }
}
