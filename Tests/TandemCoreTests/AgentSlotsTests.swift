import TandemCore
import TestChance
import Testing

@Suite("An agent's slots")
struct AgentSlotsTests {
    private func available() -> Agent {
        var agent = StillView.sample.agents[Sample.agent] ?? Agent(absent: Sample.agent)
        let change = PresenceChanged(
            agent: agent.id, tenant: Sample.tenant, from: .loggedOut, to: .available, by: .agent(agent.id),
            unanswered: 0)
        agent.apply(.presenceChanged(change), at: .utc(2026, 6, 1))
        return agent
    }

    private func apply(_ agent: inout Agent, _ events: Event..., at now: Timestamp = .utc(2026, 6, 1, 12)) {
        for event in events { agent.apply(event, at: now) }
    }

    @Test("Each channel has its own, and every way in which a contact leaves him frees one")
    func freed() {
        let ways: [(String, [Event], Bool)] = [
            ("rejected", [Sample.ended(1, .voice, .rejected)], false),
            ("timed out", [Sample.ended(1, .voice, .timedOut)], false),
            ("rescinded", [Sample.ended(1, .voice, .rescinded)], false),
            ("cancelled", [Sample.ended(1, .voice, .cancelled)], false),
            ("void", [Sample.ended(1, .voice, .void)], false),
            ("closed", [Sample.accepted(1, .voice), Sample.closed(1)], true),
            ("closed in nobody's name", [Sample.accepted(1, .voice), Sample.closed(1, agent: nil)], true),
            ("wrapped up", [Sample.accepted(1, .voice), Sample.wrapping(1), Sample.closed(1)], true),
            ("re-queued", [Sample.accepted(1, .voice), Sample.queued(1, .requeued, released: Sample.agent)], true),
            (
                "lost in wrap-up",
                [Sample.accepted(1, .voice), Sample.wrapping(1), Sample.queued(1, .agentLost, released: Sample.agent)],
                true
            ),
        ]
        for (name, events, handled) in ways {
            var agent = available()
            apply(&agent, Sample.offered(1, .voice))
            #expect(agent.freeSlots(.voice) == 0 && agent.freeSlots(.chat) == 4)
            let idleBefore = agent.idleSince
            for event in events { apply(&agent, event) }
            #expect(agent.assignments.isEmpty && agent.freeSlots(.voice) == 1, "\(name)")
            #expect(agent.handled == (handled ? 1 : 0), "\(name)")
            #expect(agent.idleSince == (handled ? .utc(2026, 6, 1, 12) : idleBefore), "\(name)")
        }
    }

    @Test("What happens to others, or to other contacts, frees nothing")
    func kept() {
        var agent = available()
        apply(&agent, Sample.offered(1, .voice), Sample.accepted(1, .voice))
        let before = agent
        apply(
            &agent, Sample.queued(1, .requeued, released: Sample.foreignAgent), Sample.queued(1, .arrival),
            Sample.ended(1, .voice, .timedOut), Sample.closed(2), Sample.wrapping(1, of: Sample.foreignAgent),
            Sample.offered(3, .chat, to: Sample.foreignAgent), Sample.wrapping(7),
            .contactHeld(Sample.leg(1), Sample.agent), .contactResumed(Sample.leg(1), Sample.agent))
        #expect(agent == before)
    }

    @Test("A call keeps new chats away while it rings, is talked through and is wrapped up; mail keeps nothing away")
    func blocking() {
        var agent = available()
        apply(&agent, Sample.offered(1, .voice))
        #expect(!agent.admits(.chat) && !agent.admits(.callback) && agent.admits(.messaging) && agent.admits(.email))
        apply(&agent, Sample.accepted(1, .voice), Sample.wrapping(1))
        #expect(agent.isBlocked(.chat) && !agent.admits(.voice))
        apply(&agent, Sample.closed(1))
        #expect(agent.admits(.chat) && agent.admits(.voice))
        var profile = agent.profile
        profile.channels[Int(Channel.email.rawValue)].blocks = .all
        apply(&agent, .agentChanged(Sample.agent, Sample.tenant, profile, version: 2), Sample.offered(2, .email))
        #expect(agent.admits(.voice), "a contact that may be pre-empted blocks nothing")
        profile.channels[Int(Channel.email.rawValue)].interruptible = false
        apply(&agent, .agentChanged(Sample.agent, Sample.tenant, profile, version: 3))
        #expect(!agent.admits(.voice))
    }

