internal import TandemJournal

/// The steps that bring a `state.sqlite` to this program's shape. Append; never change or remove one that was
/// released.
enum Schema {
    static func migrator() -> Migrator {
        var migrator = Migrator()
        migrator.register("tables") { database in
            for sql in Tables.events + Tables.work + Tables.people { try database.execute(sql) }
        }
        migrator.register("views") { database in
            for sql in Views.all { try database.execute(sql) }
        }
        migrator.register("clocksWithoutPromise") { database in
            for sql in ClockTable.migration { try database.execute(sql) }
        }
        migrator.register("format") { database in
            try database.execute("ALTER TABLE meta ADD COLUMN format INTEGER NOT NULL DEFAULT 2")
        }
        return migrator
    }

    /// Writes the words of this version, where they are not there yet.
    static func writeWords(to database: Database) throws {
        try database.transaction {
            let insert = try database.prepare(
                """
                INSERT INTO word (topic, code, name) VALUES (?, ?, ?)
                ON CONFLICT (topic, code) DO UPDATE SET name = excluded.name WHERE name <> excluded.name
                """)
            for word in RowWords.all {
                var row = RowBinding(insert)
                try row.add(text: word.topic)
                try row.add(word.code)
                try row.add(text: word.name)
                try insert.run()
            }
        }
    }
}
