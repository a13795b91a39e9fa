package import TandemCore
internal import TandemJournal
internal import TandemWire

/// A partition's `state.sqlite`, for its single writer.
///
/// One object per file, used by one thread at a time: the one the runtime gives to writing. Everyone else opens a
/// `StoreReader`. What is written here may be lost again in a power cut until `checkpoint` returns, and the journal
/// then gives it anew: it is cut only up to the index that `checkpoint` returned.
///
/// After an error nothing of the call was done. A full disk (`isDiskFull`) is met by calling again once there is
/// room; any other error of the disk makes the store `abandoned`.
package final class PartitionStore {
    /// Rows, events and transactions since the store was opened, for the node's metrics.
    package struct Figures: Hashable, Sendable {
        package var entries = 0
        package var events = 0
        /// Postings, and rows of conversations, contacts, offers, decisions and clocks.
        package var rows = 0
        package var records = 0
        package var transactions = 0
    }

    package let path: String
    /// How far the file has come, whether synced or not.
    package private(set) var mark: StoreMark
    package private(set) var figures = Figures()
    let database: Database
    /// Nil once it is closed.
    private var rows: Rows?
    /// The disk failed under it: it is not written any more.
    package private(set) var isAbandoned = false

    /// What writes, with its prepared statements: as long as there is one, SQLite keeps the file open.
    private struct Rows {
        let projection: Projection
        let records: RecordRows
        let mark: Statement
        let expiry: CommandExpiry
    }

    package static func path(in directory: String) -> String { directory + "/state.sqlite" }

    /// Opens the store in `directory`, which exists, and makes its file where there is none.
    ///
    /// - Throws: `otherPartition` when the file was written for another one; `migration` for a newer program's file.
    package convenience init(directory: String, partition: UInt16) throws(StoreError) {
        let path = Self.path(in: directory)
        let database = try StoreError.wrapping {
            let database = try Database(path: path, access: .create)
            try database.useWriteAheadLog()
            // The journal holds what is not yet synced: only a checkpoint waits for the disk.
            try database.execute(
                "PRAGMA synchronous = NORMAL; PRAGMA cache_size = -\(StoreLimits.writerCacheBytes / 1_024)")
            try Schema.migrator().migrate(database)
            try Schema.writeWords(to: database)
            return database
        }
        try self.init(path: path, database, partition)
    }

    private init(path: String, _ database: Database, _ partition: UInt16) throws(StoreError) {
        let found = try StoreMark.read(from: database)
        if let found, found.partition != partition {
            throw .otherPartition(expected: partition, found: Int64(found.partition))
        }
        self.path = path
        self.database = database
        mark = found ?? StoreMark(partition: partition)
        do {
            rows = Rows(
                projection: try Projection(database), records: try RecordRows(database),
                mark: try StoreMark.statement(database), expiry: try CommandExpiry(database))
        } catch {
            throw .database(error)
        }
    }

    /// Lets go of the file, there and then: another one may take its place. Whoever uses the store afterwards gets an error
    /// of `.misuse`.
    package func close() {
        rows = nil
        database.close()
    }

    // MARK: Writing

    /// Writes entries in the order in which they were committed, batch by batch; those already applied are passed over.
    ///
    /// One transaction and one mark for all of them. The more at once the cheaper: rows that many events touch are written
    /// once, and each page once.
    ///
    /// - Throws: `gap` when the next entry is not the one after `mark.applied`.
    package func append(_ batches: [[CommittedEntry]]) throws(StoreError) {
        var next = mark
        var fresh: [ArraySlice<CommittedEntry>] = []
        for batch in batches {
            let batch = batch.drop { $0.index <= mark.applied }
            for place in batch.indices { try next.follow(batch[place]) }
            if !batch.isEmpty { fresh.append(batch) }
        }
        guard !fresh.isEmpty else { return }
        var events = 0
        var commands = 0
        let written = try transaction(leading: next) { rows in
            for batch in fresh {
                for place in batch.indices {
                    try rows.projection.write(batch[place])
                    events += batch[place].entry.events.count
                    commands += batch[place].entry.key == nil ? 0 : 1
                }
            }
            let written = try rows.projection.flush()
            try rows.expiry.run(
                before: next.time + Milliseconds(-StoreLimits.commandsKept.count),
                nodes: next.time + Milliseconds(-NodeKey.kept.count), added: commands)
            return written
        }
        figures.entries += fresh.reduce(0) { $0 + $1.count }
        figures.events += events
        figures.rows += written
    }

    /// Writes the records that changed since the last call, as they stand after entry `index`, and forgets `removed`.
    ///
    /// All or nothing: afterwards every record in the file is as it is after `index`.
    ///
    /// - Throws: `recordsOutOfOrder` unless `index` is applied and not below `mark.recordsApplied`.
    package func flushRecords(
        upTo index: UInt64, changed: [ChangedRecord], removed: [ActorID] = []
    ) throws(StoreError) {
        guard index <= mark.applied, index >= mark.recordsApplied else {
            throw .recordsOutOfOrder(applied: mark.applied, recordsApplied: mark.recordsApplied, flushed: index)
        }
        var next = mark
        next.recordsApplied = index
        try transaction(leading: next) { rows in
            for record in changed { try rows.records.write(record) }
            for actor in removed { try rows.records.remove(actor) }
        }
        figures.records += changed.count
    }

    /// Makes everything written so far survive a power cut, and moves the log into the file as far as readers allow.
    ///
    /// Returns the index up to which, itself included, events, rows and records are safe here: the journal may be
    /// cut there.
    package func checkpoint() throws(StoreError) -> UInt64 {
        try guardedUse { rows in
            try database.execute("PRAGMA synchronous = FULL")
            // A commit in this mode syncs the log, and with it every commit before.
            let synced = Result { try database.transaction { try mark.write(with: rows.mark) } }
            try database.execute("PRAGMA synchronous = NORMAL")
            try synced.get()
            _ = try database.checkpoint(.passive)
            _ = database.pagesWritten(countingAnew: true)
        }
        return min(mark.applied, mark.recordsApplied)
    }

    /// Bytes that the log has taken since the last checkpoint: what the next one has to move at most.
    package var unmovedBytes: Int { database.pagesWritten() * StoreLimits.logFrameBytes }

    // MARK: Retention

    /// Removes events and decisions of conversations that closed before `time`, at most `limit` events per call.
    ///
    /// Their rows, contact records and offers stay; only what the records need to come up again is spared. Call it
    /// again until the report says `isComplete`.
    package func prune(
        before time: Timestamp, atMost limit: Int = StoreLimits.prunedMax
    ) throws(StoreError) -> PruneReport {
        try transaction(leading: mark) { _ in
            try Pruning(database, upTo: mark.recordsApplied, at: mark.time, atMost: limit).run(before: time)
        }
    }

    // MARK: Transactions

    private func transaction<R>(leading next: StoreMark, _ body: (Rows) throws -> R) throws(StoreError) -> R {
        let result = try guardedUse { rows in
            do {
                return try database.transaction {
                    let result = try body(rows)
                    try next.write(with: rows.mark)
                    return result
                }
            } catch {
                rows.projection.discard()
                throw error
            }
        }
        mark = next
        figures.transactions += 1
        return result
    }

    private func guardedUse<R>(_ body: (Rows) throws -> R) throws(StoreError) -> R {
        if isAbandoned { throw .abandoned }
        guard let rows else { throw .database(Database.isClosed(path)) }
        do {
            return try StoreError.wrapping { try body(rows) }
        } catch {
            if error.isFinal { isAbandoned = true }
            throw error
        }
    }
}
