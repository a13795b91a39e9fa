import TandemAPI
import TandemGateway
import Testing

/// A valid body for every type that requests take, and an identifier of the centre's for every kind in a path.
struct Samples {
    let centre: Centre
    /// What exists in the centre, by the prefix of its identifier.
    var ids: [String: String]

    /// - Parameter connected: the parts of `Centre.connect`
    init(_ centre: Centre, connected: (conversation: String, contact: String, offer: String)) throws {
        self.centre = centre
        ids = [
            "ten": centre.tenant, "que": centre.queue, "agt": centre.agent, "cus": centre.customer,
            "cnv": connected.conversation, "con": connected.contact, "off": connected.offer,
        ]
        ids["cal"] = try make("/v1/calendars", "Calendar")
        ids["rop"] = try make("/v1/routing-policies", "RoutingPolicy")
        ids["slp"] = try make("/v1/sla-policies", "SLAPolicy")
        ids["whk"] = try make("/v1/webhooks", "Webhook")
        ids["crd"] = try centre.made(
            .init("GET", "/v1/credentials?tenant=\(centre.tenant)", nil, centre.administrator)
        ).items.first?["id"]?.text
        ids["qua"] = "qua" + centre.queue.dropFirst(3)
    }

    private func make(_ target: String, _ type: String) throws -> String {
        try centre.made(.init("POST", target, body(type), centre.supervisor)).id
    }

    func body(_ type: String) -> String {
        switch type {
        case "TenantSettings", "QueueSettings", "AgentProfile", "CustomerProfile", "SkillName": #"{"name":"Sample"}"#
        case "Calendar": #"{"name":"Always","zone":"UTC","blocks":[]}"#
        case "RoutingPolicy": #"{"name":"Plain","rules":[]}"#
        case "SLAPolicy": #"{"name":"None","targets":[]}"#
        case "Webhook":
            #"{"name":"CRM","url":"https://crm.example/","notices":["contactEnded"],"secret":"main"}"#
        case "PresenceWish": #"{"presence":"available"}"#
        case "CredentialRequest": #"{"role":"agent","label":"Sample","agent":"\#(ids["agt"] ?? "")"}"#
        case "ConversationRequest":
            #"{"customer":"\#(ids["cus"] ?? "")","contact":{"channel":"chat","queue":"\#(ids["que"] ?? "")"}}"#
        case "ContactRequest": #"{"channel":"chat","queue":"\#(ids["que"] ?? "")"}"#
        case "MessageRequest": #"{"text":"Sample"}"#
        case "MarkRequest": #"{"upTo":1}"#
        case "HandoverRequest": #"{"reason":"asked for it"}"#
        case "TargetRequest": #"{"queue":"\#(ids["que"] ?? "")"}"#
        case "AssignRequest": #"{"agent":"\#(ids["agt"] ?? "")"}"#
        case "PriorityRequest": #"{"priority":3}"#
        case "WrapUpRequest": #"{"disposition":"done"}"#
        case "NodeAddition": #"{"node":4,"address":"127.0.0.1:7504"}"#
        case "LeaderTransfer": #"{"to":1}"#
        case "ReplicaCount": #"{"replicas":5}"#
        default: "a type without a sample: \(type)"
        }
    }

    /// The route's path with what exists in the centre.
    func target(_ route: Route) -> String {
        var target = route.path
        for (name, prefix) in zip(route.pathParameters, route.identifiers) {
            target = target.replacing("{\(name)}", with: ids[prefix ?? "cnv"] ?? "")
        }
        return target
    }

    func ask(_ route: Route, query: String = "", token: String) -> Centre.Ask {
        var body: String?
        if case .json(let type) = route.body { body = self.body(type.schemaName) }
        return Centre.Ask(route.method.rawValue, target(route) + query, body, token)
    }
}
