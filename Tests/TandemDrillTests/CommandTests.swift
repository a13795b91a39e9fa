import Testing

@testable import TandemDrill

@Suite("The drill's command line")
struct CommandTests {
    @Test("A drill is named, with how long and with which seed")
    func run() throws {
        let words = [
            "run", "kill-leader", "--minutes", "2", "--seed", "7", "--json", "--history", "h", "--nodes", "5", "--tls",
        ]
        guard case .run(let plan) = try Command(words).verb else { throw Command.Mistake("no run") }
        #expect(plan.drill == .killLeader)
        #expect(plan.seconds == 120)
        #expect(plan.seed == 7)
        #expect(plan.isJSON)
        #expect(plan.historyPath == "h")
        #expect(plan.nodes == 5)
        #expect(plan.isSecured)
        #expect(try Command(["--list"]).verb == .list)
        #expect(try Command(["--help"]).verb == .help)
    }

    @Test(
        "What makes no sense is said",
        arguments: [
            [], ["run"], ["run", "kill-moon", "--seconds", "5"], ["run", "kill-any"], ["run", "kill-any", "--seconds"],
            ["run", "kill-any", "--seconds", "0"], ["run", "kill-any", "--seconds", "5", "--nodes", "2"],
            ["run", "cut-leader", "--seconds", "5", "--nodes", "1"],
            ["run", "kill-any", "--seconds", "5", "--loud", "1"],
            ["run", "kill-any", "--seconds", "5", "--nodes", "1", "--tls"],
            ["--list", "more"], ["walk"],
        ])
    func mistakes(words: [String]) {
        #expect(throws: Command.Mistake.self) { try Command(words) }
    }
}
