import Testing

@testable import TandemJournal

@Suite("Segments")
struct SegmentTests {
    let directory = TemporaryDirectory()

    private func open(_ limits: JournalLimits = Fixture.limits(segment: 100_000)) throws -> Journal {
        try Journal(directory: directory.path, limits: limits)
    }

    private var files: [String] { directory.names.filter { $0.hasSuffix(".sqlite") } }

    /// Appends until the journal has `count` segments; the keeper makes the next one in its own time.
    @discardableResult
    private func fill(_ journal: Journal, segments count: Int, partitions: UInt16 = 2) throws -> UInt64 {
        var next: UInt64 = journal.lastIndex(0) + 1
        while journal.statistics.segments < count {
            try journal.appendNow((0..<partitions).flatMap { Fixture.entries($0, next...next + 19, size: 300) })
            next += 20
        }
        return next - 1
    }

    @Test("A full segment is followed by the next, and reading goes on across them")
    func rotation() throws {
        var journal = try open()
        let last = try fill(journal, segments: 4)
        for _ in 0..<2 {
            #expect(try journal.all(0) == Fixture.entries(0, 1...last, size: 300))
            #expect(try journal.all(1) == Fixture.entries(1, 1...last, size: 300))
            #expect(try journal.verify().isSound)
            journal.close()
            journal = try open()
            #expect(journal.report.isSound && journal.report.segments == 4)
        }
        journal.close()
        #expect(directory.names.filter { $0.hasSuffix("-wal") }.isEmpty)
    }

    @Test("A log that grows too long ends a segment as well, however little it holds")
    func longLog() throws {
        let journal = try open(Fixture.limits(log: 200_000))
        defer { journal.close() }
        for index in 1...200 as ClosedRange<UInt64> { try journal.appendNow([Fixture.entry(0, index)]) }
        #expect(journal.statistics.segments > 1)
        #expect(try journal.all(0) == Fixture.entries(0, 1...200))
    }

    @Test("A segment goes when every partition is cut above it, hard state and facts stay")
    func removal() throws {
        var journal = try open()
        try journal.commitNow(.hardState(partition: 1, HardState(term: 5, votedFor: 2)))
        try journal.commitNow(.meta(key: "clusterID", value: "c"))
        let last = try fill(journal, segments: 4)
        try journal.commitNow(.cut(partition: 0, below: last))
        #expect(journal.statistics.segments == 4)
        try journal.commitNow(.cut(partition: 1, below: last))
        // The keeper removes them; closing waits for it.
        journal.close()
        journal = try open()
        #expect(journal.report.isSound)
        #expect(try journal.all(0) == [Fixture.entry(0, last, size: 300)])
        #expect(journal.hardState(1) == HardState(term: 5, votedFor: 2))
        #expect(journal.meta("clusterID") == "c")
        let next = try fill(journal, segments: 3)
        #expect(try journal.all(1) == Fixture.entries(1, last...next, size: 300))
        journal.close()
        #expect(!files.contains("journal-000001.sqlite"))
        #expect(!files.contains("journal-000002.sqlite"))
    }

    @Test("Truncating goes back across segments, and what is written anew is what is read")
    func truncationAcrossSegments() throws {
        var journal = try open()
        let last = try fill(journal, segments: 4)
        try journal.commitNow(.truncate(partition: 0, from: 30))
        #expect(journal.lastIndex(0) == 29)
        try journal.appendNow(Fixture.entries(0, 30...40, term: 2))
        try journal.commitNow(.truncate(partition: 0, from: 35))
        try journal.appendNow(Fixture.entries(0, 35...50, term: 3))
        let expected =
            Fixture.entries(0, 1...29, size: 300) + Fixture.entries(0, 30...34, term: 2)
            + Fixture.entries(0, 35...50, term: 3)
        for _ in 0..<2 {
            #expect(try journal.all(0) == expected)
            #expect(try journal.all(1) == Fixture.entries(1, 1...last, size: 300))
            #expect(try journal.verify().isSound)
            journal.close()
            journal = try open()
            #expect(journal.report.isSound)
        }
        journal.close()
    }

