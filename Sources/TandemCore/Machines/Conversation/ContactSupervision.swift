// What supervisors do by hand.
extension Contact {
    private func checkStaff(_ party: Party) throws(DecideError) {
        switch party {
        case .system, .staff: break
        case .bot, .customer, .agent: throw .refuse(.notAllowed, field: "by")
        }
    }

    func requeue(
        by party: Party, in thread: Conversation, _ turn: TurnContext
    ) throws(DecideError) -> Decision {
        try checkStaff(party)
        var decision = Decision()
        switch state {
        case .created: enter(.requeued, in: thread, turn, &decision.events)
        case .bot: leaveBot(in: thread, turn, &decision.events)
        case .queued: break  // It waits already.
        case .offered(let offer, let waiting):
            endOffer(.rescinded, in: thread, &decision.events)
            decision.events.append(comeBack(waiting, from: offer.agent, .rescinded, in: thread, turn))
        case .connected(let agent), .held(let agent):
            endConsultation(by: party, in: thread, turn, &decision.events)
            enter(.requeued, released: agent, in: thread, turn, &decision.events)
        case .wrapping: throw .refuse(.contactNotConnected)
        }
        return decision
    }

    func assign(
        _ id: AgentID, by party: Party, in thread: Conversation, _ turn: inout TurnContext
    ) throws(DecideError) -> Decision {
        try checkStaff(party)
        switch state {
        case .created, .bot, .queued: break
        case .offered(let offer, _):
            if offer.agent == id { return Decision() }
        case .connected(let agent), .held(let agent):
            if agent == id { return Decision() }
        case .wrapping: throw .refuse(.contactNotConnected)
        }
        guard let agent = turn.view.agent(id), agent.tenant == thread.tenant else {
            throw .refuse(.notFound, field: "agent")
        }
        // Nobody is consulted by himself.
        let isAsker = declines.contains { $0.agent == id && $0.until == .distantFuture }
        guard !isAsker else { throw .refuse(.notAllowed, field: "agent") }
        guard agent.presence == .available else { throw .refuse(.agentNotAvailable) }
        guard agent.admits(channel) else { throw .refuse(.agentOverCapacity) }
        let age = state == .bot ? .zero : turn.now - ageSince  // It counts from when the customer asked for people.
        var decision = try requeue(by: party, in: thread, turn)
        guard let (leg, waiting) = place(after: decision.events, in: thread) else {
            throw .invariantBroken(InvariantBroken("a re-queued contact does not wait"))
        }
        let settings = turn.view.queue(leg.queue)?.settings
        let timeout = settings?.offerTimeout(for: channel) ?? .seconds(30)
        let offer: OfferID = turn.mint()
        decision.events.append(
            .offerMade(
                OfferMade(
                    leg: leg, offer: offer, agent: id, channel: channel, expiresAt: turn.now + timeout,
                    decision: RoutingDecision(
                        trigger: .hand, policy: waiting.policy, policyVersion: waiting.policyVersion,
                        rule: waiting.rule, step: waiting.step, strategy: settings?.strategy ?? .longestIdle,
                        requirement: waiting.requirement, order: waiting.order, age: age,
                        candidates: [RoutingDecision.Candidate(agent: id, score: 0)], eligible: 1,
                        ruledOut: RoutingDecision.RuledOut()))))
        return decision
    }

    /// Where it waits once these events have happened.
    private func place(after events: [Event], in thread: Conversation) -> (Leg, Waiting)? {
        for event in events.reversed() {
            if case .contactQueued(let queued) = event { return (queued.leg, queued.waiting) }
        }
        guard case .queued(let waiting) = state else { return nil }
        return (leg(in: thread), waiting)
    }

    func forceClose(
        by party: Party, in thread: Conversation, _ turn: TurnContext
    ) throws(DecideError) -> Decision {
        try checkStaff(party)
        var decision = Decision()
        let reason: EndReason
        switch state {
        case .created, .bot, .queued: reason = .forced
        case .offered:
            endOffer(.rescinded, in: thread, &decision.events)
            reason = .forced
        case .connected, .held:
            endConsultation(by: party, in: thread, turn, &decision.events)
            reason = .forced
        case .wrapping(let wrapping): reason = wrapping.reason  // Its talk had ended by itself.
        }
        tellAsker(reason, in: thread, &decision.events)
        decision.events.append(closed(reason, by: party, in: thread, turn))
        return decision
    }

    func setPriority(_ priority: UInt8, by party: Party, in thread: Conversation) throws(DecideError) -> Decision {
        try checkStaff(party)
        guard (1...9).contains(priority) else { throw .refuse(.invalid, field: "priority") }
        var order: OrderKey
        switch state {
        case .created, .bot: order = OrderKey(priority: priority, virtual: 0, sequence: id.raw)
        case .queued(let waiting), .offered(_, let waiting): order = waiting.order
        case .connected, .held, .wrapping: throw .refuse(.contactNotWaiting)
        }
        guard priority != self.priority else { return Decision() }
        if order.priority != 0 { order.priority = priority }  // The head stays the head.
        return Decision([.contactPriorityChanged(leg(in: thread), priority: priority, order: order, by: party)])
    }
}