    @Test("Only who is available is offered anything")
    func presence() {
        for presence in [
            Presence.loggedOut, .onBreak(BreakCode("tea")), .notResponding, .offline(until: .distantFuture),
        ] {
            var agent = available()
            let change = PresenceChanged(
                agent: agent.id, tenant: Sample.tenant, from: .available, to: presence, by: .system, unanswered: 0)
            apply(&agent, .presenceChanged(change))
            #expect(Channel.allCases.allSatisfy { !agent.admits($0) })
        }
    }

    @Test("Occupancy weighs what he holds, and a smaller profile frees less than nothing")
    func occupancy() {
        var agent = available()
        for number in 1...3 { apply(&agent, Sample.offered(UInt64(number), .chat)) }
        #expect(agent.occupancy == 750 && agent.lastOffer == (Sample.id(3_003) as OfferID).raw)
        var profile = agent.profile
        profile.channels[Int(Channel.chat.rawValue)].slots = 1
        apply(&agent, .agentChanged(Sample.agent, Sample.tenant, profile, version: 2))
        #expect(agent.freeSlots(.chat) == 0 && agent.assignments.count == 3)
    }

    @Test("Whatever happens in whatever order, capacity holds and no slot stays taken", arguments: 1...UInt64(40))
    func property(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var agent = available()
        var now = Timestamp.utc(2026, 6, 1)
        /// What a set of contacts that knows the truth says he has: by number, channel and state.
        var held: [UInt64: (channel: Channel, state: Agent.Assignment.State)] = [:]
        var next: UInt64 = 1
        for _ in 0..<2_000 {
            now = now + .seconds(1)
            let channel = Channel.allCases[random.below(Channel.allCases.count)]
            if random.chance(of: 45) {
                guard agent.admits(channel) else { continue }
                apply(&agent, Sample.offered(next, channel), at: now)
                held[next] = (channel, .offered)
                next += 1
            } else if let number = held.keys.sorted().randomElement(using: &random), let contact = held[number] {
                step(number, contact, &held, &agent, &random, at: now)
            }
            check(agent, against: held, seed: seed)
        }
        for number in held.keys.sorted() { apply(&agent, Sample.ended(number, .chat, .void), Sample.closed(number)) }
        #expect(agent.assignments.isEmpty, "seed \(seed)")
    }

    private func step(
        _ number: UInt64, _ contact: (channel: Channel, state: Agent.Assignment.State),
        _ held: inout [UInt64: (channel: Channel, state: Agent.Assignment.State)], _ agent: inout Agent,
        _ random: inout SeededGenerator, at now: Timestamp
    ) {
        switch contact.state {
        case .offered where random.chance(of: 50):
            apply(&agent, Sample.accepted(number, contact.channel), at: now)
            held[number]?.state = .busy
        case .offered:
            let outcome = OfferOutcome.allCases[1 + random.below(OfferOutcome.allCases.count - 1)]
            apply(&agent, Sample.ended(number, contact.channel, outcome), at: now)
            held[number] = nil
        case .busy where random.chance(of: 40):
            apply(&agent, Sample.wrapping(number), at: now)
            held[number]?.state = .wrapping
        case .busy where random.chance(of: 30):
            apply(&agent, Sample.queued(number, .requeued, released: agent.id), at: now)
            held[number] = nil
        case .busy, .wrapping:
            apply(&agent, Sample.closed(number), at: now)
            held[number] = nil
        }
    }

    private func check(
        _ agent: Agent, against held: [UInt64: (channel: Channel, state: Agent.Assignment.State)], seed: UInt64
    ) {
        var weight = 0
        var capacityHolds = true
        for channel in Channel.allCases {
            let count = held.values.count { $0.channel == channel }
            let rule = agent.profile.rule(for: channel)
            capacityHolds = capacityHolds && count <= Int(rule.slots)
            capacityHolds = capacityHolds && agent.freeSlots(channel) == Int(rule.slots) - count
            weight += count * Int(rule.weight)
        }
        let states = agent.assignments.map { held[($0.contact.raw >> 10) - 2_000]?.state }
        let isSame = states == agent.assignments.map(\.state) && states.count == held.count
        #expect(capacityHolds && isSame && agent.occupancy == weight, "seed \(seed): \(agent.assignments)")
    }
}
