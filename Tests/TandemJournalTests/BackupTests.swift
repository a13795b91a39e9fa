import Testing

@testable import TandemJournal

@Suite("Backup")
struct BackupTests {
    let directory = TemporaryDirectory()

    private func filled(rows: Int) throws -> Database {
        let database = try Database(path: directory.file("a.sqlite"), access: .create)
        try database.useWriteAheadLog()
        try database.execute("CREATE TABLE t (i INTEGER PRIMARY KEY, b BLOB)")
        try database.transaction { try insert(1...rows, into: database) }
        return database
    }

    private func insert(_ rows: ClosedRange<Int>, into database: Database) throws {
        let insert = try database.statement("INSERT INTO t VALUES (?, zeroblob(1000))")
        for row in rows {
            try insert.bind(Int64(row), at: 1)
            try insert.run()
        }
    }

    @Test("A backup holds the moment it began with, however much is written meanwhile")
    func underWrites() throws {
        let writer = try filled(rows: 10_000)
        let source = try Database(path: writer.path, access: .readOnly)
        var next = 10_001
        var steps = 0
        let destination = directory.file("copy.sqlite")
        try source.backup(to: destination) { progress in
            steps += 1
            #expect(progress.copiedPages <= progress.totalPages)
            // Between the steps, and in their middle as far as SQLite is concerned, the writer goes on.
            try? writer.transaction { try insert(next...next + 9, into: writer) }
            next += 10
        } check: { copy in
            let last = try copy.integer("SELECT max(i) FROM t")
            #expect(last == 10_000)
        }
        #expect(steps > 1)
        #expect(try writer.integer("SELECT count(*) FROM t") == Int64(next - 1))
        let copy = try Database(path: destination, access: .readOnly)
        #expect(try copy.integer("SELECT count(*) FROM t") == 10_000)
        #expect(try copy.integrityCheck().isEmpty)
        #expect(directory.names.filter { $0.hasPrefix("copy") } == ["copy.sqlite"])
    }

    @Test("A backup that does not pass the caller's check leaves no file, and the old one stays")
    func refused() throws {
        struct Wrong: Error {}
        let source = try filled(rows: 10)
        let destination = directory.file("copy.sqlite")
        try source.backup(to: destination)
        let before = RawFile.bytes(destination)
        try insert(11...20, into: source)
        #expect(throws: Wrong.self) { try source.backup(to: destination, check: { _ in throw Wrong() }) }
        #expect(RawFile.bytes(destination) == before)
        #expect(directory.names.filter { $0.hasPrefix("copy") } == ["copy.sqlite"])
    }

    @Test("A damaged database yields no backup")
    func damaged() throws {
        let source = try filled(rows: 2_000)
        #expect(try source.checkpoint(.truncate).isComplete)
        source.close()
        // A whole page in the middle, cells and pointers and all.
        RawFile.write([UInt8](repeating: 0xA5, count: 4_096), to: directory.file("a.sqlite"), at: 4_096 * 100)
        let damaged = try Database(path: directory.file("a.sqlite"), access: .readOnly)
        #expect(throws: BackupDamaged.self) { try damaged.backup(to: directory.file("copy.sqlite")) }
        #expect(directory.names.filter { $0.hasPrefix("copy") }.isEmpty)
    }
}
