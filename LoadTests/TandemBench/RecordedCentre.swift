internal import TandemCore
internal import TestChance

/// The routing workload as records: offers are made by `Router.next` with their whole decision, applied to the
/// conversation and the agent, and released again by ending the contact.
struct RecordedCentre {
    /// As in the runtime, where an actor is around each record.
    private final class Kept<Record> {
        var record: Record
        init(_ record: Record) { self.record = record }
    }

    private final class Records: TurnView {
        var queues: [UInt64: Kept<Queue>] = [:]
        var agents: [UInt64: Kept<Agent>] = [:]
        var conversations: [UInt64: Kept<Conversation>] = [:]

        func tenant(_ id: TenantID) -> Tenant? { nil }
        func queue(_ id: QueueID) -> Queue? { queues[id.raw]?.record }
        func agent(_ id: AgentID) -> Agent? { agents[id.raw]?.record }
        func customer(_ id: CustomerID) -> Customer? { nil }
        func conversation(_ id: ConversationID) -> Conversation? { conversations[id.raw]?.record }
        func deliveriesOpen(to webhook: WebhookID) -> Int { 0 }
        func standing(of contact: ContactID?, in queue: QueueID) -> QueueStanding { QueueStanding() }
    }

    private let records = Records()
    private var router = Router()
    private var minter = IDMinter(partition: 0)
    private var random = SeededGenerator(seed: 7)
    private var now = Timestamp(milliseconds: 1_700_000_000_000)
    private var requirements: [Requirement] = []
    private let tenant: TenantID
    private let queue: QueueID
    private let customer: CustomerID
    private var agents: [AgentID] = []
    private var turn = 0

    init(contacts count: Int) {
        tenant = minter.next(at: now)
        queue = minter.next(at: now)
        customer = minter.next(at: now)
        var record = Queue(absent: queue)
        record.apply(.queueCreated(queue, tenant, QueueSettings(name: "Bench")), at: now)
        records.queues[queue.raw] = Kept(record)
        router.update(queue: nil, after: record)
        let skills = (1...50).map { _ in minter.next(at: now) as SkillID }
        var profiles: [AgentProfile] = []
        var channels = ChannelRule.defaults
        channels[Int(Channel.chat.rawValue)] = ChannelRule(slots: 1)
        for number in 0..<500 {
            let held = skills.shuffled(using: &random).prefix(Int.random(in: 2...8, using: &random)).sorted()
            profiles.append(
                AgentProfile(
                    name: "Agent \(number)",
                    skills: held.map { SkillLevel($0, UInt8.random(in: 3...10, using: &random)) }, queues: [queue],
                    channels: channels))
            let asked = skills.shuffled(using: &random).prefix(Int.random(in: 1...2, using: &random)).sorted()
            requirements.append(
                Requirement(
                    pools: [queue], skills: asked.map { SkillLevel($0, UInt8.random(in: 1...7, using: &random)) }))
        }
        for number in 0..<RoutingWorkload.agentCount {
            let agent: AgentID = minter.next(at: now)
            agents.append(agent)
            records.agents[agent.raw] = Kept(Agent(absent: agent))
            change(agent, .agentCreated(agent, tenant, profiles[number % 500]))
        }
        for _ in 0..<count + agents.count { arrive() }
        // Everybody takes what he can get, so that from here on each release leads to one offer.
        for agent in agents {
            change(
                agent,
                .presenceChanged(
                    PresenceChanged(
                        agent: agent, tenant: tenant, from: .loggedOut, to: .available, by: .system, unanswered: 0)))
            _ = try? offer()
        }
    }

    /// The next agent's contact ends, another arrives, and whoever is first is offered; false when nobody fits.
    mutating func release() throws -> Bool {
        now = now + Milliseconds(1)
        let agent = agents[turn % agents.count]
        turn += 1
        if let assignment = records.agents[agent.raw]?.record.assignments.first { end(assignment, of: agent) }
        arrive()
        return try offer()
    }

    private mutating func offer() throws -> Bool {
        var context = TurnContext(now: now, minter: minter, view: records)
        guard let made = try router.next(&context) else { return false }
        minter = context.minter
        change(made.agent, .offerMade(made))
        change(made.leg.conversation, .offerMade(made))
        return true
    }

    private mutating func end(_ assignment: Agent.Assignment, of agent: AgentID) {
        let leg = Leg(
            tenant: tenant, conversation: assignment.conversation, customer: customer, contact: assignment.contact,
            queue: queue)
        let closed = ContactClosed(
            leg: leg, channel: .chat, kind: .original, previous: nil, next: nil, agent: agent, reason: .completed,
            disposition: nil, createdAt: now, enqueuedAt: now, answeredAt: now, times: ContactTimes(), target: nil,
            by: .system)
        change(agent, .contactClosed(closed))
        records.conversations[assignment.conversation.raw] = nil
    }

    private mutating func arrive() {
        let conversation: ConversationID = minter.next(at: now)
        let contact: ContactID = minter.next(at: now)
        let leg = Leg(tenant: tenant, conversation: conversation, customer: customer, contact: contact, queue: queue)
        let requirement = requirements[Int.random(in: 0..<500, using: &random)]
        var record = Conversation(absent: conversation)
        let opened = ConversationOpened(
            conversation: conversation, tenant: tenant, customer: customer, channel: .chat, subject: "")
        record.apply(.conversationOpened(opened), at: now)
        let created = ContactCreated(
            leg: leg, channel: .chat, kind: .original, previous: nil, tags: [], skills: requirement.skills, priority: 5,
            boost: 0, preferredAgent: nil, ageSince: now)
        record.apply(.contactCreated(created), at: now)
        let order = OrderKey(priority: 5, virtual: now.milliseconds, sequence: contact.raw)
        let queued = ContactQueued(
            leg: leg, reason: .arrival, enqueuedAt: now, waiting: Waiting(requirement: requirement, order: order),
            priority: 5, boost: 0)
        record.apply(.contactQueued(queued), at: now)
        records.conversations[conversation.raw] = Kept(record)
        router.update(conversation: nil, after: record)
    }

    private mutating func change(_ agent: AgentID, _ event: Event) {
        guard let kept = records.agents[agent.raw] else { return }
        let before = kept.record
        kept.record.apply(event, at: now)
        router.update(agent: before, after: kept.record)
    }

    private mutating func change(_ conversation: ConversationID, _ event: Event) {
        guard let kept = records.conversations[conversation.raw] else { return }
        let before = kept.record
        kept.record.apply(event, at: now)
        router.update(conversation: before, after: kept.record)
    }
}
