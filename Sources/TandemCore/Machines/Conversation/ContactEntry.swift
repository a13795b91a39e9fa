// Into the queue: on arrival, from the bot, and back again; and from there step by step through its policy.
extension Contact {
    /// Plans its first step and queues it there. `self` is the contact as created or before it waits; nothing of it is
    /// changed here. `age` is what it counts from: its own, but for what comes from the bot.
    func enter(
        _ reason: QueueReason, age: Timestamp? = nil, atHead: Bool = false, only agent: AgentID? = nil,
        released: AgentID? = nil, note: String? = nil, in thread: Conversation, _ turn: TurnContext,
        _ events: inout [Event]
    ) {
        let age = age ?? ageSince
        let waiting = Planning.enter(subject(age: age, in: thread, turn), atHead: atHead, only: agent, turn)
        let queue = waiting.requirement.pools.first ?? queue
        let leg = leg(in: thread, queue: queue)
        events.append(
            .contactQueued(
                ContactQueued(
                    leg: leg, reason: reason, enqueuedAt: enqueuedAt ?? age, waiting: waiting,
                    priority: priority, boost: boost, released: released, note: note)))
        guard answeredAt == nil, clocks.clock(.answer) == nil, kind != .consult else { return }
        activate(.answer, since: age, queue: queue, in: thread, turn, &events)
    }

    /// Back to the place it had, with its age: it asks what it asked. Only the wait for one agent alone is over when it
    /// was he who did not take it.
    func comeBack(
        _ waiting: Waiting, from agent: AgentID, _ reason: QueueReason, in thread: Conversation, _ turn: TurnContext
    ) -> Event {
        var waiting = waiting
        if waiting.step == Planning.keptStep, waiting.requirement.preferred == [agent] {
            waiting.stepExpiresAt = turn.now
        }
        return .contactQueued(
            ContactQueued(
                leg: leg(in: thread), reason: reason, enqueuedAt: enqueuedAt ?? turn.now, waiting: waiting,
                priority: priority, boost: boost))
    }

    private func subject(age: Timestamp, in thread: Conversation, _ turn: TurnContext) -> Planning.Subject {
        let customer = turn.view.customer(thread.customer)
        var lastAgent = customer?.lastAgent ?? thread.lastAgent
        var lastHandledAt = customer?.lastHandledAt ?? thread.lastHandledAt
        switch kind {
        case .original, .overflow, .callback: break
        case .coldTransfer, .consult:
            // Whoever sends it on does not want it back.
            lastAgent = nil
            lastHandledAt = nil
        }
        return Planning.Subject(
            contact: id, queue: queue, channel: channel, tags: tags, tier: customer?.profile.tier ?? .normal,
            skills: skills, priority: priority, boost: boost, preferredAgent: preferredAgent, lastAgent: lastAgent,
            lastHandledAt: lastHandledAt, ageSince: age)
    }

    func handOver(
        reason: String, by party: Party, in thread: Conversation, _ turn: inout TurnContext
    ) throws(DecideError) -> Decision {
        switch party {
        case .bot, .system, .staff: break
        case .customer(let customer):
            guard customer == thread.customer else { throw .refuse(.notAllowed, field: "by") }
        case .agent: throw .refuse(.notAllowed, field: "by")
        }
        guard reason.utf8.count <= Limits.noteBytesMax else { throw .refuse(.limitExceeded, field: "reason") }
        switch state {
        case .created, .queued, .offered, .connected, .held, .wrapping: throw .refuse(.contactHasNoBot)
        case .bot:
            var decision = Decision()
            leaveBot(note: reason.isEmpty ? nil : reason, in: thread, turn, &decision.events)
            return decision
        }
    }

    /// From the bot to people: its age counts from now.
    func leaveBot(
        note: String? = nil, in thread: Conversation, _ turn: TurnContext, _ events: inout [Event]
    ) {
        enter(.handOver, age: turn.now, note: note, in: thread, turn, &events)
        resume(.firstReply, in: thread, turn, &events)
    }

