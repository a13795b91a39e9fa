@testable import TandemCore

/// The records that routing looks at.
struct RouterRecords: TurnView {
    var tenants: [TenantID: Tenant] = [:]
    var queues: [QueueID: Queue] = [:]
    var agents: [AgentID: Agent] = [:]
    var conversations: [ConversationID: Conversation] = [:]
    /// What is said of queues; the router of a `RouterWorld` is asked by itself.
    var standings: [QueueID: QueueStanding] = [:]

    func tenant(_ id: TenantID) -> Tenant? { tenants[id] }
    func queue(_ id: QueueID) -> Queue? { queues[id] }
    func agent(_ id: AgentID) -> Agent? { agents[id] }
    func customer(_ id: CustomerID) -> Customer? { nil }
    func conversation(_ id: ConversationID) -> Conversation? { conversations[id] }
    func deliveriesOpen(to webhook: WebhookID) -> Int { 0 }
    func standing(of contact: ContactID?, in queue: QueueID) -> QueueStanding { standings[queue] ?? QueueStanding() }
}

/// Records, the router that follows them, and a driver that tells it of each change and can take turns back.
struct RouterWorld {
    static let tenant: TenantID = Sample.tenant

    private enum Change {
        case queue(Queue?, Queue?)
        case agent(Agent?, Agent?)
        case conversation(Conversation?, Conversation?)
    }

    var records = RouterRecords()
    var router = Router()
    var now = Timestamp.utc(2026, 6, 1)
    private var minter = IDMinter(partition: 1)
    private var turn: [Change] = []

    mutating func mint<Kind>() -> Identifier<Kind> { minter.next(at: now) }

    mutating func pass(_ time: Milliseconds) { now = now + time }

    /// What has been done so far stays.
    mutating func commit() { turn = [] }

    /// Takes back what was done since the last commit, newest first.
    mutating func undo() {
        for change in turn.reversed() {
            switch change {
            case .queue(let before, let after): put(queue: before, from: after)
            case .agent(let before, let after): put(agent: before, from: after)
            case .conversation(let before, let after): put(conversation: before, from: after)
            }
        }
        turn = []
    }

    /// The same world with a router made anew from the records, told of them in another order.
    mutating func rebuild() {
        router = Router()
        for conversation in records.conversations.values { router.update(conversation: nil, after: conversation) }
        for agent in records.agents.values { router.update(agent: nil, after: agent) }
        for queue in records.queues.values { router.update(queue: nil, after: queue) }
    }

    mutating func put(queue after: Queue) {
        let before = records.queues[after.id]
        turn.append(.queue(before, after))
        put(queue: after, from: before)
    }

    mutating func put(agent after: Agent) {
        let before = records.agents[after.id]
        turn.append(.agent(before, after))
        put(agent: after, from: before)
    }

    mutating func put(conversation after: Conversation?, id: ConversationID) {
        let before = records.conversations[id]
        turn.append(.conversation(before, after))
        put(conversation: after, from: before)
    }

    private mutating func put(queue after: Queue?, from before: Queue?) {
        if let id = after?.id ?? before?.id { records.queues[id] = after }
        router.update(queue: before, after: after)
    }

    private mutating func put(agent after: Agent?, from before: Agent?) {
        if let id = after?.id ?? before?.id { records.agents[id] = after }
        router.update(agent: before, after: after)
    }

    private mutating func put(conversation after: Conversation?, from before: Conversation?) {
        if let id = after?.id ?? before?.id { records.conversations[id] = after }
        router.update(conversation: before, after: after)
    }

    // Changes.

    mutating func change(_ agent: AgentID, _ body: (inout Agent) -> Void) {
        guard var record = records.agents[agent] else { return }
        body(&record)
        put(agent: record)
    }

    mutating func change(_ contact: ContactID, _ body: (inout Contact) -> Void) {
        guard var record = conversation(of: contact) else { return }
        for place in record.contacts.indices where record.contacts[place].id == contact {
            body(&record.contacts[place])
        }
        put(conversation: record, id: record.id)
    }

    mutating func change(waiting contact: ContactID, _ body: (inout Waiting) -> Void) {
        change(contact) { record in
            guard case .queued(var waiting) = record.state else { return }
            body(&waiting)
            record.state = .queued(waiting)
        }
    }

