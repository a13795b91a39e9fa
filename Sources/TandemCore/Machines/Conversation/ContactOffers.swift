// An offer and its outcomes. The Router makes offers (`Router.next`), a supervisor's hand too (`assign`).
extension Contact {
    func accept(
        _ id: OfferID, by agent: AgentID, in thread: Conversation, _ turn: TurnContext
    ) throws(DecideError) -> Decision {
        let (offer, _) = try pending(id, of: agent)
        var decision = Decision()
        var ended = ended(offer, .accepted, in: thread)
        ended.waited = max(.zero, turn.now - (enqueuedAt ?? createdAt))
        ended.target = answerTarget(in: thread, turn)
        ended.isCounted = answeredAt == nil && !thread.isConsultation(self)
        decision.events.append(.offerAccepted(ended))
        fulfil(.answer, in: thread, turn, &decision.events)
        return decision
    }

    func reject(
        _ id: OfferID, by agent: AgentID, in thread: Conversation, _ turn: TurnContext
    ) throws(DecideError) -> Decision {
        let (offer, waiting) = try pending(id, of: agent)
        var ended = ended(offer, .rejected, in: thread)
        let pause = turn.view.tenant(thread.tenant)?.settings.declinePause ?? .zero
        if pause > .zero { ended.declinedUntil = turn.now + pause }
        return Decision([.offerEnded(ended), comeBack(waiting, from: agent, .rejected, in: thread, turn)])
    }

    private func pending(_ id: OfferID, of agent: AgentID) throws(DecideError) -> (Offer, Waiting) {
        switch state {
        case .created, .bot, .queued: throw .refuse(.offerNotFound)
        case .connected, .held, .wrapping: throw .refuse(.offerAlreadyAnswered)
        case .offered(let offer, let waiting):
            guard offer.id == id else { throw .refuse(.offerNotFound) }
            guard offer.agent == agent else { throw .refuse(.offerNotYours) }
            return (offer, waiting)
        }
    }

    func ended(_ offer: Offer, _ outcome: OfferOutcome, in thread: Conversation) -> OfferEnded {
        OfferEnded(
            leg: leg(in: thread), offer: offer.id, agent: offer.agent, channel: channel, outcome: outcome,
            waited: .zero)
    }

    /// The offer is taken away from whoever has it; what follows is the caller's.
    func endOffer(_ outcome: OfferOutcome, in thread: Conversation, _ events: inout [Event]) {
        switch state {
        case .offered(let offer, _): events.append(.offerEnded(ended(offer, outcome, in: thread)))
        case .created, .bot, .queued, .connected, .held, .wrapping: break
        }
    }

    /// From the agent: it cannot answer any more. The contact goes back to its place; nothing if that was overtaken.
    func offerVoid(_ agent: AgentID, in thread: Conversation, _ turn: TurnContext) -> Decision {
        switch state {
        case .offered(let offer, let waiting) where offer.agent == agent:
            return Decision([
                .offerEnded(ended(offer, .void, in: thread)),
                comeBack(waiting, from: agent, .agentLost, in: thread, turn),
            ])
        case .offered: return Decision()  // Offered to another by now.
        case .created, .bot, .queued, .connected, .held, .wrapping: return Decision()
        }
    }

    /// From the agent: it is gone for good. The customer it left waits at the head, for it alone at first.
    func agentLost(_ agent: AgentID, in thread: Conversation, _ turn: TurnContext) -> Decision {
        switch state {
        case .created, .bot, .queued: return Decision()
        case .offered: return offerVoid(agent, in: thread, turn)
        case .connected(let handler), .held(let handler):
            guard handler == agent else { return Decision() }
            var decision = Decision()
            endConsultation(by: .system, in: thread, turn, &decision.events)
            enter(
                .agentLost, atHead: true, only: agent, released: agent, in: thread, turn, &decision.events)
            return decision
        case .wrapping(let wrapping):
            guard wrapping.agent == agent else { return Decision() }
            return Decision([closed(wrapping.reason, by: .system, in: thread, turn)])
        }
    }

    /// The offer rang out: the contact goes back to its place with its age, the agent is not taken for ready.
    func offerTimedOut(in thread: Conversation, _ turn: TurnContext, _ events: inout [Event]) {
        switch state {
        case .created, .bot, .queued, .connected, .held, .wrapping: return
        case .offered(let offer, let waiting):
            events.append(.offerEnded(ended(offer, .timedOut, in: thread)))
            let noAnswerMax = turn.view.tenant(thread.tenant)?.settings.noAnswerMax ?? .max
            if let change = turn.view.agent(offer.agent)?.afterNoAnswer(noAnswerMax: noAnswerMax) {
                events.append(.presenceChanged(change))
            }
            events.append(comeBack(waiting, from: offer.agent, .timedOut, in: thread, turn))
        }
    }
}
