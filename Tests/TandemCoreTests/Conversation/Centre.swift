import Testing

@testable import TandemCore

/// A contact centre over dictionaries: turns one after another, events applied at once to the records they concern.
/// Offers are made by the tests, or after each turn by the Router once `startRouting` was called.
final class Centre: TurnView {
    private(set) var now = Timestamp(milliseconds: 1_750_000_000_000)
    var minter = IDMinter(partition: 1)
    var tenants: [TenantID: Tenant] = [:]
    var queues: [QueueID: Queue] = [:]
    var agents: [AgentID: Agent] = [:]
    var customers: [CustomerID: Customer] = [:]
    var conversations: [ConversationID: Conversation] = [:]
    private(set) var journal: [(at: Timestamp, event: Event)] = []
    private(set) var router: Router?
    private var timers: [ActorID: Timestamp] = [:]

    let tenant: TenantID
    /// Wrap-up `none`.
    let support: QueueID
    /// Wrap-up of 15 s.
    let sales: QueueID
    /// Wrap-up `mandatory`.
    let complaints: QueueID
    let customer: CustomerID

    init(settings: TenantSettings = TenantSettings(name: "Acme")) {
        tenant = minter.next(at: now)
        support = minter.next(at: now)
        sales = minter.next(at: now)
        complaints = minter.next(at: now)
        customer = minter.next(at: now)
        record(.tenantCreated(tenant, settings))
        record(.queueCreated(support, tenant, QueueSettings(name: "Support")))
        record(.queueCreated(sales, tenant, QueueSettings(name: "Sales", wrapUp: .timed(.seconds(15)))))
        record(.queueCreated(complaints, tenant, QueueSettings(name: "Complaints", wrapUp: .mandatory)))
        record(.customerCreated(customer, tenant, CustomerProfile(name: "Ada")))
    }

    // MARK: TurnView

    func tenant(_ id: TenantID) -> Tenant? { tenants[id] }
    func queue(_ id: QueueID) -> Queue? { queues[id] }
    func agent(_ id: AgentID) -> Agent? { agents[id] }
    func customer(_ id: CustomerID) -> Customer? { customers[id] }
    func conversation(_ id: ConversationID) -> Conversation? { conversations[id] }
    func deliveriesOpen(to webhook: WebhookID) -> Int { 0 }
    func standing(of contact: ContactID?, in queue: QueueID) -> QueueStanding {
        router?.standing(of: contact, in: queue) ?? QueueStanding()
    }

    // MARK: Turns

    var context: TurnContext { TurnContext(now: now, minter: minter, view: self) }

    /// Runs a command to the end of what it asks for. Its events are returned.
    @discardableResult
    func run(_ id: ConversationID, _ command: ConversationCommand) throws -> [Event] {
        try turn { turn throws(DecideError) in
            try (self.conversations[id] ?? Conversation(absent: id)).decide(command, &turn)
        }
    }

    @discardableResult
    func run(_ id: AgentID, _ command: AgentCommand) throws -> [Event] {
        try turn { turn throws(DecideError) in try (self.agents[id] ?? Agent(absent: id)).decide(command, &turn) }
    }

    private(set) var answer: Answer?

    private func turn(_ decide: (inout TurnContext) throws(DecideError) -> Decision) throws -> [Event] {
        var context = context
        let decision = try decide(&context)
        minter = context.minter
        answer = decision.answer
        let start = journal.count
        decision.events.forEach(record)
        for ask in decision.asks {
            guard case .conversation(let id?, let command) = ask else {
                Issue.record("only conversations are asked: \(ask)")
                continue
            }
            let asker = answer
            _ = try run(id, command)
            answer = asker
        }
        try route()
        return journal[start...].map(\.event)
    }

    func startRouting() {
        var router = Router()
        for id in queues.keys.sorted() { router.update(queue: nil, after: queues[id]) }
        for id in agents.keys.sorted() { router.update(agent: nil, after: agents[id]) }
        for id in conversations.keys.sorted() { router.update(conversation: nil, after: conversations[id]) }
        self.router = router
    }

    private func route() throws {
        while router?.hasWork == true {
            var context = context
            guard let made = try router?.next(&context) else { return }
            minter = context.minter
            record(.offerMade(made))
        }
    }

    /// Journals a fact and applies it to everything it concerns.
    func record(_ event: Event) {
        journal.append((now, event))
        event.forEachConcerned { id in
            switch id.kind {
            case .tenant: update(&tenants, TenantID(raw: id.raw), event)
            case .queue:
                let (before, after) = update(&queues, QueueID(raw: id.raw), event)
                router?.update(queue: before, after: after)
            case .agent:
                let (before, after) = update(&agents, AgentID(raw: id.raw), event)
                router?.update(agent: before, after: after)
                timers[id] = after.nextDeadline
            case .customer: update(&customers, CustomerID(raw: id.raw), event)
            case .conversation:
                let (before, after) = update(&conversations, ConversationID(raw: id.raw), event)
                router?.update(conversation: before, after: after)
                timers[id] = after.nextDeadline
            case .credential, .quarantine, .delivery: Issue.record("not of this centre: \(event)")
            }
        }
    }

