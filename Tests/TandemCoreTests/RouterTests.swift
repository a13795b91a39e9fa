@testable import TandemCore
import TestChance
import Testing

/// The router against the rule as it is said, over random days.
@Suite("Routing")
struct RouterTests {
    @Test("Each offer is the one that holding every contact against every agent finds", arguments: 1...UInt64(20))
    func oracle(seed: UInt64) throws {
        var day = RouterDay(seed: seed)
        for turn in 0..<200 {
            day.act()
            try settle(&day, "seed \(seed), turn \(turn)")
            if day.random.chance(of: 15) {
                day.world.undo()
                try settle(&day, "seed \(seed), turn \(turn) taken back")
            }
            if day.random.chance(of: 3) { day.world.rebuild() }
            day.world.commit()
        }
    }

    /// Makes all offers, each held against the oracle; afterwards nobody waits who has an agent.
    private func settle(_ day: inout RouterDay, _ place: String) throws {
        while true {
            let oracle = RouterOracle(records: day.world.records, now: day.world.now)
            let expected = oracle.match
            let made = try day.world.offer()
            let match = made.map { RouterOracle.Match(contact: $0.leg.contact, agent: $0.agent) }
            try #require(match == expected, "\(place)")
            guard let made else { break }
            check(made, against: oracle, place)
        }
        #expect(!day.world.router.hasWork, "\(place)")
        checkStandings(day, place)
    }

    private func check(_ made: OfferMade, against oracle: RouterOracle, _ place: String) {
        guard let waiter = oracle.waiters.first(where: { $0.contact.id == made.leg.contact }) else {
            Issue.record("\(place): offered without waiting")
            return
        }
        let agents = oracle.agents(for: waiter)
        let decision = made.decision
        #expect(decision.candidates.map(\.agent) == agents.prefix(5).map(\.id), "\(place)")
        #expect(decision.eligible == UInt32(agents.count), "\(place)")
        #expect(decision.ruledOut == oracle.ruledOut(waiter), "\(place)")
        #expect(decision.requirement == waiter.waiting.requirement && decision.order == waiter.waiting.order)
        let scores = decision.candidates.map(\.score)
        #expect(scores == scores.sorted(by: >), "\(place)")
    }

    private func checkStandings(_ day: RouterDay, _ place: String) {
        let oracle = RouterOracle(records: day.world.records, now: day.world.now)
        let waiters = oracle.waiters
        for queue in day.queues {
            let contact = waiters.isEmpty ? nil : waiters.map(\.contact.id).min()
            let standing = day.world.router.standing(of: contact, in: queue)
            #expect(standing == oracle.standing(of: contact, in: queue), "\(place)")
        }
    }

    @Test("A router made anew from the records decides as the one that followed them", arguments: 1...UInt64(6))
    func rebuilding(seed: UInt64) throws {
        var day = RouterDay(seed: seed)
        for _ in 0..<100 {
            day.act()
            var other = day.world
            other.rebuild()
            let offers = try day.world.route().map { RouterOracle.Match(contact: $0.leg.contact, agent: $0.agent) }
            let others = try other.route().map { RouterOracle.Match(contact: $0.leg.contact, agent: $0.agent) }
            #expect(offers == others, "seed \(seed)")
        }
    }

    @Test("The state before a decision gives the same winner and the same record again", arguments: 1...UInt64(6))
    func reevaluation(seed: UInt64) throws {
        var day = RouterDay(seed: seed)
        for _ in 0..<100 {
            day.act()
            while true {
                var before = day.world
                guard let made = try day.world.offer() else { break }
                before.rebuild()
                guard let again = try before.offer() else {
                    Issue.record("seed \(seed): no offer the second time")
                    return
                }
                #expect(again.agent == made.agent && again.leg == made.leg, "seed \(seed)")
                // Everything waits anew for a router made anew.
                var decision = again.decision
                decision.trigger = made.decision.trigger
                #expect(decision == made.decision, "seed \(seed)")
            }
        }
    }

    @Test("An index that names a contact which does not wait is found out")
    func brokenInvariant() throws {
        var world = RouterWorld()
        let queue = world.addQueue()
        world.addAgent([queue])
        let contact = world.wait(queue)
        let id = try #require(world.conversation(of: contact)?.id)
        world.records.conversations[id]?.contacts[0].state = .created
        #expect(throws: InvariantBroken.self) { _ = try world.offer() }
    }
}
