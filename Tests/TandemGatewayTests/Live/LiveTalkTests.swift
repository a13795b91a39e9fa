import TandemAPI
import TandemTransport
import Testing

@Suite("Live sessions: a talk")
struct LiveTalkTests {
    @Test("A customer and an agent talk, from the offer to the end of the wrap-up")
    func talk() async throws {
        try await Centre.run { centre in
            let scene = try centre.connectLive()
            let (agent, customer) = (scene.agent, scene.customer)
            #expect(scene.offer["customer"]?["name"]?.text == "Cyd")
            #expect(scene.offer["reason"]?["strategy"]?.text == "longestIdle")
            try customer.expect("contact") { $0["state"]?.text == "connected" && $0["name"]?.text == "Ann" }

            let sent = try agent.ask(
                "m1", #""type":"message","conversation":"\#(scene.conversation)","text":"Hi \"Cyd\"""#)
            #expect(sent["sequence"] == .integer(2))
            let got = try customer.expect("message") { $0["sequence"] == .integer(2) }
            #expect(got["text"]?.text == "Hi \"Cyd\"" && got["author"]?.text == centre.agent)
            #expect(got["position"]?.whole == sent["position"]?.whole)
            #expect(try customer.ask("c1", #""type":"message","text":"Ja, grüß Gott""#)["sequence"] == .integer(3))
            let heard = try agent.expect("message") { $0["sequence"] == .integer(3) }
            #expect(heard["text"]?.text == "Ja, grüß Gott" && heard["conversation"]?.text == scene.conversation)

            customer.send(#"{"type":"delivered","upTo":2}"#)
            try agent.expect("delivered") { $0["upTo"] == .integer(2) }
            try customer.ask("r", #""type":"read","upTo":2"#)
            try agent.expect("read") { $0["upTo"] == .integer(2) && $0["by"]?.text == centre.customer }
            customer.send(#"{"type":"typing"}"#)
            #expect(try agent.expect("typing")["author"]?.text == centre.customer)
            agent.send(#"{"type":"typing","conversation":"\#(scene.conversation)"}"#)
            #expect(try customer.expect("typing")["author"]?.text == centre.agent)

            try agent.ask("h", #""type":"hold",\#(scene.place)"#)
            try customer.expect("contact") { $0["state"]?.text == "held" }
            try agent.ask("u", #""type":"resume",\#(scene.place)"#)
            try customer.expect("contact") { $0["state"]?.text == "connected" }
            try agent.ask("e", #""type":"end",\#(scene.place)"#)
            try agent.expect("contact") { $0["state"]?.text == "wrapping" }
            try customer.expect("contact") { $0["state"]?.text == "ended" }
            try agent.ask("w", #""type":"wrapup",\#(scene.place),"disposition":"sold""#)
            try agent.expect("contact") { $0["state"]?.text == "closed" && $0["disposition"]?.text == "sold" }
            try customer.expect("conversation") { $0["state"]?.text == "closed" }

            // Nobody is told what he said himself, and nothing comes twice.
            #expect(agent.all("message").compactMap { $0["sequence"]?.whole } == [3])
            #expect(customer.all("message").compactMap { $0["sequence"]?.whole } == [2])
        }
    }

    @Test("The same client id again gets the same acknowledgement and makes no second message")
    func duplicate() async throws {
        try await Centre.run { centre in
            let (conversation, _) = try centre.openConversation()
            let phone = try centre.customerLive(conversation)
            let desk = try centre.customerLive(conversation)
            let first = try phone.ask("same", #""type":"message","text":"Once""#)
            let again = try phone.ask("same", #""type":"message","text":"Once""#)
            #expect(first["sequence"] == .integer(2) && again["sequence"] == .integer(2))
            #expect(try desk.ask("same", #""type":"message","text":"Once""#)["sequence"] == .integer(2))
            #expect(try phone.ask("next", #""type":"message","text":"Twice""#)["sequence"] == .integer(3))
            try desk.expect("message") { $0["sequence"] == .integer(3) && $0["id"]?.text == "next" }
            #expect(desk.all("message").compactMap { $0["sequence"]?.whole } == [2, 3])
            #expect(phone.all("message").isEmpty)
        }
    }

    @Test("A burst of more commands than may be in flight is answered whole and in order")
    func burst() async throws {
        try await Centre.run { centre in
            let (conversation, _) = try centre.openConversation()
            let customer = try centre.customerLive(conversation)
            for number in 0..<300 { customer.send(#"{"type":"message","id":"b\#(number)","text":"x"}"#) }
            try customer.expect("ack") { $0["id"]?.text == "b299" }
            let acks = customer.all("ack")
            #expect(acks.compactMap { $0["id"]?.text } == (0..<300).map { "b\($0)" })
            #expect(acks.compactMap { $0["sequence"]?.whole } == (2..<302).map { Int64($0) })
            #expect(customer.all("message").isEmpty)
        }
    }

    @Test("A waiting customer asks for his place, is told when it changes, and may leave")
    func waiting() async throws {
        try await Centre.run { centre in
            let (first, _) = try centre.openConversation()
            let (second, contact) = try centre.openConversation()
            let ahead = try centre.customerLive(first)
            let behind = try centre.customerLive(second)
            #expect(try behind.expect("queue")["position"] == .integer(2))
            behind.send(#"{"type":"position","id":"q"}"#)
            let told = try behind.expect("queue") { $0["id"]?.text == "q" }
            #expect(told["position"] == .integer(2) && told["contact"]?.text == contact)
            try ahead.ask("l", #""type":"leave""#)
            try ahead.expect("contact") { $0["state"]?.text == "closed" && $0["reason"]?.text == "shortAbandoned" }
            try behind.expect("queue") { $0["position"] == .integer(1) }
            ahead.send(#"{"type":"leave","id":"l2"}"#)
            #expect(try ahead.expect("error")["code"]?.text == "contactClosed")
        }
    }

    @Test("What agents ask one another is not the customer's to see, until one of them takes over")
    func consultation() async throws {
        try await Centre.run { centre in
            let scene = try centre.connectLive()
            let other = try centre.made(
                .init("POST", "/v1/agents", #"{"name":"Bob","queues":["\#(centre.queue)"]}"#, centre.supervisor)
            ).id
            let token = try centre.token("agent", #""tenant":"\#(centre.tenant)","agent":"\#(other)""#)
            let bob = try LiveClient(centre, "/v1/live/agent", token)
            try bob.expect("welcome")
            try bob.ask("p", #""type":"presence","state":"available""#)
            let asked = try scene.agent.ask("c", #""type":"consult",\#(scene.place),"agent":"\#(other)""#)
            let leg = try #require(asked["contact"]?.text)
            let offer = try bob.expect("offer") { $0["contact"]?.text == leg }
            let place = #""conversation":"\#(scene.conversation)","contact":"\#(leg)""#
            try bob.ask("a", #""type":"accept","offer":"\#(try #require(offer["offer"]?.text))",\#(place)"#)
            try scene.agent.ask("t", #""type":"completeConsult",\#(scene.place)"#)
            try scene.customer.expect("contact") { $0["agent"]?.text == other && $0["name"]?.text == "Bob" }
            let legs = scene.customer.all("contact")
            let states = legs.compactMap { frame in
                frame["contact"]?.text == leg ? frame["state"]?.text : nil
            }
            #expect(states == ["connected"], "\(legs)")
            try bob.ask("m", #""type":"message","conversation":"\#(scene.conversation)","text":"Bob here""#)
            try scene.customer.expect("message") { $0["author"]?.text == other }
        }
    }

    @Test("A supervisor's stream shows what its filter admits, whole, and nothing else")
    func stream() async throws {
        try await Centre.run { centre in
            let (other, _) = try centre.openConversation()
            let (conversation, _) = try centre.openConversation()
            let stream = try LiveClient(
                centre, "/v1/live/events?types=messagePosted,contactClosed&conversation=\(conversation)",
                centre.supervisor)
            try stream.expect("welcome")
            let here = try centre.customerLive(conversation)
            try centre.customerLive(other).ask("x", #""type":"message","text":"Elsewhere""#)
            try here.ask("y", #""type":"message","text":"Here""#)
            try here.ask("z", #""type":"leave""#)
            try stream.expect("contactClosed")
            #expect(stream.all.compactMap { $0["type"]?.text } == ["welcome", "messagePosted", "contactClosed"])
            #expect(stream.all("messagePosted")[0]["text"]?.text == "Here")
            let again = try LiveClient(
                centre, "/v1/live/events?types=messagePosted&resume=0", centre.supervisor)
            try again.expect("messagePosted") { $0["text"]?.text == "Here" }
            #expect(
                again.all("messagePosted").compactMap { $0["text"]?.text } == ["Hello", "Hello", "Elsewhere", "Here"])
        }
    }
}
