/// Brings a database to the shape this program knows, step by step.
///
/// Migrations are named and append-only: once released, one is never changed, removed or moved. Each runs in a
/// transaction of its own together with the note that it ran, so a crash leaves the database between two of them.
package struct Migrator {
    package struct Migration {
        package let name: String
        let body: (Database) throws -> Void
    }

    package private(set) var migrations: [Migration] = []

    package init() {}

    /// Adds the next step. A name is used once.
    package mutating func register(_ name: String, _ body: @escaping (Database) throws -> Void) {
        precondition(!migrations.contains { $0.name == name }, "A migration is named once.")
        migrations.append(Migration(name: name, body: body))
    }

    /// Runs what has not yet run, in order, and returns the names of those. A database that knows more steps than
    /// this program, or others, is left untouched.
    @discardableResult
    package func migrate(_ database: Database) throws -> [String] {
        try database.execute(
            "CREATE TABLE IF NOT EXISTS migration (ordinal INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT")
        let done = try check(database)
        for (ordinal, migration) in migrations.enumerated().dropFirst(done.count) {
            try database.transaction {
                try migration.body(database)
                let note = try database.statement("INSERT INTO migration (ordinal, name) VALUES (?, ?)")
                try note.bind(Int64(ordinal + 1), at: 1)
                try note.bind(text: migration.name, at: 2)
                try note.run()
            }
        }
        return migrations.dropFirst(done.count).map(\.name)
    }

    /// The migrations a database has seen, in order, all of which this program knows; looks only.
    @discardableResult
    package func check(_ database: Database) throws -> [String] {
        let done = try applied(in: database)
        for (ordinal, name) in done.enumerated() {
            guard ordinal < migrations.count else { throw MigrationError.newer(path: database.path, migration: name) }
            guard migrations[ordinal].name == name else {
                throw MigrationError.different(
                    path: database.path, expected: migrations[ordinal].name, found: name)
            }
        }
        return done
    }

    /// The names of the migrations a database has seen, in order.
    private func applied(in database: Database) throws(DatabaseError) -> [String] {
        let statement = try database.prepare("SELECT name FROM migration ORDER BY ordinal")
        var names: [String] = []
        while try statement.step() { names.append(statement.text(0)) }
        return names
    }
}

/// Why a database cannot be brought to this program's shape.
package enum MigrationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A newer program has been here: `migration` is the first step this one does not know.
    case newer(path: String, migration: String)
    /// The database took another way: where this program has `expected` it has `found`.
    case different(path: String, expected: String, found: String)

    package var description: String {
        switch self {
        case .newer(let path, let migration):
            "\(path) was written by a newer version of Tandem (it has the migration “\(migration)”): "
                + "use that version, or restore a backup made before it"
        case .different(let path, let expected, let found):
            "\(path) has the migration “\(found)” where this version has “\(expected)”: it is not this version's file"
        }
    }
}
