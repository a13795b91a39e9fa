import Foundation
import TandemConsensus
import TandemCore
import TandemJournal
import TandemReadModel
import TandemWire
import Testing

@testable import TandemRuntime

/// Files that come from elsewhere, and disks that are full.
@Suite("Copies of stores as files")
struct StoreSnapshotsTests {
    /// A keeper of partition 3 with a store at entry 5, and what became of what was asked of it.
    private final class Desk {
        let executor = HandExecutor()
        let clock = HandClock()
        let directory: String
        let store: DiskStore
        let journal = HandJournal()
        let keeper: StoreSnapshots
        let free = Mutexed<UInt64?>(nil)
        let alarms = Mutexed<[SnapshotTrouble]>([])

        /// - Parameter records: up to which entry its records are written.
        init(records: UInt64 = 5) throws {
            directory = NSTemporaryDirectory() + "tandem-keeper-\(UUID().uuidString)"
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            store = try DiskStore(directory: directory, partition: 3)
            store.append(StoreSnapshotsTests.entries(1...5), of: 3)
            store.flush([], upTo: records, of: 3) { _ in }
            let (free, alarms) = (free, alarms)
            keeper = StoreSnapshots(
                directory: directory, owner: store, log: journal, maker: executor, parts: executor, clock: clock,
                freeBytes: { try free.get() ?? UInt64(FileSystem.freeBytes(at: $0)) },
                alarm: { alarms.set(alarms.get() + [$1]) })
        }

        deinit { try? FileManager.default.removeItem(atPath: directory) }

        func settle() { executor.drain(at: clock.monotonic()) }

        func pass(seconds: Int64) {
            clock.pass(milliseconds: seconds * 1_000)
            settle()
        }

        /// Hands over bytes in two parts; says up to where they were stored.
        func deliver(_ bytes: [UInt8], of snapshot: Snapshot) -> Mutexed<UInt64?> {
            let stored = Mutexed<UInt64?>(nil)
            let half = bytes.count / 2
            for (offset, part) in [(0, Array(bytes[..<half])), (half, Array(bytes[half...]))] {
                keeper.store(
                    SnapshotPart(
                        snapshot: snapshot, offset: UInt64(offset), bytes: part, checksum: SnapshotChecksum.of(part)),
                    of: 3
                ) { stored.set($0) }
                settle()
            }
            return stored
        }

        /// What installing brings: nothing while it waits.
        func install(_ snapshot: Snapshot) -> Mutexed<[StateImage?]> {
            let found = Mutexed<[StateImage?]>([])
            keeper.install(snapshot, of: 3) { found.set(found.get() + [$0]) }
            settle()
            return found
        }
    }

    private static func entries(_ indexes: ClosedRange<UInt64>) -> [CommittedEntry] {
        indexes.map { index in
            CommittedEntry(
                index: index, term: 2,
                entry: Entry(
                    time: Timestamp(milliseconds: Int64(index)), minted: 0, key: nil, cause: .timer, answer: nil,
                    events: []))
        }
    }

    /// A store's file of a partition at an entry.
    private func file(partition: UInt16 = 3, at index: UInt64 = 20, records: UInt64 = 20) throws -> [UInt8] {
        let directory = NSTemporaryDirectory() + "tandem-file-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let store = try PartitionStore(directory: directory, partition: partition)
        try store.append(Self.entries(1...index))
        try store.flushRecords(upTo: records, changed: [])
        store.close()
        let path = PartitionStore.path(in: directory)
        return try FileSystem.read(path, at: 0, count: FileSystem.size(of: path) ?? 0)
    }

    private func snapshot(_ bytes: [UInt8], at index: UInt64 = 20) -> Snapshot {
        Snapshot(
            point: LogPoint(index: index, term: Term(2)), membership: Membership(voters: [NodeID(1)]),
            size: UInt64(bytes.count), checksum: SnapshotChecksum.of(bytes))
    }

    @Test("A whole file becomes the store, and says what is in it")
    func installs() throws {
        let desk = try Desk()
        let bytes = try file()
        let offered = snapshot(bytes)
        #expect(desk.deliver(bytes, of: offered).get() == offered.size)
        let image = try #require(desk.install(offered).get().first ?? nil)
        #expect(image.meta.applied == 20 && image.meta.appliedTerm == 2 && image.records.isEmpty)
        #expect(desk.store.mark.applied == 20 && desk.alarms.get() == [])
        #expect(try FileSystem.names(in: desk.directory + "/snapshots") == [])
    }

    enum Fault: CaseIterable {
        case noStore, damagedInside, otherPartition, otherEntry, recordsBehind, newerProgram
    }

    @Test(
        "A file with the right checksum that is not this partition's state at that entry is thrown away",
        arguments: Fault.allCases)
    func refuses(_ fault: Fault) throws {
        let desk = try Desk()
        var bytes: [UInt8]
        var index: UInt64 = 20
        switch fault {
        case .noStore: bytes = [UInt8](repeating: 7, count: 10_000)
        case .damagedInside:
            bytes = try file()
            for place in 4_096..<4_200 { bytes[place] = 0xff }
        case .otherPartition: bytes = try file(partition: 4)
        case .otherEntry:
            bytes = try file()
            index = 21
        case .recordsBehind: bytes = try file(records: 19)
        case .newerProgram: bytes = try newerFile()
        }
        let offered = snapshot(bytes, at: index)
        #expect(desk.deliver(bytes, of: offered).get() == offered.size)
        let installed = desk.install(offered)
        guard case .badWhole? = desk.alarms.get().first, desk.alarms.get().count == 1 else {
            Issue.record("\(desk.alarms.get())")
            return
        }
        #expect(installed.get().isEmpty, "the line is not filled with a snapshot that is of no use")
        desk.pass(seconds: 11)
        #expect(installed.get().count == 1 && installed.get().allSatisfy { $0 == nil })
        #expect(desk.keeper.partial(of: 3) == nil && desk.store.mark.applied == 5)
    }

