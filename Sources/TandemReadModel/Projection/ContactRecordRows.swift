internal import TandemCore
internal import TandemJournal

/// Rows of `contact_record`: the facts of one finished leg, written once.
final class ContactRecordRows {
    private let insert: Statement

    init(_ database: Database) throws(DatabaseError) {
        insert = try database.prepare(
            """
            INSERT INTO contact_record (event, contact, conversation, tenant, customer, queue, agent, channel, kind,
                previous, next, reason, disposition, created_at, enqueued_at, answered_at, closed_at, closed_by, target,
                queued, talk, hold, wrap_up, holds, offers, offers_timed_out)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
    }

    func write(_ closed: ContactClosed, at time: Timestamp, _ position: EventPosition) throws(DatabaseError) {
        var row = RowBinding(insert)
        try row.add(position)
        try row.add(closed.leg.contact)
        try row.add(closed.leg.conversation)
        try row.add(closed.leg.tenant)
        try row.add(closed.leg.customer)
        try row.add(closed.leg.queue)
        try row.add(closed.agent)
        try row.add(word: closed.channel)
        try row.add(word: closed.kind)
        try row.add(closed.previous)
        try row.add(closed.next)
        try row.add(word: closed.reason)
        try row.add(text: closed.disposition)
        try row.add(closed.createdAt)
        try row.add(closed.enqueuedAt)
        try row.add(closed.answeredAt)
        try row.add(time)
        try row.add(text: closed.by.text)
        try row.add(closed.target)
        try row.add(closed.times.queued)
        try row.add(closed.times.talk)
        try row.add(closed.times.hold)
        try row.add(closed.times.wrapUp)
        try row.add(number: closed.times.holds)
        try row.add(number: closed.times.offers)
        try row.add(number: closed.times.offersTimedOut)
        try insert.run()
    }
}
