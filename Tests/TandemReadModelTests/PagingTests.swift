import TandemCore
import TandemWire
import Testing

@testable import TandemReadModel

@Suite("Pages")
struct PagingTests {
    /// A store with a day in it, and a reader.
    private struct Stored {
        let scratch: Scratch
        let day: Day
        let reader: StoreReader

        init(seed: UInt64, turns: Int = 2_000) throws {
            scratch = try Scratch()
            day = Day(seed: seed, turns: turns)
            try PartitionStore(directory: scratch.path, partition: 3).append(day.entries)
            reader = try StoreReader(directory: scratch.path)
        }
    }

    /// Follows the cursors to the end, `limit` at a time.
    private func all<Item, Cursor>(
        limit: Int, _ page: (Cursor?) throws -> Page<Item, Cursor>
    ) throws -> [Item] {
        var items: [Item] = []
        var cursor: Cursor?
        repeat {
            let next = try page(cursor)
            #expect(next.items.count == limit || next.next == nil)
            items += next.items
            cursor = next.next
        } while cursor != nil
        return items
    }

    private func messages(_ day: Day, of conversation: ConversationID) -> [UInt64] {
        day.entries.flatMap(\.entry.events).compactMap { event in
            guard case .messagePosted(let message) = event, message.conversation == conversation else { return nil }
            return message.sequence
        }
    }

