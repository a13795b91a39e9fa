import TandemCore
import TandemJournal
import TandemWire
import Testing

@testable import TandemReadModel

@Suite("Retention and backup")
struct RetentionTests {
    /// Three conversations: closed early, closed late, open.
    private struct Three {
        let scratch: Scratch
        var centre: Centre
        let store: PartitionStore
        let legs: [Leg]
        let between: Timestamp

        init(messages: Int = 3) throws {
            scratch = try Scratch()
            centre = Centre()
            centre.open()
            let customer = centre.customer("Ann")
            legs = [
                centre.conversation(of: customer, in: centre.queues[0]),
                centre.conversation(of: customer, in: centre.queues[0]),
                centre.conversation(of: customer, in: centre.queues[1]),
            ]
            for sequence in 1...messages {
                for leg in legs {
                    centre.say(
                        "line", in: leg, UInt64(sequence), by: .customer(leg.customer), to: [centre.agents[0]])
                }
            }
            _ = centre.offer(legs[0], to: centre.agents[0])
            centre.commit([.conversationClosed(legs[0].conversation, centre.tenant, customer, by: .system)])
            centre.commit([], after: 60_000)
            between = centre.now
            centre.commit([.conversationClosed(legs[1].conversation, centre.tenant, customer, by: .system)])
            store = try PartitionStore(directory: scratch.path, partition: 3)
            try store.append(centre.entries)
        }
    }

    @Test("Events of conversations that closed long ago go from everyone's history; nobody else's do")
    func prune() throws {
        let three = try Three()
        let reader = try StoreReader(directory: three.scratch.path)
        let agent = ActorID(three.centre.agents[0])
        let before = try reader.timeline(of: agent, .fromStart, limit: 1_000).items
        try three.store.flushRecords(upTo: three.store.mark.applied, changed: [])
        let report = try three.store.prune(before: three.between)
        // Opened with its contact (3), three messages, an offer, closed.
        #expect(report == PruneReport(conversations: 1, events: 8, isComplete: true))
        let pruned = three.legs[0].conversation
        #expect(try reader.timeline(of: ActorID(pruned), .fromStart, limit: 10).items.isEmpty)
        #expect(try reader.decisions(of: three.legs[0].contact, limit: 10).items.isEmpty)
        #expect(try reader.conversation(pruned)?.prunedAt == three.centre.now)
        #expect(try reader.conversation(pruned)?.messages == 3)
        for leg in three.legs.dropFirst() {
            #expect(try reader.transcript(of: leg.conversation, .fromStart, limit: 10).items.count == 3)
            #expect(try reader.conversation(leg.conversation)?.prunedAt == nil)
        }
        let after = try reader.timeline(of: agent, .fromStart, limit: 1_000).items
        #expect(after == before.filter { $0.event.conversation != pruned })
        #expect(after.count == before.count - 4)
        let dangling = "SELECT 1 FROM event_actor WHERE event NOT IN (SELECT id FROM event)"
        #expect(try Dump.rows(dangling, 1, in: three.scratch.path).isEmpty)
        #expect(try three.store.prune(before: three.between) == PruneReport(isComplete: true))
    }

