/// What happened: a fact, never rejected. One turn's events are one entry of the journal.
///
/// Computed deadlines and the reasons of decisions are in the events, so that `apply` needs nothing else.
package enum Event: Hashable, Sendable {
    // Tenant
    case tenantCreated(TenantID, TenantSettings)
    case tenantChanged(TenantID, TenantSettings, version: UInt32)
    case skillDefined(TenantID, Skill)
    case calendarPut(TenantID, BusinessCalendar)
    case routingPolicyPut(TenantID, RoutingPolicy)
    case slaPolicyPut(TenantID, SLAPolicy)
    // Queue
    case queueCreated(QueueID, TenantID, QueueSettings)
    case queueChanged(QueueID, TenantID, QueueSettings, version: UInt32)
    // Agent
    case agentCreated(AgentID, TenantID, AgentProfile)
    case agentChanged(AgentID, TenantID, AgentProfile, version: UInt32)
    case presenceChanged(PresenceChanged)
    case sessionConnected(AgentID, TenantID, SessionID)
    case sessionEnded(AgentID, TenantID, SessionID, lost: Bool)
    // Customer, credential
    case customerCreated(CustomerID, TenantID, CustomerProfile)
    case customerChanged(CustomerID, TenantID, CustomerProfile, version: UInt32)
    case credentialCreated(CredentialID, CredentialSpec)
    case credentialRevoked(CredentialID, TenantID?)
    // Conversation
    case conversationOpened(ConversationOpened)
    case conversationReopened(ConversationID, TenantID, CustomerID)
    case messagePosted(MessagePosted)
    case messagesDelivered(MessagesMarked)
    case messagesRead(MessagesMarked)
    case conversationClosed(ConversationID, TenantID, CustomerID, by: Party)
    // Contact
    case contactCreated(ContactCreated)
    case contactBotStarted(Leg)
    case contactQueued(ContactQueued)
    /// A step expired: what the contact asks has changed, its age has not. Its reason is `overflow` where the step
    /// of a customer's contact waits in another queue, else `stepped`.
    case contactStepped(ContactQueued)
    case contactDeclineExpired(Leg, AgentID)
    case contactPriorityChanged(Leg, priority: UInt8, order: OrderKey, by: Party)
    case offerMade(OfferMade)
    case offerAccepted(OfferEnded)
    /// Any outcome but `accepted`. What follows (back to the queue, closed) is an event of its own.
    case offerEnded(OfferEnded)
    case contactHeld(Leg, AgentID)
    case contactResumed(Leg, AgentID)
    /// `leg` was consulted about `previous`; the customer is held there.
    case consultStarted(Leg, previous: ContactID, by: AgentID)
    /// The consultation `leg` is over, whoever ended it, and the customer was not given to whoever was asked. What
    /// becomes of `previous`, whose agent asked, is an event of its own; without one he still holds the customer there.
    case consultEnded(Leg, previous: ContactID, asker: AgentID, reason: EndReason)
    case contactWrapping(ContactWrapping)
    case contactClosed(ContactClosed)
    // SLA clock
    case clockActivated(Leg, ClockSet)
    case clockPaused(Leg, SLAMetric, remaining: Milliseconds?)
    case clockResumed(Leg, SLAMetric, warnAt: Timestamp?, dueAt: Timestamp?)
    case clockWarned(Leg, SLAMetric)
    /// `brokenAt`: when a policy that was applied afterwards finds that the past had broken it; nil: now.
    case clockBreached(Leg, SLAMetric, brokenAt: Timestamp? = nil)
    case clockFulfilled(Leg, SLAMetric, elapsed: Milliseconds, promised: Bool = true)
    /// A policy's promise, for a clock that has run without it, or by another.
    case clockPolicyApplied(Leg, ClockTerms)
    // Quarantine
    case inputQuarantined(UInt16, QuarantineID, QuarantinedInput)
    case quarantineResolved(UInt16, QuarantineID, by: Party)
    // Webhooks
    case webhookPut(TenantID, Webhook)
    /// In the entry of what it tells of.
    case deliveryDue(DeliveryDue)
    /// The pause after a failed attempt is over.
    case deliveryResumed(DeliveryTarget)
    case deliveryFailed(DeliveryFailed)
    case deliveryDone(DeliveryTarget, attempt: UInt16, status: UInt16)
}

