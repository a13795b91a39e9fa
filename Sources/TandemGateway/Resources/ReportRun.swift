internal import TandemAPI
internal import TandemCore
internal import TandemReadModel
internal import TandemRuntime
internal import TandemWire

/// Folds a period's events, a bounded stretch at a time, so that no reader's thread is held for long.
struct ReportRun: Sendable {
    private static let periodMax = Milliseconds.hours(24 * 31)
    /// The kinds that `Tally` counts for queues.
    private static let kinds: Set<EventName> = [
        .contactQueued, .contactStepped, .offerMade, .offerAccepted, .offerEnded, .contactClosed, .clockFulfilled,
        .clockBreached,
    ]

    private let call: Call
    private let tenant: TenantID
    private let queue: QueueID?
    private let from: Timestamp
    private let to: Timestamp
    private var tally: Tally

    /// Checks what is asked, then runs.
    static func begin(_ call: Call) throws(Problem) {
        let (tenant, caller) = (try call.tenant(), try call.requireCaller())
        let queue: QueueID? = call.parameter("queue")
        call.read(tenant.partition) { view throws(Problem) in
            if let queue {
                guard let found = view.queue(queue), caller.sees(found.tenant) else {
                    throw Problem(.notFound, field: "queue")
                }
            }
            return view.now
        } then: { now throws(Problem) in
            let to = call.time("to") ?? now
            let from = call.time("from") ?? to + Milliseconds(-Milliseconds.hours(24).count)
            guard from < to else { throw Problem(.invalid, field: "from", detail: "Expected: before `to`.") }
            guard to - from <= periodMax else {
                throw Problem(.limitExceeded, field: "from", detail: "Allowed: at most 31 days.")
            }
            let run = ReportRun(
                call: call, tenant: tenant, queue: queue, from: from, to: to, tally: Tally(from: from, until: to))
            call.query(tenant.partition) {
                try run.firstPosition(in: $0)
            } then: {
                run.go(on: $0)
            }
        }
    }

    /// Before the first event at or after `from`: positions rise with time, so halving finds it.
    private func firstPosition(in store: StoreReader) throws -> EventPosition {
        var low = EventPosition.start.rawValue
        var high = try store.end().rawValue
        while low < high {
            let middle = low + (high - low) / 2
            let next = try store.events(of: nil, after: EventPosition(rawValue: middle), limit: 1).items.first
            if let next, next.time < from { low = next.position.rawValue } else { high = middle }
        }
        return EventPosition(rawValue: low)
    }

    private func go(on position: EventPosition) {
        call.query(tenant.partition) { store in
            try store.events(of: tenant, after: position, kinds: Self.kinds, limit: StoreLimits.pageMax)
        } then: { scan in
            var run = self
            for stored in scan.items { run.tally.apply(stored.event, at: stored.time) }
            let isPast = scan.items.last.map { $0.time >= to } ?? false
            if scan.isComplete || isPast { run.finish() } else { run.go(on: scan.reached) }
        }
    }

    private func finish() {
        let figures = queue.map { tally.figures(of: $0) } ?? tally.queuesTotal
        call.answer(API.Report(from: from, to: to, queue: queue, figures: API.Figures(figures)))
    }
}
