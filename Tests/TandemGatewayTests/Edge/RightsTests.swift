import TandemAPI
import TandemCore
import TandemGateway
import TandemTransport
import Testing

@Suite("Rights")
struct RightsTests {
    private static let closed = Routes.all.filter { $0.operation != .open }

    /// What the roles may, written out once more: administrator, operator, supervisor, agent, customer; `-` nothing, `o`
    /// what is their own, `t` their tenant's, `n` the node's.
    private static let rights: [TandemGateway.Operation: String] = [
        .createTenant: "n----",
        .readTenants: "ttt--",
        .readSettings: "tttt-",
        .writeSettings: "t-t--",
        .readAgents: "ttto-",
        .writeAgents: "t-t--",
        .setPresence: "t-to-",
        .readIntervals: "t-to-",
        .readCustomers: "t-too",
        .writeCustomers: "t-t--",
        .manageCredentials: "t-t--",
        .listConversations: "t-too",
        .openConversation: "t-t-o",
        .readConversation: "t-too",
        .readTimeline: "t-to-",
        .postMessage: "t-too",
        .markMessages: "t-too",
        .closeConversation: "t-too",
        .startContact: "t-t-o",
        .readContact: "t-too",
        .readDecisions: "t-t--",
        .abandonContact: "t-t-o",
        .handOverContact: "t-t-o",
        .handleContact: "t-to-",
        .superviseContact: "t-t--",
        .readOffers: "t-to-",
        .answerOffer: "t-to-",
        .readQueueStatus: "tttt-",
        .readReports: "t-t--",
        .readClocks: "t-t--",
        .operateNode: "nn---",
        .backUpNode: "n----",
        .steerLeaders: "nn---",
        .changeMembers: "n----",
        .liveCustomer: "----o",
        .liveAgent: "---o-",
        .liveSupervisor: "t-t--",
    ]

    @Test("Every operation reaches as far as it was meant to, for each role")
    func table() {
        let roles: [Role] = [.administrator, .operator, .supervisor, .agent, .customer]
        let signs: [Reach: Character] = [.none: "-", .own: "o", .tenant: "t", .node: "n"]
        for operation in TandemGateway.Operation.allCases where operation != .open {
            let row = roles.compactMap { signs[operation.reach(of: $0)] }
            #expect(String(row) == Self.rights[operation], "\(operation)")
        }
    }

    /// Whether a role is let in at all, by the table above.
    private static func lets(_ role: Role, _ operation: TandemGateway.Operation) -> Bool {
        let roles: [Role] = [.administrator, .operator, .supervisor, .agent, .customer]
        return zip(roles, rights[operation] ?? "").contains { $0 == role && $1 != "-" }
    }

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
                        let expected = Self.lets(role, route.operation) ? "upgradeRequired" : "forbidden"
                        #expect(reply.code == expected, "\(role) \(route.path)")
                    } else if !Self.lets(role, route.operation) {
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

    @Test("Who handled a conversation last reads it until others have it; what he did, he may still send again")
    func last() async throws {
        try await Centre.run { centre in
            let (conversation, contact, _) = try centre.connect()
            let transcript = "/v1/conversations/\(conversation)/transcript"
            try centre.made(.init("POST", "/v1/contacts/\(contact)/end", nil, centre.agentToken))
            let wrapUp = Centre.Ask(
                "POST", "/v1/contacts/\(contact)/wrapup", "{}", centre.agentToken,
                headers: [("Idempotency-Key", "once")])
            let done = try centre.made(wrapUp)
            #expect(try centre.get(transcript, centre.agentToken).status == 200)
            try centre.setPresence("loggedOut")
            let body = #"{"channel":"chat","queue":"\#(centre.queue)"}"#
            try centre.made(
                .init("POST", "/v1/conversations/\(conversation)/contacts", body, centre.customerToken))
            for target in [transcript, "/v1/conversations/\(conversation)", "/v1/contacts/\(contact)"] {
                #expect(try centre.get(target, centre.agentToken).code == "forbidden", "\(target)")
            }
            #expect(try centre.made(wrapUp).json == done.json)
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
