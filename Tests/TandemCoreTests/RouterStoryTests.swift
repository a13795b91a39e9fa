@testable import TandemCore
import Testing

@Suite("Who is served, and who may serve")
struct RouterStoryTests {
    @Test("A freed agent takes the first class first, then the oldest")
    func order() throws {
        var world = RouterWorld()
        let queue = world.addQueue()
        let old = world.wait(queue)
        world.pass(.seconds(60))
        let urgent = world.wait(queue, priority: 1)
        let head = world.wait(queue, priority: 0)
        let agent = world.addAgent([queue])
        #expect(try world.route().map(\.leg.contact) == [head, urgent, old])
        #expect(world.records.agents[agent]?.assignments.count == 3)
    }

    @Test("Across queues each contact ages by its own queue's weight, so the order may change as time goes by")
    func acrossQueues() throws {
        var world = RouterWorld()
        let slow = world.addQueue(weight: 1_000)
        let fast = world.addQueue(weight: 3_000)
        let old = world.wait(slow)
        world.pass(.seconds(60))
        let young = world.wait(fast)
        world.pass(.seconds(20))
        var early = world
        early.addAgent([slow, fast], channels: Self.oneChat)
        // 80 points against 60, later 120 against 180.
        #expect(try early.route().map(\.leg.contact) == [old])
        world.pass(.seconds(40))
        world.addAgent([slow, fast], channels: Self.oneChat)
        #expect(try world.route().map(\.leg.contact) == [young])
    }

    @Test("Of two contacts of one moment the agent takes the one whose queue he prefers")
    func preferredQueue() throws {
        for isFirst in [true, false] {
            var world = RouterWorld()
            let (one, other) = (world.addQueue(), world.addQueue())
            let first = world.wait(one)
            let second = world.wait(other)
            world.addAgent(isFirst ? [one, other] : [other, one], channels: Self.oneChat)
            #expect(try world.route().map(\.leg.contact) == [isFirst ? first : second])
        }
    }

    @Test("A contact that came in the same turn does not pass one that waited for the freed agent")
    func noPassing() throws {
        var world = RouterWorld()
        let queue = world.addQueue()
        let agent = world.addAgent([queue], channels: Self.oneChat)
        let served = world.wait(queue)
        try world.route()
        world.pass(.seconds(1))
        let waiting = world.wait(queue)
        #expect(try world.route().isEmpty)
        world.pass(.seconds(1))
        world.wait(queue)
        world.finish(served, of: agent)
        let offers = try world.route()
        #expect(offers.map(\.leg.contact) == [waiting])
        #expect(offers.first?.decision.trigger == .agent)
    }

    @Test("Who prefers an agent waits for him alone, and is his next when he is free")
    func preferred() throws {
        var world = RouterWorld()
        let queue = world.addQueue()
        let busy = world.addAgent([queue], presence: .onBreak(BreakCode("lunch")))
        let idle = world.addAgent([queue], channels: Self.oneChat)
        let faithful = world.wait(queue, preferred: [busy])
        let other = world.wait(queue)
        #expect(try world.route().map { [$0.leg.contact.raw, $0.agent.raw] } == [[other.raw, idle.raw]])
        world.change(busy) { $0.presence = .available }
        let offers = try world.route()
        #expect(offers.map(\.leg.contact) == [faithful] && offers.map(\.agent) == [busy])
    }

    @Test("A contact kept for one agent without a pool reaches him though he serves other queues and lacks the skill")
    func keptAnywhere() throws {
        var world = RouterWorld()
        let (queue, other) = (world.addQueue(), world.addQueue())
        let agent = world.addAgent([other])
        let contact = world.wait(queue, pools: [], preferred: [agent])
        #expect(try world.route().map(\.leg.contact) == [contact])
    }

    @Test("Whoever rejected it is passed over; when all have, it waits until one is no longer barred")
    func declined() throws {
        var world = RouterWorld()
        let queue = world.addQueue()
        let agents = (0..<2).map { _ in world.addAgent([queue]) }
        let contact = world.wait(queue, declines: [agents[0]])
        let first = try #require(try world.route().first)
        #expect(first.agent == agents[1])
        #expect(first.decision.ruledOut.declined == 1 && first.decision.eligible == 1)
        world.change(agents[1]) { $0.assignments = [] }
        world.change(contact) { record in
            guard case .offered(_, let waiting) = record.state else { return }
            record.state = .queued(waiting)
            record.declines.append(Contact.Decline(agent: agents[1], until: .distantFuture))
        }
        let other = world.wait(queue)
        #expect(try world.route().map(\.leg.contact) == [other], "the next in line is not held up")
        world.change(contact) { $0.declines.removeFirst() }
        #expect(try world.route().map(\.agent) == [agents[0]])
    }

