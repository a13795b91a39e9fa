// How a contact's clocks become events, and events clocks. A contact has at most one clock per metric, sorted by it.
extension [SLAClock] {
    package func clock(_ metric: SLAMetric) -> SLAClock? { first { $0.metric == metric } }

    package var nextDeadline: Timestamp? {
        var next: Timestamp?
        for clock in self {
            guard let deadline = clock.nextDeadline else { continue }
            next = next.map { Swift.min($0, deadline) } ?? deadline
        }
        return next
    }

    /// What a timer finds due, clock by clock, a warning before its breach.
    package func due(at now: Timestamp, of leg: Leg) -> [Event] {
        flatMap { clock in clock.due(at: now).map { clock.event($0, of: leg) } }
    }

    /// A running clock stops counting; what was due before is said first. Empty when there is none that runs.
    package func pause(_ metric: SLAMetric, at now: Timestamp, of leg: Leg, tenant: Tenant?) -> [Event] {
        guard let clock = clock(metric) else { return [] }
        guard let remaining = clock.pausing(at: now, calendar: clock.calendar.flatMap { tenant?.calendar($0) }) else {
            return []
        }
        return clock.overdue(at: now, of: leg) + [.clockPaused(leg, metric, remaining: remaining)]
    }

    /// A paused clock goes on. Empty when there is none.
    package func resume(_ metric: SLAMetric, at now: Timestamp, of leg: Leg, tenant: Tenant?) -> [Event] {
        guard let clock = clock(metric) else { return [] }
        guard let next = clock.resuming(at: now, calendar: clock.calendar.flatMap { tenant?.calendar($0) }) else {
            return []
        }
        return [.clockResumed(leg, metric, warnAt: next.warnAt, dueAt: next.dueAt)]
    }

    /// The promise is kept, or made good late: what was due before is said first. Empty when none is open.
    package func fulfil(_ metric: SLAMetric, at now: Timestamp, of leg: Leg, tenant: Tenant?) -> [Event] {
        guard let clock = clock(metric) else { return [] }
        guard let elapsed = clock.elapsed(at: now, calendar: clock.calendar.flatMap { tenant?.calendar($0) }) else {
            return []
        }
        return clock.overdue(at: now, of: leg) + [.clockFulfilled(leg, metric, elapsed: elapsed)]
    }

    /// Total: an event of a clock that is not there, or that cannot be, changes nothing.
    package mutating func apply(_ event: Event, at now: Timestamp) {
        switch event {
        case .clockActivated(_, let set): activate(set, at: now)
        case .clockPaused(_, let metric, let remaining): change(metric) { $0.state = .paused(remaining: remaining) }
        case .clockResumed(_, let metric, let warnAt, let dueAt):
            change(metric) { $0.state = .running(since: now, warnAt: warnAt, dueAt: dueAt) }
        case .clockWarned(_, let metric): change(metric) { $0.warned = true }
        case .clockBreached(_, let metric): change(metric) { $0.breachedAt = $0.breachedAt ?? now }
        case .clockFulfilled(_, let metric, _): change(metric) { $0.state = .fulfilled(at: now) }
        case .tenantCreated, .tenantChanged, .skillDefined, .calendarPut, .routingPolicyPut, .slaPolicyPut,
            .queueCreated, .queueChanged, .agentCreated, .agentChanged, .presenceChanged, .sessionConnected,
            .sessionEnded, .customerCreated, .customerChanged, .credentialCreated, .credentialRevoked,
            .conversationOpened, .conversationReopened, .messagePosted, .messagesDelivered, .messagesRead,
            .conversationClosed, .contactCreated, .contactBotStarted, .contactQueued, .contactStepped,
            .contactDeclineExpired, .contactPriorityChanged, .offerMade, .offerAccepted, .offerEnded, .contactHeld,
            .contactResumed, .consultStarted, .consultEnded, .contactWrapping, .contactClosed, .inputQuarantined,
            .quarantineResolved:
            break
        }
    }

    /// Starts a clock, or starts it anew: a next reply is promised again and again.
    private mutating func activate(_ set: ClockSet, at now: Timestamp) {
        let clock = SLAClock(
            metric: set.metric, target: set.target, calendar: set.calendar,
            state: .running(since: now, warnAt: set.warnAt, dueAt: set.dueAt), activatedAt: now, warned: false,
            breachedAt: nil)
        let place = firstIndex { $0.metric.rawValue >= set.metric.rawValue } ?? endIndex
        if place < endIndex, self[place].metric == set.metric {
            self[place] = clock
        } else {
            insert(clock, at: place)
        }
    }

    private mutating func change(_ metric: SLAMetric, _ body: (inout SLAClock) -> Void) {
        guard let place = firstIndex(where: { $0.metric == metric }) else { return }
        body(&self[place])
    }
}

extension SLAClock {
    func event(_ due: Due, of leg: Leg) -> Event {
        switch due {
        case .warning: .clockWarned(leg, metric)
        case .breach: .clockBreached(leg, metric)
        }
    }

    /// What a timer should have said by now and has not. An answer in the very millisecond of the target is in time.
    fileprivate func overdue(at now: Timestamp, of leg: Leg) -> [Event] {
        due(at: Timestamp(milliseconds: now.milliseconds.subtractingSaturated(1))).map { event($0, of: leg) }
    }
}
