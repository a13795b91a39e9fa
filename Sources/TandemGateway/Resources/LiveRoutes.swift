internal import TandemAPI
internal import TandemRuntime

// Where connections become live sessions.
extension Routes {
    static let live = [
        live("customer", .liveCustomer, .customer, "A customer's live session on one conversation."),
        live("agent", .liveAgent, .agent, "An agent's live session."),
        live("events", .liveSupervisor, .supervisor, "A supervisor's stream of a tenant's events."),
    ]

    private static func live(
        _ name: String, _ operation: Operation, _ kind: LiveKind, _ summary: String
    ) -> Route {
        let common: [Route.Parameter] = [
            .init(
                "resume", .string(min: 1, max: 32),
                "The highest position the client has seen; it is sent what followed."),
            .init("access_token", .string(min: 1, max: 256), "The token, for clients that cannot set headers."),
        ]
        let special: [Route.Parameter] =
            switch kind {
            case .customer: [.init("conversation", .id("cnv"), "Which of the customer's conversations.")]
            case .agent: []
            case .supervisor:
                [
                    .tenant, .init("types", .string(min: 1, max: 2_048), "Only these types of events, by commas."),
                    .init("queue", .id("que"), "Only what concerns this queue."),
                    .init("agent", .id("agt"), "Only what this agent's sessions are shown."),
                    .init("conversation", .id("cnv"), "Only what concerns this conversation."),
                ]
            }
        return Route(
            .get, "/v1/live/\(name)", operation, summary + " `Docs/API-Live.md` describes its messages.",
            query: common + special, status: 101, reply: .webSocket
        ) { call throws(Problem) in
            guard let live = call.gateway.options.live else { throw Problem(.notFound) }
            if call.gateway.isDraining { throw call.gateway.node.sentOn(.stopping) }
            if call.gateway.node.isDrained { throw call.gateway.node.sentOn(.draining) }
            live.open(kind, call)
        }
    }
}
