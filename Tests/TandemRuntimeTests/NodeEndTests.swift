import TandemConsensus
import Testing

@testable import TandemRuntime

/// What is left of a node that has stopped.
@Suite("A node's end")
struct NodeEndTests {
    private final class Left {
        weak var node: Node?
        weak var network: ClusterNetwork?
        weak var partition: Partition?
        weak var replica: Replica?

        func look(at node: Node) {
            self.node = node
            network = node.network
            partition = node.partition(0)
            replica = node.groups[0]
        }

        var names: [String] {
            [
                node == nil ? nil : "node", network == nil ? nil : "network", partition == nil ? nil : "partition",
                replica == nil ? nil : "replica",
            ].compactMap(\.self)
        }
    }

    @Test("A node of a cluster that has stopped keeps nothing of itself", .timeLimit(.minutes(2)))
    func nothingIsKept() async throws {
        try await Trio.run { trio in
            let left = Left()
            try await begin(trio, left)
            await trio.stop(1)
            try await eventually { left.names == [] }
        }
    }

    /// In a function of its own: nothing here holds the node afterwards.
    private func begin(_ trio: Trio, _ left: Left) async throws {
        let both = [try await trio.start(1), try await trio.start(2)]
        try await createTenant("A", at: both)
        left.look(at: both[0])
        #expect(left.names.count == 4)
    }
}
