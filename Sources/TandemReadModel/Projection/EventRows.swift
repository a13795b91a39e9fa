internal import TandemCore
internal import TandemJournal
internal import TandemWire

/// Rows of `event`, `event_actor` and `entry`: written once, in order.
///
/// The postings of a batch are kept back and written sorted by actor, so that each leaf of the index is visited once.
final class EventRows {
    private struct Posting {
        let actor: UInt64
        let event: Int64
    }

    /// Rows that one statement writes: beginning and ending it costs a quarter of what a row alone does.
    private static let postingsAtOnce = 16

    private let insert: Statement
    private let insertMessage: Statement
    private let insertPosting: Statement
    private let insertPostings: Statement
    private let insertEntry: Statement
    private var postings: [Posting] = []
    private var bytes = WireWriter()

    init(_ database: Database) throws(DatabaseError) {
        insert = try database.prepare(
            "INSERT INTO event (id, time, kind, actor_kind, actor, tenant, bytes) VALUES (?, ?, ?, ?, ?, ?, ?)")
        insertMessage = try database.prepare(
            """
            INSERT INTO event (id, time, kind, actor_kind, actor, tenant, bytes, author_kind, author, sequence, text)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        let postings = "INSERT INTO event_actor (actor, event) VALUES (?, ?)"
        insertPosting = try database.prepare(postings)
        insertPostings = try database.prepare(
            postings + String(repeating: ", (?, ?)", count: Self.postingsAtOnce - 1))
        insertEntry = try database.prepare(
            "INSERT INTO entry (idx, time, key_high, key_low, body, answer) VALUES (?, ?, ?, ?, ?, ?)")
    }

    /// - Parameter format: of the event's entry: what a node has of it, any node that has the entry can read.
    func write(
        _ event: Event, in format: UInt8, at time: Timestamp, _ position: EventPosition
    ) throws(DatabaseError) {
        var first: ActorID?
        let before = postings.count
        event.forEachAudience { actor in
            first = first ?? actor
            // An event may name an actor twice; it is posted once.
            if postings[before...].contains(where: { $0.actor == actor.raw }) { return }
            postings.append(Posting(actor: actor.raw, event: position.rawValue))
        }
        guard let first else { return }
        bytes.removeAll()
        EventCodec.write(event, in: format, textApart: true, to: &bytes)
        let message: MessagePosted? = if case .messagePosted(let message) = event { message } else { nil }
        let statement = message == nil ? insert : insertMessage
        var row = RowBinding(statement)
        try row.add(position)
        try row.add(time)
        try row.add(number: EventName(event).code)
        try row.add(word: first.kind)
        try row.add(raw: first.raw)
        try row.add(event.tenant.map { Int64(bitPattern: $0.raw) })
        // The buffer is borrowed by the statement until it has run.
        try bytes.withBytes { bytes throws(DatabaseError) in
            try row.add(borrowed: bytes)
            if let message {
                try row.add(message.author.code)
                try row.add(raw: message.author.raw)
                try row.add(number: message.sequence)
                try row.add(text: message.text)
            }
            try statement.run()
        }
    }

    /// Remembers the answer of a command that may come again.
    func write(_ key: CommandKey, of entry: Entry, _ index: UInt64) throws(DatabaseError) {
        bytes.removeAll()
        bytes.write(entry.answer)
        var row = RowBinding(insertEntry)
        try row.add(number: index)
        try row.add(entry.time)
        try row.add(raw: key.high)
        try row.add(raw: key.low)
        try row.add(raw: key.body)
        try bytes.withBytes { bytes throws(DatabaseError) in
            try row.add(borrowed: bytes)
            try insertEntry.run()
        }
    }

    /// Writes the postings that were kept back. Returns the rows written.
    func flush() throws(DatabaseError) -> Int {
        defer { discard() }
        postings.sort { ($0.actor, $0.event) < ($1.actor, $1.event) }
        var written = 0
        while written < postings.count {
            let isMany = postings.count - written >= Self.postingsAtOnce
            let statement = isMany ? insertPostings : insertPosting
            var parameter: Int32 = 1
            for posting in postings[written..<written + (isMany ? Self.postingsAtOnce : 1)] {
                try statement.bind(Int64(bitPattern: posting.actor), at: parameter)
                try statement.bind(posting.event, at: parameter + 1)
                parameter += 2
                written += 1
            }
            try statement.run()
        }
        return written
    }

    func discard() { postings.removeAll(keepingCapacity: true) }
}
