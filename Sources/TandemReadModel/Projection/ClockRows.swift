internal import TandemCore
internal import TandemJournal

/// Rows of `sla_clock`, gathered over a batch: one per contact and metric, the last activation's.
///
/// State and deadlines are in an index, warnings and breaches in none or in a small one: a statement for each.
final class ClockRows {
    private struct Key: Hashable {
        let contact: UInt64
        let metric: SLAMetric
    }

    private struct Activation {
        var leg: Leg
        var set: ClockSet
        var at: Timestamp
    }

    /// `due` is what the last start or resume said; nil keeps what the row has.
    private struct Change {
        var activation: Activation?
        var terms: ClockTerms?
        var state: ClockState?
        var due: (warnAt: Timestamp?, dueAt: Timestamp)?
        var remaining: Milliseconds?
        var warnedAt: Timestamp?
        var breachedAt: Timestamp?
        var fulfilledAt: Timestamp?
        var elapsed: Milliseconds?
    }

    private let replace: Statement
    private let updateState: Statement
    private let updateMarks: Statement
    private let updateTerms: Statement
    private let end: Statement
    /// What came before a policy was applied in the same batch, in order.
    private var earlier: [(Key, Change)] = []
    private var changes: [Key: Change] = [:]
    private var closed: [ContactID] = []

