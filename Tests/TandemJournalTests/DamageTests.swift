import Glibc
import Testing

@testable import TandemJournal

/// Disks gone bad: whatever is damaged is told, by index where there is one, and nothing is passed over.
@Suite("Damage")
struct DamageTests {
    let directory = TemporaryDirectory()

    private func open(_ limits: JournalLimits = Fixture.limits(segment: 100_000)) throws -> Journal {
        try Journal(directory: directory.path, limits: limits)
    }

    /// Three segments, made once; each test damages a copy.
    private static let template = Result {
        let directory = TemporaryDirectory()
        return (directory, last: try fill(directory, segments: 3))
    }

    /// Puts a whole journal into the test's directory and returns its last index.
    private func filled(segments count: Int) throws -> UInt64 {
        guard count == 3 else { return try Self.fill(directory, segments: count) }
        let (template, last) = try Self.template.get()
        for name in template.names { RawFile.copy(template.file(name), to: directory.file(name)) }
        return last
    }

    private static func fill(_ directory: TemporaryDirectory, segments count: Int) throws -> UInt64 {
        let journal = try Journal(directory: directory.path, limits: Fixture.limits(segment: 100_000))
        defer { journal.close() }
        var next: UInt64 = 1
        while journal.statistics.segments < count {
            try journal.appendNow((0..<2 as Range<UInt16>).flatMap { Fixture.entries($0, next...next + 9, size: 300) })
            next += 10
        }
        return next - 1
    }

    /// Opens it and says whether every entry up to `last` is there; if not, somebody must have said so.
    private func isWhole(last: UInt64) throws -> (isWhole: Bool, wasTold: Bool) {
        let journal: Journal
        do {
            journal = try open()
        } catch {
            return (false, true)
        }
        defer { journal.close() }
        let isWhole = try (0..<2 as Range<UInt16>).allSatisfy { partition in
            guard journal.lastIndex(partition) == last else { return false }
            do {
                return try journal.all(partition) == Fixture.entries(partition, 1...last, size: 300)
            } catch is JournalError {
                return false
            }
        }
        // The report is about entries; a partition that has a problem takes no more of them.
        for partition in journal.report.partitions where partition.problem != nil {
            let next = journal.lastIndex(partition.partition) + 1
            #expect(throws: JournalError.self) { try journal.appendNow([Fixture.entry(partition.partition, next)]) }
        }
        return (isWhole, !journal.report.isSound)
    }

    @Test("A flipped bit in any file changes nothing that is read, or is told", arguments: Seeded.seeds(150))
    func bitFlips(seed: UInt64) throws {
        var random = Seeded(seed)
        let last = try filled(segments: 3)
        let files = directory.names.filter { $0.hasSuffix(".sqlite") }
        let path = directory.file(files[Int.random(in: 0..<files.count, using: &random)])
        let size = RawFile.bytes(path).count
        RawFile.flipBit(
            Int.random(in: 0..<8, using: &random), at: Int.random(in: 0..<size, using: &random), of: path)
        let (isWhole, wasTold) = try isWhole(last: last)
        #expect(isWhole || wasTold)
    }

    @Test("A changed byte of an entry is told by its index, and reading stops in front of it")
    func entryByIndex() throws {
        let last = try filled(segments: 3)
        let target = Fixture.entry(1, 17, size: 300)
        let path = directory.file("journal-000001.sqlite")
        let bytes = RawFile.bytes(path)
        let place = try #require(bytes.indices.first { bytes[$0...].starts(with: target.bytes) })
        RawFile.flipBit(3, at: place + 150, of: path)
        let finding = JournalFinding(partition: 1, indexes: 17...17, segment: 1, fault: .checksum)
        let journal = try open()
        defer { journal.close() }
        #expect(journal.report.findings == [finding])
        #expect(journal.report.partitions.map(\.problem) == [nil, .damaged(finding)])
        #expect("\(finding)" == "entry 17 of partition 1 in segment 1 fails its checksum")
        #expect(try journal.read(partition: 1, from: 18, maximumBytes: 1).map(\.index) == [18])
        #expect(throws: JournalError.damaged(finding)) { try journal.all(1) }
        #expect(throws: JournalError.damaged(finding)) { try journal.appendNow([Fixture.entry(1, last + 1)]) }
        try journal.appendNow([Fixture.entry(0, last + 1, size: 300)])
        #expect(try journal.verify().findings == [finding])
    }

