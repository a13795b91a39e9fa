/// The rows of one segment from the first to the last, going on behind what SQLite cannot read.
struct SegmentRows {
    struct Row {
        let number: Int64
        /// As it was found: not yet compared with the checksum.
        let entry: JournalEntry
        let checksum: UInt32
        /// Nil when it is not even a hash.
        let chain: ChainHash?
    }

    /// After so many rows in a row that cannot be read, the rest is taken for lost.
    private static let failuresMax = 300_000

    private static let columns = "row, partition, position, term, time, checksum, chain, bytes"

    /// What SQLite said first when it could not read on; nil if it could.
    private(set) var failure: String?
    /// The highest row number; nil if not even that can be read. Known once there was a failure, or at the end.
    var lastNumber: Int64? {
        mutating get {
            if end == nil { end = (try? lastRow()) ?? nil }
            return end
        }
    }
    /// What kept it from reading on without saying anything of the file; then there is no next row.
    private(set) var interruption: DatabaseError?
    private let database: Database
    private var statement: Statement?
    private var last: Int64 = 0
    private var end: Int64?
    private var failures = 0

    init(database: Database) {
        self.database = database
    }

    /// The next row that can be read; nil behind the last.
    mutating func next() -> Row? {
        while true {
            do throws(DatabaseError) {
                let rows = if let statement { statement } else { try seek(above: last) }
                statement = rows
                if try rows.step() {
                    failures = 0
                    let row = Self.row(rows)
                    last = max(last, row.number)
                    return row
                }
                statement = nil
                // A damaged row number can end the walk early: is there more above?
                if end == nil { end = try lastRow() }
                guard let end, end > last else { return nil }
            } catch {
                if error.isOfTheMoment {
                    interruption = error
                    return nil
                }
                if failure == nil { failure = error.message }
                statement?.reset()
                statement = nil
                if end == nil { end = (try? lastRow()) ?? nil }
            }
            failures += 1
            guard failures < Self.failuresMax, last < end ?? .max else { return nil }
            last += 1
        }
    }

    private func lastRow() throws(DatabaseError) -> Int64? {
        try database.integer("SELECT max(row) FROM entry")
    }

    private func seek(above row: Int64) throws(DatabaseError) -> Statement {
        let statement = try database.statement("SELECT \(Self.columns) FROM entry WHERE row > ? ORDER BY row")
        statement.reset()
        try statement.bind(row, at: 1)
        return statement
    }

    private static func row(_ row: Statement) -> Row {
        let entry = JournalEntry(
            partition: UInt16(truncatingIfNeeded: row.int64(1)), index: UInt64(bitPattern: row.int64(2)),
            term: UInt64(bitPattern: row.int64(3)), time: row.int64(4), bytes: row.blob(7))
        return Row(
            number: row.int64(0), entry: entry, checksum: UInt32(truncatingIfNeeded: row.int64(5)),
            chain: row.withBlob(6) { ChainHash($0) })
    }
}
