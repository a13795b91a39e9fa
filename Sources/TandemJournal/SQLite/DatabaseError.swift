internal import CSQLite
internal import Glibc

/// What SQLite said when it refused: code, message and the SQL, never the data that was bound to it.
package struct DatabaseError: Error, Sendable, Equatable, CustomStringConvertible {
    /// An extended result code of SQLite; `primary` is its family.
    package struct Code: RawRepresentable, Hashable, Sendable {
        package let rawValue: Int32

        package init(rawValue: Int32) { self.rawValue = rawValue }

        /// The family: the low eight bits of the extended code.
        package var primary: Code { Code(rawValue: rawValue & 0xff) }

        package static let busy = Code(rawValue: SQLITE_BUSY)
        package static let ioError = Code(rawValue: SQLITE_IOERR)
        package static let corrupt = Code(rawValue: SQLITE_CORRUPT)
        package static let full = Code(rawValue: SQLITE_FULL)
        package static let cannotOpen = Code(rawValue: SQLITE_CANTOPEN)
        package static let constraint = Code(rawValue: SQLITE_CONSTRAINT)
        package static let misuse = Code(rawValue: SQLITE_MISUSE)
        package static let readOnly = Code(rawValue: SQLITE_READONLY)
        package static let notADatabase = Code(rawValue: SQLITE_NOTADB)

        /// A failed sync: the pages count as clean from now on, so trying again would lie.
        static let syncFailures: Set<Int32> = [
            SQLITE_IOERR | (4 << 8), SQLITE_IOERR | (5 << 8),
        ]
        /// The log's index did not get the room for another 4,096 frames: SQLite keeps no `errno` of that.
        static let indexRoom: Int32 = SQLITE_IOERR | (19 << 8)
        /// No memory; locks; and the log's index, which is made of the log.
        static let ofTheMoment = Set(([8, 9, 12, 14, 15, 18, 19, 20, 21] as [Int32]).map { SQLITE_IOERR | ($0 << 8) })
    }

    package let code: Code
    /// SQLite's own words.
    package let message: String
    /// The statement that failed, with its parameters unbound; nil where there was none.
    package let sql: String?
    /// The `errno` behind an I/O error; 0 where there was none.
    package let systemError: Int32

    package init(code: Code, message: String, sql: String? = nil, systemError: Int32 = 0) {
        self.code = code
        self.message = message
        self.sql = sql
        self.systemError = systemError
    }

    /// The error a connection has just run into. `handle` may be nil when not even the connection could be made.
    init(_ code: Int32, handle: OpaquePointer?, sql: String?) {
        let message = handle.flatMap { sqlite3_errmsg($0) } ?? sqlite3_errstr(code)
        let isIO = code & 0xff == SQLITE_IOERR || code & 0xff == SQLITE_CANTOPEN
        self.init(
            code: Code(rawValue: code), message: message.map { String(cString: $0) } ?? "unknown error", sql: sql,
            systemError: isIO ? handle.map { sqlite3_system_errno($0) } ?? 0 : 0)
    }

    /// No room on the disk (or over the quota) for what was to be written. A sync that failed for want of room does
    /// not count: what it had promised to write is lost.
    package var isDiskFull: Bool {
        if code.primary == .full || code.rawValue == Code.indexRoom { return true }
        if Code.syncFailures.contains(code.rawValue) { return false }
        return code.primary == .ioError && (systemError == ENOSPC || systemError == EDQUOT)
    }

    /// The transaction is undone, and yet the log has all of it: the next takes its place there, but a crash before that
    /// would bring it back.
    var isLeftInLog: Bool { code.rawValue == Code.indexRoom }

    /// A file could not be opened because too many are: another may be closed any moment.
    var isOutOfDescriptors: Bool {
        code.primary == .cannotOpen && (systemError == EMFILE || systemError == ENFILE)
    }

    /// Says nothing of what the file holds: there was no descriptor, memory, lock or room for what reading it takes, and
    /// there may be any moment.
    var isOfTheMoment: Bool {
        if isDiskFull || Code.ofTheMoment.contains(code.rawValue) { return true }
        switch code.primary.rawValue {
        case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_INTERRUPT, SQLITE_NOMEM, SQLITE_PROTOCOL: return true
        case SQLITE_CANTOPEN: return isOutOfDescriptors || systemError == ENOMEM
        default: return false
        }
    }

    /// The disk failed, for another reason than being full.
    package var isIOError: Bool { code.primary == .ioError && !isDiskFull }

    /// The file is damaged or no database at all.
    package var isCorrupt: Bool { code.primary == .corrupt || code.primary == .notADatabase }

    package var description: String {
        var text = "SQLite \(code.rawValue): \(message)"
        if systemError != 0 { text += " (\(String(cString: strerror(systemError))))" }
        if let sql { text += " in \(sql)" }
        return text
    }
}
