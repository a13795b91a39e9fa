internal import TandemJournal
internal import TandemTransport

/// What SQLite itself does on this disk: rows of 256 bytes in a write-ahead log with `synchronous=FULL`.
enum DiskLimit {
    /// Rows per second with so many rows in a transaction.
    static func rowsPerSecond(perTransaction rows: Int, seconds: Double) throws -> Double {
        var written = 0
        let took = try measure(rows: rows, seconds: seconds) { _ in written += rows }
        return Double(written) / took
    }

    /// The median time of a transaction of one row, in nanoseconds.
    static func commitNanoseconds(seconds: Double) throws -> Double {
        var latencies = Latencies()
        _ = try measure(rows: 1, seconds: seconds) { latencies.record($0) }
        return latencies.percentile(0.5)
    }

    private static func measure(rows: Int, seconds: Double, _ committed: (UInt64) -> Void) throws -> Double {
        let scratch = try Scratch()
        let database = try Database(path: scratch.path + "/limit.sqlite", access: .create)
        try database.useWriteAheadLog()
        try database.execute("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0")
        try database.execute("CREATE TABLE row (id INTEGER PRIMARY KEY, bytes BLOB)")
        let insert = try database.statement("INSERT INTO row (bytes) VALUES (?)")
        let bytes = [UInt8](repeating: 120, count: 256)
        let began = EventLoop.monotonicNanoseconds()
        let end = began + UInt64(seconds * 1e9)
        var now = began
        while now < end {
            try database.transaction {
                for _ in 0..<rows {
                    try insert.bind(blob: bytes, at: 1)
                    try insert.run()
                }
            }
            let done = EventLoop.monotonicNanoseconds()
            committed(done - now)
            now = done
        }
        database.close()
        return Double(now - began) / 1e9
    }
}
