import Foundation
import TandemCore
import TandemReadModel
import Testing

/// `Docs/ReadModel.md` against a store: what it tells operators to type runs, and what it names is there.
@Suite("The page on the read model")
struct DocumentTests {
    private let page: String

    init() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        page = try String(contentsOf: root.appending(path: "Docs/ReadModel.md"), encoding: .utf8)
    }

    /// The statements of the blocks marked `sql`, in their order.
    private var statements: [String] {
        var (all, block): ([String], [Substring]?) = ([], nil)
        for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
            if line == "```sql" {
                block = []
            } else if line == "```", let lines = block {
                all += lines.joined(separator: "\n").split(separator: ";").map {
                    $0.trimmingCharacters(in: .whitespacesAndNewlines)
                }
                block = nil
            } else {
                block?.append(line)
            }
        }
        return all.filter { !$0.isEmpty }
    }

    @Test("Every query of the page runs and finds something on a day's store")
    func queries() throws {
        let scratch = try Scratch()
        let day = Day(seed: 43, turns: 1_500)
        #expect(statements.count > 6)
        try PartitionStore(directory: scratch.path, partition: 3).append(day.entries)
        func one(_ sql: String) throws -> String { try #require(Dump.rows(sql, 1, in: scratch.path).first, "\(sql)") }
        // The page's examples stand for what is in this store.
        let places = [
            ("'cnv_06bq2v4d8r000'", "'\(try one("SELECT conversation FROM transcripts LIMIT 1"))'"),
            ("'con_06bq2v4d8r001'", "'\(try one("SELECT contact FROM decisions LIMIT 1"))'"),
            ("'Ann'", "'agent 1'"), ("'now'", "'\(try one("SELECT max(closed) FROM contact_records"))'"),
        ]
        for (example, _) in places { #expect(page.contains(example), "\(example) is no example any more") }
        for statement in statements {
            let sql = places.reduce(statement) { $0.replacingOccurrences(of: $1.0, with: $1.1) }
            let found = try Dump.rows("SELECT count(*) FROM (\(sql))", 1, in: scratch.path)
            #expect(found != ["0"], "finds nothing: \(sql)")
        }
    }

    @Test("The page names every view and every table")
    func names() throws {
        let scratch = try Scratch()
        try PartitionStore(directory: scratch.path, partition: 3).append(Day(seed: 44, turns: 1).entries)
        let named = try Dump.rows(
            "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'", 1,
            in: scratch.path)
        #expect(named.count > 20)
        for name in named { #expect(page.contains("`\(name)`"), "\(name) is not on the page") }
    }
}
