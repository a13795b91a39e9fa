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
        "A store is checkpointed, and the journal cut behind it, as soon as its log is long enough, not by the clock alone"
    )
    func checkpointsByWork() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tandem-state-\(UUID())").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (cuts, log) = CutLog.make()
        // What making the file takes; then each batch takes a page, for how far the store has come.
        try FileManager.default.createDirectory(atPath: folder + "/new", withIntermediateDirectories: true)
        let empty = try PartitionStore(directory: folder + "/new", partition: 0)
        let checkpointBytes = empty.unmovedBytes + 3 * 4_096
        empty.close()
        let thread = try StateThread(directory: folder, partitions: 1, log: log, checkpointBytes: checkpointBytes)
        thread.onCheckpoint { log.submit(.cut(partition: $0, below: $1 + 1)) { _ in } }
        thread.start()

        thread.append(entries(1...60), of: 0)
        thread.flush([], upTo: 60, of: 0) { _ in }
        try await whenApplied(60, thread)
        #expect(log.cutCount == 0, "two pages are not enough")
        thread.append(entries(61...130), of: 0)
        try await whenApplied(130, thread)

        var first = cuts.makeAsyncIterator()
        // The records stand at entry 60: what came later is needed to bring them up to date after a power cut.
        #expect(await first.next() == 61)
        thread.stop()
        #expect(log.cutCount == 1)
    }

    @Test("While a store is replaced queries wait, then they see the new one, whoever had the old one open")
    func exchange() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tandem-state-\(UUID())").path
        try FileManager.default.createDirectory(atPath: folder + "/new", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let other = try PartitionStore(directory: folder + "/new", partition: 1)
        try other.append(entries(1...50))
        try other.flushRecords(upTo: 50, changed: [])
        other.close()
        let thread = try StateThread(directory: folder, partitions: 2, log: CutLog.make().1)
        thread.start()
        for partition in 0..<UInt16(2) { thread.append(entries(1...20), of: partition) }
        // Both readers have it open.
        for _ in 0..<2 { try await whenApplied(20, thread, of: 1) }

        let (new, old) = (PartitionStore.path(in: folder + "/new"), PartitionStore.path(in: thread.folder(of: 1)))
        let flushed = Mutexed<Bool?>(nil)
        let failures = Mutexed<Int>(1)
        let marks = try await withThrowingTaskGroup(of: UInt64.self) { group in
            // Waits for an entry that only the new store brings.
            group.addTask { try await self.applied(in: thread, upTo: 45) }
            try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
                thread.exchange(1) {
                    // What the old life of the partition still had to write is of no use any more.
                    thread.append(self.entries(21...22), of: 1)
                    thread.flush([], upTo: 22, of: 1) { flushed.set($0) }
                    #expect(!thread.holdCuts(true), "no backup begins now")
                    if failures.get() > 0 {
                        failures.set(failures.get() - 1)
                        throw CancellationError()
                    }
                    try FileSystem.remove(old + "-wal")
                    try FileSystem.remove(old + "-shm")
                    try FileSystem.rename(new, to: old)
                } trouble: { _ in
                    // The other partition goes on meanwhile, and this one answers nobody.
                    thread.append(self.entries(21...30), of: 0)
                } done: {
                    done.resume()
                }
            }
            for _ in 0..<4 { group.addTask { try await self.applied(in: thread, upTo: 0) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(marks == [50, 50, 50, 50, 50])
        #expect(flushed.get() == false && failures.get() == 0)
        try await whenApplied(30, thread)
        #expect(thread.lag == 0)
        // Its partition hears of the new state a little later, and goes on with the old one until then.
        let late = Mutexed<Bool?>(nil)
        thread.append(entries(23...24), of: 1)
        thread.flush([], upTo: 24, of: 1) { late.set($0) }
        thread.append(entries(51...60), of: 1)
        try await whenApplied(60, thread, of: 1)
        #expect(late.get() == false && thread.trouble(of: 1) == nil && thread.lag == 0)
        thread.stop()
    }

    @Test("A store is not replaced while a backup is made")
    func exchangeAfterBackup() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tandem-state-\(UUID())").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let thread = try StateThread(directory: folder, partitions: 1, log: CutLog.make().1)
        thread.start()
        #expect(thread.holdCuts(true))
        let isHeld = Mutexed<Bool>(true)
        await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
            thread.exchange(0) {
                #expect(!isHeld.get())
            } trouble: { _ in
            } done: {
                done.resume()
            }
            #expect(!thread.isExchanging(0))
            isHeld.set(false)
            _ = thread.holdCuts(false)
        }
        thread.stop()
    }

    private func applied(in thread: StateThread, upTo index: UInt64) async throws -> UInt64 {
        try await withCheckedThrowingContinuation { done in
            thread.query(1, upTo: index, { try $0.mark().applied }, done: { done.resume(with: $0) })
        }
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

    private func whenApplied(_ index: UInt64, _ thread: StateThread, of partition: UInt16 = 0) async throws {
        try await withCheckedThrowingContinuation { done in
            thread.query(partition, upTo: index, { _ in }, done: { done.resume(with: $0) })
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
    func owed(_ partition: UInt16) -> OwedStretch? { nil }
    func meta(_ key: String) -> String? { nil }
}
