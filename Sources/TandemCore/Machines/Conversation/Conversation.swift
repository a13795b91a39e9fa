/// The thread with one customer about one matter: `absent → open ⇄ closed`, with the legs that are open now.
package struct Conversation: Hashable, Sendable {
    package enum State: Hashable, Sendable {
        case absent
        case open
        case closed(at: Timestamp)
    }

    /// The clock of the matter. The first leg names it, and it outlives that leg.
    package struct Resolution: Hashable, Sendable {
        package var contact: ContactID
        package var clock: SLAClock
        package init(contact: ContactID, clock: SLAClock) {
            self.contact = contact
            self.clock = clock
        }
    }

    package let id: ConversationID
    package internal(set) var state: State
    package internal(set) var tenant: TenantID
    package internal(set) var customer: CustomerID
    package internal(set) var channel: Channel
    package internal(set) var openedAt: Timestamp
    package internal(set) var messageCount: UInt64
    package internal(set) var customerMessageAt: Timestamp?
    package internal(set) var agentMessageAt: Timestamp?
    package internal(set) var customerDelivered: UInt64
    package internal(set) var customerRead: UInt64
    package internal(set) var agentRead: UInt64
    /// At most `Limits.externalIDsMax`.
    package internal(set) var seen: SeenMessages
    package internal(set) var contacts: [Contact]
    /// The agent who handled it last, and when.
    package internal(set) var lastAgent: AgentID?
    package internal(set) var lastHandledAt: Timestamp?
    /// Nil only before its first contact, and in a conversation that was opened before there was such a clock.
    package internal(set) var resolution: Resolution?
    #if NEXT_FORMAT
        /// Of the messages that say how many they have.
        package var characters: UInt64 = 0
    #endif

    package init(
        id: ConversationID, state: State, tenant: TenantID, customer: CustomerID, channel: Channel,
        openedAt: Timestamp, messageCount: UInt64, customerMessageAt: Timestamp?, agentMessageAt: Timestamp?,
        customerDelivered: UInt64, customerRead: UInt64, agentRead: UInt64, seen: SeenMessages, contacts: [Contact],
        lastAgent: AgentID?, lastHandledAt: Timestamp?, resolution: Resolution? = nil
    ) {
        self.id = id
        self.state = state
        self.tenant = tenant
        self.customer = customer
        self.channel = channel
        self.openedAt = openedAt
        self.messageCount = messageCount
        self.customerMessageAt = customerMessageAt
        self.agentMessageAt = agentMessageAt
        self.customerDelivered = customerDelivered
        self.customerRead = customerRead
        self.agentRead = agentRead
        self.seen = seen
        self.contacts = contacts
        self.lastAgent = lastAgent
        self.lastHandledAt = lastHandledAt
        self.resolution = resolution
    }
}
