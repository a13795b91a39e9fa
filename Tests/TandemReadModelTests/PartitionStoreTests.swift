import TandemCore
import TandemJournal
import TandemWire
import Testing

@testable import TandemReadModel

@Suite("A partition's store")
struct PartitionStoreTests {
    /// Appends `entries` in batches of the given sizes, over and over.
    private func write(_ entries: [CommittedEntry], to directory: String, batches: [Int]) throws {
        let store = try PartitionStore(directory: directory, partition: 3)
        var rest = entries[...]
        var turn = 0
        while !rest.isEmpty {
            let size = batches[turn % batches.count]
            try store.append(Array(rest.prefix(size)))
            rest = rest.dropFirst(size)
            turn += 1
        }
        store.close()
    }

    @Test("The same entries give the same rows, in one batch, in many, and after being given twice")
    func batchesDoNotShow() throws {
        for seed: UInt64 in [1, 2, 3] {
            let day = Day(seed: seed, turns: 1_500)
            let (whole, single, mixed, twice) = try (Scratch(), Scratch(), Scratch(), Scratch())
            try write(day.entries, to: whole.path, batches: [.max])
            let expected = try Dump.text(of: whole.path)
            try write(day.entries, to: single.path, batches: [1])
            #expect(try Dump.text(of: single.path) == expected, "seed \(seed), one by one")
            try write(day.entries, to: mixed.path, batches: [3, 50, 1, 400])
            #expect(try Dump.text(of: mixed.path) == expected, "seed \(seed), mixed")
            try write(Array(day.entries.prefix(700)), to: twice.path, batches: [100])
            try write(day.entries, to: twice.path, batches: [90])
            #expect(try Dump.text(of: twice.path) == expected, "seed \(seed), twice")
        }
    }

    @Test("A closed store has let go of its file: it does no harm to another one that takes its place")
    func closed() throws {
        let day = Day(seed: 4, turns: 60)
        let (mine, other) = try (Scratch(), Scratch())
        let old = try PartitionStore(directory: mine.path, partition: 3)
        try old.append(Array(day.entries.prefix(20)))
        old.close()
        let path = PartitionStore.path(in: mine.path)
        #expect(FileSystem.size(of: path + "-wal") == nil, "everything is in the file itself")
        #expect(throws: StoreError.self) { try old.append(Array(day.entries.prefix(21))) }
        try write(day.entries, to: other.path, batches: [.max])
        try FileSystem.rename(PartitionStore.path(in: other.path), to: path)
        let new = try PartitionStore(directory: mine.path, partition: 3)
        try new.flushRecords(upTo: 7, changed: [])
        withExtendedLifetime(old) {}
        #expect(FileSystem.size(of: path + "-wal") != nil)
        #expect(try StoreReader(directory: mine.path).mark().recordsApplied == 7)
        new.close()
    }

    @Test("What a killed process leaves goes on after the entry it had applied")
    func crash() throws {
        let day = Day(seed: 4, turns: 600)
        let whole = try Scratch()
        try write(day.entries, to: whole.path, batches: [64])
        var current = try Scratch()
        var applied: UInt64 = 0
        while applied < UInt64(day.entries.count) {
            let store = try PartitionStore(directory: current.path, partition: 3)
            #expect(store.mark.applied == applied)
            for _ in 0..<3 {
                let batch = day.entries.dropFirst(Int(applied)).prefix(47)
                guard let last = batch.last else { break }
                try store.append(Array(batch))
                applied = last.index
                #expect(store.mark.applied == applied)
                #expect(store.mark.appliedTerm == last.term)
                #expect(store.mark.time == last.entry.time)
                #expect(store.mark.minted == last.entry.minted)
            }
            // What is on the disk now, the log included, is all that the next process finds.
            let left = try Scratch()
            try current.copyFiles(to: left)
            current = left
        }
        #expect(try Dump.text(of: current.path) == Dump.text(of: whole.path))
    }

