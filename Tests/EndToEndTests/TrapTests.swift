import Foundation
import TandemAPI
import TandemTransport
import Testing

/// What code that is wrong costs, with a real process that has a defect built in: see `TrapNode`.
@Suite("Code that is wrong", .serialized)
struct TrapTests {
    @Test("An input that ended the process twice is quarantined, with its contact; everything else works")
    func trapped() throws {
        let daemon = try Daemon()
        try daemon.start()
        let demo = try Demo(daemon)
        let victim = try demo.arrive("sales", token: demo.customer)
        let other = try demo.arrive("sales", token: demo.customer)
        try victim.live.ask("message", "\"text\":\"before\"")
        #expect(daemon.terminate() == 0)

        daemon.program = "TrapNode"
        let body = "{\"text\":\"trap!\"}"
        let path = "/v1/conversations/\(victim.conversation)/messages"
        for _ in 0..<2 {
            try daemon.start()
            try daemon.call(
                "POST", "/v1/conversations/\(other.conversation)/messages", token: demo.customer,
                body: "{\"text\":\"meanwhile\"}")
            #expect(throws: (any Error).self) {
                try daemon.send(
                    "POST", path, token: demo.customer, body: body, key: "the-trap")
            }
            #expect(daemon.hasTrapped())
        }

        // Before anybody asks it is on the operators' list, with its contact and nothing that was said.
        try daemon.start()
        let list = try daemon.call("GET", "/v1/node/quarantine", token: demo.operator)
        let item = try #require(list["items"]?.elements?.first)
        #expect(list["items"]?.elements?.count == 1)
        #expect(item["summary"]?.text == "postMessage")
        #expect(item["actor"]?.text == victim.conversation)
        #expect(item["contact"]?.text == victim.contact)
        let printed = try daemon.tandem("quarantine")
        #expect(printed.contains(victim.contact) && printed.contains("2 times"), "\(printed)")
        #expect(!printed.contains("trap!"))

        // The same input is not run a third time; all else is.
        let refused = try daemon.call(
            "POST", path, token: demo.customer, body: body, expecting: 409, key: "the-trap")
        #expect(refused["code"]?.text == "quarantined")
        let live = try Live(daemon, "/v1/live/customer?conversation=\(victim.conversation)", token: demo.customer)
        try live.ask("message", "\"text\":\"after\"")
        #expect(try demo.transcript(victim.conversation) == [1: "before", 2: "after"])
        #expect(try demo.transcript(other.conversation) == [1: "meanwhile", 2: "meanwhile"])
        let bo = try Live(daemon, "/v1/live/agent", token: demo.agents[1])
        try bo.ask("presence", "\"state\":\"available\"")
        let offer = try bo.wait("offer") { $0["conversation"]?.text == victim.conversation }
        try bo.ask("accept", demo.fields(offer, "offer", "conversation", "contact"))

        // It stays so until an operator has dealt with it.
        #expect(daemon.terminate() == 0)
        daemon.program = "tandemd"
        try daemon.start()
        #expect(try daemon.tandem("quarantine").contains(victim.contact))
        _ = try daemon.tandem("quarantine", "resolve", item["id"]?.text ?? "")
        #expect(try !daemon.tandem("quarantine").contains(victim.contact))
        try daemon.call(
            "POST", path, token: demo.customer, body: body, key: "the-trap")
        #expect(try demo.transcript(victim.conversation)[3] == "trap!")
        #expect(daemon.terminate() == 0)
    }

    @Test("A machine that breaks an invariant is rebuilt from the journal, and its input is carried out after all")
    func stumbled() throws {
        let daemon = try Daemon()
        try daemon.start()
        let demo = try Demo(daemon)
        #expect(daemon.terminate() == 0)
        daemon.program = "TrapNode"
        try daemon.start()
        let victim = try demo.arrive("sales", token: demo.customer)
        let other = try demo.arrive("sales", token: demo.customer)
        for number in 1...200 {
            victim.live.post("message", "\"text\":\"\(number)\"")
            other.live.post("message", "\"text\":\"\(number)\"")
        }
        try victim.live.ask("message", "\"text\":\"stumble!\"")
        try other.live.ask("message", "\"text\":\"201\"")
        #expect(try demo.transcript(victim.conversation).count == 201)
        let found = try demo.transcript(other.conversation)
        #expect((1...201).allSatisfy { found[$0] == "\($0)" }, "somebody else noticed")
        let metrics = try daemon.send("GET", "/metrics").text
        #expect(metrics.contains("\ntandem_invariants_broken_total{partition=\"0\"} 1"), "\(metrics)")
        let quarantined = try daemon.call("GET", "/v1/node/quarantine", token: demo.operator)
        #expect(quarantined["items"]?.elements?.isEmpty == true)
        #expect(daemon.terminate() == 0)
    }
}
