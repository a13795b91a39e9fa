internal import TandemConsensus
internal import TandemTransport

/// A node of the cluster as this one has it.
package struct NodeView: Sendable {
    package enum Standing: String, Sendable { case here, missing, gone }

    package let node: UInt32
    package let isSelf: Bool
    package let standing: Standing
    /// Its life; nil: it was never heard of in this life of ours.
    package let incarnation: UInt64?
    /// What it is in the cluster.
    package let role: ClusterState.Role
    /// The formats that it reads, and the one in which all nodes write.
    package let formats: ClosedRange<UInt8>
    package let format: UInt8
    /// Where it is reached.
    package let address: String?
    /// Partitions that it leads, as far as is known here.
    package let leads: Int
    /// What waits to be sent to it.
    package let queuedBytes: Int
    package let lastLoss: String?
    /// Its wall clock against the median of the cluster's, as this node sees them; nil: unknown.
    package let clockOffsetMilliseconds: Int64?
    /// Its clock keeps it from leading, as far as is known here.
    package let isClockOff: Bool
}

extension Node {
    /// All nodes of the cluster, by number; `done` is called on some thread.
    package func nodes(_ done: @escaping @Sendable ([NodeView]) -> Void) {
        consensus.run { [self] in
            let peers = network?.peers ?? []
            let counts = Dictionary(grouping: leaders, by: \.self).mapValues(\.count)
            done(
                cluster.system.state.members.filter(\.belongs).map { member in
                    view(of: member, peers.first { $0.node.number == member.node }, leads: counts[member.node] ?? 0)
                })
        }
    }

    /// The cluster as this node has it; `done` is called on some thread.
    package func clusterState(_ done: @escaping @Sendable (ClusterState) -> Void) {
        consensus.run { [self] in done(cluster.system.state) }
    }

    private func view(of member: ClusterState.Member, _ peer: PeerStatus?, leads: Int) -> NodeView {
        let isSelf = member.node == configuration.node
        let standing: NodeView.Standing =
            switch network?.presence.standing(of: member.node) {
            case .some(.here): .here
            case .some(.unsure): .missing
            case .some(.gone), nil: .gone
            }
        let address = isSelf ? network.map { "\($0.configuration.listen)" } : peer?.address ?? member.address
        return NodeView(
            node: member.node, isSelf: isSelf, standing: isSelf ? .here : standing,
            incarnation: isSelf ? incarnation : peer?.identity?.life.incarnation, role: member.role,
            formats: member.formats, format: cluster.system.state.format,
            address: address, leads: leads, queuedBytes: peer?.queuedBytes ?? 0,
            lastLoss: peer?.lastLoss?.description,
            clockOffsetMilliseconds: cluster.clocks?.offsetMilliseconds(of: member.node),
            isClockOff: cluster.clocks?.mayLead(member.node) == false)
    }

    /// How this node's clock stands; nil: there is no other node.
    package var clockFigures: ClockRounds.Figures? { cluster.clocks?.figures }

    /// How this node's state of a partition compares with the others', by the last marks.
    package func comparison(of partition: UInt16) -> MarkStanding { watch.standing(of: partition) }

    /// How often Raft has found something unusual, by group: the partitions', and last the system partition's.
    package var raftAlarms: [UInt64] { groups.map(\.alarms) }

    /// Which nodes decide in a partition's group, and which only learn, as far as is known here.
    package func members(of partition: UInt16) -> (voters: [UInt32], learners: [UInt32]) {
        let membership = groups[Int(partition)].membership
        return (membership.voters.map(\.node), membership.learners.map(\.node))
    }
}
