internal import TandemCore
internal import TandemJournal

/// Rows of `conversation`, gathered over a batch: a thousand messages to one conversation are one UPDATE.
///
/// A change holds only what its events said; a column no event spoke of keeps its value, so nothing is read first.
final class ConversationRows {
    /// What messages and receipts change; in no index.
    private struct Figures {
        var messages: UInt64?
        var lastMessageAt: Timestamp?
        var lastAuthor: Party?
        var customerDelivered: UInt64 = 0
        var customerRead: UInt64 = 0
        var agentRead: UInt64 = 0
    }

    private struct Life {
        var opened: ConversationOpened?
        var openedAt: Timestamp
        var isOpen: Bool
        var closedAt: Timestamp?
        var closedBy: Party?
    }

    private let insert: Statement
    private let updateFigures: Statement
    private let updateLife: Statement
    private var figures: [UInt64: Figures] = [:]
    private var lives: [UInt64: Life] = [:]

    init(_ database: Database) throws(DatabaseError) {
        insert = try database.prepare(
            """
            INSERT INTO conversation (id, actor, tenant, customer, channel, subject, open, opened_at, closed_at,
                closed_by, messages, last_message_at, last_author, customer_delivered, customer_read, agent_read)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        updateFigures = try database.prepare(
            """
            UPDATE conversation SET messages = coalesce(?2, messages), last_message_at = coalesce(?3, last_message_at),
                last_author = coalesce(?4, last_author), customer_delivered = max(customer_delivered, ?5),
                customer_read = max(customer_read, ?6), agent_read = max(agent_read, ?7)
            WHERE id = ?1
            """)
        updateLife = try database.prepare(
            "UPDATE conversation SET open = ?2, closed_at = ?3, closed_by = ?4 WHERE id = ?1")
    }

    func note(_ opened: ConversationOpened, at time: Timestamp) {
        lives[opened.conversation.raw] = Life(opened: opened, openedAt: time, isOpen: true)
    }

    func noteReopened(_ id: ConversationID) {
        noteLife(id, isOpen: true, closedAt: nil, closedBy: nil)
    }

    func noteClosed(_ id: ConversationID, by party: Party, at time: Timestamp) {
        noteLife(id, isOpen: false, closedAt: time, closedBy: party)
    }

    private func noteLife(_ id: ConversationID, isOpen: Bool, closedAt: Timestamp?, closedBy: Party?) {
        var life = lives[id.raw] ?? Life(opened: nil, openedAt: Timestamp(milliseconds: 0), isOpen: isOpen)
        life.isOpen = isOpen
        life.closedAt = closedAt
        life.closedBy = closedBy
        lives[id.raw] = life
    }

    func note(_ message: MessagePosted, at time: Timestamp) {
        change(&figures[message.conversation.raw, default: Figures()]) { figures in
            figures.messages = message.sequence
            figures.lastMessageAt = time
            figures.lastAuthor = message.author
        }
    }

    /// One look-up for several fields.
    private func change(_ figures: inout Figures, _ body: (inout Figures) -> Void) { body(&figures) }

    func noteDelivered(_ marked: MessagesMarked) {
        guard case .customer = marked.by else { return }
        mark(marked, \.customerDelivered)
    }

    func noteRead(_ marked: MessagesMarked) {
        switch marked.by {
        case .customer: mark(marked, \.customerRead)
        case .system, .bot, .agent, .staff: mark(marked, \.agentRead)
        }
    }

    private func mark(_ marked: MessagesMarked, _ column: WritableKeyPath<Figures, UInt64>) {
        change(&figures[marked.conversation.raw, default: Figures()]) { figures in
            figures[keyPath: column] = max(figures[keyPath: column], marked.upTo)
        }
    }

    /// Writes what was gathered and forgets it. Returns the rows written.
    func flush() throws(DatabaseError) -> Int {
        var rows = 0
        for (raw, life) in lives.sorted(by: { $0.key < $1.key }) {
            try write(life, of: ConversationID(raw: raw))
            rows += 1
        }
        for (raw, changed) in figures.sorted(by: { $0.key < $1.key }) {
            var row = RowBinding(updateFigures)
            try row.add(ConversationID(raw: raw))
            try add(changed, to: &row)
            try updateFigures.run()
            rows += 1
        }
        discard()
        return rows
    }

    func discard() {
        lives.removeAll(keepingCapacity: true)
        figures.removeAll(keepingCapacity: true)
    }

    private func write(_ life: Life, of id: ConversationID) throws(DatabaseError) {
        guard let opened = life.opened else {
            var row = RowBinding(updateLife)
            try row.add(id)
            try row.add(flag: life.isOpen)
            try row.add(life.closedAt)
            try row.add(text: life.closedBy?.text)
            return try updateLife.run()
        }
        var row = RowBinding(insert)
        try row.add(id)
        try row.add(raw: id.raw)
        try row.add(opened.tenant)
        try row.add(opened.customer)
        try row.add(word: opened.channel)
        try row.add(text: opened.subject)
        try row.add(flag: life.isOpen)
        try row.add(life.openedAt)
        try row.add(life.closedAt)
        try row.add(text: life.closedBy?.text)
        var changed = figures.removeValue(forKey: id.raw) ?? Figures()
        changed.messages = changed.messages ?? 0
        try add(changed, to: &row)
        try insert.run()
    }

    private func add(_ figures: Figures, to row: inout RowBinding) throws(DatabaseError) {
        try row.add(figures.messages.map { Int64(truncatingIfNeeded: $0) })
        try row.add(figures.lastMessageAt)
        try row.add(text: figures.lastAuthor?.text)
        try row.add(number: figures.customerDelivered)
        try row.add(number: figures.customerRead)
        try row.add(number: figures.agentRead)
    }
}
