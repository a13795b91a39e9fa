import Glibc
import Testing

@testable import TandemJournal

/// Full segments whose logs are not moved into their files yet.
@Suite("Resting logs")
struct RestingLogTests {
    private let directory = TemporaryDirectory()

    private func limits(rest: Int, atMost: Int) -> JournalLimits {
        var limits = Fixture.limits(segment: 64 << 10)
        limits.filledLogBytes = 0
        limits.restMilliseconds = rest
        limits.restingMax = atMost
        return limits
    }

    private func logBytes(_ segment: UInt32) -> Int {
        FileSystem.size(of: directory.file("\(Segment.name(segment))-wal")) ?? 0
    }

    /// Appends until `isEnough`, which the keeper's work beside it makes true.
    private func append(to journal: Journal, until isEnough: () -> Bool) throws -> UInt64 {
        var last = journal.lastIndex(0)
        while !isEnough() {
            last += 1
            try journal.appendNow([Fixture.entry(0, last, size: 4_000)])
            try #require(last < 20_000, "the keeper did not do its work")
        }
        return last
    }

    @Test("What is cut before its time goes with its log, which was never moved")
    func cut() throws {
        let journal = try Journal(directory: directory.path, limits: limits(rest: 600_000, atMost: 1_000))
        let last = try append(to: journal) { journal.statistics.segments >= 6 }
        for segment in 1...5 as ClosedRange<UInt32> { #expect(logBytes(segment) > 64 << 10, "segment \(segment)") }

        // What becomes of the file can be seen by who has it open, when it has no name any more. Nothing was read so far: beside a
        // reader no log is moved on closing.
        let first = open(directory.file(Segment.name(1)), O_RDONLY | O_CLOEXEC)
        defer { Glibc.close(first) }
        var before = stat()
        #expect(fstat(first, &before) == 0)
        try journal.commitNow(.cut(partition: 0, below: last))
        // The oldest go first.
        let end = try append(to: journal) { !directory.names.contains(Segment.name(5)) }
        var after = stat()
        #expect(fstat(first, &after) == 0 && after.st_nlink == 0)
        #expect(after.st_size == before.st_size, "its log was moved for nothing")
        #expect(!directory.names.contains { $0.hasPrefix("journal-00000") && $0.contains("1.sqlite") })
        #expect(try journal.all(0) == Fixture.entries(0, last...end, size: 4_000))
        journal.close()
        let again = try Journal(directory: directory.path, limits: limits(rest: 600_000, atMost: 1_000))
        defer { again.close() }
        #expect(again.report.isSound)
        #expect(try again.all(0) == Fixture.entries(0, last...end, size: 4_000))
    }

    @Test("When too many rest the oldest is moved into its file, the others stay as they are")
    func tooMany() throws {
        let journal = try Journal(directory: directory.path, limits: limits(rest: 600_000, atMost: 2))
        defer { journal.close() }
        let last = try append(to: journal) { journal.statistics.segments >= 5 && logBytes(2) == 0 }
        let segments = UInt32(journal.statistics.segments)
        #expect(logBytes(1) == 0)
        #expect(logBytes(segments - 1) > 0)
        #expect(try journal.all(0) == Fixture.entries(0, 1...last, size: 4_000))
    }

    @Test("When its time is over a log is moved, without anybody's asking")
    func time() throws {
        let journal = try Journal(directory: directory.path, limits: limits(rest: 1, atMost: 1_000))
        defer { journal.close() }
        _ = try append(to: journal) { journal.statistics.segments >= 3 && logBytes(1) == 0 && logBytes(2) == 0 }
    }

    @Test("A crash beside resting logs loses nothing")
    func crash() throws {
        let journal = try Journal(directory: directory.path, limits: limits(rest: 600_000, atMost: 1_000))
        defer { journal.close() }
        let last = try append(to: journal) { journal.statistics.segments >= 4 }
        let copy = TemporaryDirectory()
        for name in directory.names where !name.hasSuffix("-shm") && name != "journal.lock" {
            RawFile.copy(directory.file(name), to: copy.file(name))
        }
        let again = try Journal(directory: copy.path, limits: limits(rest: 600_000, atMost: 1_000))
        defer { again.close() }
        #expect(again.report.isSound)
        #expect(try again.all(0) == Fixture.entries(0, 1...last, size: 4_000))
    }

    @Test("Beside a log that rests the keeper of a journal that has failed does nothing, however long")
    func failed() throws {
        let board = HealthBoard(.ok)
        let catalog = Monitor(Catalog())
        let keeper = SegmentKeeper(
            directory: directory.path, catalog: catalog, nextNumber: 2, board: board, limits: limits(rest: 1, atMost: 9)
        )
        keeper.seal(try SegmentWriter.create(Segment(number: 1, directory: directory.path)))
        board.tell(.failed(cause: "a test"))
        let nanoseconds = Signal<Int>()
        let thread = WorkerThread(name: "keeper") {
            keeper.run()
            var used = timespec()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used)
            nanoseconds.send(used.tv_sec * 1_000_000_000 + used.tv_nsec)
        }
        // That nothing is done takes its time to be seen.
        _ = Monitor(()).wait(milliseconds: 300) { _, isOver in isOver ? true : nil }
        keeper.stop()
        thread.join()
        keeper.close()
        #expect(nanoseconds.wait(count: 1)[0] < 50_000_000)
    }

    @Test("What a full segment's file has become is read once what was read before is dropped")
    func anew() throws {
        let journal = try Journal(directory: directory.path, limits: limits(rest: 1, atMost: 1_000))
        defer { journal.close() }
        let last = try append(to: journal) { journal.statistics.segments >= 3 && logBytes(1) == 0 && logBytes(2) == 0 }
        #expect(try journal.all(0).count == Int(last))
        let entry = Fixture.entry(0, 3, size: 4_000)
        let bytes = RawFile.bytes(directory.file(Segment.name(1)))
        let place = try #require(bytes.indices.first { bytes[$0...].starts(with: entry.bytes.prefix(64)) })
        RawFile.flipBit(3, at: place + 10, of: directory.file(Segment.name(1)))
        journal.dropCaches()
        #expect(throws: JournalError.self) { try journal.read(partition: 0, from: 3, maximumBytes: 1) }
    }
}
