internal import CSQLite

/// One prepared statement of one connection; used by one thread at a time, like its connection.
///
/// Parameters count from 1 and columns from 0, as in SQLite. A statement stands between `reset` and `reset`: bind,
/// step until false, reset.
package final class Statement {
    let handle: OpaquePointer

    /// Takes over `handle`, which is finalised with this object.
    init(handle: OpaquePointer) {
        self.handle = handle
    }

    deinit {
        sqlite3_finalize(handle)
    }

    /// The SQL as prepared, parameters unbound.
    package var sql: String { sqlite3_sql(handle).map { String(cString: $0) } ?? "" }

    /// Whether it has been stepped and not yet reset.
    var isBusy: Bool { sqlite3_stmt_busy(handle) != 0 }

    // MARK: Binding

    package func bind(_ value: Int64, at parameter: Int32) throws(DatabaseError) {
        try check(sqlite3_bind_int64(handle, parameter, value))
    }

    package func bind(text: String, at parameter: Int32) throws(DatabaseError) {
        var text = text
        let code = text.withUTF8 { utf8 in
            // An empty buffer may have no address, and no address would mean NULL.
            guard let base = utf8.baseAddress else { return sqlite3_bind_text(handle, parameter, "", 0, nil) }
            return base.withMemoryRebound(to: CChar.self, capacity: utf8.count) {
                sqlite3_bind_text(handle, parameter, $0, Int32(utf8.count), Statement.copied)
            }
        }
        try check(code)
    }

    /// Text given as its UTF-8 bytes, which SQLite copies.
    package func bind(utf8: UnsafeRawBufferPointer, at parameter: Int32) throws(DatabaseError) {
        guard let base = utf8.baseAddress else {
            return try check(sqlite3_bind_text(handle, parameter, "", 0, nil))
        }
        let characters = base.assumingMemoryBound(to: CChar.self)
        try check(sqlite3_bind_text(handle, parameter, characters, Int32(utf8.count), Statement.copied))
    }

    /// A blob, which SQLite copies.
    package func bind(blob: [UInt8], at parameter: Int32) throws(DatabaseError) {
        try bind(blob: blob.span.bytes, at: parameter)
    }

    /// A blob, which SQLite copies.
    package func bind(blob: RawSpan, at parameter: Int32) throws(DatabaseError) {
        let code = blob.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress, bytes.count > 0 else {
                return sqlite3_bind_zeroblob(handle, parameter, 0)
            }
            return sqlite3_bind_blob(handle, parameter, base, Int32(bytes.count), Statement.copied)
        }
        try check(code)
    }

    /// A blob that SQLite reads in place: `bytes` must stay as they are until the statement is reset or bound anew.
    package func bind(borrowed bytes: UnsafeRawBufferPointer, at parameter: Int32) throws(DatabaseError) {
        guard let base = bytes.baseAddress, bytes.count > 0 else {
            return try check(sqlite3_bind_zeroblob(handle, parameter, 0))
        }
        try check(sqlite3_bind_blob(handle, parameter, base, Int32(bytes.count), nil))
    }

    package func bindNull(at parameter: Int32) throws(DatabaseError) {
        try check(sqlite3_bind_null(handle, parameter))
    }

    // MARK: Stepping

    /// Goes to the next row: true if there is one. After false or an error only `reset` makes sense.
    package func step() throws(DatabaseError) -> Bool {
        let code = sqlite3_step(handle)
        if code == SQLITE_ROW { return true }
        if code == SQLITE_DONE { return false }
        throw failure(code)
    }

    /// Executes a statement whose rows do not matter, and makes it ready for the next time.
    package func run() throws(DatabaseError) {
        defer { reset() }
        while try step() {}
    }

    /// Calls `row` for each row in turn, and makes the statement ready for the next time.
    package func forEachRow(_ row: (Statement) throws -> Void) throws {
        defer { reset() }
        while try step() { try row(self) }
    }

    /// Makes the statement ready to be bound and stepped again. An error of the last step was already thrown there.
    package func reset() {
        sqlite3_reset(handle)
    }

    // MARK: Columns of the current row

    package func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }

    package func int64(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

    /// The column as text; bytes that are not UTF-8 are replaced by U+FFFD. NULL is the empty string.
    package func text(_ column: Int32) -> String {
        guard let start = sqlite3_column_text(handle, column) else { return "" }
        let count = Int(sqlite3_column_bytes(handle, column))
        return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    /// A copy of the column's bytes; NULL is empty.
    package func blob(_ column: Int32) -> [UInt8] {
        withBlob(column) { [UInt8]($0) }
    }

    /// Lends the column's bytes, which are valid only inside `body`; NULL is empty.
    package func withBlob<R, E: Error>(
        _ column: Int32, _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        let start = sqlite3_column_blob(handle, column)
        let count = Int(sqlite3_column_bytes(handle, column))
        return try body(UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count))
    }

    // MARK: Errors

    /// Tells SQLite to make its own copy of the bytes before the call returns.
    // Safe: SQLITE_TRANSIENT is -1 cast to a function pointer, a macro Swift cannot import; SQLite never calls it.
    private static var copied: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }

    private func check(_ code: Int32) throws(DatabaseError) {
        if code != SQLITE_OK { throw failure(code) }
    }

    private func failure(_ code: Int32) -> DatabaseError {
        DatabaseError(code, handle: sqlite3_db_handle(handle), sql: sql)
    }
}
