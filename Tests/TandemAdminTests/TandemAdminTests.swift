import TandemAPI
import Testing

@testable import TandemAdmin

@Suite("The command line")
struct CommandLineTests {
    private func parse(_ typed: String, _ environment: [String: String] = [:]) throws -> (Verb, CommandLineWords) {
        try CommandLineWords.parse(typed.split(separator: " ").map(String.init), environment: environment)
    }

    @Test("The verb with the most words that fits is meant, and what follows are its arguments")
    func verbs() throws {
        #expect(try parse("actors --kind agent").0.path == "/v1/node/actors")
        let (verb, line) = try parse("actor show agt_1 --json --address http://h:1")
        #expect(verb.path == "/v1/node/actors/{actor}")
        #expect(line.arguments == ["agt_1"])
        #expect(line.json)
        #expect(line.address == "http://h:1")
        #expect(try parse("quarantine").0.method == .get)
        #expect(try parse("quarantine resolve qua_1").0.method == .post)
    }

    @Test(
        "Wrong words are answered with what to type",
        arguments: ["nonsense", "actor show", "status --colour red", "tree x"])
    func wrong(typed: String) {
        #expect(throws: CommandLineWords.Mistake.self) { try parse(typed) }
    }

    @Test("A token among the arguments is refused, because process lists show it")
    func noToken() {
        #expect {
            try parse("status --token tdm_x")
        } throws: { error in
            guard case .wrong(let what) = error as? CommandLineWords.Mistake else { return false }
            return what.contains("--token-file") && !what.contains("tdm_x")
        }
    }

    @Test("The environment says where the node is, the command line goes before it")
    func environment() throws {
        let environment = ["TANDEM_ADDRESS": "http://a:1", "TANDEM_TOKEN_FILE": "f"]
        #expect(try parse("status", environment).1.address == "http://a:1")
        #expect(try parse("status", environment).1.tokenFile == "f")
        #expect(try parse("status --address http://b:2", environment).1.address == "http://b:2")
    }

    @Test("Every verb and every option is in the help")
    func help() {
        for verb in Verb.all {
            #expect(Help.text.contains(verb.usage))
            for option in verb.options { #expect(Help.text.contains("--\(option.name): \(option.help)")) }
        }
    }

    @Test("A table is aligned, leaves out what nobody fills, and says how to go on")
    func table() throws {
        let answer = try JSONValue(
            parsing: Array(
                #"{"items":[{"id":"que_1","settings":{"name":"Sales"},"version":3},{"id":"que_22","settings":{"name":"S"},"version":12}],"next":"abc"}"#
                    .utf8))
        let verb = try #require(Verb.all.first { $0.words == ["queues"] })
        #expect(
            Printing(verb: verb).text(answer) == """
                QUEUE   NAME   VERSION
                que_1   Sales  3
                que_22  S      12
                (more: --cursor abc)
                """)
    }

    @Test("The tree shows children under their parent, restarts and what is not running")
    func tree() throws {
        let answer = try JSONValue(
            parsing: Array(
                #"{"name":"node 1","kind":"node","state":"running","restarts":0,"children":[{"name":"journal","state":"diskFull","restarts":0,"children":[]},{"name":"partition 0","state":"leading","restarts":0,"children":[{"name":"routing","state":"running","restarts":2,"count":5,"lastReason":"broke","children":[]}]}]}"#
                    .utf8))
        let verb = try #require(Verb.all.first { $0.words == ["tree"] })
        #expect(
            Printing(verb: verb).text(answer) == """
                node 1
                ├─ journal  [diskFull]
                └─ partition 0  [leading]
                   └─ routing  5  restarted 2 times: broke
                """)
    }

    @Test("Escape characters in an answer do not reach the terminal")
    func escapes() {
        #expect(JSONValue.string("a\u{1b}[31mb\nc").plain == "a[31mb c")
    }
}
