import Foundation
import Synchronization
import TandemCore
import TandemJournal
import TandemWire
import Testing

@testable import TandemRuntime

/// Inputs that fail, actors that are rebuilt, and what the trap file has to do with it.
@Suite("When code is wrong")
struct QuarantineTests {
    private let path = NSTemporaryDirectory() + "tandem-traps-\(UUID().uuidString)"

    private func post(_ conversation: ConversationID, _ customer: CustomerID, _ text: String) -> Command {
        .conversation(conversation, .postMessage(MessageDraft(author: .customer(customer), text: text)))
    }

    @Test("After a broken invariant the actor is rebuilt from the journal, in-flight entries included, and tried again")
    func rebuilt() throws {
        let breaks = Mutex(false)
        let stage = try Stage { configuration in
            configuration.flushInterval = 0
            configuration.probe = { command throws(DecideError) in
                guard case .conversation(_, .postMessage(let draft)) = command, draft.text == "stumble" else { return }
                if breaks.withLock({ old in
                    defer { old = false }; return old
                }) {
                    throw .invariantBroken(InvariantBroken("a test broke it"))
                }
            }
        }
        var centre = try Centre(stage)
        let queue = try centre.queue(QueueSettings(name: "Sales"))
        let customer = try centre.customer()
        let (conversation, _) = try centre.open(customer, in: queue)
        for _ in 0..<5 { _ = try stage.answer(post(conversation, customer, "Hello")) }
        let before = stage.bytes

        // What is in memory is wrong, and the machine notices: memory is as the journal has it again.
        stage.partition.assumeIsolated { partition in
            guard case .conversation(var record) = partition.roster.record(ActorID(conversation)) else { return }
            record = Conversation(
                id: record.id, state: record.state, tenant: record.tenant, customer: record.customer,
                channel: record.channel, openedAt: record.openedAt, messageCount: 77,
                customerMessageAt: record.customerMessageAt, agentMessageAt: record.agentMessageAt,
                customerDelivered: 0, customerRead: 0, agentRead: 0, seen: [], contacts: record.contacts,
                lastAgent: nil, lastHandledAt: nil)
            partition.roster.put(.conversation(record))
        }
        #expect(stage.bytes != before)
        breaks.withLock { $0 = true }
        #expect(try stage.answer(post(conversation, customer, "stumble")).sequence == 6)
        #expect(stage.counters.invariantsBroken == 1)
        #expect(stage.counters.rebuildsFailed == 0)

        // The same with traffic that never pauses: there is always something in flight.
        let second = OutcomeBox()
        let others = (0..<40).map { _ in OutcomeBox() }
        breaks.withLock { $0 = true }
        stage.partition.submit(post(conversation, customer, "stumble")) { second.put($0) }
        for box in others { stage.partition.submit(post(conversation, customer, "Hi")) { box.put($0) } }
        stage.settle()
        guard case .answered = second.take() else { return #expect(Bool(false), "the input was lost") }
        #expect(others.compactMap { $0.take() }.count == 40)
        #expect(centre.conversation(conversation)?.messageCount == 47)
        #expect(stage.partition.assumeIsolated { $0.roster.quarantine.record.items.isEmpty })
        try expectSameAfterRestart(stage)
    }

    /// Records and journal give what is in memory, to the byte.
    private func expectSameAfterRestart(_ stage: Stage) throws {
        let again = Partition(
            Partition.Configuration(number: 3), executor: stage.executor, clock: stage.clock, log: stage.log,
            state: stage.state, traps: nil)
        let state = stage.state
        try again.assumeIsolated { partition in _ = try partition.recover(from: state) }
        #expect(again.assumeIsolated { $0.canonicalState() } == stage.bytes)
    }

    @Test("What ended the process twice is quarantined by the partition that ran it, though it names no actor yet")
    func trappedCreation() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let command = Command.tenant(nil, .create(TenantSettings(name: "Trap")))
        let mark = try Stage().partition.assumeIsolated { $0.mark(Input(.command(command, nil))) }
        #expect(mark.actor.raw == 0)
        for _ in 0..<2 {
            try TrapFile(path: path).begin(
                3, input: mark.input, actor: mark.actor, contact: nil, command: mark.command?.code)
        }
        let stage = try Stage(traps: try TrapFile(path: path))
        let items = stage.partition.assumeIsolated { $0.roster.quarantine.record.items }
        #expect(items.map(\.input.summary) == ["createTenant"])
        guard case .refused(let refusal) = stage.submit(command) else {
            return #expect(Bool(false), "it ran a third time")
        }
        #expect(refusal.code == .quarantined)
        _ = try stage.answer(.tenant(nil, .create(TenantSettings(name: "No trap"))))
        #expect(try TrapFile(path: path).attempts.isEmpty, "the journal knows it now")
    }

    @Test("An input that was under way when the process was killed, and runs to its end then, has no stain")
    func killedOnce() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let command = Command.tenant(nil, .create(TenantSettings(name: "Innocent")))
        let mark = try Stage().partition.assumeIsolated { $0.mark(Input(.command(command, nil))) }
        try TrapFile(path: path).begin(
            3, input: mark.input, actor: mark.actor, contact: nil, command: mark.command?.code)
        let stage = try Stage(traps: try TrapFile(path: path))
        #expect(try TrapFile(path: path).attempts.map(\.count) == [1])
        _ = try stage.answer(command)
        #expect(try TrapFile(path: path).attempts.isEmpty)
    }
}
