internal import TandemRuntime

extension Gateway {
    /// The whole supervision tree: journal, read model, gateway and partitions beneath the node.
    func supervision(_ partitions: [PartitionStatus]) -> TreeNode {
        func parent(_ name: String, _ lines: [TreeNode], count: Int) -> TreeNode {
            let isWhole = lines.allSatisfy { $0.state == ServiceBoard.Standing.running.rawValue }
            return TreeNode(
                name: name, kind: "service", state: isDraining ? "draining" : isWhole ? "running" : "impaired",
                count: count, children: lines)
        }
        let journal = node.journalFigures
        return TreeNode(
            name: "node \(node.configuration.node)", kind: "node",
            state: isDraining ? "draining" : isReady(partitions) ? "running" : "not ready",
            restarts: node.incarnation - 1,
            children: [
                // A failed journal has no restarts: its file is not written again in this life of the node.
                TreeNode(
                    name: "journal", kind: "service", state: journal.standing, lastReason: journal.cause,
                    count: journal.segments),
                parent("read model", node.state.board.lines, count: node.state.lag),
                parent("gateway", board.lines, count: connectionsOpen),
            ] + partitions.map(\.tree))
    }
}
