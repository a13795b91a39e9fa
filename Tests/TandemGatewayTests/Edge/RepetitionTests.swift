import TandemAPI
import TandemTransport
import Testing

@Suite("Repetition, versions and pages")
struct RepetitionTests {
    private let key = [("Idempotency-Key", "2f0c1d1e-7f3a")]

    @Test("The same request with the same key is done once and answered alike, byte for byte")
    func repeats() async throws {
        try await Centre.run { centre in
            let ask = Centre.Ask("POST", "/v1/queues", #"{"name":"Once"}"#, centre.supervisor, headers: key)
            let first = try centre.made(ask)
            let second = try centre.made(ask)
            #expect(first.response.body == second.response.body)
            #expect(second.status == 201)
            #expect(first.response.header("Idempotent-Replayed") == nil)
            #expect(second.response.header("Idempotent-Replayed") == "true")
            #expect(second.response.header("Location") == first.response.header("Location"))
            let queues = try centre.get("/v1/queues", centre.supervisor)
            #expect(queues.items.count { $0["settings"]?["name"]?.text == "Once" } == 1)
        }
    }

    @Test("A key belongs to its token, and to one request")
    func scopes() async throws {
        try await Centre.run { centre in
            let body = #"{"name":"Once"}"#
            let first = try centre.made(.init("POST", "/v1/queues", body, centre.supervisor, headers: key))
            let changed = try centre.send(
                .init("POST", "/v1/queues", #"{"name":"Twice"}"#, centre.supervisor, headers: key))
            #expect(changed.status == 422 && changed.code == "idempotencyKeyReused")
            #expect(changed.field == "Idempotency-Key")
            let elsewhere = try centre.send(.init("POST", "/v1/agents", body, centre.supervisor, headers: key))
            #expect(elsewhere.status == 422)
            let other = try centre.token("supervisor", #""tenant":"\#(centre.tenant)""#)
            let second = try centre.made(.init("POST", "/v1/queues", body, other, headers: key))
            #expect(second.id != first.id)
        }
    }

    @Test("A token asked for twice with one key is the same token")
    func sameToken() async throws {
        try await Centre.run { centre in
            let ask = Centre.Ask(
                "POST", "/v1/credentials", #"{"role":"operator","label":"x"}"#, centre.administrator, headers: key)
            let first = try centre.made(ask)
            let second = try centre.made(ask)
            #expect(first.json["token"] == second.json["token"])
            let token = try #require(first.json["token"]?.text)
            #expect(try centre.get("/v1/node/status", token).status == 200)
            let third = try centre.made(
                .init("POST", "/v1/credentials", ask.body, centre.administrator, headers: [("Idempotency-Key", "x")]))
            #expect(third.json["token"] != first.json["token"])
        }
    }

    @Test("A refused request is not remembered: it may succeed later with the same key")
    func refusedIsForgotten() async throws {
        try await Centre.run { centre in
            let (conversation, contact) = try centre.openConversation()
            let ask = Centre.Ask("POST", "/v1/contacts/\(contact)/hold", nil, centre.supervisor, headers: key)
            #expect(try centre.send(ask).code == "contactNotConnected")
            try centre.setPresence()
            try centre.made(.init("POST", "/v1/offers/\(try centre.offer(of: contact))/accept", nil, centre.agentToken))
            #expect(try centre.send(ask).status == 200)
            #expect(try centre.get("/v1/conversations/\(conversation)", centre.supervisor).status == 200)
        }
    }

    @Test("A message sent twice with one clientID is one message, key or no key")
    func clientID() async throws {
        try await Centre.run { centre in
            let (conversation, _) = try centre.openConversation()
            let target = "/v1/conversations/\(conversation)/messages"
            let first = try centre.post(target, #"{"text":"a","clientID":"m1"}"#, centre.customerToken)
            let second = try centre.post(target, #"{"text":"a","clientID":"m1"}"#, centre.customerToken)
            #expect(first.json["sequence"] == second.json["sequence"])
            #expect(
                try centre.get("/v1/conversations/\(conversation)/transcript", centre.customerToken).items.count == 2)
        }
    }

    @Test("Two people who change one thing: the second is told, with 412")
    func versions() async throws {
        try await Centre.run { centre in
            let target = "/v1/queues/\(centre.queue)"
            let read = try centre.get(target, centre.supervisor)
            #expect(read.response.header("ETag") == "\"1\"")
            func put(_ name: String, _ tag: String) throws -> Centre.Reply {
                try centre.send(
                    .init("PUT", target, #"{"name":"\#(name)"}"#, centre.supervisor, headers: [("If-Match", tag)]))
            }
            let first = try put("A", "\"1\"")
            #expect(first.status == 200 && first.response.header("ETag") == "\"2\"")
            #expect(first.json["version"] == .integer(2))
            let second = try put("B", "\"1\"")
            #expect(second.status == 412 && second.code == "versionConflict")
            #expect(try put("C", "W/\"2\"").status == 200)
            #expect(try put("D", "*").status == 200)
            let now = try centre.get(target, centre.supervisor)
            #expect(now.json["settings"]?["name"]?.text == "D" && now.response.header("ETag") == "\"4\"")
            let known = try centre.send(
                .init("GET", target, nil, centre.supervisor, headers: [("If-None-Match", "\"3\", \"4\"")]))
            #expect(known.status == 304 && known.response.body.isEmpty)
        }
    }

    @Test("What an agent does now is told whatever version of his profile is known; a change of that is guarded by it")
    func agentVersions() async throws {
        try await Centre.run { centre in
            let target = "/v1/agents/\(centre.agent)"
            let read = try centre.get(target, centre.supervisor)
            #expect(read.json["presence"]?.text == "loggedOut" && read.json["version"] == .integer(1))
            try centre.setPresence()
            let again = try centre.send(
                .init("GET", target, nil, centre.supervisor, headers: [("If-None-Match", "\"1\"")]))
            #expect(again.status == 200 && again.json["presence"]?.text == "available")
            #expect(again.response.header("ETag") == nil)
            let late = try centre.send(
                .init("PUT", target, #"{"name":"Ann"}"#, centre.supervisor, headers: [("If-Match", "\"2\"")]))
            #expect(late.status == 412)
        }
    }

    @Test("A list in pages is the list: nothing twice, nothing left out")
    func pages() async throws {
        try await Centre.run { centre in
            for number in 0..<6 {
                try centre.made(.init("POST", "/v1/queues", #"{"name":"Q\#(number)"}"#, centre.supervisor))
                try centre.made(.init("POST", "/v1/agents", #"{"name":"A\#(number)"}"#, centre.supervisor))
                try centre.made(.init("POST", "/v1/customers", #"{"name":"C\#(number)"}"#, centre.supervisor))
            }
            let (conversation, _) = try centre.openConversation()
            for number in 0..<6 {
                try centre.made(
                    .init(
                        "POST", "/v1/conversations/\(conversation)/messages", #"{"text":"\#(number)"}"#,
                        centre.customerToken))
            }
            let lists: [(String, String, Int)] = [
                ("/v1/queues?", "id", 7), ("/v1/agents?", "id", 7), ("/v1/customers?", "id", 7),
                ("/v1/credentials?", "id", 3), ("/v1/conversations/\(conversation)/transcript?", "sequence", 7),
                ("/v1/conversations/\(conversation)/timeline?", "position", 10),
            ]
            for (target, name, atLeast) in lists {
                let whole = try centre.get(target + "limit=500", centre.supervisor).items.map { $0[name] }
                #expect(whole.count >= atLeast, "\(target) \(whole.count)")
                var paged: [JSONValue?] = []
                var next: String? = ""
                while let cursor = next {
                    let more = cursor.isEmpty ? "" : "&cursor=\(cursor)"
                    let page = try centre.get(target + "limit=2" + more, centre.supervisor)
                    #expect(page.items.count <= 2)
                    paged += page.items.map { $0[name] }
                    next = page.json["next"]?.text
                }
                #expect(paged == whole, "\(target)")
            }
            var actors: [String] = []
            var next: String? = ""
            while let cursor = next {
                let more = cursor.isEmpty ? "" : "&cursor=\(cursor)"
                let page = try centre.get("/v1/node/actors?limit=3" + more, centre.administrator)
                actors += page.items.compactMap { $0["actor"]?.text }
                next = page.json["next"]?.text
            }
            #expect(Set(actors).count == actors.count && actors.count >= 20)
        }
    }
}
