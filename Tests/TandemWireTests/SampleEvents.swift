import TandemCore

@testable import TandemWire

extension Samples {
    static func event(_ name: EventName) -> Event {
        switch name {
        case .tenantCreated: .tenantCreated(id(1), tenantSettings)
        case .tenantChanged: .tenantChanged(id(1), tenantSettings, version: 300)
        case .skillDefined: .skillDefined(id(1), Skill(id: id(7), name: "French"))
        case .calendarPut: .calendarPut(id(1), BusinessCalendar(id: id(12), version: 2, spec: calendar))
        case .routingPolicyPut: .routingPolicyPut(id(1), RoutingPolicy(id: id(10), version: 4, spec: routing))
        case .slaPolicyPut: .slaPolicyPut(id(1), SLAPolicy(id: id(11), version: 5, spec: sla))
        case .queueCreated: .queueCreated(id(5), id(1), queueSettings)
        case .queueChanged: .queueChanged(id(5), id(1), queueSettings, version: 2)
        case .agentCreated: .agentCreated(id(9), id(1), profile)
        case .agentChanged: .agentChanged(id(9), id(1), profile, version: 2)
        case .presenceChanged:
            .presenceChanged(
                PresenceChanged(
                    agent: id(9), tenant: id(1), from: .onBreak(BreakCode("lunch")), to: .offline(until: later),
                    by: .system, unanswered: 2))
        case .sessionConnected: .sessionConnected(id(9), id(1), session)
        case .sessionEnded: .sessionEnded(id(9), id(1), session, lost: true)
        case .customerCreated: .customerCreated(id(3), id(1), customer)
        case .customerChanged: .customerChanged(id(3), id(1), customer, version: 2)
        case .credentialCreated: .credentialCreated(id(6), credential)
        case .credentialRevoked: .credentialRevoked(id(6), id(1))
        case .conversationOpened:
            .conversationOpened(
                ConversationOpened(
                    conversation: id(2), tenant: id(1), customer: id(3), channel: .social, subject: "A parcel"))
        case .conversationReopened: .conversationReopened(id(2), id(1), id(3))
        case .messagePosted:
            .messagePosted(
                MessagePosted(
                    conversation: id(2), tenant: id(1), customer: id(3), sequence: 301, channel: .messaging,
                    author: .agent(id(9)), contact: id(4), agents: [id(9), id(17)], clientID: "m-1",
                    text: "Grüße 👋"))
        case .messagesDelivered: .messagesDelivered(marked)
        case .messagesRead: .messagesRead(marked)
        case .conversationClosed: .conversationClosed(id(2), id(1), id(3), by: .bot)
        case .contactCreated:
            .contactCreated(
                ContactCreated(
                    leg: leg, channel: .chat, kind: .coldTransfer, previous: id(15), tags: ["new"], skills: [skill],
                    priority: 5, boost: -100, preferredAgent: id(9), ageSince: time))
        case .contactBotStarted: .contactBotStarted(leg)
        case .contactQueued: .contactQueued(queued)
        case .contactStepped: .contactStepped(queued)
        case .contactDeclineExpired: .contactDeclineExpired(leg, id(9))
        case .contactPriorityChanged: .contactPriorityChanged(leg, priority: 2, order: order, by: party)
        case .offerMade: .offerMade(offer)
        case .offerAccepted: .offerAccepted(ended(.accepted))
        case .offerEnded: .offerEnded(ended(.timedOut))
        case .contactHeld: .contactHeld(leg, id(9))
        case .contactResumed: .contactResumed(leg, id(9))
        case .consultStarted: .consultStarted(leg, previous: id(15), by: id(9))
        case .consultEnded: .consultEnded(leg, previous: id(15), asker: id(9), reason: .consultEnded)
        case .contactWrapping:
            .contactWrapping(ContactWrapping(leg: leg, agent: id(9), until: later, reason: .completed))
        case .contactClosed: .contactClosed(closed)
        case .clockActivated:
            .clockActivated(
                leg,
                ClockSet(
                    metric: .nextReply, promise: promise, warnAt: time, dueAt: later))
        case .clockPaused: .clockPaused(leg, .answer, remaining: Milliseconds(-5))
        case .clockResumed: .clockResumed(leg, .firstReply, warnAt: time, dueAt: later)
        case .clockWarned: .clockWarned(leg, .nextReply)
        case .clockBreached: .clockBreached(leg, .resolution)
        case .clockFulfilled: .clockFulfilled(leg, .answer, elapsed: .seconds(7))
        case .clockPolicyApplied:
            .clockPolicyApplied(
                leg,
                ClockTerms(
                    metric: .firstReply, promise: promise, warnAt: time, dueAt: later, remaining: Milliseconds(-5)))
        case .inputQuarantined: .inputQuarantined(3, id(18), quarantined)
        case .quarantineResolved: .quarantineResolved(3, id(18), by: party)
        case .webhookPut, .deliveryDue, .deliveryResumed, .deliveryFailed, .deliveryDone: delivery(name)
        }
    }

