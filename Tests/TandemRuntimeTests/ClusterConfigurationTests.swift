import Foundation
import TandemJournal
import TandemTransport
import Testing

@testable import TandemRuntime

@Suite("Founding a cluster")
struct ClusterConfigurationTests {
    private func cluster(_ name: String, _ nodes: [UInt32], port: UInt16 = 7_500) throws -> ClusterConfiguration {
        let address = try SocketAddress(host: "127.0.0.1", port: port)
        return ClusterConfiguration(
            name: name, members: Dictionary(uniqueKeysWithValues: nodes.map { ($0, address) }), listen: address)
    }

    @Test("A cluster is told apart by its name and its founders, not by where they are")
    func identity() throws {
        let id = try cluster("acme", [1, 2, 3]).id
        #expect(try cluster("acme", [3, 1, 2], port: 9_000).id == id)
        #expect(try cluster("acme2", [1, 2, 3]).id != id)
        #expect(try cluster("acme", [1, 2, 4]).id != id)
        #expect(try cluster("acme", [12, 3]).id != cluster("acme", [1, 23]).id)
        #expect(
            id.description == Self.first,
            "this is in the handshake of every node that runs: another way to make it would split clusters")
    }

    private static let first = "276154fef30e07daf950ac087cf98783"

    /// Opens the journal of a directory as a node does, and says what came of it.
    private func identity(
        in directory: String, _ change: (inout Node.Configuration) -> Void = { _ in }
    ) throws -> NodeIdentity {
        let journal = try Journal(directory: directory + "/journal")
        defer { journal.close() }
        var configuration = Node.Configuration(directory: directory)
        change(&configuration)
        return try NodeIdentity.read(journal, configuration, wall: 0)
    }

    private func inDirectory(_ body: (String) throws -> Void) throws {
        let directory = NSTemporaryDirectory() + "tandem-founding-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try body(directory)
    }

    @Test("A directory keeps its disk and counts its lives")
    func lives() throws {
        let cluster = try cluster("acme", [1, 2, 3])
        try inDirectory { directory in
            let first = try identity(in: directory) { $0.cluster = cluster }
            #expect(first.incarnation == 1)
            #expect(first.disk != 0)
            let second = try identity(in: directory) { $0.cluster = cluster }
            #expect(second.incarnation == 2)
            #expect(second.disk == first.disk)
        }
        try inDirectory { other in
            let disk = try identity(in: other) { $0.cluster = cluster }.disk
            try inDirectory { another in
                let drawn = try identity(in: another) { $0.cluster = cluster }.disk
                #expect(drawn != disk)
            }
        }
    }

    @Test("A directory made for one cluster, node or neither is opened for no other")
    func mismatch() throws {
        let cluster = try cluster("acme", [1, 2, 3])
        let changes: [(inout Node.Configuration) -> Void] = [
            { $0.cluster = nil },
            { $0.node = 2 },
            { $0.cluster?.name = "other" },
            { $0.cluster?.members[3] = nil },
        ]
        for change in changes {
            try inDirectory { directory in
                _ = try identity(in: directory) { $0.cluster = cluster }
                let error = #expect(throws: NodeError.self) {
                    try identity(in: directory) {
                        $0.cluster = cluster
                        change(&$0)
                    }
                }
                #expect(error?.description.contains("node 1 of cluster \"acme\" with the nodes 1 2 3") == true)
                let next = try identity(in: directory) { $0.cluster = cluster }
                #expect(next.incarnation == 2, "a mistake is no life")
            }
        }
        try inDirectory { directory in
            _ = try identity(in: directory)
            let error = #expect(throws: NodeError.self) { try identity(in: directory) { $0.cluster = cluster } }
            #expect(error?.description.contains("was made for a node alone") == true)
        }
    }

    @Test("A node that its members do not name is told so before anything is written")
    func notAMember() throws {
        let cluster = try cluster("acme", [1, 2, 3])
        try inDirectory { directory in
            let loops = try EventLoopGroup(count: 1)
            var configuration = Node.Configuration(directory: directory)
            configuration.node = 4
            configuration.cluster = cluster
            #expect(throws: NodeError.self) { try Node(configuration, loops: loops) }
        }
    }
}
