import TandemCore
import TandemWire
import Testing

@testable import TandemReadModel

@Suite("The projection")
struct ProjectionTests {
    private func store(_ centre: Centre, in scratch: Scratch) throws -> StoreReader {
        let store = try PartitionStore(directory: scratch.path, partition: 3)
        try store.append(centre.entries)
        return try StoreReader(directory: scratch.path)
    }

    @Test("Every kind of event is kept as it was and posted to everyone it concerns, once")
    func everyKind() throws {
        let scratch = try Scratch()
        let day = Day(seed: 11, turns: 1_500)
        let reader = try store(day.centre, in: scratch)
        var found: [CommittedEntry] = []
        var kinds: Set<EventName> = []
        try reader.forEachEntry(after: 0) { stored in
            let entry = day.entries[Int(stored.index) - 1]
            #expect(stored.events == entry.entry.events)
            #expect(stored.time == entry.entry.time)
            kinds.formUnion(stored.events.map { EventName($0) })
            found.append(entry)
        }
        #expect(found.count == day.entries.count)
        #expect(kinds == Set(EventName.allCases))
        var postings: Set<String> = []
        for committed in day.entries {
            for (place, event) in committed.entry.events.enumerated() {
                let position = EventPosition(entry: committed.index, sequence: place).rawValue
                event.forEachAudience { postings.insert("\(Int64(bitPattern: $0.raw))|\(position)") }
            }
        }
        let kept = try Dump.rows("SELECT actor, event FROM event_actor", 2, in: scratch.path)
        #expect(kept.count == postings.count)
        #expect(Set(kept) == postings)
    }

    @Test("A contact's row follows it from the queue through offer, talk and hold to its end")
    func contactLife() throws {
        let scratch = try Scratch()
        var centre = Centre()
        centre.open()
        let store = try PartitionStore(directory: scratch.path, partition: 3)
        let reader = try {
            try store.append(centre.entries)
            return try StoreReader(directory: scratch.path)
        }()
        let customer = centre.customer("Ann")
        let leg = centre.conversation(of: customer, in: centre.queues[0])
        let agent = centre.agents[1]
        func row() throws -> ContactRow {
            try store.append(centre.entries)
            return try #require(try reader.contact(leg.contact))
        }
        var seen = try row()
        #expect(seen.state == .queued && seen.queueReason == .arrival && seen.agent == nil)
        let enqueued = seen.enqueuedAt
        let refused = centre.offer(leg, to: centre.agents[0])
        #expect(try row().state == .offered)
        centre.commit([
            .offerEnded(centre.ended(refused, leg, centre.agents[0], .rejected)),
            centre.queued(leg, .rejected, priority: 2),
        ])
        seen = try row()
        #expect(seen.state == .queued && seen.queueReason == .rejected && seen.priority == 2)
        let offer = centre.offer(leg, to: agent)
        centre.accept(offer, leg, by: agent)
        seen = try row()
        #expect(seen.state == .connected && seen.agent == agent && seen.answeredAt == centre.now)
        let answered = seen.answeredAt
        centre.commit([.contactHeld(leg, agent)])
        #expect(try row().state == .held)
        centre.commit([.contactResumed(leg, agent)])
        seen = try row()
        #expect(seen.state == .connected && seen.since == centre.now && seen.answeredAt == answered)
        centre.commit([
            .contactWrapping(
                ContactWrapping(leg: leg, agent: agent, until: centre.now + .seconds(15), reason: .completed))
        ])
        seen = try row()
        #expect(seen.state == .wrapping && seen.wrapUntil != nil && seen.endReason == nil)
        centre.commit([centre.closed(leg, by: agent)])
        seen = try row()
        #expect(seen.state == .closed && seen.endReason == .completed && seen.disposition == "sold")
        #expect(seen.closedAt == centre.now && seen.agent == agent)
        #expect(enqueued != nil)

        let offers = try reader.offers(.contact(leg.contact), limit: 10).items
        #expect(offers.map(\.outcome) == [.accepted, .rejected])
        #expect(offers.map(\.waited) == [Milliseconds(900), nil])
        #expect(offers.map(\.agent) == [agent, centre.agents[0]])
    }

