import TandemAPI
import TandemCore
import TandemGateway
import TandemTransport
import Testing

@Suite("Rights")
struct RightsTests {
    private static let closed = Routes.all.filter { $0.operation != .open }

    @Test("Every route lets in exactly the roles its operation names, and looks at the right before the request")
    func matrix() async throws {
        try await Centre.run { centre in
            let samples = try Samples(centre, connected: try centre.connect())
            let tokens: [(Role, String)] = [
                (.administrator, centre.administrator), (.operator, try centre.token("operator")),
                (.supervisor, centre.supervisor), (.agent, centre.agentToken), (.customer, centre.customerToken),
            ]
            let before = try centre.committed()
            for route in Self.closed {
                for (role, token) in tokens {
                    // A parameter that no route has: whoever has the right is refused for that, and nothing is done.
                    let reply = try centre.send(samples.ask(route, query: "?bogus=1", token: token))
                    if case .webSocket = route.reply {
                        let expected = route.operation.reach(of: role) == .none ? "forbidden" : "upgradeRequired"
                        #expect(reply.code == expected, "\(role) \(route.path)")
                    } else if route.operation.reach(of: role) == .none {
                        #expect(
                            reply.code == "forbidden" && reply.status == 403, "\(role) \(route.method) \(route.path)")
                    } else {
                        #expect(
                            reply.code == "unknownParameter" && reply.field == "bogus",
                            "\(role) \(route.method) \(route.path): \(reply.response.text)")
                    }
                }
            }
            #expect(try centre.committed() == before)
        }
    }

    @Test("What belongs to another tenant does not exist, on every route")
    func otherTenant() async throws {
        try await Centre.run { centre in
            let samples = try Samples(centre, connected: try centre.connect())
            let other = try centre.made(.init("POST", "/v1/tenants", #"{"name":"Other"}"#, centre.administrator)).id
            let stranger = try centre.token("supervisor", #""tenant":"\#(other)""#)
            let before = try centre.committed()
            for route in Self.closed where route.operation.reach(of: .supervisor) == .tenant {
                if case .webSocket = route.reply { continue }
                let takesTenant = route.query.contains { $0.name == "tenant" }
                guard takesTenant || !route.identifiers.isEmpty else { continue }
                let query = takesTenant ? "?tenant=\(centre.tenant)" : ""
                let reply = try centre.send(samples.ask(route, query: query, token: stranger))
                #expect(
                    reply.status == 404 && reply.code == "notFound",
                    "\(route.method) \(route.path): \(reply.response.text)")
            }
            #expect(try centre.committed() == before)
        }
    }

    @Test("An agent sees only his own contacts, a customer only his own conversation")
    func own() async throws {
        try await Centre.run { centre in
            let (conversation, contact, offer) = try centre.connect()
            let colleague = try centre.made(.init("POST", "/v1/agents", #"{"name":"Bob"}"#, centre.supervisor)).id
            let colleagueToken = try centre.token("agent", #""agent":"\#(colleague)""#, by: centre.supervisor)
            let stranger = try centre.made(.init("POST", "/v1/customers", #"{"name":"Dee"}"#, centre.supervisor)).id
            let strangerToken = try centre.token("customer", #""customer":"\#(stranger)""#, by: centre.supervisor)
            let before = try centre.committed()
            for token in [colleagueToken, strangerToken] {
                for target in [
                    "/v1/conversations/\(conversation)", "/v1/conversations/\(conversation)/transcript",
                    "/v1/conversations/\(conversation)/contacts", "/v1/contacts/\(contact)",
                    "/v1/contacts/\(contact)/sla-clocks", "/v1/customers/\(centre.customer)",
                ] {
                    #expect(try centre.get(target, token).code == "forbidden", "\(target)")
                }
                let posted = try centre.post("/v1/conversations/\(conversation)/messages", #"{"text":"x"}"#, token)
                #expect(posted.status == 403)
                #expect(try centre.post("/v1/conversations/\(conversation)/close", nil, token).status == 403)
                #expect(try centre.get("/v1/conversations", token).items.isEmpty)
            }
            #expect(try centre.post("/v1/offers/\(offer)/accept", nil, colleagueToken).code == "offerNotYours")
            #expect(try centre.post("/v1/contacts/\(contact)/hold", nil, colleagueToken).status == 403)
            #expect(try centre.get("/v1/agents/\(centre.agent)", colleagueToken).code == "forbidden")
            #expect(try centre.get("/v1/agents", colleagueToken).items.map { $0["id"]?.text } == [colleague])
            #expect(try centre.post("/v1/contacts/\(contact)/abandon", nil, strangerToken).status == 403)
            let posed = try centre.post(
                "/v1/conversations",
                #"{"customer":"\#(centre.customer)","contact":{"channel":"chat","queue":"\#(centre.queue)"}}"#,
                strangerToken)
            #expect(posed.code == "forbidden" && posed.field == "customer")
            #expect(try centre.committed() == before)
            #expect(try centre.get("/v1/customers/\(centre.customer)", centre.agentToken).status == 200)
            #expect(try centre.get("/v1/customers/\(centre.customer)", centre.customerToken).status == 200)
            #expect(try centre.get("/v1/conversations", centre.customerToken).items.count == 1)
            #expect(try centre.get("/v1/conversations", centre.agentToken).items.count == 1)
        }
    }

    @Test("A customer cannot put himself before others, nor an agent speak for somebody else")
    func speaking() async throws {
        try await Centre.run { centre in
            let body = #"{"contact":{"channel":"chat","queue":"\#(centre.queue)","priority":1}}"#
            let pushy = try centre.post("/v1/conversations", body, centre.customerToken)
            #expect(pushy.code == "forbidden" && pushy.field == "contact.priority")
            let (conversation, _, _) = try centre.connect()
            let target = "/v1/conversations/\(conversation)/messages"
            let posing = try centre.post(target, #"{"text":"x","author":"customer"}"#, centre.agentToken)
            #expect(posing.code == "forbidden" && posing.field == "author")
            #expect(try centre.post(target, #"{"text":"x","author":"customer"}"#, centre.supervisor).status == 201)
        }
    }

    @Test("Supervisors make no tokens of staff, and tokens of a tenant none above it")
    func tokens() async throws {
        try await Centre.run { centre in
            for role in ["administrator", "operator", "supervisor"] {
                let reply = try centre.post("/v1/credentials", #"{"role":"\#(role)","label":""}"#, centre.supervisor)
                #expect(reply.code == "forbidden" && reply.field == "role")
            }
            let local = try centre.token("administrator", #""tenant":"\#(centre.tenant)""#)
            #expect(try centre.get("/v1/node/status", local).code == "forbidden")
            #expect(try centre.post("/v1/tenants", #"{"name":"x"}"#, local).code == "forbidden")
            #expect(try centre.get("/v1/credentials?scope=node", local).code == "forbidden")
            #expect(try centre.get("/v1/tenants", local).items.map { $0["id"]?.text } == [centre.tenant])
            let made = try centre.token("administrator", "", by: local)
            #expect(try centre.get("/v1/node/status", made).code == "forbidden")
        }
    }
}
