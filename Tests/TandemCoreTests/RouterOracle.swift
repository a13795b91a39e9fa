@testable import TandemCore

/// The routing rule written down as it is said: every contact is held against every agent.
struct RouterOracle {
    struct Match: Equatable {
        var contact: ContactID
        var agent: AgentID
    }
    struct Waiter {
        var contact: Contact
        var waiting: Waiting
    }

    let records: RouterRecords
    let now: Timestamp

    var waiters: [Waiter] {
        records.conversations.values.flatMap { conversation in
            conversation.contacts.compactMap { contact in
                guard case .queued(let waiting) = contact.state else { return nil }
                return Waiter(contact: contact, waiting: waiting)
            }
        }
    }

    /// The match that is made next.
    var match: Match? {
        let servable = waiters.map { ($0, agents(for: $0)) }.filter { !$0.1.isEmpty }
        guard let first = servable.map(\.0).min(by: { precedes($0, $1) }) else { return nil }
        guard let agent = agents(for: first).first else { return nil }
        let equals = servable.map(\.0).filter { other in
            !isBefore(first, other) && !isBefore(other, first) && admits(agent, other)
        }
        let chosen =
            equals.min { left, right in
                let (one, two) = (rank(left, for: agent), rank(right, for: agent))
                return one != two ? one < two : left.contact.id < right.contact.id
            } ?? first
        return agents(for: chosen).first.map { Match(contact: chosen.contact.id, agent: $0.id) }
    }

    /// Who may take it now, best first.
    func agents(for waiter: Waiter) -> [Agent] {
        let strategy = records.queues[waiter.contact.queue]?.settings.strategy ?? .longestIdle
        return records.agents.values.filter { admits($0, waiter) }.sorted { left, right in
            let (one, two) = (measure(left, waiter, strategy), measure(right, waiter, strategy))
            if one != two { return one > two }
            if left.idleSince != right.idleSince { return left.idleSince < right.idleSince }
            return left.id < right.id
        }
    }

    /// Higher is better.
    private func measure(_ agent: Agent, _ waiter: Waiter, _ strategy: Strategy) -> Int64 {
        switch strategy {
        case .longestIdle: -agent.idleSince.milliseconds
        case .leastOccupied: -Int64(agent.occupancy)
        case .mostSkilled:
            waiter.waiting.requirement.skills.reduce(0) { sum, asked in
                sum + Int64(agent.profile.skills.first { $0.skill == asked.skill }?.level ?? 0)
            }
        case .leastContacts: -Int64(agent.handled)
        case .roundRobin: -Int64(agent.lastOffer)
        }
    }

    func admits(_ agent: Agent, _ waiter: Waiter) -> Bool { filter(agent, waiter) == .none }

    enum Filter {
        case pool, loggedOut, notAvailable, skill, noSlot, blocked, notPreferred, declined, none
    }

    /// The first filter that rules the agent out.
    func filter(_ agent: Agent, _ waiter: Waiter) -> Filter {
        let asked = waiter.waiting.requirement
        let isNamed = asked.preferred.contains(agent.id)
        guard agent.tenant != nil else { return .pool }
        if asked.pools.isEmpty {
            if !isNamed { return .pool }
        } else if !asked.pools.contains(where: { agent.profile.queues.contains($0) }) {
            return .pool
        }
        if agent.presence == .loggedOut { return .loggedOut }
        if agent.presence != .available { return .notAvailable }
        let hasSkills = asked.skills.allSatisfy { need in
            agent.profile.skills.contains { $0.skill == need.skill && $0.level >= need.level }
        }
        if !hasSkills { return .skill }
        if agent.freeSlots(waiter.contact.channel) == 0 { return .noSlot }
        if !agent.admits(waiter.contact.channel) { return .blocked }
        if !asked.preferred.isEmpty, !isNamed { return .notPreferred }
        if waiter.contact.declines.contains(where: { $0.agent == agent.id }) { return .declined }
        return .none
    }

    func ruledOut(_ waiter: Waiter) -> RoutingDecision.RuledOut {
        var counts = RoutingDecision.RuledOut()
        for agent in records.agents.values {
            switch filter(agent, waiter) {
            case .loggedOut: counts.loggedOut += 1
            case .notAvailable: counts.notAvailable += 1
            case .skill: counts.skill += 1
            case .noSlot: counts.noSlot += 1
            case .blocked: counts.blocked += 1
            case .notPreferred: counts.notPreferred += 1
            case .declined: counts.declined += 1
            case .pool, .none: break
            }
        }
        return counts
    }

    func standing(of contact: ContactID?, in queue: QueueID) -> QueueStanding {
        let line = waiters.filter { $0.contact.queue == queue }
        let serving = records.agents.values.filter { $0.tenant != nil && $0.profile.queues.contains(queue) }
        let loggedIn = serving.filter { $0.presence != .loggedOut }
        let free = loggedIn.filter { agent in
            let kept = agent.assignments.map { agent.profile.rule(for: $0.channel) }.filter { !$0.interruptible }
            return agent.presence == .available && kept.reduce(0) { $0 + Int($1.weight) } < 1_000
        }
        var standing = QueueStanding(
            waiting: line.count, agentsLoggedIn: loggedIn.count, agentsAvailable: free.count,
            capacity: loggedIn.reduce(0) { $0 + 1_000 / $1.profile.queues.count },
            oldestSince: line.compactMap(\.contact.enqueuedAt).min())
        if let own = line.first(where: { $0.contact.id == contact }) {
            standing.position = 1 + line.filter { $0.waiting.order < own.waiting.order }.count
        }
        return standing
    }

    private func precedes(_ left: Waiter, _ right: Waiter) -> Bool {
        if isBefore(left, right) { return true }
        return !isBefore(right, left) && left.contact.id < right.contact.id
    }

    /// By class, by score, by the millisecond of arrival.
    private func isBefore(_ left: Waiter, _ right: Waiter) -> Bool {
        let (one, two) = (left.waiting.order, right.waiting.order)
        if one.priority != two.priority { return one.priority < two.priority }
        let (first, second) = (score(left), score(right))
        if first != second { return first > second }
        return left.contact.id.time < right.contact.id.time
    }

    private func score(_ waiter: Waiter) -> Int128 {
        let weight = records.queues[waiter.contact.queue]?.settings.ageingWeight ?? 1_000
        let age = Int128(now.milliseconds) - Int128(waiter.waiting.order.virtual)
        return age * (weight == 0 ? 1 : Int128(weight) * 1_000)
    }

    private func rank(_ waiter: Waiter, for agent: Agent) -> Int {
        let pools = waiter.waiting.requirement.pools
        return agent.profile.queues.firstIndex { pools.contains($0) } ?? agent.profile.queues.count
    }
}
