@testable import TandemCore
import Testing

/// One queue, one policy of one rule unless it says otherwise, and a contact that walks it.
private struct Walk {
    var records = RouterRecords()
    var now = Timestamp.utc(2026, 6, 1, 12)
    let start = Timestamp.utc(2026, 6, 1, 12)
    let queue = Sample.queue
    let other = Sample.foreignQueue
    var subject: Planning.Subject

    init(_ steps: [RoutingStep], condition: RoutingCondition = .always) {
        self.init(rules: [RoutingRule(condition: condition, steps: steps)])
    }

    init(rules: [RoutingRule]?) {
        subject = Planning.Subject(
            contact: Sample.id(500), queue: queue, channel: .chat, tags: ["billing"], tier: .normal, skills: [],
            priority: 5, boost: 0, preferredAgent: nil, lastAgent: nil, lastHandledAt: nil, ageSince: start)
        records.tenants[Sample.tenant] = Sample.record
        for id in [queue, other] {
            let settings = QueueSettings(name: "queue", tierBoosts: [0, 10, 20, 30])
            records.queues[id] = Queue(id: id, tenant: Sample.tenant, version: 1, settings: settings, buckets: [])
        }
        if let rules { put(rules, version: 1) }
    }

    mutating func put(_ rules: [RoutingRule], version: UInt32) {
        let spec = RoutingPolicySpec(name: "policy", rules: rules)
        records.tenants[Sample.tenant]?.routingPolicies = [
            RoutingPolicy(id: Sample.routingPolicy, version: version, spec: spec)
        ]
        records.queues[queue]?.settings.routingPolicy = Sample.routingPolicy
    }

    mutating func add(_ id: AgentID, _ presence: Presence = .available) {
        var agent = Agent(absent: id)
        agent.tenant = Sample.tenant
        agent.presence = presence
        records.agents[id] = agent
    }

    var turn: TurnContext { TurnContext(now: now, minter: IDMinter(partition: 1), view: records) }

    func enter(atHead: Bool = false, only: AgentID? = nil) -> Waiting {
        Planning.enter(subject, atHead: atHead, only: only, turn)
    }

    /// At the end of the step it waits in.
    mutating func advance(_ waiting: Waiting) -> Planning.Advance {
        if let end = waiting.stepExpiresAt { now = max(now, end) }
        return Planning.advance(subject, from: waiting, turn)
    }

    mutating func step(_ waiting: Waiting) throws -> Waiting {
        guard case .wait(let next, let priority, let boost) = advance(waiting) else {
            throw InvariantBroken("the contact left the queue")
        }
        #expect(priority == subject.priority && boost == subject.boost, "its own stay as they are")
        return next
    }
}

@Suite("Planning")
struct PlanningTests {
    private let german = Sample.german
    private let sales = Sample.sales