    @Test("Damage that comes while the journal is open is found by verifying and by reading")
    func damageWhileOpen() throws {
        let last = try filled(segments: 3)
        let journal = try open()
        defer { journal.close() }
        #expect(journal.report.isSound)
        let target = Fixture.entry(0, 5, size: 300)
        let path = directory.file("journal-000001.sqlite")
        let bytes = RawFile.bytes(path)
        let place = try #require(bytes.indices.first { bytes[$0...].starts(with: target.bytes) })
        RawFile.flipBit(0, at: place, of: path)
        let finding = JournalFinding(partition: 0, indexes: 5...5, segment: 1, fault: .checksum)
        var steps: [VerificationProgress] = []
        let report = try journal.verify { steps.append($0) }
        #expect(report.findings == [finding])
        #expect(report.partitions.first?.problem == .damaged(finding))
        #expect(steps.map(\.segmentsDone) == [1, 2, 3])
        #expect(steps.last?.entries == Int(last) * 2)
        #expect(throws: JournalError.damaged(finding)) { try journal.all(0) }
    }

    @Test("A removed entry is told as missing, an exchanged one breaks the chain")
    func historyChanged() throws {
        _ = try filled(segments: 2)
        let path = directory.file("journal-000001.sqlite")
        let database = try Database(path: path, access: .readWrite)
        try database.execute("DELETE FROM entry WHERE partition = 0 AND position BETWEEN 3 AND 4")
        // Another history, whole in itself: the checksum is right, the chain is not.
        let forged = Fixture.entry(1, 6, term: 1, size: 10)
        let update = try database.statement(
            "UPDATE entry SET time = ?, bytes = ?, checksum = ? WHERE partition = 1 AND position = 6")
        try update.bind(forged.time, at: 1)
        try update.bind(blob: forged.bytes, at: 2)
        try update.bind(Int64(EntryHasher.checksum(forged)), at: 3)
        try update.run()
        database.close()
        let journal = try open()
        defer { journal.close() }
        #expect(
            Set(journal.report.findings) == [
                JournalFinding(partition: 0, indexes: 3...4, segment: 1, fault: .missing),
                JournalFinding(partition: 1, indexes: 6...6, segment: 1, fault: .chain),
            ])
    }

    @Test("A segment that is gone or no database any more is told with all it held")
    func lostSegment() throws {
        let last = try filled(segments: 4)
        let path = directory.file("journal-000002.sqlite")
        let bytes = RawFile.bytes(path)
        for isGone in [false, true] {
            if isGone {
                #expect(unlink(path) == 0)
            } else {
                RawFile.write([UInt8](repeating: 0x55, count: 4_096), to: path)
            }
            let journal = try open()
            defer { journal.close() }
            #expect(journal.report.findings.count == 2)
            for (finding, partition) in zip(journal.report.findings, [0, 1] as [UInt16]) {
                let lost = try #require(finding.indexes)
                #expect(finding.partition == partition)
                #expect(finding.fault == (isGone ? .missing : .unreadable("file is not a database")))
                #expect(throws: JournalError.self) {
                    try journal.read(partition: partition, from: lost.lowerBound, maximumBytes: 1)
                }
                let next = lost.upperBound + 1
                #expect(try journal.read(partition: partition, from: next, maximumBytes: 1).map(\.index) == [next])
                #expect(journal.lastIndex(partition) == last)
            }
        }
        RawFile.write(bytes, to: path, truncate: true)
        #expect(try isWhole(last: last) == (true, false))
    }
}
