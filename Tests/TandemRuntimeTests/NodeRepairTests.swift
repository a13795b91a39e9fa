import Foundation
import TandemCore
import TandemJournal
import TandemReadModel
import TandemWire
import Testing

@testable import TandemRuntime

/// What a start does about states that are not to be believed.
@Suite("Repair at the start")
struct NodeRepairTests {
    private static let why = "its state differs from others'"

    /// A node's directory with one partition whose journal and store have five entries and whose state was found wrong.
    private func withWrongState(
        _ body: (
            _ directory: String, _ journal: Journal, _ told: Mutexed<[String]>, _ mend: () throws -> [UInt16: String]
        )
            throws -> Void
    ) throws {
        let directory = NSTemporaryDirectory() + "tandem-repair-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let folder = StateThread.folder(0, in: directory)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let journal = try Journal(directory: directory + "/journal")
        defer { journal.close() }
        let entries = (1...5 as ClosedRange<UInt64>).map {
            JournalEntry(partition: 0, index: $0, term: 1, time: 0, bytes: [UInt8(truncatingIfNeeded: $0)])
        }
        try journal.commitNow(.append(entries))
        try journal.commitNow(.meta(key: MarkWatch.distrustKey(0), value: Self.why))
        let store = try PartitionStore(directory: folder, partition: 0)
        try store.append(
            (1...5 as ClosedRange<UInt64>).map { index in
                CommittedEntry(
                    index: index, term: 1,
                    entry: Entry(
                        time: Timestamp(milliseconds: 0), minted: 0, key: nil, cause: .timer, answer: nil, events: []))
            })
        try store.flushRecords(upTo: 5, changed: [])
        store.close()
        let told = Mutexed<[String]>([])
        let repair = NodeRepair(journal: journal, directory: directory, partitions: 1, hasOthers: { _ in true }) {
            told.set(told.get() + ["\($0) \($1)"])
        }
        try body(directory, journal, told, repair.mendStores)
    }

    @Test("A journal that is busy is asked again, so often and no more; any other answer is one")
    func busy() throws {
        let busy = JournalError.busy(pendingBytes: 1, limit: 1)
        /// How often it was asked, and what came of it, when it first says this so many times.
        func ask(_ error: JournalError, _ times: Int) -> (asked: Int, error: JournalError?) {
            var asked = 0
            do throws(JournalError) {
                try NodeRepair.patiently { () throws(JournalError) in
                    asked += 1
                    if asked <= times { throw error }
                }
                return (asked, nil)
            } catch {
                return (asked, error)
            }
        }
        #expect(ask(busy, 0) == (1, nil))
        #expect(ask(busy, NodeRepair.triesMax - 1) == (NodeRepair.triesMax, nil))
        #expect(ask(busy, NodeRepair.triesMax) == (NodeRepair.triesMax, busy))
        #expect(ask(.diskFull, 1) == (1, .diskFull))
    }

    @Test("A state that was found wrong is made anew where the journal has all of it, and is believed then")
    func madeAnew() throws {
        try withWrongState { directory, journal, told, mend in
            let distrusted = try mend()
            #expect(distrusted == [:])
            #expect(journal.lastIndex(0) == 5 && journal.owed(0) == nil)
            #expect(journal.meta(MarkWatch.distrustKey(0)) == nil)
            let path = PartitionStore.path(in: StateThread.folder(0, in: directory))
            #expect(!FileManager.default.fileExists(atPath: path))
            #expect(told.get().count == 1 && told.get()[0].contains("made anew from the journal"))
        }
    }

    @Test(
        "Where the journal was cut the log is kept with the state: others may have need of it, and the state stays wrong"
    )
    func kept() throws {
        try withWrongState { directory, journal, told, mend in
            try journal.commitNow(.cut(partition: 0, below: 4))
            let distrusted = try mend()
            #expect(distrusted == [0: Self.why])
            #expect(journal.firstIndex(0) == 4 && journal.lastIndex(0) == 5 && journal.owed(0) == nil)
            #expect(journal.meta(MarkWatch.distrustKey(0)) == Self.why)
            #expect(
                FileManager.default.fileExists(atPath: PartitionStore.path(in: StateThread.folder(0, in: directory))))
            #expect(told.get() == ["0 \(Self.why)"])
        }
    }
}
