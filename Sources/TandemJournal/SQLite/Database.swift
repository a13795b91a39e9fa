internal import CSQLite

/// One connection to one SQLite file.
///
/// A connection and its statements are used by one thread at a time; it may be handed from thread to thread. Of all
/// connections to one file exactly one, in the whole machine, writes and checkpoints: SQLite 3.40 can corrupt a
/// write-ahead log that two connections write or reset. All others are opened `.readOnly`.
package final class Database {
    package enum Access: Sendable {
        /// Reads and writes, and makes the file if there is none.
        case create
        case readWrite
        case readOnly
        /// Reads a file that nobody will ever change again: without locks, and without files beside it.
        case immutable
    }

    package enum CheckpointMode: Sendable {
        case passive, full, restart, truncate
    }

    /// What a checkpoint did: `isComplete` when everything in the log is now in the file itself.
    package struct Checkpoint: Sendable, Equatable {
        package let logFrames: Int
        package let movedFrames: Int
        /// A reader or writer was in the way until the busy time was over.
        package let wasBlocked: Bool

        package var isComplete: Bool { !wasBlocked && logFrames == movedFrames }
    }

    /// Beyond this the cache of prepared statements is emptied: SQL is meant to be constant text.
    static let cachedStatementsMax = 256

    package let path: String
    private(set) var handle: OpaquePointer?
    private var statements: [String: Statement] = [:]
    /// Frames of the write-ahead log after this connection's last commit; only counted with `useWriteAheadLog`.
    package private(set) var logFrames = 0

    /// Opens the file at `path`. `busyTimeout` (milliseconds) is how long a statement waits for another connection's
    /// lock before it fails with `.busy`.
    package init(path: String, access: Access, busyTimeout: Int32 = 5_000) throws(DatabaseError) {
        self.path = path
        var flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        switch access {
        case .create: flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
        case .readWrite: flags |= SQLITE_OPEN_READWRITE
        case .readOnly: flags |= SQLITE_OPEN_READONLY
        case .immutable: flags |= SQLITE_OPEN_READONLY | SQLITE_OPEN_URI
        }
        var opened: OpaquePointer?
        let name = access == .immutable ? Self.immutableURI(path) : path
        let code = sqlite3_open_v2(name, &opened, flags, nil)
        guard code == SQLITE_OK, let opened else {
            let error = DatabaseError(code, handle: opened, sql: nil)
            sqlite3_close_v2(opened)
            throw error
        }
        handle = opened
        sqlite3_busy_timeout(opened, busyTimeout)
    }

    deinit {
        close()
    }

    /// Lets go of the connection without closing it, which would write: for a file whose disk has failed. What it
    /// holds in memory and its descriptors stay until the process ends.
    func abandon() {
        statements.removeAll()
        handle = nil
    }

    private static func immutableURI(_ path: String) -> String {
        var uri = "file:"
        for character in path {
            switch character {
            case "%": uri += "%25"
            case "?": uri += "%3f"
            case "#": uri += "%23"
            default: uri.append(character)
            }
        }
        return uri + "?immutable=1"
    }

    /// Closes the connection; the last one of a file also moves its write-ahead log into it, if it may write. A statement
    /// that somebody holds keeps the file open until it goes.
    /// Whoever uses the connection afterwards gets `.misuse`.
    package func close() {
        guard let open = handle else { return }
        statements.removeAll()
        sqlite3_close_v2(open)
        handle = nil
    }

    /// Closes the connection of a file that is not needed any more, with what its log holds.
    func closeKeepingLog() {
        guard let handle else { return }
        // If it is not known there the log is moved for nothing.
        _ = tandem_sqlite3_keep_log_on_close(handle)
        close()
    }

    // MARK: Statements

    /// The prepared statement for `sql`, kept for the next time. While one is being stepped, a second one is made.
    package func statement(_ sql: String) throws(DatabaseError) -> Statement {
        if let cached = statements[sql], !cached.isBusy { return cached }
        let made = try prepare(sql)
        if statements.count >= Self.cachedStatementsMax { statements.removeAll() }
        statements[sql] = made
        return made
    }

    /// A statement that the connection does not keep.
    package func prepare(_ sql: String) throws(DatabaseError) -> Statement {
        let connection = try open()
        var made: OpaquePointer?
        let code = sqlite3_prepare_v3(connection, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &made, nil)
        guard code == SQLITE_OK else { throw DatabaseError(code, handle: connection, sql: sql) }
        guard let made else {
            throw DatabaseError(code: .misuse, message: "the statement is empty", sql: sql)
        }
        return Statement(handle: made)
    }

    /// Runs one or more statements without parameters, such as a schema; rows are dropped.
    package func execute(_ sql: String) throws(DatabaseError) {
        let connection = try open()
        let code = sqlite3_exec(connection, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw DatabaseError(code, handle: connection, sql: sql) }
    }

    /// The first column of the first row as an integer; nil when there is no row or it is NULL.
    package func integer(_ sql: String) throws(DatabaseError) -> Int64? {
        let statement = try statement(sql)
        defer { statement.reset() }
        guard try statement.step(), !statement.isNull(0) else { return nil }
        return statement.int64(0)
    }

    /// The first column of the first row as text; nil when there is no row or it is NULL.
    package func string(_ sql: String) throws(DatabaseError) -> String? {
        let statement = try statement(sql)
        defer { statement.reset() }
        guard try statement.step(), !statement.isNull(0) else { return nil }
        return statement.text(0)
    }

    // MARK: Transactions

    package var isInTransaction: Bool { handle.map { sqlite3_get_autocommit($0) == 0 } ?? false }

    /// Runs `body` between BEGIN IMMEDIATE and COMMIT; whatever it or the commit throws undoes all of it.
    package func transaction<R>(_ body: () throws -> R) throws -> R {
        try begin()
        do {
            let result = try body()
            try commit()
            return result
        } catch {
            rollback()
            throw error
        }
    }

    package func begin() throws(DatabaseError) { try statement("BEGIN IMMEDIATE").run() }

    package func commit() throws(DatabaseError) { try statement("COMMIT").run() }

    /// Undoes the open transaction, if SQLite has not already done so. An error in the undoing changes nothing: the
    /// log holds no commit, so the transaction never happened.
    package func rollback() {
        guard isInTransaction, let handle else { return }
        sqlite3_exec(handle, "ROLLBACK", nil, nil, nil)
    }

    /// Rows changed by the last INSERT, UPDATE or DELETE.
    package var changes: Int { handle.map { Int(sqlite3_changes64($0)) } ?? 0 }

    // MARK: The file

    /// Turns the write-ahead log on, every commit synced to the disk, and leaves checkpoints to `checkpoint`.
    package func useWriteAheadLog() throws(DatabaseError) {
        let mode = try string("PRAGMA journal_mode = WAL")
        guard mode == "wal" else {
            throw DatabaseError(code: .misuse, message: "no write-ahead log here, but \(mode ?? "nothing")")
        }
        try execute("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; PRAGMA temp_store = MEMORY")
        sqlite3_wal_hook(
            try open(),
            { context, _, _, frames in
                // Safe: the connection is closed before its owner goes, and only the owner's calls commit.
                Unmanaged<Database>.fromOpaque(context!).takeUnretainedValue().logFrames = Int(frames)
                return SQLITE_OK
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    /// Pages of the file, the log's included.
    package func pageCount() throws(DatabaseError) -> Int { Int(try integer("PRAGMA page_count") ?? 0) }

    /// Bytes of a page.
    package func pageSize() throws(DatabaseError) -> Int { Int(try integer("PRAGMA page_size") ?? 0) }

    /// Bytes of the database, the log's pages included, the log's own overhead not.
    package func byteCount() throws(DatabaseError) -> Int { try pageCount() * pageSize() }

    /// Pages written since they were last counted anew: with `useWriteAheadLog`, into the log.
    package func pagesWritten(countingAnew: Bool = false) -> Int {
        guard let handle else { return 0 }
        var (count, highest): (Int32, Int32) = (0, 0)
        sqlite3_db_status(handle, SQLITE_DBSTATUS_CACHE_WRITE, &count, &highest, countingAnew ? 1 : 0)
        return Int(count)
    }

    /// Moves what is in the write-ahead log into the file. Only the connection that writes may call it.
    package func checkpoint(_ mode: CheckpointMode) throws(DatabaseError) -> Checkpoint {
        let connection = try open()
        let native =
            switch mode {
            case .passive: SQLITE_CHECKPOINT_PASSIVE
            case .full: SQLITE_CHECKPOINT_FULL
            case .restart: SQLITE_CHECKPOINT_RESTART
            case .truncate: SQLITE_CHECKPOINT_TRUNCATE
            }
        var inLog: Int32 = 0
        var moved: Int32 = 0
        let code = sqlite3_wal_checkpoint_v2(connection, nil, native, &inLog, &moved)
        guard code == SQLITE_OK || code == SQLITE_BUSY else {
            throw DatabaseError(code, handle: connection, sql: nil)
        }
        return Checkpoint(logFrames: Int(inLog), movedFrames: Int(moved), wasBlocked: code == SQLITE_BUSY)
    }

    /// What SQLite's own check of the whole file complains about, at most `limit` complaints; empty when it is sound.
    package func integrityCheck(limit: Int = 100) throws(DatabaseError) -> [String] {
        try complaints("PRAGMA integrity_check(\(limit))")
    }

    /// The same, in a fraction of the time: indexes are not compared with their tables.
    package func quickCheck(limit: Int = 100) throws(DatabaseError) -> [String] {
        try complaints("PRAGMA quick_check(\(limit))")
    }

    private func complaints(_ check: String) throws(DatabaseError) -> [String] {
        let statement = try prepare(check)
        var complaints: [String] = []
        do throws(DatabaseError) {
            while try statement.step() {
                let line = statement.text(0)
                if line != "ok" { complaints.append(line) }
            }
        } catch {
            // Damage can be such that the check itself cannot go on: that is an answer too.
            guard error.isCorrupt else { throw error }
            complaints.append(error.message)
        }
        return complaints
    }

    func open() throws(DatabaseError) -> OpaquePointer {
        guard let handle else { throw Self.isClosed(path) }
        return handle
    }

    /// What is thrown to whoever uses a connection after its end.
    package static func isClosed(_ path: String) -> DatabaseError {
        DatabaseError(code: .misuse, message: "the connection to \(path) is closed")
    }
}