/// Names one leg in full, so that every reader of an event can place it.
package struct Leg: Hashable, Sendable {
    package let tenant: TenantID
    package let conversation: ConversationID
    package let customer: CustomerID
    package let contact: ContactID
    package let queue: QueueID
    package init(
        tenant: TenantID, conversation: ConversationID, customer: CustomerID, contact: ContactID, queue: QueueID
    ) {
        self.tenant = tenant
        self.conversation = conversation
        self.customer = customer
        self.contact = contact
        self.queue = queue
    }
}

package struct PresenceChanged: Hashable, Sendable {
    package var agent: AgentID
    package var tenant: TenantID
    package var from: Presence
    package var to: Presence
    package var by: Party
    /// Offers in a row without an answer, after this event.
    package var unanswered: UInt8
    package init(agent: AgentID, tenant: TenantID, from: Presence, to: Presence, by: Party, unanswered: UInt8) {
        self.agent = agent
        self.tenant = tenant
        self.from = from
        self.to = to
        self.by = by
        self.unanswered = unanswered
    }
}

package struct ConversationOpened: Hashable, Sendable {
    package var conversation: ConversationID
    package var tenant: TenantID
    package var customer: CustomerID
    package var channel: Channel
    package var subject: String
    package init(
        conversation: ConversationID, tenant: TenantID, customer: CustomerID, channel: Channel, subject: String
    ) {
        self.conversation = conversation
        self.tenant = tenant
        self.customer = customer
        self.channel = channel
        self.subject = subject
    }
}

package struct MessagePosted: Hashable, Sendable {
    package var conversation: ConversationID
    package var tenant: TenantID
    package var customer: CustomerID
    /// The number in the conversation, from 1, without gaps.
    package var sequence: UInt64
    package var channel: Channel
    package var author: Party
    /// The leg it was written in, where one is open.
    package var contact: ContactID?
    /// The agents who handle the conversation now: it reaches their sessions.
    package var agents: [AgentID]
    package var clientID: String?
    package var text: String
    #if NEXT_FORMAT
        /// Of the text; nought in a format that does not say.
        package var characters: UInt64
    #endif
    package init(
        conversation: ConversationID, tenant: TenantID, customer: CustomerID, sequence: UInt64, channel: Channel,
        author: Party, contact: ContactID?, agents: [AgentID], clientID: String?, text: String
    ) {
        self.conversation = conversation
        self.tenant = tenant
        self.customer = customer
        self.sequence = sequence
        self.channel = channel
        self.author = author
        self.contact = contact
        self.agents = agents
        self.clientID = clientID
        self.text = text
        #if NEXT_FORMAT
            characters = UInt64(text.unicodeScalars.count)
        #endif
    }
}

package struct MessagesMarked: Hashable, Sendable {
    package var conversation: ConversationID
    package var tenant: TenantID
    package var by: Party
    package var upTo: UInt64
    package var agents: [AgentID]
    package init(conversation: ConversationID, tenant: TenantID, by: Party, upTo: UInt64, agents: [AgentID]) {
        self.conversation = conversation
        self.tenant = tenant
        self.by = by
        self.upTo = upTo
        self.agents = agents
    }
}

