import Dispatch
import Foundation
import KeptForms
import TandemConsensus
import TandemCore
import TandemJournal
import TandemTransport
import TandemWire
import Testing

@testable import TandemRuntime

/// The directory of a node, and the parts of a snapshot, as builds of each format left them: `Tests/Compatibility`.
@Suite("What earlier versions left on the disk")
struct NodeCompatibilityTests {
    /// Nothing becomes due by the calendar: the wall clock shows when the directory was made.
    private struct Then: NodeClock {
        func monotonic() -> UInt64 { SystemClock().monotonic() }
        func wall() -> Int64 { 1_790_000_000_000 }
    }

    /// A record of a partition by kind and number.
    private static func name(_ record: Record) -> String { "record \(record.actor.kind) \(record.actor.raw)" }

    private static func records(_ node: Node) async -> (records: [String: Record], digest: [UInt8]) {
        await withCheckedContinuation { done in
            node.partition(0).run { partition in
                var found: [String: Record] = [:]
                partition.forEachRecord { found[name($0)] = $0 }
                let hash = partition.stateDigest().hash
                let digest = [hash.high, hash.low].flatMap { half in
                    stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: half >> UInt64($0)) }
                }
                done.resume(returning: (found, digest))
            }
        }
    }

    /// Goes on while other tests keep the pool busy: an offer of the directory's is over after some seconds.
    private final class OwnThread: TaskExecutor {
        private let queue = DispatchQueue(label: "kept directories")

        func enqueue(_ job: consuming ExecutorJob) {
            let job = UnownedJob(job)
            queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
        }
    }

    private func withNode<R>(in directory: String, _ body: (Node) async throws -> R) async throws -> R {
        let loops = try EventLoopGroup(count: 1)
        loops.start()
        var configuration = Node.Configuration(directory: directory)
        configuration.partitions = 1
        let result: Result<R, any Error>
        do {
            let node = try Node(configuration, loops: loops, clock: Then())
            try await node.start()
            do {
                result = .success(try await body(node))
            } catch {
                result = .failure(error)
            }
            await node.stop()
        } catch {
            result = .failure(error)
        }
        loops.stop()
        return try result.get()
    }

    private func ask(_ node: Node, _ command: Command, _ key: UInt64? = nil) async throws -> Answer {
        let outcome = await withCheckedContinuation { (done: CheckedContinuation<Outcome, Never>) in
            node.submit(command, key: key.map { CommandKey(high: 7, low: $0, body: $0) }) { done.resume(returning: $0) }
        }
        switch outcome {
        case .answered(let answer, _), .repeated(let answer, _): return answer
        case .refused, .busy, .unavailable, .unknown: throw Unanswered(outcome: outcome)
        }
    }

    private static let tenant = Command.tenant(nil, .create(TenantSettings(name: "Acme")))

    /// A moment in a contact centre: settings, people, one conversation that is handled and one that waits.
    private func use(_ node: Node) async throws {
        let tenant = TenantID(raw: try await ask(node, Self.tenant, 1).actor.raw)
        let skill = SkillID(
            raw: try #require(try await ask(node, .tenant(tenant, .defineSkill(name: "French"))).part))
        let staffed = QueueID(
            raw: try await ask(node, .queue(nil, .create(tenant, QueueSettings(name: "Sales")))).actor.raw)
        let empty = QueueID(
            raw: try await ask(node, .queue(nil, .create(tenant, QueueSettings(name: "Zürich")))).actor.raw)
        let profile = AgentProfile(name: "Bo", skills: [SkillLevel(skill, 5)], queues: [staffed])
        let agent = AgentID(raw: try await ask(node, .agent(nil, .create(tenant, profile))).actor.raw)
        _ = try await ask(node, .agent(agent, .setPresence(.available, by: .agent(agent))))
        for (name, queue) in [("Zoë", staffed), ("李", empty)] {
            let someone = CustomerProfile(name: name, tier: .normal)
            let customer = CustomerID(
                raw: try await ask(node, .customer(nil, .create(tenant, someone))).actor.raw)
            let request = ContactRequest(channel: .chat, queue: queue, bot: false)
            let opened = try await ask(node, .conversation(nil, .open(tenant, customer, request)))
            let conversation = ConversationID(raw: opened.actor.raw)
            let draft = MessageDraft(author: .customer(customer), text: "Bonjour, 是的")
            _ = try await ask(node, .conversation(conversation, .postMessage(draft)))
        }
        for record in await Self.records(node).records.values {
            guard case .conversation(let conversation) = record, let contact = conversation.contacts.first,
                case .offered(let offer, _) = contact.state
            else { continue }
            let accept = Command.conversation(conversation.id, .contact(contact.id, .acceptOffer(offer.id, by: agent)))
            _ = try await ask(node, accept)
        }
    }

    // MARK: Keeping

    /// What a node has at each start, and what only takes up room.
    private static func isWanted(_ path: String) -> Bool {
        !["lock", "traps", "reserve"].contains { path.hasSuffix($0) }
    }

    /// Runs a node, keeps what it leaves, and a snapshot of its partition as it would be sent.
    private func keep(_ format: UInt8, in scratch: String) async throws {
        let made = scratch + "/made"
        try FileManager.default.createDirectory(atPath: made, withIntermediateDirectories: true)
        let (records, digest) = try await withNode(in: made) { node in
            try await use(node)
            return await Self.records(node)
        }
        let lines = records.keys.sorted().compactMap { name -> KeptForms.Line? in
            records[name].map { (name, RecordCodec.encode($0, in: format)) }
        }
        _ = try KeptForms.differences("records", format: format, today: lines + [("digest", digest)])
        try KeptForms.keep("node", format: format, folder: made, where: Self.isWanted)
        let sent = scratch + "/sent"
        try FileManager.default.createDirectory(atPath: sent, withIntermediateDirectories: true)
        for (number, bytes) in try parts(of: made, in: format).enumerated() {
            try Data(bytes).write(to: URL(fileURLWithPath: "\(sent)/part-\(100 + number)"))
        }
        try KeptForms.keep("snapshot", format: format, folder: sent)
    }

    /// Messages with all parts of a copy of partition 0.
    private func parts(of directory: String, in format: UInt8) throws -> [[UInt8]] {
        let executor = HandExecutor()
        let journal = try Journal(directory: directory + "/journal")
        defer { journal.close() }
        let store = try DiskStore(directory: directory, partition: 0)
        defer { store.close() }
        let keeper = StoreSnapshots(
            directory: directory, owner: store, log: journal, maker: executor, parts: executor, clock: HandClock(),
            freeBytes: { _ in .max }, alarm: { _, _ in })
        let made = Mutexed<MadeSnapshot?>(nil)
        keeper.make(of: 0, found: { _ in }, done: { made.set($0) })
        executor.drain(at: 0)
        let copy = try #require(made.get())
        let snapshot = Snapshot(
            point: copy.point, membership: Membership(voters: [NodeID(1), NodeID(2)], learners: [NodeID(3)]),
            size: copy.size, checksum: copy.checksum)
        var messages: [[UInt8]] = []
        var offset: UInt64 = 0
        while offset < snapshot.size {
            let found = Mutexed<SnapshotPart?>(nil)
            keeper.read(snapshot, of: 0, offset: offset, maximumBytes: 100_000) { found.set($0) }
            executor.drain(at: 0)
            let part = try #require(found.get())
            offset += UInt64(part.bytes.count)
            let message = RaftMessage(from: NodeID(1), to: NodeID(3), term: Term(7), body: .snapshot(part))
            messages.append(try RaftCodec.encode(message, in: format))
        }
        return messages
    }

    // MARK: Reading

    private func withScratch(_ body: (String) async throws -> Void) async throws {
        let scratch = NSTemporaryDirectory() + "tandem-kept-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: scratch) }
        try await body(scratch)
    }

    private func expect(
        _ found: [String: Record], in kept: [String: [UInt8]], but left: Set<String> = [], format: UInt8
    ) throws {
        #expect(Set(found.keys) == Set(kept.keys).subtracting(left).subtracting(["digest"]), "format \(format)")
        for (name, record) in found {
            let bytes = try #require(kept[name])
            #expect(try RecordCodec.decode(kind: record.actor.kind, bytes) == record, "format \(format): \(name)")
        }
    }

    @Test("A node starts on what each version left, has all of it, says it comes to the same, and goes on")
    func directories() async throws {
        try await withTaskExecutorPreference(OwnThread()) { try await readDirectories() }
    }

    private func readDirectories() async throws {
        try await withScratch { scratch in
            var read = 0
            for format in KeptForms.formats {
                if KeptForms.isWritten(format) { try await keep(format, in: scratch) }
                let directory = "\(scratch)/\(format)"
                guard try KeptForms.unpack("node", format: format, to: directory) else { continue }
                read += 1
                let kept = try KeptForms.lines("records", format: format)
                try await withNode(in: directory) { node in
                    let (found, digest) = await Self.records(node)
                    try expect(found, in: kept, format: format)
                    #expect(digest == kept["digest"], "format \(format)")
                    #expect(node.agreedFormat >= format)
                    let tenant = try await ask(node, Self.tenant, 1)
                    #expect(found["record tenant \(tenant.actor.raw)"] != nil, "asked again, it is answered as before")
                    #expect(try await ask(node, Self.tenant, 2).actor != tenant.actor)
                }
                // And once more, on what both have written.
                try await withNode(in: directory) { node in
                    #expect(await Self.records(node).records.count == found(kept) + 1)
                }
            }
            #expect(read > 0)
        }
    }

    private func found(_ kept: [String: [UInt8]]) -> Int { kept.count { $0.key != "digest" } }

    @Test("A snapshot that a node of each version sends is taken, part by part, and is the same state")
    func snapshots() async throws {
        try await withScratch { scratch in
            var read = 0
            for format in KeptForms.formats {
                let sent = "\(scratch)/sent-\(format)"
                guard try KeptForms.unpack("snapshot", format: format, to: sent) else { continue }
                read += 1
                let directory = "\(scratch)/taken-\(format)"
                try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
                let image = try install(sent, in: directory)
                var found: [String: Record] = [:]
                for record in image.records { found[Self.name(record)] = record }
                // Nothing was quarantined: of that there is nothing in a store.
                let kept = try KeptForms.lines("records", format: format)
                try expect(found, in: kept, but: ["record quarantine 0"], format: format)
                #expect(image.commands.map(\.key) == [CommandKey(high: 7, low: 1, body: 1)])
            }
            #expect(read > 0)
        }
    }

    private func install(_ sent: String, in directory: String) throws -> StateImage {
        let executor = HandExecutor()
        let store = try DiskStore(directory: directory, partition: 0)
        defer { store.close() }
        let alarms = Mutexed<[SnapshotTrouble]>([])
        let keeper = StoreSnapshots(
            directory: directory, owner: store, log: HandJournal(), maker: executor, parts: executor,
            clock: HandClock(), freeBytes: { _ in .max }, alarm: { alarms.set(alarms.get() + [$1]) })
        var snapshot: Snapshot?
        for name in try FileManager.default.contentsOfDirectory(atPath: sent).sorted() {
            let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(sent)/\(name)")))
            let body = try RaftCodec.decode(RaftMessage.self, bytes).body
            guard case .snapshot(let part) = body else {
                Issue.record("\(name) is no part of a snapshot: \(body)")
                continue
            }
            snapshot = part.snapshot
            keeper.store(part, of: 0) { _ in }
            executor.drain(at: 0)
        }
        let installed = Mutexed<StateImage?>(nil)
        keeper.install(try #require(snapshot), of: 0) { installed.set($0) }
        executor.drain(at: 0)
        #expect(alarms.get() == [])
        return try #require(installed.get())
    }
}
