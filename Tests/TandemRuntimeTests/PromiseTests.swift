import TandemCore
import TandemReadModel
import TandemSimulator
import TandemWire
import TestChance
import Testing

@testable import TandemRuntime

/// Random days of a small contact centre. After every turn the promises hold: a contact is in exactly one place, an
/// agent is never over capacity and never stuck, an SLA timer fires once and never early. A replica that applies the
/// same entries has the same bytes.
@Suite("The promises")
struct PromiseTests {
    @Test("They hold after every turn of a random day", arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
    func hold(seed: UInt64) throws {
        var day = try RandomDay(seed: seed)
        try day.run(turns: 17_000)
        #expect(day.stage.counters.invariantsBroken == 0, "seed \(seed)")
        #expect(day.stage.counters.offers > 100, "seed \(seed): nothing was routed")
        #expect(day.slaFired > 10, "seed \(seed): no SLA timer fired")
        #expect(day.policiesApplied > 10, "seed \(seed): no promise changed")
    }
}

/// Chooses commands by chance and checks the promises.
struct RandomDay {
    let seed: UInt64
    let stage: Stage
    var centre: Centre
    var random: SeededGenerator
    var conversations: [ConversationID] = []
    var slaFired: Int { clocks.fired }
    var policiesApplied: Int { clocks.policiesApplied }
    private var slaPolicy = SLAPolicyID(raw: 0)
    private var replica: Roster
    private var replicated: UInt64 = 0
    private var clocks = ClockWatch()

    init(seed: UInt64) throws {
        self.seed = seed
        stage = try Stage()
        random = SeededGenerator(seed: seed)
        centre = try Centre(stage)
        replica = Roster(partition: 3, executor: stage.executor.asUnownedSerialExecutor())
        for name in ["billing", "english", "returns", "vip"] { try centre.skill(name) }
        try makeQueues()
        for number in 0..<6 {
            try centre.agent(profile("Agent \(number)"), available: number % 3 != 2)
        }
        for number in 0..<12 { try centre.customer("Customer \(number)", tier: Tier.allCases[number % 4]) }
    }

    private mutating func makeQueues() throws {
        let sla = SLAPolicySpec(
            name: "Promises",
            targets: [
                SLATarget(metric: .answer, channels: [.chat, .voice, .messaging, .email], target: .seconds(30)),
                SLATarget(metric: .firstReply, channels: [.chat, .messaging, .email], target: .seconds(60)),
                SLATarget(metric: .nextReply, channels: [.chat, .messaging, .email], target: .seconds(45)),
                SLATarget(metric: .resolution, channels: [.chat, .voice, .messaging], target: .seconds(150)),
            ])
        let slaPart = try stage.answer(.tenant(centre.tenant, .putSLAPolicy(nil, sla, expecting: nil))).part
        slaPolicy = SLAPolicyID(raw: slaPart ?? 0)
        for number in 0..<3 {
            var settings = QueueSettings(
                name: "Queue \(number)", strategy: Strategy.allCases[number % 5], ageingWeight: UInt32(number) * 500,
                tierBoosts: [0, 10, 20, 60], slaPolicy: slaPolicy)
            settings.wrapUp = [WrapUp.none, .timed(.seconds(10)), .mandatory][number]
            let queue = try centre.queue(settings)
            var steps = [
                RoutingStep(
                    skills: [SkillLevel(centre.skills[number], 6)], length: .seconds(20),
                    onExpiry: [.lowerLevel(centre.skills[number], by: 4), .boost(5)]),
                RoutingStep(preferLastAgent: true, length: .seconds(30), onExpiry: [.dropSkill(centre.skills[number])]),
                RoutingStep(length: .seconds(200), onExpiry: [number == 0 ? .offerCallback : .close(message: "Sorry")]),
            ]
            if number == 1, let other = centre.queues.first { steps[2].onExpiry = [.overflow(other)] }
            if number == 2, let other = centre.queues.first { steps[1].onExpiry.append(.widen(other)) }
            let spec = RoutingPolicySpec(
                name: "Steps",
                rules: [
                    RoutingRule(condition: .tierAtLeast(.vip), steps: [RoutingStep(length: nil)]),
                    RoutingRule(condition: .always, steps: steps),
                ])
            let part = try stage.answer(.tenant(centre.tenant, .putRoutingPolicy(nil, spec, expecting: nil))).part
            settings.routingPolicy = RoutingPolicyID(raw: part ?? 0)
            _ = try stage.answer(.queue(queue, .change(settings, expecting: nil)))
        }
    }

