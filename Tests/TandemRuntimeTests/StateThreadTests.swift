import Foundation
import Synchronization
import TandemCore
import TandemJournal
import TandemReadModel
import TandemWire
import Testing

@testable import TandemRuntime

@Suite("The thread that writes the stores")
struct StateThreadTests {
    @Test(
        "A store is checkpointed, and the journal cut behind it, as soon as enough was written, not by the clock alone")
    func checkpointsByWork() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tandem-state-\(UUID())").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (cuts, log) = CutLog.make()
        let thread = try StateThread(directory: folder, partitions: 1, log: log, checkpointWork: 100)
        thread.onCheckpoint { log.cut($0, below: $1 + 1) { _ in } }
        thread.start()

        thread.append(entries(1...60), of: 0)
        thread.flush([], upTo: 60, of: 0) { _ in }
        try await whenApplied(60, thread)
        #expect(log.cutCount == 0, "60 entries are not enough")
        thread.append(entries(61...130), of: 0)
        try await whenApplied(130, thread)

        var first = cuts.makeAsyncIterator()
        // The records stand at entry 60: what came later is needed to bring them up to date after a power cut.
        #expect(await first.next() == 61)
        thread.stop()
        #expect(log.cutCount == 1)
    }

    private func entries(_ indexes: ClosedRange<UInt64>) -> [CommittedEntry] {
        indexes.map { index in
            CommittedEntry(
                index: index, term: 1,
                entry: Entry(
                    time: Timestamp(milliseconds: Int64(index)), minted: 0, key: nil, cause: .timer, answer: nil,
                    events: []))
        }
    }

    private func whenApplied(_ index: UInt64, _ thread: StateThread) async throws {
        try await withCheckedThrowingContinuation { done in
            thread.query(0, upTo: index, { _ in }, done: { done.resume(with: $0) })
        }
    }
}

/// A log without entries that tells below which index it is asked to cut.
private final class CutLog: EntryLog {
    private let cuts: AsyncStream<UInt64>.Continuation
    private let count = Atomic<Int>(0)
    var cutCount: Int { count.load(ordering: .relaxed) }

    private init(_ cuts: AsyncStream<UInt64>.Continuation) { self.cuts = cuts }

    static func make() -> (AsyncStream<UInt64>, CutLog) {
        let (stream, continuation) = AsyncStream<UInt64>.makeStream()
        return (stream, CutLog(continuation))
    }

    func refuseUntilThereIsRoom() {}
    func submit(_ write: JournalWrite, completion: @escaping JournalCompletion) {
        if case .cut(_, let below) = write {
            count.wrappingAdd(1, ordering: .relaxed)
            cuts.yield(below)
        }
        completion(.success(()))
    }
    func read(partition: UInt16, from index: UInt64, maximumBytes: Int) throws(JournalError) -> [JournalEntry] { [] }
    func firstIndex(_ partition: UInt16) -> UInt64 { 1 }
    func lastIndex(_ partition: UInt16) -> UInt64 { 0 }
    func lastTerm(_ partition: UInt16) -> UInt64 { 0 }
    func cutTerm(_ partition: UInt16) -> UInt64 { 0 }
    func hardState(_ partition: UInt16) -> HardState { HardState() }
    func meta(_ key: String) -> String? { nil }
}
