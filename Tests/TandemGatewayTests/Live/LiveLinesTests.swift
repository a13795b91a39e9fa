import Foundation
import TandemAPI
import TandemCore
import TandemGateway
import TandemRuntime
import TandemTransport
import Testing

@Suite("Live sessions: lines that break")
struct LiveLinesTests {
    @Test("A client that resumes gets what it missed, without a gap and without a repeat")
    func resume() async throws {
        try await Centre.run { centre in
            let scene = try centre.connectLive()
            var seen: [Int64] = []
            var customer = scene.customer
            for round in 0..<4 {
                for number in 0..<20 {
                    let text = #""type":"message","conversation":"\#(scene.conversation)","text":"\#(number)""#
                    scene.agent.send("{\(text),\"id\":\"\(round)-\(number)\"}")
                }
                // It goes somewhere in the middle of it.
                let last = Int64(2 + round * 20 + [0, 7, 12, 19][round])
                try customer.expect("message") { $0["sequence"] == .integer(last) }
                customer.vanish()
                seen += customer.all("message").compactMap { $0["sequence"]?.whole }
                customer = try centre.customerLive(scene.conversation, resume: customer.position)
            }
            let all = (2..<82).map { Int64($0) }
            if seen.last != 81 {
                try customer.expect("message") { $0["sequence"] == .integer(81) }
                seen += customer.all("message").compactMap { $0["sequence"]?.whole }
            }
            #expect(seen == all)
            let whole = try centre.customerLive(scene.conversation, resume: 0)
            try whole.expect("message") { $0["sequence"] == .integer(81) }
            #expect(whole.all("message").compactMap { $0["sequence"]?.whole } == [1] + all)
        }
    }

