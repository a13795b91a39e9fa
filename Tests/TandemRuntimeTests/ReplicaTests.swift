import Foundation
import Synchronization
import TandemConsensus
import TandemCore
import TandemJournal
import TandemReadModel
import TandemWire
import Testing

@testable import TandemRuntime

/// A partition on its replicas: alone, and with others.
@Suite("Replicas")
struct ReplicaTests {
    private func tenant(_ name: String) -> Command { .tenant(nil, .create(TenantSettings(name: name))) }

    private func post(_ conversation: ConversationID, _ customer: CustomerID, _ text: String) -> Command {
        .conversation(conversation, .postMessage(MessageDraft(author: .customer(customer), text: text)))
    }

    private func isUnknown(_ outcome: Outcome?) -> Bool {
        if case .unknown = outcome { return true }
        return false
    }

    /// A tenant with a queue, an agent and a customer whose conversation waits for nobody else.
    private func centre(
        _ group: Group, at leader: Group.Member
    ) throws -> (conversation: ConversationID, customer: CustomerID, agent: AgentID, queue: QueueID) {
        let tenant = TenantID(raw: try group.answer(tenant("Acme"), to: leader).actor.raw)
        let settings = QueueSettings(name: "Sales")
        let queue = QueueID(raw: try group.answer(.queue(nil, .create(tenant, settings)), to: leader).actor.raw)
        let profile = AgentProfile(name: "Bo", queues: [queue])
        let agent = AgentID(raw: try group.answer(.agent(nil, .create(tenant, profile)), to: leader).actor.raw)
        let someone = CustomerProfile(name: "Ada", tier: .normal)
        let customer = CustomerID(
            raw: try group.answer(.customer(nil, .create(tenant, someone)), to: leader).actor.raw)
        let request = ContactRequest(channel: .chat, queue: queue, bot: false)
        let opened = try group.answer(.conversation(nil, .open(tenant, customer, request)), to: leader)
        return (ConversationID(raw: opened.actor.raw), customer, agent, queue)
    }

    // MARK: Alone

    @Test("Alone it leads at once, and after a crash again with everything, in the next term")
    func alone() throws {
        let group = try Group(1)
        let node = group.members[0]
        #expect(node.leads, "no tick has passed")
        node.state.holds = true
        _ = try group.answer(tenant("One"), to: node)
        _ = try group.answer(tenant("Two"), to: node)
        let bytes = node.bytes
        group.crash(node)
        try group.start(node)
        group.settle()
        #expect(node.leads && node.bytes == bytes)
        #expect(node.journal.entries.map(\.term) == [1, 1, 1, 2])
        #expect(node.journal.entries.map(\.index) == [1, 2, 3, 4])
        #expect(node.state.committed.map(\.index) == [1, 2, 3, 4])
    }

    @Test("A journal of before there were groups is led on: its term 1 was nobody's vote")
    func older() throws {
        let group = try Group(1)
        let node = group.members[0]
        _ = try group.answer(tenant("One"), to: node)
        let entry = try #require(node.journal.entries.last)
        group.crash(node)
        let older = Group.Member(node.id, AgreedFormat())
        older.journal.submit(
            .append([JournalEntry(partition: 3, index: 1, term: 1, time: entry.time, bytes: entry.bytes)])
        ) { _ in }
        _ = older.journal.answer()
        try group.start(older)
        group.settle()
        while older.journal.answer() { group.settle() }
        #expect(older.leads && older.journal.entries.map(\.term) == [1, 2])
    }

