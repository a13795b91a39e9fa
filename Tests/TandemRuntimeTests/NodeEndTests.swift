import Foundation
import TandemConsensus
import TandemJournal
import TandemTransport
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

    @Test("A node whose port is taken does not start, and has ended all that it began", .timeLimit(.minutes(2)))
    func startFails() async throws {
        try await Trio.run { trio in
            let left = Left()
            try await fail(trio, left)
            try await eventually { left.names == [] }
            // Its directory is nobody's, and has all that it needs.
            let both = [try await trio.start(1), try await trio.start(2)]
            try await createTenant("A", at: both)
        }
    }

    private func fail(_ trio: Trio, _ left: Left) async throws {
        let configuration = try trio.configuration(of: 1)
        let loops = try EventLoopGroup(count: 1)
        loops.start()
        defer { loops.stop() }
        let address = try #require(configuration.cluster?.listen)
        let taken = try Listener(
            on: loops.next(), address: address, backlog: 1, metrics: TransportMetrics(), onAccept: { _, _ in })
        defer { withExtendedLifetime(taken) {} }
        try FileManager.default.createDirectory(atPath: configuration.directory, withIntermediateDirectories: true)
        let node = try Node(configuration, loops: loops)
        left.look(at: node)
        let error = await #expect(throws: TransportError.self) { try await node.start() }
        #expect(error?.code == .address && left.names.count == 4)
        // What runs in the background has ended: the journal takes nothing.
        #expect(throws: JournalError.closed) { try node.journal.commitNow(.meta(key: "late", value: nil)) }
    }

    /// In a function of its own: nothing here holds the node afterwards.
    private func begin(_ trio: Trio, _ left: Left) async throws {
        let both = [try await trio.start(1), try await trio.start(2)]
        try await createTenant("A", at: both)
        left.look(at: both[0])
        #expect(left.names.count == 4)
    }
}