    func stepIsOver(at now: Timestamp) -> Bool {
        guard case .queued(let waiting) = state, let end = waiting.stepExpiresAt else { return false }
        return end <= now
    }

    /// What follows the end of the step it waits in.
    func step(in thread: Conversation, turn: inout TurnContext, _ events: inout [Event]) {
        switch state {
        case .created, .bot, .offered, .connected, .held, .wrapping: return
        case .queued(let waiting):
            let subject = subject(age: ageSince, in: thread, turn)
            switch Planning.advance(subject, from: waiting, turn) {
            case .wait(let next, let priority, let boost):
                stepped(next, priority: priority, boost: boost, in: thread, &events)
            case .overflow(let queue):
                let known = turn.view.queue(queue)?.tenant == thread.tenant
                guard known, queue != self.queue else { return stay(waiting, in: thread, &events) }
                flow(.flowedOut, into: queue, channel: channel, kind: .overflow, in: thread, &turn, &events)
            case .callback:
                // A callback that is not answered either goes on waiting: it is the last way out.
                guard channel != .callback else { return stay(waiting, in: thread, &events) }
                guard !thread.isConsultation(self) else { return giveUp(message: "", in: thread, turn, &events) }
                flow(.callbackQueued, into: queue, channel: .callback, kind: .callback, in: thread, &turn, &events)
            case .close(let message):
                giveUp(message: thread.isConsultation(self) ? "" : message, in: thread, turn, &events)
            }
        }
    }

    private func stepped(
        _ next: Waiting, priority: UInt8, boost: Int32, in thread: Conversation, _ events: inout [Event]
    ) {
        let queue = next.requirement.pools.first ?? queue
        let stays = queue == self.queue || thread.isConsultation(self)
        events.append(
            .contactStepped(
                ContactQueued(
                    leg: leg(in: thread, queue: queue), reason: stays ? .stepped : .overflow,
                    enqueuedAt: enqueuedAt ?? since, waiting: next, priority: priority, boost: boost)))
    }

    /// Goes on waiting as it is, without an end: never forgotten, whatever a policy says.
    private func stay(_ waiting: Waiting, in thread: Conversation, _ events: inout [Event]) {
        var waiting = waiting
        waiting.stepExpiresAt = nil
        stepped(waiting, priority: priority, boost: boost, in: thread, &events)
    }

    /// Ends this leg and lets the next wait in its place, with its age.
    private func flow(
        _ reason: EndReason, into queue: QueueID, channel: Channel, kind: LegKind, in thread: Conversation,
        _ turn: inout TurnContext, _ events: inout [Event]
    ) {
        let consulting = thread.isConsultation(self)
        let created = ContactCreated(
            leg: Leg(
                tenant: thread.tenant, conversation: thread.id, customer: thread.customer, contact: turn.mint(),
                queue: queue),
            channel: channel, kind: consulting ? .consult : kind, previous: consulting ? previous : id, tags: tags,
            skills: skills, priority: priority, boost: boost, preferredAgent: preferredAgent, ageSince: ageSince)
        let next = Contact(created, at: turn.now)
        events.append(.contactCreated(created))
        events.append(closed(reason, by: .system, next: next.id, in: thread, turn))
        if consulting, let asker = thread.contacts.first(where: { $0.id == previous }), let agent = asker.handler {
            events.append(.consultStarted(created.leg, previous: asker.id, by: agent))
        }
        handOverReplies(to: next, keepingAge: true, in: thread, turn, &events)
        next.enter(consulting ? .consult : .overflow, in: thread, turn, &events)
    }

    private func giveUp(
        message: String, in thread: Conversation, _ turn: TurnContext, _ events: inout [Event]
    ) {
        if !message.isEmpty {
            events.append(
                .messagePosted(
                    MessagePosted(
                        conversation: thread.id, tenant: thread.tenant, customer: thread.customer,
                        sequence: thread.nextSequence, channel: channel, author: .system, contact: id,
                        agents: thread.handlers, clientID: nil, text: message)))
        }
        tellAsker(.expired, in: thread, &events)
        events.append(closed(.expired, by: .system, in: thread, turn))
    }
}