    @Test("A transcript read page by page is the conversation, forwards and backwards", arguments: [1, 2, 7, 1_000])
    func transcript(limit: Int) throws {
        let stored = try Stored(seed: 21)
        let busiest = try #require(
            try stored.reader.conversations(of: stored.day.centre.tenant, limit: 1_000).items.max {
                $0.messages < $1.messages
            })
        let expected = messages(stored.day, of: busiest.id)
        #expect(expected.count > 7)
        let forwards = try all(limit: limit) { cursor in
            try stored.reader.transcript(of: busiest.id, cursor.map { .after($0) } ?? .fromStart, limit: limit)
        }
        #expect(forwards.map(\.message.sequence) == expected)
        #expect(forwards.allSatisfy { !$0.message.text.isEmpty })
        let backwards = try all(limit: limit) { cursor in
            try stored.reader.transcript(of: busiest.id, cursor.map { .before($0) } ?? .fromEnd, limit: limit)
        }
        #expect(backwards == forwards.reversed())
    }

    @Test("A session that resumes from a position gets exactly what its actor was shown after it")
    func resume() throws {
        let stored = try Stored(seed: 22)
        let agent = ActorID(stored.day.centre.agents[1])
        var shown: [StoredEvent] = []
        for committed in stored.day.entries {
            for (place, event) in committed.entry.events.enumerated() {
                var concerns = false
                event.forEachAudience { concerns = concerns || $0 == agent }
                guard concerns else { continue }
                let position = EventPosition(entry: committed.index, sequence: place)
                shown.append(StoredEvent(position: position, time: committed.entry.time, event: event))
            }
        }
        #expect(shown.count > 100)
        let middle = shown[shown.count / 2]
        let rest = try all(limit: 10) { cursor in
            try stored.reader.timeline(of: agent, .after(cursor ?? middle.position), limit: 10)
        }
        #expect(rest == Array(shown.dropFirst(shown.count / 2 + 1)))
    }

    @Test("A scan gives one tenant's events of the kinds asked for, and says how far it looked")
    func scan() throws {
        let stored = try Stored(seed: 23)
        let tenant = stored.day.centre.tenant
        var found: [StoredEvent] = []
        var scan = try stored.reader.events(of: tenant, after: .start, kinds: [.offerMade, .offerAccepted], limit: 9)
        while true {
            found += scan.items
            #expect(scan.items.count <= 9)
            if scan.isComplete { break }
            scan = try stored.reader.events(
                of: tenant, after: scan.reached, kinds: [.offerMade, .offerAccepted], limit: 9)
        }
        let expected = stored.day.entries.flatMap(\.entry.events).filter {
            [.offerMade, .offerAccepted].contains(EventName($0))
        }
        #expect(found.map(\.event) == expected)
        #expect(scan.reached == (try stored.reader.end()))
        let other = try stored.reader.events(of: TenantID(raw: 1), after: .start, limit: 10)
        #expect(other.items.isEmpty && other.isComplete)
        #expect(try stored.reader.events(of: nil, after: .start, limit: 3).items.count == 3)
    }

    @Test("Conversations are found by state, customer, queue and agent, newest first", arguments: [1, 3, 100])
    func conversations(limit: Int) throws {
        let stored = try Stored(seed: 24)
        let centre = stored.day.centre
        func list(_ filter: ConversationFilter) throws -> [ConversationRow] {
            try all(limit: limit) {
                try stored.reader.conversations(of: centre.tenant, filter, before: $0, limit: limit)
            }
        }
        let every = try list(ConversationFilter())
        #expect(every.map(\.id) == every.map(\.id).sorted(by: >))
        let opened = stored.day.entries.flatMap(\.entry.events).filter { EventName($0) == .conversationOpened }
        #expect(every.count == opened.count)
        let open = try list(ConversationFilter(isOpen: true))
        let closed = try list(ConversationFilter(isOpen: false))
        #expect(open == every.filter(\.isOpen) && closed == every.filter { !$0.isOpen })
        #expect(!open.isEmpty && !closed.isEmpty)
        let customer = every[every.count / 2].customer
        #expect(try list(ConversationFilter(customer: customer)) == every.filter { $0.customer == customer })

        let legs = try every.flatMap { try stored.reader.contacts(.conversation($0.id), limit: 100).items }
        let agent = centre.agents[2]
        let his = Set(legs.filter { $0.agent == agent }.map(\.conversation))
        #expect(!his.isEmpty)
        #expect(try list(ConversationFilter(agent: agent)) == every.filter { his.contains($0.id) })
        let waiting = Set(legs.filter { $0.queue == centre.queues[1] }.map(\.conversation))
        let filter = ConversationFilter(isOpen: true, queue: centre.queues[1])
        #expect(try list(filter) == open.filter { waiting.contains($0.id) })
    }

    @Test("Contacts, offers, records and clocks are paged without loss or repeat", arguments: [1, 4, 50])
    func others(limit: Int) throws {
        let stored = try Stored(seed: 25)
        let (reader, centre) = (stored.reader, stored.day.centre)
        let events = stored.day.entries.flatMap(\.entry.events)
        func count(_ name: EventName) -> Int { events.filter { EventName($0) == name }.count }

        let contacts = try centre.queues.flatMap { queue in
            try all(limit: limit) {
                try reader.contacts(.queue(queue, onlyOpen: false), before: $0, limit: limit)
            }
        }
        #expect(Set(contacts.map(\.id)).count == contacts.count && contacts.count == count(.contactCreated))
        let open = try all(limit: limit) { try reader.contacts(.open(centre.tenant), before: $0, limit: limit) }
        #expect(Set(open) == Set(contacts.filter { $0.state != .closed }))
        let agent = centre.agents[0]
        let held = try all(limit: limit) {
            try reader.contacts(.agent(agent, onlyOpen: true), before: $0, limit: limit)
        }
        #expect(Set(held) == Set(open.filter { $0.agent == agent }))

        let offers = try centre.agents.flatMap { agent in
            try all(limit: limit) { try reader.offers(.agent(agent), before: $0, limit: limit) }
        }
        #expect(Set(offers.map(\.id)).count == offers.count && offers.count == count(.offerMade))

        let records = try all(limit: limit) {
            try reader.contactRecords(
                .tenant(centre.tenant), from: Timestamp(milliseconds: 0), to: .distantFuture, after: $0, limit: limit)
        }
        #expect(records.map { Event.contactClosed($0.facts) } == events.filter { EventName($0) == .contactClosed })
        let byAgent = try all(limit: limit) {
            try reader.contactRecords(
                .agent(agent), from: Timestamp(milliseconds: 0), to: .distantFuture, after: $0, limit: limit)
        }
        #expect(byAgent == records.filter { $0.facts.agent == agent } && !byAgent.isEmpty)

        let clocks = try ClockState.allCases.flatMap { state in
            try all(limit: limit) { try reader.clocks(of: centre.tenant, .state(state), after: $0, limit: limit) }
        }
        let known = try contacts.flatMap { try reader.clocks(of: $0.id) }
        let promised = known.filter { $0.target != nil }
        #expect(Set(clocks) == Set(promised) && clocks.count == promised.count && !promised.isEmpty)
        #expect(promised.count < known.count, "what nobody promised is not listed")
        let breached = try all(limit: limit) {
            try reader.clocks(of: centre.tenant, .breached, after: $0, limit: limit)
        }
        #expect(Set(breached) == Set(known.filter { $0.breachedAt != nil }) && !breached.isEmpty)
    }

    @Test("A page is bounded whatever is asked for")
    func bounded() throws {
        let stored = try Stored(seed: 26, turns: 5_000)
        let tenant = stored.day.centre.tenant
        let whole = try stored.reader.events(of: tenant, after: .start, limit: .max)
        #expect(whole.items.count == StoreLimits.pageMax && !whole.isComplete)
        #expect(try stored.reader.conversations(of: tenant, limit: -4).items.count == 1)
    }
}
