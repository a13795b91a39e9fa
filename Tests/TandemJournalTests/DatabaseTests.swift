import Testing

@testable import TandemJournal

@Suite("Database")
struct DatabaseTests {
    let directory = TemporaryDirectory()

    private func open(_ name: String = "a.sqlite", _ access: Database.Access = .create) throws -> Database {
        try Database(path: directory.file(name), access: access, busyTimeout: 50)
    }

    @Test("Every kind of value comes back as it was bound")
    func values() throws {
        let database = try open()
        try database.execute("CREATE TABLE t (i INTEGER, s TEXT, u TEXT, b BLOB, e BLOB) STRICT")
        let insert = try database.statement("INSERT INTO t VALUES (?, ?, ?, ?, ?)")
        let bytes: [UInt8] = [0, 1, 0, 255]
        try insert.bind(Int64.min, at: 1)
        try insert.bind(text: "für 12 €\0end", at: 2)
        try Array("ok".utf8).withUnsafeBytes { try insert.bind(utf8: $0, at: 3) }
        try insert.bind(blob: bytes, at: 4)
        try insert.bind(blob: [], at: 5)
        try insert.run()
        let select = try database.statement("SELECT i, s, u, b, e, NULL FROM t")
        #expect(try select.step())
        #expect(select.int64(0) == .min)
        #expect(select.text(1) == "für 12 €\0end")
        #expect(select.text(2) == "ok")
        #expect(select.blob(3) == bytes)
        #expect(!select.isNull(4) && select.blob(4).isEmpty)
        #expect(select.isNull(5))
        #expect(select.withBlob(3) { $0.count } == 4)
        #expect(try !select.step())
    }

    @Test("A borrowed blob is read when the statement runs")
    func borrowed() throws {
        let database = try open()
        try database.execute("CREATE TABLE t (b BLOB)")
        let insert = try database.statement("INSERT INTO t VALUES (?)")
        try [UInt8](repeating: 7, count: 300).withUnsafeBytes { bytes in
            try insert.bind(borrowed: bytes, at: 1)
            try insert.run()
        }
        #expect(try database.integer("SELECT length(b) FROM t") == 300)
    }

    @Test("A statement is prepared once, and once more while it is being stepped")
    func cache() throws {
        let database = try open()
        let sql = "SELECT 1 UNION ALL SELECT 2"
        let first = try database.statement(sql)
        #expect(try database.statement(sql) === first)
        #expect(try first.step())
        let second = try database.statement(sql)
        #expect(second !== first)
        #expect(try second.step())
        #expect(try first.step())
    }

    @Test("A transaction that throws leaves nothing behind")
    func rollback() throws {
        struct Stop: Error {}
        let database = try open()
        try database.execute("CREATE TABLE t (i INTEGER)")
        #expect(throws: Stop.self) {
            try database.transaction {
                try database.execute("INSERT INTO t VALUES (1)")
                throw Stop()
            }
        }
        #expect(!database.isInTransaction)
        #expect(try database.integer("SELECT count(*) FROM t") == 0)
        try database.transaction { try database.execute("INSERT INTO t VALUES (1)") }
        #expect(try database.integer("SELECT count(*) FROM t") == 1)
    }

    @Test("An error names code and statement, and never the data")
    func errors() throws {
        let database = try open()
        try database.execute("CREATE TABLE t (k TEXT PRIMARY KEY)")
        let insert = try database.statement("INSERT INTO t VALUES (?)")
        for attempt in 0..<2 {
            try insert.bind(text: "a customer's secret", at: 1)
            if attempt == 0 {
                try insert.run()
            } else {
                let error = #expect(throws: DatabaseError.self) { try insert.run() }
                #expect(error?.code.primary == .constraint)
                #expect(error?.sql == "INSERT INTO t VALUES (?)")
                #expect(error.map { !"\($0)".contains("secret") } == true)
            }
        }
        #expect(throws: DatabaseError.self) { try database.execute("SELEC 1") }
    }

    @Test("A file that is no database is told as corrupt")
    func notADatabase() throws {
        RawFile.write(Array("this is no database at all, however long one looks at it".utf8), to: directory.file("x"))
        let database = try open("x", .readOnly)
        let error = #expect(throws: DatabaseError.self) { try database.integer("SELECT count(*) FROM sqlite_schema") }
        #expect(error?.isCorrupt == true && error?.isDiskFull == false && error?.isIOError == false)
    }

    @Test("A read-only connection cannot write, and a missing file is not made by it")
    func readOnly() throws {
        #expect(throws: DatabaseError.self) { try open("missing.sqlite", .readOnly) }
        #expect(throws: DatabaseError.self) { try open("missing.sqlite", .readWrite) }
        let writer = try open()
        try writer.execute("CREATE TABLE t (i INTEGER)")
        let reader = try open("a.sqlite", .readOnly)
        let error = #expect(throws: DatabaseError.self) { try reader.execute("INSERT INTO t VALUES (1)") }
        #expect(error?.code.primary == .readOnly)
    }

    @Test("A second writer waits for its time and is then told that the file is busy")
    func busy() throws {
        let first = try open()
        try first.useWriteAheadLog()
        try first.begin()
        let second = try open("a.sqlite", .readWrite)
        let error = #expect(throws: DatabaseError.self) { try second.begin() }
        #expect(error?.code.primary == .busy)
    }

    @Test("A checkpoint moves the log into the file, and says when a reader is in its way")
    func checkpoint() throws {
        let writer = try open()
        try writer.useWriteAheadLog()
        try writer.execute("CREATE TABLE t (i INTEGER); INSERT INTO t VALUES (1)")
        let reader = try open("a.sqlite", .readOnly)
        try reader.execute("BEGIN")
        #expect(try reader.integer("SELECT count(*) FROM t") == 1)
        try writer.execute("INSERT INTO t VALUES (2)")
        #expect(try !writer.checkpoint(.truncate).isComplete)
        try reader.execute("COMMIT")
        #expect(try writer.checkpoint(.truncate).isComplete)
        #expect(RawFile.bytes(directory.file("a.sqlite-wal")).isEmpty)
        #expect(try reader.integer("SELECT count(*) FROM t") == 2)
        #expect(try writer.byteCount() == RawFile.bytes(directory.file("a.sqlite")).count)
    }

    @Test("A closed connection refuses")
    func closed() throws {
        let database = try open()
        database.close()
        let closed = #expect(throws: DatabaseError.self) { try database.execute("SELECT 1") }
        #expect(closed?.code == .misuse)
    }
}
