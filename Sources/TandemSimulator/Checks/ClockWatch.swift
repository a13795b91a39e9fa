package import TandemCore

/// Promise 4 of the domain: an SLA timer fires once and never early, and only for what was promised. Follows the events of
/// a partition in their order.
package struct ClockWatch {
    private struct Clock: Hashable {
        let contact: ContactID
        let metric: SLAMetric
    }
    private struct Due {
        var warnAt: Timestamp?
        /// Nil: nothing is promised.
        var dueAt: Timestamp?
        var target: ClockPromise?
        var warned = false
        var breached = false
        var running = true
    }

    private var due: [Clock: Due] = [:]
    /// Warnings and breaches so far.
    package private(set) var fired = 0
    /// How often a clock was given another promise.
    package private(set) var policiesApplied = 0

    package init() {}

    /// - Returns: what is broken, in words; nil: nothing.
    package mutating func follow(_ event: Event, at time: Timestamp) -> String? {
        guard let leg = event.leg else { return nil }
        func clock(_ metric: SLAMetric) -> Clock { Clock(contact: leg.contact, metric: metric) }
        if case .clockActivated(_, let set) = event {
            due[clock(set.metric)] = Due(warnAt: set.warnAt, dueAt: set.dueAt, target: set.promise)
        } else if case .clockPaused(_, let metric, _) = event {
            due[clock(metric)]?.running = false
        } else if case .clockResumed(_, let metric, let warnAt, let dueAt) = event {
            due[clock(metric)]?.running = true
            due[clock(metric)]?.warnAt = warnAt
            due[clock(metric)]?.dueAt = dueAt
        } else if case .clockWarned(_, let metric) = event {
            return warned(clock(metric), at: time)
        } else if case .clockBreached(_, let metric, let brokenAt) = event {
            return breached(clock(metric), since: brokenAt, at: time)
        } else if case .clockPolicyApplied(_, let terms) = event {
            apply(terms, to: clock(terms.metric))
        } else if case .clockFulfilled(_, let metric, _, _) = event {
            // A resolution waits for the matter to come back.
            if metric == .resolution { due[clock(metric)]?.running = false } else { due[clock(metric)] = nil }
        } else if case .contactClosed = event {
            due = due.filter { $0.key.contact != leg.contact || $0.key.metric == .resolution }
        }
        return nil
    }

    private mutating func warned(_ clock: Clock, at time: Timestamp) -> String? {
        guard let known = due[clock], known.target != nil else { return "a warning of what nobody promised" }
        guard known.running, !known.warned else { return "a clock warned twice or while paused" }
        fired += 1
        due[clock]?.warned = true
        return known.warnAt.map { time < $0 } == true ? "a warning came early" : nil
    }

    /// - Parameter earlier: when it was broken, if that was found out only afterwards.
    private mutating func breached(_ clock: Clock, since earlier: Timestamp?, at time: Timestamp) -> String? {
        guard let known = due[clock], known.target != nil else { return "a breach of what nobody promised" }
        guard !known.breached else { return "a clock breached twice" }
        guard known.running || earlier != nil else { return "a clock breached while paused" }
        fired += 1
        due[clock]?.breached = true
        due[clock]?.warned = true
        if let earlier { return earlier <= time ? nil : "a breach was found before it was" }
        return known.dueAt.map { time < $0 } == true ? "a breach came early" : nil
    }

    /// Another promise begins anew; the same one under another name does not.
    private mutating func apply(_ terms: ClockTerms, to clock: Clock) {
        policiesApplied += 1
        let isSame = terms.promise.flatMap { due[clock]?.target?.isDueLike($0) } ?? false
        if !isSame {
            due[clock]?.warned = false
            due[clock]?.breached = false
        }
        due[clock]?.warnAt = terms.warnAt
        due[clock]?.dueAt = terms.dueAt
        due[clock]?.target = terms.promise
    }
}