    @Test(
        "Random writes in random groups, and openings, leave what a plain list would hold", arguments: Seeded.seeds(12))
    func model(seed: UInt64) throws {
        var random = Seeded(seed)
        var journal = try open(Fixture.limits(segment: 60_000))
        var model = [Model](repeating: Model(), count: 3)
        for _ in 0..<60 {
            if Int.random(in: 0..<20, using: &random) == 0 {
                journal.close()
                journal = try open(Fixture.limits(segment: 60_000))
                #expect(journal.report.isSound, "\(journal.report.findings)")
            }
            // Whatever comes while the writer is at work goes into its next transaction.
            let answers = Signal<JournalError?>()
            let count = Int.random(in: 1...6, using: &random)
            for _ in 0..<count {
                let partition = Int.random(in: 0..<3, using: &random)
                let write = model[partition].write(UInt16(partition), &random)
                journal.submit(write) { result in
                    if case .failure(let error) = result { answers.send(error) } else { answers.send(nil) }
                }
            }
            #expect(answers.wait(count: count) == [JournalError?](repeating: nil, count: count))
            for (partition, expected) in zip(0..<3 as Range<UInt16>, model) {
                #expect(journal.firstIndex(partition) == expected.first)
                #expect(journal.lastIndex(partition) == expected.last)
                #expect(journal.lastTerm(partition) == expected.lastTerm)
            }
        }
        for (partition, expected) in zip(0..<3 as Range<UInt16>, model) {
            #expect(try journal.all(partition) == expected.entries)
        }
        #expect(try journal.verify().isSound)
        journal.close()
    }

    /// One partition's log as a plain list.
    private struct Model {
        var first: UInt64 = 1
        var entries: [JournalEntry] = []
        /// The term of the last entry that was cut, for when all are cut.
        var termBelow: UInt64 = 0

        var last: UInt64 { first + UInt64(entries.count) - 1 }
        var lastTerm: UInt64 { entries.last?.term ?? termBelow }

        mutating func write(_ partition: UInt16, _ random: inout Seeded) -> JournalWrite {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<6:
                let more = Fixture.entries(
                    partition, last + 1...last + UInt64.random(in: 1...30, using: &random),
                    term: max(lastTerm, 1) + UInt64.random(in: 0...1, using: &random),
                    size: Int.random(in: 0...400, using: &random))
                entries += more
                return .append(more)
            case 6..<8:
                let below = UInt64.random(in: first...last + 1, using: &random)
                if below > first { termBelow = entries[Int(below - first) - 1].term }
                entries.removeFirst(Int(below - first))
                first = below
                return .cut(partition: partition, below: below)
            default:
                let from = UInt64.random(in: first...last + 1, using: &random)
                entries.removeLast(Int(last + 1 - from))
                return .truncate(partition: partition, from: from)
            }
        }
    }

    @Test("A journal of a newer format is refused and left as it is")
    func newerFormat() throws {
        let journal = try open()
        try journal.appendNow(Fixture.entries(0, 1...3))
        journal.close()
        let path = directory.file("journal-000001.sqlite")
        // The four bytes at 60 are the file's format.
        RawFile.write([0, 0, 0, 2], to: path, at: 60)
        let before = RawFile.bytes(path)
        #expect(throws: JournalError.newerFormat(file: path, found: 2, known: 1)) { try open() }
        #expect(RawFile.bytes(path) == before)
    }

    @Test("A file of another program is refused")
    func foreign() throws {
        let path = directory.file("journal-000001.sqlite")
        let database = try Database(path: path, access: .create)
        try database.execute("PRAGMA application_id = 7; CREATE TABLE t (i INTEGER)")
        database.close()
        #expect(throws: JournalError.notAJournal(file: path)) { try open() }
    }

    @Test("A spare that a crash left half made is made anew", arguments: [0, 100, 4_096])
    func halfMadeSpare(bytes: Int) throws {
        let journal = try open()
        try journal.appendNow(Fixture.entries(0, 1...3))
        journal.close()
        let path = directory.file("journal-000002.sqlite")
        for hasRollbackJournal in [false, true] {
            RawFile.write([UInt8](repeating: 0, count: bytes), to: path)
            if hasRollbackJournal {
                // SQLite's own: a file that was in the middle of its first transaction.
                RawFile.write([0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7], to: path + "-journal")
                RawFile.write(Array("SQLite format 3".utf8), to: path)
            }
            let again = try open()
            #expect(again.report.isSound)
            try again.appendNow([Fixture.entry(0, again.lastIndex(0) + 1)])
            again.close()
            #expect(directory.names.filter { $0.hasSuffix("-journal") }.isEmpty)
        }
    }

    @Test("What a crash at a segment change leaves, two that never began, is removed, and writing goes on")
    func twoThatNeverBegan() throws {
        let journal = try open()
        try journal.appendNow(Fixture.entries(0, 1...3))
        journal.close()
        for number in [2, 3] as [UInt32] {
            try SegmentWriter.create(Segment(number: number, directory: directory.path)).close()
        }
        let again = try open()
        #expect(again.report.isSound)
        try again.appendNow(Fixture.entries(0, 4...6))
        #expect(try again.read(partition: 0, from: 4, maximumBytes: 1 << 20).map(\.index) == [4, 5, 6])
        #expect(again.health == .ok)
        again.close()
        let third = try open()
        #expect(third.report.isSound && third.lastIndex(0) == 6)
        third.close()
    }
}
