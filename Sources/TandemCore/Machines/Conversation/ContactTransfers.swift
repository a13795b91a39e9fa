// Cold transfer: this leg ends and the next one waits. Warm: the customer is held while another is asked, who then takes
// over, or not.
extension Contact {
    /// Where a transfer or a consultation goes: a queue, and where an agent is meant, he alone for a time.
    private struct Destination {
        let queue: QueueID
        let agent: AgentID?
    }

    private func destination(
        _ target: TransferTarget, in thread: Conversation, _ turn: TurnContext
    ) throws(DecideError) -> Destination {
        switch target {
        case .queue(let id):
            guard turn.view.queue(id)?.tenant == thread.tenant else { throw .refuse(.notFound, field: "target") }
            return Destination(queue: id, agent: nil)
        case .agent(let id):
            guard let agent = turn.view.agent(id), agent.tenant == thread.tenant else {
                throw .refuse(.notFound, field: "target")
            }
            guard id != handler else { throw .refuse(.invalid, field: "target") }
            guard agent.presence != .loggedOut else { throw .refuse(.agentLoggedOut) }
            let served = agent.profile.queues
            return Destination(queue: served.contains(queue) ? queue : served.first ?? queue, agent: id)
        }
    }

    /// The leg that follows this one; it counts its age from now, as the customer has been spoken to.
    private func next(
        _ kind: LegKind, to destination: Destination, in thread: Conversation, _ turn: inout TurnContext
    ) -> ContactCreated {
        ContactCreated(
            leg: Leg(
                tenant: thread.tenant, conversation: thread.id, customer: thread.customer, contact: turn.mint(),
                queue: destination.queue),
            channel: channel, kind: kind, previous: id, tags: tags, skills: skills, priority: priority, boost: boost,
            preferredAgent: nil, ageSince: turn.now)
    }

    func transfer(
        _ target: TransferTarget, by party: Party, in thread: Conversation, _ turn: inout TurnContext
    ) throws(DecideError) -> Decision {
        switch state {
        case .created, .bot, .queued, .offered, .wrapping: throw .refuse(.contactNotConnected)
        case .connected(let handler), .held(let handler):
            switch party {
            case .system, .staff: break
            case .agent(let agent):
                guard agent == handler else { throw .refuse(.agentNotHandling) }
            case .customer, .bot: throw .refuse(.notAllowed, field: "by")
            }
            guard !thread.isConsultation(self) else { throw .refuse(.notAllowed) }
            guard thread.contacts.count < Limits.legsOpenMax else {
                throw .refuse(.limitExceeded, field: "contacts")
            }
            let destination = try destination(target, in: thread, turn)
            let created = next(.coldTransfer, to: destination, in: thread, &turn)
            let next = Contact(created, at: turn.now)
            var decision = Decision(answer: Answer(actor: ActorID(thread.id), contact: next.id))
            endConsultation(by: party, in: thread, turn, &decision.events)
            decision.events.append(.contactCreated(created))
            endTalk(.transferred, of: handler, by: party, next: next.id, in: thread, turn, &decision.events)
            handOverReplies(to: next, keepingAge: false, in: thread, turn, &decision.events)
            next.enter(.transfer, only: destination.agent, in: thread, turn, &decision.events)
            return decision
        }
    }

    func startConsult(
        _ target: TransferTarget, by agent: AgentID, in thread: Conversation, _ turn: inout TurnContext
    ) throws(DecideError) -> Decision {
        switch state {
        case .created, .bot, .queued, .offered, .wrapping: throw .refuse(.contactNotConnected)
        case .connected(let handler), .held(let handler):
            guard handler == agent else { throw .refuse(.agentNotHandling) }
            guard !thread.isConsultation(self) else { throw .refuse(.notAllowed) }
            guard thread.consultation(about: self) == nil else { throw .refuse(.consultAlreadyOpen) }
            guard thread.contacts.count < Limits.legsOpenMax else {
                throw .refuse(.limitExceeded, field: "contacts")
            }
            let destination = try destination(target, in: thread, turn)
            let created = next(.consult, to: destination, in: thread, &turn)
            let consult = Contact(created, at: turn.now)
            var decision = Decision(answer: Answer(actor: ActorID(thread.id), contact: consult.id))
            if !isHeld { decision.events.append(.contactHeld(leg(in: thread), agent)) }
            decision.events.append(.contactCreated(created))
            decision.events.append(.consultStarted(created.leg, previous: id, by: agent))
            consult.enter(.consult, only: destination.agent, in: thread, turn, &decision.events)
            return decision
        }
    }

    func completeTransfer(
        by agent: AgentID, in thread: Conversation, _ turn: TurnContext
    ) throws(DecideError) -> Decision {
        let consult = try consultation(of: agent, in: thread)
        guard consult.handler != nil else { throw .refuse(.consultNotAnswered) }
        var decision = Decision(answer: Answer(actor: ActorID(thread.id), contact: consult.id))
        endTalk(.transferred, of: agent, by: .agent(agent), next: consult.id, in: thread, turn, &decision.events)
        handOverReplies(to: consult, keepingAge: false, in: thread, turn, &decision.events)
        return decision
    }

    func endConsult(
        by agent: AgentID, in thread: Conversation, _ turn: TurnContext
    ) throws(DecideError) -> Decision {
        let consult = try consultation(of: agent, in: thread)
        var decision = Decision()
        consult.takeBack(by: .agent(agent), in: thread, turn, &decision.events)
        decision.events.append(.contactResumed(leg(in: thread), agent))
        return decision
    }

    /// The consultation for which the agent holds this leg.
    private func consultation(of agent: AgentID, in thread: Conversation) throws(DecideError) -> Contact {
        switch state {
        case .created, .bot, .queued, .offered, .wrapping: throw .refuse(.contactNotConnected)
        case .connected(let handler):
            throw handler == agent ? .refuse(.consultNotFound) : .refuse(.agentNotHandling)
        case .held(let handler):
            guard handler == agent else { throw .refuse(.agentNotHandling) }
            guard let consult = thread.consultation(about: self) else { throw .refuse(.consultNotFound) }
            return consult
        }
    }

    /// Ends the consultation about this leg, if there is one: whatever takes the customer from the agent who asked takes
    /// the question back.
    func endConsultation(
        by party: Party, in thread: Conversation, _ turn: TurnContext, _ events: inout [Event]
    ) {
        thread.consultation(about: self)?.takeBack(by: party, in: thread, turn, &events)
    }

    /// Ends this consultation, wherever it is.
    func takeBack(by party: Party, in thread: Conversation, _ turn: TurnContext, _ events: inout [Event]) {
        switch state {
        case .offered: endOffer(.cancelled, in: thread, &events)
        case .created, .bot, .queued, .connected, .held, .wrapping: break
        }
        tellAsker(.consultEnded, in: thread, &events)
        events.append(closed(.consultEnded, by: party, in: thread, turn))
    }

    /// Tells the agent who asked that this leg is over, if it is a consultation; goes before its end.
    func tellAsker(_ reason: EndReason, in thread: Conversation, _ events: inout [Event]) {
        guard thread.isConsultation(self), let asking = thread.contacts.first(where: { $0.id == previous }),
            let asker = asking.handler
        else { return }
        events.append(.consultEnded(leg(in: thread), previous: asking.id, asker: asker, reason: reason))
    }
}
