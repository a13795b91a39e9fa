import Glibc
import Testing

@testable import TandemJournal

@Suite("Journal")
struct JournalTests {
    let directory = TemporaryDirectory()

    private func open(_ limits: JournalLimits = Fixture.limits()) throws -> Journal {
        try Journal(directory: directory.file("j"), limits: limits)
    }

    @Test("Entries of several partitions come back as they were, before and after opening again")
    func roundTrip() throws {
        var journal = try open()
        #expect(journal.report.mark == .new)
        try journal.appendNow(Fixture.entries(0, 1...10) + Fixture.entries(7, 1...3, term: 2))
        try journal.appendNow([Fixture.entry(0, 11, term: 2, size: 0)])
        for _ in 0..<2 {
            #expect(try journal.all(0) == Fixture.entries(0, 1...10) + [Fixture.entry(0, 11, term: 2, size: 0)])
            #expect(try journal.all(7) == Fixture.entries(7, 1...3, term: 2))
            #expect(try journal.all(1).isEmpty)
            #expect(journal.firstIndex(0) == 1 && journal.lastIndex(0) == 11 && journal.lastTerm(0) == 2)
            #expect(journal.firstIndex(1) == 1 && journal.lastIndex(1) == 0 && journal.lastTerm(1) == 0)
            journal.close()
            journal = try open()
            #expect(journal.report.isSound && journal.report.mark == .read)
            #expect(journal.report.entries == 14)
        }
        #expect(directory.names == ["j"])
        journal.close()
        #expect(
            TemporaryDirectory.names(in: journal.directory)
                == ["journal-000001.sqlite", "journal.lock", "journal.mark", "journal.reserve"])
    }

    @Test("Reading gives at least one entry and no more than fit")
    func readingIsBounded() throws {
        let journal = try open()
        defer { journal.close() }
        try journal.appendNow(Fixture.entries(0, 1...20, size: 100))
        #expect(try journal.read(partition: 0, from: 3, maximumBytes: 1).map(\.index) == [3])
        #expect(try journal.read(partition: 0, from: 3, maximumBytes: 350).map(\.index) == [3, 4, 5])
        #expect(try journal.read(partition: 0, from: 19, maximumBytes: 350).map(\.index) == [19, 20])
        #expect(try journal.read(partition: 0, from: 21, maximumBytes: 350).isEmpty)
        #expect(throws: JournalError.compacted(partition: 0, first: 1)) {
            try journal.read(partition: 0, from: 0, maximumBytes: 1)
        }
    }

    @Test("What does not follow is refused as a whole, and the next that does is taken")
    func order() throws {
        let journal = try open()
        defer { journal.close() }
        try journal.appendNow(Fixture.entries(0, 1...2, term: 3))
        #expect(throws: JournalError.outOfOrder(partition: 0, expected: 3, found: 4)) {
            try journal.appendNow(Fixture.entries(1, 1...2) + [Fixture.entry(0, 4, term: 3)])
        }
        #expect(throws: JournalError.termFell(partition: 0, index: 3, from: 3, to: 2)) {
            try journal.appendNow([Fixture.entry(0, 3, term: 2)])
        }
        #expect(journal.lastIndex(1) == 0)
        try journal.appendNow([Fixture.entry(0, 3, term: 3), Fixture.entry(1, 1)])
        #expect(journal.lastIndex(0) == 3 && journal.lastIndex(1) == 1)
    }

    @Test("Hard state and the node's facts are there after opening again")
    func bookkeeping() throws {
        var journal = try open()
        try journal.commitNow(.hardState(partition: 3, HardState(term: 9, votedFor: .max)))
        try journal.commitNow(.meta(key: "nodeID", value: "n-1"))
        try journal.commitNow(.meta(key: "testClock", value: "60"))
        try journal.commitNow(.meta(key: "testClock", value: nil))
        for _ in 0..<2 {
            #expect(journal.hardState(3) == HardState(term: 9, votedFor: .max))
            #expect(journal.hardState(0) == HardState())
            #expect(journal.meta("nodeID") == "n-1" && journal.meta("testClock") == nil)
            journal.close()
            journal = try open()
        }
        try journal.commitNow(.hardState(partition: 3, HardState(term: 10)))
        #expect(journal.hardState(3).votedFor == nil)
        journal.close()
    }

    @Test("Whatever waits while the disk is busy goes into one transaction")
    func groupCommit() throws {
        let journal = try open()
        defer { journal.close() }
        let done = Signal<Int>()
        let gate = Signal<Void>()
        // The writer's thread waits in this completion, as it would for a slow disk.
        journal.submit(.append([Fixture.entry(0, 1)])) { _ in _ = gate.wait(count: 1) }
        for index in 2...500 as ClosedRange<UInt64> {
            journal.submit(.append([Fixture.entry(0, index)])) { result in
                if case .success = result { done.send(Int(index)) }
            }
        }
        gate.send(())
        #expect(done.wait(count: 499) == Array(2...500))
        let statistics = journal.statistics
        #expect(statistics.entries == 500 && statistics.writes == 500)
        #expect(statistics.transactions <= 3)
        #expect(statistics.commitMicroseconds.counts.reduce(0, +) == statistics.transactions)
    }

    @Test("Appends from many threads each follow their own partition and are all there")
    func manyThreads() throws {
        let journal = try open()
        defer { journal.close() }
        let done = Signal<JournalError?>()
        let threads = (0..<8 as Range<UInt16>).map { partition in
            WorkerThread(name: "appender") {
                for index in 1...200 as ClosedRange<UInt64> {
                    journal.submit(.append([Fixture.entry(partition, index)])) { result in
                        if case .failure(let error) = result { done.send(error) } else { done.send(nil) }
                    }
                }
            }
        }
        for thread in threads { thread.join() }
        #expect(done.wait(count: 1_600).allSatisfy { $0 == nil })
        for partition in 0..<8 as Range<UInt16> {
            #expect(try journal.all(partition) == Fixture.entries(partition, 1...200))
        }
        #expect(try journal.verify().isSound)
    }

    @Test("Readers see a gapless beginning of the log while it grows")
    func concurrentReaders() throws {
        let journal = try open(Fixture.limits(segment: 200_000))
        defer { journal.close() }
        let problems = Signal<String>()
        let isOver = Monitor(false)
        let readers = (0..<3).map { _ in
            WorkerThread(name: "reader") {
                while true {
                    let wasOver = isOver.withLock { $0 }
                    do {
                        let entries = try journal.all(0)
                        if entries.map(\.index) != Array(1..<UInt64(entries.count + 1)) { problems.send("a gap") }
                    } catch {
                        problems.send("\(error)")
                    }
                    if wasOver { return }
                }
            }
        }
        for start in stride(from: 1, to: 5_000, by: 50) as StrideTo<UInt64> {
            try journal.appendNow(Fixture.entries(0, start...start + 49))
        }
        isOver.withLock { $0 = true }
        for reader in readers { reader.join() }
        #expect(problems.wait(count: 0).isEmpty)
        #expect(journal.statistics.segments > 1)
    }

    @Test("More than may wait is refused at once, entries too big as well, and nothing after closing")
    func limits() throws {
        var limits = Fixture.limits()
        limits.pendingBytes = 10_000
        limits.entryBytes = 2_000
        let journal = try open(limits)
        let gate = Signal<Void>()
        let results = Signal<JournalError?>()
        let entered = Signal<Void>()
        journal.submit(.append([Fixture.entry(0, 1)])) { _ in
            entered.send(())
            _ = gate.wait(count: 1)
        }
        #expect(entered.wait(count: 1).count == 1)
        for index in 2...20 as ClosedRange<UInt64> {
            journal.submit(.append([Fixture.entry(0, index, size: 1_000)])) { result in
                if case .failure(let error) = result { results.send(error) } else { results.send(nil) }
            }
        }
        let refused = results.wait(count: 1)
        #expect(refused.allSatisfy { if case .busy(_, 10_000) = $0 { true } else { false } })
        #expect(throws: JournalError.entryTooLarge(partition: 0, index: 2, bytes: 2_001, limit: 2_000)) {
            try journal.appendNow([Fixture.entry(0, 2, size: 2_001)])
        }
        gate.send(())
        let answers = results.wait(count: 19)
        #expect(answers.filter { $0 == nil }.count == Int(journal.lastIndex(0)) - 1)
        #expect(answers.contains { $0 == nil })
        journal.close()
        #expect(throws: JournalError.closed) { try journal.appendNow([Fixture.entry(0, 2)]) }
        #expect(throws: JournalError.closed) { try journal.read(partition: 0, from: 1, maximumBytes: 1) }
    }

    @Test("A directory is opened once, and the second attempt says by whom")
    func lock() throws {
        let journal = try open()
        let expected = JournalError.locked(directory: journal.directory, process: getpid())
        #expect(throws: expected) { try open() }
        journal.close()
        try open().close()
    }

    @Test("A cut entry is gone, a truncated one can be written anew, and both stay so")
    func cutAndTruncate() throws {
        var journal = try open()
        try journal.appendNow(Fixture.entries(0, 1...10))
        try journal.commitNow(.cut(partition: 0, below: 4))
        try journal.commitNow(.truncate(partition: 0, from: 8))
        try journal.commitNow(.cut(partition: 0, below: 2))
        #expect(journal.lastIndex(0) == 7)
        try journal.appendNow([Fixture.entry(0, 8, term: 2)])
        for _ in 0..<2 {
            #expect(try journal.all(0) == Fixture.entries(0, 4...7) + [Fixture.entry(0, 8, term: 2)])
            #expect(throws: JournalError.compacted(partition: 0, first: 4)) {
                try journal.read(partition: 0, from: 3, maximumBytes: 1)
            }
            #expect(try journal.verify().isSound)
            journal.close()
            journal = try open()
            #expect(journal.report.isSound)
        }
        #expect(throws: JournalError.outOfRange(partition: 0, index: 3, first: 4, last: 8)) {
            try journal.commitNow(.truncate(partition: 0, from: 3))
        }
        #expect(throws: JournalError.outOfRange(partition: 0, index: 10, first: 4, last: 8)) {
            try journal.commitNow(.cut(partition: 0, below: 10))
        }
        try journal.commitNow(.cut(partition: 0, below: 9))
        #expect(journal.firstIndex(0) == 9 && journal.lastIndex(0) == 8 && journal.lastTerm(0) == 2)
        journal.close()
        journal = try open()
        #expect(journal.firstIndex(0) == 9 && journal.lastIndex(0) == 8 && journal.lastTerm(0) == 2)
        try journal.appendNow([Fixture.entry(0, 9, term: 2)])
        #expect(try journal.all(0).map(\.index) == [9])
        journal.close()
    }
}
