internal import CSQLite
internal import Glibc

/// How far a backup has come, in pages.
package struct BackupProgress: Sendable, Equatable {
    package let copiedPages: Int
    package let totalPages: Int
}

/// Why a finished copy was thrown away.
package struct BackupDamaged: Error, Sendable, Equatable, CustomStringConvertible {
    package let path: String
    package let complaints: [String]

    package var description: String {
        "the backup \(path) did not pass its check: \(complaints.joined(separator: "; "))"
    }
}

extension Database {
    /// Pages copied between two reports of progress; about 4 MiB.
    static let backupStepPages: Int32 = 1_024

    /// Copies the database as it is now to a new file at `destination`, while its writer goes on.
    ///
    /// The copy is made under another name, checked by SQLite and by `check`, synced, and only then given its name,
    /// so a file at `destination` is always whole. It is not in write-ahead mode: nothing lies beside it. Call it on
    /// a read-only connection of its own; that holds one read transaction meanwhile, so the log of the source cannot
    /// be reset until the copy is done. What `progress` throws ends it.
    package func backup(
        to destination: String, progress: (BackupProgress) throws -> Void = { _ in },
        check: (Database) throws -> Void = { _ in }
    ) throws {
        let partial = destination + ".partial"
        unlink(partial)
        do {
            try copy(to: partial, progress: progress, check: check)
            try FileSystem.sync(path: partial)
            try FileSystem.rename(partial, to: destination)
            try FileSystem.sync(path: FileSystem.parent(of: destination))
        } catch {
            unlink(partial)
            throw error
        }
    }

    private func copy(
        to partial: String, progress: (BackupProgress) throws -> Void, check: (Database) throws -> Void
    ) throws {
        let source = try open()
        let copy = try Database(path: partial, access: .create)
        defer { copy.close() }
        // Nothing is lost if this file is: it has no name yet.
        try copy.execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
        try execute("BEGIN")
        defer { rollback() }
        // The first read fixes the moment that is copied; without it each commit would start the copy anew.
        _ = try integer("SELECT count(*) FROM sqlite_schema")
        let target = try copy.open()
        guard let backup = sqlite3_backup_init(target, "main", source, "main") else {
            throw DatabaseError(sqlite3_extended_errcode(target), handle: target, sql: nil)
        }
        var code = SQLITE_OK
        do {
            while code == SQLITE_OK {
                code = sqlite3_backup_step(backup, Self.backupStepPages)
                let total = Int(sqlite3_backup_pagecount(backup))
                try progress(
                    BackupProgress(copiedPages: total - Int(sqlite3_backup_remaining(backup)), totalPages: total))
            }
        } catch {
            sqlite3_backup_finish(backup)
            throw error
        }
        let finished = sqlite3_backup_finish(backup)
        guard code == SQLITE_DONE, finished == SQLITE_OK else {
            throw DatabaseError(code == SQLITE_DONE ? finished : code, handle: target, sql: nil)
        }
        _ = try copy.string("PRAGMA journal_mode = DELETE")
        let complaints = try copy.integrityCheck()
        guard complaints.isEmpty else { throw BackupDamaged(path: partial, complaints: complaints) }
        try check(copy)
    }
}
