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
/// webhooks were told of them.
struct Pruning {
    private let find: Statement
    private let events: Statement
    private let removePosting: Statement
    private let removeEvent: Statement
    private let removeDecision: Statement
    private let removeDelivery: Statement
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
            SELECT id FROM conversation WHERE open = 0 AND pruned_at IS NULL AND closed_at < ?
            ORDER BY closed_at LIMIT ?
            """)
        events = try database.statement(
            """
            SELECT e.id, e.time, e.bytes, e.text FROM event_actor a JOIN event e ON e.id = a.event
            WHERE a.actor = ?1 AND (e.actor = ?1 OR e.actor_kind = ?3) ORDER BY a.event LIMIT ?2
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
        for conversation in try closed(before: time) {
            let found = try stored(conversation, atMost: limit - report.events)
            for event in found where event.position <= last {
                try remove(event)
                report.events += 1
            }
            guard report.events < limit else { return report }
            // The others wait until records have passed them.
            guard found.allSatisfy({ $0.position <= last }) else { continue }
            var row = RowBinding(mark)
            try row.add(conversation)
            try row.add(now)
            try mark.run()
            report.conversations += 1
        }
        report.isComplete = report.conversations < StoreLimits.pageMax
        return report
    }

    private func closed(before time: Timestamp) throws -> [ConversationID] {
        var row = RowBinding(find)
        try row.add(time)
        try row.add(number: StoreLimits.pageMax)
        var ids: [ConversationID] = []
        try find.forEachRow { statement in
            var row = RowReading(statement, of: "conversation")
            ids.append(try row.id())
        }
        return ids
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