    private static func delivery(_ name: EventName) -> Event {
        switch name {
        case .webhookPut: .webhookPut(id(1), Webhook(id: id(19), version: 3, spec: webhook))
        case .deliveryResumed: .deliveryResumed(due.target(id(19)))
        case .deliveryFailed:
            .deliveryFailed(
                DeliveryFailed(
                    target: due.target(id(19)), attempt: 300, failure: DeliveryFailure(.status, status: 503),
                    retryAt: later))
        case .deliveryDone: .deliveryDone(due.target(id(19)), attempt: 2, status: 204)
        default: .deliveryDue(due)
        }
    }

    static func record(_ kind: ActorKind) -> Record {
        switch kind {
        case .tenant:
            .tenant(
                Tenant(
                    id: id(1), version: 300, settings: tenantSettings, skills: [Skill(id: id(7), name: "French")],
                    calendars: [BusinessCalendar(id: id(12), version: 2, spec: calendar)],
                    routingPolicies: [RoutingPolicy(id: id(10), version: 4, spec: routing)],
                    slaPolicies: [SLAPolicy(id: id(11), version: 5, spec: sla)], webhooks: []))
        case .queue: .queue(Queue(id: id(5), tenant: id(1), version: 2, settings: queueSettings, buckets: [bucket]))
        case .agent: .agent(agent)
        case .customer:
            .customer(
                Customer(
                    id: id(3), tenant: id(1), version: 2, profile: customer, lastAgent: id(9), lastHandledAt: time,
                    open: 1))
        case .conversation: .conversation(conversation)
        case .credential: .credential(Credential(id: id(6), state: .revoked(credential, at: later)))
        case .quarantine:
            .quarantine(
                Quarantine(partition: 3, items: [Quarantine.Item(id: id(18), since: time, input: quarantined)]))
        case .delivery:
            .delivery(
                Delivery(
                    id: id(20), due: due, at: time,
                    targets: [
                        Delivery.Target(webhook: id(19), attempts: 0, state: .due, failure: nil),
                        Delivery.Target(
                            webhook: id(21), attempts: 2, state: .waiting(until: later),
                            failure: DeliveryFailure(.timedOut)),
                        Delivery.Target(webhook: id(22), attempts: 1, state: .done(at: later), failure: nil),
                        Delivery.Target(
                            webhook: id(23), attempts: 300, state: .dead(at: later),
                            failure: DeliveryFailure(.status, status: 410)),
                    ]))
        }
    }

    static let webhook = WebhookSpec(
        name: "CRM", url: "https://crm.example/tandem?v=1", notices: NoticeSet([.contactEnded, .promiseBroken]),
        secret: "main", isEnabled: false)

    static var due: DeliveryDue {
        var notice = Notice(.contactEnded)
        notice.customer = id(3)
        notice.contact = id(4)
        notice.queue = id(5)
        notice.agent = id(9)
        notice.channel = .email
        notice.reason = .forced
        notice.sequence = 300
        notice.author = .staff
        notice.metric = .resolution
        return DeliveryDue(
            delivery: id(20), tenant: id(1), conversation: id(2), notice: notice, webhooks: [id(19), id(21)],
            turnedAway: [id(22)])
    }

