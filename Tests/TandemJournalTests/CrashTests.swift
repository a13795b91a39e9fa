import Glibc
import Testing

@testable import TandemJournal

/// Processes that die, and logs that end in the middle of a write.
@Suite("Crashes")
struct CrashTests {
    let directory = TemporaryDirectory()

    // MARK: kill -9

    @Test("After kill -9 everything acknowledged is there and sound, time after time", arguments: Seeded.seeds(6))
    func kill(seed: UInt64) async throws {
        for round in 0..<3 as Range<UInt64> {
            let node = KilledNode(directory: directory.path, seed: seed, round: round)
            await #expect(processExitsWith: .signal(SIGKILL)) { [node = node as KilledNode] in try node.run() }
            let journal = try Journal(directory: directory.file("j"), limits: KilledNode.limits)
            defer { journal.close() }
            #expect(journal.report.isSound, "\(journal.report.findings)")
            let acknowledged = RawFile.bytes(directory.file("acknowledged-\(round)"))
            #expect(!acknowledged.isEmpty)
            for start in stride(from: 0, to: acknowledged.count - 9, by: 10) {
                let bytes = acknowledged[start..<start + 10]
                let partition = UInt16(bytes[start]) << 8 | UInt16(bytes[start + 1])
                let index = bytes.dropFirst(2).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
                #expect(journal.lastIndex(partition) >= index)
            }
            for partition in 0..<KilledNode.partitions {
                let last = journal.lastIndex(partition)
                if last > 0 { #expect(try journal.all(partition) == Fixture.entries(partition, 1...last, size: 400)) }
            }
        }
    }

    @Test("After kill -9 among restarts no mark cries and none of it is half done", arguments: Seeded.seeds(8))
    func killRestarting(seed: UInt64) async throws {
        for round in 0..<3 as Range<UInt64> {
            let node = RestartingNode(directory: directory.path, seed: seed, round: round)
            await #expect(processExitsWith: .signal(SIGKILL)) { [node = node as RestartingNode] in try node.run() }
            let journal = try Journal(directory: directory.path, limits: RestartingNode.limits)
            defer { journal.close() }
            #expect(journal.report.isSound, "\(journal.report)")
            let (first, last) = (journal.firstIndex(0), journal.lastIndex(0))
            let expected = first > last ? [] : Fixture.entries(0, first...last, term: journal.lastTerm(0))
            #expect(try journal.all(0) == expected)
        }
    }

    // MARK: Torn logs

    /// A journal as a crash leaves it: copied while it was open. The mark knows all, or next to nothing.
    private struct Left {
        let directory = TemporaryDirectory()
        let last: UInt64 = 200
        let perTransaction: UInt64 = 5
        /// The log's size before the last transaction.
        let sizeBeforeLast: Int

        init(markMilliseconds: Int) throws {
            let source = TemporaryDirectory()
            var limits = Fixture.limits()
            limits.markMilliseconds = markMilliseconds
            limits.markEntries = markMilliseconds == 0 ? 1 : .max
            let journal = try Journal(directory: source.path, limits: limits)
            defer { journal.close() }
            var size = 0
            for start in stride(from: 1, to: last, by: Int(perTransaction)) as StrideTo<UInt64> {
                size = RawFile.bytes(source.file("journal-000001.sqlite-wal")).count
                try journal.appendNow(Fixture.entries(0, start...start + perTransaction - 1))
            }
            sizeBeforeLast = size
            for name in source.names.filter({ $0.hasPrefix("journal-000001.sqlite") || $0 == "journal.mark" }) {
                if !name.hasSuffix("-shm") { RawFile.copy(source.file(name), to: directory.file(name)) }
            }
        }
    }

    private static let leftWithMark = Result { try Left(markMilliseconds: 0) }
    private static let leftWithoutMark = Result { try Left(markMilliseconds: 3_600_000) }

    private func take(_ left: Left) -> String {
        for name in left.directory.names { RawFile.copy(left.directory.file(name), to: directory.file(name)) }
        return directory.file("journal-000001.sqlite-wal")
    }

    private func damage(_ path: String, from low: Int = 0, _ random: inout Seeded) {
        let size = RawFile.bytes(path).count
        let place = Int.random(in: low..<size, using: &random)
        let count = min(Int.random(in: 1...600, using: &random), size - place)
        RawFile.write((0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }, to: path, at: place)
    }

    /// The last index after opening, and whether anybody said that something is wrong. What is there must be right.
    private func open() throws -> (last: UInt64, wasTold: Bool) {
        let journal: Journal
        do {
            journal = try Journal(directory: directory.path, limits: Fixture.limits())
        } catch {
            return (0, true)
        }
        defer { journal.close() }
        let last = journal.lastIndex(0)
        if last > 0 { #expect(try journal.all(0) == Fixture.entries(0, 1...last)) }
        return (last, !journal.report.isSound)
    }

    @Test(
        "A log cut short or overwritten anywhere is never silently shorter than the mark", arguments: Seeded.seeds(60))
    func tornWithMark(seed: UInt64) throws {
        var random = Seeded(seed)
        let left = try Self.leftWithMark.get()
        let path = take(left)
        if Bool.random(using: &random) {
            RawFile.cut(path, to: Int.random(in: 0..<RawFile.bytes(path).count, using: &random))
        } else {
            damage(path, &random)
        }
        let (last, wasTold) = try open()
        #expect(last == left.last || wasTold)
    }

    @Test("Damage in front of the last transaction is noticed without the mark", arguments: Seeded.seeds(60))
    func damagedInside(seed: UInt64) throws {
        var random = Seeded(seed)
        let left = try Self.leftWithoutMark.get()
        damage(take(left), &random)
        let (last, wasTold) = try open()
        #expect(last == left.last || last == left.last - left.perTransaction || wasTold)
    }

    @Test("A journal whose log was damaged inside takes nothing more and keeps its evidence")
    func damagedInsideKeepsEvidence() throws {
        let left = try Self.leftWithoutMark.get()
        let path = take(left)
        RawFile.flipBit(0, at: left.sizeBeforeLast / 2, of: path)
        let before = RawFile.bytes(path)
        for _ in 0..<2 {
            let journal = try Journal(directory: directory.path, limits: Fixture.limits())
            let problem = try #require(journal.report.partitions.first?.problem)
            guard case .tailLost(segment: 1, let transactions) = problem else {
                Issue.record("the problem is \(problem)")
                return
            }
            #expect(transactions > 10)
            let next = journal.lastIndex(0) + 1
            #expect(throws: problem) { try journal.appendNow([Fixture.entry(0, next)]) }
            #expect(throws: problem) { try journal.commitNow(.hardState(partition: 0, HardState(term: 1))) }
            journal.close()
            #expect(RawFile.bytes(path) == before)
        }
    }

    @Test(
        "A torn, never acknowledged tail is dropped, and the journal goes on, crash after crash",
        arguments: Seeded.seeds(15))
    func tornTail(seed: UInt64) throws {
        var random = Seeded(seed)
        let left = try Self.leftWithoutMark.get()
        let path = take(left)
        if Bool.random(using: &random) {
            RawFile.cut(path, to: Int.random(in: left.sizeBeforeLast..<RawFile.bytes(path).count, using: &random))
        } else {
            damage(path, from: left.sizeBeforeLast, &random)
        }
        var kept = left.last - left.perTransaction
        for _ in 0..<3 {
            let next = TemporaryDirectory()
            let journal = try Journal(directory: directory.path, limits: Fixture.limits())
            #expect(journal.report.isSound, "\(journal.report)")
            #expect(journal.lastIndex(0) == kept)
            let more = UInt64.random(in: 1...8, using: &random)
            for _ in 0..<more {
                kept += 1
                try journal.appendNow([Fixture.entry(0, kept)])
            }
            // The crash comes in the middle of one more transaction, of which the mark cannot know.
            let mark = RawFile.bytes(directory.file("journal.mark"))
            let sizeBefore = RawFile.bytes(path).count
            try journal.appendNow(Fixture.entries(0, kept + 1...kept + UInt64.random(in: 1...60, using: &random)))
            for name in ["journal-000001.sqlite", "journal-000001.sqlite-wal"] {
                RawFile.copy(directory.file(name), to: next.file(name))
            }
            let torn = next.file("journal-000001.sqlite-wal")
            RawFile.cut(torn, to: Int.random(in: sizeBefore..<RawFile.bytes(torn).count, using: &random))
            journal.close()
            for name in directory.names { unlink(directory.file(name)) }
            for name in next.names { RawFile.copy(next.file(name), to: directory.file(name)) }
            RawFile.write(mark, to: directory.file("journal.mark"))
        }
    }

    @Test("A journal restored from an older copy is told by the mark")
    func restored() throws {
        var journal = try Journal(directory: directory.path, limits: Fixture.limits())
        try journal.appendNow(Fixture.entries(0, 1...5) + Fixture.entries(1, 1...5))
        journal.close()
        let old = RawFile.bytes(directory.file("journal-000001.sqlite"))
        journal = try Journal(directory: directory.path, limits: Fixture.limits())
        try journal.appendNow(Fixture.entries(0, 6...9))
        journal.close()
        RawFile.write(old, to: directory.file("journal-000001.sqlite"), truncate: true)
        for _ in 0..<2 {
            journal = try Journal(directory: directory.path, limits: Fixture.limits())
            let problem = JournalError.shorterThanMark(partition: 0, mark: 9, last: 5)
            #expect(journal.report.partitions.map(\.problem) == [problem, nil])
            #expect(throws: problem) { try journal.appendNow([Fixture.entry(0, 6)]) }
            // The other partition goes on, and the mark with it; what it remembers of this one stays.
            try journal.appendNow([Fixture.entry(1, journal.lastIndex(1) + 1)])
            journal.close()
        }
        for name in directory.names where name.hasPrefix("journal-") { unlink(directory.file(name)) }
        journal = try Journal(directory: directory.path, limits: Fixture.limits())
        #expect(journal.report.partitions.map(\.lastIndex) == [0, 0])
        #expect(journal.report.partitions.allSatisfy { $0.problem != nil })
        journal.close()
    }

    @Test("Another history than the one the mark knows is told, and so is a lost mark")
    func otherHistory() throws {
        let other = TemporaryDirectory()
        for (place, term) in [(directory.path, 1), (other.path, 2)] as [(String, UInt64)] {
            let journal = try Journal(directory: place, limits: Fixture.limits())
            try journal.appendNow(Fixture.entries(0, 1...5, term: term))
            journal.close()
        }
        RawFile.copy(other.file("journal.mark"), to: directory.file("journal.mark"))
        var journal = try Journal(directory: directory.path, limits: Fixture.limits())
        #expect(
            journal.report.findings == [JournalFinding(partition: 0, indexes: 5...5, segment: 1, fault: .mark)])
        journal.close()
        unlink(directory.file("journal.mark"))
        journal = try Journal(directory: directory.path, limits: Fixture.limits())
        #expect(journal.report.isSound && journal.report.mark == .unreadable)
        journal.close()
    }
}

/// What runs in the process that is killed: appends from several threads until a number of acknowledgements that the
/// seed says, then SIGKILL from another thread, wherever the journal then is.
private struct KilledNode: Codable {
    static let partitions: UInt16 = 3
    let directory: String
    let seed: UInt64
    let round: UInt64

