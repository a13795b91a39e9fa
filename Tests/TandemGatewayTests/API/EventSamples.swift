import TandemCore

/// One event of every kind, with every field set.
enum EventSamples {
    static let tenant = TenantID(raw: 1 << 20)
    static let queue = QueueID(raw: 2 << 20)
    static let agent = AgentID(raw: 3 << 20)
    static let customer = CustomerID(raw: 4 << 20)
    static let conversation = ConversationID(raw: 5 << 20)
    static let contact = ContactID(raw: 6 << 20)
    static let offer = OfferID(raw: 7 << 20)
    static let credential = CredentialID(raw: 8 << 20)
    static let policy = RoutingPolicyID(raw: 9 << 20)
    static let skill = SkillID(raw: 10 << 20)
    static let quarantine = QuarantineID(raw: 11 << 20)
    static let time = Timestamp(milliseconds: 5_000)
    static let session = SessionID(node: 1, incarnation: 2, number: 3)
    static let leg = Leg(
        tenant: tenant, conversation: conversation, customer: customer, contact: contact, queue: queue)

    static let message = MessagePosted(
        conversation: conversation, tenant: tenant, customer: customer, sequence: 7, channel: .chat,
        author: .agent(agent), contact: contact, agents: [agent], clientID: "m1", text: "hi")
    static let marked = MessagesMarked(
        conversation: conversation, tenant: tenant, by: .customer(customer), upTo: 7, agents: [agent])
    static let credentialSpec = CredentialSpec(
        tenant: tenant, role: .customer, customer: customer, label: "phone",
        secretDigest: [UInt8](repeating: 0xab, count: 32), expiresAt: time)
    static let requirement = Requirement(pools: [queue], skills: [SkillLevel(skill, 3)], preferred: [agent])
    static let order = OrderKey(priority: 5, virtual: -7, sequence: 9)
    static let waiting = Waiting(
        policy: policy, policyVersion: 2, rule: 1, step: 1, stepExpiresAt: time, requirement: requirement, order: order)

    static let decision: RoutingDecision = {
        var ruledOut = RoutingDecision.RuledOut()
        ruledOut.noSlot = 2
        return RoutingDecision(
            trigger: .contact, policy: policy, policyVersion: 2, rule: 1, step: 1, strategy: .longestIdle,
            requirement: requirement, order: order, age: .seconds(3),
            candidates: [RoutingDecision.Candidate(agent: agent, score: -5)], eligible: 1, ruledOut: ruledOut)
    }()

    static let queued = ContactQueued(
        leg: leg, reason: .agentLost, enqueuedAt: time, waiting: waiting, priority: 4, boost: -2, released: agent,
        note: "asked for a person")
    static let ended = OfferEnded(
        leg: leg, offer: offer, agent: agent, channel: .chat, outcome: .rejected, declinedUntil: time,
        waited: .seconds(2), target: .seconds(20))
    static let clock = ClockSet(
        metric: .answer, promise: promise, since: time, used: .seconds(3), warnAt: time, dueAt: time)
    static let promise = ClockPromise(
        target: .seconds(20), warnPercent: 75, calendar: CalendarID(raw: 12 << 20), policy: SLAPolicyID(raw: 13 << 20),
        policyVersion: 3)
    static let closed = ContactClosed(
        leg: leg, channel: .chat, kind: .coldTransfer, previous: contact, next: contact, agent: agent,
        reason: .transferred, disposition: "sold", createdAt: time, enqueuedAt: time, answeredAt: time,
        times: ContactTimes(), target: .seconds(20), by: .staff(credential))
    static let input = QuarantinedInput(
        input: 5, summary: "postMessage", actor: ActorID(conversation), contact: contact, reason: "broken")

    static let all: [Event] = settings + people + conversations + contacts + clocks + deliveries

