internal import Foundation

/// Figures in aligned columns, each with its verdict.
struct FigureTable {
    let figures: [Figure]
    let effort: Effort

    private static let titles = ["figure", "value", "unit", "limit", "ratio", "goal", ""]
    /// Columns of numbers, by their ends.
    private static let right: Set<Int> = [1, 3, 4]

    var text: String {
        let rows = [Self.titles] + figures.map(Self.row)
        let widths = Self.titles.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        var lines = rows.map { row in
            let cells = row.indices.map { column in
                let room = String(repeating: " ", count: widths[column] - row[column].count)
                return Self.right.contains(column) ? room + row[column] : row[column] + room
            }
            return String(cells.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
        }
        let missed = figures.filter { $0.isMet == false }.map(\.name)
        if !missed.isEmpty { lines.append("Goals missed: \(missed.joined(separator: ", "))") }
        if !effort.isWhole {
            lines.append("Measured with \(effort.text); the goals are meant for \(Effort().text).")
        }
        return lines.joined(separator: "\n")
    }

    private static func row(_ figure: Figure) -> [String] {
        let verdict = figure.isMet.map { $0 ? "met" : "MISSED" } ?? ""
        return [
            figure.name, number(figure.value), figure.unit, figure.limit.map { number($0) } ?? "-",
            figure.ratio.map { number($0) } ?? "-", figure.goal?.text ?? "-", verdict,
        ]
    }

    /// With commas between thousands; without `decimals`, as many as tell four digits, and none of a whole number.
    ///
    /// - Parameter decimals: at least and at most so many, without noughts at the end beyond the least
    static func number(_ value: Double, decimals: ClosedRange<Int>? = nil) -> String {
        let size = abs(value)
        let isWhole = size >= 1_000 || size == size.rounded()
        let places = decimals?.upperBound ?? (isWhole ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : 3)
        var parts = String(format: "%.\(places)f", size).split(separator: ".").map(String.init)
        if let least = decimals?.lowerBound, parts.count > 1 {
            while parts[1].count > least, parts[1].hasSuffix("0") { parts[1].removeLast() }
            if parts[1].isEmpty { parts.removeLast() }
        }
        var whole = ""
        for (place, digit) in parts[0].enumerated() {
            if place > 0, (parts[0].count - place) % 3 == 0 { whole += "," }
            whole.append(digit)
        }
        parts[0] = whole
        return (value < 0 ? "-" : "") + parts.joined(separator: ".")
    }
}
