package import TandemCore

/// A conversation as the read model has it; its text is in the transcript.
package struct ConversationRow: Hashable, Sendable {
    package let id: ConversationID
    package let tenant: TenantID
    package let customer: CustomerID
    package let channel: Channel
    package let subject: String
    package let isOpen: Bool
    package let openedAt: Timestamp
    package let closedAt: Timestamp?
    package let closedBy: Party?
    package let messages: UInt64
    package let lastMessageAt: Timestamp?
    package let lastAuthor: Party?
    package let customerDelivered: UInt64
    package let customerRead: UInt64
    package let agentRead: UInt64
    /// Its events were removed then, their retention being over.
    package let prunedAt: Timestamp?
}

/// Which conversations of a tenant are asked for; what is nil does not matter.
package struct ConversationFilter: Hashable, Sendable {
    package var isOpen: Bool?
    package var customer: CustomerID?
    /// Some leg of it is or was in the queue.
    package var queue: QueueID?
    /// The agent handles or handled some leg of it.
    package var agent: AgentID?

    package init(
        isOpen: Bool? = nil, customer: CustomerID? = nil, queue: QueueID? = nil, agent: AgentID? = nil
    ) {
        self.isOpen = isOpen
        self.customer = customer
        self.queue = queue
        self.agent = agent
    }
}

extension StoreReader {
    private static let conversationColumns = """
        c.id, c.tenant, c.customer, c.channel, c.subject, c.open, c.opened_at, c.closed_at, c.closed_by, c.messages,
        c.last_message_at, c.last_author, c.customer_delivered, c.customer_read, c.agent_read, c.pruned_at
        """

    /// A tenant's conversations, newest first, from the one before `before`.
    package func conversations(
        of tenant: TenantID, _ filter: ConversationFilter = ConversationFilter(), before: ConversationID? = nil,
        limit: Int
    ) throws(StoreError) -> Page<ConversationRow, ConversationID> {
        let byLeg = filter.queue != nil || filter.agent != nil
        let key = byLeg ? "k.conversation" : "c.id"
        var sql = "SELECT \(Self.conversationColumns) FROM "
        sql += byLeg ? "contact k CROSS JOIN conversation c ON c.id = k.conversation" : "conversation c"
        // The planner may not look into the partial index of open ones when the flag is a parameter.
        sql += " WHERE c.tenant = ? AND \(key) < ?"
        if let isOpen = filter.isOpen { sql += " AND c.open = \(isOpen ? 1 : 0)" }
        if filter.customer != nil { sql += " AND c.customer = ?" }
        if filter.queue != nil { sql += " AND k.queue = ?" }
        if filter.agent != nil { sql += " AND k.agent = ?" }
        if byLeg { sql += " GROUP BY k.conversation" }
        sql += " ORDER BY \(key) DESC LIMIT ?"
        let limit = StoreLimits.page(limit)
        let found = try rows(sql, of: "conversation") { row in
            try row.add(tenant)
            try row.add(before ?? ConversationID(raw: .max))
            if let customer = filter.customer { try row.add(customer) }
            if let queue = filter.queue { try row.add(queue) }
            if let agent = filter.agent { try row.add(agent) }
            try row.add(number: limit + 1)
        } read: { row in
            try row.conversation()
        }
        return Page(found, limit: limit) { $0.id }
    }

    package func conversation(_ id: ConversationID) throws(StoreError) -> ConversationRow? {
        try rows("SELECT \(Self.conversationColumns) FROM conversation c WHERE c.id = ?", of: "conversation") { row in
            try row.add(id)
        } read: { row in
            try row.conversation()
        }.first
    }
}

extension RowReading {
    fileprivate mutating func conversation() throws(StoreError) -> ConversationRow {
        try ConversationRow(
            id: id(), tenant: id(), customer: id(), channel: word(), subject: text(), isOpen: flag(),
            openedAt: time(), closedAt: timeIfAny(), closedBy: partyIfAny(), messages: count(),
            lastMessageAt: timeIfAny(), lastAuthor: partyIfAny(), customerDelivered: count(), customerRead: count(),
            agentRead: count(), prunedAt: timeIfAny())
    }
}