    @Test("A full disk refuses writes and keeps reads and does nothing by itself; when there is room all goes on")
    func diskFull() throws {
        let group = try Group(1)
        let node = group.members[0]
        let (conversation, customer, agent, _) = try centre(group, at: node)
        _ = try group.answer(.agent(agent, .setPresence(.available, by: .agent(agent))), to: node)
        let before = node.bytes
        node.journal.refusal = .diskFull
        for _ in 0..<3 {
            guard case .unavailable(.diskFull) = group.submit(post(conversation, customer, "Lost"), to: node) else {
                return #expect(Bool(false), "a write passed")
            }
        }
        group.tick(4_000)
        #expect(node.bytes == before, "an offer would have timed out")
        #expect(group.countTenants(node).get() == 1)
        node.journal.refusal = nil
        node.replica.diskChanged(.ok)
        group.tick(2)
        #expect(node.leads)
        guard case .agent(let record) = node.partition.assumeIsolated({ $0.roster.record(ActorID(agent)) }) else {
            return #expect(Bool(false), "no agent")
        }
        #expect(record.presence == .notResponding, "what fell due meanwhile fires now")
        #expect(try group.answer(post(conversation, customer, "Kept"), to: node).sequence == 1)
        #expect(node.journal.entries.map(\.index) == Array(1...UInt64(node.journal.entries.count)))
    }

