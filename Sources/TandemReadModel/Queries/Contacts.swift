package import TandemCore

/// A contact as the read model has it, open or closed.
package struct ContactRow: Hashable, Sendable {
    package let id: ContactID
    package let conversation: ConversationID
    package let tenant: TenantID
    package let customer: CustomerID
    package let queue: QueueID
    package let channel: Channel
    package let kind: LegKind
    package let state: ContactState
    package let since: Timestamp
    /// Who handles it, or handled it last.
    package let agent: AgentID?
    package let previous: ContactID?
    package let next: ContactID?
    package let priority: UInt8
    package let boost: Int32
    /// Why the bot handed over.
    package let note: String?
    package let preferredAgent: AgentID?
    package let createdAt: Timestamp
    package let ageSince: Timestamp
    package let enqueuedAt: Timestamp?
    package let queueReason: QueueReason?
    package let answeredAt: Timestamp?
    package let wrapUntil: Timestamp?
    package let closedAt: Timestamp?
    package let endReason: EndReason?
    package let disposition: String?
}

/// Which contacts are asked for.
package enum ContactFilter: Hashable, Sendable {
    case open(TenantID)
    case conversation(ConversationID)
    case queue(QueueID, onlyOpen: Bool)
    case agent(AgentID, onlyOpen: Bool)
}

/// Contacts are listed by conversation, newest first, and within one newest first.
package struct ContactCursor: Hashable, Sendable {
    package let conversation: ConversationID
    package let contact: ContactID
    package init(conversation: ConversationID, contact: ContactID) {
        self.conversation = conversation
        self.contact = contact
    }
}

extension StoreReader {
    private static let contactColumns = """
        id, conversation, tenant, customer, queue, channel, kind, state, since, agent, previous, next, priority, boost,
        note, preferred_agent, created_at, age_since, enqueued_at, queue_reason, answered_at, wrap_until, closed_at,
        end_reason, disposition
        """

    package func contacts(
        _ filter: ContactFilter, before cursor: ContactCursor? = nil, limit: Int
    ) throws(StoreError) -> Page<ContactRow, ContactCursor> {
        let condition =
            switch filter {
            case .open: "tenant = ? AND open = 1"
            case .conversation: "conversation = ?"
            case .queue(_, let onlyOpen): "queue = ?" + (onlyOpen ? " AND open = 1" : "")
            case .agent(_, let onlyOpen): "agent = ?" + (onlyOpen ? " AND open = 1" : "")
            }
        let sql = """
            SELECT \(Self.contactColumns) FROM contact WHERE \(condition) AND (conversation, id) < (?, ?)
            ORDER BY conversation DESC, id DESC LIMIT ?
            """
        let limit = StoreLimits.page(limit)
        let found = try rows(sql, of: "contact") { row in
            switch filter {
            case .open(let tenant): try row.add(tenant)
            case .conversation(let conversation): try row.add(conversation)
            case .queue(let queue, _): try row.add(queue)
            case .agent(let agent, _): try row.add(agent)
            }
            try row.add(cursor?.conversation ?? ConversationID(raw: .max))
            try row.add(cursor?.contact ?? ContactID(raw: .max))
            try row.add(number: limit + 1)
        } read: { row in
            try row.contact()
        }
        return Page(found, limit: limit) { ContactCursor(conversation: $0.conversation, contact: $0.id) }
    }

    package func contact(_ id: ContactID) throws(StoreError) -> ContactRow? {
        try rows("SELECT \(Self.contactColumns) FROM contact WHERE id = ?", of: "contact") { row in
            try row.add(id)
        } read: { row in
            try row.contact()
        }.first
    }
}

extension RowReading {
    fileprivate mutating func contact() throws(StoreError) -> ContactRow {
        try ContactRow(
            id: id(), conversation: id(), tenant: id(), customer: id(), queue: id(), channel: word(), kind: word(),
            state: word(), since: time(), agent: idIfAny(), previous: idIfAny(), next: idIfAny(), priority: count(),
            boost: count(), note: textIfAny(), preferredAgent: idIfAny(), createdAt: time(), ageSince: time(),
            enqueuedAt: timeIfAny(), queueReason: wordIfAny(), answeredAt: timeIfAny(), wrapUntil: timeIfAny(),
            closedAt: timeIfAny(), endReason: wordIfAny(), disposition: textIfAny())
    }
}
