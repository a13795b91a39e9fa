import Glibc
import Testing

@testable import TandemJournal

/// Partitions that begin anew behind a snapshot, and crashes while they do.
@Suite("Restart")
struct RestartTests {
    let directory = TemporaryDirectory()

    private func open(_ limits: JournalLimits = Fixture.limits()) throws -> Journal {
        try Journal(directory: directory.file("j"), limits: limits)
    }

    // MARK: The write

    @Test(
        "All entries are forgotten and the log goes on behind the point, wherever that is",
        arguments: [4, 7, 10, 11, 5_000] as [UInt64], [1, 2, 9] as [UInt64])
    func goesOn(point: UInt64, term: UInt64) throws {
        var journal = try open()
        try journal.appendNow(Fixture.entries(0, 1...6) + Fixture.entries(0, 7...10, term: 2))
        try journal.commitNow(.hardState(partition: 0, HardState(term: 9, votedFor: 3)))
        try journal.commitNow(.cut(partition: 0, below: 3))
        for repetition in 0..<3 {
            try journal.commitNow(.restart(partition: 0, behind: point, term: term))
            #expect(journal.firstIndex(0) == point + 1 && journal.lastIndex(0) == point)
            #expect(journal.lastTerm(0) == term && journal.hardState(0) == HardState(term: 9, votedFor: 3))
            #expect(try journal.all(0).isEmpty)
            #expect(throws: JournalError.compacted(partition: 0, first: point + 1)) {
                try journal.read(partition: 0, from: point, maximumBytes: 1)
            }
            #expect(try journal.verify().isSound)
            guard repetition < 2 else { break }
            journal.close()
            journal = try open()
            #expect(journal.report.isSound && journal.report.entries == 0)
        }
        #expect(throws: JournalError.outOfOrder(partition: 0, expected: point + 1, found: 11 + point)) {
            try journal.appendNow([Fixture.entry(0, 11 + point, term: term)])
        }
        #expect(throws: JournalError.termFell(partition: 0, index: point + 1, from: term, to: term - 1)) {
            try journal.appendNow([Fixture.entry(0, point + 1, term: term - 1)])
        }
        try journal.appendNow(Fixture.entries(0, point + 1...point + 5, term: term))
        try journal.commitNow(.truncate(partition: 0, from: point + 4))
        for _ in 0..<2 {
            #expect(try journal.all(0) == Fixture.entries(0, point + 1...point + 3, term: term))
            #expect(try journal.verify().isSound)
            journal.close()
            journal = try open()
            #expect(journal.report.isSound && journal.report.entries == 3)
        }
        try journal.commitNow(.truncate(partition: 0, from: point + 1))
        #expect(journal.lastIndex(0) == point && journal.lastTerm(0) == term)
        journal.close()
    }

    @Test("A partition that never had an entry may begin behind a point")
    func newPartition() throws {
        var journal = try open()
        try journal.commitNow(.restart(partition: 5, behind: 70, term: 4))
        try journal.commitNow(.restart(partition: 6, behind: 0, term: 0))
        journal.close()
        journal = try open()
        #expect(journal.report.isSound)
        #expect(journal.firstIndex(5) == 71 && journal.lastIndex(5) == 70 && journal.lastTerm(5) == 4)
        #expect(journal.firstIndex(6) == 1 && journal.lastIndex(6) == 0 && journal.lastTerm(6) == 0)
        try journal.appendNow([Fixture.entry(5, 71, term: 4), Fixture.entry(6, 1)])
        #expect(try journal.verify().entries == 2)
        journal.close()
    }

    @Test("Behind what was cut, of an older term, or beyond all counting no log begins, and nothing is changed")
    func refused() throws {
        let journal = try open()
        defer { journal.close() }
        try journal.appendNow(Fixture.entries(0, 1...10, term: 3))
        try journal.commitNow(.cut(partition: 0, below: 5))
        for (index, term) in [(0, 0), (3, 3), (4, 3), (4, 4), (.max, 3)] as [(UInt64, UInt64)] {
            #expect(throws: JournalError.outOfRange(partition: 0, index: index, first: 5, last: 10)) {
                try journal.commitNow(.restart(partition: 0, behind: index, term: term))
            }
        }
        #expect(throws: JournalError.termFell(partition: 0, index: 20, from: 3, to: 2)) {
            try journal.commitNow(.restart(partition: 0, behind: 20, term: 2))
        }
        #expect(try journal.all(0) == Fixture.entries(0, 5...10, term: 3))
        try journal.commitNow(.restart(partition: 0, behind: 20, term: 3))
        let transactions = journal.statistics.transactions
        try journal.commitNow(.restart(partition: 0, behind: 20, term: 3))
        #expect(journal.statistics.transactions == transactions)
        #expect(throws: JournalError.outOfRange(partition: 0, index: 20, first: 21, last: 20)) {
            try journal.commitNow(.restart(partition: 0, behind: 20, term: 4))
        }
        try journal.appendNow([Fixture.entry(0, 21, term: 3)])
        #expect(throws: JournalError.outOfRange(partition: 0, index: 20, first: 21, last: 21)) {
            try journal.commitNow(.restart(partition: 0, behind: 20, term: 3))
        }
        #expect(try journal.all(0) == [Fixture.entry(0, 21, term: 3)])
    }

    @Test("In one transaction with other writes, of this partition and of others, each counts in its turn")
    func oneTransaction() throws {
        var journal = try open()
        try journal.appendNow(Fixture.entries(0, 1...10) + Fixture.entries(1, 1...10))
        let gate = Signal<Void>()
        let entered = Signal<Void>()
        journal.submit(.append([Fixture.entry(2, 1)])) { _ in
            entered.send(())
            _ = gate.wait(count: 1)
        }
        #expect(entered.wait(count: 1).count == 1)
        let before = journal.statistics.transactions
        let answers = Signal<JournalError?>()
        let writes: [JournalWrite] = [
            .append(Fixture.entries(0, 11...12) + Fixture.entries(1, 11...12)),
            .restart(partition: 0, behind: 8, term: 2),
            .hardState(partition: 0, HardState(term: 3)),
            .append([Fixture.entry(0, 13)]),
            .append(Fixture.entries(0, 9...11, term: 2) + [Fixture.entry(1, 13), Fixture.entry(2, 2)]),
            .truncate(partition: 0, from: 11),
            .truncate(partition: 1, from: 12),
            .restart(partition: 2, behind: 30, term: 1),
            .append([Fixture.entry(2, 31)]),
        ]
        for write in writes {
            journal.submit(write) { result in
                if case .failure(let error) = result { answers.send(error) } else { answers.send(nil) }
            }
        }
        gate.send(())
        let expected = JournalError.outOfOrder(partition: 0, expected: 9, found: 13)
        #expect(answers.wait(count: 9) == [nil, nil, nil, expected, nil, nil, nil, nil, nil])
        #expect(journal.statistics.transactions == before + 1)
        for _ in 0..<2 {
            #expect(try journal.all(0) == Fixture.entries(0, 9...10, term: 2))
            #expect(try journal.all(1) == Fixture.entries(1, 1...11))
            #expect(try journal.all(2) == [Fixture.entry(2, 31)])
            #expect(journal.hardState(0) == HardState(term: 3))
            #expect(try journal.verify().isSound)
            journal.close()
            journal = try open()
            #expect(journal.report.isSound && journal.report.entries == 14)
        }
        journal.close()
    }

    @Test("A point whose entry rotted is refused, and so is a partition that lost something")
    func damaged() throws {
        var journal = try open()
        try journal.appendNow(Fixture.entries(0, 1...10, size: 1_000))
        journal.close()
        journal = try open()
        let path = directory.file("j/journal-000001.sqlite")
        let bytes = RawFile.bytes(path)
        let needle = Fixture.entry(0, 6, size: 1_000).bytes.prefix(16)
        let place = try #require((0..<bytes.count - 16).first { bytes[$0..<$0 + 16].elementsEqual(needle) })
        RawFile.flipBit(1, at: place, of: path)
        let finding = JournalError.damaged(
            JournalFinding(partition: 0, indexes: 6...6, segment: 1, fault: .checksum))
        #expect(throws: finding) { try journal.commitNow(.restart(partition: 0, behind: 6, term: 1)) }
        // It is not the disk that failed: the others go on.
        try journal.appendNow([Fixture.entry(1, 1)])
        journal.close()
        journal = try open()
        #expect(throws: finding) { try journal.commitNow(.restart(partition: 0, behind: 50, term: 1)) }
        journal.close()
    }

    // MARK: Several segments

    @Test("Over many segments, with cuts and truncations between, what is there is right", arguments: Seeded.seeds(8))
    func manySegments(seed: UInt64) throws {
        var random = Seeded(seed)
        let limits = Fixture.limits(segment: 60_000)
        var journal = try open(limits)
        var models = (0..<3 as Range<UInt16>).map { RestartModel(partition: $0) }
        var segments = 0
        var step = 0
        // The next segment is made beside the writing: on a busy machine it takes more of that.
        while step < 250 || segments <= 2 {
            defer { step += 1 }
            try #require(step < 20_000, "no segment was made")
            let place = Int.random(in: 0..<3, using: &random)
            let write = models[place].next(&random)
            try journal.commitNow(write)
            segments = max(segments, journal.statistics.segments)
            if step % 25 == 24 {
                if Bool.random(using: &random) {
                    journal.close()
                    journal = try open(limits)
                    #expect(journal.report.isSound, "\(journal.report.findings)")
                }
                for model in models { try model.check(journal) }
                #expect(try journal.verify().isSound)
            }
        }
        // What older segments hold is forgotten, so they can go.
        for place in models.indices { try journal.commitNow(models[place].restartBeyond()) }
        journal.close()
        journal = try open(limits)
        #expect(journal.report.isSound && journal.report.entries == 0)
        for model in models { try model.check(journal) }
        journal.close()
    }

    @Test("A restart at the very index where a segment begins is no break of the chain")
    func atABoundary() throws {
        let limits = Fixture.limits(segment: 40_000)
        var journal = try open(limits)
        var last: UInt64 = 0
        // Partition 0 stands still while partition 1 fills segments: they all begin behind its last entry.
        try journal.appendNow(Fixture.entries(0, 1...10))
        while journal.statistics.segments < 4 {
            try journal.appendNow(Fixture.entries(1, last + 1...last + 20, size: 400))
            last += 20
        }
        try journal.commitNow(.restart(partition: 0, behind: 10, term: 7))
        try journal.appendNow([Fixture.entry(0, 11, term: 7)])
        for _ in 0..<2 {
            #expect(try journal.verify().isSound)
            #expect(try journal.all(0) == [Fixture.entry(0, 11, term: 7)])
            #expect(try journal.all(1) == Fixture.entries(1, 1...last, size: 400))
            journal.close()
            journal = try open(limits)
            #expect(journal.report.isSound, "\(journal.report.findings)")
        }
        journal.close()
    }

    @Test("A verification during which a partition begins anew takes the new log for no damage")
    func whileVerifying() throws {
        let journal = try open(Fixture.limits(segment: 40_000))
        defer { journal.close() }
        var last: UInt64 = 0
        while journal.statistics.segments < 3 {
            try journal.appendNow(Fixture.entries(0, last + 1...last + 20, size: 400))
            last += 20
        }
        var point: UInt64 = 0
        let report = try journal.verify { progress in
            guard point == 0, progress.segmentsDone == 1 else { return }
            point = last + 50
            do { try journal.commitNow(.restart(partition: 0, behind: point, term: 1)) } catch { Issue.record(error) }
        }
        #expect(report.isSound, "\(report.findings)")
        #expect(report.partitions.map(\.lastIndex) == [last + 50])
    }

    // MARK: Crashes

    @Test("The mark remembers a restart as soon as it does an entry")
    func marked() throws {
        var limits = Fixture.limits()
        (limits.markMilliseconds, limits.markEntries) = (3_600_000, 1)
        let journal = try open(limits)
        defer { journal.close() }
        for point in [30, 90] as [UInt64] {
            try journal.commitNow(.restart(partition: 0, behind: point, term: 2))
            let chain = EntryHasher().beginning(partition: 0, index: point, term: 2)
            let content = try MarkFile(path: directory.file("j/journal.mark")).read()
            #expect(content == .places([0: MarkFile.Place(index: point, chain: chain)]))
        }
    }

    /// Files as they were at some moment; the mark is apart, for it is written at others.
    private struct Moment {
        let file: [UInt8]
        let log: [UInt8]
        let mark: [UInt8]

        init(_ directory: String) {
            file = RawFile.bytes("\(directory)/journal-000001.sqlite")
            log = RawFile.bytes("\(directory)/journal-000001.sqlite-wal")
            mark = RawFile.bytes("\(directory)/journal.mark")
        }

        /// Opens what a crash would leave of these files, with the log cut short and that mark.
        func opened(log size: Int? = nil, mark: [UInt8], _ body: (Journal) throws -> Void) throws {
            let directory = TemporaryDirectory()
            RawFile.write(file, to: directory.file("journal-000001.sqlite"))
            RawFile.write(Array(log.prefix(size ?? log.count)), to: directory.file("journal-000001.sqlite-wal"))
            RawFile.write(mark, to: directory.file("journal.mark"))
            let journal = try Journal(directory: directory.path, limits: Fixture.limits())
            defer { journal.close() }
            try body(journal)
        }
    }

    @Test(
        "A crash at any moment of a restart leaves the old log or the new one, and the mark cries only over a loss",
        arguments: [1, 6, 9, 10, 11, 400] as [UInt64])
    func crash(point: UInt64) throws {
        var limits = Fixture.limits()
        (limits.markMilliseconds, limits.markEntries) = (3_600_000, .max)
        var journal = try open(limits)
        try journal.appendNow(Fixture.entries(0, 1...10) + Fixture.entries(1, 1...10))
        journal.close()
        journal = try open(limits)
        // The mark is due once after opening, and then not again.
        try journal.appendNow([Fixture.entry(1, 11)])
        let before = Moment(journal.directory)
        try journal.commitNow(.restart(partition: 0, behind: point, term: 3))
        let after = Moment(journal.directory)
        journal.close()
        let last = Moment(journal.directory)
        #expect((before.mark != after.mark) == (point < 10) && last.mark != after.mark)

        func isOld(_ journal: Journal) throws {
            #expect(journal.report.isSound, "\(journal.report.findings)")
            #expect(try journal.all(0) == Fixture.entries(0, 1...10))
            #expect(try journal.all(1) == Fixture.entries(1, 1...11))
            try journal.commitNow(.restart(partition: 0, behind: point, term: 3))
            try isNew(journal)
        }
        func isNew(_ journal: Journal) throws {
            #expect(journal.report.isSound, "\(journal.report.findings)")
            #expect(try journal.all(0).isEmpty)
            #expect(journal.firstIndex(0) == point + 1 && journal.lastTerm(0) == 3)
            #expect(try journal.all(1) == Fixture.entries(1, 1...11))
            try journal.appendNow([Fixture.entry(0, point + 1, term: 3)])
            #expect(try journal.verify().isSound)
        }
        // Before the mark is lowered, then before the transaction is whole, wherever it tears.
        try before.opened(mark: before.mark, isOld)
        for size in stride(from: before.log.count, to: after.log.count, by: 1_021) {
            try after.opened(log: size, mark: after.mark, isOld)
        }
        // Before the mark is raised, and when it is; half a raised mark is the lowered one.
        try after.opened(mark: after.mark, isNew)
        try after.opened(mark: last.mark, isNew)
        try last.opened(mark: last.mark, isNew)
        // The restart was acknowledged and is gone; had the mark not been lowered, it would cry without a loss.
        try before.opened(mark: last.mark) { #expect($0.report.partitions[0].problem != nil) }
        if point < 10 {
            try after.opened(mark: before.mark) { #expect($0.report.partitions[0].problem != nil) }
        }
        // Entries in front of the point are still told as lost while the restart is under way.
        try Moment(TemporaryDirectory().path).opened(mark: after.mark) { journal in
            #expect(journal.report.partitions.allSatisfy { $0.problem != nil })
        }
    }
}

/// What one partition must hold after a row of writes, and what may come next.
private struct RestartModel {
    let partition: UInt16
    private var cut: UInt64 = 0
    private var lastTerm: UInt64 = 0
    private var cutTerm: UInt64 = 0
    private var entries: [JournalEntry] = []

    init(partition: UInt16) { self.partition = partition }

    private var last: UInt64 { cut + UInt64(entries.count) }

    mutating func next(_ random: inout Seeded) -> JournalWrite {
        switch Int.random(in: 0..<10, using: &random) {
        case 0:
            let index = UInt64.random(in: cut + 1...last + 5, using: &random)
            return restart(behind: index, term: cutTerm + UInt64.random(in: 0...2, using: &random))
        case 1 where !entries.isEmpty:
            let kept = Int.random(in: 0..<entries.count, using: &random)
            entries.removeSubrange(kept...)
            lastTerm = entries.last?.term ?? cutTerm
            return .truncate(partition: partition, from: last + 1)
        case 2 where !entries.isEmpty:
            let count = Int.random(in: 1...entries.count, using: &random)
            cutTerm = entries[count - 1].term
            entries.removeFirst(count)
            cut += UInt64(count)
            return .cut(partition: partition, below: cut + 1)
        case _:
            lastTerm += UInt64.random(in: 0...1, using: &random)
            let count = UInt64.random(in: 1...12, using: &random)
            let more = Fixture.entries(partition, last + 1...last + count, term: lastTerm, size: 300)
            entries += more
            return .append(more)
        }
    }

    mutating func restartBeyond() -> JournalWrite { restart(behind: last + 10, term: lastTerm) }

    private mutating func restart(behind index: UInt64, term: UInt64) -> JournalWrite {
        (cut, cutTerm, lastTerm, entries) = (index, term, term, [])
        return .restart(partition: partition, behind: index, term: term)
    }

    func check(_ journal: Journal) throws {
        #expect(try journal.all(partition) == entries)
        #expect(journal.firstIndex(partition) == cut + 1 && journal.lastIndex(partition) == last)
        #expect(journal.lastTerm(partition) == lastTerm)
    }
}
