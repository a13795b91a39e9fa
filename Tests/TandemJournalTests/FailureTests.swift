import Glibc
import TestPrograms
import Testing

@testable import TandemJournal

/// Disks that are full, and disks that fail.
@Suite("Failing disks")
struct FailureTests {
    let directory = TemporaryDirectory()

    // MARK: Full

    /// A file system of 8 MiB of its own.
    private final class SmallDisk {
        let path: String

        init(on path: String, mebibytes: Int = 8) throws {
            self.path = path
            try #require(mount("tmpfs", path, "tmpfs", 0, "size=\(mebibytes)m") == 0)
        }

        deinit {
            umount(path)
        }

        func fill(_ name: String, leaving rest: Int) throws {
            let free = try FileSystem.freeBytes(at: path)
            let file = open("\(path)/\(name)", O_WRONLY | O_CREAT, 0o600)
            defer { close(file) }
            try #require(posix_fallocate(file, 0, off_t(free - rest)) == 0)
        }
    }

    private static let canMount = Condition.value

    private enum Condition {
        /// Whether this process may mount a file system, found out by doing it.
        static let value: Bool = {
            let directory = TemporaryDirectory()
            guard mount("tmpfs", directory.path, "tmpfs", 0, "size=1m") == 0 else { return false }
            umount(directory.path)
            return true
        }()
    }

    private static func limits(reserve bytes: Int) -> JournalLimits {
        var limits = Fixture.limits()
        limits.reserveBytes = bytes
        return limits
    }

    /// A journal on a disk with room for some megabytes, and what it says of its health.
    private func nearlyFull(
        _ limits: JournalLimits
    ) throws -> (disk: SmallDisk, journal: Journal, health: Signal<JournalHealth>) {
        let disk = try SmallDisk(on: directory.path)
        try disk.fill("ballast", leaving: 5 << 20)
        let journal = try Journal(directory: disk.path + "/j", limits: limits)
        let health = Signal<JournalHealth>()
        journal.onHealthChange { health.send($0) }
        return (disk, journal, health)
    }

    /// Appends until the disk is full; returns the last index that was acknowledged.
    private func fillUp(_ journal: Journal) -> UInt64 {
        var next = journal.lastIndex(0) + 1
        while true {
            do {
                try journal.appendNow(Fixture.entries(0, next...next + 4, size: 20_000))
                next += 5
            } catch {
                #expect(error == .diskFull)
                return next - 1
            }
        }
    }

    @Test(
        "A full disk refuses entries, still reads and takes votes, and goes on when there is room",
        .enabled(if: FailureTests.canMount, "mounting a small file system is not allowed here"))
    func diskFull() throws {
        let limits = Self.limits(reserve: 512 << 10)
        let (disk, journal, health) = try nearlyFull(limits)
        let last = fillUp(journal)
        #expect(last > 20)
        #expect(health.wait(count: 1) == [.diskFull] && journal.health == .diskFull)
        #expect(journal.statistics.failedTransactions > 0)
        // The reserve has become room for votes and cuts, not for entries.
        for term in 1...20 as ClosedRange<UInt64> {
            try journal.commitNow(.hardState(partition: 0, HardState(term: term, votedFor: 1)))
            #expect(throws: JournalError.diskFull) { try journal.appendNow([Fixture.entry(0, last + 1)]) }
        }
        #expect(try journal.all(0) == Fixture.entries(0, 1...last, size: 20_000))
        #expect(journal.lastIndex(0) == last && journal.hardState(0).term == 20)
        unlink(disk.path + "/ballast")
        #expect(health.wait(count: 2) == [.diskFull, .ok])
        try journal.appendNow([Fixture.entry(0, last + 1)])
        #expect(FileSystem.size(of: disk.path + "/j/journal.reserve") == 512 << 10)
        #expect(try journal.verify().isSound)
        journal.close()
        let again = try Journal(directory: disk.path + "/j", limits: limits)
        #expect(again.report.isSound && again.lastIndex(0) == last + 1)
        again.close()
    }