    static var limits: JournalLimits {
        var limits = Fixture.limits(segment: 300_000)
        limits.pendingBytes = 64 << 10
        return limits
    }

    func run() throws {
        var random = Seeded(seed << 8 | round)
        let target = Int.random(in: 1...1_500, using: &random)
        let journal = try Journal(directory: "\(directory)/j", limits: Self.limits)
        let file = open("\(directory)/acknowledged-\(round)", O_WRONLY | O_CREAT | O_APPEND, 0o600)
        let count = Monitor(0)
        for partition in 0..<Self.partitions {
            let first = journal.lastIndex(partition) + 1
            _ = WorkerThread(name: "appender") { append(to: journal, partition, from: first, file, count) }
        }
        count.wait { count, _ -> Void? in count >= target ? () : nil }
        kill(getpid(), SIGKILL)
    }

    private func append(
        to journal: Journal, _ partition: UInt16, from first: UInt64, _ file: Int32, _ count: Monitor<Int>
    ) {
        var next = first
        while true {
            let batch = Fixture.entries(partition, next...next + next % 4, size: 400)
            let last = next + next % 4
            let answer = Signal<Bool>()
            journal.submit(.append(batch)) { result in
                guard case .success = result else { return answer.send(false) }
                var bytes = [UInt8(partition >> 8), UInt8(partition & 0xff)]
                for shift in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(last >> UInt64(shift) & 0xff)) }
                write(file, bytes, bytes.count)
                answer.send(true)
                count.withLock { $0 += 1 }
                count.wake()
            }
            guard answer.wait(count: 1) == [true] else { return }
            next = last + 1
        }
    }
}

