internal import TandemCore
internal import TandemJournal

/// What one call of `prune` removed.
package struct PruneReport: Hashable, Sendable {
    /// Conversations that are now without events.
    package var conversations = 0
    package var events = 0
    /// Nothing is left to remove.
    package var isComplete = false
}

/// Removes the events of closed conversations, with their postings in everyone's history and their decisions; and what
/// webhooks were told of them. What they are still to be told stays until that is over, and the conversation is not done
/// with before: what people said goes when its time has come, whoever does not answer.
struct Pruning {
    private let find: Statement
    private let events: Statement
    private let removePosting: Statement
    private let removeEvent: Statement
    private let removeDecision: Statement
    private let removeDelivery: Statement
    private let findOpen: Statement
    private let mark: Statement
    /// Events after it may be needed to bring records up.
    private let last: EventPosition
    private let now: Timestamp
    private let limit: Int

    init(
        _ database: Database, upTo recordsApplied: UInt64, at now: Timestamp, atMost limit: Int
    ) throws(DatabaseError) {
        self.limit = limit
        find = try database.statement(
            """
            SELECT id, closed_at FROM conversation
            WHERE open = 0 AND pruned_at IS NULL AND closed_at < ?1 AND (closed_at, id) > (?2, ?3)
            ORDER BY closed_at, id LIMIT ?4
            """)
        events = try database.statement(
            """
            SELECT e.id, e.time, e.bytes, e.text FROM event_actor a JOIN event e ON e.id = a.event
            WHERE a.actor = ?1 AND (e.actor = ?1 OR e.actor_kind = ?3 AND NOT EXISTS
                (SELECT 1 FROM record r WHERE r.actor = e.actor AND r.open = 1))
            ORDER BY a.event LIMIT ?2
            """)
        findOpen = try database.statement(
            """
            SELECT 1 FROM event_actor a JOIN event e ON e.id = a.event JOIN record r ON r.actor = e.actor
            WHERE a.actor = ?1 AND e.actor_kind = ?2 AND r.open = 1 LIMIT 1
            """)
        removePosting = try database.statement("DELETE FROM event_actor WHERE actor = ? AND event = ?")
        removeEvent = try database.statement("DELETE FROM event WHERE id = ?")
        removeDecision = try database.statement("DELETE FROM decision WHERE event = ?")
        removeDelivery = try database.statement("DELETE FROM record WHERE actor = ? AND open = 0")
        mark = try database.statement("UPDATE conversation SET pruned_at = ?2 WHERE id = ?1")
        last = EventPosition.before(entry: recordsApplied + 1)
        self.now = now
    }

    func run(before time: Timestamp) throws -> PruneReport {
        var report = PruneReport()
        var passed: (id: ConversationID, closedAt: Timestamp)?
        // Those that are not done with are passed over each time: of no tenant more than may wait for its webhooks.
        while true {
            let page = try closed(before: time, after: passed)
            for conversation in page {
                guard try run(conversation.id, &report) else { return report }
            }
            passed = page.last
            guard page.count == StoreLimits.pageMax else { break }
        }
        report.isComplete = true
        return report
    }

    /// False: as much as may be has been removed.
    private func run(_ conversation: ConversationID, _ report: inout PruneReport) throws -> Bool {
        let found = try stored(conversation, atMost: limit - report.events)
        for event in found where event.position <= last {
            try remove(event)
            report.events += 1
        }
        guard report.events < limit else { return false }
        // The others wait until records have passed them.
        guard found.allSatisfy({ $0.position <= last }), try !hasOpen(conversation) else { return true }
        var row = RowBinding(mark)
        try row.add(conversation)
        try row.add(now)
        try mark.run()
        report.conversations += 1
        return true
    }

    /// Something is still to be told of it.
    private func hasOpen(_ conversation: ConversationID) throws -> Bool {
        var row = RowBinding(findOpen)
        try row.add(raw: conversation.raw)
        try row.add(word: ActorKind.delivery)
        var found = false
        try findOpen.forEachRow { _ in found = true }
        return found
    }

    private func closed(
        before time: Timestamp, after passed: (id: ConversationID, closedAt: Timestamp)?
    ) throws -> [(id: ConversationID, closedAt: Timestamp)] {
        var row = RowBinding(find)
        try row.add(time)
        try row.add(passed?.closedAt ?? Timestamp(milliseconds: .min))
        try row.add(passed?.id ?? ConversationID(raw: 0))
        try row.add(number: StoreLimits.pageMax)
        var found: [(id: ConversationID, closedAt: Timestamp)] = []
        try find.forEachRow { statement in
            var row = RowReading(statement, of: "conversation")
            found.append((try row.id(), row.time()))
        }
        return found
    }

    private func stored(_ conversation: ConversationID, atMost limit: Int) throws -> [StoredEvent] {
        var row = RowBinding(events)
        try row.add(raw: conversation.raw)
        try row.add(number: limit)
        try row.add(word: ActorKind.delivery)
        var found: [StoredEvent] = []
        try events.forEachRow { statement in
            var row = RowReading(statement, of: "event")
            found.append(try row.storedEvent())
        }
        return found
    }

    private func remove(_ stored: StoredEvent) throws {
        var audience: [ActorID] = []
        stored.event.forEachAudience { audience.append($0) }
        for actor in audience {
            var row = RowBinding(removePosting)
            try row.add(raw: actor.raw)
            try row.add(stored.position)
            try removePosting.run()
        }
        for statement in [removeEvent, removeDecision] {
            var row = RowBinding(statement)
            try row.add(stored.position)
            try statement.run()
        }
        guard case .deliveryDue(let due) = stored.event else { return }
        var row = RowBinding(removeDelivery)
        try row.add(raw: due.delivery.raw)
        try removeDelivery.run()
    }
}