    @Test("A contact record holds the facts of the leg's end as they were")
    func contactRecord() throws {
        let scratch = try Scratch()
        var centre = Centre()
        centre.open()
        let leg = centre.conversation(of: centre.customer("Ann"), in: centre.queues[0])
        let event = centre.closed(leg, by: centre.agents[0], .transferred, next: centre.mint())
        centre.commit([event])
        let reader = try store(centre, in: scratch)
        let page = try reader.contactRecords(
            .queue(leg.queue), from: centre.now, to: centre.now + Milliseconds(1), limit: 10)
        let record = try #require(page.items.first)
        #expect(.contactClosed(record.facts) == event)
        #expect(record.closedAt == centre.now)
        #expect(page.items.count == 1 && page.next == nil)
    }

    @Test("A decision comes back whole, with its candidates and what ruled the others out")
    func decision() throws {
        let scratch = try Scratch()
        var centre = Centre()
        centre.open()
        let leg = centre.conversation(of: centre.customer("Ann"), in: centre.queues[0])
        _ = centre.offer(leg, to: centre.agents[2])
        let reader = try store(centre, in: scratch)
        let rows = try reader.decisions(of: leg.contact, limit: 10).items
        #expect(rows.map { Event.offerMade($0.made) } == centre.entries.last?.entry.events)
        #expect(rows.first?.time == centre.now)
    }

