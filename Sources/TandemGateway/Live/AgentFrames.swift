internal import TandemAPI
internal import TandemCore

// What an agent may ask for. Whether a contact is his to touch is the contact's own to say: it is asked in his name.
extension AgentSession {
    func carryOut(_ frame: InboundFrame) throws(Problem) {
        switch frame.kind {
        case .message:
            try frame.expect([.id, .conversation, .text])
            let draft = MessageDraft(author: .agent(agent), clientID: frame.id, text: frame.text)
            let conversation = try own(frame)
            submit(.conversation(conversation, .postMessage(draft)), id: frame.id, messageIn: conversation)
        case .read:
            try frame.expect([.conversation, .upTo])
            submit(.conversation(try own(frame), .markRead(upTo: frame.upTo, by: .agent(agent))), id: frame.id)
        case .delivered:
            try frame.expect([.conversation, .upTo])
            submit(.conversation(try own(frame), .markDelivered(upTo: frame.upTo, by: .agent(agent))), id: frame.id)
        case .typing:
            try frame.expect(.conversation)
            try passTyping(in: frame.conversation, id: frame.id)
        case .presence:
            try frame.expect(.state, or: .code)
            submit(.agent(agent, .setPresence(try Self.wish(frame), by: .agent(agent))), id: frame.id)
        case .accept, .reject, .hold, .resume, .transfer, .consult, .completeConsult, .endConsult, .end, .wrapup:
            let command = try contactCommand(frame)
            submit(.conversation(try own(frame), .contact(frame.contact, command)), id: frame.id)
        case .ping, .position, .leave: throw Self.unknownFrame
        }
    }

    private func contactCommand(_ frame: InboundFrame) throws(Problem) -> ContactCommand {
        let place: InboundFrame.Fields = [.conversation, .contact]
        switch frame.kind {
        case .accept:
            try frame.expect(place.union(.offer))
            return .acceptOffer(frame.offer, by: agent)
        case .reject:
            try frame.expect(place.union(.offer))
            return .rejectOffer(frame.offer, by: agent)
        case .transfer:
            try frame.expect(place, or: [.queue, .agent])
            return .transfer(try Self.target(frame), by: .agent(agent))
        case .consult:
            try frame.expect(place, or: [.queue, .agent])
            return .startConsult(try Self.target(frame), by: agent)
        case .wrapup:
            try frame.expect(place, or: .disposition)
            return .finishWrapUp(disposition: frame.disposition, by: .agent(agent))
        case .hold, .resume, .completeConsult, .endConsult, .end: try frame.expect(place)
        case .message, .read, .delivered, .typing, .position, .leave, .ping, .presence: throw Self.unknownFrame
        }
        switch frame.kind {
        case .hold: return .hold(by: agent)
        case .resume: return .resume(by: agent)
        case .completeConsult: return .completeTransfer(by: agent)
        case .endConsult: return .endConsult(by: agent)
        case .end: return .end(by: .agent(agent))
        case .message, .read, .delivered, .typing, .position, .leave, .ping, .presence, .accept, .reject, .transfer,
            .consult, .wrapup:
            throw Self.unknownFrame
        }
    }

    /// His tenant lives in his partition, and so does everything that can be his.
    private func own(_ frame: InboundFrame) throws(Problem) -> ConversationID {
        guard frame.conversation.partition == partition else { throw Problem(.notFound, field: "conversation") }
        return frame.conversation
    }

    private static func target(_ frame: InboundFrame) throws(Problem) -> TransferTarget {
        do throws(FieldProblem) {
            return try API.TargetRequest(queue: frame.queue, agent: frame.agent).core()
        } catch {
            throw Problem(error)
        }
    }

    private static func wish(_ frame: InboundFrame) throws(Problem) -> PresenceWish {
        switch frame.state {
        case "available", "loggedOut":
            try frame.expect(.state)
            return frame.state == "available" ? .available : .loggedOut
        case "onBreak":
            guard let code = frame.code else {
                throw Problem(.missingField, field: "code", detail: "A break needs its code.")
            }
            return .onBreak(BreakCode(code))
        default: throw Problem(.invalid, field: "state", detail: "available, onBreak or loggedOut.")
        }
    }
}

extension JSONWriter {
    mutating func presenceFields(_ presence: Presence) {
        field("state", word: presence.word)
        field("code", ifPresent: presence.breakCode)
        field("until", ifPresent: presence.offlineUntil)
    }

    mutating func fields(of scene: AgentSession.Scene) {
        let agent = scene.agent
        field("agent", agent.id)
        field("name", agent.profile.name)
        presenceFields(agent.presence)
        field("since", agent.presenceSince)
        field("unanswered", agent.unanswered)
        key("assignments")
        beginArray()
        for assignment in agent.assignments { write(assignment, scene) }
        endArray()
    }

    private mutating func write(_ assignment: Agent.Assignment, _ scene: AgentSession.Scene) {
        beginObject()
        field("conversation", assignment.conversation)
        field("contact", assignment.contact)
        field("queue", assignment.queue)
        field("channel", word: assignment.channel.word)
        field("since", assignment.since)
        if let conversation = scene.conversations[assignment.conversation] {
            if let contact = conversation.contacts.first(where: { $0.id == assignment.contact }) {
                write(contact.state)
            }
            field("messages", conversation.messageCount)
            field("read", conversation.customerRead)
            field("agentRead", conversation.agentRead)
            key("customer")
            card(conversation.customer, scene.cards[conversation.customer])
        }
        endObject()
    }

    private mutating func write(_ state: Contact.State) {
        field("state", word: state.word)
        switch state {
        case .offered(let offer, _):
            field("offer", offer.id)
            field("expiresAt", offer.expiresAt)
        case .wrapping(let wrapping): field("until", ifPresent: wrapping.until)
        case .created, .bot, .queued, .connected, .held: break
        }
    }

    private mutating func card(_ customer: CustomerID, _ card: AgentSession.Card?) {
        beginObject()
        field("id", customer)
        if let card {
            field("name", card.name)
            field("tier", word: card.tier.word)
        }
        endObject()
    }

    /// Who is offered, until when, and why to this agent.
    mutating func fields(of made: OfferMade, _ card: AgentSession.Card) {
        field("offer", made.offer)
        field("conversation", made.leg.conversation)
        field("contact", made.leg.contact)
        field("queue", made.leg.queue)
        field("channel", word: made.channel.word)
        field("expiresAt", made.expiresAt)
        key("customer")
        self.card(made.leg.customer, card)
        key("reason")
        beginObject()
        field("trigger", word: made.decision.trigger.word)
        field("strategy", word: made.decision.strategy.word)
        field("rule", made.decision.rule)
        field("step", made.decision.step)
        field("age", made.decision.age)
        key("skills")
        skills(made.decision.requirement.skills)
        endObject()
    }
}
