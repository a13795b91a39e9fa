import Synchronization
import TandemCore
import TandemJournal
import TandemReadModel
import TandemWire
import Testing

@testable import TandemRuntime

/// What the journal refuses is taken back: no more than that, and nothing of it is forgotten afterwards.
@Suite("Taking back")
struct TakingBackTests {
    private func post(_ conversation: ConversationID, _ customer: CustomerID, _ text: String) -> Command {
        .conversation(conversation, .postMessage(MessageDraft(author: .customer(customer), text: text)))
    }

    /// An agent who wraps up for 15 s.
    private func wrappingUp() throws -> (Stage, Centre, AgentID, ConversationID, ContactID) {
        let stage = try Stage()
        var centre = try Centre(stage)
        let queue = try centre.queue(QueueSettings(name: "Sales", wrapUp: .timed(.seconds(15))))
        let agent = try centre.agent(AgentProfile(name: "Bo", queues: [queue]))
        let (conversation, contact) = try centre.open(try centre.customer(), in: queue)
        try centre.accept(conversation)
        _ = try stage.answer(.conversation(conversation, .contact(contact, .end(by: .agent(agent)))))
        return (stage, centre, agent, conversation, contact)
    }

    private func recovered(_ stage: Stage) throws -> Partition {
        let again = Partition(
            Partition.Configuration(number: 3), executor: stage.executor, clock: stage.clock, log: stage.log,
            state: stage.state, traps: nil)
        let state = stage.state
        try again.assumeIsolated { partition in _ = try partition.recover(from: state) }
        return again
    }

    @Test("A record that a dropped flush had encoded is in the next one: the store does not fall behind its own mark")
    func droppedFlush() throws {
        let stage = try Stage { $0.flushInterval = 3_600_000_000_000 }
        var centre = try Centre(stage)
        let queue = try centre.queue(QueueSettings(name: "Sales"))
        let (ada, bea) = (try centre.customer("Ada"), try centre.customer("Bea"))
        let (first, _) = try centre.open(ada, in: queue)
        let (second, _) = try centre.open(bea, in: queue)
        _ = try stage.answer(post(first, ada, "committed"))
        stage.log.holds = true
        stage.submit(post(second, bea, "taken back"))
        let now = stage.clock.monotonic()
        stage.partition.assumeIsolated { $0.beginFlush(at: now) }
        stage.settle()
        stage.log.refusal = .diskFull
        stage.log.holds = false
        stage.settle()
        #expect(stage.partition.assumeIsolated { $0.flush.index } == nil, "it stood at an entry that is not there")
        stage.log.refusal = nil
        stage.pass(milliseconds: 1_000)

        stage.partition.assumeIsolated { $0.beginFlush(at: now) }
        stage.settle()
        #expect(stage.state.meta.recordsApplied == stage.partition.assumeIsolated { $0.committed })
        let again = try recovered(stage)
        #expect(again.assumeIsolated { $0.canonicalState() } == stage.bytes)
        #expect(again.assumeIsolated { $0.roster.conversation(first)?.messageCount } == 1)
    }

