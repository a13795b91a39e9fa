import TandemAPI
import TandemTransport
import Testing

@Suite("Live sessions: consultations")
struct LiveConsultTests {
    @Test("Whoever is only consulted neither types nor reads before the customer")
    func quiet() async throws {
        try await Centre.run { centre in
            let scene = try centre.connectLive()
            let bob = try centre.consult(scene)
            let place = #""conversation":"\#(scene.conversation)""#
            #expect(try bob.client.refused(#"{"type":"typing",\#(place)}"#)["code"]?.text == "notAllowed")
            let read = try bob.client.refused(#"{"type":"read",\#(place),"upTo":1}"#)
            #expect(read["code"]?.text == "notAllowed" && read["field"]?.text == "by")
            try scene.agent.ask("t", #""type":"completeConsult",\#(scene.place)"#)
            try scene.customer.expect("contact") { $0["agent"]?.text == bob.agent }
            #expect(scene.customer.all("typing").isEmpty && scene.customer.all("read").isEmpty)
            let shown = try centre.get("/v1/conversations/\(scene.conversation)", centre.supervisor)
            #expect(shown.json["agentRead"] == .integer(0))
            try bob.client.ask("r", #""type":"read",\#(place),"upTo":1"#)
            try scene.customer.expect("read") { $0["by"]?.text == bob.agent }
        }
    }

    @Test("Whoever asked is told when the agent he consulted leaves, and the customer is not")
    func consultedAgentLeaves() async throws {
        try await Centre.run { centre in
            let scene = try centre.connectLive()
            let bob = try centre.consult(scene)
            try bob.client.ask("e", #""type":"end",\#(bob.place)"#)
            let told = try scene.agent.expect("contact") { $0["state"]?.text == "closed" }
            #expect(told["contact"]?.text == bob.leg && told["previous"]?.text == scene.contact)
            #expect(told["reason"]?.text == "consultEnded")
            try bob.client.expect("contact") { $0["state"]?.text == "closed" && $0["contact"]?.text == bob.leg }
            try scene.agent.ask("r", #""type":"resume",\#(scene.place)"#)
            try scene.customer.expect("contact") { $0["state"]?.text == "connected" }
            #expect(scene.customer.all("contact").allSatisfy { $0["contact"]?.text == scene.contact })

            // Whoever was away is told when he comes back.
            let (again, _) = try centre.agentLive(resume: told["position"]?.whole.map { $0 - 1 })
            try again.expect("contact") { $0["previous"]?.text == scene.contact && $0["state"]?.text == "closed" }
        }
    }

    @Test("A customer who was away while another agent was given him is told so, once, when he comes back")
    func away() async throws {
        try await Centre.run { centre in
            let scene = try centre.connectLive()
            let first = try centre.consult(scene)
            try scene.agent.ask("b", #""type":"endConsult",\#(scene.place)"#)
            try scene.customer.expect("contact") { $0["state"]?.text == "connected" }
            let bob = try centre.consult(scene, first)
            try scene.customer.expect("contact") { $0["state"]?.text == "held" }
            try scene.customer.ask("m", #""type":"message","text":"Hello?""#)
            scene.customer.vanish()
            try scene.agent.ask("t", #""type":"completeConsult",\#(scene.place)"#)

            let back = try centre.customerLive(scene.conversation, resume: scene.customer.position)
            let told = try back.expect("contact") { $0["contact"]?.text == bob.leg }
            #expect(told["state"]?.text == "connected" && told["name"]?.text == "Bob")
            try bob.client.ask("h", #""type":"hold",\#(bob.place)"#)
            try back.expect("contact") { $0["contact"]?.text == bob.leg && $0["state"]?.text == "held" }
            back.vanish()
            try scene.agent.ask("w", #""type":"wrapup",\#(scene.place)"#)
            try bob.client.ask("u", #""type":"resume",\#(bob.place)"#)
            let again = try centre.customerLive(scene.conversation, resume: back.position)
            try again.expect("contact") { $0["contact"]?.text == bob.leg && $0["state"]?.text == "connected" }
            #expect(again.all("contact").compactMap { $0["state"]?.text } == ["closed", "connected"])

            let whole = try centre.customerLive(scene.conversation, resume: 0)
            let states = ["connected", "held", "connected"]
            for _ in 0..<2 {
                try whole.expect("contact") { $0["contact"]?.text == bob.leg && $0["state"]?.text == "connected" }
            }
            let legs = whole.all("contact")
            #expect(legs.filter { $0["contact"]?.text == bob.leg }.compactMap { $0["state"]?.text } == states)
            #expect(!legs.contains { $0["contact"]?.text == first.leg })
        }
    }

    @Test("Over HTTP a consultation does not exist for the customer, until one who was asked was given him")
    func hidden() async throws {
        try await Centre.run { centre in
            let scene = try centre.connectLive()
            let list = "/v1/conversations/\(scene.conversation)/contacts"
            func shown(_ token: String) throws -> [String] {
                try centre.made(.init("GET", list, nil, token)).items.compactMap { $0["id"]?.text }
            }
            func expectHidden(_ leg: String) throws {
                #expect(try !shown(centre.customerToken).contains(leg))
                for target in ["/v1/contacts/\(leg)", "/v1/contacts/\(leg)/sla-clocks"] {
                    #expect(try centre.get(target, centre.customerToken).code == "notFound", "\(target)")
                    #expect(try centre.get(target, centre.supervisor).status == 200, "\(target)")
                }
                #expect(try centre.post("/v1/contacts/\(leg)/abandon", nil, centre.customerToken).code == "notFound")
            }
            let first = try centre.consult(scene)
            try expectHidden(first.leg)
            #expect(try shown(centre.supervisor) == [first.leg, scene.contact])
            #expect(try centre.get("/v1/contacts/\(first.leg)", first.token).status == 200)
            try scene.agent.ask("b", #""type":"endConsult",\#(scene.place)"#)
            try expectHidden(first.leg)
            // Whoever was only asked does not read on.
            let transcript = "/v1/conversations/\(scene.conversation)/transcript"
            #expect(try centre.get(transcript, first.token).code == "forbidden")
            #expect(try centre.get(transcript, centre.agentToken).status == 200)

            let second = try centre.consult(scene, first)
            try scene.agent.ask("t", #""type":"completeConsult",\#(scene.place)"#)
            for _ in 0..<2 {
                #expect(try shown(centre.customerToken) == [second.leg, scene.contact])
                let leg = try centre.get("/v1/contacts/\(second.leg)", centre.customerToken)
                #expect(leg.json["state"]?.text == "connected")
                try expectHidden(first.leg)
                // The second time the asking agent has ended his wrap-up.
                _ = try centre.post("/v1/contacts/\(scene.contact)/wrapup", "{}", centre.agentToken)
            }
            #expect(try centre.get("/v1/contacts/\(scene.contact)", centre.supervisor).json["next"]?.text == second.leg)
        }
    }
}

extension Centre {
    /// Who is consulted, live, and the leg in which he is.
    struct Colleague {
        let client: LiveClient
        let agent: String
        let token: String
        let leg: String
        /// `"conversation":…,"contact":…`
        let place: String
    }

    /// The agent of `scene` consults Bob, who accepts; he is made where there is none yet.
    func consult(_ scene: Scene, _ known: Colleague? = nil) throws -> Colleague {
        let (agent, token, client): (String, String, LiveClient)
        if let known {
            (agent, token, client) = (known.agent, known.token, known.client)
        } else {
            let body = #"{"name":"Bob","queues":["\#(queue)"]}"#
            agent = try made(.init("POST", "/v1/agents", body, supervisor)).id
            token = try self.token("agent", #""tenant":"\#(tenant)","agent":"\#(agent)""#)
            client = try LiveClient(self, "/v1/live/agent", token)
            try client.expect("welcome")
            try client.ask("p", #""type":"presence","state":"available""#)
        }
        let id = known == nil ? "1" : "2"
        let asked = try scene.agent.ask("c" + id, #""type":"consult",\#(scene.place),"agent":"\#(agent)""#)
        let leg = try #require(asked["contact"]?.text)
        let offer = try client.expect("offer") { $0["contact"]?.text == leg }
        let place = #""conversation":"\#(scene.conversation)","contact":"\#(leg)""#
        try client.ask("a" + id, #""type":"accept","offer":"\#(try #require(offer["offer"]?.text))",\#(place)"#)
        return Colleague(client: client, agent: agent, token: token, leg: leg, place: place)
    }
}
