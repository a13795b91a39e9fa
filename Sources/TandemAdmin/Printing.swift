internal import TandemAPI

/// Lays an answer out for people: aligned, with what is absent left blank.
struct Printing {
    let verb: Verb

    func text(_ answer: JSONValue) -> String {
        switch verb.layout {
        case .table(let columns): return table(answer["items"]?.elements ?? [], columns) + more(answer)
        case .record(let columns, let lists):
            var parts = [record(answer, columns)]
            for name in lists.keys.sorted() {
                guard let columns = lists[name], let items = answer[name]?.elements, !items.isEmpty else { continue }
                parts.append(table(items, columns))
            }
            return parts.joined(separator: "\n\n")
        case .tree: return tree(answer, indent: "", last: true, isRoot: true).joined(separator: "\n")
        case .token: return answer["token"]?.plain ?? ""
        }
    }

    private func table(_ items: [JSONValue], _ columns: [Column]) -> String {
        guard !items.isEmpty else { return "nothing" }
        var rows = [columns.map(\.title)]
        rows += items.map { item in columns.map { item.at($0.field)?.plain ?? "" } }
        // A column that nobody fills is left out.
        let filled = columns.indices.filter { column in rows.dropFirst().contains { !$0[column].isEmpty } }
        let widths = filled.map { column in rows.map { $0[column].count }.max() ?? 0 }
        let lines = rows.map { row in
            zip(filled, widths).map { column, width in row[column].padded(to: width) }.joined(separator: "  ").trimmed
        }
        return lines.joined(separator: "\n")
    }

    private func more(_ answer: JSONValue) -> String {
        guard let next = answer["next"]?.plain else { return "" }
        return "\n(more: --cursor \(next))"
    }

    private func record(_ answer: JSONValue, _ columns: [Column]) -> String {
        let lines = columns.compactMap { column in
            answer.at(column.field).map { (column.title, $0.plain) }
        }
        let width = (lines.map(\.0.count).max() ?? 0) + 2
        return lines.map { ($0.0.padded(to: width) + $0.1).trimmed }.joined(separator: "\n")
    }

    private func tree(_ node: JSONValue, indent: String, last: Bool, isRoot: Bool) -> [String] {
        var line = isRoot ? "" : indent + (last ? "└─ " : "├─ ")
        line += node["name"]?.plain ?? ""
        if let count = node["count"]?.plain { line += "  \(count)" }
        if let state = node["state"]?.plain, state != "running" { line += "  [\(state)]" }
        if let restarts = node["restarts"]?.plain, restarts != "0" { line += "  restarted \(restarts) times" }
        if let reason = node["lastReason"]?.plain { line += ": \(reason)" }
        let children = node["children"]?.elements ?? []
        let beneath = isRoot ? "" : indent + (last ? "   " : "│  ")
        return [line]
            + children.enumerated().flatMap { number, child in
                tree(child, indent: beneath, last: number == children.count - 1, isRoot: false)
            }
    }
}

extension JSONValue {
    /// Fields separated by dots.
    func at(_ path: String) -> JSONValue? {
        path.split(separator: ".").reduce(JSONValue?.some(self)) { value, key in value?[String(key)] }
    }

    /// As people read it; a list is its length.
    var plain: String {
        switch self {
        case .string(let text): text.printable
        case .integer(let number): "\(number)"
        case .number(let number): "\((number * 1_000).rounded() / 1_000)"
        case .boolean(let flag): flag ? "yes" : "no"
        case .null: ""
        case .array(let elements): "\(elements.count)"
        case .object(let members): members.map { "\($0.key.printable)=\($0.value.plain)" }.joined(separator: " ")
        }
    }
}

extension String {
    /// With a space for each control character: no text of a customer moves the cursor or makes lines of its own.
    var printable: String {
        String(String.UnicodeScalarView(unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
    }

    /// Without the spaces at its end.
    fileprivate var trimmed: String {
        var text = self[...]
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
