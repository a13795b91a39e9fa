import Foundation
import Testing

@testable import TandemBench

@Suite("Figures as they are told")
struct FigureTests {
    private let figures = [
        Figure(name: "cluster.journal.inflight1.p50", value: 674.04, unit: "us", limit: 362.4, against: "us"),
        Figure(name: "cluster.journal.inflight64", value: 19_999.6, unit: "entries/s"),
        Figure(name: "cluster.restart.gap.max", value: 7, unit: "ms"),
    ]

    @Test("A table has a line for each figure, with its goal and its verdict, in aligned columns")
    func table() {
        let told = FigureTable(figures: figures, effort: Effort()).text
        let expected = """
            figure                          value  unit       limit  ratio  goal
            cluster.journal.inflight1.p50   674.0  us         362.4  1.860  ratio at most 2  met
            cluster.journal.inflight64     20,000  entries/s      -      -  at least 20,000  MISSED
            cluster.restart.gap.max             7  ms             -      -  -
            Goals missed: cluster.journal.inflight64
            """
        #expect(told == expected)
    }

    @Test("A short look says that it was one")
    func look() {
        let effort = Effort(seconds: 2.5, scale: 0.05)
        let told = FigureTable(figures: [figures[0]], effort: effort).text
        let last = "Measured with --seconds 2.5 --scale 0.05; the goals are meant for --seconds 60 --scale 1."
        #expect(told.split(separator: "\n").last.map(String.init) == last)
        #expect(!told.contains("missed"))
    }

    @Test("As JSON a figure has every key, with null for what there is not")
    func json() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let told = try figures.map { String(decoding: try encoder.encode($0), as: UTF8.self) }
        #expect(
            told[1] == """
                {"goal":{"atLeast":20000},"limit":null,"met":false,"name":"cluster.journal.inflight64","ratio":null,\
                "unit":"entries\\/s","value":19999.6}
                """)
        #expect(told[0].contains(#""goal":{"ratioAtMost":2}"#) && told[0].contains(#""met":true"#))
        #expect(told[2].contains(#""goal":null"#) && told[2].contains(#""met":null"#))
    }

    @Test(
        "Numbers have four digits or are whole, and commas",
        arguments: [
            (0, "0"), (0.9994, "0.999"), (7.25, "7.250"), (44.4, "44.40"), (674.04, "674.0"), (1_000, "1,000"),
            (123_371.4, "123,371"), (1_234_567, "1,234,567"), (-1_234, "-1,234"), (999, "999"),
        ])
    func numbers(value: Double, text: String) {
        #expect(FigureTable.number(value) == text)
    }
}