    @Test("Without a policy there is one step without an end")
    func noPolicy() {
        let walk = Walk(rules: nil)
        let waiting = walk.enter()
        #expect(waiting.policy == nil && waiting.stepExpiresAt == nil)
        #expect(waiting.requirement == Requirement(pools: [walk.queue]))
        #expect(
            waiting.order
                == OrderKey(priority: 5, virtual: walk.start.milliseconds, sequence: Sample.id(500).rawContact))
    }

    @Test("Without a policy the preferred agent who is logged in is tried first, as long as an offer rings")
    func preferredWithoutPolicy() throws {
        var walk = Walk(rules: nil)
        walk.subject.preferredAgent = Sample.agent
        #expect(walk.enter().requirement.preferred.isEmpty, "he is not there")
        walk.add(Sample.agent)
        let waiting = walk.enter()
        #expect(waiting.requirement == Requirement(pools: [walk.queue], preferred: [Sample.agent]))
        #expect(waiting.stepExpiresAt == walk.now + .seconds(30))
        let next = try walk.step(waiting)
        #expect(next.requirement.preferred.isEmpty && next.stepExpiresAt == nil)
    }

    @Test("The first rule whose condition matches picks the steps; where none does, there is one step without an end")
    func rules() {
        let steps = [RoutingStep(length: .seconds(10))]
        var walk = Walk(rules: [
            RoutingRule(condition: .tag("claims"), steps: []),
            RoutingRule(condition: .tag("billing"), steps: steps),
            RoutingRule(condition: .always, steps: []),
        ])
        #expect(walk.enter().rule == 1)
        #expect(walk.enter().stepExpiresAt == walk.now + .seconds(10))
        walk.put([RoutingRule(condition: .tag("claims"), steps: steps)], version: 2)
        let waiting = walk.enter()
        #expect(waiting.rule == Planning.noRule && waiting.stepExpiresAt == nil && waiting.policyVersion == 2)
    }

    @Test("Steps add up and are measured against the age, however long offers rang")
    func age() throws {
        var walk = Walk([
            RoutingStep(length: .seconds(20), onExpiry: [.raisePriority(by: 1)]),
            RoutingStep(length: .seconds(40), onExpiry: [.boost(7)]),
            RoutingStep(length: .seconds(60)),
        ])
        let first = walk.enter()
        #expect(first.step == 0 && first.stepExpiresAt == walk.start + .seconds(20))
        let second = try walk.step(first)
        #expect(second.step == 1 && second.stepExpiresAt == walk.start + .seconds(60))
        // It rang until the third step had begun.
        walk.now = walk.start + .seconds(75)
        let third = try walk.step(second)
        #expect(third.step == 2 && third.stepExpiresAt == walk.start + .seconds(120))
        #expect(walk.enter() == third, "entering anew finds the same place, with what the passed steps did")
        #expect(third.order.priority == 4)
        #expect(third.order.virtual == walk.start.milliseconds - 7_000)
        let last = try walk.step(third)
        #expect(last.step == 3 && last.stepExpiresAt == nil, "after the last step it waits on")
    }

    @Test("A step's skills add to the contact's own, and the higher level of the two counts")
    func skills() throws {
        var walk = Walk([
            RoutingStep(
                skills: [SkillLevel(sales, 3)], length: .seconds(5),
                onExpiry: [.lowerLevel(german, by: 3), .lowerLevel(sales, by: 9)]),
            RoutingStep(skills: [SkillLevel(german, 4)], length: .seconds(5), onExpiry: [.dropSkill(german)]),
            RoutingStep(),
        ])
        walk.subject.skills = [SkillLevel(german, 8)]
        let first = walk.enter()
        #expect(first.requirement.skills == [SkillLevel(german, 8), SkillLevel(sales, 3)])
        let second = try walk.step(first)
        #expect(second.requirement.skills == [SkillLevel(german, 5), SkillLevel(sales, 1)], "a level stays at least 1")
        let third = try walk.step(second)
        #expect(third.requirement.skills == [SkillLevel(sales, 1)])
    }

    @Test("Widening lets another queue's agents in too; a step's queue is where it waits from then on")
    func pools() throws {
        var walk = Walk([
            RoutingStep(length: .seconds(5), onExpiry: [.widen(Sample.foreignQueue), .widen(Sample.foreignQueue)]),
            RoutingStep(length: .seconds(5)),
            RoutingStep(queue: Sample.foreignQueue),
        ])
        let first = walk.enter()
        let second = try walk.step(first)
        #expect(second.requirement.pools == [walk.queue, walk.other])
        let third = try walk.step(second)
        #expect(third.requirement.pools == [walk.other])
    }

    @Test("A step that moves a contact gives it the place that it has among those who wait there")
    func placeElsewhere() throws {
        var walk = Walk([RoutingStep(length: .seconds(5)), RoutingStep(queue: Sample.foreignQueue)])
        walk.subject.tier = .vip
        walk.subject.boost = 6
        walk.records.queues[walk.other]?.settings.ageingWeight = 2_000
        walk.records.queues[walk.other]?.settings.tierBoosts = [0, 0, 0, 4]
        let first = walk.enter()
        #expect(first.order.virtual == walk.start.milliseconds - 36_000)
        let moved = try walk.step(first)
        #expect(moved.order.virtual == walk.start.milliseconds - 5_000)
        walk.subject.queue = walk.other
        #expect(walk.enter().order == moved.order)
    }

    @Test("Once a step has brought the contact into another queue, the policy that did so is followed to its end")
    func policyAcrossQueues() throws {
        var walk = Walk([
            RoutingStep(length: .seconds(5)), RoutingStep(queue: Sample.foreignQueue, length: .seconds(5)),
            RoutingStep(length: .seconds(5)),
        ])
        let second = try walk.step(walk.enter())
        walk.subject.queue = walk.other
        let third = try walk.step(second)
        #expect(third.step == 2 && third.policy == Sample.routingPolicy && third.requirement.pools == [walk.other])
    }

    @Test("Priority rises to the first class at most, and tiers count by the queue's boosts")
    func priorityAndBoost() throws {
        var walk = Walk([RoutingStep(length: .seconds(5), onExpiry: [.raisePriority(by: 20), .boost(5)])])
        walk.subject.tier = .vip
        walk.subject.boost = 2
        let first = walk.enter()
        #expect(first.order.priority == 5 && first.order.virtual == walk.start.milliseconds - 32_000)
        let second = try walk.step(first)
        #expect(second.order.priority == 1 && second.order.virtual == walk.start.milliseconds - 37_000)
        let head = walk.enter(atHead: true)
        #expect(head.order.priority == 0)
        #expect(try walk.step(head).order.priority == 0, "it stays at the head")
    }

    @Test("Overflow, callback and close are told, what stands before them is done, what stands after is not")
    func exits() throws {
        let exits: [(RoutingOperation, Planning.Advance)] = [
            (.overflow(Sample.foreignQueue), .overflow(Sample.foreignQueue)), (.offerCallback, .callback),
            (.close(message: "we are closed"), .close(message: "we are closed")),
        ]
        for (operation, expected) in exits {
            var walk = Walk([RoutingStep(length: .seconds(5), onExpiry: [.boost(1), operation, .boost(1)])])
            #expect(walk.advance(walk.enter()) == expected)
        }
    }

    @Test("A contact too old for a step that ends in leaving waits a second there: two queues cannot spin")
    func overdue() throws {
        var walk = Walk([
            RoutingStep(length: .seconds(5), onExpiry: [.boost(1)]),
            RoutingStep(length: .seconds(5), onExpiry: [.overflow(Sample.foreignQueue)]), RoutingStep(),
        ])
        walk.now = walk.start + .seconds(60)
        let waiting = walk.enter()
        #expect(waiting.step == 1 && waiting.stepExpiresAt == walk.now + .seconds(1))
        #expect(walk.advance(waiting) == .overflow(walk.other))
    }

    @Test("Only the preferred who are logged in count, and a step without one is passed with its operations")
    func preferred() throws {
        let (present, absent): (AgentID, AgentID) = (Sample.agent, Sample.foreignAgent)
        var walk = Walk([
            RoutingStep(preferred: [absent], length: .seconds(5), onExpiry: [.boost(1)]),
            RoutingStep(preferred: [absent, present], length: .seconds(5)), RoutingStep(),
        ])
        walk.add(present, .onBreak(BreakCode("lunch")))
        walk.add(absent, .loggedOut)
        let first = walk.enter()
        #expect(first.step == 1 && first.requirement.preferred == [present])
        #expect(first.stepExpiresAt == walk.start + .seconds(10), "lengths add up though a step was passed")
        #expect(first.order.virtual == walk.start.milliseconds - 1_000)
        #expect(try walk.step(first).requirement.preferred.isEmpty)
    }

    @Test("The agent who handled the customer last is preferred within the tenant's window")
    func lastAgent() {
        var walk = Walk([RoutingStep(preferLastAgent: true, length: .seconds(30)), RoutingStep()])
        walk.add(Sample.agent)
        #expect(walk.enter().step == 1, "nobody handled the customer yet")
        walk.subject.lastAgent = Sample.agent
        walk.subject.lastHandledAt = Timestamp(milliseconds: walk.now.milliseconds - 24 * 3_600_000)
        #expect(walk.enter().requirement.preferred == [Sample.agent])
        walk.now = walk.now + Milliseconds(1)
        #expect(walk.enter().step == 1)
        walk.subject.preferredAgent = Sample.agent
        #expect(walk.enter().requirement.preferred == [Sample.agent], "asked for by name")
    }

    @Test("Kept for one agent it reaches him whatever he serves, then the policy follows at the contact's age")
    func only() throws {
        var walk = Walk([
            RoutingStep(length: .seconds(20), onExpiry: [.boost(3)]), RoutingStep(length: .seconds(60)),
        ])
        walk.subject.skills = [SkillLevel(german, 8)]
        #expect(walk.enter(only: Sample.agent).step == 0, "he is not there")
        walk.add(Sample.agent, .loggedOut)
        #expect(walk.enter(only: Sample.agent).step == 0, "he is logged out")
        #expect(walk.enter(atHead: true, only: Sample.agent).step == Planning.keptStep, "he was cut off from it")
        walk.records.agents[Sample.agent]?.sessions = [SessionID(node: 1, incarnation: 1, number: 1)]
        #expect(walk.enter(atHead: true, only: Sample.agent).step == 0, "a hand logged him out")
        walk.add(Sample.agent)
        let kept = walk.enter(atHead: true, only: Sample.agent)
        #expect(kept.step == Planning.keptStep && kept.order.priority == 0)
        #expect(kept.requirement == Requirement(pools: [], preferred: [Sample.agent]))
        #expect(kept.stepExpiresAt == walk.now + .seconds(30))
        let next = try walk.step(kept)
        #expect(next.step == 1 && next.stepExpiresAt == walk.start + .seconds(80) && next.order.priority == 0)
        #expect(next.requirement == Requirement(pools: [walk.queue], skills: walk.subject.skills))
    }

    @Test("A changed policy is followed from the next step on, at the age the contact has")
    func changedPolicy() throws {
        var walk = Walk([RoutingStep(length: .seconds(10)), RoutingStep(length: .seconds(10))])
        let first = walk.enter()
        let steps = [
            RoutingStep(length: .seconds(4), onExpiry: [.boost(9)]), RoutingStep(length: .seconds(30)), RoutingStep(),
        ]
        walk.put(
            [RoutingRule(condition: .tag("claims"), steps: []), RoutingRule(condition: .always, steps: steps)],
            version: 2)
        let next = try walk.step(first)
        #expect(next.policyVersion == 2 && next.rule == 1 && next.step == 1)
        #expect(next.stepExpiresAt == walk.start + .seconds(34))
        #expect(next.order.virtual == walk.start.milliseconds - 9_000)
        walk.records.queues[walk.queue]?.settings.routingPolicy = nil
        let last = try walk.step(next)
        #expect(last.policy == nil && last.stepExpiresAt == nil)
    }

    @Test("A contact that names what is not there waits on, and nothing traps")
    func garbage() throws {
        var walk = Walk([RoutingStep(length: .seconds(10))])
        var waiting = walk.enter()
        waiting.rule = 200
        waiting.step = 77
        #expect(try walk.step(waiting).step == 1)
        walk.subject.queue = Sample.id(Sample.nobody)
        walk.subject.ageSince = .distantFuture
        walk.subject.boost = .min
        #expect(walk.enter().stepExpiresAt == nil)
    }
}

extension ContactID {
    /// The number in an order key.
    fileprivate var rawContact: UInt64 { raw }
}
