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
        flatMap { $0.events(dueAt: now, of: leg) }
    }

    /// A running clock stops counting; what was due before is said first. Empty when there is none that runs.
    package func pause(_ metric: SLAMetric, at now: Timestamp, of leg: Leg, tenant: Tenant?) -> [Event] {
        clock(metric)?.pause(at: now, of: leg, tenant: tenant) ?? []
    }

    /// A paused clock goes on. Empty when there is none.
    package func resume(_ metric: SLAMetric, at now: Timestamp, of leg: Leg, tenant: Tenant?) -> [Event] {
        guard let clock = clock(metric), clock.isOpen else { return [] }
        return clock.resume(at: now, of: leg, tenant: tenant)
    }

    /// The promise is kept, or made good late: what was due before is said first. Empty when none is open.
    package func fulfil(_ metric: SLAMetric, at now: Timestamp, of leg: Leg, tenant: Tenant?) -> [Event] {
        clock(metric)?.fulfil(at: now, of: leg, tenant: tenant) ?? []
    }

    /// Total: an event of a clock that is not there, or that cannot be, changes nothing.
    package mutating func apply(_ event: Event, at now: Timestamp) {
        switch event {
        case .clockActivated(let leg, let set): activate(SLAClock(set, in: leg.queue, at: now))
        case .clockPaused, .clockResumed, .clockWarned, .clockBreached, .clockFulfilled, .clockPolicyApplied:
            guard let metric = event.clockMetric, let place = firstIndex(where: { $0.metric == metric }) else { return }
            self[place].apply(event, at: now)
        case .tenantCreated, .tenantChanged, .skillDefined, .calendarPut, .routingPolicyPut, .slaPolicyPut,
            .queueCreated, .queueChanged, .agentCreated, .agentChanged, .presenceChanged, .sessionConnected,
            .sessionEnded, .customerCreated, .customerChanged, .credentialCreated, .credentialRevoked,
            .conversationOpened, .conversationReopened, .messagePosted, .messagesDelivered, .messagesRead,
            .conversationClosed, .contactCreated, .contactBotStarted, .contactQueued, .contactStepped,
            .contactDeclineExpired, .contactPriorityChanged, .offerMade, .offerAccepted, .offerEnded, .contactHeld,
            .contactResumed, .consultStarted, .consultEnded, .contactWrapping, .contactClosed, .inputQuarantined,
            .quarantineResolved, .webhookPut, .deliveryDue, .deliveryResumed, .deliveryFailed, .deliveryDone:
            break
        }
    }

    /// Starts a clock, or starts it anew: a next reply is promised again and again.
    private mutating func activate(_ clock: SLAClock) {
        let place = firstIndex { $0.metric.rawValue >= clock.metric.rawValue } ?? endIndex
        if place < endIndex, self[place].metric == clock.metric {
            self[place] = clock
        } else {
            insert(clock, at: place)
        }
    }
}

// What one clock says, and what becomes of it.
extension SLAClock {
    func pause(at now: Timestamp, of leg: Leg, tenant: Tenant?) -> [Event] {
        guard isRunning else { return [] }
        return overdue(at: now, of: leg) + [
            .clockPaused(leg, metric, remaining: left(at: now, calendar: ownCalendar(of: tenant)))
        ]
    }

    /// Nothing while it runs. A fulfilled one goes on from what it had counted.
    func resume(at now: Timestamp, of leg: Leg, tenant: Tenant?) -> [Event] {
        guard !isRunning else { return [] }
        let next = resumed(at: now, calendar: ownCalendar(of: tenant))
        return [.clockResumed(leg, metric, warnAt: next?.warnAt, dueAt: next?.dueAt)]
    }

    func fulfil(at now: Timestamp, of leg: Leg, tenant: Tenant?) -> [Event] {
        guard let elapsed = elapsed(at: now, calendar: ownCalendar(of: tenant)) else { return [] }
        return overdue(at: now, of: leg) + [
            .clockFulfilled(leg, metric, elapsed: elapsed, promised: promise != nil)
        ]
    }

    private func ownCalendar(of tenant: Tenant?) -> BusinessCalendar? { calendar.flatMap { tenant?.calendar($0) } }

    /// An event of this clock. Total: one that cannot be changes nothing.
    mutating func apply(_ event: Event, at now: Timestamp) {
        if case .clockPaused(_, _, let remaining) = event, case .running(let since, _, _) = state {
            ran(from: since, to: now)
            state = .paused(remaining: remaining)
        }
        if case .clockResumed(_, _, let warnAt, let dueAt) = event {
            if case .fulfilled(let since?, let end, _) = state { ran(from: since, to: end) }
            if !isRunning { state = .running(since: now, warnAt: warnAt, dueAt: dueAt) }
        }
        if case .clockWarned = event { warned = true }
        if case .clockBreached(_, _, let brokenAt) = event {
            warned = true
            breachedAt = brokenAt ?? breachedAt ?? now
        }
        if case .clockFulfilled(_, _, let elapsed, _) = event {
            switch state {
            case .running(let since, _, _): state = .fulfilled(since: since, at: now, elapsed: elapsed)
            case .paused: state = .fulfilled(since: nil, at: now, elapsed: elapsed)
            case .fulfilled: break
            }
        }
        if case .clockPolicyApplied(_, let terms) = event { take(terms) }
    }

    /// A run has ended.
    mutating func ran(from start: Timestamp, to end: Timestamp) {
        guard start < end else { return }
        if runs.count >= Limits.clockRunsMax { runs.removeFirst(runs.count - Limits.clockRunsMax + 1) }
        runs.append(Run(start: start, end: end))
    }

    /// What a timer finds to say.
    func events(dueAt now: Timestamp, of leg: Leg) -> [Event] { due(at: now).map { event($0, of: leg) } }

    private func event(_ due: Due, of leg: Leg) -> Event {
        switch due {
        case .warning: .clockWarned(leg, metric)
        case .breach: .clockBreached(leg, metric)
        }
    }

    /// What a timer should have said by now and has not. An answer in the very millisecond of the target is in time.
    private func overdue(at now: Timestamp, of leg: Leg) -> [Event] {
        events(dueAt: Timestamp(milliseconds: now.milliseconds.subtractingSaturated(1)), of: leg)
    }
}
