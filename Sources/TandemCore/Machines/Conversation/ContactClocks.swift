// When a leg's SLA clocks start, pause and end, whether or not a policy promises anything: without one they count, and
// no timer runs. The clocks themselves are in `SLA/`.
//
// - answer: from entering a queue to the first answer. A consultation has none: the customer does not wait for it. A leg
//   that is re-queued after an answer gets none again: its promise was kept. After an overflow it has used the age.
// - first reply: from the leg's creation to the first message of an agent who handles it; paused while the bot has it.
// - next reply: from a customer's message to an agent who handles the leg, when no reply is owed yet, to the next
//   message of such an agent. It runs on while the customer is held: he waits. A first reply that nobody promised does
//   not stand in the way of a next one that is promised.
// - A leg in wrap-up owes nobody a reply: what runs is paused and stays so.
// - resolution is the conversation's, not a leg's: `ConversationResolution`.
extension Contact {
    private static let replies: [SLAMetric] = [.firstReply, .nextReply]

    /// Starts a clock; `since` is earlier than now where the new leg goes on with the age of the one before, and `old`
    /// the clock it goes on for, with what that has counted.
    func activate(
        _ metric: SLAMetric, since: Timestamp, goingOn old: SLAClock? = nil, queue: QueueID? = nil,
        in thread: Conversation, _ turn: TurnContext, _ events: inout [Event]
    ) {
        let set = clock(metric, since: since, goingOn: old, queue: queue ?? self.queue, in: thread, turn)
        events.append(.clockActivated(leg(in: thread, queue: queue), set))
    }

    /// Starts a clock that does not run yet.
    func activatePaused(
        _ metric: SLAMetric, in thread: Conversation, _ turn: TurnContext, _ events: inout [Event]
    ) {
        let set = clock(metric, since: turn.now, queue: queue, in: thread, turn)
        let leg = leg(in: thread)
        events.append(.clockActivated(leg, set))
        events.append(.clockPaused(leg, metric, remaining: set.promise?.target))
    }

    private func clock(
        _ metric: SLAMetric, since: Timestamp, goingOn old: SLAClock? = nil, queue: QueueID, in thread: Conversation,
        _ turn: TurnContext
    ) -> ClockSet {
        let promise = thread.promise(metric, channel: channel, queue: queue, turn.view)
        let tenant = turn.view.tenant(thread.tenant)
        var used = Milliseconds.zero
        if let old {
            // What was counted without a promise is measured by the one that begins now.
            let calendar = (old.promise ?? promise)?.calendar.flatMap { tenant?.calendar($0) }
            used =
                old.promise == nil
                ? old.counted(at: turn.now, calendar: calendar)
                : old.elapsed(at: turn.now, calendar: calendar) ?? .zero
        }
        return SLAClock.activate(metric, promise: promise, tenant: tenant, since: since, used: used, now: turn.now)
    }

    /// The answer target of its queue, for the service level; nil: none is promised.
    func answerTarget(in thread: Conversation, _ turn: TurnContext) -> Milliseconds? {
        let policy = turn.view.queue(queue)?.settings.slaPolicy
        let tenant = turn.view.tenant(thread.tenant)
        return SLAPolicy.answerTarget(policy.flatMap { tenant?.slaPolicy($0) }, channel: channel)
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
            next.activate(
                metric, since: turn.now, goingOn: keepingAge ? clock : nil, in: thread, turn, &events)
        }
    }

    func customerWrote(in thread: Conversation, _ turn: TurnContext, _ events: inout [Event]) {
        switch state {
        case .connected, .held: break
        case .created, .bot, .queued, .offered, .wrapping: return
        }
        if clocks.clock(.nextReply)?.isOpen == true { return }
        if let first = clocks.clock(.firstReply), first.isOpen {
            guard first.promise == nil else { return }
            guard thread.promise(.nextReply, channel: channel, queue: queue, turn.view) != nil else { return }
        }
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
