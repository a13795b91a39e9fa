internal import TandemConsensus
internal import TandemTransport

/// Who is spoken to, and where: who belongs to the cluster, and who takes part in a group though it belongs no more.
struct Admission {
    static let formatNotRead = PeerRefusal.Code(PeerRefusal.Code.ownersFirst + 1)

    let id: NodeID
    /// Where founders are reached in their first lives, as this node was told.
    let founders: [UInt32: String]
    var state: ClusterState

    /// The other nodes that belong to the cluster.
    var others: [UInt32] { state.members.filter { $0.belongs && $0.node != id.node }.map(\.node) }

    /// Who is dialled where: those who belong. Who was removed is spoken to as long as it takes part in a group, for it may
    /// lead one.
    ///
    /// - Parameter groups: who takes part in each, as this node knows.
    func dialled(_ groups: [Membership]) -> [UInt32: String] {
        var wanted: [UInt32: String] = [:]
        for member in state.members where member.node != id.node {
            let takesPart = groups.contains { $0.everyone.contains { $0.node == member.node } }
            guard member.belongs || takesPart else { continue }
            let own = member.generation == 0 ? founders[member.node] : nil
            let address = own ?? member.address
            if !address.isEmpty { wanted[member.node] = address }
        }
        return wanted
    }

    /// Why a node in one of its lives is not spoken to.
    func refusal(of peer: NodeID, _ groups: [Membership]) -> PeerRefusal? {
        let member = state.member(peer.node)
        let belongs = member?.belongs == true
        if belongs, member?.id == peer { return nil }
        // Whose disk was voided is not: nobody knows what it would bring back.
        if !belongs, groups.contains(where: { $0.contains(peer) }) { return nil }
        let reason =
            switch member {
            case nil: "is no member of cluster \(state.name)"
            case let member? where !member.belongs: "was removed from cluster \(state.name)"
            default: "takes part in another life than \(peer)"
            }
        return PeerRefusal(.notAdmitted, "node \(peer.node) \(reason)")
    }

    /// Why a node that says who it is, what it reads and which disk it has is not spoken to.
    func refusal(of peer: PeerIdentity, _ groups: [Membership], _ disks: DiskMemory) -> PeerRefusal? {
        if let refusal = refusal(of: peer.id, groups) { return refusal }
        guard peer.formats.contains(state.format) else {
            return PeerRefusal(
                Self.formatNotRead,
                "\(peer.node) reads the formats \(peer.formats.lowerBound) to \(peer.formats.upperBound), and cluster "
                    + "\(state.name) writes format \(state.format): start it with a build that reads that one")
        }
        let member = state.member(peer.node.number)
        return disks.refusal(of: peer, agreed: member?.id == peer.id ? member?.disk ?? 0 : 0)
    }
}
