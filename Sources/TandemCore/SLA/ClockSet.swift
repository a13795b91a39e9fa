/// What a clock is held against: a target, the time that counts for it, and the policy that says so.
package struct ClockPromise: Hashable, Sendable {
    package var target: Milliseconds
    /// The share of the target at which it warns, in percent.
    package var warnPercent: UInt8
    /// Business time of this calendar; nil: wall time.
    package var calendar: CalendarID?
    /// Nil: the standard one.
    package var policy: SLAPolicyID?
    package var policyVersion: UInt32
    package init(
        target: Milliseconds, warnPercent: UInt8 = SLATarget.warnPercentUsual, calendar: CalendarID? = nil,
        policy: SLAPolicyID? = nil, policyVersion: UInt32 = 0
    ) {
        self.target = target
        self.warnPercent = warnPercent
        self.calendar = calendar
        self.policy = policy
        self.policyVersion = policyVersion
    }

    /// Whether a clock is due at the same moments by either.
    package func isDueLike(_ other: Self) -> Bool { target == other.target && calendar == other.calendar }

    /// What is kept of the target for after the warning; rounded down, so that a warning is never early.
    var reserve: Milliseconds {
        let share = Int64(100 - min(warnPercent, 100))
        return Milliseconds(target.count / 100 * share + target.count % 100 * share / 100)
    }
}

/// A clock as activated: what it is held against, if anything, and deadlines, computed once.
package struct ClockSet: Hashable, Sendable {
    package var metric: SLAMetric
    /// Nil: nothing is promised. It counts all the same, and a policy may be applied to it later.
    package var promise: ClockPromise?
    /// From when it counts; nil: from its event's time.
    package var since: Timestamp?
    /// What counts already: of the clock that it goes on for.
    package var used: Milliseconds
    /// Nil where nothing is promised.
    package var warnAt: Timestamp?
    package var dueAt: Timestamp?
    package init(
        metric: SLAMetric, promise: ClockPromise?, since: Timestamp? = nil, used: Milliseconds = .zero,
        warnAt: Timestamp? = nil, dueAt: Timestamp? = nil
    ) {
        self.metric = metric
        self.promise = promise
        self.since = since
        self.used = used
        self.warnAt = warnAt
        self.dueAt = dueAt
    }
}

/// What a policy that is applied to a clock makes of it: deadlines where it runs, what is left where it is paused.
package struct ClockTerms: Hashable, Sendable {
    package var metric: SLAMetric
    /// Nil: nothing is promised any longer.
    package var promise: ClockPromise?
    package var warnAt: Timestamp?
    package var dueAt: Timestamp?
    /// Negative when the target is over.
    package var remaining: Milliseconds?
    package init(
        metric: SLAMetric, promise: ClockPromise?, warnAt: Timestamp? = nil, dueAt: Timestamp? = nil,
        remaining: Milliseconds? = nil
    ) {
        self.metric = metric
        self.promise = promise
        self.warnAt = warnAt
        self.dueAt = dueAt
        self.remaining = remaining
    }
}
