internal import CLinux

/// The one connection that writes a segment, and later checkpoints it.
// Safe: one thread at a time has it; it is handed from the keeper to the writer and back through a monitor.
final class SegmentWriter: @unchecked Sendable {
    let segment: Segment
    /// False until the first transaction: until then the file is a spare that holds nothing.
    private(set) var isStarted: Bool
    private var nextRow: Int64
    private let database: Database
    /// The log's file has blocks and zeros ahead of what is written: a commit then changes nothing but bytes, and the
    /// sync has half the work.
    private(set) var isLogFilled = false

    private init(segment: Segment, database: Database, isStarted: Bool, lastRow: Int64) throws(DatabaseError) {
        self.segment = segment
        self.database = database
        self.isStarted = isStarted
        nextRow = lastRow + 1
        try database.execute("PRAGMA cache_size = -16384; PRAGMA cell_size_check = ON")
    }

    /// Makes a new, empty segment; when it returns, the file survives a power cut.
    static func create(_ segment: Segment) throws -> SegmentWriter {
        let database = try Database(path: segment.path, access: .create)
        // Number and format are in the file itself, not in its log, before anything else is.
        try database.execute(
            """
            PRAGMA page_size = 4096;
            PRAGMA application_id = \(Segment.applicationID);
            PRAGMA user_version = \(Segment.formatVersion);
            """)
        try database.useWriteAheadLog()
        try database.transaction { try database.execute(Segment.schema) }
        try FileSystem.sync(path: FileSystem.parent(of: segment.path))
        return try SegmentWriter(segment: segment, database: database, isStarted: false, lastRow: 0)
    }

    /// Goes on with a segment that was started before.
    static func resume(_ segment: Segment, lastRow: Int64) throws(DatabaseError) -> SegmentWriter {
        let database = try Database(path: segment.path, access: .readWrite)
        try database.useWriteAheadLog()
        return try SegmentWriter(segment: segment, database: database, isStarted: true, lastRow: lastRow)
    }

