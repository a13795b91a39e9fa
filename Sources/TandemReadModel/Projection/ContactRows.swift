internal import TandemCore
internal import TandemJournal

/// Rows of `contact`, gathered over a batch; a column no event spoke of keeps its value.
///
/// What is in an index (`queue`, `agent`, `open`) is written by statements of its own, so that the many changes of
/// state in between touch the row alone.
final class ContactRows {
    private struct Change {
        var created: ContactCreated?
        var createdAt = Timestamp(milliseconds: 0)
        var state: ContactState?
        var since: Timestamp?
        var queue: QueueID?
        var agent: AgentID?
        var priority: UInt8?
        var boost: Int32?
        var note: String?
        var enqueuedAt: Timestamp?
        var queueReason: QueueReason?
        var waiting: Waiting?
        var answeredAt: Timestamp?
        var wrapUntil: Timestamp?
        var closed: ContactClosed?
        var closedAt: Timestamp?

        mutating func enter(_ state: ContactState, at time: Timestamp) {
            self.state = state
            since = time
        }

        mutating func wait(as queued: ContactQueued) {
            queue = queued.leg.queue
            priority = queued.priority
            boost = queued.boost
            note = queued.note ?? note
            waiting = queued.waiting
        }
    }

    private let insert: Statement
    private let updateProgress: Statement
    private let updateQueue: Statement
    private let updateAgent: Statement
    private let updateClosed: Statement
    private var changes: [UInt64: Change] = [:]

    init(_ database: Database) throws(DatabaseError) {
        insert = try database.prepare(
            """
            INSERT INTO contact (id, state, since, priority, boost, note, enqueued_at, queue_reason, policy,
                policy_version, rule, step, answered_at, wrap_until, queue, agent, conversation, tenant, customer,
                channel, kind, open, previous, tags, skills, preferred_agent, created_at, age_since)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?)
            """)
        updateProgress = try database.prepare(
            """
            UPDATE contact SET state = coalesce(?2, state), since = coalesce(?3, since),
                priority = coalesce(?4, priority), boost = coalesce(?5, boost), note = coalesce(?6, note),
                enqueued_at = coalesce(?7, enqueued_at), queue_reason = coalesce(?8, queue_reason),
                policy = iif(?10 IS NULL, policy, ?9), policy_version = coalesce(?10, policy_version),
                rule = coalesce(?11, rule), step = coalesce(?12, step), answered_at = coalesce(answered_at, ?13),
                wrap_until = coalesce(?14, wrap_until)
            WHERE id = ?1
            """)
        updateQueue = try database.prepare("UPDATE contact SET queue = ?2 WHERE id = ?1 AND queue <> ?2")
        updateAgent = try database.prepare("UPDATE contact SET agent = ?2 WHERE id = ?1 AND agent IS NOT ?2")
        updateClosed = try database.prepare(
            """
            UPDATE contact SET open = 0, state = 7, since = ?2, closed_at = ?2, end_reason = ?3, disposition = ?4,
                next = ?5, enqueued_at = ?6, answered_at = ?7
            WHERE id = ?1
            """)
    }

    private func change(_ id: ContactID, _ body: (inout Change) -> Void) {
        body(&changes[id.raw, default: Change()])
    }

    func note(_ created: ContactCreated, at time: Timestamp) {
        change(created.leg.contact) { change in
            change.created = created
            change.createdAt = time
            change.queue = created.leg.queue
            change.priority = created.priority
            change.boost = created.boost
            change.enter(.created, at: time)
        }
    }

    func noteBot(_ leg: Leg, at time: Timestamp) { change(leg.contact) { $0.enter(.bot, at: time) } }

    func noteQueued(_ queued: ContactQueued, at time: Timestamp) {
        change(queued.leg.contact) { change in
            change.enter(.queued, at: time)
            change.enqueuedAt = queued.enqueuedAt
            change.queueReason = queued.reason
            change.wait(as: queued)
        }
    }

    /// A step expires while the contact waits or is offered; where it stands stays.
    func noteStepped(_ queued: ContactQueued) {
        change(queued.leg.contact) { $0.wait(as: queued) }
    }

