import Foundation
import TandemConsensus
import TandemCore
import TandemJournal
import TandemReadModel
import TandemTransport
import TandemWire
import Testing

@testable import TandemRuntime

/// What is left when a member ends while its state is being replaced.
@Suite("Ends in the middle of an install")
struct SnapshotCrashTests {
    private struct Ended: Error {}

    private func inDirectory(_ body: (String) throws -> Void) throws {
        let directory = NSTemporaryDirectory() + "tandem-installs-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try body(directory)
    }

    /// A member that was cut off and is behind what the others keep; it is not let back yet.
    private func behind(in directory: String) throws -> Laggard {
        let laggard = try Laggard(in: directory, present: true)
        try laggard.traffic(4)
        laggard.group.flush(laggard.member)
        // Some of it is in the log of the old store only.
        try laggard.traffic(1)
        try laggard.catchUp()
        laggard.group.wire.isolate(laggard.member.id)
        try laggard.traffic(10)
        try laggard.cut()
        return laggard
    }

    private func expectAgreement(_ laggard: Laggard) throws {
        for _ in 0..<2 {
            try laggard.catchUp()
            let (mine, theirs) = (try laggard.everything(laggard.member), try laggard.everything(laggard.leader))
            #expect(mine == theirs)
            try laggard.traffic(2)
        }
    }

    @Test(
        "A member that ends at any step of an install opens again, and gets there",
        arguments: StoreSnapshots.Step.allCases)
    func ends(_ at: StoreSnapshots.Step) throws {
        try inDirectory { directory in
            let laggard = try behind(in: directory)
            let before = laggard.member.committed
            let (files, image) = (try #require(laggard.member.directory), directory + "/image")
            laggard.member.probe.set { step in
                guard step == at else { return }
                // As the disk has it at this moment, with the logs of open stores.
                try FileManager.default.copyItem(atPath: files, toPath: image)
                throw Ended()
            }
            laggard.group.wire.isolate(laggard.member.id, false)
            laggard.group.tick(200)
            #expect(laggard.member.committed == before, "it has not got there in its first life")
            laggard.group.crash(laggard.member)
            try FileManager.default.removeItem(atPath: files)
            try FileManager.default.moveItem(atPath: image, toPath: files)
            laggard.member.probe.set(nil)

            try laggard.group.start(laggard.member)
            laggard.group.settle()
            let stored = try #require(laggard.member.store).mark.applied
            switch at {
            case .verified: #expect(stored < laggard.member.journal.lastIndex(3) + 1, "nothing is decided yet")
            case .decided, .logRemoved, .replaced, .opened:
                #expect(stored > before && laggard.member.committed >= stored, "what was decided is done")
            }
            try expectAgreement(laggard)
            #expect(try FileSystem.names(in: files + "/snapshots").filter { !$0.hasPrefix("made-") } == [])
        }
    }

    @Test("A member that ends before its journal has begun anew does so in its next life")
    func journalBehind() throws {
        try inDirectory { directory in
            let laggard = try behind(in: directory)
            let journal = laggard.member.journal
            let before = journal.lastIndex(3)
            laggard.member.probe.set { if $0 == .opened { journal.holds = true } }
            laggard.group.wire.isolate(laggard.member.id, false)
            laggard.group.tick(200)
            #expect(laggard.member.committed > before, "the partition has the new state")
            #expect(journal.lastIndex(3) == before)
            laggard.group.crash(laggard.member)
            laggard.member.probe.set(nil)
            journal.holds = false
            try laggard.group.start(laggard.member)
            laggard.group.settle()
            #expect(journal.firstIndex(3) > before + 1)
            try expectAgreement(laggard)
        }
    }

    @Test("A store that is ahead of its journal, and no snapshot's, is not opened")
    func storeAhead() throws {
        try inDirectory { directory in
            let laggard = try Laggard(in: directory, present: true)
            try laggard.traffic(4)
            laggard.group.crash(laggard.member)
            let journal = laggard.member.journal
            journal.submit(.truncate(partition: 3, from: 5)) { _ in }
            _ = journal.answer()
            #expect(throws: NodeError.self) { try laggard.group.start(laggard.member) }
        }
    }

    @Test("A write that fails while the state is being replaced ends Raft, not the install")
    func writeFails() throws {
        try inDirectory { directory in
            let laggard = try behind(in: directory)
            let journal = laggard.member.journal
            // The next entries behind the installed state are refused for want of room.
            laggard.member.probe.set { if $0 == .opened { journal.refuse(.busy(pendingBytes: 1, limit: 1), after: 0) } }
            laggard.group.wire.isolate(laggard.member.id, false)
            try laggard.traffic(2)
            laggard.group.tick(200)
            journal.refusal = nil
            try expectAgreement(laggard)
        }
    }

    @Test("A node that ended between an install and the beginning of its journal starts, leads and writes on behind it")
    func node() async throws {
        let directory = NSTemporaryDirectory() + "tandem-installs-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try FileManager.default.createDirectory(atPath: directory + "/snapshots", withIntermediateDirectories: true)
        try await run(directory) { node in
            #expect(await tenant(node, "One") != nil)
        }
        // A snapshot of entry 50, decided and not yet in its place.
        let point = LogPoint(index: 50, term: Term(7))
        let making = directory + "/making"
        try FileManager.default.createDirectory(atPath: making, withIntermediateDirectories: true)
        let store = try PartitionStore(directory: making, partition: 0)
        try store.append(
            (1...50).map { index in
                CommittedEntry(
                    index: index, term: 7,
                    entry: Entry(
                        time: Timestamp(milliseconds: 5), minted: 0, key: nil, cause: .timer, answer: nil, events: []))
            })
        try store.flushRecords(upTo: 50, changed: [])
        store.close()
        try FileSystem.rename(
            PartitionStore.path(in: making), to: StoreSnapshots.installing(0, in: directory + "/snapshots"))
        let journal = try Journal(directory: directory + "/journal")
        let snapshot = Snapshot(
            point: point, membership: Membership(voters: [NodeID(1)]), size: 1, checksum: 2)
        try journal.commitNow(try #require(KeptMembership.write(snapshot, of: 0)))
        #expect(journal.lastIndex(0) < 50)
        journal.close()

        try await run(directory) { node in
            #expect(node.journal.firstIndex(0) == 51)
            let position = try #require(await tenant(node, "Two"))
            #expect(position.entry > 51, "behind the entry that opens its term")
        }
        try await run(directory) { node in
            #expect(await tenant(node, "Three") != nil, "and again, as if nothing had been")
        }
    }

    private func run(_ directory: String, _ body: (Node) async throws -> Void) async throws {
        let loops = try EventLoopGroup(count: 1)
        loops.start()
        var configuration = Node.Configuration(directory: directory)
        configuration.partitions = 1
        let node = try Node(configuration, loops: loops)
        try await node.start()
        let result: Result<Void, any Error>
        do { result = .success(try await body(node)) } catch { result = .failure(error) }
        await node.stop()
        loops.stop()
        try result.get()
    }

    private func tenant(_ node: Node, _ name: String) async -> EventPosition? {
        await withCheckedContinuation { done in
            node.submit(.tenant(nil, .create(TenantSettings(name: name)))) { outcome in
                if case .answered(_, let position) = outcome {
                    done.resume(returning: position)
                } else {
                    done.resume(returning: nil)
                }
            }
        }
    }
}
