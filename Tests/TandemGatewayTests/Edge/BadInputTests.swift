import TandemAPI
import TandemTransport
import Testing

@Suite("Bad input")
struct BadInputTests {
    private struct Case {
        let target: String
        let body: String
        let status: Int
        let code: String
        let field: String?
        init(_ target: String, _ body: String, _ code: String, _ field: String?, _ status: Int = 400) {
            self.target = target
            self.body = body
            self.status = status
            self.code = code
            self.field = field
        }
    }

    private func cases(_ centre: Centre) -> [Case] {
        return [
            Case("/v1/queues", "{", "malformedJSON", nil),
            Case("/v1/queues", "", "malformedJSON", nil),
            Case("/v1/queues", "[]", "invalid", nil),
            Case("/v1/queues", #"{"name":"a","name":"b"}"#, "malformedJSON", nil),
            Case("/v1/queues", "{}", "missingField", "name"),
            Case("/v1/queues", #"{"name":""}"#, "invalid", "name"),
            Case("/v1/queues", #"{"name":7}"#, "invalid", "name"),
            Case("/v1/queues", #"{"name":null}"#, "invalid", "name"),
            Case("/v1/queues", #"{"name":"\#(String(repeating: "x", count: 257))"}"#, "limitExceeded", "name"),
            Case("/v1/queues", #"{"name":"x","colour":"red"}"#, "unknownField", "colour"),
            Case("/v1/queues", #"{"name":"x","strategy":"fastest"}"#, "invalid", "strategy"),
            Case("/v1/queues", #"{"name":"x","ageingWeight":-1}"#, "invalid", "ageingWeight"),
            Case("/v1/queues", #"{"name":"x","ageingWeight":1.5}"#, "invalid", "ageingWeight"),
            Case("/v1/queues", #"{"name":"x","tierBoosts":{"gold":1}}"#, "unknownField", "tierBoosts.gold"),
            Case("/v1/queues", #"{"name":"x","offerTimeouts":{"voice":0}}"#, "invalid", "offerTimeouts.voice"),
            Case("/v1/queues", #"{"name":"x","wrapUp":{"type":"timed"}}"#, "missingField", "wrapUp.length"),
            Case("/v1/queues", #"{"name":"x","wrapUp":{"type":"none","length":1}}"#, "unknownField", "wrapUp.length"),
            Case("/v1/queues", #"{"name":"x","routingPolicy":"slp_0000000000001"}"#, "invalid", "routingPolicy"),
            Case("/v1/queues", #"{"name":"x","routingPolicy":"rop_0000000000001"}"#, "notFound", "routingPolicy", 404),
        ]
    }

    private func moreCases(_ centre: Centre) -> [Case] {
        let deep =
            String(repeating: #"{"type":"not","not":"#, count: 9) + #"{"type":"always"}"#
            + String(repeating: "}", count: 9)
        func policy(_ condition: String) -> String {
            #"{"name":"x","rules":[{"condition":{"type":"always"},"steps":[{}]},{"condition":\#(condition),"steps":[{}]}]}"#
        }
        let policies = "/v1/routing-policies"
        let unknown = "que_7zzzzzzzzzz00"
        return [
            Case("/v1/agents", #"{"name":"x","queues":["\#(unknown)"]}"#, "notFound", "queues[0]", 404),
            Case("/v1/agents", #"{"name":"x","channels":{"voice":{"slots":101}}}"#, "invalid", "channels.voice.slots"),
            Case(
                "/v1/agents", #"{"name":"x","channels":{"voice":{"slots":1,"weight":1001}}}"#, "invalid",
                "channels.voice.weight"),
            Case(
                "/v1/agents", #"{"name":"x","skills":[{"skill":"skl_0000000000001","level":11}]}"#, "invalid",
                "skills[0].level"),
            Case(
                policies, #"{"name":"x","rules":[{"condition":{"type":"always"},"steps":[]}]}"#, "invalid",
                "rules[0].steps"),
            Case(policies, policy(#"{"type":"tag"}"#), "missingField", "rules[1].condition.tag"),
            Case(policies, policy(#"{"type":"tag","tag":""}"#), "invalid", "rules[1].condition.tag"),
            Case(policies, policy(#"{"type":"sometimes"}"#), "invalid", "rules[1].condition.type"),
            Case(policies, policy(#"{"tag":"vip"}"#), "missingField", "rules[1].condition.type"),
            Case(
                policies, policy(#"{"type":"not","not":{"type":"channel","channels":["fax"]}}"#), "invalid",
                "rules[1].condition.not.channels[0]"),
            Case(
                policies, policy(#"{"type":"waitingAtLeast","queue":"\#(unknown)","count":1}"#), "notFound",
                "rules[1].condition.queue", 404),
            Case(
                policies,
                policy(#"{"type":"all","of":[{"type":"always"},{"type":"open","calendar":"cal_0000000000001"}]}"#),
                "notFound", "rules[1].condition.of[1].calendar", 404),
            Case(policies, policy(deep), "limitExceeded", "rules[1].condition" + String(repeating: ".not", count: 8)),
            Case("/v1/calendars", #"{"name":"x","zone":"Mars/Olympus","blocks":[]}"#, "invalid", "zone"),
            Case("/v1/calendars", #"{"name":"x","zone":"GMT+8","blocks":[]}"#, "invalid", "zone"),
            Case(
                "/v1/calendars",
                #"{"name":"x","zone":"UTC","blocks":[{"weekday":"monday","start":"25:00","end":"26:00"}]}"#, "invalid",
                "blocks[0].start"),
            Case(
                "/v1/calendars",
                #"{"name":"x","zone":"UTC","blocks":[{"weekday":"monday","start":"10:00","end":"09:00"}]}"#, "invalid",
                "blocks[0].end"),
            Case(
                "/v1/calendars", #"{"name":"x","zone":"UTC","blocks":[],"holidays":[{"day":"2026-02-30"}]}"#, "invalid",
                "holidays[0].day"),
            Case(
                "/v1/sla-policies", #"{"name":"x","targets":[{"metric":"answer","channels":[],"target":1}]}"#,
                "invalid", "targets[0].channels"),
            Case(
                "/v1/conversations", #"{"contact":{"channel":"chat","queue":"\#(centre.queue)"}}"#, "missingField",
                "customer"),
            Case(
                "/v1/conversations",
                #"{"customer":"\#(centre.customer)","contact":{"channel":"chat","queue":"\#(unknown)"}}"#, "notFound",
                "contact.queue", 404),
            Case(
                "/v1/conversations",
                #"{"customer":"\#(centre.customer)","contact":{"channel":"chat","queue":"\#(centre.queue)","priority":10}}"#,
                "invalid", "contact.priority"),
            Case(
                "/v1/conversations",
                #"{"customer":"\#(centre.customer)","contact":{"channel":"chat","queue":"\#(centre.queue)","message":{"text":""}}}"#,
                "invalid", "contact.message.text"),
            Case("/v1/credentials", #"{"role":"agent","label":"x"}"#, "invalid", "agent"),
        ]
    }

    @Test("Each mistake is named with its code and its field, and nothing changes")
    func table() async throws {
        try await Centre.run { centre in
            let before = try centre.committed()
            for one in cases(centre) + moreCases(centre) {
                let reply = try centre.post(one.target, one.body, centre.supervisor)
                #expect(reply.code == one.code, "\(one.target) \(one.body): \(reply.response.text)")
                #expect(reply.field == one.field, "\(one.target) \(one.body): \(reply.response.text)")
                #expect(reply.status == one.status, "\(one.target) \(one.body): \(reply.response.text)")
                #expect(reply.response.header("Content-Type") == "application/problem+json")
                #expect(reply.json["type"]?.text == "/errors/\(one.code)")
                #expect(reply.json["instance"]?.text == one.target)
            }
            #expect(try centre.committed() == before)
        }
    }

    @Test("Queries are checked: parameters nobody knows, values that do not fit, cursors of nobody")
    func queries() async throws {
        try await Centre.run { centre in
            let cases: [(String, String, String)] = [
                ("/v1/queues?limit=0", "invalid", "limit"), ("/v1/queues?limit=501", "invalid", "limit"),
                ("/v1/queues?limit=x", "invalid", "limit"), ("/v1/queues?size=1", "unknownParameter", "size"),
                ("/v1/queues?limit=1&limit=2", "invalid", "limit"), ("/v1/queues?cursor=abc", "invalid", "cursor"),
                ("/v1/queues?cursor=p1.agt_0000000000001", "invalid", "cursor"),
                ("/v1/queues?tenant=acme", "invalid", "tenant"),
                ("/v1/conversations?state=ajar", "invalid", "state"),
                ("/v1/contact-records?from=yesterday", "invalid", "from"),
                ("/v1/reports?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "invalid", "from"),
                ("/v1/reports?from=2026-01-01T00:00:00Z&to=2026-03-01T00:00:00Z", "limitExceeded", "from"),
            ]
            for (target, code, field) in cases {
                let reply = try centre.get(target, centre.supervisor)
                #expect(
                    reply.status == 400 && reply.code == code && reply.field == field,
                    "\(target): \(reply.response.text)")
            }
            let missing = try centre.get("/v1/queues", centre.administrator)
            #expect(missing.code == "missingField" && missing.field == "tenant")
            let nameless = try centre.get("/v1/queues?=1", centre.supervisor)
            #expect(nameless.code == "unknownParameter" && nameless.field == nil, "\(nameless.response.text)")
            let long = try centre.get("/v1/queues?\(String(repeating: "x", count: 2_000))=1", centre.supervisor)
            #expect(long.code == "unknownParameter" && long.field?.count == 1_024)
        }
    }

    @Test("Headers are checked: the type of the body, the idempotency key, the version")
    func headers() async throws {
        try await Centre.run { centre in
            let body = #"{"name":"x"}"#
            for type in ["text/plain", "application/x-www-form-urlencoded", "application/jsonx"] {
                let reply = try centre.send(
                    .init("POST", "/v1/queues", body, centre.supervisor, headers: [("Content-Type", type)]))
                #expect(reply.status == 415 && reply.code == "unsupportedMediaType")
            }
            for key in [String(repeating: "k", count: 256), "two words", "é"] {
                let reply = try centre.send(
                    .init("POST", "/v1/queues", body, centre.supervisor, headers: [("Idempotency-Key", key)]))
                #expect(reply.code == "idempotencyKeyMalformed" && reply.field == "Idempotency-Key")
            }
            for tag in ["1", "\"x\"", "\"-1\"", "\"\""] {
                let reply = try centre.send(
                    .init("PUT", "/v1/queues/\(centre.queue)", body, centre.supervisor, headers: [("If-Match", tag)]))
                #expect(reply.code == "preconditionMalformed" && reply.field == "If-Match", "\(tag)")
            }
            let charset = try centre.send(
                .init(
                    "POST", "/v1/queues", body, centre.supervisor,
                    headers: [("Content-Type", "Application/JSON; charset=utf-8")]))
            #expect(charset.status == 201)
        }
    }

    @Test("What names nothing is not found, whatever it is called")
    func names() async throws {
        try await Centre.run { centre in
            for target in [
                "/v1/queues/que_0000000000000", "/v1/queues/que_7zzzzzzzzzz00", "/v1/queues/nonsense",
                "/v1/queues/\(centre.agent)", "/v1/queues/que_fzzzzzzzzzzzz", "/v1/agents/\(centre.queue)",
                "/v1/conversations/cnv_7zzzzzzzzzz00", "/v1/contacts/con_7zzzzzzzzzz00", "/v1/offers/off_7zzzzzzzzzz00",
                "/v1/customers/cus_7zzzzzzzzzz00", "/v1/calendars/cal_7zzzzzzzzzz00", "/v1/nothing", "/v1",
                "/v1/queues/",
                "/v2/queues",
            ] {
                let reply = try centre.get(target, centre.supervisor)
                #expect(reply.status == 404 && reply.code == "notFound", "\(target): \(reply.response.text)")
            }
            #expect(try centre.get("/v1/node/actors/nobody", centre.administrator).status == 404)
            #expect(try centre.get("/v1/node/timers?partition=9", centre.administrator).field == "partition")
        }
    }
}