package struct ContactCreated: Hashable, Sendable {
    package var leg: Leg
    package var channel: Channel
    package var kind: LegKind
    package var previous: ContactID?
    package var tags: [String]
    package var skills: [SkillLevel]
    package var priority: UInt8
    package var boost: Int32
    package var preferredAgent: AgentID?
    /// From which the age counts once it is queued; a new leg inherits it where its kind keeps the age.
    package var ageSince: Timestamp
    package init(
        leg: Leg, channel: Channel, kind: LegKind, previous: ContactID?, tags: [String], skills: [SkillLevel],
        priority: UInt8, boost: Int32, preferredAgent: AgentID?, ageSince: Timestamp
    ) {
        self.leg = leg
        self.channel = channel
        self.kind = kind
        self.previous = previous
        self.tags = tags
        self.skills = skills
        self.priority = priority
        self.boost = boost
        self.preferredAgent = preferredAgent
        self.ageSince = ageSince
    }
}

package struct ContactQueued: Hashable, Sendable {
    package var leg: Leg
    package var reason: QueueReason
    /// Since when the customer waits, from which all waiting is measured: kept when a contact comes back, and by the
    /// leg that an overflow or a callback makes.
    package var enqueuedAt: Timestamp
    package var waiting: Waiting
    /// The contact's own priority and boost; what its step adds to them is in the order key.
    package var priority: UInt8
    package var boost: Int32
    /// The agent it was taken from while connected, held or wrapping, whose slot is free again; an offer's agent is
    /// freed by `offerEnded`.
    package var released: AgentID?
    /// Why the bot handed over, in its own words, for the agent who takes the contact.
    package var note: String?
    package init(
        leg: Leg, reason: QueueReason, enqueuedAt: Timestamp, waiting: Waiting, priority: UInt8, boost: Int32,
        released: AgentID? = nil, note: String? = nil
    ) {
        self.leg = leg
        self.reason = reason
        self.enqueuedAt = enqueuedAt
        self.waiting = waiting
        self.priority = priority
        self.boost = boost
        self.released = released
        self.note = note
    }
}

package struct OfferMade: Hashable, Sendable {
    package var leg: Leg
    package var offer: OfferID
    package var agent: AgentID
    package var channel: Channel
    package var expiresAt: Timestamp
    package var decision: RoutingDecision
    package init(
        leg: Leg, offer: OfferID, agent: AgentID, channel: Channel, expiresAt: Timestamp, decision: RoutingDecision
    ) {
        self.leg = leg
        self.offer = offer
        self.agent = agent
        self.channel = channel
        self.expiresAt = expiresAt
        self.decision = decision
    }
}

/// Why this agent: what the decision depended on, the best five, and how many each filter ruled out.
package struct RoutingDecision: Hashable, Sendable {
    package struct Candidate: Hashable, Sendable {
        package var agent: AgentID
        /// By the strategy's own measure; higher is better.
        package var score: Int64
        package init(agent: AgentID, score: Int64) {
            self.agent = agent
            self.score = score
        }
    }
    /// Why an agent of the pool was not a candidate; each is counted under the first that applies.
    package struct RuledOut: Hashable, Sendable {
        package var loggedOut: UInt32 = 0
        package var notAvailable: UInt32 = 0
        package var skill: UInt32 = 0
        package var noSlot: UInt32 = 0
        package var blocked: UInt32 = 0
        package var notPreferred: UInt32 = 0
        package var declined: UInt32 = 0
        package init() {}
    }
    /// Whose move led to it: an arriving contact looked for an agent, a freed agent for a contact, or a hand chose.
    package enum Trigger: UInt8, CaseIterable, Sendable {
        case contact = 0, agent, hand
    }
    package var trigger: Trigger
    package var policy: RoutingPolicyID?
    package var policyVersion: UInt32
    package var rule: UInt8
    package var step: UInt8
    package var strategy: Strategy
    package var requirement: Requirement
    package var order: OrderKey
    /// Age of the contact at the decision.
    package var age: Milliseconds
    /// The best five, winner first.
    package var candidates: [Candidate]
    package var eligible: UInt32
    package var ruledOut: RuledOut
    package init(
        trigger: Trigger, policy: RoutingPolicyID?, policyVersion: UInt32, rule: UInt8, step: UInt8,
        strategy: Strategy, requirement: Requirement, order: OrderKey, age: Milliseconds, candidates: [Candidate],
        eligible: UInt32, ruledOut: RuledOut
    ) {
        self.trigger = trigger
        self.policy = policy
        self.policyVersion = policyVersion
        self.rule = rule
        self.step = step
        self.strategy = strategy
        self.requirement = requirement
        self.order = order
        self.age = age
        self.candidates = candidates
        self.eligible = eligible
        self.ruledOut = ruledOut
    }
}

