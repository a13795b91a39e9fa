internal import Foundation
internal import TandemConsensus
internal import TandemCore
internal import TandemJournal
internal import TandemReadModel
internal import TandemWire

// Making: a copy of the store as it is at one moment, while it is written; then its records are brought up to its events,
// from the journal, so that all of it stands at one entry.

extension StoreSnapshots {
    /// On `maker`.
    func copy(of partition: UInt16) throws -> MadeSnapshot {
        let directory = makingFolder(partition)
        try? FileManager.default.removeItem(atPath: directory)
        try FileSystem.makeDirectory(folder)
        try FileSystem.makeDirectory(directory)
        let source = PartitionStore.path(in: owner.folder(of: partition))
        let bytes = (FileSystem.size(of: source) ?? 0) + (FileSystem.size(of: source + "-wal") ?? 0)
        try requireRoom(for: UInt64(bytes))
        let target = PartitionStore.path(in: directory)
        _ = try StoreBackup.make(of: owner.folder(of: partition), to: target) { _, _ in
            guard runs else { throw SnapshotTrouble.failed("the node stops") }
        }
        let point = try complete(partition, in: directory)
        // With a log beside it, it would not be all there is.
        guard FileSystem.size(of: target + "-wal") == nil, let size = FileSystem.size(of: target) else {
            throw SnapshotTrouble.failed("\(target) is not whole")
        }
        let made = MadeSnapshot(point: point, size: UInt64(size), checksum: try SnapshotChecksum.ofFile(target))
        try FileSystem.rename(target, to: path(of: made, partition))
        try FileManager.default.removeItem(atPath: directory)
        return made
    }

    /// Applies to the copy's records what came between them and its events.
    private func complete(_ partition: UInt16, in directory: String) throws -> LogPoint {
        let store = try PartitionStore(directory: directory, partition: partition)
        defer { store.close() }
        let reader = try StoreReader(directory: directory)
        defer { reader.close() }
        while store.mark.recordsApplied < store.mark.applied {
            let entries = try log.read(
                partition: partition, from: store.mark.recordsApplied + 1, maximumBytes: limits.journalBytes
            ).filter { $0.index <= store.mark.applied }
            guard let last = entries.last?.index, entries.first?.index == store.mark.recordsApplied + 1 else {
                throw SnapshotTrouble.failed("entry \(store.mark.recordsApplied + 1) is not in the journal")
            }
            try store.flushRecords(
                upTo: last, changed: try changed(by: entries, in: reader, partition, store.mark.format))
        }
        return LogPoint(index: store.mark.applied, term: Term(store.mark.appliedTerm))
    }

    /// The records that entries concern, as they are after them.
    private func changed(
        by entries: [JournalEntry], in reader: StoreReader, _ partition: UInt16, _ format: UInt8
    ) throws -> [ChangedRecord] {
        let roster = Roster(partition: partition, executor: maker.asUnownedSerialExecutor())
        var concerned: Set<ActorID> = []
        for journaled in entries {
            guard case .command(let bytes) = try LogEntry.Content(journaled: journaled.bytes) else { continue }
            let entry = try EntryCodec.decode(bytes)
            for event in entry.events {
                var actors: [ActorID] = []
                event.forEachConcerned { actors.append($0) }
                for actor in actors {
                    if concerned.insert(actor).inserted {
                        if let record = try reader.load(actor) { roster.put(record) } else { roster.ensure(actor) }
                    }
                    _ = roster.apply(event, to: actor, at: entry.time)
                }
            }
        }
        return concerned.sorted().compactMap { actor in
            guard let record = roster.record(actor) else { return nil }
            var isDormant = false
            roster.withKeeping(actor) { isDormant = $0.dormant }
            return ChangedRecord(actor: actor, bytes: RecordCodec.encode(record, in: format), isDormant: isDormant)
        }
    }
}
