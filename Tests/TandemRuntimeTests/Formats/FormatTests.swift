import Foundation
import TandemConsensus
import TandemCore
import TandemJournal
import TandemTransport
import TandemWire
import Testing

@testable import TandemRuntime

/// What becomes of what nobody here can read, and of a node that remembers another format. How logs, records and digests go
/// from one format to the next takes a build that writes two (`Cluster/next-build`): its simulator and `tandem-drill run
/// rolling-upgrade` show that, in `.ci/run`.
@Suite("The format agreed on")
struct FormatTests {
    @Test("A member that is handed an entry of a format it does not read stops there, and says what to do")
    func unreadable() throws {
        let group = try Group(1)
        let leader = try group.elect()
        _ = try group.answer(.tenant(nil, .create(TenantSettings(name: "A"))), to: leader)
        let next = leader.committed + 1
        leader.partition.depose(nil)
        var bytes = try EntryCodec.encode(Entry(time: Timestamp(milliseconds: 1), minted: 0, cause: .timer, events: []))
        bytes[0] = WireVersion.current + 1
        leader.partition.follow([FollowedEntry(index: next, term: 9, bytes: bytes)]) { _ in }
        group.settle()
        let words = leader.partition.assumeIsolated { $0.services.givenUp } ?? ""
        #expect(words.contains("written in format \(WireVersion.current + 1)"), "\(words)")
        #expect(words.contains("newer build"), "\(words)")
        #expect(leader.committed == next - 1)
    }

    // MARK: Nodes

    private func inDirectory(_ body: (String) async throws -> Void) async throws {
        let directory = NSTemporaryDirectory() + "tandem-format-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory + "/journal", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try await body(directory)
    }

    /// What a node alone remembers of its cluster.
    private func remember(_ format: UInt8, in directory: String) throws {
        let state = ClusterState(
            id: ClusterID(high: 1, low: 2), name: "of node 1", format: format,
            members: [ClusterState.Member(node: 1, address: "", role: .serving, formats: 1...format)])
        let journal = try Journal(directory: directory + "/journal")
        for (key, value) in [
            ("disk", "77"), (NodeIdentity.stateKey, NodeIdentity.text(state)), ("founded as", "a node alone"),
            ("partitions", "1"),
        ] { try journal.commitNow(.meta(key: key, value: value)) }
        journal.close()
    }

    private func configuration(_ directory: String) -> Node.Configuration {
        var configuration = Node.Configuration(directory: directory)
        configuration.partitions = 1
        return configuration
    }

    @Test("A node alone raises its format by itself, and remembers that")
    func alone() async throws {
        try await inDirectory { directory in
            try remember(WireVersion.first, in: directory)
            let loops = try EventLoopGroup(count: 1)
            loops.start()
            for _ in 0..<2 {
                let node = try Node(configuration(directory), loops: loops)
                try await node.start()
                let end = ContinuousClock.now + .seconds(60)
                while node.agreedFormat != WireVersion.current, .now < end { await Task.yield() }
                let seen = await withCheckedContinuation { done in node.nodes { done.resume(returning: $0) } }
                #expect(
                    seen.map(\.formats) == [WireVersion.read] && seen.map(\.format) == [WireVersion.current])
                await node.stop()
            }
            loops.stop()
        }
    }

    @Test("A node whose cluster writes what this build does not read refuses to start, and says what to do")
    func tooOld() async throws {
        try await inDirectory { directory in
            try remember(WireVersion.current + 1, in: directory)
            let loops = try EventLoopGroup(count: 1)
            let error = #expect(throws: NodeError.self) { try Node(configuration(directory), loops: loops) }
            #expect(error?.description.contains("writes format \(WireVersion.current + 1)") == true)
            #expect(error?.description.contains("start it with the build it ran with, or a newer one") == true)
        }
    }
}