/// What runs in another process that is killed: begins its log anew again and again, mostly taking entries back, each
/// time in a new term and with the mark at the last entry.
private struct RestartingNode: Codable {
    let directory: String
    let seed: UInt64
    let round: UInt64

    static var limits: JournalLimits {
        var limits = Fixture.limits(segment: 200_000)
        limits.markEntries = 1
        return limits
    }

    func run() throws {
        var random = Seeded(seed << 8 | round)
        let target = Int.random(in: 1...60, using: &random)
        let delay = Int.random(in: 0...4, using: &random)
        let journal = try Journal(directory: directory, limits: Self.limits)
        let count = Monitor(0)
        _ = WorkerThread(name: "killer") {
            count.wait { count, _ -> Void? in count >= target ? () : nil }
            // Anywhere in what comes next.
            count.wait(milliseconds: delay) { _, isOver -> Void? in isOver ? () : nil }
            kill(getpid(), SIGKILL)
        }
        while true {
            let last = journal.lastIndex(0)
            let term = journal.lastTerm(0) + 1
            let point = UInt64.random(in: journal.firstIndex(0)...last + 2, using: &random)
            try journal.commitNow(.restart(partition: 0, behind: point, term: term))
            try journal.appendNow(Fixture.entries(0, point + 1...point + 9, term: term))
            count.withLock { $0 += 1 }
            count.wake()
        }
    }
}