    @discardableResult
    mutating func addQueue(_ strategy: Strategy = .longestIdle, weight: UInt32 = 1_000) -> QueueID {
        let settings = QueueSettings(name: "queue", strategy: strategy, ageingWeight: weight)
        let queue = Queue(id: mint(), tenant: Self.tenant, version: 1, settings: settings, buckets: [])
        put(queue: queue)
        return queue.id
    }

    @discardableResult
    mutating func addAgent(
        _ queues: [QueueID], skills: [SkillLevel] = [], channels: [ChannelRule] = ChannelRule.defaults,
        presence: Presence = .available
    ) -> AgentID {
        var agent = Agent(absent: mint())
        agent.tenant = Self.tenant
        agent.version = 1
        agent.profile = AgentProfile(name: "agent", skills: skills, queues: queues, channels: channels)
        agent.presence = presence
        agent.idleSince = now
        put(agent: agent)
        return agent.id
    }

    /// A conversation of its own with one waiting contact.
    @discardableResult
    mutating func wait(
        _ queue: QueueID, _ channel: Channel = .chat, pools: [QueueID]? = nil, skills: [SkillLevel] = [],
        preferred: [AgentID] = [], priority: UInt8 = 5, boost: Int64 = 0, declines: [AgentID] = []
    ) -> ContactID {
        let id: ConversationID = mint()
        var conversation = Conversation(
            id: id, state: .open, tenant: Self.tenant, customer: Sample.customer, channel: channel, openedAt: now,
            messageCount: 0, customerMessageAt: nil, agentMessageAt: nil, customerDelivered: 0, customerRead: 0,
            agentRead: 0, seen: [], contacts: [], lastAgent: nil, lastHandledAt: nil)
        let contact: ContactID = mint()
        let weight = records.queues[queue]?.settings.ageingWeight ?? 1_000
        let waiting = Waiting(
            requirement: Requirement(pools: pools ?? [queue], skills: skills, preferred: preferred),
            order: OrderKey(priority: priority, ageSince: now, boost: boost, weight: weight, contact: contact))
        conversation.contacts = [
            Contact(
                id: contact, queue: queue, channel: channel, kind: .original, previous: nil, next: nil, tags: [],
                skills: skills, priority: priority, boost: 0, preferredAgent: nil, createdAt: now, ageSince: now,
                enqueuedAt: now, answeredAt: nil, state: .queued(waiting), since: now, times: ContactTimes(),
                declines: declines.map { Contact.Decline(agent: $0, until: .distantFuture) }, clocks: [])
        ]
        put(conversation: conversation, id: id)
        return contact
    }

    func conversation(of contact: ContactID) -> Conversation? {
        records.conversations.values.first { $0.contacts.contains { $0.id == contact } }
    }

    /// The customer leaves.
    mutating func leave(_ contact: ContactID) {
        guard let record = conversation(of: contact) else { return }
        put(conversation: nil, id: record.id)
    }

    /// The agent is done with the contact.
    mutating func finish(_ contact: ContactID, of agent: AgentID) {
        let now = now
        change(agent) { record in
            record.assignments.removeAll { $0.contact == contact }
            record.idleSince = now
            record.handled += 1
        }
        leave(contact)
    }

    /// One offer, applied.
    mutating func offer() throws -> OfferMade? {
        var context = TurnContext(now: now, minter: minter, view: records)
        guard let made = try router.next(&context) else { return nil }
        minter = context.minter
        let now = now
        change(made.leg.contact) { contact in
            guard case .queued(let waiting) = contact.state else { return }
            let offer = Offer(id: made.offer, agent: made.agent, madeAt: now, expiresAt: made.expiresAt)
            contact.state = .offered(offer, waiting)
        }
        change(made.agent) { agent in
            agent.lastOffer = made.offer.raw
            agent.assignments.append(
                Agent.Assignment(
                    contact: made.leg.contact, conversation: made.leg.conversation, queue: made.leg.queue,
                    channel: made.channel, state: .offered, since: now))
        }
        return made
    }

    /// All offers that can be made.
    @discardableResult
    mutating func route() throws -> [OfferMade] {
        var offers: [OfferMade] = []
        while let made = try offer() { offers.append(made) }
        return offers
    }
}
