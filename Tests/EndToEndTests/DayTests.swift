import Foundation
import TandemAPI
import TandemCore
import TestPrograms
import Testing

/// A whole day in small, over real sockets, with a real process that is killed in the middle of it. The contact
/// centre's clock runs ten times as fast.
@Suite("A day in small", .serialized)
struct DayTests {
    @Test("Customers arrive, wait, are offered, not answered, answered, held, transferred, wrapped up")
    func day() throws {
        let daemon = try Daemon()
        try daemon.start()
        let demo = try Demo(daemon)
        let ada = try Live(daemon, "/v1/live/agent", token: demo.agents[0])
        try ada.ask("presence", "\"state\":\"available\"")

        // Offered, and not answered: the contact waits again with its age, the agent does not respond.
        let dora = try demo.arrive("support", token: demo.customer)
        let rung = try ada.wait("offer") { $0["conversation"]?.text == dora.conversation }
        #expect(rung["customer"]?["tier"]?.text == "vip")
        try ada.wait("offerEnded") { $0["outcome"]?.text == "timedOut" }
        try ada.wait("presence") { $0["state"]?.text == "notResponding" }
        let contact = try daemon.call("GET", "/v1/contacts/\(dora.contact)", token: demo.supervisor)
        #expect(contact["state"]?.text == "queued")
        #expect(contact["enqueuedAt"]?.text == contact["createdAt"]?.text)

        // Answered.
        try ada.ask("presence", "\"state\":\"available\"")
        let offer = try ada.wait("offer")
        try ada.ask("accept", demo.fields(offer, "offer", "conversation", "contact"))
        try dora.live.wait("contact") { $0["state"]?.text == "connected" && $0["name"]?.text == "Ada" }
        try dora.live.ask("message", "\"text\":\"My invoice is wrong \\ud83d\\ude15\"")
        let heard = try ada.wait("message") { $0["conversation"]?.text == dora.conversation }
        #expect(heard["text"]?.text == "My invoice is wrong 😕")
        try ada.ask("message", "\"conversation\":\"\(dora.conversation)\",\"text\":\"Let me look.\"")
        try dora.live.wait("message") { $0["text"]?.text == "Let me look." }

        // Held and resumed, then transferred to Bo.
        let legs = "\"conversation\":\"\(dora.conversation)\",\"contact\":\"\(dora.contact)\""
        try ada.ask("hold", legs)
        try dora.live.wait("contact") { $0["state"]?.text == "held" }
        try ada.ask("resume", legs)
        try dora.live.wait("contact") { $0["state"]?.text == "connected" }
        let bo = try Live(daemon, "/v1/live/agent", token: demo.agents[1])
        try bo.ask("presence", "\"state\":\"available\"")
        try ada.ask("transfer", "\(legs),\"agent\":\"\(demo.agentIDs[1])\"")
        let passedOn = try bo.wait("offer") { $0["conversation"]?.text == dora.conversation }
        try bo.ask("accept", demo.fields(passedOn, "offer", "conversation", "contact"))
        try dora.live.wait("contact") { $0["state"]?.text == "connected" && $0["name"]?.text == "Bo" }

        // Ended and wrapped up; the record says so.
        let last = demo.fields(passedOn, "conversation", "contact")
        try bo.ask("end", last)
        try bo.wait("contact") { $0["state"]?.text == "wrapping" }
        try bo.ask("wrapup", "\(last),\"disposition\":\"solved\"")
        try bo.wait("contact") { $0["state"]?.text == "closed" && $0["disposition"]?.text == "solved" }
        try ada.wait("contact") { $0["state"]?.text == "closed" && $0["reason"]?.text == "transferred" }
        let contacts = try daemon.call(
            "GET", "/v1/conversations/\(dora.conversation)/contacts", token: demo.supervisor)
        #expect(contacts["items"]?.elements?.count == 2)
        #expect(contacts["items"]?.elements?.contains { $0["endReason"]?.text == "transferred" } == true)
        #expect(daemon.terminate() == 0)
    }