    @discardableResult
    private func update<M: Machine>(
        _ records: inout [M.Name: M], _ name: M.Name, _ event: Event
    ) -> (before: M?, after: M) {
        let before = records[name]
        var record = before ?? M(absent: name)
        record.apply(event, at: now)
        records[name] = record
        return (before, record)
    }

    /// Lets time pass, timer by timer, each at its moment.
    @discardableResult
    func pass(_ time: Milliseconds) throws -> [Event] {
        let end = now + time
        let start = journal.count
        while let due = nextDeadline, due <= end {
            now = max(now, due)
            try fireDue()
        }
        now = end
        return journal[start...].map(\.event)
    }

    /// Lets time pass while no timer is looked at, as while no node leads.
    func skip(_ time: Milliseconds) { now = now + time }

    var nextDeadline: Timestamp? { timers.values.min() }

    private func fireDue() throws {
        for id in timers.keys.sorted() where timers[id].map({ $0 <= now }) ?? false {
            switch id.kind {
            case .conversation: try wake(ConversationID(raw: id.raw))
            case .agent:
                let name = AgentID(raw: id.raw)
                _ = try turn { turn throws(DecideError) in try (self.agents[name] ?? Agent(absent: name)).wake(&turn) }
            case .tenant, .queue, .customer, .credential, .quarantine, .delivery: Issue.record("a timer of \(id)")
            }
        }
    }

    @discardableResult
    func wake(_ id: ConversationID) throws -> [Event] {
        try turn { turn throws(DecideError) in
            try (self.conversations[id] ?? Conversation(absent: id)).wake(&turn)
        }
    }

    // MARK: Furniture

    func addAgent(_ name: String, queues: [QueueID]? = nil, presence: PresenceWish = .available) throws -> AgentID {
        let id: AgentID = minter.next(at: now)
        let profile = AgentProfile(name: name, queues: queues ?? [support, sales, complaints])
        record(.agentCreated(id, tenant, profile))
        try run(id, .setPresence(presence, by: .agent(id)))
        return id
    }

    func addCustomer(_ name: String) -> CustomerID {
        let id: CustomerID = minter.next(at: now)
        record(.customerCreated(id, tenant, CustomerProfile(name: name)))
        return id
    }

    func open(_ request: ContactRequest, by customer: CustomerID? = nil) throws -> ConversationID {
        let id: ConversationID = minter.next(at: now)
        try run(id, .open(tenant, customer ?? self.customer, request))
        return id
    }

    func change(_ queue: QueueID, _ body: (inout QueueSettings) -> Void) throws {
        let record = try #require(queues[queue])
        var settings = record.settings
        body(&settings)
        self.record(.queueChanged(queue, tenant, settings, version: record.version + 1))
    }

    /// Gives a queue a routing policy of one rule.
    func route(_ queue: QueueID, by steps: [RoutingStep]) throws {
        let id: RoutingPolicyID = minter.next(at: now)
        let spec = RoutingPolicySpec(name: "Steps", rules: [RoutingRule(condition: .always, steps: steps)])
        record(.routingPolicyPut(tenant, RoutingPolicy(id: id, version: 1, spec: spec)))
        try change(queue) { $0.routingPolicy = id }
    }

    /// The runtime's part after promises changed: every conversation looks at its clocks.
    func followPolicies() throws {
        for id in conversations.keys.sorted() where conversations[id]?.hasStalePromise(self) == true {
            try run(id, .followPolicies)
        }
    }

    /// The gateway's part: a conversation's past, folded from the journal, comes along.
    @discardableResult
    func applyPolicy(of queue: QueueID, to id: ConversationID) throws -> [Event] {
        var history = ClockHistory()
        for (at, event) in journal where event.leg?.conversation == id { history.apply(event, at: at) }
        return try run(
            id, .applyPolicy(PolicyApplication(queue: queue, past: history.past(of: queue), by: staff)))
    }

    func promise(_ queue: QueueID, _ targets: [SLATarget]) throws {
        let id: SLAPolicyID = minter.next(at: now)
        let spec = SLAPolicySpec(name: "Promises", targets: targets)
        record(.slaPolicyPut(tenant, SLAPolicy(id: id, version: 1, spec: spec)))
        try change(queue) { $0.slaPolicy = id }
    }

    /// The Router's part: offers a waiting contact to an agent.
    @discardableResult
    func offer(_ id: ConversationID, _ contact: ContactID, to agent: AgentID) throws -> OfferID {
        let thread = try #require(conversations[id])
        let leg = try #require(thread.contacts.first { $0.id == contact })
        guard case .queued(let waiting) = leg.state else { throw NotWaiting(state: leg.state) }
        let offer: OfferID = minter.next(at: now)
        let queue = try #require(queues[leg.queue])
        record(
            .offerMade(
                OfferMade(
                    leg: leg.leg(in: thread), offer: offer, agent: agent, channel: leg.channel,
                    expiresAt: now + queue.settings.offerTimeout(for: leg.channel),
                    decision: RoutingDecision(
                        trigger: .contact, policy: nil, policyVersion: 0, rule: 0, step: 0, strategy: .longestIdle,
                        requirement: waiting.requirement, order: waiting.order, age: now - leg.ageSince,
                        candidates: [], eligible: 1, ruledOut: RoutingDecision.RuledOut()))))
        return offer
    }

    struct NotWaiting: Error {
        let state: Contact.State
    }
}
