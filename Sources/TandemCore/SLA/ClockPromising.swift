// What policies promise, and what a promise makes of a clock: at its start, when it goes on, and afterwards.
extension SLAPolicy {
    /// What a queue's policy promises, or the standard one where the queue has none; nil: nothing. A calendar that the
    /// tenant does not have counts as none.
    package static func promise(
        _ metric: SLAMetric, channel: Channel, by policy: SLAPolicy?, tenant: Tenant?, queueCalendar: CalendarID?
    ) -> ClockPromise? {
        let spec = policy?.spec ?? .standard
        guard let target = spec.target(for: metric, channel: channel) else { return nil }
        let calendar = (target.calendar ?? queueCalendar).flatMap { tenant?.calendar($0) }
        return ClockPromise(
            target: target.target, warnPercent: target.warnPercent, calendar: calendar?.id, policy: policy?.id,
            policyVersion: policy?.version ?? 0)
    }
}

extension SLAClock {
    /// The clock to start for a metric.
    ///
    /// What counts already is taken from the target: the time `since` then, and `used` of the clock that it goes on
    /// for. Where that is all of it, the clock is over by the rest.
    package static func activate(
        _ metric: SLAMetric, promise: ClockPromise?, tenant: Tenant?, since start: Timestamp? = nil,
        used: Milliseconds = .zero, now: Timestamp
    ) -> ClockSet {
        let since = start.flatMap { $0 < now ? $0 : nil }
        guard let promise else { return ClockSet(metric: metric, promise: nil, since: since, used: used) }
        let calendar = promise.calendar.flatMap { tenant?.calendar($0) }
        let deadlines = deadlines(after: promise.target - used, of: promise, from: since ?? now, calendar: calendar)
        return ClockSet(
            metric: metric, promise: promise, since: since, used: used, warnAt: max(now, deadlines.warnAt),
            dueAt: deadlines.dueAt)
    }

    /// The deadlines of a clock that goes on; nil where nothing is promised.
    func resumed(at now: Timestamp, calendar: BusinessCalendar?) -> (warnAt: Timestamp?, dueAt: Timestamp)? {
        guard let promise, let left = left(at: now, calendar: calendar) else { return nil }
        let deadlines = Self.deadlines(after: left, of: promise, from: now, calendar: calendar)
        return (warned ? nil : deadlines.warnAt, deadlines.dueAt)
    }

    /// Where the target is over, `dueAt` lies before `start` by as much: that is how a clock keeps it.
    private static func deadlines(
        after left: Milliseconds, of promise: ClockPromise, from start: Timestamp, calendar: BusinessCalendar?
    ) -> (warnAt: Timestamp, dueAt: Timestamp) {
        guard left > .zero else { return (start, start + left) }
        return (
            advance(start, by: left - promise.reserve, calendar: calendar),
            advance(start, by: left, calendar: calendar)
        )
    }

    /// What a promise makes of the clock as it has run so far: its terms, and when it was broken, if it was.
    ///
    /// `calendar` is the promise's. A run that ends in the very millisecond of the target has kept it.
    func terms(
        of promise: ClockPromise?, at now: Timestamp, calendar: BusinessCalendar?
    ) -> (terms: ClockTerms, brokenAt: Timestamp?) {
        guard let promise else { return (ClockTerms(metric: metric, promise: nil), nil) }
        if isDueAlike(promise) { return (renamed(promise, at: now, calendar: calendar), nil) }
        var left = promise.target - used
        var broken: Timestamp?
        func pass(from start: Timestamp, until isOver: (Timestamp) -> Bool) {
            guard broken == nil else { return }
            let due = Self.advance(start, by: left, calendar: calendar)
            if isOver(due) { broken = due }
        }
        for run in runs {
            pass(from: run.start) { $0 < run.end }
            left = left - Self.span(from: run.start, to: run.end, calendar: calendar)
        }
        var terms = ClockTerms(metric: metric, promise: promise)
        switch state {
        case .running(let since, _, _):
            pass(from: since) { $0 <= now }
            let deadlines = Self.deadlines(after: left, of: promise, from: since, calendar: calendar)
            terms.warnAt = broken == nil ? max(now, deadlines.warnAt) : nil
            terms.dueAt = deadlines.dueAt
        case .paused: terms.remaining = left
        case .fulfilled(let since, let end, _):
            if let since { pass(from: since) { $0 < end } }
        }
        return (terms, broken)
    }

    /// The same deadlines by another name: only the warning may move.
    private func renamed(_ promise: ClockPromise, at now: Timestamp, calendar: BusinessCalendar?) -> ClockTerms {
        var terms = ClockTerms(metric: metric, promise: promise)
        switch state {
        case .running(let since, let warnAt, let dueAt):
            terms.dueAt = dueAt
            terms.warnAt = warned ? nil : warnAt
            guard !warned, promise.warnPercent != self.promise?.warnPercent else { break }
            guard let left = left(at: since, calendar: calendar) else { break }
            terms.warnAt = max(now, Self.deadlines(after: left, of: promise, from: since, calendar: calendar).warnAt)
        case .paused(let remaining): terms.remaining = remaining
        case .fulfilled: break
        }
        return terms
    }

    /// A policy's promise in the place of the one that the clock has, and the breach where the past broke it. Empty
    /// when it is the same promise, of the same version.
    package func apply(
        _ promise: ClockPromise?, at now: Timestamp, of leg: Leg, tenant: Tenant?
    ) -> [Event] {
        guard promise != self.promise else { return [] }
        let (terms, broken) = terms(
            of: promise, at: now, calendar: promise?.calendar.flatMap { tenant?.calendar($0) })
        var events: [Event] = [.clockPolicyApplied(leg, terms)]
        if let broken { events.append(.clockBreached(leg, metric, brokenAt: broken)) }
        return events
    }

    /// Other terms tell anew what they find; the same deadlines by another name do not.
    mutating func take(_ terms: ClockTerms) {
        if !isDueAlike(terms.promise) {
            warned = false
            breachedAt = nil
        }
        promise = terms.promise
        switch state {
        case .running(let since, _, _): state = .running(since: since, warnAt: terms.warnAt, dueAt: terms.dueAt)
        case .paused: state = .paused(remaining: terms.remaining)
        case .fulfilled: break
        }
    }

    private func isDueAlike(_ other: ClockPromise?) -> Bool {
        guard let promise, let other else { return false }
        return promise.isDueLike(other)
    }
}
