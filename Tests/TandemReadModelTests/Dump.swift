import TandemJournal
import TandemReadModel

/// Every row of every table of a store, as text: two stores that hold the same give the same dump.
enum Dump {
    static func text(of directory: String) throws -> String {
        let database = try Database(path: PartitionStore.path(in: directory), access: .readOnly)
        defer { database.close() }
        var tables: [String] = []
        try database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").forEachRow {
            tables.append($0.text(0))
        }
        var text = ""
        for table in tables {
            text += "== \(table)\n"
            let columns = try self.columns(of: table, database)
            let line = columns.map { "quote(\($0))" }.joined(separator: " || '|' || ")
            try database.prepare("SELECT \(line) FROM \(table) ORDER BY 1").forEachRow { text += $0.text(0) + "\n" }
        }
        return text
    }

    private static func columns(of table: String, _ database: Database) throws -> [String] {
        var columns: [String] = []
        try database.prepare("SELECT name FROM pragma_table_info('\(table)')").forEachRow { columns.append($0.text(0)) }
        return columns
    }

    /// The rows of one query, columns joined by `|`; NULL is empty.
    static func rows(_ sql: String, _ columns: Int32, in directory: String) throws -> [String] {
        let database = try Database(path: PartitionStore.path(in: directory), access: .readOnly)
        defer { database.close() }
        var rows: [String] = []
        try database.prepare(sql).forEachRow { statement in
            rows.append((0..<columns).map { statement.text($0) }.joined(separator: "|"))
        }
        return rows
    }
}
