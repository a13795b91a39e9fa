internal import TandemTransport

/// A node of the cluster as this one has it.
package struct NodeView: Sendable {
    package enum Standing: String, Sendable { case here, missing, gone }

    package let node: UInt32
    package let isSelf: Bool
    package let standing: Standing
    /// Its life; nil: it was never heard of in this life of ours.
    package let incarnation: UInt64?
    /// Where it is reached.
    package let address: String?
    /// Partitions that it leads, as far as is known here.
    package let leads: Int
    /// What waits to be sent to it.
    package let queuedBytes: Int
    package let lastLoss: String?
}

extension Node {
    /// All nodes of the cluster, by number; `done` is called on some thread.
    package func nodes(_ done: @escaping @Sendable ([NodeView]) -> Void) {
        let own = configuration.node
        let counts = Dictionary(grouping: leaders, by: \.self).mapValues(\.count)
        guard let network else { return done([view(ofSelf: own, address: nil, leads: counts[own] ?? 0)]) }
        network.view { [self] peers in
            var found = [view(ofSelf: own, address: "\(network.configuration.listen)", leads: counts[own] ?? 0)]
            for peer in peers {
                let standing: NodeView.Standing =
                    switch network.presence.standing(of: peer.node.number) {
                    case .here: .here
                    case .unsure: .missing
                    case .gone: .gone
                    }
                found.append(
                    NodeView(
                        node: peer.node.number, isSelf: false, standing: standing,
                        incarnation: peer.identity?.life.incarnation, address: peer.address,
                        leads: counts[peer.node.number] ?? 0, queuedBytes: peer.queuedBytes,
                        lastLoss: peer.lastLoss?.description))
            }
            done(found.sorted { $0.node < $1.node })
        }
    }

    private func view(ofSelf node: UInt32, address: String?, leads: Int) -> NodeView {
        NodeView(
            node: node, isSelf: true, standing: .here, incarnation: incarnation, address: address, leads: leads,
            queuedBytes: 0, lastLoss: nil)
    }
}
