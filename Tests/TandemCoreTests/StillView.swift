import TandemCore

/// Records that stand still, for the decisions of one machine.
struct StillView: TurnView {
    var tenants: [TenantID: Tenant] = [:]
    var queues: [QueueID: Queue] = [:]
    var agents: [AgentID: Agent] = [:]
    var customers: [CustomerID: Customer] = [:]
    var waiting: [WebhookID: Int] = [:]

    func tenant(_ id: TenantID) -> Tenant? { tenants[id] }
    func queue(_ id: QueueID) -> Queue? { queues[id] }
    func agent(_ id: AgentID) -> Agent? { agents[id] }
    func customer(_ id: CustomerID) -> Customer? { customers[id] }
    func conversation(_ id: ConversationID) -> Conversation? { nil }
    func deliveriesOpen(to webhook: WebhookID) -> Int { waiting[webhook] ?? 0 }
    func standing(of contact: ContactID?, in queue: QueueID) -> QueueStanding { QueueStanding() }
}

/// One machine, its time and its surroundings: commands go in, what they changed is looked at.
struct Bench<M: Machine> {
    var machine: M
    var view: StillView
    var now: Timestamp
    private var minter = IDMinter(partition: 1)

    init(_ machine: M, view: StillView = .sample, now: Timestamp = .utc(2026, 6, 1)) {
        self.machine = machine
        self.view = view
        self.now = now
    }

    /// Decides and applies; throws what the machine throws.
    @discardableResult
    mutating func run(_ instruction: M.Instruction) throws(DecideError) -> Decision {
        try step { (machine, turn) throws(DecideError) in try machine.decide(instruction, &turn) }
    }

    @discardableResult
    mutating func wake() throws(DecideError) -> Decision {
        try step { (machine, turn) throws(DecideError) in try machine.wake(&turn) }
    }

    /// The refusal of a command; nil when it is carried out, which is undone.
    func refusal(_ instruction: M.Instruction) -> Refusal? {
        var copy = self
        do {
            try copy.run(instruction)
            return nil
        } catch {
            guard case .refused(let refusal) = error else { return Refusal(.quarantined, field: "\(error)") }
            return refusal
        }
    }

    mutating func apply(_ events: Event...) {
        for event in events { machine.apply(event, at: now) }
    }

    private mutating func step(
        _ body: (M, inout TurnContext) throws(DecideError) -> Decision
    ) throws(DecideError) -> Decision {
        var turn = TurnContext(now: now, minter: minter, view: view)
        let decision = try body(machine, &turn)
        minter = turn.minter
        for event in decision.events { machine.apply(event, at: now) }
        return decision
    }
}

/// The names of a small company.
enum Sample {
    static func id<Kind>(_ number: UInt64) -> Identifier<Kind> { Identifier(raw: number << 10 | 1) }
    static let tenant: TenantID = id(1)
    static let otherTenant: TenantID = id(2)
    static let queue: QueueID = id(3)
    static let foreignQueue: QueueID = id(4)
    static let agent: AgentID = id(5)
    static let customer: CustomerID = id(6)
    static let german: SkillID = id(7)
    static let sales: SkillID = id(8)
    static let calendar: CalendarID = id(9)
    static let routingPolicy: RoutingPolicyID = id(10)
    static let slaPolicy: SLAPolicyID = id(11)
    static let credential: CredentialID = id(12)
    static let foreignAgent: AgentID = id(13)
    static let foreignCustomer: CustomerID = id(14)
    /// Names nothing.
    static let nobody: UInt64 = 99

    static func leg(_ number: UInt64, queue: QueueID = queue) -> Leg {
        Leg(
            tenant: tenant, conversation: id(1_000 + number), customer: customer, contact: id(2_000 + number),
            queue: queue)
    }

    static let waiting = Waiting(
        requirement: Requirement(pools: [queue]), order: OrderKey(priority: 5, virtual: 0, sequence: 1))

    static func queued(_ number: UInt64, _ reason: QueueReason = .arrival, released: AgentID? = nil) -> Event {
        .contactQueued(
            ContactQueued(
                leg: leg(number), reason: reason, enqueuedAt: .utc(2026, 6, 1), waiting: waiting, priority: 5, boost: 0,
                released: released))
    }

    static func offered(_ number: UInt64, _ channel: Channel, to agent: AgentID = agent) -> Event {
        let decision = RoutingDecision(
            trigger: .contact, policy: nil, policyVersion: 0, rule: 0, step: 0, strategy: .longestIdle,
            requirement: waiting.requirement, order: waiting.order, age: .zero, candidates: [], eligible: 1,
            ruledOut: .init())
        return .offerMade(
            OfferMade(
                leg: leg(number), offer: id(3_000 + number), agent: agent, channel: channel,
                expiresAt: .distantFuture, decision: decision))
    }

