package import TandemCore

/// The facts of one finished leg.
package struct ContactRecordRow: Hashable, Sendable {
    package let position: EventPosition
    package let closedAt: Timestamp
    package let facts: ContactClosed
}

/// Whose contact records are asked for.
package enum ContactRecordFilter: Hashable, Sendable {
    case tenant(TenantID)
    case queue(QueueID)
    case agent(AgentID)
}

/// Contact records are listed by the time they closed.
package struct ContactRecordCursor: Hashable, Sendable {
    package let closedAt: Timestamp
    package let position: EventPosition
    package init(closedAt: Timestamp, position: EventPosition) {
        self.closedAt = closedAt
        self.position = position
    }
}

extension StoreReader {
    /// Records of legs that closed from `from` on and before `to`, oldest first, from the one after `after`.
    package func contactRecords(
        _ filter: ContactRecordFilter, from: Timestamp, to: Timestamp, after: ContactRecordCursor? = nil, limit: Int
    ) throws(StoreError) -> Page<ContactRecordRow, ContactRecordCursor> {
        let column =
            switch filter {
            case .tenant: "tenant"
            case .queue: "queue"
            case .agent: "agent"
            }
        let sql = """
            SELECT event, closed_at, tenant, conversation, customer, contact, queue, channel, kind, previous, next,
                agent, reason, disposition, created_at, enqueued_at, answered_at, queued, talk, hold, wrap_up, holds,
                offers, offers_timed_out, target, closed_by
            FROM contact_record WHERE \(column) = ? AND closed_at < ? AND (closed_at, event) > (?, ?)
            ORDER BY closed_at, event LIMIT ?
            """
        let limit = StoreLimits.page(limit)
        // Everything that closed a millisecond earlier stands before it, whatever its position.
        let start =
            after
            ?? ContactRecordCursor(
                closedAt: from + Milliseconds(-1), position: EventPosition(rawValue: .max))
        let found = try rows(sql, of: "contact_record") { row in
            switch filter {
            case .tenant(let id): try row.add(id)
            case .queue(let id): try row.add(id)
            case .agent(let id): try row.add(id)
            }
            try row.add(to)
            try row.add(start.closedAt)
            try row.add(start.position)
            try row.add(number: limit + 1)
        } read: { row in
            try row.contactRecord()
        }
        return Page(found, limit: limit) { ContactRecordCursor(closedAt: $0.closedAt, position: $0.position) }
    }
}

extension RowReading {
    fileprivate mutating func contactRecord() throws(StoreError) -> ContactRecordRow {
        let position = position()
        let closedAt = time()
        let (tenant, conversation, customer): (TenantID, ConversationID, CustomerID) = try (id(), id(), id())
        let leg = Leg(
            tenant: tenant, conversation: conversation, customer: customer, contact: try id(), queue: try id())
        let (channel, kind): (Channel, LegKind) = try (word(), word())
        let (previous, next): (ContactID?, ContactID?) = try (idIfAny(), idIfAny())
        let agent: AgentID? = try idIfAny()
        let reason: EndReason = try word()
        let disposition = textIfAny()
        let (createdAt, enqueuedAt, answeredAt) = (time(), timeIfAny(), timeIfAny())
        var times = ContactTimes()
        times.queued = length()
        times.talk = length()
        times.hold = length()
        times.wrapUp = length()
        times.holds = try count()
        times.offers = try count()
        times.offersTimedOut = try count()
        let facts = ContactClosed(
            leg: leg, channel: channel, kind: kind, previous: previous, next: next, agent: agent, reason: reason,
            disposition: disposition, createdAt: createdAt, enqueuedAt: enqueuedAt, answeredAt: answeredAt,
            times: times, target: lengthIfAny(), by: try party())
        return ContactRecordRow(position: position, closedAt: closedAt, facts: facts)
    }
}
