import TandemCore
import TandemReadModel
import TandemWire
import Testing

@testable import TandemRuntime

@Suite("Promises that change while clocks run")
struct PolicyFollowingTests {
    /// A tenant with a queue of open conversations that nobody serves, and the policy of that queue.
    private struct World {
        let stage: Stage
        var centre: Centre
        let queue: QueueID
        let policy: SLAPolicyID
        var open: [ConversationID] = []

        init(_ count: Int, _ configure: (inout Partition.Configuration) -> Void = { _ in }) throws {
            stage = try Stage(configure)
            centre = try Centre(stage)
            let none = SLAPolicySpec(name: "None", targets: [])
            let part = try stage.answer(.tenant(centre.tenant, .putSLAPolicy(nil, none, expecting: nil))).part
            policy = SLAPolicyID(raw: part ?? 0)
            queue = try centre.queue(QueueSettings(name: "Support", slaPolicy: policy))
            let customer = try centre.customer()
            for _ in 0..<count { open.append(try centre.open(customer, in: queue).0) }
        }

        func promise(_ target: Milliseconds) throws {
            let spec = SLAPolicySpec(
                name: "Answer", targets: [SLATarget(metric: .answer, channels: .all, target: target)])
            _ = try stage.answer(.tenant(centre.tenant, .putSLAPolicy(policy, spec, expecting: nil)))
        }

        func targets() -> [Milliseconds?] {
            open.map { centre.conversation($0)?.contacts.first?.clocks.clock(.answer)?.target }
        }
    }

    @Test("A policy that changes reaches every open clock, each in a turn of its own, and breaches what is over")
    func follows() throws {
        let world = try World(300)
        #expect(world.targets().allSatisfy { $0 == nil })
        #expect(world.stage.partition.assumeIsolated { $0.wheel.next } == nil, "what nobody promised arms nothing")
        world.stage.pass(milliseconds: 60_000)
        let before = world.stage.state.committed.count
        try world.promise(.seconds(30))
        #expect(world.targets().allSatisfy { $0 == .seconds(30) })
        let entries = world.stage.state.committed[before...].map(\.entry)
        #expect(entries.count == 301)
        for entry in entries.dropFirst() {
            #expect(entry.cause == .command(.followPolicies) && entry.events.count == 2)
            guard case .clockBreached(_, .answer, let brokenAt?) = entry.events.last else {
                Issue.record("no breach: \(entry.events)")
                continue
            }
            #expect(brokenAt < entry.time)
        }
        let done = world.stage.state.committed.count
        world.stage.pass(milliseconds: 3_600_000)
        #expect(world.stage.state.committed.count == done, "no timer says it again")
    }

    @Test("Time passes timer by timer for what a policy promises afterwards")
    func timers() throws {
        let world = try World(3)
        try world.promise(.seconds(50))
        let before = world.stage.state.committed.count
        world.stage.pass(milliseconds: 40_000)
        world.stage.pass(milliseconds: 10_000)
        let said = world.stage.state.committed[before...].flatMap(\.entry.events)
        #expect(said.filter { if case .clockWarned = $0 { true } else { false } }.count == 3)
        #expect(said.filter { if case .clockBreached(_, _, nil) = $0 { true } else { false } }.count == 3)
    }

    @Test("While the journal is slow the sweep leaves room for those who wait, and goes on when there is more")
    func makesRoom() throws {
        let world = try World(100) { $0.inflightMax = 20 }
        world.stage.log.holds = true
        let box = OutcomeBox()
        let spec = SLAPolicySpec(
            name: "Answer", targets: [SLATarget(metric: .answer, channels: .all, target: .seconds(9))])
        world.stage.partition.submit(.tenant(world.centre.tenant, .putSLAPolicy(world.policy, spec, expecting: nil))) {
            box.put($0)
        }
        world.stage.settle()
        #expect(world.stage.partition.assumeIsolated { $0.inflight.count } == 10, "half of the room")
        #expect(world.targets().filter { $0 != nil }.count == 9)
        world.stage.log.holds = false
        for _ in 0..<40 { world.stage.pass(milliseconds: 10) }
        #expect(world.targets().allSatisfy { $0 == .seconds(9) })
        #expect(box.take() != nil)
    }