    @Test(
        "A log whose index finds no room has a full disk, though SQLite names neither: it goes on when there is room",
        .enabled(if: FailureTests.canMount, "mounting a small file system is not allowed here"))
    func indexOnAFullDisk() throws {
        let disk = try SmallDisk(on: directory.path, mebibytes: 24)
        let path = disk.path + "/a.sqlite"
        let database = try Database(path: path, access: .create)
        try database.useWriteAheadLog()
        try database.execute("CREATE TABLE a (number INTEGER, text TEXT); INSERT INTO a VALUES (0, '')")
        // Room for all that is written; the index of its first 4,062 frames is there, too.
        #expect(try FileSystem.fill(path + "-wal", to: 20 << 20) { true })
        try disk.fill("ballast", leaving: 0)
        func write(_ number: Int) throws {
            try database.transaction {
                try database.execute("UPDATE a SET number = \(number), text = hex(randomblob(200000))")
            }
        }
        var written = 0
        let error = #expect(throws: DatabaseError.self) {
            for number in 1...60 {
                try write(number)
                written = number
            }
        }
        #expect(error?.isDiskFull == true && error?.isIOError == false, "\(error?.description ?? "none")")
        #expect((30..<45).contains(written) && database.logFrames <= 4_062)
        #expect(try database.integer("SELECT number FROM a") == Int64(written))
        unlink(disk.path + "/ballast")
        try write(written + 1)
        database.close()
        let again = try Database(path: path, access: .readOnly)
        #expect(try again.integer("SELECT number FROM a") == Int64(written + 1))
    }

    @Test(
        "What was refused because the log's index had no room is not there after a crash, though the log had it all",
        .enabled(if: FailureTests.canMount, "mounting a small file system is not allowed here"))
    func refusedAndCrashed() throws {
        let disk = try SmallDisk(on: directory.path, mebibytes: 28)
        let limits = Self.limits(reserve: 256 << 10)
        let folder = disk.path + "/j"
        try FileSystem.makeDirectory(folder)
        // A journal without its keeper: nobody else takes room.
        let outcome = try JournalOpening.open(directory: folder, limits: limits)
        let (catalog, board) = (Monitor(outcome.catalog), HealthBoard(.ok))
        let keeper = SegmentKeeper(directory: folder, catalog: catalog, nextNumber: 2, board: board, limits: limits)
        let writer = JournalWriter(outcome, catalog: catalog, keeper: keeper, board: board, limits: limits)
        let thread = WorkerThread(name: "writer") { writer.run() }
        defer {
            writer.inbox.stop()
            thread.join()
            keeper.close()
            writer.segment?.close()
        }
        let answers = Signal<JournalError?>()
        func append(_ index: UInt64, size: Int) -> JournalError? {
            writer.inbox.submit(.append([Fixture.entry(0, index, size: size)])) { result in
                if case .failure(let error) = result { answers.send(error) } else { answers.send(nil) }
            }
            return answers.wait(count: Int(index)).last ?? nil
        }
        #expect(append(1, size: 100) == nil)
        let names = ["journal-000001.sqlite", "journal-000001.sqlite-wal"]
        // Room for all that is written; the index of its first 4,062 frames is there, too.
        #expect(try FileSystem.fill("\(folder)/\(names[1])", to: 20 << 20) { true })
        try disk.fill("ballast", leaving: 0)
        var (last, error): (UInt64, JournalError?) = (1, nil)
        while error == nil, last < 200 {
            error = append(last + 1, size: 200_000)
            if error == nil { last += 1 }
        }
        #expect(error == .diskFull && last > 50 && catalog.withLock { $0.lastIndex(0) } == last)
        // As the crash of a moment later leaves it.
        let crashed = TemporaryDirectory()
        for name in names { RawFile.copy("\(folder)/\(name)", to: "\(crashed.path)/\(name)") }
        let again = try Journal(directory: crashed.path, limits: limits)
        defer { again.close() }
        #expect(again.report.isSound && again.lastIndex(0) == last, "\(again.lastIndex(0)), not \(last)")
        try again.appendNow([Fixture.entry(0, last + 1)])
    }

    @Test("Told by others that its disk is full, the journal refuses entries until there is room, and says so")
    func toldFull() throws {
        let journal = try Journal(directory: directory.path + "/j")
        defer { journal.close() }
        try journal.appendNow([Fixture.entry(0, 1)])
        let health = Signal<JournalHealth>()
        journal.onHealthChange { health.send($0) }
        journal.refuseUntilThereIsRoom()
        // Here there is room: it ends as soon as it is looked for.
        #expect(health.wait(count: 2) == [.diskFull, .ok])
        try journal.appendNow([Fixture.entry(0, 2)])
    }

    @Test(
        "A node whose disk is full starts, reads, and goes on when there is room",
        .enabled(if: FailureTests.canMount, "mounting a small file system is not allowed here"))
    func startingOnAFullDisk() throws {
        let disk = try SmallDisk(on: directory.path)
        let limits = Self.limits(reserve: 256 << 10)
        let crashed = disk.path + "/crashed"
        var last: UInt64 = 0
        do {
            let journal = try Journal(directory: disk.path + "/j", limits: limits)
            try journal.appendNow(Fixture.entries(0, 1...50, size: 20_000))
            last = 50
            // As a crash leaves it: everything is still in the log.
            try FileSystem.makeDirectory(crashed)
            for name in ["journal-000001.sqlite", "journal-000001.sqlite-wal", "journal.mark"] {
                RawFile.copy(disk.path + "/j/" + name, to: crashed + "/" + name)
            }
            journal.close()
        }
        try disk.fill("ballast", leaving: 60 << 10)
        let journal = try Journal(directory: crashed, limits: limits)
        #expect(journal.report.isSound && journal.health == .diskFull)
        #expect(try journal.all(0) == Fixture.entries(0, 1...last, size: 20_000))
        #expect(throws: JournalError.diskFull) { try journal.appendNow([Fixture.entry(0, last + 1)]) }
        let health = Signal<JournalHealth>()
        journal.onHealthChange { health.send($0) }
        unlink(disk.path + "/ballast")
        #expect(health.wait(count: 1) == [.ok])
        try journal.appendNow([Fixture.entry(0, last + 1)])
        journal.close()
    }

    @Test(
        "What is damaged is not forgotten while the disk is full, and others' bookkeeping goes on beside it",
        .enabled(if: FailureTests.canMount, "mounting a small file system is not allowed here"))
    func forgettingOnAFullDisk() throws {
        let limits = Self.limits(reserve: 512 << 10)
        let (disk, journal, health) = try nearlyFull(limits)
        try journal.appendNow(Fixture.entries(1, 1...20))
        let last = fillUp(journal)
        #expect(health.wait(count: 1) == [.diskFull])
        #expect(throws: JournalError.diskFull) { try journal.commitNow(.forget(partition: 1, from: 10)) }
        for term in 1...3 as ClosedRange<UInt64> {
            let both = Signal<Result<Void, JournalError>>()
            journal.submit(.forget(partition: 1, from: 10)) { both.send($0) }
            journal.submit(.hardState(partition: 0, HardState(term: term, votedFor: 1))) { both.send($0) }
            let answers = both.wait(count: 2)
            #expect(answers.filter { (try? $0.get()) != nil }.count == 1)
            #expect(journal.hardState(0).term == term)
        }
        unlink(disk.path + "/ballast")
        #expect(health.wait(count: 2) == [.diskFull, .ok])
        try journal.commitNow(.forget(partition: 1, from: 10))
        #expect(journal.lastIndex(1) == 9 && journal.lastIndex(0) == last)
        #expect(try journal.verify().isSound)
        journal.close()
    }

    @Test(
        "What is forgotten waits for a new segment, alone with what is behind it, and not for ever; then it can be again"
    )
    func forgettingWaits() throws {
        var limits = Fixture.limits()
        limits.spareMilliseconds = 50
        // A journal without its keeper: nobody makes segments.
        let outcome = try JournalOpening.open(directory: directory.path, limits: limits)
        let (catalog, board) = (Monitor(outcome.catalog), HealthBoard(.ok))
        let keeper = SegmentKeeper(
            directory: directory.path, catalog: catalog, nextNumber: 2, board: board, limits: limits)
        let writer = JournalWriter(outcome, catalog: catalog, keeper: keeper, board: board, limits: limits)
        var threads = [WorkerThread(name: "writer") { writer.run() }]
        defer {
            writer.inbox.stop()
            keeper.stop()
            for thread in threads { thread.join() }
            keeper.close()
            writer.segment?.close()
        }
        let answers = Signal<String>()
        func submit(_ name: String, _ write: JournalWrite) {
            writer.inbox.submit(write) { result in
                switch result {
                case .success: answers.send(name)
                case .failure(.busy): answers.send("\(name): busy")
                case .failure(let error): answers.send("\(name): \(error.code)")
                }
            }
        }
        for partition in [0, 1] as [UInt16] { submit("begun", .append(Fixture.entries(partition, 1...20))) }
        #expect(answers.wait(count: 2) == ["begun", "begun"])
        submit("forgotten", .forget(partition: 1, from: 5))
        submit("behind it", .append([Fixture.entry(1, 5)]))
        submit("another", .append([Fixture.entry(0, 21)]))
        #expect(answers.wait(count: 5).suffix(3) == ["another", "forgotten: busy", "behind it: busy"])
        #expect(catalog.withLock { $0.lastIndex(1) == 20 && $0.lastIndex(0) == 21 } && board.health == .ok)
        threads.append(WorkerThread(name: "keeper") { keeper.run() })
        var tries = 0
        repeat {
            tries += 1
            submit("forgotten", .forget(partition: 1, from: 5))
        } while answers.wait(count: 5 + tries).last != "forgotten" && tries < 1_000
        #expect(catalog.withLock { $0.lastIndex(1) } == 4)
    }

    // MARK: No descriptors

    @Test("Without descriptors the journal goes on in the segment it has, and takes the next one when there are some")
    func noDescriptors() async {
        await #expect(processExitsWith: .success) {
            let directory = TemporaryDirectory()
            let journal = try Journal(directory: directory.path, limits: Fixture.limits(segment: 64 << 10))
            let used = try Descriptors.takeAll()
            var next: UInt64 = 1
            func append() throws {
                try journal.appendNow(Fixture.entries(0, next...next + 4, size: 4_000))
                next += 5
            }
            // Ten segments' worth.
            for _ in 0..<40 { try append() }
            guard journal.health == .ok else { exit(EXIT_FAILURE) }
            for descriptor in used { close(descriptor) }
            let before = journal.statistics.segments
            var tries = 0
            while journal.statistics.segments < before + 3, tries < 10_000 {
                try append()
                tries += 1
            }
            let isSound = try journal.verify().isSound
            let isWhole = try journal.all(0) == Fixture.entries(0, 1...next - 1, size: 4_000)
            journal.close()
            exit(isSound && isWhole && tries < 10_000 ? EXIT_SUCCESS : EXIT_FAILURE)
        }
    }

    // MARK: Failing

    /// Puts another file in the place of the process's open ones at `path`.
    private func replaceOpenFiles(at path: String, by other: String) throws {
        var replaced = 0
        for name in TemporaryDirectory.names(in: "/proc/self/fd") {
            guard let descriptor = Int32(name) else { continue }
            var target = [CChar](repeating: 0, count: 4_096)
            let count = readlink("/proc/self/fd/\(name)", &target, target.count)
            let name = target.prefix(max(count, 0)).map { UInt8(bitPattern: $0) }
            guard String(decoding: name, as: UTF8.self) == path else { continue }
            let file = open(other, O_RDWR)
            try #require(dup2(file, descriptor) == descriptor)
            close(file)
            replaced += 1
        }
        #expect(replaced == 1)
    }

    @Test("A failed sync ends writing for good; what was acknowledged is still read, and is there after a restart")
    func failedSync() throws {
        let path = directory.file("journal-000001.sqlite-wal")
        var journal = try Journal(directory: directory.path, limits: Fixture.limits())
        let health = Signal<JournalHealth>()
        journal.onHealthChange { health.send($0) }
        try journal.appendNow(Fixture.entries(0, 1...5))
        // Writing to it succeeds, syncing does not.
        try replaceOpenFiles(at: path, by: "/dev/null")
        let refusal = #expect(throws: JournalError.self) { try journal.appendNow([Fixture.entry(0, 6)]) }
        let error = try #require(refusal)
        #expect(error.code == "journal.failed")
        guard case .failed = health.wait(count: 1).first else {
            Issue.record("the health is \(journal.health)")
            return
        }
        #expect(throws: error) { try journal.appendNow([Fixture.entry(0, 6)]) }
        #expect(throws: error) { try journal.commitNow(.hardState(partition: 0, HardState(term: 1))) }
        #expect(journal.lastIndex(0) == 5)
        #expect(try journal.all(0) == Fixture.entries(0, 1...5))
        journal.close()
        journal = try Journal(directory: directory.path, limits: Fixture.limits())
        #expect(journal.report.isSound)
        #expect(try journal.all(0) == Fixture.entries(0, 1...5))
        try journal.appendNow([Fixture.entry(0, 6)])
        journal.close()
    }

    @Test("A disk that refuses the log's bytes for want of room is full, not failed")
    func refusedWrite() throws {
        let path = directory.file("journal-000001.sqlite-wal")
        let journal = try Journal(directory: directory.path, limits: Fixture.limits())
        try journal.appendNow(Fixture.entries(0, 1...5))
        try replaceOpenFiles(at: path, by: "/dev/full")
        #expect(throws: JournalError.diskFull) { try journal.appendNow([Fixture.entry(0, 6)]) }
        #expect(try journal.all(0) == Fixture.entries(0, 1...5))
        #expect(journal.statistics.failedTransactions > 0)
        journal.close()
    }
}