    static func accepted(
        _ number: UInt64, _ channel: Channel, by agent: AgentID = agent, waited: Milliseconds = .zero,
        target: Milliseconds? = nil, isCounted: Bool = true
    ) -> Event {
        .offerAccepted(
            OfferEnded(
                leg: leg(number), offer: id(3_000 + number), agent: agent, channel: channel, outcome: .accepted,
                waited: waited, target: target, isCounted: isCounted))
    }

    static func ended(
        _ number: UInt64, _ channel: Channel, _ outcome: OfferOutcome, of agent: AgentID = agent
    ) -> Event {
        .offerEnded(
            OfferEnded(
                leg: leg(number), offer: id(3_000 + number), agent: agent, channel: channel, outcome: outcome,
                waited: .zero))
    }

    static func wrapping(_ number: UInt64, of agent: AgentID = agent) -> Event {
        .contactWrapping(ContactWrapping(leg: leg(number), agent: agent, until: nil, reason: .completed))
    }

    static func closed(
        _ number: UInt64, _ reason: EndReason = .completed, agent: AgentID? = agent, enqueuedAt: Timestamp? = nil,
        answeredAt: Timestamp? = nil, target: Milliseconds? = nil, times: ContactTimes = ContactTimes()
    ) -> Event {
        .contactClosed(
            ContactClosed(
                leg: leg(number), channel: .chat, kind: .original, previous: nil, next: nil, agent: agent,
                reason: reason, disposition: nil, createdAt: .utc(2026, 6, 1), enqueuedAt: enqueuedAt,
                answeredAt: answeredAt, times: times, target: target, by: .system))
    }

    static func opened(_ number: UInt64) -> Event {
        .conversationOpened(
            ConversationOpened(
                conversation: id(1_000 + number), tenant: tenant, customer: customer, channel: .chat, subject: ""))
    }

    static let record: Tenant = {
        var tenant = Tenant(absent: Sample.tenant)
        let moment = Timestamp.utc(2026, 6, 1)
        tenant.apply(.tenantCreated(tenant.id, TenantSettings(name: "Acme")), at: moment)
        tenant.apply(.skillDefined(tenant.id, Skill(id: german, name: "German")), at: moment)
        tenant.apply(.skillDefined(tenant.id, Skill(id: sales, name: "Sales")), at: moment)
        var hours = BusinessCalendar.office
        hours = BusinessCalendar(id: calendar, version: 1, spec: hours.spec)
        tenant.apply(.calendarPut(tenant.id, hours), at: moment)
        let rules = RoutingPolicySpec(name: "rules", rules: [])
        tenant.apply(
            .routingPolicyPut(tenant.id, RoutingPolicy(id: routingPolicy, version: 1, spec: rules)), at: moment)
        tenant.apply(.slaPolicyPut(tenant.id, SLAPolicy(id: slaPolicy, version: 1, spec: .standard)), at: moment)
        return tenant
    }()
}

extension StillView {
    /// One tenant with a queue, an agent and a customer, and one more of which nothing is ours.
    static let sample: StillView = {
        let moment = Timestamp.utc(2026, 6, 1)
        var view = StillView()
        view.tenants[Sample.tenant] = Sample.record
        var other = Tenant(absent: Sample.otherTenant)
        other.apply(.tenantCreated(other.id, TenantSettings(name: "Other")), at: moment)
        view.tenants[other.id] = other
        for (id, tenant) in [(Sample.queue, Sample.tenant), (Sample.foreignQueue, Sample.otherTenant)] {
            var queue = Queue(absent: id)
            queue.apply(.queueCreated(id, tenant, QueueSettings(name: "Support")), at: moment)
            view.queues[id] = queue
        }
        for (id, tenant) in [(Sample.agent, Sample.tenant), (Sample.foreignAgent, Sample.otherTenant)] {
            var agent = Agent(absent: id)
            agent.apply(.agentCreated(id, tenant, AgentProfile(name: "Ada", queues: [Sample.queue])), at: moment)
            view.agents[id] = agent
        }
        for (id, tenant) in [(Sample.customer, Sample.tenant), (Sample.foreignCustomer, Sample.otherTenant)] {
            var customer = Customer(absent: id)
            customer.apply(.customerCreated(id, tenant, CustomerProfile(name: "Bo")), at: moment)
            view.customers[id] = customer
        }
        return view
    }()
}