    @Test("After kill -9 in the middle of traffic every acknowledged message is there once, and the waiting still wait")
    func killed() throws {
        let daemon = try Daemon()
        try daemon.start()
        let demo = try Demo(daemon)
        let waiting = try (0..<5).map { _ in try demo.arrive("support", token: demo.customer) }
        let talk = try demo.arrive("sales", token: demo.customer)
        let before = try waiting.map { try daemon.call("GET", "/v1/contacts/\($0.contact)", token: demo.supervisor) }

        let sent = (0..<400).map { talk.live.post("message", "\"text\":\"number \($0)\"") }
        try talk.live.wait("ack") { $0["id"]?.text == sent[40] }
        daemon.kill()
        let acknowledged = talk.live.all.filter { $0["type"]?.text == "ack" }
        #expect(acknowledged.count > 40)

        try daemon.start()
        let found = try demo.transcript(talk.conversation)
        for ack in acknowledged {
            let id = try #require(ack["id"]?.text)
            let place = try #require(sent.firstIndex(of: id))
            let sequence = try #require(ack["sequence"]?.whole)
            #expect(found[sequence] == "number \(place)", "an acknowledged message was lost or moved")
        }
        #expect(Set(found.values).count == found.count, "a message is there twice")
        #expect(found.keys.max().map(Int.init) == found.count, "a number is missing")

        // The last of them sent again by a client that never heard: the same message, not a second.
        let last = try #require(found.keys.max())
        let place = try #require(sent.indices.first { found[last] == "number \($0)" })
        let again = try Live(daemon, "/v1/live/customer?conversation=\(talk.conversation)", token: demo.customer)
        let repeated = try again.askAgain(sent[place], "\"text\":\"number \(place)\"")
        #expect(repeated["sequence"]?.whole == last)
        #expect(try demo.transcript(talk.conversation).count == found.count)

        for (contact, earlier) in zip(waiting, before) {
            let now = try daemon.call("GET", "/v1/contacts/\(contact.contact)", token: demo.supervisor)
            #expect(now["state"]?.text == "queued")
            #expect(now["enqueuedAt"]?.text == earlier["enqueuedAt"]?.text, "a waiting contact lost its age")
            #expect(now["enqueuedAt"]?.text != nil)
        }

        // The answer's promise of 30 s runs out across the restart, and is broken exactly once.
        let supervisor = try Live(
            daemon, "/v1/live/events?types=clockBreached&conversation=\(waiting[0].conversation)&resume=0",
            token: demo.supervisor)
        try supervisor.wait("clockBreached")
        let timeline = try daemon.call(
            "GET", "/v1/conversations/\(waiting[0].conversation)/timeline?limit=500", token: demo.supervisor)
        let breaches = timeline["items"]?.elements?.filter { $0["type"]?.text == "clockBreached" } ?? []
        #expect(Set(breaches.compactMap { $0["metric"]?.text }).count == breaches.count)

        // And routing goes on: somebody comes, and the first of those who wait is his.
        let ada = try Live(daemon, "/v1/live/agent", token: demo.agents[0])
        try ada.ask("presence", "\"state\":\"available\"")
        let offer = try ada.wait("offer")
        #expect(offer["conversation"]?.text == waiting[0].conversation)
        #expect(daemon.terminate() == 0)
    }

    @Test("A directory made with a fast clock is refused without it, and one node's directory by a second node")
    func refused() throws {
        let daemon = try Daemon()
        try daemon.start()
        func again(_ arguments: String...) throws -> ProgramRun {
            try ProgramRun(
                Daemon.programs.appending(path: "tandemd").path,
                ["--directory", daemon.directory] + daemon.common + arguments)
        }
        for run in try [again("--demo"), again("--demo", "--test-clock", "10")] {
            #expect(run.status == 1)
            #expect(run.output.contains("in use by process"), "\(run.output)")
        }
        #expect(daemon.terminate() == 0)
        let run = try again()
        #expect(run.status == 1)
        #expect(run.output.contains("--test-clock 10"), "\(run.output)")
    }
}
