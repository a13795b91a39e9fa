import TandemAPI
import TandemTransport
import Testing

@Suite("Live sessions: who may, and what is said wrongly")
struct LiveRightsTests {
    @Test("Whoever may not is refused before the upgrade")
    func door() async throws {
        try await Centre.run { centre in
            let (conversation, _) = try centre.openConversation()
            let stranger = try centre.made(.init("POST", "/v1/customers", #"{"name":"Eve"}"#, centre.supervisor)).id
            let eve = try centre.token("customer", #""tenant":"\#(centre.tenant)","customer":"\#(stranger)""#)
            let mine = "/v1/live/customer?conversation=\(conversation)"
            let cases: [(String, String?, Int)] = [
                (mine, eve, 403), (mine, centre.agentToken, 403), (mine, nil, 401), (mine, "tdm_x", 401),
                ("/v1/live/customer?conversation=cnv_0000000000001", centre.customerToken, 404),
                ("/v1/live/customer", centre.customerToken, 400),
                ("/v1/live/customer?conversation=\(centre.agent)", centre.customerToken, 400),
                ("/v1/live/agent", centre.customerToken, 403), ("/v1/live/agent", centre.supervisor, 403),
                ("/v1/live/events", centre.agentToken, 403), ("/v1/live/events?types=nonsense", centre.supervisor, 400),
                ("/v1/live/events", centre.administrator, 400),
            ]
            for (target, token, status) in cases {
                let client = try LiveClient(centre, target, token)
                let refusal = client.refusal ?? "let in"
                #expect(refusal.contains("answered \(status),"), "\(target): \(refusal)")
            }
            let browser = try LiveClient(centre, mine + "&access_token=\(centre.customerToken)", nil)
            try browser.expect("welcome")
        }
    }

    @Test("A page of whatever origin comes in with its token as a subprotocol, and with nothing less")
    func browser() async throws {
        try await Centre.run { centre in
            let page = try LiveClient(centre, "/v1/live/agent", centre.agentToken, isBrowser: true)
            try page.expect("welcome")
            // Without an answer to what it offered, a browser gives up.
            #expect(page.subprotocol == "tandem")
            for token in [nil, "tdm_x"] {
                let stranger = try LiveClient(centre, "/v1/live/agent", token, isBrowser: true)
                #expect(stranger.refusal?.contains("answered 401,") == true, "\(stranger.refusal ?? "let in")")
            }
        }
    }

    @Test("A bad frame is answered with its code and field, and the session goes on")
    func badFrames() async throws {
        try await Centre.run { centre in
            let (conversation, contact) = try centre.openConversation()
            let customer = try centre.customerLive(conversation)
            let cases: [(String, String, String?)] = [
                ("{", "malformedJSON", nil), ("[]", "invalid", nil), (#"{"id":"1"}"#, "missingField", "type"),
                (#"{"type":"dance"}"#, "invalid", "type"), (#"{"type":"accept"}"#, "invalid", "type"),
                (#"{"type":"message","id":"1"}"#, "missingField", "text"),
                (#"{"type":"message","text":"x"}"#, "missingField", "id"),
                (#"{"type":"message","id":"1","text":""}"#, "invalid", "text"),
                (#"{"type":"message","id":"1","text":"x","mood":1}"#, "unknownField", "mood"),
                (#"{"type":"message","id":"1","text":"x","upTo":1}"#, "unknownField", "upTo"),
                (#"{"type":"message","id":"1","id":"2","text":"x"}"#, "invalid", "id"),
                (#"{"type":"read","upTo":-1}"#, "invalid", "upTo"), (#"{"type":"read","upTo":99}"#, "invalid", "upTo"),
                (#"{"type":"read","upTo":"1"}"#, "invalid", "upTo"),
            ]
            for (frame, code, field) in cases {
                let error = try customer.refused(frame)
                #expect(error["code"]?.text == code, "\(frame): \(error)")
                #expect(error["field"]?.text == field, "\(frame): \(error)")
            }
            let long = String(repeating: "x", count: 16_385)
            let error = try customer.refused(#"{"type":"message","id":"long","text":"\#(long)"}"#)
            #expect(error["code"]?.text == "limitExceeded" && error["id"]?.text == "long")
            customer.send(#"{"type":"ping","id":"7"}"#)
            #expect(try customer.expect("pong")["id"]?.text == "7")

            let (agent, _) = try centre.agentLive()
            let place = #""conversation":"\#(conversation)","contact":"\#(contact)""#
            let asked: [(String, String, String?)] = [
                (#"{"type":"message","id":"1","conversation":"\#(conversation)","text":"x"}"#, "agentNotHandling", nil),
                (#"{"type":"message","id":"1","conversation":"x","text":"x"}"#, "invalid", "conversation"),
                (#"{"type":"typing","conversation":"\#(conversation)"}"#, "agentNotHandling", "conversation"),
                (#"{"type":"hold",\#(place)}"#, "contactNotConnected", nil),
                (#"{"type":"transfer",\#(place)}"#, "missingField", "queue"),
                (#"{"type":"presence","state":"onBreak"}"#, "missingField", "code"),
                (#"{"type":"presence","state":"asleep"}"#, "invalid", "state"),
            ]
            for (frame, code, field) in asked {
                let error = try agent.refused(frame)
                #expect(error["code"]?.text == code, "\(frame): \(error)")
                #expect(error["field"]?.text == field, "\(frame): \(error)")
            }
        }
    }

    @Test("A client that sends nothing but bad frames is closed")
    func broken() async throws {
        try await Centre.run { centre in
            let (agent, _) = try centre.agentLive()
            for _ in 0..<102 { agent.send("nonsense") }
            #expect(try agent.waitForEnd().code == 1_008)
            #expect(agent.all("error").count == 101)
        }
    }

    @Test("A session ends with its token")
    func revoked() async throws {
        try await Centre.run { centre in
            let (conversation, _) = try centre.openConversation()
            let customer = try centre.customerLive(conversation)
            let credential = String(centre.customerToken.dropFirst(4).prefix(17))
            try centre.made(.init("DELETE", "/v1/credentials/\(credential)", nil, centre.supervisor))
            #expect(try customer.waitForEnd().code == 4_401)
            let late = try LiveClient(centre, "/v1/live/customer?conversation=\(conversation)", centre.customerToken)
            #expect(late.refusal?.contains("answered 401,") == true)
        }
    }
}
