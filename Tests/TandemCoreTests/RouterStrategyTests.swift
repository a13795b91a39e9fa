@testable import TandemCore
import Testing

@Suite("Choosing an agent")
struct RouterStrategyTests {
    private let german = Sample.german
    private let sales = Sample.sales

    /// Three agents of one queue; who is chosen.
    private func chosen(
        _ strategy: Strategy, skills: [SkillLevel] = [], _ change: (inout RouterWorld, [AgentID]) -> Void
    ) throws -> Int? {
        var world = RouterWorld()
        let queue = world.addQueue(strategy)
        var agents: [AgentID] = []
        for _ in 0..<3 {
            world.pass(.seconds(1))
            agents.append(world.addAgent([queue]))
        }
        change(&world, agents)
        world.wait(queue, skills: skills)
        let offers = try world.route()
        return offers.first.flatMap { made in agents.firstIndex(of: made.agent) }
    }

    @Test("Longest idle: who has waited longest since his last contact ended, whatever he was offered since")
    func longestIdle() throws {
        #expect(try chosen(.longestIdle) { _, _ in } == 0)
        let afterCall = try chosen(.longestIdle) { world, agents in
            let now = world.now
            world.change(agents[0]) { $0.idleSince = now }
            world.change(agents[1]) { $0.lastOffer = UInt64(now.milliseconds) << 22 }
        }
        #expect(afterCall == 1)
    }

    @Test("Least occupied: who has the smallest share of his slots in use, each by its weight")
    func leastOccupied() throws {
        let chosen = try chosen(.leastOccupied) { world, agents in
            for (agent, channels) in zip(agents, [[Channel.chat, .chat], [.email], [.task, .task]]) {
                for channel in channels {
                    let contact = Agent.Assignment(
                        contact: world.mint(), conversation: world.mint(), queue: Sample.queue, channel: channel,
                        state: .busy, since: world.now)
                    world.change(agent) { $0.assignments.append(contact) }
                }
            }
        }
        // 500, 1,000 and 400 thousandths.
        #expect(chosen == 2)
    }

    @Test("Most skilled: the highest sum of the levels that the contact asks for, and of no others")
    func mostSkilled() throws {
        let chosen = try chosen(.mostSkilled, skills: [SkillLevel(german, 2)]) { world, agents in
            for (agent, skills) in zip(agents, [[(german, 5), (sales, 10)], [(german, 7)], [(german, 6)]]) {
                world.change(agent) { $0.profile.skills = skills.map { SkillLevel($0.0, UInt8($0.1)) } }
            }
        }
        #expect(chosen == 1)
    }

    @Test("Least contacts: who has handled the fewest since logging in")
    func leastContacts() throws {
        let chosen = try chosen(.leastContacts) { world, agents in
            for (agent, handled) in zip(agents, [4, 3, 5]) { world.change(agent) { $0.handled = UInt32(handled) } }
        }
        #expect(chosen == 1)
    }

    @Test("Round robin: everybody in turn, though everybody answers at once")
    func roundRobin() throws {
        var world = RouterWorld()
        let queue = world.addQueue(.roundRobin)
        let agents = (0..<3).map { _ in world.addAgent([queue]) }
        var order: [AgentID] = []
        for _ in 0..<6 {
            let contact = world.wait(queue)
            order += try world.route().map(\.agent)
            world.pass(.seconds(1))
            world.finish(contact, of: order[order.count - 1])
        }
        #expect(order == agents + agents)
    }

    @Test("Equals are told apart by who is idle longest, then by the identifier")
    func ties() throws {
        for strategy in Strategy.allCases {
            #expect(try chosen(strategy) { _, _ in } == 0, "\(strategy)")
            let later = try chosen(strategy) { world, agents in
                let now = world.now
                for agent in agents { world.change(agent) { $0.idleSince = now } }
                world.change(agents[2]) { $0.idleSince = Timestamp(milliseconds: 0) }
            }
            #expect(later == 2, "\(strategy)")
        }
    }

    @Test("A queue that changes its strategy chooses by the new one at once")
    func changedStrategy() throws {
        var world = RouterWorld()
        let queue = world.addQueue(.longestIdle)
        let idle = world.addAgent([queue])
        world.pass(.seconds(1))
        let fresh = world.addAgent([queue])
        world.change(idle) { $0.handled = 3 }
        let contact = world.wait(queue)
        #expect(try world.route().map(\.agent) == [idle])
        world.leave(contact)
        world.change(idle) { $0.assignments = [] }
        if var record = world.records.queues[queue] {
            record.settings.strategy = .leastContacts
            world.put(queue: record)
        }
        world.wait(queue)
        #expect(try world.route().map(\.agent) == [fresh])
    }
}