    private mutating func profile(_ name: String) -> AgentProfile {
        let skills = centre.skills.filter { _ in Bool.random(using: &random) }
        let queues = centre.queues.filter { _ in Int.random(in: 0...2, using: &random) > 0 }
        return AgentProfile(
            name: name, skills: skills.map { SkillLevel($0, UInt8.random(in: 1...10, using: &random)) },
            queues: queues.isEmpty ? [centre.queues[0]] : queues)
    }

    // MARK: A day

    mutating func run(turns: Int) throws {
        while stage.counters.turns < UInt64(turns) {
            let command = next()
            if let command, case .answered(let answer, _) = stage.submit(command), answer.actor.kind == .conversation {
                let id = ConversationID(raw: answer.actor.raw)
                if !conversations.contains(id) { conversations.append(id) }
            }
            try check()
            if conversations.count > 30 {
                conversations.removeAll { centre.conversation($0)?.contacts.isEmpty != false }
            }
        }
    }

    private mutating func pick<T>(_ items: [T]) -> T? { items.randomElement(using: &random) }

    private mutating func next() -> Command? {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<8:
            stage.pass(milliseconds: Int64.random(in: 1...9_000, using: &random))
            return nil
        case 8..<24: return conversations.count < 40 ? opening() : nil
        case 24..<35: return agentCommand()
        case 35: return promises()
        case 36..<44: return message()
        default: return contactCommand()
        }
    }

    private mutating func opening() -> Command? {
        guard let customer = pick(centre.customers), let queue = pick(centre.queues) else { return nil }
        let request = ContactRequest(
            channel: pick([.chat, .voice, .messaging, .email]) ?? .chat, queue: queue, tags: ["a"],
            skills: Bool.random(using: &random) ? [SkillLevel(centre.skills[0], 3)] : [],
            priority: UInt8.random(in: 1...9, using: &random), bot: Int.random(in: 0..<8, using: &random) == 0)
        return .conversation(nil, .open(centre.tenant, customer, request))
    }

    /// Other promises for everything that is open.
    private mutating func promises() -> Command? {
        guard Int.random(in: 0..<8, using: &random) == 0 else { return nil }
        let metrics = SLAMetric.allCases.filter { _ in Bool.random(using: &random) }
        let targets = metrics.map { metric in
            SLATarget(
                metric: metric, channels: .all, target: .seconds(Int64.random(in: 5...90, using: &random)),
                warnPercent: UInt8.random(in: 1...99, using: &random))
        }
        let spec = SLAPolicySpec(name: "Changed", targets: targets)
        return .tenant(centre.tenant, .putSLAPolicy(slaPolicy, spec, expecting: nil))
    }

    private mutating func agentCommand() -> Command? {
        guard let agent = pick(centre.agents) else { return nil }
        let session = SessionID(node: 1, incarnation: 1, number: UInt64.random(in: 1...3, using: &random))
        switch Int.random(in: 0..<12, using: &random) {
        case 0: return .agent(agent, .setPresence(.onBreak(BreakCode("tea")), by: .agent(agent)))
        case 1:
            return .agent(agent, .setPresence(.loggedOut, by: Bool.random(using: &random) ? .system : .agent(agent)))
        case 2: return .agent(agent, .connectSession(session))
        case 3: return .agent(agent, .loseSession(session))
        case 4: return .agent(agent, .closeSession(session))
        case 5: return .agent(agent, .change(profile("Changed"), expecting: nil))
        default: return .agent(agent, .setPresence(.available, by: .agent(agent)))
        }
    }

    private mutating func message() -> Command? {
        guard let id = pick(conversations), let conversation = centre.conversation(id) else { return nil }
        let agents = centre.agents.filter { agent in
            centre.agent(agent)?.assignments.contains { $0.conversation == id && $0.state == .busy } == true
        }
        let author: Party = pick(agents).map { .agent($0) } ?? .customer(conversation.customer)
        let who = Bool.random(using: &random) ? author : .customer(conversation.customer)
        let clientID = Bool.random(using: &random) ? "m\(Int.random(in: 0..<50, using: &random))" : nil
        return .conversation(id, .postMessage(MessageDraft(author: who, clientID: clientID, text: "text")))
    }

