/// One running promise on a contact.
///
/// ```
/// inactive ──▶ running ⇄ paused
///                 └──▶ fulfilled        a breached clock keeps running until it is fulfilled
/// ```
/// A clock that is not there is inactive; a fulfilled one stays until its contact closes.
package struct SLAClock: Hashable, Sendable {
    package enum State: Hashable, Sendable {
        /// `since`: the last start or resume.
        case running(since: Timestamp, warnAt: Timestamp?, dueAt: Timestamp)
        case paused(remaining: Milliseconds)
        case fulfilled(at: Timestamp)
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
