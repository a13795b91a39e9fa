import TandemCore
import TandemWire
import Testing

@testable import TandemReadModel

@Suite("Recovery")
struct RecoveryTests {
    private func conversation(_ id: ConversationID, _ tenant: TenantID, messages: UInt64) -> Record {
        .conversation(
            Conversation(
                id: id, state: .open, tenant: tenant, customer: CustomerID(raw: 5), channel: .chat,
                openedAt: Timestamp(milliseconds: 1), messageCount: messages, customerMessageAt: nil,
                agentMessageAt: nil, customerDelivered: 0, customerRead: 0, agentRead: 0, seen: [], contacts: [],
                lastAgent: nil, lastHandledAt: nil))
    }

    private func changed(_ record: Record, isDormant: Bool = false) -> ChangedRecord {
        ChangedRecord(
            actor: record.actor, bytes: RecordCodec.encode(record, in: WireVersion.current), isDormant: isDormant)
    }

    @Test("A restart loads what is open, kind by kind, and finds the rest one by one")
    func records() throws {
        let scratch = try Scratch()
        let store = try PartitionStore(directory: scratch.path, partition: 3)
        var centre = Centre()
        centre.open()
        try store.append(centre.entries)
        let tenant = Record.tenant(
            Tenant(
                id: centre.tenant, version: 1, settings: TenantSettings(name: "Acme"), skills: [], calendars: [],
                routingPolicies: [], slaPolicies: [], webhooks: []))
        let quarantine = Record.quarantine(Quarantine(partition: 3, items: []))
        let first = conversation(centre.mint(), centre.tenant, messages: 1)
        let second = conversation(centre.mint(), centre.tenant, messages: 2)
        let third = conversation(centre.mint(), centre.tenant, messages: 3)
        try store.flushRecords(
            upTo: 5,
            changed: [
                changed(third), changed(second, isDormant: true), changed(quarantine), changed(first), changed(tenant),
            ])
        #expect(store.mark.recordsApplied == 5)
        let reader = try StoreReader(directory: scratch.path)
        func open() throws -> [Record] {
            var records: [Record] = []
            try reader.loadOpenRecords { records.append($0) }
            return records
        }
        #expect(try open() == [tenant, first, third, quarantine])
        #expect(try reader.load(second.actor) == second)
        #expect(try reader.load(ActorID(AgentID(raw: 77))) == nil)

        // The first goes to sleep, the second wakes up changed, the third is forgotten.
        let woken = conversation(ConversationID(raw: second.actor.raw), centre.tenant, messages: 9)
        try store.flushRecords(
            upTo: 8, changed: [changed(first, isDormant: true), changed(woken)], removed: [third.actor])
        #expect(try open() == [tenant, woken, quarantine])
        #expect(try reader.load(first.actor) == first)
        #expect(try reader.load(third.actor) == nil)
    }

    @Test("Records are flushed for an applied entry, and never backwards")
    func order() throws {
        let scratch = try Scratch()
        let store = try PartitionStore(directory: scratch.path, partition: 3)
        try store.append(Array(Day(seed: 51, turns: 10).entries.prefix(20)))
        try store.flushRecords(upTo: 10, changed: [])
        for index: UInt64 in [9, 21] {
            let error = #expect(throws: StoreError.self) { try store.flushRecords(upTo: index, changed: []) }
            #expect(error?.code == "store.recordsOutOfOrder")
        }
        #expect(store.mark.recordsApplied == 10)
    }

    @Test("A damaged record is named, not skipped")
    func damagedRecord() throws {
        let scratch = try Scratch()
        let store = try PartitionStore(directory: scratch.path, partition: 3)
        let actor = ActorID(ConversationID(raw: 4_321))
        try store.flushRecords(upTo: 0, changed: [ChangedRecord(actor: actor, bytes: [1, 2, 3], isDormant: false)])
        let reader = try StoreReader(directory: scratch.path)
        let error = #expect(throws: StoreError.self) { try reader.loadOpenRecords { _ in } }
        #expect(error?.code == "store.damaged")
        #expect(error?.description.contains(actor.written) == true)
    }

