import Foundation
import Synchronization
import TandemConsensus
import TandemCore
import TandemJournal
import TandemReadModel
import TandemTransport
import TandemWire
import Testing

@testable import TandemRuntime

@Suite("Backups of any node, and what is made of them", .serialized)
struct RestoreTests {
    struct Crash: Error {}

    /// A node alone with some tenants, backed up; `body` gets the backup's directory and an empty place beside it.
    private func withBackup(_ body: (_ backup: String, _ place: String, _ tenants: [Int]) async throws -> Void)
        async throws
    {
        let folder = NSTemporaryDirectory() + "tandem-restore-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let tenants = try await Self.running(folder + "/old") { node in
            try await Self.create(50, at: node)
            _ = try await Self.backUp(node)
            return try await Self.tenants(of: node)
        }
        try await body(folder + "/old/backups/one", folder + "/new", tenants)
    }

    /// Runs a node of two partitions and ends it.
    private static func running<R>(
        _ directory: String, as number: UInt32 = 1, testClock: Int64? = nil, _ body: (Node) async throws -> R
    ) async throws -> R {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let loops = try EventLoopGroup(count: 1)
        loops.start()
        defer { loops.stop() }
        var configuration = Node.Configuration(directory: directory)
        configuration.partitions = 2
        configuration.node = number
        configuration.testClock = testClock
        let node = try Node(configuration, loops: loops)
        try await node.start()
        let result: Result<R, any Error>
        do { result = .success(try await body(node)) } catch { result = .failure(error) }
        await node.stop()
        return try result.get()
    }

    private static func create(_ count: Int, at node: Node) async throws {
        for number in 0..<count {
            let outcome = await withCheckedContinuation { done in
                node.submit(.tenant(nil, .create(TenantSettings(name: "Tenant \(number)")))) {
                    done.resume(returning: $0)
                }
            }
            guard case .answered = outcome else { throw NeverHappened() }
        }
    }

    private static func tenants(of node: Node) async throws -> [Int] {
        var counts: [Int] = []
        for number in UInt16(0)..<2 { counts.append(try #require(await node.tenants(number))) }
        return counts
    }

    /// The names and bytes of all files below a directory.
    private func contents(_ directory: String) throws -> [String: Data] {
        var contents: [String: Data] = [:]
        for path in try FileManager.default.subpathsOfDirectory(atPath: directory) {
            contents[path] = FileManager.default.contents(atPath: "\(directory)/\(path)")
        }
        return contents
    }

    @Test("What is made of a backup is another cluster's only node, which has everything, and the backup is as before")
    func restores() async throws {
        try await withBackup { backup, place, tenants in
            let before = try contents(backup)
            let restored = try Restoring(backup, into: place, node: 7, name: "again").run()
            #expect(try contents(backup) == before)
            #expect(restored.label.hasPrefix("one, made at "))
            #expect(FileManager.default.fileExists(atPath: place + "/from-backup") == false)
            for _ in 0..<2 {
                try await Self.running(place, as: 7) { node in
                    let found = try await Self.tenants(of: node)
                    #expect(found == tenants)
                    #expect(node.restoredFrom == restored.label)
                    #expect(node.cluster.system.state.id == restored.cluster)
                    #expect(node.cluster.system.state.name == "again")
                    #expect(node.cluster.system.state.wanted.map(\.node) == [7])
                    #expect(node.cluster.system.state.member(1)?.role == .removed, "its number was taken once")
                    #expect(node.groups.allSatisfy { $0.decidesAlone })
                }
            }
            // As somebody else it does not start.
            await #expect(throws: NodeError.self) { try await Self.running(place, as: 8) { _ in } }
        }
    }

    @Test(
        "A node of the same number goes on in a later life, so that nobody takes its commands and sessions for the old ones"
    )
    func laterLife() async throws {
        try await withBackup { backup, place, _ in
            _ = try Restoring(backup, into: place, node: 1).run()
            try await Self.running(place) { node in
                #expect(node.incarnation == 2)
                #expect(node.cluster.replica.id.incarnation == 1, "a disk of another generation")
            }
        }
    }

    /// With a clock of its own, whose anchor must come along.
    @Test("Time goes on from where it was, and a command that comes again under its key is answered as before")
    func goesOn() async throws {
        let folder = NSTemporaryDirectory() + "tandem-restore-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let key = CommandKey(high: 1, low: 2, body: 3)
        func once(_ node: Node) async throws -> (actor: ActorID, isRepeated: Bool, now: Timestamp) {
            let outcome = await withCheckedContinuation { done in
                node.submit(.tenant(nil, .create(TenantSettings(name: "Once"))), key: key) {
                    done.resume(returning: $0)
                }
            }
            let (answer, isRepeated) =
                switch outcome {
                case .answered(let answer, _): (answer, false)
                case .repeated(let answer, _): (answer, true)
                case .refused, .busy, .unavailable, .unknown: throw NeverHappened()
                }
            let now: Timestamp? = await withCheckedContinuation { done in
                node.read(partition: answer.actor.partition) {
                    $0.now
                } release: {
                    done.resume(returning: $0)
                }
            }
            return (answer.actor, isRepeated, try #require(now))
        }
        let before = try await Self.running(folder + "/old", testClock: 2) { node in
            let before = try await once(node)
            _ = try await Self.backUp(node)
            return before
        }
        let restored = try Restoring(folder + "/old/backups/one", into: folder + "/new", node: 1).run()
        #expect(restored.testClock == 2)
        let after = try await Self.running(folder + "/new", testClock: 2) { try await once($0) }
        #expect(!before.isRepeated && after.isRepeated)
        #expect(after.actor == before.actor, "the same tenant, not another one")
        #expect(after.now >= before.now)
        // With another clock it does not start.
        await #expect(throws: NodeError.self) { try await Self.running(folder + "/new") { _ in } }
    }

    @Test("A backup is not started itself, and neither is a copy of it; nothing of it is changed")
    func notStarted() async throws {
        try await withBackup { backup, place, _ in
            let before = try contents(backup)
            try FileManager.default.copyItem(atPath: backup, toPath: place)
            try FileManager.default.removeItem(atPath: place + "/backup.json")
            for directory in [backup, place] {
                await #expect {
                    try await Self.running(directory) { _ in }
                } throws: {
                    "\($0)".contains("it is not started but restored")
                }
            }
            #expect(try contents(backup) == before)
        }
    }

    @Test(
        "A restore that was cut off is recognised: no node starts there, and the next one begins anew",
        arguments: Restoring.Step.allCases)
    func cutOff(at step: Restoring.Step) async throws {
        try await withBackup { backup, place, tenants in
            let cut = Restoring(backup, into: place, node: 1, probe: { if $0 == step { throw Crash() } })
            #expect(throws: RestoreError.self) { try cut.run() }
            await #expect {
                try await Self.running(place) { _ in }
            } throws: {
                "\($0)".contains("was not finished")
            }
            _ = try Restoring(backup, into: place, node: 1).run()
            let found = try await Self.running(place) { try await Self.tenants(of: $0) }
            #expect(found == tenants)
        }
    }

    @Test("While one process restores into a directory, another is refused")
    func atOnce() async throws {
        try await withBackup { backup, place, _ in
            let first = Restoring(
                backup, into: place, node: 1,
                probe: { step in
                    guard step == .copied else { return }
                    #expect {
                        try Restoring(backup, into: place, node: 1).run()
                    } throws: {
                        "\($0)".contains("another process")
                    }
                })
            _ = try first.run()
        }
    }

    @Test("A damaged, incomplete or foreign backup is refused with words that say which, and nothing is left behind")
    func damaged() async throws {
        try await withBackup { backup, place, _ in
            let store = backup + "/partition-1/state.sqlite"
            let journal = backup + "/journal/journal-000001.sqlite"
            let manifest = backup + "/backup.json"
            func refused(_ words: String, _ file: String, _ change: (Data) -> Data?) throws {
                let before = try #require(FileManager.default.contents(atPath: file))
                try FileManager.default.removeItem(atPath: file)
                if let changed = change(before) { try changed.write(to: URL(fileURLWithPath: file)) }
                #expect {
                    try Restoring(backup, into: place, node: 1).run()
                } throws: {
                    "\($0)".contains(words)
                }
                let isThere = FileManager.default.fileExists(atPath: place)
                let left = isThere ? try contents(place) : [:]
                #expect(left.isEmpty)
                try? FileManager.default.removeItem(atPath: file)
                try before.write(to: URL(fileURLWithPath: file))
            }
            func flipped(_ data: Data) -> Data {
                var data = data
                data[data.count / 2] ^= 1
                return data
            }
            func replaced(_ old: String, _ new: String) -> (Data) -> Data? {
                { Data(String(decoding: $0, as: UTF8.self).replacing(old, with: new).utf8) }
            }
            try refused("partition-1/state.sqlite is not what was backed up", store, flipped)
            try refused("journal/journal-000001.sqlite is not what was backed up", journal, flipped)
            try refused("partition-1/state.sqlite has", store) { $0.dropLast() }
            try refused("partition-1/state.sqlite is missing", store) { _ in nil }
            try refused("no whole backup", manifest) { _ in nil }
            try refused("cannot be read", manifest) { $0.dropLast(10) }
            try refused("which belongs to no backup", manifest, replaced("\"journal/journal-", "\"../journal-"))
            try refused("has format 1", manifest, replaced("\"format\" : 2", "\"format\" : 1"))
            try refused("has format 9", manifest, replaced("\"format\" : 2", "\"format\" : 9"))
            _ = try Restoring(backup, into: place, node: 1).run()
            #expect {
                try Restoring(backup, into: place, node: 1).run()
            } throws: {
                "\($0)".contains("is not empty")
            }
        }
    }

    @Test(
        "A follower's backup has what was acknowledged elsewhere, however far its store was behind",
        .timeLimit(.minutes(5)))
    func follower() async throws {
        try await Trio.run { trio in
            let isHeld = Mutexed(false)
            let gate = NSCondition()
            func hold(_ holds: Bool) {
                gate.lock()
                isHeld.set(holds)
                gate.broadcast()
                gate.unlock()
            }
            defer { hold(false) }
            trio.configure = { configuration in
                guard configuration.node == 3 else { return }
                // Its stores write nothing while they are held.
                configuration.storeProbe = { _ in
                    gate.lock()
                    while isHeld.get() { gate.wait() }
                    gate.unlock()
                }
            }
            let nodes = [try await trio.start(1), try await trio.start(2), try await trio.start(3)]
            try await Self.create(20, at: nodes[0])
            hold(true)
            try await Self.create(20, at: nodes[0])
            let tenants = try await Self.tenants(of: nodes[0])
            async let made = Self.backUp(nodes[2])
            try await eventually { nodes[2].isBackingUp.load(ordering: .acquiring) }
            hold(false)
            let manifest = try await made
            let place = nodes[2].configuration.directory + "-restored"
            let backup = nodes[2].configuration.directory + "/backups/" + manifest.name
            _ = try Restoring(backup, into: place, node: 3).run()
            try await Self.running(place, as: 3) { node in
                let found = try await Self.tenants(of: node)
                #expect(found == tenants)
                #expect(node.cluster.system.state.wanted.map(\.node) == [3])
                #expect(node.cluster.replica.id.incarnation == 1)
            }
        }
    }

    @Test(
        "Without a majority nobody knows what was acknowledged: there is no backup, and the words say why",
        .timeLimit(.minutes(5)))
    func noMajority() async throws {
        try await Trio.run { trio in
            let nodes = [try await trio.start(1), try await trio.start(2)]
            try await Self.create(4, at: nodes[0])
            await trio.stop(2)
            await trio.stop(1)
            trio.configure = { $0.patienceNanoseconds = 100_000_000 }
            let left = try await trio.start(3)
            await #expect {
                _ = try await Self.backUp(left)
            } throws: {
                "\($0)".contains("a majority of its nodes")
            }
            #expect(left.backups().isEmpty)
        }
    }

    /// On a thread that may wait.
    private static func backUp(_ node: Node) async throws -> BackupManifest {
        try await withCheckedThrowingContinuation { done in
            Thread.detachNewThread {
                done.resume(with: Result { try node.backUp(named: "one") })
            }
        }
    }
}