    @Test("What was durable before a write was refused is answered as done, the refused one as not done")
    func refusedBehindDurable() throws {
        let group = try Group(1)
        let node = group.members[0]
        node.journal.holds = true
        let (first, second) = (OutcomeBox(), OutcomeBox())
        node.partition.submit(tenant("Kept")) { first.put($0) }
        group.settle()
        node.partition.submit(tenant("Refused")) { second.put($0) }
        group.settle()
        node.journal.refuse(.diskFull, after: 1)
        node.journal.holds = false
        group.settle()
        guard case .answered = first.take() else { return #expect(Bool(false), "it is durable") }
        guard case .unavailable(.diskFull) = second.take() else { return #expect(Bool(false), "it is nowhere") }
        #expect(group.countTenants(node).get() == 1)
    }

    @Test("A partition that gives up with entries under way has what became durable of them")
    func givesUpUnderWay() throws {
        let group = try Group(1)
        let node = group.members[0]
        node.journal.holds = true
        node.partition.submit(tenant("Under way")) { _ in }
        group.settle()
        node.partition.assumeIsolated { $0.giveUp("a test") }
        group.settle()
        node.journal.holds = false
        group.settle()
        #expect(!node.leads)
        #expect(group.countTenants(node).get() == 1)
        guard case .unavailable = group.submit(tenant("Later"), to: node) else {
            return #expect(Bool(false), "it gave up")
        }
    }

    @Test("Started on a full disk alone it shows what is in its journal and not yet in its store")
    func startsFull() throws {
        let group = try Group(1)
        let node = group.members[0]
        node.state.holds = true
        _ = try group.answer(tenant("Only journaled"), to: node)
        group.crash(node)
        node.journal.refusal = .diskFull
        try group.start(node)
        group.settle()
        #expect(!node.leads)
        #expect(group.countTenants(node).get() == 1)
    }

    @Test("After a failed sync nothing is tried again: commands are refused with the reason, reads are answered")
    func journalFailed() throws {
        let group = try Group(1)
        let node = group.members[0]
        _ = try group.answer(tenant("One"), to: node)
        node.journal.refusal = .failed(cause: "the sync failed")
        #expect(isUnknown(group.submit(tenant("Two"), to: node)), "whether it is in the file nobody knows")
        for _ in 0..<3 {
            guard case .unavailable(.journalFailed) = group.submit(tenant("Three"), to: node) else {
                return #expect(Bool(false), "not refused")
            }
            group.tick(100)
        }
        #expect(group.countTenants(node).get() == 1)
    }

    @Test("While the journal has no room a trapped input is not run, and its attempts are not forgotten")
    func trappedFull() throws {
        let path = NSTemporaryDirectory() + "tandem-traps-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let command = tenant("Trap")
        let mark = try Stage().partition.assumeIsolated { $0.mark(Input(.command(command, nil))) }
        for _ in 0..<2 {
            try TrapFile(path: path).begin(
                3, input: mark.input, actor: mark.actor, contact: nil, command: mark.command?.code)
        }
        let group = try Group(1, traps: try TrapFile(path: path), refusal: .diskFull)
        let node = group.members[0]
        #expect(!node.leads)
        #expect(try TrapFile(path: path).attempts.map(\.count) == [2])
        node.journal.refusal = nil
        node.replica.diskChanged(.ok)
        group.settle()
        guard case .refused(let refusal) = group.submit(command, to: node) else {
            return #expect(Bool(false), "it ran a third time")
        }
        #expect(refusal.code == .quarantined)
        #expect(try TrapFile(path: path).attempts.isEmpty)
    }

    // MARK: Three

    @Test("What one leads the others have too, to the byte, actors that left memory among it")
    func follows() throws {
        let group = try Group(3)
        let leader = try group.elect()
        let (conversation, customer, _, _) = try centre(group, at: leader)
        for number in 0..<20 { _ = try group.answer(post(conversation, customer, "\(number)"), to: leader) }
        let contact = leader.partition.assumeIsolated { $0.roster.conversation(conversation)?.contacts.last?.id }
        _ = try group.answer(.conversation(conversation, .contact(try #require(contact), .abandon)), to: leader)
        group.tick(10)
        for member in group.members {
            #expect(member.bytes == leader.bytes && member.committed == leader.committed)
            #expect(member.state.committed.count == leader.state.committed.count)
        }
        // What is dormant leaves memory on every node with its flush, and comes back when an entry names it.
        for member in group.members { group.flush(member) }
        for member in group.members {
            #expect(member.partition.assumeIsolated { $0.roster.conversation(conversation) } == nil)
        }
        let request = ContactRequest(channel: .chat, queue: QueueID(raw: try queue(of: leader)), bot: false)
        _ = try group.answer(.conversation(conversation, .startContact(request)), to: leader)
        group.tick(10)
        for member in group.members {
            let record = member.partition.assumeIsolated { $0.roster.conversation(conversation) }
            #expect(record?.messageCount == 20 && member.committed == leader.committed)
        }
    }

    private func queue(of member: Group.Member) throws -> UInt64 {
        try #require(member.partition.assumeIsolated { $0.roster.queues.keys.first })
    }

    @Test("A leader that is cut off undoes what nobody else has; another leads; healed, they are equal to the byte")
    func deposed() throws {
        let group = try Group(3)
        let old = try group.elect()
        let (conversation, customer, _, _) = try centre(group, at: old)
        group.tick(10)
        let before = old.bytes
        group.wire.isolate(old.id)
        let box = OutcomeBox()
        old.partition.submit(post(conversation, customer, "Nobody hears")) { box.put($0) }
        group.settle()
        #expect(box.take() == nil, "a majority is missing")
        #expect(old.bytes != before)
        let new = try group.elect()
        #expect(new.id != old.id)
        group.tick(60)
        #expect(isUnknown(box.take()), "it stepped down by itself")
        #expect(!old.leads && old.bytes == before)
        _ = try group.answer(post(conversation, customer, "Heard"), to: new)
        group.wire.isolate(old.id, false)
        group.tick(60)
        #expect(old.bytes == new.bytes && old.committed == new.committed)
        let kept = old.partition.assumeIsolated { $0.roster.conversation(conversation)?.messageCount }
        #expect(kept == 1, "the message that nobody heard is gone everywhere")
    }

    @Test("A command sent again under its key to the next leader is answered as before")
    func repeated() throws {
        let group = try Group(3)
        let old = try group.elect()
        let key = CommandKey(high: 1, low: 2, body: 3)
        guard case .answered(let answer, _) = group.submit(tenant("Once"), key: key, to: old) else {
            return #expect(Bool(false), "not answered")
        }
        group.crash(old)
        let new = try group.elect()
        guard case .repeated(let again, _) = group.submit(tenant("Once"), key: key, to: new) else {
            return #expect(Bool(false), "it was carried out twice")
        }
        #expect(again == answer)
    }

    @Test("A read sees what was committed before it, on whatever node; of a leader cut off it is not answered")
    func reads() throws {
        let group = try Group(3)
        let leader = try group.elect()
        let follower = try #require(group.members.first { $0.id != leader.id })
        _ = try group.answer(tenant("One"), to: leader)
        // The follower has not heard yet that it is committed.
        let read = group.countTenants(follower)
        group.tick(5)
        #expect(read.get() == 1)
        #expect(group.countTenants(leader).get() == 1)

        group.wire.isolate(leader.id)
        let stale = group.countTenants(leader)
        #expect(stale.get() == nil, "it may be deposed without knowing it")
        let new = try group.elect()
        _ = try group.answer(tenant("Two"), to: new)
        group.tick(60)
        #expect(stale.get() == .some(.none), "nobody could say")
        #expect(group.countTenants(new).get() == 2)
    }

    @Test("A read whose question or answer was lost is asked for again, and given up when that helps nothing")
    func lostReads() throws {
        let group = try Group(3)
        let leader = try group.elect()
        let follower = try #require(group.members.first { $0.id != leader.id })
        _ = try group.answer(tenant("One"), to: leader)
        group.wire.lose { if case .readRequest = $0.body { true } else { false } }
        let asked = group.countTenants(follower)
        group.tick(5)
        group.wire.lose { if case .readReply = $0.body { true } else { false } }
        group.tick(20)
        #expect(asked.get() == nil, "neither reached its end")
        group.wire.lose { _ in false }
        group.tick(15)
        #expect(asked.get() == 1)

        group.wire.lose { if case .readRequest = $0.body { true } else { false } }
        let late = group.countTenants(follower)
        group.tick(30)
        #expect(late.get() == nil)
        group.tick(30)
        #expect(late.get() == .some(.none), "nobody could say")
        #expect(leader.leads, "nobody else was looked for")
    }

    @Test("Timers and routing go on under the next leader: an offer that ran out meanwhile is redirected once")
    func failOver() throws {
        let group = try Group(3)
        let old = try group.elect()
        let (conversation, _, agent, _) = try centre(group, at: old)
        _ = try group.answer(.agent(agent, .setPresence(.available, by: .agent(agent))), to: old)
        group.crash(old)
        let new = try group.elect()
        group.tick(3_100)
        guard case .agent(let record) = new.partition.assumeIsolated({ $0.roster.record(ActorID(agent)) }) else {
            return #expect(Bool(false), "no agent")
        }
        #expect(record.presence == .notResponding)
        let redirected = new.state.committed.flatMap(\.entry.events).filter {
            if case .offerEnded = $0 { return true }
            return false
        }
        #expect(redirected.count == 1)
        #expect(new.partition.assumeIsolated { $0.roster.conversation(conversation)?.contacts.count } == 1)
        try group.start(old)
        group.tick(60)
        #expect(old.bytes == new.bytes)
    }

    @Test("A deposed leader has no timer armed; who leads has all of them")
    func timersOfTheDeposed() throws {
        let group = try Group(3)
        let old = try group.elect()
        let (_, _, agent, _) = try centre(group, at: old)
        _ = try group.answer(.agent(agent, .setPresence(.available, by: .agent(agent))), to: old)
        func armed(_ member: Group.Member) -> Int { member.partition.assumeIsolated { $0.wheel.count } }
        let count = armed(old)
        #expect(count > 0, "an offer rings")
        group.wire.isolate(old.id)
        let new = try group.elect()
        group.tick(30)
        #expect(!old.leads && armed(old) == 0 && armed(new) == count)
    }

    @Test("The journal is cut behind what a store has, not before the slowest member has it")
    func cuts() throws {
        let group = try Group(3)
        let leader = try group.elect()
        let slow = try #require(group.members.first { $0.id != leader.id })
        group.wire.isolate(slow.id)
        for number in 0..<30 { _ = try group.answer(tenant("\(number)"), to: leader) }
        leader.replica.compact(to: leader.committed)
        group.settle()
        #expect(leader.journal.entries.first?.index ?? 0 <= 2, "somebody needs them")
        group.wire.isolate(slow.id, false)
        group.tick(60)
        #expect(slow.bytes == leader.bytes)
        for member in group.members { group.flush(member) }
        leader.replica.compact(to: leader.committed - 2)
        group.settle()
        #expect(leader.journal.firstIndex(3) == leader.committed - 1)
        group.crash(leader)
        _ = try group.elect()
        try group.start(leader)
        group.tick(60)
        #expect(leader.bytes == slow.bytes)
    }
}
