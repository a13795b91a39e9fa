internal import TandemAPI
internal import TandemCore
internal import TandemReadModel
internal import TandemRuntime

/// Applies what a queue promises now to the clocks of conversations of a period, closed ones included, a page at a time.
///
/// Each conversation is a turn of its own: its events are folded into the clocks that its record no longer has, and the
/// command brings them along; a closed conversation comes back from the store before that turn, as before any other.
struct PolicyRun: Sendable {
    private let call: Call
    private let queue: QueueID
    private let tenant: TenantID
    private let by: Party
    private let cursor: String?
    private var waiting: ArraySlice<ConversationID>
    private var applied = 0
    private var skipped = 0

    /// Checks what is asked, then runs.
    static func begin(_ call: Call) throws(Problem) {
        let (by, before, limit) = (try call.requireCaller().party, try call.cursor(as: ConversationID.self), call.limit)
        let from = call.time("from") ?? Timestamp(milliseconds: 0)
        try call.queue { queue throws(Problem) in
            guard let tenant = queue.tenant else { throw Problem(.notFound) }
            let id = queue.id
            call.query(tenant.partition) { store in
                try store.conversations(of: tenant, before: before, limit: limit)
            } then: { page in
                // Newest first: behind the first that is too old all are.
                let recent = page.items.prefix { $0.openedAt >= from }
                let next = recent.count < page.items.count ? nil : page.next.map { Cursor.text($0.description) }
                PolicyRun(
                    call: call, queue: id, tenant: tenant, by: by, cursor: next, waiting: recent.map(\.id)[...]
                ).next()
            }
        }
    }

    private func next() {
        var run = self
        guard let conversation = run.waiting.popFirst() else {
            return call.answer(
                API.PolicyApplication(queue: queue, conversations: applied, skipped: skipped, next: cursor))
        }
        run.fold(ClockHistory(), of: conversation, after: .start)
    }

    /// A bounded stretch of its events at a time.
    private func fold(_ history: ClockHistory, of conversation: ConversationID, after position: EventPosition) {
        call.query(tenant.partition) { store in
            try store.timeline(of: ActorID(conversation), .after(position), limit: StoreLimits.pageMax)
        } then: { page in
            var history = history
            for stored in page.items { history.apply(stored.event, at: stored.time) }
            if let reached = page.next {
                fold(history, of: conversation, after: reached)
            } else {
                apply(history, to: conversation)
            }
        }
    }

    private func apply(_ history: ClockHistory, to conversation: ConversationID) {
        guard history.concerns(queue) else { return next() }
        let past = history.past(of: queue)
        apply(past[...], to: conversation)
    }

    /// As many commands as it takes; usually one. One with nothing past is for what the record itself has.
    private func apply(_ past: ArraySlice<PastClock>, to conversation: ConversationID) {
        let some = past.prefix(Limits.clocksPerApplicationMax)
        let rest = past.dropFirst(some.count)
        let application = PolicyApplication(queue: queue, past: Array(some), by: by)
        call.gateway.node.submit(.conversation(conversation, .applyPolicy(application))) { outcome in
            var run = self
            switch outcome {
            case .answered, .repeated:
                if !rest.isEmpty { return apply(rest, to: conversation) }
                run.applied += 1
                run.next()
            // One that is set aside, or was removed meanwhile, does not hold up the others.
            case .refused:
                run.skipped += 1
                run.next()
            case .busy: call.refuse(Problem(.busy))
            case .unavailable(let reason): call.refuse(Problem(ErrorCode(reason)))
            case .unknown: call.refuse(Problem(.unknownOutcome))
            }
        }
    }
}