    @Test("What the group refused of the sweep is done when it takes entries again")
    func refused() throws {
        let world = try World(30)
        world.stage.log.holds = true
        let spec = SLAPolicySpec(
            name: "Answer", targets: [SLATarget(metric: .answer, channels: .all, target: .seconds(9))])
        world.stage.partition.submit(.tenant(world.centre.tenant, .putSLAPolicy(world.policy, spec, expecting: nil))) {
            _ in
        }
        world.stage.settle()
        world.stage.log.refuseLast(.busy)
        world.stage.settle()
        #expect(world.targets().contains(nil))
        world.stage.log.holds = false
        world.stage.pass(milliseconds: 10)
        #expect(world.targets().allSatisfy { $0 == .seconds(9) })
    }

    @Test("What a leader had not come to is done by the next one: it follows from the records")
    func nextLeader() throws {
        let world = try World(30) { $0.inflightMax = 20 }
        world.stage.log.holds = true
        world.stage.partition.submit(
            .tenant(
                world.centre.tenant,
                .putSLAPolicy(
                    world.policy,
                    SLAPolicySpec(
                        name: "Answer", targets: [SLATarget(metric: .answer, channels: .all, target: .seconds(9))]),
                    expecting: nil))
        ) { _ in }
        world.stage.settle()
        world.stage.partition.assumeIsolated { $0.deposed() }
        world.stage.log.loseWaiting()
        world.stage.log.holds = false
        world.stage.settle()
        #expect(world.targets().allSatisfy { $0 == nil }, "all of it was undone")
        world.stage.partition.assumeIsolated { $0.lead(term: 2, opening: $0.committed) }
        world.stage.settle()
        #expect(world.targets().allSatisfy { $0 == nil }, "the policy itself was lost as well")
        try world.promise(.seconds(8))
        for _ in 0..<40 { world.stage.pass(milliseconds: 10) }
        #expect(world.targets().allSatisfy { $0 == .seconds(8) })
    }

    @Test("A new leader finds what was promised and not followed yet")
    func takesUp() throws {
        let world = try World(30)
        // As if the sweep had been cut off: the change is committed, and nothing else.
        world.stage.partition.assumeIsolated { partition in
            partition.policiesScheduled = true
        }
        try world.promise(.seconds(8))
        #expect(world.targets().allSatisfy { $0 == nil })
        world.stage.partition.assumeIsolated { partition in
            partition.deposed()
            partition.policiesScheduled = false
            partition.lead(term: 2, opening: partition.committed)
        }
        world.stage.settle()
        #expect(world.targets().allSatisfy { $0 == .seconds(8) })
    }

    @Test("A queue that is given another policy, or another calendar, is followed as well; another name is not")
    func queues() throws {
        let world = try World(5)
        let before = world.stage.state.committed.count
        _ = try world.stage.answer(
            .queue(world.queue, .change(QueueSettings(name: "Care", slaPolicy: world.policy), expecting: nil)))
        #expect(world.stage.state.committed.count == before + 1)
        #expect(!world.stage.partition.assumeIsolated { $0.roster.hasPolicyWork })
        _ = try world.stage.answer(.queue(world.queue, .change(QueueSettings(name: "Care"), expecting: nil)))
        #expect(world.targets().allSatisfy { $0 == .seconds(30) }, "the standard one")
    }

    @Test("A closed conversation comes back from the store for a policy that is applied to its past, and leaves again")
    func past() throws {
        let world = try World(1)
        let id = try #require(world.open.first)
        let contact = try #require(world.centre.conversation(id)?.contacts.first?.id)
        world.stage.pass(milliseconds: 60_000)
        _ = try world.stage.answer(.conversation(id, .contact(contact, .abandon)))
        for _ in 0..<20 { world.stage.pass(milliseconds: 1_000) }
        #expect(world.centre.conversation(id) == nil, "it has left memory")
        try world.promise(.seconds(30))
        var history = ClockHistory()
        for entry in world.stage.state.committed {
            for event in entry.entry.events { history.apply(event, at: entry.entry.time) }
        }
        #expect(history.concerns(world.queue))
        let application = PolicyApplication(queue: world.queue, past: history.past(of: world.queue), by: .system)
        _ = try world.stage.answer(.conversation(id, .applyPolicy(application)))
        let events = world.stage.state.committed.last?.entry.events ?? []
        #expect(events.count == 2)
        guard case .clockBreached(_, .answer, .some) = events.last else {
            Issue.record("no breach: \(events)")
            return
        }
        world.stage.pass(milliseconds: 20_000)
        try world.promise(.seconds(31))
        #expect(world.centre.conversation(id) == nil, "with the next flush")
    }
}
