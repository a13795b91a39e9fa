import Testing

@testable import TandemJournal

@Suite("Migrator")
struct MigratorTests {
    let directory = TemporaryDirectory()

    private func open() throws -> Database { try Database(path: directory.file("m.sqlite"), access: .create) }

    private func migrator(_ names: [String]) -> Migrator {
        var migrator = Migrator()
        for name in names {
            migrator.register(name) { try $0.execute("CREATE TABLE \(name) (i INTEGER)") }
        }
        return migrator
    }

    @Test("Each migration runs once, in order, also when they come in two versions of the program")
    func runsOnce() throws {
        let database = try open()
        #expect(try migrator(["one", "two"]).migrate(database) == ["one", "two"])
        #expect(try migrator(["one", "two"]).migrate(database) == [])
        #expect(try migrator(["one", "two", "three"]).migrate(database) == ["three"])
        #expect(try database.integer("SELECT count(*) FROM migration") == 3)
    }

    @Test("A migration that fails leaves the database after the one before it")
    func failure() throws {
        let database = try open()
        var broken = migrator(["one"])
        broken.register("two") { database in
            try database.execute("CREATE TABLE half (i INTEGER)")
            try database.execute("no SQL")
        }
        #expect(throws: DatabaseError.self) { try broken.migrate(database) }
        #expect(try database.integer("SELECT count(*) FROM sqlite_schema WHERE name = 'half'") == 0)
        #expect(try migrator(["one", "two"]).migrate(database) == ["two"])
    }

    @Test("A database of a newer program is refused and left as it is")
    func newer() throws {
        let database = try open()
        try migrator(["one", "two"]).migrate(database)
        #expect(throws: MigrationError.newer(path: database.path, migration: "two")) {
            try migrator(["one"]).migrate(database)
        }
        #expect(throws: MigrationError.different(path: database.path, expected: "zwei", found: "two")) {
            try migrator(["one", "zwei", "three"]).migrate(database)
        }
        #expect(try database.integer("SELECT count(*) FROM sqlite_schema WHERE name = 'three'") == 0)
    }
}