    /// Makes all of `plan` durable in one transaction and returns the row of its first entry; the others follow.
    ///
    /// - Parameters:
    ///   - deletions: rows of this segment that the plan truncates.
    ///   - opening: what a segment that is not started begins with.
    ///   - commitBegins: called just before the disk is asked to have it.
    /// - Throws: `DatabaseError`: nothing of it is there; `JournalError`: nobody knows.
    func commit(
        _ plan: CommitPlan, deletions: [ClosedRange<Int64>], opening: SegmentOpening, commitBegins: () -> Void
    ) throws -> Int64 {
        let first = nextRow
        do throws(DatabaseError) {
            try database.begin()
            if !isStarted { try write(opening) }
            for rows in deletions { try delete(rows) }
            let insertion = try database.statement("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
            for (offset, row) in plan.rows.enumerated() {
                try Self.insert(row, at: first + Int64(offset), with: insertion)
            }
            for (partition, state) in plan.touched.sorted(by: { $0.key < $1.key }) where state.hasNewRecord {
                try state.record.write(partition, to: database)
            }
            for (key, value) in plan.meta.sorted(by: { $0.key < $1.key }) {
                try SegmentMeta.write(key, value, to: database)
            }
            commitBegins()
            try database.commit()
        } catch {
            database.rollback()
            if error.isLeftInLog { try voidLeftovers() }
            throw error
        }
        isStarted = true
        nextRow = first + Int64(plan.rows.count)
        return first
    }

    /// Whether it is time to go on in the next segment.
    func isFull(_ limits: JournalLimits) throws(DatabaseError) -> Bool {
        if logBytes >= limits.logBytes { return true }
        return try database.byteCount() >= limits.segmentBytes
    }

    /// Bytes of the log in use.
    var logBytes: Int { 32 + database.logFrames * (4_096 + 24) }

    /// Writes zeros behind what the log has, until its file has so many bytes. SQLite takes them for the end of the log,
    /// as no frame of it has their salt. Only before the first transaction: nobody else writes the file then.
    ///
    /// - Parameter goesOn: asked now and then; when it says no the log stays as it is.
    func fillLog(_ bytes: Int, while goesOn: () -> Bool) throws(SystemError) {
        precondition(!isStarted, "the log is in use")
        isLogFilled = try FileSystem.fill(segment.logPath, to: bytes, while: goesOn)
    }

    /// What was undone is refused: it must not be there after a crash.
    private func voidLeftovers() throws(JournalError) {
        do throws(SystemError) {
            try WriteAheadLog.void(segment.logPath, behind: database.logFrames)
        } catch {
            throw .failed(cause: "\(error)")
        }
    }

    /// Moves the log into the file; false when a reader was in the way.
    func checkpoint() throws(DatabaseError) -> Bool {
        try database.checkpoint(.truncate).isComplete
    }

    func close() {
        database.close()
    }

    /// Instead of `close` when the segment is about to be removed.
    func discard() {
        database.closeKeepingLog()
    }

    /// It is full: what only helped writing it is given back.
    func rest() {
        // The cache is only memory.
        try? database.execute("PRAGMA shrink_memory")
    }

    /// Instead of `close` when the disk has failed: nothing more is written.
    func abandon() {
        database.abandon()
    }

    private func write(_ opening: SegmentOpening) throws(DatabaseError) {
        try database.execute("INSERT INTO segment VALUES (\(segment.number))")
        for (partition, record) in opening.records.sorted(by: { $0.key < $1.key }) {
            try record.write(partition, to: database)
        }
        for (key, value) in opening.meta.sorted(by: { $0.key < $1.key }) {
            try SegmentMeta.write(key, value, to: database)
        }
    }

    private func delete(_ rows: ClosedRange<Int64>) throws(DatabaseError) {
        let deletion = try database.statement("DELETE FROM entry WHERE row BETWEEN ? AND ?")
        try deletion.bind(rows.lowerBound, at: 1)
        try deletion.bind(rows.upperBound, at: 2)
        try deletion.run()
    }

    private static func insert(
        _ planned: CommitPlan.Row, at row: Int64, with insertion: Statement
    ) throws(DatabaseError) {
        let entry = planned.entry
        try insertion.bind(row, at: 1)
        try insertion.bind(Int64(entry.partition), at: 2)
        try insertion.bind(Int64(bitPattern: entry.index), at: 3)
        try insertion.bind(Int64(bitPattern: entry.term), at: 4)
        try insertion.bind(entry.time, at: 5)
        try insertion.bind(Int64(planned.checksum), at: 6)
        try planned.chain.withBytes { chain throws(DatabaseError) in
            try insertion.bind(borrowed: chain, at: 7)
            try entry.bytes.span.bytes.withUnsafeBytes { bytes throws(DatabaseError) in
                try insertion.bind(borrowed: bytes, at: 8)
                try insertion.run()
            }
        }
    }
}

/// What is carried from one segment to the next, so that the old one can be removed whole.
struct SegmentOpening {
    var records: [UInt16: PartitionRecord]
    var meta: [String: String]
}

/// The node's few facts, in every segment.
enum SegmentMeta {
    static func write(_ key: String, _ value: String?, to database: Database) throws(DatabaseError) {
        guard let value else {
            let removal = try database.statement("DELETE FROM meta WHERE key = ?")
            try removal.bind(text: key, at: 1)
            return try removal.run()
        }
        let statement = try database.statement("INSERT OR REPLACE INTO meta (key, value, checksum) VALUES (?, ?, ?)")
        try statement.bind(text: key, at: 1)
        try statement.bind(text: value, at: 2)
        try statement.bind(Int64(checksum(key, value)), at: 3)
        try statement.run()
    }

    /// Nil when one of them fails its checksum.
    static func readAll(from database: Database) throws(DatabaseError) -> [String: String]? {
        let statement = try database.statement("SELECT key, value, checksum FROM meta")
        defer { statement.reset() }
        var meta: [String: String] = [:]
        while try statement.step() {
            let key = statement.text(0)
            let value = statement.text(1)
            guard statement.int64(2) == Int64(checksum(key, value)) else { return nil }
            meta[key] = value
        }
        return meta
    }

    private static func checksum(_ key: String, _ value: String) -> UInt32 {
        let bytes = Array(key.utf8) + [0] + Array(value.utf8)
        return bytes.span.bytes.withUnsafeBytes { tandem_crc32c(0, $0.baseAddress, $0.count) }
    }
}
