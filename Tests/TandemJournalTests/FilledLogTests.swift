import Testing

@testable import TandemJournal

/// Segments whose log has zeros ahead of what is written.
@Suite("Filled logs")
struct FilledLogTests {
    private let directory = TemporaryDirectory()
    private static let filled = 2 << 20

    private func limits(filled: Int = FilledLogTests.filled) -> JournalLimits {
        var limits = Fixture.limits(log: 2 << 20)
        limits.filledLogBytes = filled
        limits.fillFrom = 50_000
        limits.markMilliseconds = 0
        limits.markEntries = 1
        return limits
    }

    private func log(_ segment: Int) -> String { directory.file("journal-00000\(segment).sqlite-wal") }

    /// A journal that has gone on in its second segment, and what it has written.
    private func filledJournal() throws -> (journal: Journal, last: UInt64) {
        let journal = try Journal(directory: directory.path, limits: limits())
        var last: UInt64 = 0
        // The keeper fills beside the traffic: some of it later it is ready.
        while journal.statistics.segments < 2 {
            last += 1
            try journal.appendNow([Fixture.entry(0, last)])
            try #require(last < 20_000, "no spare was ever filled")
        }
        for _ in 0..<100 {
            last += 1
            try journal.appendNow([Fixture.entry(0, last)])
        }
        return (journal, last)
    }

    /// What a crash leaves, in a directory of its own.
    private func crashed() throws -> (copy: TemporaryDirectory, last: UInt64) {
        let (journal, last) = try filledJournal()
        defer { journal.close() }
        let copy = TemporaryDirectory()
        for name in directory.names where !name.hasSuffix("-shm") && name != "journal.lock" {
            RawFile.copy(directory.file(name), to: copy.file(name))
        }
        return (copy, last)
    }

    @Test("With traffic the journal goes on where the log is filled; its file does not grow, and a crash loses nothing")
    func crash() throws {
        let (journal, last) = try filledJournal()
        #expect(FileSystem.size(of: log(2)) == Self.filled, "it was filled, and no commit has made it longer")
        let copy = TemporaryDirectory()
        for name in directory.names where !name.hasSuffix("-shm") && name != "journal.lock" {
            RawFile.copy(directory.file(name), to: copy.file(name))
        }
        journal.close()
        for path in [copy.path, directory.path] {
            let again = try Journal(directory: path, limits: limits())
            #expect(again.report.isSound)
            #expect(try again.all(0) == Fixture.entries(0, 1...last))
            try again.appendNow([Fixture.entry(0, last + 1)])
            again.close()
        }
    }

    @Test("A filled log is full when what was written fills it, not from the beginning")
    func full() throws {
        let (journal, first) = try filledJournal()
        defer { journal.close() }
        #expect(journal.statistics.segments == 2)
        var last = first
        while journal.statistics.segments < 3 {
            last += 1
            try journal.appendNow([Fixture.entry(0, last)])
            try #require(last < first + 20_000, "it never ends")
        }
        #expect(last - first > 350, "2 MiB take some 500 commits of a page each, of which 100 were before")
        #expect(try journal.all(0) == Fixture.entries(0, 1...last))
    }

    @Test("A filled log cut short or overwritten anywhere is never silently shorter than the mark", arguments: 0..<12)
    func damaged(seed: UInt64) throws {
        var random = Seeded(seed)
        let (copy, last) = try crashed()
        let path = copy.file("journal-000002.sqlite-wal")
        if Bool.random(using: &random) {
            RawFile.cut(path, to: Int.random(in: 0..<300_000, using: &random))
        } else {
            let count = Int.random(in: 1...600, using: &random)
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            RawFile.write(bytes, to: path, at: Int.random(in: 0..<300_000, using: &random))
        }
        let journal: Journal
        do {
            journal = try Journal(directory: copy.path, limits: limits())
        } catch {
            return  // It was told.
        }
        defer { journal.close() }
        #expect(journal.lastIndex(0) == last || !journal.report.isSound)
    }

    @Test("Where there is no room for it nothing is filled, and the journal goes on as it was")
    func noRoom() throws {
        var limits = limits(filled: 1 << 50)
        limits.logBytes = 1 << 50
        let journal = try Journal(directory: directory.path, limits: limits)
        defer { journal.close() }
        for index in 1...100 as ClosedRange<UInt64> { try journal.appendNow([Fixture.entry(0, index)]) }
        #expect(journal.statistics.segments == 1)
        #expect(try journal.all(0) == Fixture.entries(0, 1...100))
    }

    @Test("Filling that is told to stop leaves the file as it was")
    func stops() throws {
        let path = directory.file("some")
        RawFile.write([1, 2, 3], to: path, at: 0)
        var asked = 0
        let isFilled = try FileSystem.fill(path, to: 8 << 20) {
            asked += 1
            return asked < 4
        }
        #expect(!isFilled && asked == 4)
        #expect(RawFile.bytes(path) == [1, 2, 3])
        #expect(try FileSystem.fill(path, to: 3_000_000) { true })
        #expect(RawFile.bytes(path).count == 3_000_000 && RawFile.bytes(path).prefix(4) == [1, 2, 3, 0])
    }
}
