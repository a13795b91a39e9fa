import TandemAPI
import TandemCore
import Testing

@Suite("Policies over HTTP")
struct PolicyTests {
    private static func promise(
        _ targets: String, to queue: String, in centre: Centre, name: String = "Support"
    ) throws {
        let body = #"{"name":"Promises","targets":[\#(targets)]}"#
        let policy = try centre.made(.init("POST", "/v1/sla-policies", body, centre.supervisor)).id
        try centre.made(
            .init("PUT", "/v1/queues/\(queue)", #"{"name":"\#(name)","slaPolicy":"\#(policy)"}"#, centre.supervisor))
    }

    @Test("A target says when it warns, and what it does not say is 80 percent; the resolution may be promised")
    func warning() async throws {
        try await Centre.run { centre in
            let body = #"""
                {"name":"Fast","targets":[{"metric":"resolution","channels":["chat"],"target":60000,"warnPercent":50},
                {"metric":"answer","channels":["chat"],"target":20000}]}
                """#
            let policy = try centre.made(.init("POST", "/v1/sla-policies", body, centre.supervisor)).id
            let kept = try centre.get("/v1/sla-policies/\(policy)", centre.supervisor).json["settings"]?["targets"]
            #expect(kept?[0]?["metric"]?.text == "resolution" && kept?[0]?["warnPercent"] == .integer(50))
            #expect(kept?[1]?["warnPercent"] == .integer(80))
            for percent in [0, 100] {
                let bad =
                    #"{"name":"F","targets":[{"metric":"answer","channels":["chat"],"target":1,"warnPercent":\#(percent)}]}"#
                let reply = try centre.send(.init("POST", "/v1/sla-policies", bad, centre.supervisor))
                #expect(reply.status == 400 && reply.field == "targets[0].warnPercent")
            }
        }
    }

    @Test("Clocks that nobody promised are told without a target; a policy that comes later reaches the open ones")
    func open() async throws {
        try await Centre.run { centre in
            try Self.promise("", to: centre.queue, in: centre)
            let (_, contact, _) = try centre.connect()
            func clocks() throws -> [String: JSONValue] {
                let items = try centre.get("/v1/contacts/\(contact)/sla-clocks", centre.supervisor).items
                return Dictionary(items.map { ($0["metric"]?.text ?? "", $0) }, uniquingKeysWith: { first, _ in first })
            }
            let before = try clocks()
            #expect(before.keys.sorted() == ["answer", "firstReply", "resolution"])
            for clock in before.values { #expect(clock["target"] == nil && clock["dueAt"] == nil) }
            #expect(try centre.get("/v1/sla-clocks", centre.supervisor).items.isEmpty)
            try Self.promise(
                #"{"metric":"resolution","channels":["chat"],"target":3600000,"warnPercent":50}"#, to: centre.queue,
                in: centre)
            var matter: JSONValue?
            // It is followed in turns behind the one that changed the policy.
            for _ in 0..<1_000 where matter?["target"] == nil { matter = try clocks()["resolution"] }
            #expect(matter?["target"] == .integer(3_600_000) && matter?["warnPercent"] == .integer(50))
            #expect(matter?["dueAt"] != nil)
            let running = try centre.get("/v1/sla-clocks", centre.supervisor)
            #expect(running.items.map { $0["metric"]?.text } == ["resolution"])
            let timeline = try centre.get("/v1/contacts/\(contact)", centre.supervisor)
            #expect(timeline.status == 200)
        }
    }

    @Test("Staff apply a queue's policy to conversations that are over, page by page, and it is done once")
    func past() async throws {
        try await Centre.run { centre in
            try Self.promise("", to: centre.queue, in: centre)
            var contacts: [String] = []
            for _ in 0..<3 {
                let (conversation, contact, _) = try centre.connect()
                try centre.made(.init("POST", "/v1/conversations/\(conversation)/close", nil, centre.supervisor))
                contacts.append(contact)
            }
            try Self.promise(
                #"{"metric":"resolution","channels":["chat"],"target":1},{"metric":"firstReply","channels":["chat"],"target":3600000}"#,
                to: centre.queue, in: centre)
            let path = "/v1/queues/\(centre.queue)/apply-sla-policy"
            func apply(_ query: String) throws -> Centre.Reply {
                try centre.post("\(path)?\(query)", nil, centre.supervisor)
            }
            let first = try apply("limit=2")
            #expect(first.status == 200 && first.json["conversations"] == .integer(2), "\(first.json)")
            let next = try #require(first.json["next"]?.text)
            let second = try apply("limit=2&cursor=\(next)")
            #expect(second.json["conversations"] == .integer(1) && second.json["next"] == nil)
            #expect(second.json["skipped"] == .integer(0))
            for contact in contacts {
                let items = try centre.get("/v1/contacts/\(contact)/sla-clocks", centre.supervisor).items
                let reply = items.first { $0["metric"]?.text == "firstReply" }
                #expect(reply?["state"]?.text == "ended" && reply?["target"] == .integer(3_600_000))
                #expect(reply?["breachedAt"] == nil)
            }
            let committed = try centre.committed()
            _ = try apply("from=2000-01-01T00:00:00Z")
            #expect(try centre.committed() == committed, "the same policy is not applied twice")
            #expect(try apply("from=2099-01-01T00:00:00Z").json["conversations"] == .integer(0))
            #expect(try centre.post(path, nil, centre.agentToken).status == 403)
            #expect(try centre.post(path, nil, centre.customerToken).status == 403)
            let stranger = "/v1/queues/que_0000000000001/apply-sla-policy"
            #expect(try centre.post(stranger, nil, centre.supervisor).status == 404)
        }
    }
}
