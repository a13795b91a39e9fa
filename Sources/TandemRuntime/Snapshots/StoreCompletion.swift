internal import TandemConsensus
internal import TandemCore
internal import TandemJournal
internal import TandemReadModel
internal import TandemWire

/// Brings the records of a store's copy up to its events, from a journal, so that all of it stands at one entry.
struct StoreCompletion {
    let log: any EntryLog
    /// The one that this is called on: the records' actors live on it meanwhile.
    let executor: any PartitionExecutor
    /// Bytes of the journal taken at once.
    let journalBytes: Int

    /// Works on a store that nobody has open, and leaves it as one file. Safe from power cuts when it is synced.
    ///
    /// - Returns: how far it is, with `recordsApplied` equal to `applied`.
    func complete(_ partition: UInt16, in directory: String) throws -> StoreMark {
        let store = try PartitionStore(directory: directory, partition: partition)
        defer { store.close() }
        let reader = try StoreReader(directory: directory)
        defer { reader.close() }
        while store.mark.recordsApplied < store.mark.applied {
            let entries = try log.read(
                partition: partition, from: store.mark.recordsApplied + 1, maximumBytes: journalBytes
            ).filter { $0.index <= store.mark.applied }
            guard let last = entries.last?.index, entries.first?.index == store.mark.recordsApplied + 1 else {
                throw SnapshotTrouble.failed("entry \(store.mark.recordsApplied + 1) is not in the journal")
            }
            try store.flushRecords(
                upTo: last, changed: try changed(by: entries, in: reader, partition, store.mark.format))
        }
        return store.mark
    }

    /// The records that entries concern, as they are after them.
    private func changed(
        by entries: [JournalEntry], in reader: StoreReader, _ partition: UInt16, _ format: UInt8
    ) throws -> [ChangedRecord] {
        let roster = Roster(partition: partition, executor: executor.asUnownedSerialExecutor())
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