    private static let settings: [Event] = [
        .tenantCreated(tenant, TenantSettings(name: "Acme")),
        .tenantChanged(tenant, TenantSettings(name: "Acme"), version: 2),
        .skillDefined(tenant, Skill(id: skill, name: "Spanish")),
        .calendarPut(
            tenant,
            BusinessCalendar(
                id: CalendarID(raw: 12 << 20), version: 1,
                spec: CalendarSpec(name: "Office", zone: "UTC", blocks: [], transitions: []))),
        .routingPolicyPut(
            tenant,
            RoutingPolicy(
                id: policy, version: 1,
                spec: RoutingPolicySpec(
                    name: "Day", rules: [RoutingRule(condition: .not(.tag("x")), steps: [RoutingStep()])]))),
        .slaPolicyPut(
            tenant,
            SLAPolicy(id: SLAPolicyID(raw: 13 << 20), version: 1, spec: SLAPolicySpec(name: "Fast", targets: []))),
        .webhookPut(
            tenant,
            Webhook(
                id: webhook, version: 1,
                spec: WebhookSpec(name: "CRM", url: "https://crm.example/", notices: .all, secret: "main"))),
        .queueCreated(queue, tenant, QueueSettings(name: "Sales")),
        .queueChanged(queue, tenant, QueueSettings(name: "Sales"), version: 2),
    ]

    private static let people: [Event] = [
        .agentCreated(agent, tenant, AgentProfile(name: "Ann")),
        .agentChanged(agent, tenant, AgentProfile(name: "Ann"), version: 2),
        .presenceChanged(
            PresenceChanged(
                agent: agent, tenant: tenant, from: .onBreak(BreakCode("lunch")), to: .offline(until: time),
                by: .system,
                unanswered: 1)),
        .sessionConnected(agent, tenant, session),
        .sessionEnded(agent, tenant, session, lost: true),
        .customerCreated(customer, tenant, CustomerProfile(name: "Cyd")),
        .customerChanged(customer, tenant, CustomerProfile(name: "Cyd"), version: 2),
        .credentialCreated(credential, credentialSpec),
        .credentialRevoked(credential, tenant),
        .inputQuarantined(1, quarantine, input),
        .quarantineResolved(1, quarantine, by: .staff(credential)),
    ]

    private static let conversations: [Event] = [
        .conversationOpened(
            ConversationOpened(
                conversation: conversation, tenant: tenant, customer: customer, channel: .email, subject: "order 7")),
        .conversationReopened(conversation, tenant, customer),
        .messagePosted(message),
        .messagesDelivered(marked),
        .messagesRead(marked),
        .conversationClosed(conversation, tenant, customer, by: .bot),
    ]

    private static let contacts: [Event] = [
        .contactCreated(
            ContactCreated(
                leg: leg, channel: .chat, kind: .consult, previous: contact, tags: ["a"],
                skills: [SkillLevel(skill, 3)],
                priority: 4, boost: 1, preferredAgent: agent, ageSince: time)),
        .contactBotStarted(leg),
        .contactQueued(queued),
        .contactStepped(queued),
        .contactDeclineExpired(leg, agent),
        .contactPriorityChanged(leg, priority: 1, order: order, by: .staff(credential)),
        .offerMade(
            OfferMade(
                leg: leg, offer: offer, agent: agent, channel: .chat, expiresAt: time, decision: decision)),
        .offerAccepted(ended),
        .offerEnded(ended),
        .contactHeld(leg, agent),
        .contactResumed(leg, agent),
        .consultStarted(leg, previous: contact, by: agent),
        .consultEnded(leg, previous: contact, asker: agent, reason: .consultEnded),
        .contactWrapping(ContactWrapping(leg: leg, agent: agent, until: time, reason: .completed)),
        .contactClosed(closed),
    ]

    private static let webhook = WebhookID(raw: 14 << 20)
    private static let due = DeliveryDue(
        delivery: DeliveryID(raw: 15 << 20), tenant: tenant, conversation: conversation,
        notice: Notice(.conversationClosed), webhooks: [webhook], turnedAway: [WebhookID(raw: 16 << 20)])

    private static let deliveries: [Event] = [
        .deliveryDue(due),
        .deliveryResumed(due.target(webhook)),
        .deliveryFailed(
            DeliveryFailed(
                target: due.target(webhook), attempt: 1, failure: DeliveryFailure(.status, status: 503), retryAt: time)),
        .deliveryDone(due.target(webhook), attempt: 2, status: 200),
    ]

    private static let clocks: [Event] = [
        .clockActivated(leg, clock),
        .clockPaused(leg, .answer, remaining: .seconds(5)),
        .clockResumed(leg, .answer, warnAt: time, dueAt: time),
        .clockWarned(leg, .firstReply),
        .clockBreached(leg, .nextReply),
        .clockPolicyApplied(
            leg, ClockTerms(metric: .answer, promise: promise, warnAt: time, dueAt: time, remaining: .seconds(1))),
        .clockFulfilled(leg, .resolution, elapsed: .seconds(9)),
    ]
}
