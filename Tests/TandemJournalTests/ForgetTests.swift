import Glibc
import Testing

@testable import TandemJournal

/// What becomes of damage that others can make good: it is forgotten with all behind it, and what is owed is written down.
@Suite("Forgetting what is damaged")
struct ForgetTests {
    let directory = TemporaryDirectory()

    private func open() throws -> Journal {
        try Journal(directory: directory.path, limits: Fixture.limits(segment: 100_000))
    }

    private static let vote = HardState(term: 3, votedFor: 2)

    /// Entries of two partitions in so many segments; returns the last index.
    private func fill(segments count: Int) throws -> UInt64 {
        let journal = try open()
        defer { journal.close() }
        try journal.commitNow(.hardState(partition: 1, Self.vote))
        var next: UInt64 = 1
        repeat {
            try journal.appendNow((0..<2 as Range<UInt16>).flatMap { Fixture.entries($0, next...next + 9, size: 300) })
            next += 10
        } while journal.statistics.segments < count || next < 60
        return next - 1
    }

    private func flip(_ entry: JournalEntry) throws {
        for name in directory.names where name.hasSuffix(".sqlite") {
            let bytes = RawFile.bytes(directory.file(name))
            guard let place = bytes.indices.first(where: { bytes[$0...].starts(with: entry.bytes) }) else { continue }
            return RawFile.flipBit(3, at: place + 150, of: directory.file(name))
        }
        Issue.record("entry \(entry.index) is nowhere")
    }

    /// Does what a node does that is not alone: forgets, and gets back what there was.
    ///
    /// - Returns: false where that may not be done.
    private func heal(_ journal: Journal, last: UInt64) throws -> Bool {
        for partition in journal.report.partitions where partition.problem != nil {
            guard let first = partition.repairableFrom else { return false }
            try journal.commitNow(.forget(partition: partition.partition, from: first))
        }
        if journal.report.findings.contains(where: { $0.partition == nil }) { return false }
        for partition in [0, 1] as [UInt16] where journal.lastIndex(partition) < last {
            #expect(journal.owed(partition)?.last == last)
            try journal.appendNow(
                Fixture.entries(partition, journal.lastIndex(partition) + 1...last, size: 300))
            try journal.commitNow(.settled(partition: partition))
        }
        return true
    }

    private func expectWhole(last: UInt64) throws {
        let journal = try open()
        defer { journal.close() }
        #expect(journal.report.isSound, "\(journal.report.findings)")
        for partition in [0, 1] as [UInt16] {
            #expect(try journal.all(partition) == Fixture.entries(partition, 1...last, size: 300))
            #expect(journal.owed(partition) == nil)
        }
        #expect(journal.hardState(1) == Self.vote)
        #expect(try journal.verify().isSound)
    }

    @Test(
        "A damaged entry goes with all behind it and nothing before; its vote stays, and what is owed survives a restart"
    )
    func middle() throws {
        let last = try fill(segments: 3)
        try flip(Fixture.entry(1, 17, size: 300))
        do {
            let journal = try open()
            defer { journal.close() }
            #expect(journal.report.partitions.map(\.repairableFrom) == [nil, 17])
            try journal.commitNow(.forget(partition: 1, from: 17))
            #expect(journal.lastIndex(1) == 16 && journal.lastIndex(0) == last)
            #expect(journal.owed(1) == OwedStretch(last: last, lastTerm: 1, term: 3))
            #expect(journal.owed(0) == nil)
        }
        do {
            let journal = try open()
            defer { journal.close() }
            // The damage is still in its file, where nobody needs it.
            #expect(journal.report.isSound)
            #expect(journal.lastIndex(1) == 16 && journal.hardState(1) == Self.vote)
            #expect(journal.owed(1) == OwedStretch(last: last, lastTerm: 1, term: 3))
            #expect(try journal.all(1) == Fixture.entries(1, 1...16, size: 300))
            try journal.appendNow(Fixture.entries(1, 17...last, size: 300))
            try journal.commitNow(.settled(partition: 1))
        }
        try expectWhole(last: last)
    }

    @Test("The last entry, the first, and one of a journal of a single segment come back", arguments: [1, 55, 60])
    func ends(index: UInt64) throws {
        let last = try fill(segments: 1)
        try flip(Fixture.entry(0, index, size: 300))
        let journal = try open()
        let isHealed = try heal(journal, last: last)
        journal.close()
        #expect(isHealed)
        try expectWhole(last: last)
    }