    @Test("A batch refused as too much takes back itself; what the journal accepted before it is answered")
    func busy() throws {
        let stage = try Stage()
        var centre = try Centre(stage)
        let queue = try centre.queue(QueueSettings(name: "Sales"))
        let customer = try centre.customer()
        let (conversation, _) = try centre.open(customer, in: queue)
        stage.log.holds = true
        let boxes = (0..<3).map { _ in OutcomeBox() }
        for (number, box) in boxes.enumerated() {
            stage.partition.submit(post(conversation, customer, "\(number)")) { box.put($0) }
            stage.settle()
        }
        stage.log.refuseLast(.busy)
        stage.settle()
        guard case .busy = boxes[2].take() else { return #expect(Bool(false), "it was not told") }
        #expect(boxes[0].take() == nil && boxes[1].take() == nil, "they are on their way")
        let next = OutcomeBox()
        stage.partition.submit(post(conversation, customer, "next")) { next.put($0) }
        stage.settle()
        stage.log.holds = false
        stage.settle()
        for box in [boxes[0], boxes[1], next] {
            guard case .answered = box.take() else { return #expect(Bool(false), "not answered") }
        }
        #expect(centre.conversation(conversation)?.messageCount == 3)
        #expect(stage.log.entries.map(\.index) == Array(1...UInt64(stage.log.entries.count)), "without a gap")
        #expect(stage.partition.assumeIsolated { $0.journalTrouble } == nil)
        #expect(try recovered(stage).assumeIsolated { $0.canonicalState() } == stage.bytes)
    }

    @Test("A timer that a refused turn had changed is armed again and fires")
    func rearmed() throws {
        let (stage, centre, agent, conversation, contact) = try wrappingUp()
        stage.log.holds = true
        stage.submit(.conversation(conversation, .contact(contact, .finishWrapUp(disposition: nil, by: .agent(agent)))))
        stage.log.refuseLast(.busy)
        stage.settle()
        stage.log.holds = false
        #expect(centre.agent(agent)?.assignments.count == 1, "the wrap-up goes on")
        stage.pass(milliseconds: 16_000)
        #expect(centre.agent(agent)?.assignments.isEmpty == true)
    }

    @Test("What is due and refused is proposed again after a rest, not at once, and is late by no more")
    func rests() throws {
        let (stage, centre, agent, _, _) = try wrappingUp()
        stage.log.refusal = .busy
        let before = stage.counters.appendsFailed
        stage.pass(milliseconds: 15_000)
        #expect(stage.counters.appendsFailed == before + 1)
        for _ in 0..<30 { stage.pass(milliseconds: 1) }
        #expect(stage.counters.appendsFailed == before + 4, "every 10 ms")
        #expect(centre.agent(agent)?.assignments.count == 1)
        stage.log.refusal = nil
        stage.pass(milliseconds: 10)
        #expect(centre.agent(agent)?.assignments.isEmpty == true)
        #expect(stage.counters.invariantsBroken == 0)
    }

    @Test("A keyed command that changed nothing is not carried out when it comes again")
    func keptWithoutEvents() throws {
        let stage = try Stage()
        var centre = try Centre(stage)
        let queue = try centre.queue(QueueSettings(name: "Sales"))
        let agent = try centre.agent(AgentProfile(name: "Bo", queues: [queue]))
        let key = CommandKey(high: 1, low: 2, body: 3)
        let available = Command.agent(agent, .setPresence(.available, by: .agent(agent)))
        let before = stage.log.entries.count
        guard case .answered = stage.submit(available, key: key) else { return #expect(Bool(false), "not answered") }
        #expect(stage.log.entries.count == before + 1, "the key is journaled")
        _ = try stage.answer(.agent(agent, .setPresence(.loggedOut, by: .agent(agent))))
        guard case .repeated = stage.submit(available, key: key) else { return #expect(Bool(false), "not answered") }
        #expect(centre.agent(agent)?.presence == .loggedOut)
        let again = try recovered(stage)
        #expect(again.assumeIsolated { $0.table.count } == 1)
        guard case .refused(let refusal) = stage.submit(available, key: CommandKey(high: 1, low: 2, body: 4)) else {
            return #expect(Bool(false), "another body passed")
        }
        #expect(refusal.code == .idempotencyKeyReused)
        stage.pass(milliseconds: 601_000)
        _ = stage.submit(available, key: CommandKey(high: 1, low: 2, body: 4))
        #expect(centre.agent(agent)?.presence == .available, "after ten minutes the key is free, timers or not")
    }

    @Test("An agent whose wrap-up outlived its conversation and its customer's stay in memory can log out and be lost")
    func leaving() throws {
        for isLost in [false, true] {
            let stage = try Stage { $0.flushInterval = 0 }
            var centre = try Centre(stage)
            let queue = try centre.queue(QueueSettings(name: "Sales", wrapUp: .mandatory))
            let agent = try centre.agent(AgentProfile(name: "Bo", queues: [queue]))
            let session = SessionID(node: 1, incarnation: 1, number: 1)
            _ = try stage.answer(.agent(agent, .connectSession(session)))
            let customer = try centre.customer()
            let (conversation, contact) = try centre.open(customer, in: queue)
            try centre.accept(conversation)
            _ = try stage.answer(.conversation(conversation, .contact(contact, .end(by: .customer(customer)))))
            _ = stage.submit(.conversation(conversation, .close(by: .system)))
            try centre.customer("Somebody else")
            stage.settle()
            #expect(stage.record(ActorID(customer)) == nil, "he has left memory")
            #expect(centre.agent(agent)?.assignments.count == 1)
            if isLost {
                _ = try stage.answer(.agent(agent, .loseSession(session)))
                stage.pass(milliseconds: 31_000)
            } else {
                _ = try stage.answer(.agent(agent, .setPresence(.loggedOut, by: .staff(CredentialID(raw: 1)))))
            }
            #expect(centre.agent(agent)?.presence == .loggedOut)
            #expect(centre.agent(agent)?.assignments.isEmpty == true)
            #expect(stage.counters.invariantsBroken == 0)
        }
    }

    @Test("Who came into memory for a turn that changed nothing leaves it again")
    func leavesAgain() throws {
        let stage = try Stage { $0.flushInterval = 0 }
        var centre = try Centre(stage)
        let queue = try centre.queue(QueueSettings(name: "Sales"))
        let customer = try centre.customer()
        let (conversation, contact) = try centre.open(customer, in: queue)
        _ = try stage.answer(.conversation(conversation, .close(by: .system)))
        try centre.customer("Somebody else")
        stage.settle()
        #expect(stage.record(ActorID(conversation)) == nil)
        guard case .refused = stage.submit(.conversation(conversation, .contact(contact, .abandon))) else {
            return #expect(Bool(false), "it is closed")
        }
        #expect(stage.counters.loads > 0)
        try centre.customer("A third")
        try centre.customer("A fourth")
        stage.settle()
        #expect(stage.record(ActorID(conversation)) == nil && stage.record(ActorID(customer)) == nil)
    }

    @Test("A partition that drains turns away what comes, and finishes what is under way")
    func drains() throws {
        let stage = try Stage()
        var centre = try Centre(stage)
        let queue = try centre.queue(QueueSettings(name: "Sales"))
        let customer = try centre.customer()
        let (conversation, _) = try centre.open(customer, in: queue)
        stage.log.holds = true
        let (before, after) = (OutcomeBox(), OutcomeBox())
        let drained = Mutex(false)
        stage.partition.submit(post(conversation, customer, "before")) { before.put($0) }
        stage.settle()
        stage.partition.assumeIsolated { $0.drain { drained.withLock { $0 = true } } }
        stage.partition.submit(post(conversation, customer, "after")) { after.put($0) }
        stage.settle()
        guard case .unavailable(.stopping) = after.take() else { return #expect(Bool(false), "it was taken") }
        #expect(!drained.withLock { $0 })
        stage.log.holds = false
        stage.settle()
        guard case .answered = before.take() else { return #expect(Bool(false), "it was not finished") }
        #expect(drained.withLock { $0 })
    }
}
