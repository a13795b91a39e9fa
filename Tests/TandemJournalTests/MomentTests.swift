import Glibc
import TestPrograms
import Testing

@testable import TandemJournal

/// What cannot be read for the moment is not damaged: who took it for that would forget what it has acknowledged.
@Suite("Journals that cannot be read for the moment")
struct MomentTests {
    private static func isOfTheMoment(_ body: () throws -> Void) -> Bool {
        do {
            try body()
            return false
        } catch {
            if case JournalError.unreadable = error { return true }
            return false
        }
    }

    @Test("Without descriptors nothing is found damaged, at work or at the start; with some all is there")
    func noDescriptors() async {
        await #expect(processExitsWith: .success) {
            let directory = TemporaryDirectory()
            let limits = Fixture.limits(segment: 64 << 10)
            // Nobody sees what this process prints: its status says what was wrong.
            func check(_ isRight: Bool, _ line: Int32 = #line) { if !isRight { exit(line) } }
            func open() throws -> Journal { try Journal(directory: directory.path, limits: limits) }
            var journal = try open()
            while journal.statistics.segments < 5 {
                try journal.appendNow([Fixture.entry(0, journal.lastIndex(0) + 1, size: 4_000)])
            }
            let last = journal.lastIndex(0)
            journal.close()
            journal = try open()
            journal.dropCaches()
            var used = try Descriptors.takeAll()
            check(Self.isOfTheMoment { _ = try journal.read(partition: 0, from: 1, maximumBytes: .max) })
            check(Self.isOfTheMoment { _ = try journal.verify() })
            for descriptor in used { close(descriptor) }
            check(try journal.verify().isSound)
            journal.close()
            // With one more each time it gets further: it starts with all there is, or not at all.
            used = try Descriptors.takeAll()
            var (refused, begun) = (0, 0)
            for descriptor in used {
                close(descriptor)
                guard let again = try? open() else {
                    refused += 1
                    continue
                }
                begun += 1
                check(again.report.isSound && again.lastIndex(0) == last)
                again.close()
            }
            check(refused > 5 && begun > 5)
            exit(EXIT_SUCCESS)
        }
    }

    @Test("A start while somebody reads a log that a crash left does not take it for damaged, and is refused")
    func reader() throws {
        let (directory, crashed) = (TemporaryDirectory(), TemporaryDirectory())
        var limits = Fixture.limits(segment: 64 << 10)
        limits.restMilliseconds = 600_000
        limits.restingMax = 1_000
        let journal = try Journal(directory: directory.path, limits: limits)
        while journal.statistics.segments < 4 {
            try journal.appendNow([Fixture.entry(0, journal.lastIndex(0) + 1, size: 4_000)])
        }
        let last = journal.lastIndex(0)
        for name in directory.names where name.hasPrefix("journal") {
            RawFile.copy(directory.file(name), to: crashed.file(name))
        }
        journal.close()
        let reader = try Database(path: crashed.file(Segment.name(1)), access: .readOnly)
        try reader.execute("BEGIN")
        #expect(try reader.integer("SELECT count(*) FROM entry") ?? 0 > 0)
        #expect(Self.isOfTheMoment { _ = try Journal(directory: crashed.path, limits: limits) })
        reader.close()
        let again = try Journal(directory: crashed.path, limits: limits)
        defer { again.close() }
        #expect(again.report.isSound && again.lastIndex(0) == last)
    }
}