    @Test("Entries after the records come out of the store as they went in")
    func entries() throws {
        let scratch = try Scratch()
        let day = Day(seed: 52, turns: 300)
        let store = try PartitionStore(directory: scratch.path, partition: 3)
        try store.append(day.entries)
        try store.flushRecords(upTo: 120, changed: [])
        let reader = try StoreReader(directory: scratch.path)
        var found: [StoredEntry] = []
        try reader.forEachEntry(after: try reader.mark().recordsApplied) { found.append($0) }
        let expected = day.entries.dropFirst(120).map {
            StoredEntry(index: $0.index, time: $0.entry.time, events: $0.entry.events)
        }
        #expect(found == expected)
    }

    @Test("Answered commands are remembered for ten minutes of journaled time, and then forgotten")
    func commands() throws {
        let scratch = try Scratch()
        var centre = Centre()
        centre.open()
        let leg = centre.conversation(of: centre.customer("Ann"), in: centre.queues[0])
        let store = try PartitionStore(directory: scratch.path, partition: 3)
        for number: UInt64 in 1...20 {
            let key = CommandKey(high: .max - number, low: number, body: ~number)
            centre.say("line", in: leg, number, by: .customer(leg.customer), key: key)
            // A minute between two messages.
            centre.commit([], after: 60_000)
        }
        try store.append(centre.entries)
        let reader = try StoreReader(directory: scratch.path)
        func kept(since time: Timestamp) throws -> [RememberedCommand] {
            var commands: [RememberedCommand] = []
            try reader.commandTable(since: time) { commands.append($0) }
            return commands
        }
        let all = try kept(since: Timestamp(milliseconds: 0))
        #expect(all.map { $0.answer?.sequence } == (12...20).map { $0 })
        #expect(all.map(\.key.body) == (12...20).map { ~UInt64($0) })
        #expect(all.map(\.key.high) == (12...20).map { .max - UInt64($0) })
        #expect(all.allSatisfy { $0.time >= centre.now + Milliseconds(-600_000) })
        let middle = all[4].time
        #expect(try kept(since: middle) == Array(all.dropFirst(4)))
        centre.commit([], after: 600_001)
        try store.append(centre.entries)
        #expect(try kept(since: Timestamp(milliseconds: 0)).isEmpty)
    }

    @Test("Answers under the keys of nodes leave sooner, from between those of clients, whatever is reopened between")
    func nodesCommands() throws {
        let scratch = try Scratch()
        var centre = Centre()
        centre.open()
        let leg = centre.conversation(of: centre.customer("Ann"), in: centre.queues[0])
        var store = try PartitionStore(directory: scratch.path, partition: 3)
        func kept() throws -> [UInt64] {
            var bodies: [UInt64] = []
            let reader = try StoreReader(directory: scratch.path)
            try reader.commandTable(since: Timestamp(milliseconds: 0)) { bodies.append($0.key.body) }
            return bodies
        }
        for number: UInt64 in 1...12 {
            let client = CommandKey(high: .max - number, low: number, body: number)
            let key = number.isMultiple(of: 3) ? client : NodeKey(node: 2, life: 1, number: number).key(body: number)
            centre.say("line", in: leg, number, by: .customer(leg.customer), key: key)
            // Five seconds between two messages.
            centre.commit([], after: 5_000)
            try store.append(centre.entries)
            if number == 6 {
                store.close()
                store = try PartitionStore(directory: scratch.path, partition: 3)
            }
        }
        #expect(try kept() == [3, 6, 9, 10, 11, 12])
        centre.commit([], after: 20_001)
        try store.append(centre.entries)
        #expect(try kept() == [3, 6, 9, 12])
        centre.commit([], after: 600_000)
        try store.append(centre.entries)
        #expect(try kept().isEmpty)
    }

    @Test("Where there is no store, a reader says so")
    func missing() throws {
        let scratch = try Scratch()
        let error = #expect(throws: StoreError.self) { _ = try StoreReader(directory: scratch.path) }
        #expect(error?.code == "store.missing")
    }
}