    static var promise: ClockPromise {
        ClockPromise(target: .seconds(20), calendar: id(12), policy: id(11), policyVersion: 5)
    }

    /// With everything that version 1 did not have.
    static var clock: SLAClock {
        SLAClock(
            metric: .resolution, queue: id(5), promise: promise,
            state: .fulfilled(since: time, at: later, elapsed: .seconds(8)), warned: true,
            breachedAt: later, used: .seconds(3), runs: [SLAClock.Run(start: time, end: later)])
    }

    private static var bucket: Queue.Bucket {
        var bucket = Queue.Bucket(halfHour: 972_222)
        bucket.offered = 1
        bucket.answered = 2
        bucket.answeredInTarget = 3
        bucket.abandoned = 4
        bucket.abandonedInTarget = 5
        bucket.shortAbandoned = 6
        bucket.handled = 700
        bucket.handleTime = .seconds(800)
        return bucket
    }

    private static var agent: Agent {
        Agent(
            id: id(9), tenant: id(1), version: 2, profile: profile, presence: .notResponding, presenceSince: time,
            presenceBefore: .available, sessions: [session],
            assignments: [
                Agent.Assignment(
                    contact: id(4), conversation: id(2), queue: id(5), channel: .chat, state: .wrapping, since: later)
            ],
            idleSince: time, handled: 12, unanswered: 1, lastOffer: 1 << 60)
    }

    private static var conversation: Conversation {
        let states: [Contact.State] = [
            .created, .bot, .queued(waiting),
            .offered(Offer(id: id(14), agent: id(9), madeAt: time, expiresAt: later), waiting), .connected(id(9)),
            .held(id(9)), .wrapping(Contact.Wrapping(agent: id(9), until: later, reason: .forced)),
        ]
        let clocks: [SLAClock.State] = [
            .running(since: time, warnAt: nil, dueAt: later), .paused(remaining: .seconds(4)),
            .fulfilled(since: nil, at: later, elapsed: .zero),
        ]
        return Conversation(
            id: id(2), state: .closed(at: later), tenant: id(1), customer: id(3), channel: .task, openedAt: time,
            messageCount: 301, customerMessageAt: time, agentMessageAt: nil, customerDelivered: 300,
            customerRead: 299, agentRead: 298, seen: [SeenMessages.Mark(high: 1, low: 2, sequence: 3)],
            contacts: states.map { state in
                Contact(
                    id: id(4), queue: id(5), channel: .chat, kind: .overflow, previous: id(15), next: nil,
                    tags: ["new"], skills: [skill], priority: 5, boost: 9, preferredAgent: nil, createdAt: time,
                    ageSince: time, enqueuedAt: time, answeredAt: nil, state: state, since: later, times: times,
                    declines: [Contact.Decline(agent: id(9), until: later)],
                    clocks: clocks.map { clock in
                        SLAClock(
                            metric: .answer, queue: id(5),
                            promise: ClockPromise(target: .seconds(20), calendar: id(12)),
                            state: clock, warned: true, breachedAt: later)
                    })
            },
            lastAgent: id(9), lastHandledAt: later)
    }

    static var answer: Answer {
        Answer(actor: ActorID(kind: .conversation, raw: 1 << 40), contact: id(4), part: 5, sequence: 6, version: 7)
    }

    static var mark: Cause {
        .mark(StateMark(node: 263, hash: StateHash(high: 0x0123_4567_89ab_cdef, low: 0xfedc_ba98_7654_3210)))
    }

    static var entry: Entry {
        Entry(
            time: time, minted: 1_750_000_000_000 << 12 | 18, key: CommandKey(high: 1, low: 2, body: 3),
            cause: .command(.acceptOffer), answer: answer,
            events: [event(.offerAccepted), event(.messagePosted), event(.clockFulfilled)])
    }
}