    @Test("What webhooks were told of a conversation goes with it; what is still due stays until it is over")
    func deliveries() throws {
        let scratch = try Scratch()
        var centre = Centre()
        centre.open()
        let customer = centre.customer("Ann")
        let leg = centre.conversation(of: customer, in: centre.queues[0])
        centre.say("what was said", in: leg, 1, by: .customer(customer), to: [centre.agents[0]])
        let webhook: WebhookID = centre.mint()
        let told = (0..<2).map { _ in
            DeliveryDue(
                delivery: centre.mint(), tenant: centre.tenant, conversation: leg.conversation,
                notice: Notice(.messagePosted), webhooks: [webhook])
        }
        for due in told { centre.commit([.deliveryDue(due)]) }
        centre.commit([.deliveryDone(told[0].target(webhook), attempt: 1, status: 200)])
        centre.commit([.conversationClosed(leg.conversation, centre.tenant, customer, by: .system)])
        centre.commit([], after: 60_000)
        let store = try PartitionStore(directory: scratch.path, partition: 3)
        try store.append(centre.entries)
        func record(_ due: DeliveryDue, _ state: Delivery.State) -> ChangedRecord {
            let record = Delivery(
                id: due.delivery, due: due, at: centre.now,
                targets: [Delivery.Target(webhook: webhook, attempts: 0, state: state, failure: nil)])
            return ChangedRecord(
                actor: ActorID(due.delivery), bytes: RecordCodec.encode(.delivery(record), in: WireVersion.current),
                isDormant: record.isDormant)
        }
        let records = [record(told[0], .done(at: centre.now)), record(told[1], .due)]
        try store.flushRecords(upTo: store.mark.applied, changed: records)
        let reader = try StoreReader(directory: scratch.path)
        func timeline(_ actor: ActorID) throws -> [Event] {
            try reader.timeline(of: actor, .fromStart, limit: 100).items.map(\.event)
        }
        let conversation = ActorID(leg.conversation)
        #expect(try timeline(conversation).count { EventName($0) == .deliveryDue } == 2)
        // What people said goes when its time has come; what is due stays whole.
        let first = try store.prune(before: centre.now)
        #expect(first.conversations == 0 && first.events > 3 && first.isComplete)
        #expect(try reader.transcript(of: leg.conversation, .fromStart, limit: 10).items.isEmpty)
        #expect(try timeline(conversation) == [.deliveryDue(told[1])])
        #expect(try timeline(ActorID(told[0].delivery)).isEmpty)
        #expect(try timeline(ActorID(told[1].delivery)) == [.deliveryDue(told[1])])
        let row = { (raw: UInt64) in "\(Int64(bitPattern: raw))" }
        let left = try Dump.rows("SELECT actor FROM record ORDER BY actor", 1, in: scratch.path)
        #expect(left == [row(told[1].delivery.raw)])
        #expect(try store.prune(before: centre.now) == PruneReport(isComplete: true), "nothing has changed")
        // It is given up: nothing is left.
        centre.commit([
            .deliveryFailed(
                DeliveryFailed(
                    target: told[1].target(webhook), attempt: 12, failure: DeliveryFailure(.timedOut), retryAt: nil))
        ])
        try store.append([try #require(centre.entries.last)])
        try store.flushRecords(upTo: store.mark.applied, changed: [record(told[1], .dead(at: centre.now))])
        #expect(try store.prune(before: centre.now) == PruneReport(conversations: 1, events: 2, isComplete: true))
        #expect(try timeline(conversation).isEmpty && timeline(ActorID(told[1].delivery)).isEmpty)
        #expect(try Dump.rows("SELECT actor FROM record", 1, in: scratch.path).isEmpty)
        #expect(try reader.conversation(leg.conversation)?.prunedAt != nil)
    }

    @Test("Conversations that are not done with keep none behind them waiting")
    func behind() throws {
        let scratch = try Scratch()
        var centre = Centre()
        centre.open()
        let customer = centre.customer("Ann")
        let webhook: WebhookID = centre.mint()
        var records: [ChangedRecord] = []
        for number in 0...StoreLimits.pageMax {
            let leg = centre.conversation(of: customer, in: centre.queues[0])
            if number < StoreLimits.pageMax {
                let due = DeliveryDue(
                    delivery: centre.mint(), tenant: centre.tenant, conversation: leg.conversation,
                    notice: Notice(.conversationClosed), webhooks: [webhook])
                let record = Delivery(
                    id: due.delivery, due: due, at: centre.now,
                    targets: [Delivery.Target(webhook: webhook, attempts: 0, state: .due, failure: nil)])
                records.append(
                    ChangedRecord(
                        actor: ActorID(due.delivery),
                        bytes: RecordCodec.encode(.delivery(record), in: WireVersion.current), isDormant: false))
                centre.commit([.deliveryDue(due)])
            }
            centre.commit([.conversationClosed(leg.conversation, centre.tenant, customer, by: .system)])
        }
        centre.commit([], after: 60_000)
        let store = try PartitionStore(directory: scratch.path, partition: 3)
        try store.append(centre.entries)
        try store.flushRecords(upTo: store.mark.applied, changed: records)
        let report = try store.prune(before: centre.now)
        #expect(report.conversations == 1 && report.isComplete)
    }

    @Test("Events that records still need stay until these have passed them")
    func spared() throws {
        let three = try Three()
        #expect(try three.store.prune(before: three.between) == PruneReport(isComplete: true))
        let reader = try StoreReader(directory: three.scratch.path)
        #expect(try reader.transcript(of: three.legs[0].conversation, .fromStart, limit: 10).items.count == 3)
        try three.store.flushRecords(upTo: three.store.mark.applied, changed: [])
        #expect(try three.store.prune(before: three.between).conversations == 1)
    }

    @Test("A large conversation goes in several bounded steps")
    func bounded() throws {
        let three = try Three(messages: StoreLimits.prunedMax + 50)
        try three.store.flushRecords(upTo: three.store.mark.applied, changed: [])
        let first = try three.store.prune(before: three.between)
        #expect(first == PruneReport(conversations: 0, events: StoreLimits.prunedMax, isComplete: false))
        let second = try three.store.prune(before: three.between)
        #expect(second == PruneReport(conversations: 1, events: 55, isComplete: true))
    }

    @Test("A backup made while the store is written is whole, and knows how far it goes")
    func backup() throws {
        let (source, target) = try (Scratch(), Scratch())
        let entries = Day(seed: 61, turns: 800).entries
        let store = try PartitionStore(directory: source.path, partition: 3)
        try store.append(Array(entries.prefix(400)))
        let before = try Dump.text(of: source.path)
        var written = false
        let mark = try StoreBackup.make(of: source.path, to: PartitionStore.path(in: target.path)) { _, _ in
            guard !written else { return }
            written = true
            do { try store.append(entries) } catch { Issue.record(error) }
        }
        #expect(written)
        #expect(mark.applied == 400)
        #expect(try Dump.text(of: target.path) == before)
        let restored = try PartitionStore(directory: target.path, partition: 3)
        try restored.append(entries)
        #expect(try Dump.text(of: target.path) == Dump.text(of: source.path))
    }
}

extension Event {
    /// The conversation whose actor decided it.
    fileprivate var conversation: ConversationID? {
        var first: ActorID?
        forEachConcerned { first = first ?? $0 }
        return first?.kind == .conversation ? first.map { ConversationID(raw: $0.raw) } : nil
    }
}
