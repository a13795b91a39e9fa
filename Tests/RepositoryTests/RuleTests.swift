import Testing

/// A file that breaks a rule and one, as near to it as can be, that keeps it.
struct Example: CustomTestStringConvertible {
    let rule: Rule
    let path: String
    let bad: String
    let good: String
    /// How often `bad` breaks it.
    var count = 1

    var testDescription: String { "\(rule.rawValue): \(path): \(bad.prefix(40).replacing("\n", with: " "))" }
}

@Suite("The rules")
struct RuleTests {
    @Test("A bad file is found out", arguments: Example.all)
    func findsBad(_ example: Example) {
        let checkout = Checkout(files: [TextFile(path: example.path, text: example.bad)])
        let findings = example.rule.findings(in: checkout)
        #expect(findings.count == example.count, "\(findings)")
    }

    @Test("A good file passes", arguments: Example.all)
    func passesGood(_ example: Example) {
        let checkout = Checkout(files: [TextFile(path: example.path, text: example.good)])
        #expect(example.rule.findings(in: checkout).map(\.description) == [])
    }

    @Test("Every rule has been tried on a bad file and a good one", arguments: Rule.allCases)
    func isTried(_ rule: Rule) {
        let wholeCheckout: Set<Rule> = [.manifest, .designPage, .link, .fileName]
        #expect(wholeCheckout.contains(rule) || Example.all.contains { $0.rule == rule })
    }

    @Test("A file's name says its noun")
    func fileName() {
        let names = ["Utils.swift", "StringHelpers.swift", "CommonTypes.swift", "SessionManager.swift", "Offer.swift"]
        let checkout = Checkout(files: names.map { TextFile(path: "Sources/TandemCore/\($0)", text: "") })
        #expect(Rule.fileName.findings(in: checkout).count == 4)
    }

    @Test("A finding names file, line and what is wrong")
    func description() {
        let file = TextFile(path: "Sources/TandemWire/Frame.swift", text: "\n\nimport Glibc\n")
        let findings = Rule.imports.findings(in: Checkout(files: [file]))
        #expect(findings.map(\.description) == ["Sources/TandemWire/Frame.swift:3: TandemWire must not import Glibc"])
    }
}

@Suite("Rules over the whole checkout")
struct CheckoutRuleTests {
    private func findings(_ rule: Rule, _ files: [String: String]) -> [Finding] {
        rule.findings(in: Checkout(files: files.map { TextFile(path: $0.key, text: $0.value) }))
    }

    /// A manifest that says what the table says.
    private var manifest: String {
        let foreign = Room.foreign.map { "    .target(name: \"\($0)\"),\n" }.joined()
        let rooms = Room.all.map { "    room(\"\($0.name)\", \($0.imports ?? [])),\n" }.joined()
        return "let package = Package(name: \"Tandem\", targets: [\n\(foreign)\(rooms)])\n"
    }

    @Test("A manifest that agrees with the table of rooms passes")
    func manifestAgrees() {
        #expect(findings(.manifest, ["Package.swift": manifest]).map(\.description) == [])
    }

    @Test("A dependency more or less than the table has is found out")
    func manifestDiffers() {
        let more = manifest.replacing(
            "room(\"TandemWire\", [\"TandemCore\", \"TandemConsensus\"])", with: "room(\"TandemWire\", [\"TandemAPI\"])"
        )
        #expect(findings(.manifest, ["Package.swift": more]).count == 1)
        let less = manifest.replacing("room(\"TandemCore\", []),", with: "")
        #expect(findings(.manifest, ["Package.swift": less]).count == 1)
    }

    @Test("A target or a folder that the table does not have is found out")
    func unknownRoom() {
        let unknown = manifest + "\nlet more = room(\"TandemAttic\", [])"
        #expect(findings(.manifest, ["Package.swift": unknown]).count == 1)
        #expect(findings(.manifest, ["Package.swift": manifest, "Sources/TandemAttic/Attic.swift": ""]).count == 1)
        #expect(findings(.manifest, [:]).count == 1)
    }

    @Test("A target of two files has a design page, and a placeholder is none")
    func designPage() {
        let sources = ["Sources/TandemCore/Offer.swift": "", "Sources/TandemCore/Agent.swift": ""]
        #expect(findings(.designPage, sources).count == 1)
        let placeholder = sources.merging(["Sources/TandemCore/DESIGN.md": "# TandemCore\n"]) { $1 }
        #expect(findings(.designPage, placeholder).count == 1)
        let page = "# TandemCore\n" + Array(repeating: "A line about it.\n", count: 9).joined() + "1. A step.\n"
        let written = sources.merging(["Sources/TandemCore/DESIGN.md": page]) { $1 }
        #expect(findings(.designPage, written).isEmpty)
        #expect(findings(.designPage, ["Sources/TandemCore/Offer.swift": ""]).isEmpty)
    }

    @Test("A link leads to a file or folder that is there")
    func link() {
        let page = """
            [a](Page.md#part) [b](../README.md) [c](/LICENSE) [d](https://example.org/x) [e](#here) [f](Decisions/)
            `[g](Gone.md)`
            ```text
            [h](Gone.md)
            ```
            [i]: Page.md
            """
        let files = [
            "Docs/Index.md": page, "Docs/Page.md": "", "README.md": "", "LICENSE": "", "Docs/Decisions/0001.md": "",
        ]
        #expect(findings(.link, files).map(\.description) == [])
        #expect(findings(.link, ["Docs/Index.md": "[a](Gone.md)\n[b]: Gone.md\n[c](../../Out.md)"]).count == 3)
    }
}
