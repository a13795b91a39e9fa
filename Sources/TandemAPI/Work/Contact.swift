package import TandemCore

extension API {
    /// Where a contact stands.
    package enum ContactState: String, Codable, CaseIterable, Sendable {
        case created, bot, queued, offered, connected, held, wrapping, closed
    }

    package struct Contact: Described, Equatable {
        package var id: ContactID
        package var conversation: ConversationID
        package var tenant: TenantID
        package var customer: CustomerID
        package var queue: QueueID
        package var channel: Channel
        package var kind: LegKind
        package var state: ContactState
        package var since: Timestamp
        package var agent: AgentID?
        package var previous: ContactID?
        package var next: ContactID?
        package var priority: UInt8
        package var boost: Int32
        package var preferredAgent: AgentID?
        package var createdAt: Timestamp
        package var ageSince: Timestamp
        package var enqueuedAt: Timestamp?
        package var answeredAt: Timestamp?
        package var wrapUntil: Timestamp?
        package var closedAt: Timestamp?
        package var endReason: EndReason?
        package var disposition: String?

        package init(
            id: ContactID, conversation: ConversationID, tenant: TenantID, customer: CustomerID, queue: QueueID,
            channel: Channel, kind: LegKind, state: ContactState, since: Timestamp, agent: AgentID?,
            previous: ContactID?, next: ContactID?, priority: UInt8, boost: Int32, preferredAgent: AgentID?,
            createdAt: Timestamp, ageSince: Timestamp, enqueuedAt: Timestamp?, answeredAt: Timestamp?,
            wrapUntil: Timestamp?, closedAt: Timestamp?, endReason: EndReason?, disposition: String?
        ) {
            self.id = id
            self.conversation = conversation
            self.tenant = tenant
            self.customer = customer
            self.queue = queue
            self.channel = channel
            self.kind = kind
            self.state = state
            self.since = since
            self.agent = agent
            self.previous = previous
            self.next = next
            self.priority = priority
            self.boost = boost
            self.preferredAgent = preferredAgent
            self.createdAt = createdAt
            self.ageSince = ageSince
            self.enqueuedAt = enqueuedAt
            self.answeredAt = answeredAt
            self.wrapUntil = wrapUntil
            self.closedAt = closedAt
            self.endReason = endReason
            self.disposition = disposition
        }

        package static let schemaDescription = "One routed episode of a conversation on one channel."
        package static let schema = Schema.object([
            .required("id", .id(ContactID.self)),
            .required("conversation", .id(ConversationID.self)),
            .required("tenant", .id(TenantID.self)),
            .required("customer", .id(CustomerID.self)),
            .required("queue", .id(QueueID.self)),
            .required("channel", .word(Channel.self)),
            .required("kind", .word(LegKind.self), "How it came from the leg before."),
            .required("state", .word(ContactState.allCases.map(\.rawValue))),
            .required("since", .time, "In this state since."),
            .optional("agent", .id(AgentID.self)),
            .optional("previous", .id(ContactID.self)),
            .optional("next", .id(ContactID.self)),
            .required("priority", .integer(0...9)),
            .required("boost", .integer(Int64(Int32.min)...Int64(Int32.max))),
            .optional("preferredAgent", .id(AgentID.self)),
            .required("createdAt", .time),
            .required("ageSince", .time, "From which its age counts."),
            .optional("enqueuedAt", .time),
            .optional("answeredAt", .time),
            .optional("wrapUntil", .time),
            .optional("closedAt", .time),
            .optional("endReason", .word(EndReason.self)),
            .optional("disposition", .text),
        ])
    }

    package struct Offer: Described, Equatable {
        package var id: OfferID
        package var contact: ContactID
        package var conversation: ConversationID
        package var queue: QueueID
        package var agent: AgentID
        package var channel: Channel
        package var madeAt: Timestamp
        package var expiresAt: Timestamp
        package var outcome: OfferOutcome?
        package var endedAt: Timestamp?

        package init(
            id: OfferID, contact: ContactID, conversation: ConversationID, queue: QueueID, agent: AgentID,
            channel: Channel, madeAt: Timestamp, expiresAt: Timestamp, outcome: OfferOutcome?, endedAt: Timestamp?
        ) {
            self.id = id
            self.contact = contact
            self.conversation = conversation
            self.queue = queue
            self.agent = agent
            self.channel = channel
            self.madeAt = madeAt
            self.expiresAt = expiresAt
            self.outcome = outcome
            self.endedAt = endedAt
        }

        package static let schemaDescription = "A contact presented to one agent."
        package static let schema = Schema.object([
            .required("id", .id(OfferID.self)),
            .required("contact", .id(ContactID.self)),
            .required("conversation", .id(ConversationID.self)),
            .required("queue", .id(QueueID.self)),
            .required("agent", .id(AgentID.self)),
            .required("channel", .word(Channel.self)),
            .required("madeAt", .time),
            .required("expiresAt", .time),
            .optional("outcome", .word(OfferOutcome.self), "Absent while it is pending."),
            .optional("endedAt", .time),
        ])
    }
}
