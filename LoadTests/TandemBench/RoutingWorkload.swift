internal import TandemCore
internal import TestChance

/// 10,000 agents, 100,000 waiting contacts, 50 skills, 500 distinct profiles of agents and 500 of contacts; all from a
/// seed.
struct RoutingWorkload {
    static let agentCount = 10_000
    static let contactCount = 100_000

    private let queue = QueueID(raw: 1)
    private var router = Router()
    /// In the order in which they were made, all without room at first.
    private var agents: [AgentID] = []
    private var random = SeededGenerator(seed: 7)
    private var requirements: [Requirement] = []
    private var contacts: UInt64 = 0
    private var clock: Int64 = 1_000_000
    private var turn = 0

    init(agents agentCount: Int = agentCount, contacts contactCount: Int = contactCount) {
        let skills = (1...50).map { SkillID(raw: UInt64($0) << 10) }
        router.set(queue: queue, strategy: .longestIdle, weight: 1_000)
        var profiles: [[SkillLevel]] = []
        for _ in 0..<500 {
            let wanted = skills.shuffled(using: &random).prefix(Int.random(in: 2...8, using: &random)).sorted()
            profiles.append(wanted.map { SkillLevel($0, UInt8.random(in: 3...10, using: &random)) })
            let asked = skills.shuffled(using: &random).prefix(Int.random(in: 1...2, using: &random)).sorted()
            requirements.append(
                Requirement(
                    pools: [queue], skills: asked.map { SkillLevel($0, UInt8.random(in: 1...7, using: &random)) }))
        }
        for number in 0..<agentCount {
            let agent = AgentID(raw: UInt64(number + 1) << 10)
            agents.append(agent)
            router.set(agent: agent, queues: [queue], skills: profiles[number % 500], standing(isFree: false))
        }
        for _ in 0..<contactCount { arrive() }
    }

    /// An agent with all four chat slots in use, or with one of them free.
    private mutating func standing(isFree: Bool) -> AgentStanding {
        clock += 1
        let none = ChannelSet(rawValue: 0)
        return AgentStanding(
            presence: .available, free: isFree ? .chat : none, full: isFree ? none : .chat, isReady: isFree,
            idleSince: Timestamp(milliseconds: clock), load: isFree ? 750 : 1_000)
    }

    /// The next agent gets room and the first contact that he may take, another arrives; false when nobody fits.
    mutating func release() -> Bool {
        let agent = agents[turn % agents.count]
        turn += 1
        let free = standing(isFree: true)
        router.set(agent: agent, free)
        guard let pick = router.pick(at: now) else { return false }
        router.remove(contact: pick.contact)
        let busy = standing(isFree: false)
        router.set(agent: pick.agent, busy)
        arrive()
        return true
    }

    private var now: Timestamp { Timestamp(milliseconds: clock) }

    private mutating func arrive() {
        contacts += 1
        let id = ContactID(raw: contacts << 10 | 3)
        router.add(
            contact: id, of: ConversationID(raw: contacts << 10 | 2), queue: queue, channel: .chat,
            requirement: requirements[Int.random(in: 0..<500, using: &random)],
            order: OrderKey(
                priority: UInt8.random(in: 4...6, using: &random), virtual: Int64(contacts), sequence: id.raw),
            since: Timestamp(milliseconds: clock))
    }
}
