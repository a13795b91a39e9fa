package import TandemCore

/// The last activation of one metric's clock on one contact.
package struct ClockRow: Hashable, Sendable {
    package let contact: ContactID
    package let metric: SLAMetric
    package let conversation: ConversationID
    package let tenant: TenantID
    package let queue: QueueID
    package let state: ClockState
    /// Nil: nothing is promised.
    package let target: Milliseconds?
    package let warnPercent: UInt8?
    package let activatedAt: Timestamp
    package let warnAt: Timestamp?
    /// Nil where nothing is promised, and where a policy was applied to a clock that did not run.
    package let dueAt: Timestamp?
    /// While paused.
    package let remaining: Milliseconds?
    package let warnedAt: Timestamp?
    package let breachedAt: Timestamp?
    package let fulfilledAt: Timestamp?
    package let elapsed: Milliseconds?
}

package enum ClockFilter: Hashable, Sendable {
    /// By what is due first.
    case state(ClockState)
    /// Whatever its state now, by what was breached first.
    case breached
}

/// Promises are listed by a moment: when they are due, or were made where that is not known, or when they were breached.
package struct ClockCursor: Hashable, Sendable {
    package let at: Timestamp
    package let contact: ContactID
    package let metric: SLAMetric
    package init(at: Timestamp, contact: ContactID, metric: SLAMetric) {
        self.at = at
        self.contact = contact
        self.metric = metric
    }
}

extension StoreReader {
    private static let clockColumns = """
        contact, metric, conversation, tenant, queue, state, target, warn_percent, activated_at, warn_at, due_at, remaining,
        warned_at, breached_at, fulfilled_at, elapsed
        """

    /// A tenant's promises from the one after `after`.
    package func clocks(
        of tenant: TenantID, _ filter: ClockFilter, after: ClockCursor? = nil, limit: Int
    ) throws(StoreError) -> Page<ClockRow, ClockCursor> {
        let (condition, moment) =
            switch filter {
            case .state(let state): ("state = \(state.rawValue) AND target IS NOT NULL", ClockTable.moment)
            case .breached: ("breached_at IS NOT NULL", "breached_at")
            }
        let sql = """
            SELECT \(Self.clockColumns) FROM sla_clock
            WHERE tenant = ? AND \(condition) AND (\(moment), contact, metric) > (?, ?, ?)
            ORDER BY \(moment), contact, metric LIMIT ?
            """
        let limit = StoreLimits.page(limit)
        let found = try rows(sql, of: "sla_clock") { row in
            try row.add(tenant)
            try row.add(after?.at.milliseconds ?? .min)
            try row.add(after?.contact ?? ContactID(raw: 0))
            try row.add(number: after?.metric.rawValue ?? 0)
            try row.add(number: limit + 1)
        } read: { row in
            try row.clock()
        }
        return Page(found, limit: limit) { clock in
            ClockCursor(
                at: (filter == .breached ? clock.breachedAt : nil) ?? clock.dueAt ?? clock.activatedAt,
                contact: clock.contact, metric: clock.metric)
        }
    }

    /// The clocks of one contact, by metric.
    package func clocks(of contact: ContactID) throws(StoreError) -> [ClockRow] {
        try rows("SELECT \(Self.clockColumns) FROM sla_clock WHERE contact = ? ORDER BY metric", of: "sla_clock") {
            row in
            try row.add(contact)
        } read: { row in
            try row.clock()
        }
    }
}

extension RowReading {
    fileprivate mutating func clock() throws(StoreError) -> ClockRow {
        try ClockRow(
            contact: id(), metric: word(), conversation: id(), tenant: id(), queue: id(), state: word(),
            target: lengthIfAny(), warnPercent: countIfAny(), activatedAt: time(), warnAt: timeIfAny(),
            dueAt: timeIfAny(), remaining: lengthIfAny(),
            warnedAt: timeIfAny(), breachedAt: timeIfAny(), fulfilledAt: timeIfAny(), elapsed: lengthIfAny())
    }
}
