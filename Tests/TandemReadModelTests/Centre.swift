import TandemCore
import TandemReadModel
import TandemWire

/// Makes the entries of a small contact centre, as a journal would commit them: no machine, just plausible facts.
struct Centre {
    var now = Timestamp(milliseconds: 1_700_000_000_000)
    var minter = IDMinter(partition: 3)
    var index: UInt64 = 0
    var entries: [CommittedEntry] = []
    private(set) var tenant = TenantID(raw: 1)
    private(set) var queues: [QueueID] = []
    private(set) var agents: [AgentID] = []
    private(set) var policy: RoutingPolicyID?
    private(set) var calendar: CalendarID?

    init() {}

    mutating func mint<Kind>() -> Identifier<Kind> { minter.next(at: now) }

    mutating func commit(_ events: [Event], key: CommandKey? = nil, answer: Answer? = nil, after: Int64 = 7) {
        now = now + Milliseconds(after)
        index += 1
        let entry = Entry(
            time: now, minted: minter.last, key: key, cause: key == nil ? .timer : .command(.postMessage),
            answer: answer, events: events)
        entries.append(CommittedEntry(index: index, term: 1 + index / 100, entry: entry))
    }

    /// Tenant, settings, two queues, `agents` agents with their tokens.
    mutating func open(agents count: Int = 3) {
        tenant = mint()
        let (skill, calendar, policy, sla): (SkillID, CalendarID, RoutingPolicyID, SLAPolicyID) = (
            mint(), mint(), mint(), mint()
        )
        self.calendar = calendar
        self.policy = policy
        commit([.tenantCreated(tenant, TenantSettings(name: "Acme"))])
        commit([.tenantChanged(tenant, TenantSettings(name: "Acme & Söhne"), version: 2)])
        commit([.skillDefined(tenant, Skill(id: skill, name: "german"))])
        let spec = CalendarSpec(name: "office", zone: "Europe/Berlin", blocks: [], transitions: [])
        commit([.calendarPut(tenant, BusinessCalendar(id: calendar, version: 1, spec: spec))])
        let rules = RoutingPolicySpec(name: "default", rules: [RoutingRule(condition: .always, steps: [])])
        commit([.routingPolicyPut(tenant, RoutingPolicy(id: policy, version: 1, spec: rules))])
        commit([.routingPolicyPut(tenant, RoutingPolicy(id: policy, version: 2, spec: rules))])
        commit([.slaPolicyPut(tenant, SLAPolicy(id: sla, version: 1, spec: SLAPolicySpec(name: "gold", targets: [])))])
        queues = [mint(), mint()]
        for (number, queue) in queues.enumerated() {
            commit([.queueCreated(queue, tenant, QueueSettings(name: "queue \(number)"))])
        }
        commit([.queueChanged(queues[1], tenant, QueueSettings(name: "sales", strategy: .mostSkilled), version: 2)])
        for number in 0..<count { hire("agent \(number)", SkillLevel(skill, UInt8(number % 10 + 1))) }
    }

    private mutating func hire(_ name: String, _ skill: SkillLevel) {
        let (agent, credential): (AgentID, CredentialID) = (mint(), mint())
        agents.append(agent)
        commit([.agentCreated(agent, tenant, AgentProfile(name: name, queues: queues))])
        commit([
            .agentChanged(agent, tenant, AgentProfile(name: name, skills: [skill], queues: queues), version: 2)
        ])
        let spec = CredentialSpec(
            tenant: tenant, role: .agent, agent: agent, label: "token", secretDigest: Array(repeating: 7, count: 32))
        commit([.credentialCreated(credential, spec)])
        commit([.sessionConnected(agent, tenant, SessionID(node: 1, incarnation: .max, number: UInt64(index)))])
        setPresence(agent, from: .loggedOut, to: .available)
    }

    mutating func setPresence(_ agent: AgentID, from: Presence, to: Presence, unanswered: UInt8 = 0) {
        commit([
            .presenceChanged(
                PresenceChanged(
                    agent: agent, tenant: tenant, from: from, to: to, by: .agent(agent), unanswered: unanswered))
        ])
    }

    mutating func customer(_ name: String, externalID: String? = nil) -> CustomerID {
        let id: CustomerID = mint()
        let profile = CustomerProfile(name: name, tier: .vip, tags: ["a\"b", "new"], externalID: externalID)
        commit([.customerCreated(id, tenant, profile)])
        return id
    }

    /// A conversation with its first contact, waiting.
    mutating func conversation(of customer: CustomerID, in queue: QueueID, channel: Channel = .chat) -> Leg {
        let leg = Leg(tenant: tenant, conversation: mint(), customer: customer, contact: mint(), queue: queue)
        let opened = ConversationOpened(
            conversation: leg.conversation, tenant: tenant, customer: customer, channel: channel, subject: "Help")
        commit([.conversationOpened(opened), created(leg, channel), queued(leg, .arrival)])
        return leg
    }

