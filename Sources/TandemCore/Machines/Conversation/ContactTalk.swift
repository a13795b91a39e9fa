// From the answer to the end: hold, resume, the end of the talk, wrap-up; and the customer who leaves.
extension Contact {
    func hold(by agent: AgentID, in thread: Conversation) throws(DecideError) -> Decision {
        switch state {
        case .created, .bot, .queued, .offered, .held, .wrapping: throw .refuse(.contactNotConnected)
        case .connected(let handler):
            guard handler == agent else { throw .refuse(.agentNotHandling) }
            return Decision([.contactHeld(leg(in: thread), agent)])
        }
    }

    /// A customer about whom someone is consulted stays held until the consultation is completed or taken back.
    func resume(by agent: AgentID, in thread: Conversation) throws(DecideError) -> Decision {
        switch state {
        case .created, .bot, .queued, .offered, .connected, .wrapping: throw .refuse(.contactNotHeld)
        case .held(let handler):
            guard handler == agent else { throw .refuse(.agentNotHandling) }
            guard thread.consultation(about: self) == nil else { throw .refuse(.consultAlreadyOpen) }
            return Decision([.contactResumed(leg(in: thread), agent)])
        }
    }

    func end(
        by party: Party, in thread: Conversation, _ turn: TurnContext
    ) throws(DecideError) -> Decision {
        var decision = Decision()
        switch state {
        case .created, .queued, .offered, .wrapping: throw .refuse(.contactNotConnected)
        case .bot:
            switch party {
            case .bot, .system, .staff: break
            case .customer(let customer):
                guard customer == thread.customer else { throw .refuse(.notAllowed, field: "by") }
            case .agent: throw .refuse(.agentNotHandling)
            }
            leave(by: party, in: thread, turn, &decision.events)
        case .connected(let handler), .held(let handler):
            switch party {
            case .system, .staff: break
            case .customer(let customer):
                guard customer == thread.customer, !thread.isConsultation(self) else {
                    throw .refuse(.notAllowed, field: "by")
                }
            case .agent(let agent):
                guard agent == handler else { throw .refuse(.agentNotHandling) }
            case .bot: throw .refuse(.contactHasNoBot)
            }
            leave(by: party, in: thread, turn, &decision.events)
        }
        return decision
    }

    func abandon(in thread: Conversation, _ turn: TurnContext) throws(DecideError) -> Decision {
        guard !thread.isConsultation(self) else { throw .refuse(.notAllowed) }
        var decision = Decision()
        leave(by: .customer(thread.customer), in: thread, turn, &decision.events)
        return decision
    }

    /// The leg ends as it must when `party` ends it: a talk is completed, waiting is broken off. A leg in wrap-up is
    /// left to its agent.
    func leave(by party: Party, in thread: Conversation, _ turn: TurnContext, _ events: inout [Event]) {
        switch state {
        case .created, .queued:
            events.append(closed(reasonToLeave(party, turn), by: party, in: thread, turn))
        case .bot:
            let reason: EndReason = party == .bot ? .completed : reasonToLeave(party, turn)
            events.append(closed(reason, by: party, in: thread, turn))
        case .offered:
            let reason = reasonToLeave(party, turn)
            endOffer(reason == .forced ? .rescinded : .cancelled, in: thread, &events)
            events.append(closed(reason, by: party, in: thread, turn))
        case .connected(let agent), .held(let agent):
            if thread.isConsultation(self) { return takeBack(by: party, in: thread, turn, &events) }
            endConsultation(by: party, in: thread, turn, &events)
            endTalk(.completed, of: agent, by: party, in: thread, turn, &events)
        case .wrapping: break
        }
    }

    private func reasonToLeave(_ party: Party, _ turn: TurnContext) -> EndReason {
        switch party {
        case .system, .bot, .agent, .staff: return .forced
        case .customer:
            let bound = turn.view.queue(queue)?.settings.shortAbandon ?? .zero
            let short = answeredAt == nil && enqueuedAt.map { turn.now - $0 <= bound } ?? false
            return short ? .shortAbandoned : .abandoned
        }
    }

    /// Wrap-up where the queue has one, else the end.
    func endTalk(
        _ reason: EndReason, of agent: AgentID, by party: Party, next: ContactID? = nil, in thread: Conversation,
        _ turn: TurnContext, _ events: inout [Event]
    ) {
        let until: Timestamp?
        switch turn.view.queue(queue)?.settings.wrapUp ?? .none {
        case .none:
            events.append(closed(reason, by: party, next: next, in: thread, turn))
            return
        case .optional, .mandatory: until = nil
        case .timed(let time): until = turn.now + time
        }
        pauseClocks(in: thread, turn, &events)
        events.append(
            .contactWrapping(ContactWrapping(leg: leg(in: thread), agent: agent, until: until, reason: reason)))
    }

    func finishWrapUp(
        _ disposition: String?, by party: Party, in thread: Conversation, _ turn: TurnContext
    ) throws(DecideError) -> Decision {
        switch state {
        case .created, .bot, .queued, .offered, .connected, .held: throw .refuse(.contactNotWrapping)
        case .wrapping(let wrapping):
            switch party {
            case .system, .staff: break
            case .agent(let agent):
                guard agent == wrapping.agent else { throw .refuse(.agentNotHandling) }
            case .customer, .bot: throw .refuse(.notAllowed, field: "by")
            }
            let disposition = disposition.flatMap { $0.isEmpty ? nil : $0 }
            guard disposition?.utf8.count ?? 0 <= Limits.nameBytesMax else {
                throw .refuse(.limitExceeded, field: "disposition")
            }
            switch turn.view.queue(queue)?.settings.wrapUp ?? .none {
            case .none, .optional, .timed: break
            case .mandatory:
                guard disposition != nil else { throw .refuse(.invalid, field: "disposition") }
            }
            return Decision([
                closed(wrapping.reason, by: party, disposition: disposition, in: thread, turn)
            ])
        }
    }
}