    @Test("An entry left out is refused, and nothing of its batch is kept")
    func gap() throws {
        let scratch = try Scratch()
        let entries = Day(seed: 5, turns: 50).entries
        let store = try PartitionStore(directory: scratch.path, partition: 3)
        try store.append(Array(entries.prefix(10)))
        let error = #expect(throws: StoreError.self) {
            try store.append(Array(entries[10..<20] + entries[21..<30]))
        }
        #expect(error?.code == "store.gap")
        #expect(store.mark.applied == 10)
        try store.append(entries)
        #expect(store.mark.applied == UInt64(entries.count))
    }

    @Test("Another partition's file is refused")
    func otherPartition() throws {
        let scratch = try Scratch()
        try write(Day(seed: 6, turns: 1).entries, to: scratch.path, batches: [.max])
        let error = #expect(throws: StoreError.self) {
            _ = try PartitionStore(directory: scratch.path, partition: 4)
        }
        #expect(error?.code == "store.otherPartition")
    }

    @Test("A full disk refuses a batch whole, and takes it once there is room")
    func fullDisk() throws {
        let (full, whole) = try (Scratch(), Scratch())
        let entries = Day(seed: 7, turns: 800).entries
        try write(entries, to: whole.path, batches: [.max])
        let store = try PartitionStore(directory: full.path, partition: 3)
        try store.append(Array(entries.prefix(100)))
        let pages = try store.database.pageCount()
        try store.database.execute("PRAGMA max_page_count = \(pages + 1)")
        let error = #expect(throws: StoreError.self) { try store.append(entries) }
        #expect(error?.isDiskFull == true)
        #expect(store.mark.applied == 100)
        try store.database.execute("PRAGMA max_page_count = 1000000")
        try store.append(entries)
        #expect(try Dump.text(of: full.path) == Dump.text(of: whole.path))
    }

    @Test("A thousand messages to one conversation are one row of it in a batch")
    func coalescing() throws {
        let scratch = try Scratch()
        var centre = Centre()
        centre.open()
        let customer = centre.customer("Ann")
        let leg = centre.conversation(of: customer, in: centre.queues[0])
        let store = try PartitionStore(directory: scratch.path, partition: 3)
        try store.append(centre.entries)
        let before = store.figures
        for sequence: UInt64 in 1...1_000 {
            centre.say("line \(sequence)", in: leg, sequence, by: .customer(customer), to: [centre.agents[0]])
        }
        try store.append(centre.entries)
        #expect(store.figures.events - before.events == 1_000)
        // Two postings each, for the conversation and for its agent, and one row of the conversation.
        #expect(store.figures.rows - before.rows == 2_001)
        #expect(store.figures.transactions - before.transactions == 1)
        let reader = try StoreReader(directory: scratch.path)
        let row = try #require(try reader.conversation(leg.conversation))
        #expect(row.messages == 1_000)
        #expect(row.lastAuthor == .customer(customer))
        #expect(row.lastMessageAt == centre.now)
    }

    @Test("A reader with a snapshot keeps its moment, and holds up neither writing nor the checkpoint")
    func busyReader() throws {
        let scratch = try Scratch()
        let entries = Day(seed: 8, turns: 400).entries
        let store = try PartitionStore(directory: scratch.path, partition: 3)
        try store.append(Array(entries.prefix(200)))
        let reader = try StoreReader(directory: scratch.path)
        try reader.snapshot {
            #expect(try reader.mark().applied == 200)
            try store.append(entries)
            try store.flushRecords(upTo: store.mark.applied, changed: [])
            #expect(try store.checkpoint() == UInt64(entries.count))
            #expect(try reader.mark().applied == 200)
        }
        #expect(try reader.mark().applied == UInt64(entries.count))
    }

    @Test("The journal may be cut where both rows and records are safe")
    func checkpoint() throws {
        let scratch = try Scratch()
        let entries = Day(seed: 9, turns: 100).entries
        let store = try PartitionStore(directory: scratch.path, partition: 3)
        try store.append(Array(entries.prefix(60)))
        #expect(try store.checkpoint() == 0)
        try store.flushRecords(upTo: 50, changed: [])
        #expect(try store.checkpoint() == 50)
        store.close()
        #expect(try PartitionStore(directory: scratch.path, partition: 3).mark.recordsApplied == 50)
    }
}
