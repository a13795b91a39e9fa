/// One running promise on a contact.
///
/// ```
/// inactive ──▶ running ⇄ paused
///                 └──▶ fulfilled        a breached clock keeps running until it is fulfilled
/// ```
/// A clock that is not there is inactive; a fulfilled one stays until its contact closes.
package struct SLAClock: Hashable, Sendable {
    package enum State: Hashable, Sendable {
        /// `since`: the last start or resume. A clock started or resumed after its target has a `dueAt` before `since`, by as much
        /// as it was over.
        case running(since: Timestamp, warnAt: Timestamp?, dueAt: Timestamp)
        /// `remaining` is negative when the target was over.
        case paused(remaining: Milliseconds)
        case fulfilled(at: Timestamp)
    }
    /// What a timer finds to do; a warning comes before its breach.
    package enum Due: Hashable, Sendable {
        case warning, breach
    }
    package let metric: SLAMetric
    package let target: Milliseconds
    package let calendar: CalendarID?
    package internal(set) var state: State
    package internal(set) var activatedAt: Timestamp
    package internal(set) var warned: Bool
    package internal(set) var breachedAt: Timestamp?

    package init(
        metric: SLAMetric, target: Milliseconds, calendar: CalendarID?, state: State, activatedAt: Timestamp,
        warned: Bool, breachedAt: Timestamp?
    ) {
        self.metric = metric
        self.target = target
        self.calendar = calendar
        self.state = state
        self.activatedAt = activatedAt
        self.warned = warned
        self.breachedAt = breachedAt
    }
}

// What is read off a clock. The calendar handed in is the one its `calendar` names; nil: wall time.
extension SLAClock {
    /// The clock to start for a metric: of the queue's policy, or of the standard one where the queue has none; nil
    /// when nothing is promised. A calendar that the tenant does not have counts as none.
    ///
    /// What counts already is taken from the target: the time `since` then by this clock's calendar, and `used` of
    /// the clock that it goes on for. Where that is all of it, the clock is over by the rest.
    package static func activate(
        _ metric: SLAMetric, channel: Channel, policy: SLAPolicy?, tenant: Tenant?, queueCalendar: CalendarID?,
        since start: Timestamp? = nil, used: Milliseconds = .zero, now: Timestamp
    ) -> ClockSet? {
        let spec = policy?.spec ?? .standard
        guard let promise = spec.target(for: metric, channel: channel) else { return nil }
        let calendar = (promise.calendar ?? queueCalendar).flatMap { tenant?.calendar($0) }
        let remaining = promise.target - used - span(from: start ?? now, to: now, calendar: calendar)
        let deadlines = deadlines(after: remaining, of: promise.target, now: now, calendar: calendar)
        return ClockSet(
            metric: metric, target: promise.target, calendar: calendar?.id, policy: policy?.id,
            policyVersion: policy?.version ?? 0, warnAt: deadlines.warnAt, dueAt: deadlines.dueAt)
    }

    /// What is left at a pause, negative when the target is over; nil unless the clock runs.
    package func pausing(at now: Timestamp, calendar: BusinessCalendar?) -> Milliseconds? {
        guard case .running = state, let elapsed = elapsed(at: now, calendar: calendar) else { return nil }
        return target - elapsed
    }

    /// The deadlines of a clock that goes on; nil unless it is paused.
    package func resuming(
        at now: Timestamp, calendar: BusinessCalendar?
    ) -> (warnAt: Timestamp?, dueAt: Timestamp)? {
        guard case .paused(let remaining) = state else { return nil }
        let deadlines = Self.deadlines(after: remaining, of: target, now: now, calendar: calendar)
        return (warned ? nil : deadlines.warnAt, deadlines.dueAt)
    }

    /// Where the target is over, `dueAt` lies before `now` by as much: that is how a clock keeps it.
    private static func deadlines(
        after remaining: Milliseconds, of target: Milliseconds, now: Timestamp, calendar: BusinessCalendar?
    ) -> (warnAt: Timestamp, dueAt: Timestamp) {
        guard remaining > .zero else { return (now, now + remaining) }
        return (
            advance(now, by: remaining - reserve(of: target), calendar: calendar),
            advance(now, by: remaining, calendar: calendar)
        )
    }

    /// The time that counts against the target so far, pauses left out; nil once fulfilled: its event told it.
    ///
    /// A clock whose calendar is never open again stands still, and reads as it stood when it began to.
    package func elapsed(at now: Timestamp, calendar: BusinessCalendar?) -> Milliseconds? {
        switch state {
        case .running(let since, _, let dueAt):
            let sinceResume = Self.span(from: since, to: now, calendar: calendar)
            if dueAt == .distantFuture { return sinceResume }
            if dueAt < since { return target + (since - dueAt) + sinceResume }
            return target - Self.span(from: since, to: dueAt, calendar: calendar) + sinceResume
        case .paused(let remaining): return target - remaining
        case .fulfilled: return nil
        }
    }

    /// When a timer has something to do; nil: never by itself.
    package var nextDeadline: Timestamp? {
        switch state {
        case .running(_, let warnAt, let dueAt):
            let deadline: Timestamp? = !warned && warnAt != nil ? warnAt : breachedAt == nil ? dueAt : nil
            return deadline == .distantFuture ? nil : deadline
        case .paused, .fulfilled: return nil
        }
    }

    /// The running deadlines, warning first.
    package func deadlines(of contact: ContactID) -> [Deadline] {
        guard case .running(_, let warnAt, let dueAt) = state else { return [] }
        var deadlines: [Deadline] = []
        if !warned, let warnAt, warnAt != .distantFuture {
            deadlines.append(Deadline(.slaWarning, at: warnAt, contact: contact))
        }
        if breachedAt == nil, dueAt != .distantFuture {
            deadlines.append(Deadline(.slaBreach, at: dueAt, contact: contact))
        }
        return deadlines
    }

    /// What fires now, each thing once in the life of a clock; empty when a timer came late.
    package func due(at now: Timestamp) -> [Due] {
        guard case .running(_, let warnAt, let dueAt) = state else { return [] }
        var due: [Due] = []
        if !warned, let warnAt, warnAt <= now { due.append(.warning) }
        if breachedAt == nil, dueAt <= now { due.append(.breach) }
        return due
    }

    /// A fifth of the target is kept for after the warning; rounded down, so that a warning is never early.
    private static func reserve(of target: Milliseconds) -> Milliseconds { Milliseconds(target.count / 5) }

    private static func advance(_ moment: Timestamp, by time: Milliseconds, calendar: BusinessCalendar?) -> Timestamp {
        guard time > .zero else { return moment }
        return calendar?.add(time, to: moment) ?? moment + time
    }

    private static func span(from start: Timestamp, to end: Timestamp, calendar: BusinessCalendar?) -> Milliseconds {
        guard start < end else { return .zero }
        return calendar?.elapsed(from: start, to: end) ?? end - start
    }
}
