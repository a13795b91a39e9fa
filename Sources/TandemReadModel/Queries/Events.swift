package import TandemCore
internal import TandemJournal
package import TandemWire

/// One line of a conversation.
package struct TranscriptLine: Hashable, Sendable {
    package let position: EventPosition
    package let time: Timestamp
    package let message: MessagePosted
}

/// What a look through all events found.
package struct EventScan: Sendable {
    package let items: [StoredEvent]
    /// Everything up to here was looked at: the next scan goes on after it.
    package let reached: EventPosition
    /// There was nothing more.
    package let isComplete: Bool
}

extension StoreReader {
    /// The messages of a conversation.
    package func transcript(
        of conversation: ConversationID, _ range: EventRange, limit: Int
    ) throws(StoreError) -> Page<TranscriptLine, EventPosition> {
        let found = try history(of: ActorID(conversation), range, kind: .messagePosted, limit: limit)
        let lines = found.compactMap { stored -> TranscriptLine? in
            guard case .messagePosted(let message) = stored.event else { return nil }
            return TranscriptLine(position: stored.position, time: stored.time, message: message)
        }
        return Page(lines, limit: StoreLimits.page(limit)) { $0.position }
    }

    /// Everything that happened to an actor, or that its sessions are shown; of one kind where one is named.
    package func timeline(
        of actor: ActorID, _ range: EventRange, kind: EventName? = nil, limit: Int
    ) throws(StoreError) -> Page<StoredEvent, EventPosition> {
        let found = try history(of: actor, range, kind: kind, limit: limit)
        return Page(found, limit: StoreLimits.page(limit)) { $0.position }
    }

    private func history(
        of actor: ActorID, _ range: EventRange, kind: EventName?, limit: Int
    ) throws(StoreError) -> [StoredEvent] {
        let (condition, order) = range.sql
        let sql = """
            SELECT e.id, e.time, e.bytes, e.text FROM event_actor a CROSS JOIN event e ON e.id = a.event
            WHERE a.actor = ? AND \(condition) \(kind == nil ? "" : "AND e.kind = ?")
            ORDER BY a.event \(order) LIMIT ?
            """
        return try rows(sql, of: "event") { row in
            try row.add(raw: actor.raw)
            try row.add(range.position)
            if let kind { try row.add(number: kind.code) }
            try row.add(number: StoreLimits.page(limit) + 1)
        } read: { row in
            try row.storedEvent()
        }
    }

    /// All events in order, of one tenant or of all, of some kinds or (an empty list) of all.
    ///
    /// Looks at `StoreLimits.scannedMax` events at most, so a rare kind may need several calls.
    package func events(
        of tenant: TenantID?, after position: EventPosition, kinds: Set<EventName> = [], limit: Int
    ) throws(StoreError) -> EventScan {
        let limit = StoreLimits.page(limit)
        return try StoreError.wrapping {
            let statement = try database.statement(
                "SELECT tenant, kind, id, time, bytes, text FROM event WHERE id > ? ORDER BY id LIMIT ?")
            defer { statement.reset() }
            var binding = RowBinding(statement)
            try binding.add(position)
            try binding.add(number: StoreLimits.scannedMax + 1)
            var items: [StoredEvent] = []
            var reached = position
            var scanned = 0
            while try statement.step() {
                if items.count == limit || scanned == StoreLimits.scannedMax {
                    return EventScan(items: items, reached: reached, isComplete: false)
                }
                scanned += 1
                var row = RowReading(statement, of: "event")
                let isOfTenant = row.numberIfAny() == tenant.map { Int64(bitPattern: $0.raw) } || tenant == nil
                let code: UInt8 = try row.count()
                let isOfKind = kinds.isEmpty || EventName(code: code).map { kinds.contains($0) } ?? false
                reached = EventPosition(rawValue: statement.int64(2))
                if isOfTenant && isOfKind { items.append(try row.storedEvent()) }
            }
            return EventScan(items: items, reached: reached, isComplete: true)
        }
    }

    /// The last position there is; `start` when nothing happened yet.
    package func end() throws(StoreError) -> EventPosition {
        let found = try rows("SELECT max(id) FROM event", of: "event") { _ in
        } read: { row in
            row.numberIfAny() ?? 0
        }
        return EventPosition(rawValue: found.first ?? 0)
    }
}