    init(_ database: Database) throws(DatabaseError) {
        replace = try database.prepare(
            """
            INSERT OR REPLACE INTO sla_clock (contact, metric, state, warn_at, due_at, remaining, fulfilled_at, elapsed,
                warned_at, breached_at, conversation, tenant, queue, target, warn_percent, calendar, policy,
                policy_version, activated_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        updateState = try database.prepare(
            """
            UPDATE sla_clock SET state = ?3, warn_at = iif(?5 IS NULL, warn_at, ?4), due_at = coalesce(?5, due_at),
                remaining = ?6, fulfilled_at = ?7, elapsed = ?8
            WHERE contact = ?1 AND metric = ?2
            """)
        updateMarks = try database.prepare(
            """
            UPDATE sla_clock SET warned_at = coalesce(?3, warned_at), breached_at = coalesce(?4, breached_at)
            WHERE contact = ?1 AND metric = ?2
            """)
        // Other terms tell anew what they find; the same deadlines by another name do not.
        updateTerms = try database.prepare(
            """
            UPDATE sla_clock SET warned_at = iif(target IS ?3 AND calendar IS ?5, warned_at, NULL),
                breached_at = iif(target IS ?3 AND calendar IS ?5, breached_at, NULL), target = ?3, warn_percent = ?4,
                calendar = ?5, policy = ?6, policy_version = ?7, warn_at = ?8, due_at = ?9,
                remaining = iif(state = 1, ?10, NULL)
            WHERE contact = ?1 AND metric = ?2
            """)
        // The clock of the matter outlives the leg that names it.
        end = try database.prepare(
            """
            UPDATE sla_clock SET state = 3
            WHERE contact = ? AND state < 2 AND metric <> \(SLAMetric.resolution.rawValue)
            """)
    }

    func noteActivated(_ leg: Leg, _ set: ClockSet, at time: Timestamp) {
        changes[Key(contact: leg.contact.raw, metric: set.metric)] = Change(
            activation: Activation(leg: leg, set: set, at: time), state: .running,
            due: set.dueAt.map { (set.warnAt, $0) })
    }

    private func change(_ leg: Leg, _ metric: SLAMetric, _ body: (inout Change) -> Void) {
        body(&changes[Key(contact: leg.contact.raw, metric: metric), default: Change()])
    }

    func notePaused(_ leg: Leg, _ metric: SLAMetric, remaining: Milliseconds?) {
        change(leg, metric) { change in
            change.state = .paused
            change.remaining = remaining
        }
    }

    func noteResumed(_ leg: Leg, _ metric: SLAMetric, warnAt: Timestamp?, dueAt: Timestamp?) {
        change(leg, metric) { change in
            change.state = .running
            change.due = dueAt.map { (warnAt, $0) }
            change.remaining = nil
            change.fulfilledAt = nil
            change.elapsed = nil
        }
    }

    func noteWarned(_ leg: Leg, _ metric: SLAMetric, at time: Timestamp) {
        change(leg, metric) { $0.warnedAt = time }
    }

    func noteBreached(_ leg: Leg, _ metric: SLAMetric, at time: Timestamp) {
        change(leg, metric) { $0.breachedAt = time }
    }

    func noteFulfilled(_ leg: Leg, _ metric: SLAMetric, elapsed: Milliseconds, at time: Timestamp) {
        change(leg, metric) { change in
            change.state = .fulfilled
            change.remaining = nil
            change.fulfilledAt = time
            change.elapsed = elapsed
        }
    }

    func noteApplied(_ leg: Leg, _ terms: ClockTerms) {
        let key = Key(contact: leg.contact.raw, metric: terms.metric)
        if let before = changes[key] { earlier.append((key, before)) }
        changes[key] = Change(terms: terms)
    }

    func noteClosed(_ leg: Leg) { closed.append(leg.contact) }

    /// Writes what was gathered and forgets it. Returns the rows written.
    func flush() throws(DatabaseError) -> Int {
        let sorted = changes.sorted {
            ($0.key.contact, $0.key.metric.rawValue) < ($1.key.contact, $1.key.metric.rawValue)
        }
        for (key, change) in earlier + sorted {
            if let activation = change.activation {
                try write(activation, change)
            } else {
                try write(change, of: key)
            }
        }
        for contact in closed {
            var row = RowBinding(end)
            try row.add(contact)
            try end.run()
        }
        defer { discard() }
        return earlier.count + changes.count
    }

    func discard() {
        earlier.removeAll()
        changes.removeAll(keepingCapacity: true)
        closed.removeAll(keepingCapacity: true)
    }

    private func addState(_ change: Change, to row: inout RowBinding) throws(DatabaseError) {
        try row.add(word: change.state)
        try row.add(change.due?.warnAt)
        try row.add(change.due?.dueAt)
        try row.add(change.remaining)
        try row.add(change.fulfilledAt)
        try row.add(change.elapsed)
    }

    private func write(_ activation: Activation, _ change: Change) throws(DatabaseError) {
        var row = RowBinding(replace)
        try row.add(activation.leg.contact)
        try row.add(word: activation.set.metric)
        try addState(change, to: &row)
        try row.add(change.warnedAt)
        try row.add(change.breachedAt)
        try row.add(activation.leg.conversation)
        try row.add(activation.leg.tenant)
        try row.add(activation.leg.queue)
        try addPromise(activation.set.promise, to: &row)
        try row.add(activation.at)
        try replace.run()
    }

    private func addPromise(_ promise: ClockPromise?, to row: inout RowBinding) throws(DatabaseError) {
        try row.add(promise?.target)
        try row.add(promise.map { Int64($0.warnPercent) })
        try row.add(promise?.calendar)
        try row.add(promise?.policy)
        try row.add(promise.map { Int64($0.policyVersion) })
    }

    private func write(_ change: Change, of key: Key) throws(DatabaseError) {
        if let terms = change.terms {
            var row = RowBinding(updateTerms)
            try row.add(ContactID(raw: key.contact))
            try row.add(word: key.metric)
            try addPromise(terms.promise, to: &row)
            try row.add(terms.warnAt)
            try row.add(terms.dueAt)
            try row.add(terms.remaining)
            try updateTerms.run()
        }
        if change.state != nil {
            var row = RowBinding(updateState)
            try row.add(ContactID(raw: key.contact))
            try row.add(word: key.metric)
            try addState(change, to: &row)
            try updateState.run()
        }
        if change.warnedAt != nil || change.breachedAt != nil {
            var row = RowBinding(updateMarks)
            try row.add(ContactID(raw: key.contact))
            try row.add(word: key.metric)
            try row.add(change.warnedAt)
            try row.add(change.breachedAt)
            try updateMarks.run()
        }
    }
}
