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

    @Test("A backup is restored by the node's program, which gets the words as its own flags")
    func restore() throws {
        let (verb, line) = try parse("restore /backups/one --node 4 --directory /srv/new")
        #expect(verb.program == "tandemd")
        #expect(
            Neighbour.arguments(verb, line) == ["--restore", "/backups/one", "--directory", "/srv/new", "--node", "4"])
        #expect(throws: CommandLineWords.Mistake.self) { try parse("restore") }
        #expect(throws: CommandLineWords.Mistake.self) { try parse("restore /backups/one --json") }
        for flag in ["--listen", "--address", "--token-file", "--ca-file"] {
            #expect(throws: CommandLineWords.Mistake.self) { try parse("restore /backups/one \(flag) x") }
        }
        #expect(throws: Never.self) { try parse("restore /backups/one", ["TANDEM_ADDRESS": "http://a:1"]) }
        #expect(Neighbour("no-such-program").become([]).contains("no-such-program cannot be run"))
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

    @Test("A cluster's nodes and partitions are told as the asked node has them, what is unknown left blank")
    func cluster() throws {
        func printed(_ typed: String, _ answer: String) throws -> String {
            Printing(verb: try parse(typed).0).text(try JSONValue(parsing: Array(answer.utf8)))
        }
        let nodes = """
            {"items":[{"node":1,"isSelf":true,"standing":"here","incarnation":3,"formatMin":1,"formatMax":3,\
            "format":2,"address":"10.0.0.1:7500","leads":4,\
            "queuedBytes":0},{"node":2,"isSelf":false,"standing":"gone","formatMin":1,\
            "formatMax":2,"format":2,"address":"10.0.0.2:7500","leads":0,\
            "queuedBytes":12,"lastLoss":"it was silent for too long"}]}
            """
        #expect(
            try printed("nodes", nodes) == """
                NODE  ASKED  STANDING  LIFE  READS FORMAT  TO  ALL WRITE  LEADS  ADDRESS        QUEUED BYTES  LAST LOSS
                1     yes    here      3     1             3   2          4      10.0.0.1:7500  0
                2     no     gone            1             2   2          0      10.0.0.2:7500  12            it was silent for too long
                """)
        let partitions = """
            {"node":2,"partitions":[\
            {"partition":0,"phase":"following","leader":1,"term":7,"applied":90,"inFlight":0,"isServing":true},\
            {"partition":1,"phase":"following","term":8,"applied":12,"inFlight":0,"isServing":false}]}
            """
        #expect(
            try printed("partitions", partitions) == """
                as node  2

                PARTITION  LEADER  HERE       TERM  APPLIED  IN FLIGHT  SERVED
                0          1       following  7     90       0          yes
                1                  following  8     12       0          no
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

    @Test(
        "Control characters in an answer reach the terminal as spaces, whatever stands beside them",
        arguments: ["\u{1b}", "\n", "\r\n", "\r", "\u{8}", "\u{7f}", "\u{9b}", "\t", "\u{85}", "\u{0}"])
    func controls(text: String) {
        let blank = String(repeating: " ", count: text.unicodeScalars.count)
        #expect(JSONValue.string("é\(text)[2Kz").plain == "é\(blank)[2Kz")
        #expect(JSONValue.object([.init("k\(text)", .string("v"))]).plain == "k\(blank)=v")
    }

    @Test(
        "Every list that has pages can be asked for the next one", arguments: ["conversation show cnv_1", "quarantine"])
    func pages(typed: String) throws {
        #expect(try parse(typed + " --cursor abc").1.options["cursor"] == "abc")
    }

    @Test("Damage in the journal is told finding by finding, and by the exit status")
    func damage() throws {
        let verb = try parse("journal verify").0
        let damaged = try JSONValue(
            parsing: Array(
                #"{"isSound":false,"partitions":[{"partition":0,"first":1,"last":9,"entries":9}],"findings":["entry 4: checksum","the mark is missing"]}"#
                    .utf8))
        #expect(
            Printing(verb: verb).text(damaged) == """
                sound     no
                findings  2

                FINDING
                entry 4: checksum
                the mark is missing

                PARTITION  FIRST  LAST  ENTRIES
                0          1      9     9
                """)
        #expect(verb.exitStatus(damaged) == 1)
        #expect(verb.exitStatus(try JSONValue(parsing: Array(#"{"isSound":true,"findings":[]}"#.utf8))) == 0)
        #expect(try parse("status").0.exitStatus(damaged) == 0)
    }
}
