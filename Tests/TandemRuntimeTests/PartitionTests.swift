import Synchronization
import TandemCore
import TandemJournal
import TandemReadModel
import TandemWire
import Testing

@testable import TandemRuntime

@Suite("A partition")
struct PartitionTests {
    private func key(_ number: UInt64, body: UInt64 = 1) -> CommandKey { CommandKey(high: 9, low: number, body: body) }

    private func post(_ conversation: ConversationID, _ customer: CustomerID, _ text: String) -> Command {
        .conversation(conversation, .postMessage(MessageDraft(author: .customer(customer), text: text)))
    }

    @Test("Nothing leaves before its entry is durable: no answer, no event, no rejection that rests on it")
    func waitsForCommit() throws {
        let stage = try Stage()
        var centre = try Centre(stage)
        let queue = try centre.queue(QueueSettings(name: "Sales"))
        let customer = try centre.customer()
        let (conversation, _) = try centre.open(customer, in: queue)
        let seen = Mutex<[CommittedEvent]>([])
        stage.partition.subscribe(1, to: .actor(ActorID(conversation)), begun: { _ in }) { events in
            seen.withLock { $0 += events }
        }
        stage.settle()
        stage.log.holds = true
        let box = OutcomeBox()
        let refused = OutcomeBox()
        stage.partition.submit(post(conversation, customer, "Hello")) { box.put($0) }
        stage.partition.submit(post(conversation, CustomerID(raw: 5), "Not mine")) { refused.put($0) }
        stage.settle()
        #expect(box.take() == nil)
        #expect(refused.take() == nil)
        #expect(seen.withLock { $0.isEmpty })
        stage.log.holds = false
        stage.settle()
        guard case .answered(let answer, _) = box.take() else { return #expect(Bool(false), "no answer") }
        #expect(answer.sequence == 1)
        guard case .refused = refused.take() else { return #expect(Bool(false), "no refusal") }
        #expect(seen.withLock { $0.count } == 1)
    }

    @Test("The same key again is answered as before, in flight and later; with another body it is refused")
    func idempotent() throws {
        let stage = try Stage()
        var centre = try Centre(stage)
        let queue = try centre.queue(QueueSettings(name: "Sales"))
        let customer = try centre.customer()
        let (conversation, _) = try centre.open(customer, in: queue)
        let command = post(conversation, customer, "Hello")
        stage.log.holds = true
        let (first, second) = (OutcomeBox(), OutcomeBox())
        stage.partition.submit(command, key: key(1)) { first.put($0) }
        stage.partition.submit(command, key: key(1)) { second.put($0) }
        stage.settle()
        stage.log.holds = false
        stage.settle()
        guard case .answered(let one, let at) = first.take(), case .repeated(let two, let again) = second.take() else {
            return #expect(Bool(false), "both are answered")
        }
        #expect(one == two)
        #expect(at.entry == again.entry)
        guard case .refused(let refusal) = stage.submit(command, key: key(1, body: 2)) else {
            return #expect(Bool(false), "a reused key passed")
        }
        #expect(refusal.code == .idempotencyKeyReused)
        #expect(centre.conversation(conversation)?.messageCount == 1)
    }

    @Test("A rejection is not remembered: the same key may succeed later")
    func rejectionForgotten() throws {
        let stage = try Stage()
        var centre = try Centre(stage)
        let queue = try centre.queue(QueueSettings(name: "Sales"))
        let customer = try centre.customer()
        let (conversation, contact) = try centre.open(customer, in: queue)
        let command = Command.conversation(
            conversation, .contact(contact, .acceptOffer(OfferID(raw: 1), by: AgentID(raw: 1))))
        guard case .refused = stage.submit(command, key: key(7)) else { return #expect(Bool(false), "it passed") }
        #expect(stage.partition.assumeIsolated { $0.table.count } == 0)
    }

    @Test("A machine that finds its invariant broken costs one turn, and nobody else notices")
    func brokenInvariant() throws {
        let broken = Mutex<ConversationID?>(nil)
        let stage = try Stage { configuration in
            configuration.probe = { command throws(DecideError) in
                guard let victim = broken.withLock({ $0 }), case .conversation(victim, _) = command else { return }
                throw .invariantBroken(InvariantBroken("a test broke it"))
            }
        }
        var centre = try Centre(stage)
        let queue = try centre.queue(QueueSettings(name: "Sales"))
        let customer = try centre.customer()
        let (first, contact) = try centre.open(customer, in: queue)
        let (second, _) = try centre.open(customer, in: queue)
        broken.withLock { $0 = first }
        let before = stage.bytes
        guard case .refused(let refusal) = stage.submit(.conversation(first, .contact(contact, .abandon))) else {
            return #expect(Bool(false), "a broken turn was answered")
        }
        #expect(refusal.code == .quarantined)
        #expect(centre.conversation(first)?.contacts.count == 1)
        #expect(stage.counters.invariantsBroken == 2, "it is tried once more")
        let items = stage.partition.assumeIsolated { $0.roster.quarantine.record.items }
        #expect(items.map(\.input.actor) == [ActorID(first)])
        #expect(items.map(\.input.contact) == [contact], "its contact is on the operators' list")
        #expect(try stage.answer(post(second, customer, "Hello")).sequence == 1)
        #expect(stage.bytes != before)
        broken.withLock { $0 = nil }
        guard case .refused(let again) = stage.submit(.conversation(first, .contact(contact, .abandon))) else {
            return #expect(Bool(false), "a quarantined input ran")
        }
        #expect(again.code == .quarantined)
        _ = try stage.answer(.quarantine(.resolve(items[0].id, by: .system)))
        _ = try stage.answer(.conversation(first, .contact(contact, .abandon)))
        #expect(centre.conversation(first)?.contacts.isEmpty != false)
    }

    @Test("A deposed leader undoes its uncommitted turns to the byte, and tells their askers that it does not know")
    func deposed() throws {
        let stage = try Stage()
        var centre = try Centre(stage)
        let skill = try centre.skill("billing")
        let queue = try centre.queue(QueueSettings(name: "Sales", wrapUp: .timed(.seconds(15))))
        try centre.agent(AgentProfile(name: "Bo", skills: [SkillLevel(skill, 5)], queues: [queue]))
        let customer = try centre.customer()
        let (conversation, _) = try centre.open(customer, in: queue)
        try centre.accept(conversation)
        let before = stage.bytes
        let standing = stage.partition.assumeIsolated { $0.roster.router.standing(of: nil, in: queue) }
        stage.log.holds = true
        let boxes = (0..<40).map { _ in OutcomeBox() }
        for (number, box) in boxes.enumerated() {
            let command: Command =
                switch number % 4 {
                case 0: post(conversation, customer, "Message \(number)")
                case 1:
                    .conversation(nil, .open(centre.tenant, customer, ContactRequest(channel: .chat, queue: queue)))
                case 2: .customer(nil, .create(centre.tenant, CustomerProfile(name: "New \(number)")))
                default:
                    .agent(
                        centre.agents[0],
                        .setPresence(number % 8 == 3 ? .onBreak(BreakCode("tea")) : .available, by: .system))
                }
            stage.partition.submit(command, key: key(UInt64(number))) { box.put($0) }
        }
        stage.settle()
        #expect(stage.bytes != before)
        stage.partition.assumeIsolated { $0.deposed() }
        stage.log.loseWaiting()
        stage.settle()
        #expect(stage.bytes == before)
        #expect(stage.partition.assumeIsolated { $0.roster.router.standing(of: nil, in: queue) } == standing)
        #expect(stage.partition.assumeIsolated { $0.table.count } == 0)
        for box in boxes {
            guard case .unknown = box.take() else { return #expect(Bool(false), "an asker was told something else") }
        }
        stage.log.holds = false
        stage.partition.assumeIsolated { $0.lead(term: 2, opening: $0.committed) }
        #expect(try stage.answer(post(conversation, customer, "Again")).sequence == 1)
    }

    @Test("Beyond the uncommitted window a command is answered busy, a timer is not turned away")
    func busy() throws {
        let stage = try Stage { $0.inflightMax = 4 }
        var centre = try Centre(stage)
        let queue = try centre.queue(QueueSettings(name: "Sales"))
        let agent = try centre.agent(AgentProfile(name: "Bo", queues: [queue]))
        let customer = try centre.customer()
        let (conversation, _) = try centre.open(customer, in: queue)
        #expect(centre.offer(conversation) != nil)
        stage.log.holds = true
        let boxes = (0..<6).map { _ in OutcomeBox() }
        for box in boxes { stage.partition.submit(post(conversation, customer, "Hi")) { box.put($0) } }
        stage.settle()
        let busy = boxes.compactMap { $0.take() }
        #expect(busy.count == 2)
        stage.pass(milliseconds: 31_000)
        #expect(centre.agent(agent)?.presence == .notResponding, "the offer timed out all the same")
        stage.log.holds = false
        stage.settle()
    }

    @Test(
        "Stopping a service and starting it rebuilds it from the records with nothing lost",
        arguments: [Partition.routingName, Partition.timersName])
    func services(name: String) throws {
        let stage = try Stage()
        var centre = try Centre(stage)
        let queue = try centre.queue(QueueSettings(name: "Sales"))
        let customer = try centre.customer()
        var conversations: [ConversationID] = []
        for _ in 0..<20 { conversations.append(try centre.open(customer, in: queue).0) }
        let agent = try centre.agent(AgentProfile(name: "Bo", queues: [queue]))
        #expect(conversations.filter { centre.offer($0) != nil }.count == 4)
        let before = stage.bytes
        #expect(stage.partition.assumeIsolated { $0.stop(service: name) })
        #expect(
            stage.partition.assumeIsolated { $0.tree().children.contains { $0.name == name && $0.state == "stopped" } })
        stage.partition.assumeIsolated { $0.serviceFailed(name, reason: "a test stopped it") }
        stage.settle()
        #expect(stage.bytes == before)
        stage.pass(milliseconds: 31_000)
        #expect(centre.agent(agent)?.presence != .available, "the offers timed out")
        _ = try stage.answer(.agent(agent, .setPresence(.available, by: .agent(agent))))
        #expect(conversations.filter { centre.offer($0) != nil }.count == 4, "and routing goes on")
        let restarts = stage.partition.assumeIsolated { $0.tree().children.first { $0.name == name }?.restarts }
        #expect(restarts == 1)
    }

    @Test("A service that fails too often costs the partition its leadership, not the node")
    func escalates() throws {
        let stage = try Stage()
        for _ in 0..<10 { stage.partition.assumeIsolated { $0.serviceFailed(Partition.routingName, reason: "again") } }
        stage.settle()
        #expect(stage.partition.assumeIsolated { $0.phase } == .following)
    }

    @Test("Closed conversations and idle customers leave memory, and come back before the turn that needs them")
    func dormant() throws {
        let stage = try Stage { $0.flushInterval = 0 }
        var centre = try Centre(stage)
        let queue = try centre.queue(QueueSettings(name: "Sales"))
        let customer = try centre.customer()
        let (conversation, _) = try centre.open(customer, in: queue)
        _ = try stage.answer(.conversation(conversation, .close(by: .system)))
        try centre.customer("Somebody else")
        stage.settle()
        #expect(stage.record(ActorID(conversation)) == nil)
        #expect(stage.record(ActorID(customer)) == nil)
        let again = ContactRequest(channel: .chat, queue: queue)
        _ = try stage.answer(.conversation(conversation, .startContact(again)))
        #expect(centre.conversation(conversation)?.contacts.count == 1)
        #expect(stage.record(ActorID(customer)) != nil)
        #expect(stage.counters.loads >= 2)
        guard case .refused(let refusal) = stage.submit(post(ConversationID(raw: 0x3ff), customer, "Nobody")) else {
            return #expect(Bool(false), "a conversation that never was took a message")
        }
        #expect(refusal.code == .notFound)
    }

    @Test("A wrap-up that outlives its conversation ends on time, though its customer has left memory")
    func outlives() throws {
        let stage = try Stage { $0.flushInterval = 0 }
        var centre = try Centre(stage)
        let queue = try centre.queue(QueueSettings(name: "Sales", wrapUp: .timed(.seconds(15))))
        let agent = try centre.agent(AgentProfile(name: "Bo", queues: [queue]))
        let customer = try centre.customer()
        let (conversation, contact) = try centre.open(customer, in: queue)
        try centre.accept(conversation)
        _ = try stage.answer(.conversation(conversation, .contact(contact, .end(by: .agent(agent)))))
        _ = try stage.answer(.conversation(conversation, .close(by: .system)))
        try centre.customer("Somebody else")
        stage.settle()
        #expect(stage.record(ActorID(customer)) == nil)
        #expect(centre.agent(agent)?.assignments.count == 1)
        stage.pass(milliseconds: 16_000)
        #expect(centre.agent(agent)?.assignments.isEmpty == true)
        #expect(stage.counters.invariantsBroken == 0)
    }

    @Test(
        "A restart from records and journal has the same state, byte for byte, whenever the flush came",
        arguments: [0, 1, 5_000])
    func recovers(interval: Int64) throws {
        let stage = try Stage { $0.flushInterval = UInt64(interval) * 1_000_000 }
        var centre = try Centre(stage)
        let queue = try centre.queue(QueueSettings(name: "Sales", wrapUp: .timed(.seconds(15))))
        try centre.agent(AgentProfile(name: "Bo", queues: [queue]))
        for number in 0..<30 {
            let customer = try centre.customer("Customer \(number)")
            let (conversation, contact) = try centre.open(customer, in: queue)
            try centre.accept(conversation)
            _ = stage.submit(post(conversation, customer, "Hello"), key: key(UInt64(number)))
            if number % 3 == 0 {
                _ = stage.submit(.conversation(conversation, .contact(contact, .abandon)))
                _ = stage.submit(.conversation(conversation, .close(by: .system)))
            }
            stage.pass(milliseconds: 700)
        }
        let again = Partition(
            Partition.Configuration(number: 3), executor: stage.executor, clock: stage.clock, log: stage.log,
            state: stage.state, traps: nil)
        let state = stage.state
        try again.assumeIsolated { partition in _ = try partition.recover(from: state) }
        // What is dormant need not be in memory on both sides: it is read in for the comparison.
        let everything = again.assumeIsolated { $0.roster.all } + stage.partition.assumeIsolated { $0.roster.all }
        for actor in Set(everything) {
            for partition in [again, stage.partition] {
                partition.assumeIsolated { partition in
                    if !partition.roster.contains(actor), let record = try? state.loadNow(actor, of: 3) {
                        partition.roster.put(record)
                    }
                }
            }
        }
        #expect(again.assumeIsolated { $0.canonicalState() } == stage.bytes)
        #expect(again.assumeIsolated { $0.table.count } == stage.partition.assumeIsolated { $0.table.count })
        #expect(again.assumeIsolated { $0.minter } == stage.partition.assumeIsolated { $0.minter })
    }
}