    @Test("A client that writes while its line breaks loses nothing: what was not acknowledged it sends again")
    func resumeWhileWriting() async throws {
        try await Centre.run { centre in
            let scene = try centre.connectLive()
            for number in 0..<120 {
                let place = #""conversation":"\#(scene.conversation)""#
                scene.agent.send(#"{"type":"message","id":"a\#(number)",\#(place),"text":"from Ann"}"#)
            }
            var own: [String: Int64] = [:]
            var others: [Int64] = []
            var customer = scene.customer
            let gather = { (client: LiveClient) in
                for frame in client.all("ack") + client.all("message") {
                    guard let sequence = frame["sequence"]?.whole else { continue }
                    guard let id = frame["id"]?.text else {
                        others.append(sequence)
                        continue
                    }
                    #expect(own[id] == nil || own[id] == sequence, "\(id) is one message")
                    own[id] = sequence
                }
            }
            let ids = (0..<120).map { "c\($0)" }
            for round in 0..<4 {
                for id in ids[(round * 30)..<(round * 30 + 30)] {
                    customer.send(#"{"type":"message","id":"\#(id)","text":"from Cyd"}"#)
                }
                try customer.expect("ack") { $0["id"]?.text == ids[round * 30 + 15] }
                customer.vanish()
                gather(customer)
                customer = try centre.customerLive(scene.conversation, resume: customer.position)
            }
            for id in ids where own[id] == nil { try customer.ask(id, #""type":"message","text":"from Cyd""#) }
            try scene.agent.expect("ack") { $0["id"]?.text == "a119" }
            try customer.ask("last", #""type":"message","text":"from Cyd""#)
            gather(customer)
            #expect(others == others.sorted() && Set(others).count == others.count && others.count == 120)
            #expect((others + own.values).sorted() == (2...242).map { Int64($0) })
        }
    }

    @Test(
        "A position that was never given out is refused, and the session closed",
        arguments: ["-1", "x", "999999999999"])
    func badResume(position: String) async throws {
        try await Centre.run { centre in
            let client = try LiveClient(centre, "/v1/live/agent?resume=\(position)", centre.agentToken)
            #expect(try client.expect("error")["field"]?.text == "resume")
            #expect(try client.waitForEnd().code == 4_400)
        }
    }

    @Test("An offer that rings out makes its agent unresponsive, and the contact waits again")
    func ringsOut() async throws {
        try await Centre.run(testClock: 100) { centre in
            let (agent, _) = try centre.agentLive()
            try agent.ask("p", #""type":"presence","state":"available""#)
            let (conversation, contact) = try centre.openConversation()
            let customer = try centre.customerLive(conversation)
            let offer = try agent.expect("offer") { $0["contact"]?.text == contact }
            let ended = try agent.expect("offerEnded") { $0["offer"] == offer["offer"] }
            #expect(ended["outcome"]?.text == "timedOut")
            try agent.expect("presence") { $0["state"]?.text == "notResponding" && $0["unanswered"] == .integer(1) }
            customer.send(#"{"type":"position","id":"q"}"#)
            #expect(try customer.expect("queue") { $0["id"]?.text == "q" }["position"] == .integer(1))
            let (late, id) = (#""conversation":"\#(conversation)","contact":"\#(contact)""#, offer["offer"]?.text ?? "")
            #expect(
                try agent.refused(#"{"type":"accept","offer":"\#(id)",\#(late),"id":"a"}"#)["code"]?.text
                    == "offerNotFound")
        }
    }

    @Test("A lost agent keeps his contacts for the grace time, and comes back to them")
    func grace() async throws {
        try await Centre.run { centre in
            let scene = try centre.connectLive()
            let position = scene.agent.position
            scene.agent.vanish()
            try centre.expectPresence("offline")
            try scene.customer.ask("m", #""type":"message","text":"Still there?""#)
            let (agent, welcome) = try centre.agentLive(resume: position)
            #expect(welcome["state"]?.text == "available")
            #expect(welcome["assignments"]?[0]?["contact"]?.text == scene.contact)
            #expect(welcome["assignments"]?[0]?["customer"]?["name"]?.text == "Cyd")
            try agent.expect("message") { $0["text"]?.text == "Still there?" }
            try agent.expect("presence") { $0["state"]?.text == "available" }
            #expect(agent.all("presence").compactMap { $0["state"]?.text } == ["offline", "available"])
        }
    }

    @Test("When the grace time is over the lost agent's contact waits again")
    func graceOver() async throws {
        try await Centre.run(testClock: 100) { centre in
            let scene = try centre.connectLive()
            scene.agent.vanish()
            try scene.customer.expect("contact") { $0["state"]?.text == "queued" }
            try centre.expectPresence("loggedOut")
        }
    }

    @Test(
        "An agent whose line falls silent is found out by pings: he has his grace time, then his contact is next in line"
    )
    func silence() async throws {
        var limits = TandemTransport.Limits()
        (limits.pingMilliseconds, limits.pongMilliseconds) = (50, 2_000)
        try await Centre.run(testClock: 20, limits: limits) { centre in
            let scene = try centre.connectLive()
            try scene.agent.ask("b", #""type":"presence","state":"onBreak","code":"lunch""#)
            let (conversation, _) = try centre.openConversation()
            let waiting = try centre.customerLive(conversation)
            let events = try LiveClient(
                centre, "/v1/live/events?types=presenceChanged,contactQueued", centre.supervisor)
            try events.expect("welcome")
            scene.agent.stopReading()

            let offline = try events.expect("presenceChanged")
            #expect(offline["to"]?["presence"]?.text == "offline" && offline["by"]?.text == "system")
            #expect(centre.gateway.transportFigures?.connectionsClosed[.idleTimeout] == 1)
            #expect(scene.customer.closed == nil && waiting.closed == nil, "those who answer stay")
            let queued = try events.expect("contactQueued")
            #expect(queued["contact"]?.text == scene.contact && queued["released"]?.text == centre.agent)
            let (until, at) = (try #require(offline["to"]?["until"]?.text), try #require(queued["time"]?.text))
            #expect(until <= at, "his contact stays his until \(until)")
            try scene.customer.expect("contact") { $0["state"]?.text == "queued" }
            for (client, place) in [(scene.customer, 1), (waiting, 2)] {
                client.send(#"{"type":"position","id":"q"}"#)
                #expect(try client.expect("queue") { $0["id"]?.text == "q" }["position"] == .integer(Int64(place)))
            }
            try centre.expectPresence("loggedOut")
        }
    }

    @Test("A client that falls too far behind while it reads its past is sent away, and misses nothing when it resumes")
    func tooFarBehind() async throws {
        var (limits, bounds) = (TandemTransport.Limits(), LiveLimits())
        (limits.highWaterBytes, limits.lowWaterBytes) = (32 * 1_024, 8 * 1_024)
        limits.closeMilliseconds = 30_000
        bounds.heldMax = 500
        try await Centre.run(limits: limits, liveLimits: bounds) { centre in
            let (conversation, _) = try centre.openConversation()
            let writer = try centre.customerLive(conversation)
            var sent = 1
            func post(_ count: Int, _ text: String) throws {
                writer.send((sent + 1...sent + count).map { #"{"type":"message","id":"m\#($0)","text":"\#(text)"}"# })
                sent += count
                try writer.expect("ack") { $0["id"]?.text == "m\(sent)" }
            }
            // More than the kernel takes for a client that does not read.
            for _ in 0..<20 { try post(40, String(repeating: "x", count: 16_000)) }
            let reader = try LiveClient(
                centre, "/v1/live/customer?conversation=\(conversation)&resume=0", centre.customerToken,
                isReading: false)
            let edge = try #require(centre.gateway.options.live)
            for _ in 0..<9 {
                try post(50, "x")
                #expect(edge.count == 2, "450 events are held for it, not more")
            }
            while edge.count == 2, sent < 3_000 { try post(10, "x") }
            #expect(edge.count == 1 && sent >= 801 + 500, "sent away at \(sent)")
            reader.readOn()
            let end = try reader.waitForEnd()
            #expect(end.code == 1_013, "\(end)")
            try post(10, "x")

            let again = try centre.customerLive(conversation, resume: reader.position)
            try again.expect("message") { $0["sequence"] == .integer(Int64(sent)) }
            let seen = (reader.all("message") + again.all("message")).compactMap { $0["sequence"]?.whole }
            #expect(seen == (1...Int64(sent)).map { $0 }, "no gap, no repeat")
        }
    }

    @Test("An agent with empty hands who says goodbye is logged out")
    func goodbye() async throws {
        try await Centre.run { centre in
            let (agent, _) = try centre.agentLive()
            try agent.ask("p", #""type":"presence","state":"available""#)
            try agent.close()
            try centre.expectPresence("loggedOut")
        }
    }

    @Test("A client that does not read is dropped, and holds up nobody")
    func slowReader() async throws {
        var limits = TandemTransport.Limits()
        limits.webSocketOutgoingBytesMax = 64 * 1_024
        try await Centre.run(limits: limits) { centre in
            let (conversation, _) = try centre.openConversation()
            let slow = try LiveClient(centre, "/v1/live/events", centre.supervisor)
            try slow.expect("welcome")
            let customer = try centre.customerLive(conversation)
            let edge = try #require(centre.gateway.options.live)
            #expect(edge.count == 2)
            slow.stopReading()
            let text = String(repeating: "x", count: 16_000)
            var sent = 0
            while edge.count > 1, sent < 2_000 {
                sent += 1
                try customer.ask("m\(sent)", #""type":"message","text":"\#(text)""#)
            }
            #expect(edge.count == 1, "after \(sent) messages")
            #expect(centre.gateway.transportFigures?.connectionsClosed[.slowReader] == 1)
            try customer.ask("last", #""type":"message","text":"Still here""#)
        }
    }

    @Test("A draining gateway sends its clients to reconnect, and an agent's grace time runs")
    func drain() async throws {
        try await Centre.run { centre in
            let scene = try centre.connectLive()
            centre.gateway.options.live?.drain()
            try scene.customer.expect("reconnect")
            #expect(try scene.customer.waitForEnd().code == 1_012)
            #expect(try scene.agent.waitForEnd().code == 1_012)
            try centre.expectPresence("offline")
            let late = try LiveClient(centre, "/v1/live/agent", centre.agentToken)
            #expect(try late.waitForEnd().code == 1_012)
        }
    }

    @Test("An agent whose session was ended by a leader that took his node for lost is sent to connect again")
    func endedElsewhere() async throws {
        try await Centre.run { centre in
            let scene = try centre.connectLive()
            #expect(centre.loseSession())
            try scene.agent.expect("reconnect")
            #expect(try scene.agent.waitForEnd().code == 1_012)
            try centre.expectPresence("offline")
            #expect(scene.customer.closed == nil)
            // Back in his grace time he is where he was, and has what he had.
            let (_, welcome) = try centre.agentLive()
            #expect(welcome["state"]?.text == "available")
            #expect(welcome["assignments"]?.elements?.count == 1)
        }
    }
}

extension Centre {
    /// As a leader that takes the node for lost; false when the agent has no session. Waits on this thread: its grace time
    /// runs, and a suspended test may go on only when others let it.
    fileprivate func loseSession() -> Bool {
        guard let agent = AgentID(self.agent) else { return false }
        let found = Answered<SessionID?>()
        node.read(partition: agent.partition) {
            $0.agent(agent)?.sessions.first
        } release: {
            found.give($0 ?? nil)
        }
        guard let session = found.wait() else { return false }
        let done = Answered<Bool>()
        node.submit(.agent(agent, .loseSession(session))) { outcome in
            if case .answered = outcome { done.give(true) } else { done.give(false) }
        }
        return done.wait()
    }
}

/// An answer that is given on some thread and waited for on another.
// Safe: the value is set before the semaphore is signalled, and read after.
private final class Answered<Value: Sendable>: @unchecked Sendable {
    private let given = DispatchSemaphore(value: 0)
    private var value: Value?

    func give(_ value: Value) {
        self.value = value
        given.signal()
    }

    func wait() -> Value {
        given.wait()
        guard let value else { preconditionFailure("given before the signal") }
        return value
    }
}
