import TestChance

@testable import TandemCore

/// A random day in a small contact centre: everything that can happen to routing happens.
struct RouterDay {
    var world = RouterWorld()
    var random: SeededGenerator
    var queues: [QueueID] = []
    private var agents: [AgentID] = []
    private let skills: [SkillID] = (1...4).map { Sample.id(UInt64($0)) }

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        for _ in 0..<4 { queues.append(world.addQueue(pickStrategy(), weight: pickWeight())) }
        for _ in 0..<12 {
            world.pass(Milliseconds(Int64(random.below(3))))
            agents.append(world.addAgent(pickQueues(), skills: pickSkills(), channels: pickChannels()))
        }
        world.commit()
    }

    private mutating func pickStrategy() -> Strategy { Strategy.allCases[random.below(Strategy.allCases.count)] }
    private mutating func pickWeight() -> UInt32 { [0, 1, 500, 1_000, 1_000, 3_000][random.below(6)] }
    private mutating func pickChannel() -> Channel { [.chat, .chat, .voice, .email, .callback][random.below(5)] }

    private mutating func pickQueues() -> [QueueID] {
        var found: [QueueID] = []
        for _ in 0...random.below(3) {
            let queue = queues[random.below(queues.count)]
            if !found.contains(queue) { found.append(queue) }
        }
        return found
    }

    private mutating func pickSkills() -> [SkillLevel] {
        skills.filter { _ in random.chance(of: 50) }.map { SkillLevel($0, UInt8(1 + random.below(3))) }
    }

    private mutating func pickChannels() -> [ChannelRule] {
        var channels = ChannelRule.defaults
        channels[Int(Channel.chat.rawValue)].slots = UInt8(random.below(4))
        if random.chance(of: 20) { channels[Int(Channel.email.rawValue)].blocks = [.chat, .voice] }
        return channels
    }

    private mutating func pickPresence() -> Presence {
        [.available, .available, .onBreak(BreakCode("lunch")), .notResponding, .loggedOut][random.below(5)]
    }

    /// One to three things, a few milliseconds later.
    mutating func act() {
        world.pass(Milliseconds(Int64(random.below(4))))
        for _ in 0...random.below(3) { actOnce() }
    }

    private mutating func actOnce() {
        let agent = agents[random.below(agents.count)]
        switch random.below(20) {
        case 0...6: arrive()
        case 7: if let contact = pickWaiting() { world.leave(contact) }
        case 8, 9: let presence = pickPresence(); world.change(agent) { $0.presence = presence }
        case 10...12: release(agent, declining: false)
        case 13: release(agent, declining: true)
        case 14: let skills = pickSkills(); world.change(agent) { $0.profile.skills = skills }
        case 15: let queues = pickQueues(); world.change(agent) { $0.profile.queues = queues }
        case 16: step()
        case 17: undecline()
        case 18: changeQueue()
        default: agents.append(world.addAgent(pickQueues(), skills: pickSkills(), channels: pickChannels()))
        }
    }

    private mutating func arrive() {
        let queue = queues[random.below(queues.count)]
        var pools = [queue]
        if random.chance(of: 20) { pools = pickQueues() }
        var preferred: [AgentID] = []
        if random.chance(of: 25) { preferred = (0...random.below(2)).map { _ in agents[random.below(agents.count)] } }
        if !preferred.isEmpty, random.chance(of: 30) { pools = [] }
        let declines = random.chance(of: 10) ? [agents[random.below(agents.count)]] : []
        let contact = world.wait(
            queue, pickChannel(), pools: pools, skills: random.chance(of: 50) ? pickSkills() : [],
            preferred: preferred, priority: UInt8(random.below(3)), boost: Int64(random.below(2)), declines: declines)
        // Sometimes a second leg of the same conversation waits too.
        guard random.chance(of: 10), var conversation = world.conversation(of: contact) else { return }
        let other = world.wait(queue)
        guard let leg = world.conversation(of: other)?.contacts.first else { return }
        world.leave(other)
        conversation.contacts.append(leg)
        world.put(conversation: conversation, id: conversation.id)
    }

    private mutating func pickWaiting() -> ContactID? {
        let waiters = RouterOracle(records: world.records, now: world.now).waiters.map(\.contact.id).sorted()
        return waiters.isEmpty ? nil : waiters[random.below(waiters.count)]
    }

    /// A slot of the agent is free again: the contact is done, or goes back to its queue and passes him over.
    private mutating func release(_ agent: AgentID, declining: Bool) {
        guard let assignments = world.records.agents[agent]?.assignments, !assignments.isEmpty else { return }
        let contact = assignments[random.below(assignments.count)].contact
        guard declining else { return world.finish(contact, of: agent) }
        world.change(agent) { $0.assignments.removeAll { $0.contact == contact } }
        world.change(contact) { record in
            guard case .offered(_, let waiting) = record.state else { return }
            record.state = .queued(waiting)
            record.declines.append(Contact.Decline(agent: agent, until: .distantFuture))
        }
    }

    private mutating func step() {
        guard let contact = pickWaiting() else { return }
        let (skills, pools) = (pickSkills(), pickQueues())
        let change = random.below(4)
        world.change(waiting: contact) { waiting in
            switch change {
            case 0: waiting.requirement.skills = skills
            case 1: waiting.requirement.pools = pools
            case 2: waiting.requirement.preferred = []
            default: waiting.order.priority = waiting.order.priority > 1 ? waiting.order.priority - 1 : 1
            }
        }
    }

    private mutating func undecline() {
        guard let contact = pickWaiting() else { return }
        world.change(contact) { $0.declines = [] }
    }

    private mutating func changeQueue() {
        guard var queue = world.records.queues[queues[random.below(queues.count)]] else { return }
        queue.settings.strategy = pickStrategy()
        queue.settings.ageingWeight = pickWeight()
        world.put(queue: queue)
    }
}