package struct OfferEnded: Hashable, Sendable {
    package var leg: Leg
    package var offer: OfferID
    package var agent: AgentID
    package var channel: Channel
    package var outcome: OfferOutcome
    /// A rejecting agent is not offered the contact again before this.
    package var declinedUntil: Timestamp?
    /// On acceptance: from enqueue to answer.
    package var waited: Milliseconds
    /// On acceptance: the queue's answer target, for its service level; nil: none is promised, so none is missed.
    package var target: Milliseconds?
    /// On acceptance: the queue's service level counts it. Not a consultation, and not a leg that had been answered
    /// before and was taken from its agent: a leg counts as answered once.
    package var isCounted: Bool
    package init(
        leg: Leg, offer: OfferID, agent: AgentID, channel: Channel, outcome: OfferOutcome,
        declinedUntil: Timestamp? = nil, waited: Milliseconds, target: Milliseconds? = nil, isCounted: Bool = true
    ) {
        self.leg = leg
        self.offer = offer
        self.agent = agent
        self.channel = channel
        self.outcome = outcome
        self.declinedUntil = declinedUntil
        self.waited = waited
        self.target = target
        self.isCounted = isCounted
    }
}

package struct ContactWrapping: Hashable, Sendable {
    package var leg: Leg
    package var agent: AgentID
    /// Nil: until the agent ends it.
    package var until: Timestamp?
    /// Why the talk ended; it becomes the leg's end reason.
    package var reason: EndReason
    package init(leg: Leg, agent: AgentID, until: Timestamp?, reason: EndReason) {
        self.leg = leg
        self.agent = agent
        self.until = until
        self.reason = reason
    }
}

/// The end of a leg with the facts of its record.
package struct ContactClosed: Hashable, Sendable {
    package var leg: Leg
    package var channel: Channel
    package var kind: LegKind
    package var previous: ContactID?
    package var next: ContactID?
    /// The agent who had it when it ended, whose slot is free again; nil: nobody had it.
    package var agent: AgentID?
    package var reason: EndReason
    package var disposition: String?
    package var createdAt: Timestamp
    package var enqueuedAt: Timestamp?
    package var answeredAt: Timestamp?
    package var times: ContactTimes
    /// The queue's answer target at the end, for its service level.
    package var target: Milliseconds?
    package var by: Party
    package init(
        leg: Leg, channel: Channel, kind: LegKind, previous: ContactID?, next: ContactID?, agent: AgentID?,
        reason: EndReason, disposition: String?, createdAt: Timestamp, enqueuedAt: Timestamp?,
        answeredAt: Timestamp?, times: ContactTimes, target: Milliseconds?, by: Party
    ) {
        self.leg = leg
        self.channel = channel
        self.kind = kind
        self.previous = previous
        self.next = next
        self.agent = agent
        self.reason = reason
        self.disposition = disposition
        self.createdAt = createdAt
        self.enqueuedAt = enqueuedAt
        self.answeredAt = answeredAt
        self.times = times
        self.target = target
        self.by = by
    }
}

/// Where a leg's time went.
package struct ContactTimes: Hashable, Sendable {
    package var queued = Milliseconds.zero
    package var talk = Milliseconds.zero
    package var hold = Milliseconds.zero
    package var wrapUp = Milliseconds.zero
    package var holds: UInt16 = 0
    package var offers: UInt16 = 0
    package var offersTimedOut: UInt16 = 0
    package init() {}
}