    @Test("A segment that is gone comes back, for every partition that was in it")
    func lostSegment() throws {
        let last = try fill(segments: 4)
        #expect(unlink(directory.file("journal-000002.sqlite")) == 0)
        let journal = try open()
        let isHealed = try heal(journal, last: last)
        journal.close()
        #expect(isHealed)
        try expectWhole(last: last)
    }

    @Test("Pages of the newest segment that cannot be read are counted: what is lost is known, and comes back")
    func lostPages() throws {
        let last = try fill(segments: 1)
        let path = directory.file("journal-000001.sqlite")
        let pages = RawFile.bytes(path).count / 4_096
        #expect(pages > 9)
        RawFile.write([UInt8](repeating: 0x55, count: 4_096), to: path, at: pages / 2 * 4_096)
        let journal = try open()
        #expect(journal.report.findings.contains { $0.indexes != nil })
        let isHealed = try heal(journal, last: last)
        journal.close()
        #expect(isHealed)
        try expectWhole(last: last)
    }

    @Test(
        "Whatever bit flips in whatever file, it is healed or refused, and healed means whole",
        arguments: Seeded.seeds(60))
    func bitFlips(seed: UInt64) throws {
        var random = Seeded(seed)
        let last = try fill(segments: 2)
        let files = directory.names.filter { $0.hasSuffix(".sqlite") }
        let path = directory.file(files[Int.random(in: 0..<files.count, using: &random)])
        RawFile.flipBit(
            Int.random(in: 0..<8, using: &random),
            at: Int.random(in: 4_096..<RawFile.bytes(path).count, using: &random), of: path)
        let journal: Journal
        do {
            journal = try open()
        } catch {
            return
        }
        let isHealed = try heal(journal, last: last)
        journal.close()
        if isHealed { try expectWhole(last: last) }
    }

    @Test("A journal without a state to go with it begins at 1 again, though it was cut")
    func everything() throws {
        let last = try fill(segments: 2)
        do {
            let journal = try open()
            defer { journal.close() }
            try journal.commitNow(.cut(partition: 1, below: 31))
            try journal.commitNow(.forget(partition: 1, from: 0))
            #expect(journal.firstIndex(1) == 1 && journal.lastIndex(1) == 0 && journal.lastTerm(1) == 0)
            #expect(journal.owed(1)?.last == last)
        }
        do {
            let journal = try open()
            defer { journal.close() }
            #expect(journal.report.isSound && journal.firstIndex(1) == 1 && journal.lastIndex(1) == 0)
            try journal.appendNow(Fixture.entries(1, 1...last, size: 300))
            try journal.commitNow(.settled(partition: 1))
        }
        try expectWhole(last: last)
    }

    @Test("Damage that is found while the journal is open is forgotten there and then")
    func whileOpen() throws {
        let last = try fill(segments: 2)
        let journal = try open()
        try flip(Fixture.entry(0, 5, size: 300))
        #expect(throws: JournalError.self) { try journal.all(0) }
        try journal.commitNow(.forget(partition: 0, from: 5))
        #expect(journal.lastIndex(0) == 4)
        try journal.appendNow(Fixture.entries(0, 5...last, size: 300))
        try journal.commitNow(.settled(partition: 0))
        #expect(try journal.verify().isSound)
        journal.close()
        try expectWhole(last: last)
    }

    @Test("Where the journal ends before its mark a vote may be lost too: nothing is forgotten")
    func shortened() throws {
        let last = try fill(segments: 1)
        let copy = TemporaryDirectory()
        for name in directory.names { RawFile.copy(directory.file(name), to: copy.file(name)) }
        do {
            let journal = try open()
            defer { journal.close() }
            try journal.appendNow(Fixture.entries(0, last + 1...last + 5, size: 300))
        }
        RawFile.copy(copy.file("journal-000001.sqlite"), to: directory.file("journal-000001.sqlite"))
        let journal = try open()
        defer { journal.close() }
        #expect(journal.report.partitions.first?.problem == .shorterThanMark(partition: 0, mark: last + 5, last: last))
        #expect(journal.report.partitions.first?.repairableFrom == nil)
        #expect(throws: JournalError.self) { try journal.commitNow(.forget(partition: 0, from: 10)) }
        #expect(journal.lastIndex(0) == last)
    }
}