    private func newerFile() throws -> [UInt8] {
        let directory = NSTemporaryDirectory() + "tandem-file-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let path = PartitionStore.path(in: directory)
        try FileSystem.write(try file(), at: 0, to: path)
        let database = try Database(path: path, access: .readWrite)
        try database.execute("INSERT INTO migration (ordinal, name) VALUES (1000, 'of a later version')")
        _ = try database.checkpoint(.truncate)
        database.close()
        return try FileSystem.read(path, at: 0, count: FileSystem.size(of: path) ?? 0)
    }

    @Test("A part that is larger than its snapshot, or comes out of turn, changes nothing")
    func parts() throws {
        let desk = try Desk()
        let bytes = [UInt8](repeating: 3, count: 1_000)
        let offered = snapshot(bytes)
        let stored = Mutexed<[UInt64]>([])
        func send(_ bytes: [UInt8], at offset: UInt64) {
            desk.keeper.store(
                SnapshotPart(
                    snapshot: offered, offset: offset, bytes: bytes, checksum: SnapshotChecksum.of(bytes)), of: 3
            ) { stored.set(stored.get() + [$0]) }
            desk.pass(seconds: 2)
        }
        send([UInt8](repeating: 3, count: 600), at: 0)
        send([UInt8](repeating: 3, count: 600), at: 600)
        send([UInt8](repeating: 3, count: 100), at: 0)
        send([UInt8](repeating: 3, count: 100), at: .max)
        #expect(stored.get() == [600, 600, 600, 600])
        #expect(desk.alarms.get() == [.badPart(offset: 600)])
    }

    @Test("Without room a part waits, says so once, and goes on when there is room")
    func noRoom() throws {
        let desk = try Desk()
        let bytes = try file()
        let offered = snapshot(bytes)
        let kept = SnapshotLimits().freeBytesKept
        desk.free.set(kept + 100)
        let stored = desk.deliver(bytes, of: offered)
        desk.pass(seconds: 6)
        desk.pass(seconds: 6)
        #expect(stored.get() == nil)
        #expect(desk.alarms.get() == [.noRoom(needed: offered.size, free: 100)])
        desk.free.set(kept + offered.size)
        desk.pass(seconds: 6)
        // The second part came while the first one waited and took its place; Raft sends them one by one.
        #expect(stored.get() == 0)
        #expect(desk.deliver(bytes, of: offered).get() == offered.size)
    }

    @Test("A size that no disk has is no reason to fall over")
    func absurd() throws {
        let desk = try Desk()
        let absurd = Snapshot(
            point: LogPoint(index: 9, term: Term(2)), membership: Membership(voters: [NodeID(1)]), size: 1 << 62,
            checksum: 1)
        desk.free.set(1 << 40)
        #expect(desk.deliver([1, 2], of: absurd).get() == nil)
        guard case .noRoom? = desk.alarms.get().first else {
            Issue.record("\(desk.alarms.get())")
            return
        }
        #expect(!FileManager.default.fileExists(atPath: desk.directory + "/snapshots/arriving-3.sqlite"))
    }

    @Test("An entry that turns out to be damaged while a copy is made is told to who wants the copy")
    func damagedEntry() throws {
        let desk = try Desk(records: 3)
        let damage = JournalFinding(partition: 3, indexes: 4...4, segment: 1, fault: .checksum)
        desk.journal.damage = damage
        let (found, made) = (Mutexed<[JournalFinding]>([]), Mutexed<[MadeSnapshot?]>([]))
        desk.keeper.make(of: 3, found: { found.set(found.get() + [$0]) }, done: { made.set(made.get() + [$0]) })
        desk.settle()
        #expect(found.get() == [damage], "at once, so that it is mended before the next try")
        desk.pass(seconds: 6)
        #expect(made.get() == [nil])
    }

    @Test("A copy is not begun without room for it, and is made when there is room")
    func copyWithoutRoom() throws {
        let desk = try Desk()
        desk.free.set(SnapshotLimits().freeBytesKept)
        let made = Mutexed<[MadeSnapshot?]>([])
        func make() {
            desk.keeper.make(of: 3, found: { _ in }, done: { made.set(made.get() + [$0]) })
            desk.settle()
        }
        make()
        #expect(made.get().isEmpty, "asked at once it would be asked for again at once")
        desk.pass(seconds: 6)
        #expect(made.get() == [nil])
        desk.free.set(nil)
        make()
        let copy = try #require(made.get().last ?? nil)
        #expect(copy.point == LogPoint(index: 5, term: Term(2)))
        guard case .noRoom? = desk.alarms.get().first, desk.alarms.get().count == 1 else {
            Issue.record("\(desk.alarms.get())")
            return
        }
        // What was made can be read, until it is dropped.
        let offered = Snapshot(
            point: copy.point, membership: Membership(voters: [NodeID(1)]), size: copy.size, checksum: copy.checksum)
        let parts = Mutexed<[SnapshotPart?]>([])
        func read() {
            desk.keeper.read(offered, of: 3, offset: 0, maximumBytes: 1 << 20) { parts.set(parts.get() + [$0]) }
            desk.settle()
        }
        read()
        let whole = try #require(parts.get().last ?? nil)
        #expect(UInt64(whole.bytes.count) == copy.size && SnapshotChecksum.of(whole.bytes) == copy.checksum)
        desk.keeper.drop(of: 3)
        read()
        #expect(parts.get().count == 2 && parts.get().last == .some(nil))
    }
}
