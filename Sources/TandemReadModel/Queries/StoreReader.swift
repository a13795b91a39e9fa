internal import TandemJournal

/// Asks a partition's `state.sqlite`, read-only, while its writer goes on.
///
/// A reader is used by one thread at a time. Each query sees one moment; `snapshot` holds one for several. Readers
/// never hold the writer up; a snapshot kept for long makes its log grow, so keep it short.
package final class StoreReader {
    let database: Database
    /// Is told the SQL of each list before it runs, so that tests can ask for its plan.
    var observer: ((String) -> Void)?

    /// Opens the store in `directory`.
    ///
    /// - Throws: `missing` when there is none yet.
    package init(directory: String) throws(StoreError) {
        let path = PartitionStore.path(in: directory)
        do {
            database = try Database(path: path, access: .readOnly)
            try database.execute("PRAGMA cache_size = -\(StoreLimits.readerCacheBytes / 1_024); PRAGMA query_only = ON")
            guard try database.integer("SELECT count(*) FROM sqlite_schema WHERE name = 'meta'") == 1 else {
                throw StoreError.missing(path: path)
            }
        } catch let error as DatabaseError {
            if error.code.primary == .cannotOpen { throw .missing(path: path) }
            throw .database(error)
        } catch {
            throw .missing(path: path)
        }
    }

    package func close() { database.close() }

    /// How far the store has come: a read that must be current waits until `applied` reaches its index.
    package func mark() throws(StoreError) -> StoreMark {
        guard let mark = try StoreMark.read(from: database) else { throw .missing(path: database.path) }
        return mark
    }

    /// Runs several queries on one moment.
    package func snapshot<R>(_ body: () throws -> R) throws(StoreError) -> R {
        try StoreError.wrapping {
            try database.execute("BEGIN")
            defer { database.rollback() }
            return try body()
        }
    }

    /// Runs one query: binds its parameters in order, and makes a value of each row.
    func rows<Value>(
        _ sql: String, of table: String, bind: (inout RowBinding) throws -> Void,
        read: (inout RowReading) throws -> Value
    ) throws(StoreError) -> [Value] {
        try StoreError.wrapping {
            observer?(sql)
            let statement = try database.statement(sql)
            // Also after an error: a statement left half-way would hold its snapshot.
            defer { statement.reset() }
            var row = RowBinding(statement)
            try bind(&row)
            var values: [Value] = []
            while try statement.step() {
                var row = RowReading(statement, of: table)
                values.append(try read(&row))
            }
            return values
        }
    }
}
