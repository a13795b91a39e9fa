import Foundation
import TandemCore
import TandemJournal
import TandemReadModel
import TandemTransport
import TandemWire
import Testing

@testable import TandemRuntime

@Suite("Snapshots between nodes")
struct ClusterSnapshotTests {
    @Test("A node that comes when the others have cut their journals gets there over the wire", .timeLimit(.minutes(5)))
    func late() async throws {
        try await Trio.run { trio in
            trio.configure = { configuration in
                configuration.bounds.keptForMembers = 0
                configuration.checkpointBytes = 1
            }
            let early = [try await trio.start(1), try await trio.start(2)]
            try await create(1_000, at: early)
            try await cutJournals(of: early)

            var late = try await trio.start(3)
            try await expectAgreement(late, early)
            #expect(late.journal.firstIndex(0) > 1_000, "what was cut came with the state")
            try await create(10, at: early)
            try await expectAgreement(late, early)
            await trio.stop(3)
            late = try await trio.start(3)
            try await create(10, at: early)
            try await expectAgreement(late, early)
        }
    }

    @Test(
        "A node whose store is damaged or gone gets its state from the others, who have cut their journals like itself",
        .timeLimit(.minutes(5)), arguments: [false, true])
    func damagedStore(isGone: Bool) async throws {
        try await Trio.run { trio in
            let told = Mutexed<[String]>([])
            trio.configure = { configuration in
                configuration.bounds.keptForMembers = 0
                configuration.checkpointBytes = 1
                configuration.alarm = { partition, what in told.set(told.get() + ["\(partition) \(what)"]) }
            }
            let early = [try await trio.start(1), try await trio.start(2)]
            var late = try await trio.start(3)
            try await create(1_000, at: early)
            try await cutJournals(of: early + [late])
            await trio.stop(3)
            let store = PartitionStore.path(
                in: StateThread.folder(0, in: try trio.configuration(of: 3).directory))
            if isGone {
                try FileManager.default.removeItem(atPath: store)
            } else {
                let file = try #require(FileHandle(forUpdatingAtPath: store))
                try file.write(contentsOf: Data(repeating: 0x55, count: 8_192))
                try file.close()
            }
            told.set([])
            late = try await trio.start(3)
            #expect(told.get().contains { $0.hasPrefix("0 its journal is damaged (state.sqlite: ") })
            try await expectAgreement(late, early)
            #expect(late.journal.firstIndex(0) > 1_000, "what was cut came with the state")
            try await eventually { late.journal.owed(0) == nil }
            #expect(told.get().contains { $0.contains("whole again") })
            try await create(10, at: early + [late])
            await trio.stop(3)
            told.set([])
            late = try await trio.start(3)
            try await expectAgreement(late, early)
            #expect(told.get().isEmpty)
        }
    }

    /// Creates tenants in the first partition, wherever that is led.
    private func create(_ count: Int, at nodes: [Node]) async throws {
        for number in 0..<count {
            let name = "Tenant \(number) \(String(repeating: "of a long name ", count: 8))"
            try await createTenant(name, at: nodes)
        }
    }

    /// Nodes store what was created and cut their journals behind it, each as soon as it has followed so far.
    private func cutJournals(of nodes: [Node]) async throws {
        try await eventually {
            for node in nodes {
                let now = node.clock.monotonic()
                node.partition(0).run { if $0.committed > 1_000 { $0.beginFlush(at: now) } }
            }
            return nodes.allSatisfy { $0.journal.firstIndex(0) > 1_000 }
        }
    }

    private func expectAgreement(_ late: Node, _ early: [Node]) async throws {
        try await eventually {
            let (committed, mine) = await state(late)
            for node in early where await state(node) != (committed, mine) { return false }
            return committed > 1_000
        }
        let reference = await early[0].tenants(0)
        #expect(await late.tenants(0) == reference && reference ?? 0 >= 1_000)
        #expect(try await late.mark(0).get() >= 1_000)
    }

    private func state(_ node: Node) async -> (UInt64, [UInt8]) {
        await withCheckedContinuation { done in
            node.partition(0).run { done.resume(returning: ($0.committed, $0.canonicalState())) }
        }
    }
}
