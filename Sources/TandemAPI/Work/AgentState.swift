package import TandemCore

extension API {
    /// An agent with what he is allowed and what he does now.
    package struct AgentStatus: Described, Equatable {
        package struct Assignment: Described, Equatable {
            package var contact: ContactID
            package var conversation: ConversationID
            package var queue: QueueID
            package var channel: Channel
            package var state: Agent.Assignment.State
            package var since: Timestamp
            package init(_ core: Agent.Assignment) {
                contact = core.contact
                conversation = core.conversation
                queue = core.queue
                channel = core.channel
                state = core.state
                since = core.since
            }
            package static let schemaDescription = "One slot in use."
            package static let schema = Schema.object([
                .required("contact", .id(ContactID.self)),
                .required("conversation", .id(ConversationID.self)),
                .required("queue", .id(QueueID.self)),
                .required("channel", .word(Channel.self)),
                .required("state", .word(Agent.Assignment.State.self)),
                .required("since", .time),
            ])
        }

        package var id: AgentID
        package var tenant: TenantID?
        package var version: UInt32
        package var settings: AgentProfile
        package var presence: String
        package var breakCode: String?
        package var presenceSince: Timestamp
        package var offlineUntil: Timestamp?
        package var sessions: Int
        package var assignments: [Assignment]
        package var handled: UInt32
        package var unanswered: UInt8

        package init(_ agent: Agent) {
            id = agent.id
            tenant = agent.tenant
            version = agent.version
            settings = AgentProfile(agent.profile)
            presence = agent.presence.word.description
            breakCode = agent.presence.breakCode
            presenceSince = agent.presenceSince
            offlineUntil = agent.presence.offlineUntil
            sessions = agent.sessions.count
            assignments = agent.assignments.map(Assignment.init)
            handled = agent.handled
            unanswered = agent.unanswered
        }

        package static let schemaDescription = "An agent: what he is allowed, and what he does now."
        package static let schema = Schema.object([
            .required("id", .id(AgentID.self)),
            .optional("tenant", .id(TenantID.self)),
            .required("version", .version),
            .required("settings", .named(AgentProfile.self)),
            .required("presence", .word(Presence.words)),
            .optional("breakCode", .text),
            .required("presenceSince", .time),
            .optional("offlineUntil", .time, "The end of his grace time, while the connection is lost."),
            .required("sessions", .count),
            .required("assignments", .array(.named(Assignment.self), max: 1_000)),
            .required("handled", .count, "Contacts since logging in."),
            .required("unanswered", .count, "Offers in a row that went unanswered."),
        ])
    }
}