    @Test("A call keeps chats away, an e-mail does not, and slots are never exceeded")
    func channels() throws {
        var world = RouterWorld()
        let queue = world.addQueue()
        let agent = world.addAgent([queue])
        let call = world.wait(queue, .voice)
        #expect(try world.route().count == 1)
        for _ in 0..<6 { world.wait(queue, .chat) }
        #expect(try world.route().isEmpty, "blocked by the call")
        let mails = (0..<2).map { _ in world.wait(queue, .email) }
        #expect(try world.route().map(\.leg.contact) == [mails[0]], "one slot for e-mail")
        world.finish(call, of: agent)
        #expect(try world.route().map(\.channel) == [.chat, .chat, .chat, .chat])
    }

    @Test("Every filter counts those it rules out, each agent under the first that applies")
    func filters() throws {
        var world = RouterWorld()
        let queue = world.addQueue(.mostSkilled)
        let skill = SkillLevel(Sample.german, 5)
        func add(_ level: UInt8 = 5, _ presence: Presence = .available) -> AgentID {
            world.addAgent([queue], skills: [SkillLevel(Sample.german, level)], presence: presence)
        }
        _ = [add(5, .loggedOut), add(1, .loggedOut), add(1, .onBreak(BreakCode("lunch"))), add(5, .notResponding)]
        _ = [add(4), add(4), add(3)]
        let (full, blocked, refused, best) = (add(9), add(9), add(9), add(8))
        let rest = (0..<5).map { _ in add(6) }
        for (agent, channel, count) in [(full, Channel.chat, 4), (blocked, .voice, 1)] {
            for _ in 0..<count {
                let assignment = Agent.Assignment(
                    contact: world.mint(), conversation: world.mint(), queue: queue, channel: channel, state: .busy,
                    since: world.now)
                world.change(agent) { $0.assignments.append(assignment) }
            }
        }
        world.wait(queue, .chat, skills: [skill], declines: [refused])
        let decision = try #require(try world.route().first).decision
        var counts = RoutingDecision.RuledOut()
        counts.loggedOut = 2
        counts.notAvailable = 2
        counts.skill = 3
        counts.noSlot = 1
        counts.blocked = 1
        counts.declined = 1
        #expect(decision.ruledOut == counts)
        #expect(decision.eligible == 6)
        #expect(decision.candidates.map(\.agent) == [best] + rest.prefix(4))
        #expect(decision.candidates.map(\.score) == [8, 6, 6, 6, 6])
    }

    @Test("Undone to the letter: the turn taken back, the same contact waits for the same agent")
    func undone() throws {
        var world = RouterWorld()
        let queue = world.addQueue()
        world.addAgent([queue], channels: Self.oneChat)
        let contact = world.wait(queue)
        world.commit()
        let first = try #require(try world.route().first)
        world.undo()
        #expect(world.router.hasWork)
        let again = try #require(try world.route().first)
        #expect(again.leg.contact == contact && again.agent == first.agent)
        world.undo()
        world.leave(contact)
        #expect(try world.route().isEmpty)
        #expect(!world.router.hasWork)
    }

    @Test("Lines and profiles that nobody needs any more are swept away, and what comes after is routed as ever")
    func sweeping() throws {
        var world = RouterWorld()
        let queue = world.addQueue()
        for number in 0..<1_500 {
            let skill: SkillID = Sample.id(UInt64(10_000 + number))
            let agent = world.addAgent([queue], skills: [SkillLevel(skill, 1)])
            let contact = world.wait(queue, skills: [SkillLevel(skill, 1)])
            #expect(try world.route().map(\.agent) == [agent])
            world.leave(contact)
            world.put(agent: Agent(absent: agent))
        }
        #expect(world.router.rowGroups.count < 700, "lines are used again")
        #expect(world.router.staff.supplies.count < 700, "profiles are used again")
        #expect(world.router.waiting.groups.count < 700)
    }

    private static let oneChat = ChannelRule.defaults.enumerated().map { place, rule in
        place == Int(Channel.chat.rawValue) ? ChannelRule(slots: 1) : rule
    }
}