    func created(_ leg: Leg, _ channel: Channel = .chat, kind: LegKind = .original, previous: ContactID? = nil) -> Event
    {
        .contactCreated(
            ContactCreated(
                leg: leg, channel: channel, kind: kind, previous: previous, tags: ["x"], skills: [], priority: 5,
                boost: 0, preferredAgent: nil, ageSince: now))
    }

    func queued(_ leg: Leg, _ reason: QueueReason, priority: UInt8 = 5, released: AgentID? = nil) -> Event {
        .contactQueued(
            ContactQueued(
                leg: leg, reason: reason, enqueuedAt: now, waiting: waiting(leg), priority: priority, boost: 0,
                released: released, note: reason == .handOver ? "asked for a person" : nil))
    }

    func waiting(_ leg: Leg) -> Waiting {
        Waiting(
            policy: policy, policyVersion: 2, rule: 0, step: 1, requirement: Requirement(pools: [leg.queue]),
            order: OrderKey(priority: 5, virtual: now.milliseconds, sequence: leg.contact.raw))
    }

    mutating func offer(_ leg: Leg, to agent: AgentID) -> OfferID {
        let offer: OfferID = mint()
        var ruledOut = RoutingDecision.RuledOut()
        ruledOut.noSlot = 4
        let decision = RoutingDecision(
            trigger: .agent, policy: policy, policyVersion: 2, rule: 0, step: 1, strategy: .longestIdle,
            requirement: Requirement(pools: [leg.queue]),
            order: OrderKey(priority: 5, virtual: 1, sequence: leg.contact.raw), age: Milliseconds(1_234),
            candidates: agents.prefix(5).map { RoutingDecision.Candidate(agent: $0, score: -7) }, eligible: 3,
            ruledOut: ruledOut)
        let made = OfferMade(
            leg: leg, offer: offer, agent: agent, channel: .chat, expiresAt: now + .seconds(30), decision: decision)
        commit([.offerMade(made)])
        return offer
    }

    func ended(_ offer: OfferID, _ leg: Leg, _ agent: AgentID, _ outcome: OfferOutcome) -> OfferEnded {
        OfferEnded(
            leg: leg, offer: offer, agent: agent, channel: .chat, outcome: outcome,
            declinedUntil: outcome == .rejected ? now + .seconds(30) : nil, waited: Milliseconds(900),
            target: .seconds(30))
    }

    mutating func accept(_ offer: OfferID, _ leg: Leg, by agent: AgentID) {
        commit([.offerAccepted(ended(offer, leg, agent, .accepted))])
    }

    mutating func say(
        _ text: String, in leg: Leg, _ sequence: UInt64, by author: Party, to agents: [AgentID] = [],
        key: CommandKey? = nil
    ) {
        let message = MessagePosted(
            conversation: leg.conversation, tenant: tenant, customer: leg.customer, sequence: sequence, channel: .chat,
            author: author, contact: leg.contact, agents: agents, clientID: nil, text: text)
        let answer = Answer(actor: ActorID(leg.conversation), sequence: sequence)
        commit([.messagePosted(message)], key: key, answer: key == nil ? nil : answer)
    }

    func closed(_ leg: Leg, by agent: AgentID?, _ reason: EndReason = .completed, next: ContactID? = nil) -> Event {
        var times = ContactTimes()
        times.queued = Milliseconds(900)
        times.talk = Milliseconds(5_000)
        times.hold = Milliseconds(70)
        times.wrapUp = Milliseconds(8)
        times.holds = 1
        times.offers = 2
        times.offersTimedOut = 1
        return .contactClosed(
            ContactClosed(
                leg: leg, channel: .chat, kind: .original, previous: nil, next: next, agent: agent, reason: reason,
                disposition: "sold", createdAt: leg.contact.time, enqueuedAt: leg.contact.time,
                answeredAt: agent == nil ? nil : now, times: times, target: .seconds(30),
                by: agent.map { .agent($0) } ?? .system))
    }

    func marked(_ leg: Leg, upTo: UInt64, by party: Party, agents: [AgentID] = []) -> MessagesMarked {
        MessagesMarked(conversation: leg.conversation, tenant: tenant, by: party, upTo: upTo, agents: agents)
    }

    func clock(_ metric: SLAMetric, due: Timestamp) -> ClockSet {
        ClockSet(
            metric: metric, promise: ClockPromise(target: .seconds(30), calendar: calendar, policyVersion: 1),
            warnAt: due, dueAt: due)
    }
}
