import TandemCore
import TandemWire
import Testing

@testable import TandemReadModel

/// What an operator with plain `sqlite3` sees.
@Suite("Views")
struct ViewTests {
    private struct Told {
        let scratch: Scratch
        var centre: Centre
        let leg: Leg
        let offer: OfferID

        /// Ann writes, an agent answers and closes.
        init() throws {
            scratch = try Scratch()
            centre = Centre()
            centre.open()
            leg = centre.conversation(of: centre.customer("Ann"), in: centre.queues[0])
            let agent = centre.agents[0]
            centre.commit([.clockActivated(leg, centre.clock(.answer, due: centre.now + .seconds(30)))])
            centre.say("Grüß Gott", in: leg, 1, by: .customer(leg.customer))
            offer = centre.offer(leg, to: agent)
            centre.accept(offer, leg, by: agent)
            centre.say("Hello", in: leg, 2, by: .agent(agent), to: [agent])
            centre.say("bye", in: leg, 3, by: .system)
            centre.commit([centre.closed(leg, by: agent)])
            centre.commit([.conversationClosed(leg.conversation, leg.tenant, leg.customer, by: .bot)])
            centre.setPresence(agent, from: .available, to: .onBreak(BreakCode("lunch")))
            try PartitionStore(directory: scratch.path, partition: 3).append(centre.entries)
        }

        func rows(_ sql: String, _ columns: Int32) throws -> [String] {
            try Dump.rows(sql, columns, in: scratch.path)
        }
    }

    @Test("A transcript reads as it was written, found by the written id")
    func transcripts() throws {
        let told = try Told()
        let rows = try told.rows(
            """
            SELECT sequence, author_kind, author, text FROM transcripts
            WHERE conversation = '\(told.leg.conversation)' ORDER BY sequence
            """, 4)
        #expect(
            rows == [
                "1|customer|\(told.leg.customer)|Grüß Gott", "2|agent|\(told.centre.agents[0])|Hello",
                "3|system|system|bye",
            ])
    }

    @Test("Times are shown as UTC to the millisecond")
    func times() throws {
        let told = try Told()
        let rows = try told.rows(
            "SELECT time, time_ms FROM events WHERE kind = 'tenantCreated'", 2)
        #expect(rows == ["2023-11-14T22:13:20.007Z|1700000000007"])
    }

    @Test("Each view shows words where tables have numbers")
    func words() throws {
        let told = try Told()
        let (leg, agent) = (told.leg, told.centre.agents[0])
        #expect(
            try told.rows("SELECT id, channel, state, closed_by, messages FROM conversations", 5)
                == ["\(leg.conversation)|chat|closed|bot|3"])
        #expect(
            try told.rows("SELECT id, channel, kind, state, agent, queue_reason, end_reason FROM contacts", 7)
                == ["\(leg.contact)|chat|original|closed|\(agent)|arrival|completed"])
        #expect(
            try told.rows("SELECT contact, reason, closed_by, handle_ms, disposition FROM contact_records", 5)
                == ["\(leg.contact)|completed|\(agent)|5078|sold"])
        #expect(
            try told.rows("SELECT id, outcome, waited_ms FROM offers", 3) == ["\(told.offer)|accepted|900"])
        #expect(
            try told.rows("SELECT contact, metric, state, target_ms FROM sla_clocks", 4)
                == ["\(leg.contact)|answer|ended|30000"])
        #expect(
            try told.rows(
                "SELECT name, presence, break_code, until IS NULL FROM agent_states WHERE agent = '\(agent)' ORDER BY since_ms",
                4) == ["agent 0|loggedOut||0", "agent 0|available||0", "agent 0|onBreak|lunch|1"])
        #expect(try told.rows("SELECT name, presence, sessions FROM agents LIMIT 1", 3) == ["agent 0|onBreak|1"])
        #expect(try told.rows("SELECT name, strategy FROM queues", 2) == ["queue 0|longestIdle", "sales|mostSkilled"])
        #expect(try told.rows("SELECT name, tier FROM customers", 2) == ["Ann|vip"])
        #expect(try told.rows("SELECT tag.value FROM customers, json_each(tags) tag", 1) == ["a\"b", "new"])
        #expect(
            try told.rows("SELECT kind, name, version FROM tenant_settings ORDER BY kind", 3)
                == ["calendar|office|1", "routingPolicy|default|2", "skill|german|1", "slaPolicy|gold|1"])
        #expect(try told.rows("SELECT DISTINCT role FROM credentials", 1) == ["agent"])
    }

    @Test("A decision's candidates and filters are JSON that SQL can take apart")
    func decisions() throws {
        let told = try Told()
        let candidates = try told.rows(
            """
            SELECT d."trigger", d.strategy, c.value ->> 'agent', c.value ->> 'score', d.ruled_out ->> 'noSlot',
                d.requirement ->> '$.pools[0]'
            FROM decisions d, json_each(d.candidates) c WHERE d.contact = '\(told.leg.contact)' ORDER BY c.key
            """, 6)
        #expect(candidates == told.centre.agents.map { "agent|longestIdle|\($0)|-7|4|\(told.leg.queue)" })
    }

    @Test("The actor and the tenant of an event are written as everywhere")
    func events() throws {
        let told = try Told()
        let rows = try told.rows("SELECT actor_kind, actor, tenant FROM events WHERE kind = 'conversationClosed'", 3)
        #expect(rows == ["conversation|\(told.leg.conversation)|\(told.leg.tenant)"])
        let quarantined = try Scratch()
        try PartitionStore(directory: quarantined.path, partition: 3).append(Day(seed: 41, turns: 1).entries)
        #expect(
            try Dump.rows(
                "SELECT actor, tenant IS NULL FROM events WHERE kind = 'inputQuarantined'", 2, in: quarantined.path)
                == ["quarantine|1"])
        #expect(
            try Dump.rows("SELECT summary, reason FROM quarantine", 2, in: quarantined.path) == ["postMessage|trap"])
    }

    @Test("Every number that a row may hold has its word")
    func vocabulary() throws {
        let scratch = try Scratch()
        try PartitionStore(directory: scratch.path, partition: 3).append(Day(seed: 42, turns: 500).entries)
        let unnamed = try Dump.rows(
            """
            SELECT 'event' FROM events WHERE kind IS NULL OR actor_kind IS NULL OR actor IS NULL
            UNION ALL SELECT 'contact' FROM contacts WHERE channel IS NULL OR kind IS NULL OR state IS NULL
            UNION ALL SELECT 'clock' FROM sla_clocks WHERE metric IS NULL OR state IS NULL
            UNION ALL SELECT 'interval' FROM agent_states WHERE presence IS NULL OR name IS NULL
            UNION ALL SELECT 'record' FROM contact_records WHERE reason IS NULL OR kind IS NULL
            """, 1, in: scratch.path)
        #expect(unnamed.isEmpty)
        #expect(RowWords.all.allSatisfy { !$0.name.isEmpty && !$0.name.contains("(") })
        let kept = try Dump.rows("SELECT topic, code, name FROM word", 3, in: scratch.path)
        #expect(Set(kept) == Set(RowWords.all.map { "\($0.topic)|\($0.code)|\($0.name)" }))
    }
}