    private mutating func contactCommand() -> Command? {
        guard let id = pick(conversations), let conversation = centre.conversation(id),
            let contact = pick(conversation.contacts), let anyAgent = pick(centre.agents)
        else {
            guard let id = pick(conversations), let queue = pick(centre.queues) else { return nil }
            return .conversation(id, .startContact(ContactRequest(channel: .chat, queue: queue)))
        }
        let handler = centre.agents.first { agent in
            centre.agent(agent)?.assignments.contains { $0.contact == contact.id } == true
        }
        let agent = Int.random(in: 0..<10, using: &random) > 0 ? handler ?? anyAgent : anyAgent
        let target: TransferTarget =
            Bool.random(using: &random) ? .agent(anyAgent) : .queue(pick(centre.queues) ?? contact.queue)
        let offer: OfferID = if case .offered(let offer, _) = contact.state { offer.id } else { OfferID(raw: 1) }
        let command: ContactCommand
        switch Int.random(in: 0..<34, using: &random) {
        case 0..<10: command = .acceptOffer(offer, by: agent)
        case 10..<12: command = .rejectOffer(offer, by: agent)
        case 12: command = .abandon
        case 13..<15: command = .hold(by: agent)
        case 15..<17: command = .resume(by: agent)
        case 17: command = .transfer(target, by: .agent(agent))
        case 18..<20: command = .startConsult(target, by: agent)
        case 20..<22: command = .completeTransfer(by: agent)
        case 22: command = .endConsult(by: agent)
        case 23..<27: command = .end(by: .agent(agent))
        case 27..<30:
            command = .finishWrapUp(disposition: Bool.random(using: &random) ? "solved" : nil, by: .agent(agent))
        case 30: command = .requeue(by: .system)
        case 31: command = .assign(anyAgent, by: .system)
        case 32: command = Bool.random(using: &random) ? .forceClose(by: .system) : .handOver(reason: "asked", by: .bot)
        default: command = .setPriority(UInt8.random(in: 1...9, using: &random), by: .system)
        }
        return .conversation(id, .contact(contact.id, command))
    }

    // MARK: The checks

    private mutating func check() throws {
        for entry in stage.state.committed(after: replicated) {
            replicated = entry.index
            for event in entry.entry.events { follow(event, at: entry.entry.time) }
        }
        checkPlaces()
        if stage.counters.turns % 64 == 0 {
            checkReplica()
            checkPromises()
        }
    }

    private mutating func follow(_ event: Event, at time: Timestamp) {
        event.forEachConcerned { actor in _ = replica.apply(event, to: actor, at: time) }
        if let trouble = clocks.follow(event, at: time) { Issue.record("seed \(seed): \(trouble)") }
    }

    /// Promises 2 and 3: what contacts say of agents and what agents say of contacts is the same.
    private func checkPlaces() {
        let (agents, queues) = (centre.agents.compactMap(centre.agent), centre.queues)
        let trouble = stage.partition.assumeIsolated { partition in
            Promises.broken(
                agents: agents,
                conversations: partition.roster.keys(of: .conversation).sorted().compactMap {
                    partition.roster.conversation(ConversationID(raw: $0))
                },
                queues: queues, waiting: { partition.waiting(in: $0) })
        }
        if let trouble { Issue.record("seed \(seed): \(trouble)") }
    }

    /// Every open clock has the promise that its queue makes now.
    private func checkPromises() {
        let stale = stage.partition.assumeIsolated { partition in
            partition.roster.keys(of: .conversation).filter { key in
                partition.roster.hasStalePromise(ConversationID(raw: key))
            }
        }
        #expect(stale.isEmpty, "seed \(seed): clocks have a promise of yesterday")
    }

    /// What has applied the same entries has the same bytes; what has left memory here is not compared.
    private func checkReplica() {
        for actor in stage.partition.assumeIsolated({ $0.roster.all }) {
            guard let here = stage.record(actor), let there = replica.record(actor) else { continue }
            #expect(
                RecordCodec.encode(here, in: WireVersion.current)
                    == RecordCodec.encode(there, in: WireVersion.current),
                "seed \(seed): \(actor) differs on a replica")
        }
    }
}
