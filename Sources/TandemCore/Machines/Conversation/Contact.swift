/// One routed episode of a conversation on one channel.
///
/// ```
/// created ──▶ bot ──▶ queued ⇄ offered ──▶ connected ⇄ held ──▶ wrapping ──▶ (closed)
///    └──────────────────▲                     │         │
///                       └─────────────────────┴─────────┘  agent lost, re-queued
/// ```
/// A closed leg leaves its conversation's record; its facts are in `contactClosed` and in the read model. Which command
/// does what in which state is told by theme, one exhaustive switch over the state per command: `ContactEntry` (bot and
/// hand-over), `ContactOffers`, `ContactTalk`, `ContactTransfers`, `ContactSupervision`, `ContactTimers`.
package struct Contact: Hashable, Sendable {
    package enum State: Hashable, Sendable {
        case created
        case bot
        case queued(Waiting)
        case offered(Offer, Waiting)
        case connected(AgentID)
        case held(AgentID)
        case wrapping(Wrapping)
    }
    package struct Wrapping: Hashable, Sendable {
        package var agent: AgentID
        package var until: Timestamp?
        package var reason: EndReason
        package init(agent: AgentID, until: Timestamp?, reason: EndReason) {
            self.agent = agent
            self.until = until
            self.reason = reason
        }
    }
    /// An agent who rejected the contact and is passed over until then.
    package struct Decline: Hashable, Sendable {
        package var agent: AgentID
        package var until: Timestamp
        package init(agent: AgentID, until: Timestamp) {
            self.agent = agent
            self.until = until
        }
    }

    package let id: ContactID
    package internal(set) var queue: QueueID
    package let channel: Channel
    package let kind: LegKind
    package let previous: ContactID?
    package internal(set) var next: ContactID?
    package internal(set) var tags: [String]
    package internal(set) var skills: [SkillLevel]
    package internal(set) var priority: UInt8
    package internal(set) var boost: Int32
    package internal(set) var preferredAgent: AgentID?
    package let createdAt: Timestamp
    /// From which the age counts.
    package internal(set) var ageSince: Timestamp
    package internal(set) var enqueuedAt: Timestamp?
    package internal(set) var answeredAt: Timestamp?
    package internal(set) var state: State
    package internal(set) var since: Timestamp
    package internal(set) var times: ContactTimes
    package internal(set) var declines: [Decline]
    package internal(set) var clocks: [SLAClock]

    package init(
        id: ContactID, queue: QueueID, channel: Channel, kind: LegKind, previous: ContactID?, next: ContactID?,
        tags: [String], skills: [SkillLevel], priority: UInt8, boost: Int32, preferredAgent: AgentID?,
        createdAt: Timestamp, ageSince: Timestamp, enqueuedAt: Timestamp?, answeredAt: Timestamp?, state: State,
        since: Timestamp, times: ContactTimes, declines: [Decline], clocks: [SLAClock]
    ) {
        self.id = id
        self.queue = queue
        self.channel = channel
        self.kind = kind
        self.previous = previous
        self.next = next
        self.tags = tags
        self.skills = skills
        self.priority = priority
        self.boost = boost
        self.preferredAgent = preferredAgent
        self.createdAt = createdAt
        self.ageSince = ageSince
        self.enqueuedAt = enqueuedAt
        self.answeredAt = answeredAt
        self.state = state
        self.since = since
        self.times = times
        self.declines = declines
        self.clocks = clocks
    }
}