    func notePriority(_ leg: Leg, _ priority: UInt8) { change(leg.contact) { $0.priority = priority } }

    func noteOffered(_ made: OfferMade, at time: Timestamp) {
        change(made.leg.contact) { $0.enter(.offered, at: time) }
    }

    func noteAccepted(_ ended: OfferEnded, at time: Timestamp) {
        change(ended.leg.contact) { change in
            change.enter(.connected, at: time)
            change.agent = ended.agent
            change.answeredAt = change.answeredAt ?? time
        }
    }

    func noteTalk(_ leg: Leg, with agent: AgentID, held: Bool, at time: Timestamp) {
        change(leg.contact) { change in
            change.enter(held ? .held : .connected, at: time)
            change.agent = agent
        }
    }

    func note(_ wrapping: ContactWrapping, at time: Timestamp) {
        change(wrapping.leg.contact) { change in
            change.enter(.wrapping, at: time)
            change.agent = wrapping.agent
            change.wrapUntil = wrapping.until
        }
    }

    func note(_ closed: ContactClosed, at time: Timestamp) {
        change(closed.leg.contact) { change in
            change.closed = closed
            change.closedAt = time
            change.agent = closed.agent ?? change.agent
        }
    }

    /// Writes what was gathered and forgets it. Returns the rows written.
    func flush() throws(DatabaseError) -> Int {
        for (raw, change) in changes.sorted(by: { $0.key < $1.key }) {
            let id = ContactID(raw: raw)
            if let created = change.created {
                try write(created, change, id)
            } else {
                try write(change, id)
            }
            if let closed = change.closed { try write(closed, at: change.closedAt, id) }
        }
        defer { discard() }
        return changes.count
    }

    func discard() { changes.removeAll(keepingCapacity: true) }

    private func addProgress(_ change: Change, to row: inout RowBinding) throws(DatabaseError) {
        try row.add(word: change.state)
        try row.add(change.since)
        try row.add(change.priority.map { Int64($0) })
        try row.add(change.boost.map { Int64($0) })
        try row.add(text: change.note)
        try row.add(change.enqueuedAt)
        try row.add(word: change.queueReason)
        try row.add(change.waiting?.policy)
        try row.add(change.waiting.map { Int64($0.policyVersion) })
        try row.add(change.waiting.map { Int64($0.rule) })
        try row.add(change.waiting.map { Int64($0.step) })
        try row.add(change.answeredAt)
        try row.add(change.wrapUntil)
    }

    private func write(_ created: ContactCreated, _ change: Change, _ id: ContactID) throws(DatabaseError) {
        var row = RowBinding(insert)
        try row.add(id)
        try addProgress(change, to: &row)
        try row.add(change.queue)
        try row.add(change.agent)
        try row.add(created.leg.conversation)
        try row.add(created.leg.tenant)
        try row.add(created.leg.customer)
        try row.add(word: created.channel)
        try row.add(word: created.kind)
        try row.add(created.previous)
        try row.add(text: JSONText.tags(created.tags))
        try row.add(text: JSONText.skills(created.skills))
        try row.add(created.preferredAgent)
        try row.add(change.createdAt)
        try row.add(created.ageSince)
        try insert.run()
    }

    private func write(_ change: Change, _ id: ContactID) throws(DatabaseError) {
        if change.state != nil || change.priority != nil {
            var row = RowBinding(updateProgress)
            try row.add(id)
            try addProgress(change, to: &row)
            try updateProgress.run()
        }
        if let queue = change.queue {
            var row = RowBinding(updateQueue)
            try row.add(id)
            try row.add(queue)
            try updateQueue.run()
        }
        if let agent = change.agent {
            var row = RowBinding(updateAgent)
            try row.add(id)
            try row.add(agent)
            try updateAgent.run()
        }
    }

    private func write(_ closed: ContactClosed, at time: Timestamp?, _ id: ContactID) throws(DatabaseError) {
        var row = RowBinding(updateClosed)
        try row.add(id)
        try row.add(time)
        try row.add(word: closed.reason)
        try row.add(text: closed.disposition)
        try row.add(closed.next)
        try row.add(closed.enqueuedAt)
        try row.add(closed.answeredAt)
        try updateClosed.run()
    }
}
