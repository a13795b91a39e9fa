package import TandemCore

/// An offer; `outcome` nil: pending.
package struct OfferRow: Hashable, Sendable {
    package let id: OfferID
    package let contact: ContactID
    package let conversation: ConversationID
    package let tenant: TenantID
    package let queue: QueueID
    package let agent: AgentID
    package let channel: Channel
    package let madeAt: Timestamp
    package let expiresAt: Timestamp
    package let outcome: OfferOutcome?
    package let endedAt: Timestamp?
    /// On acceptance: from enqueue to answer.
    package let waited: Milliseconds?
    /// Where its decision stands.
    package let position: EventPosition
}

package enum OfferFilter: Hashable, Sendable {
    case offer(OfferID)
    case contact(ContactID)
    case agent(AgentID)
}

/// Why an offer was made: the event holds the decision whole.
package struct DecisionRow: Hashable, Sendable {
    package let position: EventPosition
    package let time: Timestamp
    package let made: OfferMade
}

extension StoreReader {
    /// Newest first, from the one before `before`.
    package func offers(
        _ filter: OfferFilter, before: OfferID? = nil, limit: Int
    ) throws(StoreError) -> Page<OfferRow, OfferID> {
        let column =
            switch filter {
            case .offer: "id"
            case .contact: "contact"
            case .agent: "agent"
            }
        let sql = """
            SELECT id, contact, conversation, tenant, queue, agent, channel, made_at, expires_at, outcome, ended_at,
                waited, decision
            FROM offer WHERE \(column) = ? AND id < ? ORDER BY id DESC LIMIT ?
            """
        let limit = StoreLimits.page(limit)
        let found = try rows(sql, of: "offer") { row in
            switch filter {
            case .offer(let id): try row.add(id)
            case .contact(let id): try row.add(id)
            case .agent(let id): try row.add(id)
            }
            try row.add(before ?? OfferID(raw: .max))
            try row.add(number: limit + 1)
        } read: { row in
            try OfferRow(
                id: row.id(), contact: row.id(), conversation: row.id(), tenant: row.id(), queue: row.id(),
                agent: row.id(), channel: row.word(), madeAt: row.time(), expiresAt: row.time(),
                outcome: row.wordIfAny(), endedAt: row.timeIfAny(), waited: row.lengthIfAny(),
                position: row.position())
        }
        return Page(found, limit: limit) { $0.id }
    }

    /// The decisions of a contact, oldest first, from the one after `after`.
    package func decisions(
        of contact: ContactID, after: OfferID? = nil, limit: Int
    ) throws(StoreError) -> Page<DecisionRow, OfferID> {
        let limit = StoreLimits.page(limit)
        let sql = """
            SELECT e.id, e.time, e.bytes, e.text FROM offer o CROSS JOIN event e ON e.id = o.decision
            WHERE o.contact = ? AND o.id > ? ORDER BY o.id LIMIT ?
            """
        let found = try rows(sql, of: "event") { row in
            try row.add(contact)
            try row.add(after ?? OfferID(raw: 0))
            try row.add(number: limit + 1)
        } read: { row in
            let stored = try row.storedEvent()
            guard case .offerMade(let made) = stored.event else { throw row.damaged }
            return DecisionRow(position: stored.position, time: stored.time, made: made)
        }
        return Page(found, limit: limit) { $0.made.offer }
    }
}
