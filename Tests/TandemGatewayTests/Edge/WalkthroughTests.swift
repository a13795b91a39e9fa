import TandemAPI
import TandemTransport
import Testing

@Suite("The API, played through")
struct WalkthroughTests {
    @Test("A customer is served from the first message to the record of the contact")
    func serves() async throws {
        try await Centre.run { centre in
            let (conversation, contact, offer) = try centre.connect()
            let posted = try centre.made(
                .init(
                    "POST", "/v1/conversations/\(conversation)/messages", #"{"text":"Hi, Ann here"}"#, centre.agentToken
                ))
            #expect(posted.status == 201)
            #expect(posted.json["sequence"] == .integer(2))
            #expect(posted.response.header("Location") == nil)
            try centre.made(
                .init("POST", "/v1/conversations/\(conversation)/read", #"{"upTo":2}"#, centre.customerToken))
            try centre.made(.init("POST", "/v1/contacts/\(contact)/hold", nil, centre.agentToken))
            #expect(try centre.get("/v1/contacts/\(contact)", centre.agentToken).json["state"]?.text == "held")
            try centre.made(.init("POST", "/v1/contacts/\(contact)/resume", nil, centre.agentToken))
            try centre.made(.init("POST", "/v1/contacts/\(contact)/end", nil, centre.agentToken))
            try centre.made(
                .init("POST", "/v1/contacts/\(contact)/wrapup", #"{"disposition":"sold"}"#, centre.agentToken))

            let closed = try centre.get("/v1/contacts/\(contact)", centre.customerToken)
            #expect(closed.json["state"]?.text == "closed")
            #expect(closed.json["disposition"]?.text == "sold")
            #expect(closed.json["endReason"]?.text == "completed")
            let transcript = try centre.get("/v1/conversations/\(conversation)/transcript", centre.customerToken)
            #expect(transcript.items.map { $0["text"]?.text } == ["Hello", "Hi, Ann here"])
            #expect(transcript.items.map { $0["author"]?.text } == [centre.customer, centre.agent])
            let shown = try centre.get("/v1/conversations/\(conversation)", centre.supervisor)
            #expect(shown.json["customerRead"] == .integer(2))
            let answered = try centre.get("/v1/offers/\(offer)", centre.agentToken)
            #expect(answered.json["outcome"]?.text == "accepted")
        }
    }

    @Test("What happened, why, and the figures of it are told afterwards")
    func explains() async throws {
        try await Centre.run { centre in
            let (conversation, contact, _) = try centre.connect()
            try centre.made(.init("POST", "/v1/contacts/\(contact)/end", nil, centre.agentToken))
            try centre.made(.init("POST", "/v1/contacts/\(contact)/wrapup", "{}", centre.agentToken))
            let timeline = try centre.get("/v1/conversations/\(conversation)/timeline", centre.supervisor)
            let types = timeline.items.compactMap { $0["type"]?.text }
            for type in [
                "conversationOpened", "messagePosted", "contactQueued", "offerMade", "offerAccepted", "contactClosed",
            ] {
                #expect(types.contains(type), "\(types)")
            }
            let positions = timeline.items.compactMap { $0["position"]?.whole }
            #expect(positions == positions.sorted() && Set(positions).count == positions.count)
            let decisions = try centre.get("/v1/contacts/\(contact)/decisions", centre.supervisor)
            #expect(decisions.items.count == 1)
            #expect(decisions.items[0]["agent"]?.text == centre.agent)
            #expect(decisions.items[0]["candidates"]?[0]?["agent"]?.text == centre.agent)
            let records = try centre.get("/v1/contact-records?queue=\(centre.queue)", centre.supervisor)
            #expect(records.items.map { $0["contact"]?.text } == [contact])
            let report = try centre.get(
                "/v1/reports?to=2099-01-01T00:00:00Z&from=2098-12-31T00:00:00Z", centre.supervisor)
            #expect(report.json["figures"]?["offered"] == .integer(0))
            let now = try centre.get("/v1/reports", centre.supervisor)
            #expect(now.json["figures"]?["offered"] == .integer(1))
            #expect(now.json["figures"]?["answered"] == .integer(1))
            #expect(now.json["figures"]?["serviceLevels"]?["SL-A"] == .integer(100))
            let status = try centre.get("/v1/queues/\(centre.queue)/status", centre.agentToken)
            #expect(status.json["waiting"] == .integer(0))
            #expect(status.json["recent"]?["answered"] == .integer(1))
            let intervals = try centre.get("/v1/agents/\(centre.agent)/intervals", centre.agentToken)
            #expect(intervals.items.map { $0["presence"]?.text } == ["loggedOut", "available"])
        }
    }

    @Test("Staff transfer, requeue, assign, and close by hand")
    func supervises() async throws {
        try await Centre.run { centre in
            let (_, contact, _) = try centre.connect()
            let other = try centre.made(.init("POST", "/v1/queues", #"{"name":"Care"}"#, centre.supervisor)).id
            try centre.made(
                .init("POST", "/v1/contacts/\(contact)/transfer", #"{"queue":"\#(other)"}"#, centre.agentToken))
            let listed = try centre.get("/v1/contacts?queue=\(other)", centre.supervisor)
            let next = try #require(listed.items.first?["id"]?.text)
            #expect(listed.items.first?["previous"]?.text == contact)
            try centre.made(.init("POST", "/v1/contacts/\(next)/priority", #"{"priority":1}"#, centre.supervisor))
            try centre.made(
                .init("POST", "/v1/contacts/\(next)/assign", #"{"agent":"\#(centre.agent)"}"#, centre.supervisor))
            let offer = try centre.offer(of: next)
            try centre.made(.init("POST", "/v1/offers/\(offer)/reject", nil, centre.agentToken))
            #expect(try centre.get("/v1/contacts/\(next)", centre.supervisor).json["state"]?.text == "queued")
            try centre.made(.init("POST", "/v1/contacts/\(next)/close", nil, centre.supervisor))
            let closed = try centre.get("/v1/contacts/\(next)", centre.supervisor)
            #expect(closed.json["endReason"]?.text == "forced")
        }
    }

    @Test("Settings are kept as they were given, and told with every default")
    func settings() async throws {
        try await Centre.run { centre in
            let skill = try centre.made(.init("POST", "/v1/skills", #"{"name":"Spanish"}"#, centre.supervisor)).id
            #expect(skill.hasPrefix("skl_"))
            #expect(try centre.made(.init("POST", "/v1/skills", #"{"name":"Spanish"}"#, centre.supervisor)).id == skill)
            let calendar = try centre.made(
                .init(
                    "POST", "/v1/calendars",
                    #"{"name":"Office","zone":"Europe/Berlin","blocks":[{"weekday":"monday","start":"09:00","end":"24:00"}],"holidays":[{"day":"2026-12-25"}]}"#,
                    centre.supervisor)
            ).id
            let kept = try centre.get("/v1/calendars/\(calendar)", centre.supervisor)
            #expect(kept.json["settings"]?["blocks"]?[0]?["end"]?.text == "24:00")
            let transitions = kept.json["settings"]?["transitions"]?.elements ?? []
            #expect(transitions.first?["offset"] == .integer(3_600))
            #expect(
                transitions.contains { $0["at"]?.text == "2026-03-29T01:00:00.000Z" && $0["offset"] == .integer(7_200) }
            )
            let policy = #"""
                {"name":"Day","rules":[{"condition":{"type":"all","of":[{"type":"open","calendar":"\#(calendar)"},
                {"type":"not","not":{"type":"tierAtLeast","tier":"vip"}}]},"steps":[{"skills":[{"skill":"\#(skill)",
                "level":5}],"length":30000,"onExpiry":[{"type":"lowerLevel","skill":"\#(skill)","by":2},
                {"type":"overflow","queue":"\#(centre.queue)"}]}]}]}
                """#
            let routing = try centre.made(.init("POST", "/v1/routing-policies", policy, centre.supervisor)).id
            let told = try centre.get("/v1/routing-policies/\(routing)", centre.supervisor)
            #expect(told.json["settings"]?["rules"]?[0]?["condition"]?["of"]?[1]?["not"]?["tier"]?.text == "vip")
            let sla = try centre.made(
                .init(
                    "POST", "/v1/sla-policies",
                    #"{"name":"Fast","targets":[{"metric":"answer","channels":["chat","voice"],"target":20000}]}"#,
                    centre.supervisor)
            ).id
            let queue =
                #"{"name":"Sales","routingPolicy":"\#(routing)","slaPolicy":"\#(sla)","calendar":"\#(calendar)"}"#
            try centre.made(.init("PUT", "/v1/queues/\(centre.queue)", queue, centre.supervisor))
            let changed = try centre.get("/v1/queues/\(centre.queue)", centre.agentToken)
            #expect(changed.json["version"] == .integer(2))
            #expect(changed.json["settings"]?["offerTimeouts"]?["voice"] == .integer(20_000))
            #expect(changed.json["settings"]?["wrapUp"]?["type"]?.text == "none")
        }
    }

    @Test("Operators see the node, its actors and its journal, and nothing people said")
    func operates() async throws {
        try await Centre.run { centre in
            let (conversation, _, _) = try centre.connect()
            let operatorToken = try centre.token("operator")
            let status = try centre.get("/v1/node/status", operatorToken)
            #expect(status.json["isReady"] == .boolean(true))
            let actors = try centre.get("/v1/node/actors?kind=conversation", operatorToken)
            #expect(actors.items.map { $0["actor"]?.text } == [conversation])
            #expect(actors.items[0]["state"]?.text == "connected")
            let detail = try centre.get("/v1/node/actors/\(conversation)", operatorToken)
            #expect(detail.json["record"]?["contacts"]?[0]?["agent"]?.text == centre.agent)
            #expect(!detail.response.text.contains("Hello"))
            let tail = try centre.get("/v1/node/journal/tail?limit=3", operatorToken)
            #expect(tail.items.count == 3)
            let whole = try centre.get("/v1/node/journal/tail?limit=500", operatorToken).items
            #expect(tail.items == Array(whole.suffix(3)))
            #expect(whole.contains { $0["type"]?.text == "offerAccepted" && $0["contact"] != nil })
            #expect(try centre.get("/v1/node/timers", operatorToken).status == 200)
            #expect(try centre.get("/v1/node/mailboxes", operatorToken).items.count == 4)
            #expect(try centre.get("/v1/node/quarantine?all=true", operatorToken).items.isEmpty)
            let tree = try centre.get("/v1/node/tree", operatorToken)
            #expect(tree.json["children"]?.elements?.count == 5)
            let verified = try centre.post("/v1/node/journal/verify", nil, operatorToken)
            #expect(verified.json["isSound"] == .boolean(true))
        }
    }
}
