internal import Foundation

/// `tandem-bench`: what each layer costs, as a ratio to the machine's own limit measured in the same run.
@main
enum Main {
    private static let help = """
        Usage: tandem-bench [NAME…] [--json] [--list] [--seconds N] [--scale F]

        Measures the named figures, or all of them, and prints them in a table: each with the limit that this run measured,
        where there is one (the disk's, the loopback's, or the bare engine's), with its goal, and whether it is met. The
        exit status says whether everything was measured, not whether goals were met. Docs/Benchmarks.md has more.

          --json       one array of {"name", "value", "unit", "limit", "ratio", "goal", "met"} instead of the table
          --list       the names
          --seconds N  length of the sustained measurements (60)
          --scale F    part of what is counted: of millions of entries, timers, …, and of kills (1)
        """

    static func main() async {
        if CommandLine.arguments.count == 3, CommandLine.arguments[1] == SecondLife.argument {
            return await secondLife(CommandLine.arguments[2])
        }
        if CommandLine.arguments.count == 3, CommandLine.arguments[1] == JournalMember.argument {
            return await journalMember(CommandLine.arguments[2])
        }
        var (names, json, list, effort): ([String], Bool, Bool, Effort) = ([], false, false, Effort())
        var rest = CommandLine.arguments.dropFirst()
        while let argument = rest.popFirst() {
            switch argument {
            case "--help", "-h": return print(help)
            case "--json": json = true
            case "--list": list = true
            case "--seconds":
                guard let seconds = rest.popFirst().flatMap(Double.init), seconds > 0 else { wrong("--seconds N") }
                effort.seconds = seconds
            case "--scale":
                guard let scale = rest.popFirst().flatMap(Double.init), scale > 0 else { wrong("--scale F") }
                effort.scale = scale
            default: names.append(argument)
            }
        }
        if list { return Benchmark.all.flatMap(\.names).forEach { print($0) } }
        let known = Set(Benchmark.all.flatMap(\.names))
        for name in names where !known.contains(name) { wrong("there is no figure \(name); --list names them") }
        var figures: [Figure] = []
        var isWhole = true
        for benchmark in Benchmark.all where names.isEmpty || benchmark.names.contains(where: names.contains) {
            say("\(benchmark.names.joined(separator: ", ")): \(benchmark.about)")
            do {
                let measured = try await benchmark.run(effort).filter { names.isEmpty || names.contains($0.name) }
                figures += measured
                measured.forEach(tell)
            } catch {
                say("\(benchmark.names[0]): \(error)")
                isWhole = false
            }
        }
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            print(String(decoding: (try? encoder.encode(figures)) ?? Data(), as: UTF8.self))
        } else if !figures.isEmpty {
            print(FigureTable(figures: figures, effort: effort).text)
        }
        // Goals that are missed are said; a benchmark is no test.
        if !isWhole { exit(1) }
    }

    private static func secondLife(_ directory: String) async {
        do {
            try await SecondLife.lead(in: directory)
        } catch {
            say("\(SecondLife.argument): \(error)")
            exit(1)
        }
    }

    private static func journalMember(_ plan: String) async {
        do {
            try await JournalMember.run(plan)
        } catch {
            say("\(JournalMember.argument): \(error)")
            exit(1)
        }
    }

    /// As soon as it is measured; the table comes at the end.
    private static func tell(_ figure: Figure) {
        var line = "  \(figure.name) \(FigureTable.number(figure.value)) \(figure.unit)"
        if let limit = figure.limit, let ratio = figure.ratio {
            line += ", \(FigureTable.number(ratio)) of \(FigureTable.number(limit)) \(figure.against ?? "")"
        }
        say(line)
    }

    /// Progress, on standard error.
    static func say(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }

    private static func wrong(_ what: String) -> Never {
        say("tandem-bench: \(what)\n\n\(help)")
        exit(2)
    }
}