    @Test("A clock's row follows it through pause, resumption, warning and breach, and ends with its contact")
    func clocks() throws {
        let scratch = try Scratch()
        var centre = Centre()
        centre.open()
        let leg = centre.conversation(of: centre.customer("Ann"), in: centre.queues[0])
        let store = try PartitionStore(directory: scratch.path, partition: 3)
        try store.append(centre.entries)
        let reader = try StoreReader(directory: scratch.path)
        func row() throws -> ClockRow {
            try store.append(centre.entries)
            let rows = try reader.clocks(of: leg.contact)
            #expect(rows.count == 1)
            return try #require(rows.first)
        }
        let due = centre.now + .seconds(30)
        centre.commit([.clockActivated(leg, centre.clock(.answer, due: due))])
        var seen = try row()
        #expect(seen.state == .running && seen.dueAt == due && seen.warnAt == due && seen.activatedAt == centre.now)
        centre.commit([.clockPaused(leg, .answer, remaining: .seconds(4))])
        seen = try row()
        #expect(seen.state == .paused && seen.remaining == .seconds(4) && seen.dueAt == due)
        centre.commit([.clockResumed(leg, .answer, warnAt: nil, dueAt: due + .seconds(9))])
        seen = try row()
        #expect(
            seen.state == .running && seen.remaining == nil && seen.dueAt == due + .seconds(9) && seen.warnAt == nil)
        centre.commit([.clockWarned(leg, .answer)])
        let warned = centre.now
        centre.commit([.clockBreached(leg, .answer)])
        seen = try row()
        #expect(seen.state == .running && seen.warnedAt == warned && seen.breachedAt == centre.now)
        #expect(try reader.clocks(of: centre.tenant, .breached, limit: 5).items == [seen])
        centre.commit([centre.closed(leg, by: nil, .abandoned)])
        #expect(try row().state == .ended)
        centre.commit([.clockActivated(leg, centre.clock(.answer, due: due))])
        seen = try row()
        #expect(seen.state == .running && seen.warnedAt == nil && seen.breachedAt == nil)
        centre.commit([.clockFulfilled(leg, .answer, elapsed: .seconds(2))])
        seen = try row()
        #expect(seen.state == .fulfilled && seen.elapsed == .seconds(2) && seen.fulfilledAt == centre.now)
    }

    @Test("An agent's intervals follow one another without a gap, from the first day on")
    func intervals() throws {
        let scratch = try Scratch()
        var centre = Centre()
        centre.open(agents: 1)
        let agent = centre.agents[0]
        let start = centre.now
        let lunch = Presence.onBreak(BreakCode("lunch"))
        centre.setPresence(agent, from: .available, to: lunch)
        let break_ = centre.now
        centre.setPresence(agent, from: lunch, to: .offline(until: centre.now + .seconds(30)), unanswered: 2)
        let reader = try store(centre, in: scratch)
        let all = try reader.intervals(of: agent, from: Timestamp(milliseconds: 0), to: .distantFuture, limit: 10).items
        let end = centre.now + .seconds(30) + Milliseconds(-7)
        #expect(all.map(\.presence) == [.loggedOut, .available, lunch, .offline(until: end)])
        #expect(all.dropFirst().map(\.since) == all.dropLast().map(\.until))
        #expect(all.last?.until == nil)
        let noon = try reader.intervals(of: agent, from: break_, to: break_ + Milliseconds(1), limit: 10).items
        #expect(noon.map(\.presence) == [lunch])
        let morning = try reader.intervals(of: agent, from: start, to: break_, limit: 10).items
        #expect(morning.map(\.presence) == [.available])
        let row = try #require(try reader.agent(agent))
        #expect(row.presence == .offline(until: end) && row.presenceSince == centre.now && row.unanswered == 2)
        #expect(row.sessions == 1)
    }

    @Test("Lists give settings and profiles as last set")
    func settings() throws {
        let scratch = try Scratch()
        let day = Day(seed: 12, turns: 10)
        let centre = day.centre
        let reader = try store(centre, in: scratch)
        let tenants = try reader.tenants(limit: 10).items
        #expect(tenants.map(\.settings.name) == ["Acme & Söhne"])
        #expect(tenants.first?.version == 2)
        let queues = try reader.queues(of: centre.tenant, limit: 10).items
        #expect(queues.map(\.settings.name) == ["queue 0", "sales"])
        #expect(queues.map(\.version) == [1, 2])
        #expect(queues.last?.settings.strategy == .mostSkilled)
        let agents = try reader.agents(of: centre.tenant, limit: 10).items
        #expect(agents.map(\.id) == centre.agents)
        #expect(agents.allSatisfy { $0.version == 2 && $0.profile.skills.count == 1 })
        let anna = try reader.customers(of: centre.tenant, limit: 100).items.first
        #expect(anna?.profile.name == "Anna" && anna?.version == 2 && anna?.profile.externalID == nil)
        let named = try reader.customers(of: centre.tenant, externalID: "ext-2", limit: 100).items
        #expect(named.map(\.profile.name) == ["customer 2"])
        #expect(try reader.credentials(of: centre.tenant, limit: 100).items.count == 4)
        let staff = try reader.credentials(of: nil, limit: 100).items
        #expect(staff.map(\.spec.role) == [.operator])
        #expect(staff.first?.revokedAt != nil)
        #expect(try reader.quarantined(onlyOpen: true, limit: 10).items.isEmpty)
        let item = try reader.quarantined(onlyOpen: false, limit: 10).items.first
        #expect(item?.input.input == .max && item?.resolvedBy == staff.first.map { .staff($0.id) })
    }

    @Test("Receipts move forward only, each on its own side")
    func receipts() throws {
        let scratch = try Scratch()
        var centre = Centre()
        centre.open()
        let leg = centre.conversation(of: centre.customer("Ann"), in: centre.queues[0])
        let customer = Party.customer(leg.customer)
        centre.commit([.messagesDelivered(centre.marked(leg, upTo: 5, by: customer))])
        centre.commit([.messagesRead(centre.marked(leg, upTo: 4, by: customer))])
        centre.commit([.messagesRead(centre.marked(leg, upTo: 2, by: customer))])
        centre.commit([.messagesDelivered(centre.marked(leg, upTo: 9, by: .agent(centre.agents[0])))])
        centre.commit([.messagesRead(centre.marked(leg, upTo: 3, by: .agent(centre.agents[0])))])
        let row = try #require(try store(centre, in: scratch).conversation(leg.conversation))
        #expect(row.customerDelivered == 5 && row.customerRead == 4 && row.agentRead == 3)
    }

    @Test("A conversation that is reopened is open again, with its messages counted on")
    func reopened() throws {
        let scratch = try Scratch()
        var centre = Centre()
        centre.open()
        let leg = centre.conversation(of: centre.customer("Ann"), in: centre.queues[0])
        let store = try PartitionStore(directory: scratch.path, partition: 3)
        centre.say("hello", in: leg, 1, by: .customer(leg.customer))
        centre.commit([.conversationClosed(leg.conversation, leg.tenant, leg.customer, by: .bot)])
        try store.append(centre.entries)
        let reader = try StoreReader(directory: scratch.path)
        var row = try #require(try reader.conversation(leg.conversation))
        #expect(!row.isOpen && row.closedAt == centre.now && row.closedBy == .bot && row.messages == 1)
        centre.commit([.conversationReopened(leg.conversation, leg.tenant, leg.customer)])
        centre.say("again", in: leg, 2, by: .customer(leg.customer))
        try store.append(centre.entries)
        row = try #require(try reader.conversation(leg.conversation))
        #expect(row.isOpen && row.closedAt == nil && row.closedBy == nil && row.messages == 2)
    }
}
