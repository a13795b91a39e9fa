// When a leg's SLA clocks start, pause and end. The clocks themselves are in `SLA/`.
//
// - answer: from entering a queue to the first answer. A consultation has none: the customer does not wait for it. A leg
//   that is re-queued after an answer gets none again: its promise was kept. After an overflow it has used the age.
// - first reply: from the leg's creation to the first message of an agent who handles it; paused while the bot has it.
// - next reply: from a customer's message to an agent who handles the leg, when no reply is owed yet, to the next
//   message of such an agent. It runs on while the customer is held: he waits.
// - A leg in wrap-up owes nobody a reply: what runs is paused and stays so.
extension Contact {
    private static let replies: [SLAMetric] = [.firstReply, .nextReply]

    /// Starts a clock where the policy of its queue promises something; `since` is earlier than now where the new leg
    /// goes on with the age of the one before, and `used` what its clock has counted.
    func activate(
        _ metric: SLAMetric, since: Timestamp, used: Milliseconds = .zero, queue: QueueID? = nil,
        in thread: Conversation, _ turn: TurnContext, _ events: inout [Event]
    ) {
        guard let set = clock(metric, since: since, used: used, queue: queue ?? self.queue, in: thread, turn) else {
            return
        }
        events.append(.clockActivated(leg(in: thread, queue: queue), set))
    }

    /// Starts a clock that does not run yet.
    func activatePaused(
        _ metric: SLAMetric, in thread: Conversation, _ turn: TurnContext, _ events: inout [Event]
    ) {
        guard let set = clock(metric, since: turn.now, queue: queue, in: thread, turn) else { return }
        let leg = leg(in: thread)
        events.append(.clockActivated(leg, set))
        events.append(.clockPaused(leg, metric, remaining: set.target))
    }

    private func clock(
        _ metric: SLAMetric, since: Timestamp, used: Milliseconds = .zero, queue: QueueID, in thread: Conversation,
        _ turn: TurnContext
    ) -> ClockSet? {
        guard let settings = turn.view.queue(queue)?.settings else { return nil }
        let tenant = turn.view.tenant(thread.tenant)
        return SLAClock.activate(
            metric, channel: channel, policy: Self.policy(settings.slaPolicy, tenant), tenant: tenant,
            queueCalendar: settings.calendar, since: since, used: used, now: turn.now)
    }

    private static func policy(_ id: SLAPolicyID?, _ tenant: Tenant?) -> SLAPolicy? {
        id.flatMap { tenant?.slaPolicy($0) }
    }

    /// The answer target of its queue, for the service level; nil: none is promised.
    func answerTarget(in thread: Conversation, _ turn: TurnContext) -> Milliseconds? {
        let policy = turn.view.queue(queue)?.settings.slaPolicy
        return SLAPolicy.answerTarget(Self.policy(policy, turn.view.tenant(thread.tenant)), channel: channel)
    }

    func fulfil(
        _ metric: SLAMetric, in thread: Conversation, _ turn: TurnContext, _ events: inout [Event]
    ) {
        guard let clock = clocks.clock(metric), clock.isOpen else { return }
        events += clocks.fulfil(
            metric, at: turn.now, of: leg(in: thread),
            tenant: clock.calendar == nil ? nil : turn.view.tenant(thread.tenant))
    }

    func resume(
        _ metric: SLAMetric, in thread: Conversation, _ turn: TurnContext, _ events: inout [Event]
    ) {
        guard !clocks.isEmpty else { return }
        events += clocks.resume(
            metric, at: turn.now, of: leg(in: thread), tenant: turn.view.tenant(thread.tenant))
    }

    /// The talk is over.
    func pauseClocks(in thread: Conversation, _ turn: TurnContext, _ events: inout [Event]) {
        for clock in clocks {
            events += clocks.pause(
                clock.metric, at: turn.now, of: leg(in: thread), tenant: turn.view.tenant(thread.tenant))
        }
    }

    /// A reply that is still owed when the customer goes on to another leg is owed there, by that queue's policy:
    /// anew, or with what has counted since it was promised where the age is kept.
    func handOverReplies(
        to next: Contact, keepingAge: Bool, in thread: Conversation, _ turn: TurnContext,
        _ events: inout [Event]
    ) {
        for metric in Self.replies {
            guard let clock = clocks.clock(metric), clock.isOpen else { continue }
            var used = Milliseconds.zero
            if keepingAge {
                let calendar = clock.calendar.flatMap { turn.view.tenant(thread.tenant)?.calendar($0) }
                used = clock.elapsed(at: turn.now, calendar: calendar) ?? .zero
            }
            next.activate(metric, since: turn.now, used: used, in: thread, turn, &events)
        }
    }

    func customerWrote(in thread: Conversation, _ turn: TurnContext, _ events: inout [Event]) {
        switch state {
        case .connected, .held: break
        case .created, .bot, .queued, .offered, .wrapping: return
        }
        for metric in Self.replies where clocks.clock(metric)?.isOpen == true { return }
        activate(.nextReply, since: turn.now, in: thread, turn, &events)
    }

    func agentReplied(in thread: Conversation, _ turn: TurnContext, _ events: inout [Event]) {
        switch state {
        case .connected, .held: break
        case .created, .bot, .queued, .offered, .wrapping: return
        }
        for metric in Self.replies { fulfil(metric, in: thread, turn, &events) }
    }
}

extension SLAClock {
    /// Activated and not yet fulfilled.
    var isOpen: Bool {
        switch state {
        case .running, .paused: true
        case .fulfilled: false
        }
    }
}
