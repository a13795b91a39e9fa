/// A person who handles contacts: presence, slots, and what he holds.
package struct Agent: Hashable, Sendable {
    /// One slot in use.
    package struct Assignment: Hashable, Sendable {
        package enum State: UInt8, CaseIterable, Sendable {
            case offered = 0, busy, wrapping
        }
        package var contact: ContactID
        package var conversation: ConversationID
        package var queue: QueueID
        package var channel: Channel
        package var state: State
        package var since: Timestamp
        package init(
            contact: ContactID, conversation: ConversationID, queue: QueueID, channel: Channel, state: State,
            since: Timestamp
        ) {
            self.contact = contact
            self.conversation = conversation
            self.queue = queue
            self.channel = channel
            self.state = state
            self.since = since
        }
    }

    package let id: AgentID
    /// Nil: absent.
    package internal(set) var tenant: TenantID?
    package internal(set) var version: UInt32
    package internal(set) var profile: AgentProfile
    package internal(set) var presence: Presence
    package internal(set) var presenceSince: Timestamp
    /// The presence to come back to when a lost connection returns in time.
    package internal(set) var presenceBefore: Presence
    package internal(set) var sessions: [SessionID]
    package internal(set) var assignments: [Assignment]
    /// Since the last handled contact ended, or since logging in.
    package internal(set) var idleSince: Timestamp
    /// Contacts handled since logging in.
    package internal(set) var handled: UInt32
    package internal(set) var unanswered: UInt8
    /// The last offer's identifier: the smallest is next in a round robin.
    package internal(set) var lastOffer: UInt64

    package init(
        id: AgentID, tenant: TenantID?, version: UInt32, profile: AgentProfile, presence: Presence,
        presenceSince: Timestamp, presenceBefore: Presence, sessions: [SessionID], assignments: [Assignment],
        idleSince: Timestamp, handled: UInt32, unanswered: UInt8, lastOffer: UInt64
    ) {
        self.id = id
        self.tenant = tenant
        self.version = version
        self.profile = profile
        self.presence = presence
        self.presenceSince = presenceSince
        self.presenceBefore = presenceBefore
        self.sessions = sessions
        self.assignments = assignments
        self.idleSince = idleSince
        self.handled = handled
        self.unanswered = unanswered
        self.lastOffer = lastOffer
    }
}
