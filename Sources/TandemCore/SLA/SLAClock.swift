/// One clock on a contact, or on a conversation's matter: it counts whether or not a policy promises anything.
///
/// ```
/// inactive ──▶ running ⇄ paused
///                 └──▶ fulfilled        a breached clock keeps running until it is fulfilled
/// ```
/// A clock that is not there is inactive; a fulfilled one stays until its contact closes. Only the clock of the matter
/// goes on after it was fulfilled: when its conversation is reopened. A clock without a promise has no deadline. What
/// it has counted is kept as runs, so that a policy, with whatever calendar, can be applied to the past.
package struct SLAClock: Hashable, Sendable {
    package enum State: Hashable, Sendable {
        /// `since`: the last start or resume. A clock started or resumed after its target has a `dueAt` before `since`,
        /// by as much as it was over; one without a promise has none.
        case running(since: Timestamp, warnAt: Timestamp?, dueAt: Timestamp?)
        /// `remaining` is negative when the target was over, nil where nothing is promised.
        case paused(remaining: Milliseconds?)
        /// `since`: its last run's start; nil when it was paused.
        case fulfilled(since: Timestamp?, at: Timestamp, elapsed: Milliseconds)
    }
    /// A stretch in which it ran: `start` inclusive, `end` exclusive.
    package struct Run: Hashable, Sendable {
        package var start: Timestamp
        package var end: Timestamp
        package init(start: Timestamp, end: Timestamp) {
            self.start = start
            self.end = end
        }
    }
    /// What a timer finds to do; a warning comes before its breach.
    package enum Due: Hashable, Sendable {
        case warning, breach
    }
    package let metric: SLAMetric
    /// Whose promises count: the queue it was started in, wherever a step of its policy takes the contact.
    package let queue: QueueID
    /// What counted before its first run: of the clock that it goes on for.
    package internal(set) var used: Milliseconds
    /// Those that ended in a pause, oldest first, at most `Limits.clockRunsMax`: an older one is forgotten, and counts
    /// for nothing when a policy is applied later. So that is never early.
    package internal(set) var runs: [Run]
    private var packed: ClockStorage

    package init(
        metric: SLAMetric, queue: QueueID, promise: ClockPromise?, state: State, warned: Bool = false,
        breachedAt: Timestamp? = nil, used: Milliseconds = .zero, runs: [Run] = []
    ) {
        self.metric = metric
        self.queue = queue
        self.used = used
        self.runs = runs
        packed = ClockStorage()
        packed.promise = promise
        packed.state = state
        packed.warned = warned
        packed.breachedAt = breachedAt
    }

    package init(_ set: ClockSet, in queue: QueueID, at now: Timestamp) {
        self.init(
            metric: set.metric, queue: queue, promise: set.promise,
            state: .running(since: set.since ?? now, warnAt: set.warnAt, dueAt: set.dueAt), used: set.used)
    }

    /// Nil: nothing is promised.
    package internal(set) var promise: ClockPromise? {
        get { packed.promise }
        set { packed.promise = newValue }
    }
    package internal(set) var state: State {
        get { packed.state }
        set { packed.state = newValue }
    }
    package internal(set) var warned: Bool {
        get { packed.warned }
        set { packed.warned = newValue }
    }
    package internal(set) var breachedAt: Timestamp? {
        get { packed.breachedAt }
        set { packed.breachedAt = newValue }
    }

    package var target: Milliseconds? { promise?.target }
    package var calendar: CalendarID? { promise?.calendar }

    package var isRunning: Bool {
        switch state {
        case .running: true
        case .paused, .fulfilled: false
        }
    }

    /// Activated and not yet fulfilled.
    package var isOpen: Bool {
        switch state {
        case .running, .paused: true
        case .fulfilled: false
        }
    }
}

// What is read off a clock. The calendar handed in is the one its `calendar` names; nil: wall time.
extension SLAClock {
    /// The time that counts so far, pauses left out; nil once fulfilled: its event told it.
    ///
    /// A clock whose calendar is never open again stands still, and reads as it stood when it began to.
    package func elapsed(at now: Timestamp, calendar: BusinessCalendar?) -> Milliseconds? {
        switch state {
        case .running(let since, _, let dueAt):
            guard let target, let dueAt else { return counted(at: now, calendar: nil) }
            let sinceResume = Self.span(from: since, to: now, calendar: calendar)
            if dueAt == .distantFuture { return sinceResume }
            if dueAt < since { return target + (since - dueAt) + sinceResume }
            return target - Self.span(from: since, to: dueAt, calendar: calendar) + sinceResume
        case .paused(let remaining):
            guard let target, let remaining else { return counted(at: now, calendar: nil) }
            return target - remaining
        case .fulfilled: return nil
        }
    }

    /// What it has counted by any calendar, promised or not: the sum of its runs.
    func counted(at now: Timestamp, calendar: BusinessCalendar?) -> Milliseconds {
        var sum = used
        for run in runs { sum = sum + Self.span(from: run.start, to: run.end, calendar: calendar) }
        switch state {
        case .running(let since, _, _): return sum + Self.span(from: since, to: now, calendar: calendar)
        case .paused: return sum
        case .fulfilled(let since, let end, _):
            return sum + (since.map { Self.span(from: $0, to: end, calendar: calendar) } ?? .zero)
        }
    }

    /// What is left of the target, negative when it is over; nil where nothing is promised.
    func left(at now: Timestamp, calendar: BusinessCalendar?) -> Milliseconds? {
        guard let target else { return nil }
        // By the calendar of now: another may have counted when it was fulfilled.
        if case .fulfilled = state { return target - counted(at: now, calendar: calendar) }
        return elapsed(at: now, calendar: calendar).map { target - $0 }
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
        if breachedAt == nil, let dueAt, dueAt != .distantFuture {
            deadlines.append(Deadline(.slaBreach, at: dueAt, contact: contact))
        }
        return deadlines
    }

    /// What fires now, each thing once in the life of a promise; empty when a timer came late.
    package func due(at now: Timestamp) -> [Due] {
        guard case .running(_, let warnAt, let dueAt) = state else { return [] }
        var due: [Due] = []
        if !warned, let warnAt, warnAt <= now { due.append(.warning) }
        if breachedAt == nil, let dueAt, dueAt <= now { due.append(.breach) }
        return due
    }

    static func advance(_ moment: Timestamp, by time: Milliseconds, calendar: BusinessCalendar?) -> Timestamp {
        guard time > .zero else { return moment }
        return calendar?.add(time, to: moment) ?? moment + time
    }

    static func span(from start: Timestamp, to end: Timestamp, calendar: BusinessCalendar?) -> Milliseconds {
        guard start < end else { return .zero }
        return calendar?.elapsed(from: start, to: end) ?? end - start
    }
}
