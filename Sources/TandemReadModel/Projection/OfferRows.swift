internal import TandemCore
internal import TandemJournal

/// Rows of `offer`, gathered over a batch, and of `decision`, which are written once.
final class OfferRows {
    private struct Change {
        var made: OfferMade?
        var madeAt = Timestamp(milliseconds: 0)
        var position = EventPosition.start
        var ended: OfferEnded?
        var endedAt: Timestamp?
    }

    private let insert: Statement
    private let update: Statement
    private let insertDecision: Statement
    private var changes: [UInt64: Change] = [:]

    init(_ database: Database) throws(DatabaseError) {
        insert = try database.prepare(
            """
            INSERT INTO offer (id, outcome, ended_at, waited, declined_until, contact, conversation, tenant, queue,
                agent, channel, made_at, expires_at, decision)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        update = try database.prepare(
            "UPDATE offer SET outcome = ?2, ended_at = ?3, waited = ?4, declined_until = ?5 WHERE id = ?1")
        insertDecision = try database.prepare(
            """
            INSERT INTO decision (event, offer, contact, tenant, queue, agent, time, trigger, policy, policy_version,
                rule, step, strategy, priority, age, eligible, requirement, candidates, ruled_out)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
    }

    func note(_ made: OfferMade, at time: Timestamp, _ position: EventPosition) {
        changes[made.offer.raw] = Change(made: made, madeAt: time, position: position)
    }

    func note(_ ended: OfferEnded, at time: Timestamp) {
        var change = changes[ended.offer.raw] ?? Change()
        change.ended = ended
        change.endedAt = time
        changes[ended.offer.raw] = change
    }

    /// Writes what was gathered and forgets it. Returns the rows written.
    func flush() throws(DatabaseError) -> Int {
        var rows = changes.count
        for (raw, change) in changes.sorted(by: { $0.key < $1.key }) {
            let statement = change.made == nil ? update : insert
            var row = RowBinding(statement)
            try row.add(OfferID(raw: raw))
            try row.add(word: change.ended?.outcome)
            try row.add(change.endedAt)
            try row.add(change.ended.flatMap { $0.outcome == .accepted ? $0.waited : nil })
            try row.add(change.ended?.declinedUntil)
            if let made = change.made {
                try row.add(made.leg.contact)
                try row.add(made.leg.conversation)
                try row.add(made.leg.tenant)
                try row.add(made.leg.queue)
                try row.add(made.agent)
                try row.add(word: made.channel)
                try row.add(change.madeAt)
                try row.add(made.expiresAt)
                try row.add(change.position)
                try writeDecision(of: made, at: change.madeAt, change.position)
                rows += 1
            }
            try statement.run()
        }
        discard()
        return rows
    }

    func discard() { changes.removeAll(keepingCapacity: true) }

    private func writeDecision(
        of made: OfferMade, at time: Timestamp, _ position: EventPosition
    ) throws(DatabaseError) {
        let decision = made.decision
        var row = RowBinding(insertDecision)
        try row.add(position)
        try row.add(made.offer)
        try row.add(made.leg.contact)
        try row.add(made.leg.tenant)
        try row.add(made.leg.queue)
        try row.add(made.agent)
        try row.add(time)
        try row.add(word: decision.trigger)
        try row.add(decision.policy)
        try row.add(number: decision.policyVersion)
        try row.add(number: decision.rule)
        try row.add(number: decision.step)
        try row.add(word: decision.strategy)
        try row.add(number: decision.order.priority)
        try row.add(decision.age)
        try row.add(number: decision.eligible)
        try row.add(text: JSONText.requirement(decision.requirement))
        try row.add(text: JSONText.candidates(decision.candidates))
        try row.add(text: JSONText.ruledOut(decision.ruledOut))
        try insertDecision.run()
    }
}
