// Messages and what has been seen of them. The busiest commands of all: they look up the leg they belong to in place.
extension Conversation {
    /// The number that an earlier delivery of the same message got.
    func sequence(of draft: MessageDraft) -> UInt64? {
        guard seen.count > 0, let clientID = draft.clientID else { return nil }
        let print = MessageFingerprint(of: clientID, by: draft.author)
        return seen.sequence(high: print.high, low: print.low)
    }

    var nextSequence: UInt64 { messageCount == .max ? .max : messageCount + 1 }

    func post(_ draft: MessageDraft, _ turn: inout TurnContext) throws(DecideError) -> Decision {
        try draft.check()
        if let sequence = sequence(of: draft) {
            return Decision(answer: Answer(actor: ActorID(id), sequence: sequence))
        }
        switch state {
        case .absent: throw .refuse(.notFound)
        case .closed: throw .refuse(.conversationClosed)
        case .open: break
        }
        let place = try place(of: draft.author)
        let contact = place.map { contacts[$0].id }
        var decision = Decision(answer: Answer(actor: ActorID(id), contact: contact, sequence: nextSequence))
        decision.events.append(
            .messagePosted(
                MessagePosted(
                    conversation: id, tenant: tenant, customer: customer, sequence: nextSequence,
                    channel: place.map { contacts[$0].channel } ?? channel, author: draft.author, contact: contact,
                    agents: handlers, clientID: draft.clientID, text: draft.text)))
        guard let place else { return decision }
        switch draft.author {
        case .customer: contacts[place].customerWrote(in: self, turn, &decision.events)
        case .agent: contacts[place].agentReplied(in: self, turn, &decision.events)
        case .system, .bot, .staff: break
        }
        return decision
    }

    /// The index of the leg in which this author writes; nil for staff and system when no leg is open.
    private func place(of author: Party) throws(DecideError) -> Int? {
        switch author {
        case .system, .staff: return liveLeg ?? contacts.indices.last
        case .customer(let author):
            guard author == customer else { throw .refuse(.notAllowed, field: "author") }
            return liveLeg ?? contacts.indices.last
        case .bot:
            guard let place = contacts.indices.first(where: { contacts[$0].state == .bot }) else {
                throw .refuse(.contactHasNoBot)
            }
            return place
        case .agent(let agent): return try place(ofAgent: agent)
        }
    }

    /// An agent writes in the leg that he talks in, else in the one he wraps up. What he said while he is only consulted
    /// would reach the customer, so he writes once the customer is his.
    private func place(ofAgent agent: AgentID) throws(DecideError) -> Int {
        var wrapping: Int?
        var consulted = false
        for index in contacts.indices where contacts[index].handler == agent {
            if contacts[index].isWrapping {
                wrapping = index
            } else if isConsultation(at: index) {
                consulted = true
            } else {
                return index
            }
        }
        guard let wrapping else { throw consulted ? .refuse(.notAllowed, field: "author") : .refuse(.agentNotHandling) }
        return wrapping
    }

    func markDelivered(upTo: UInt64, by party: Party) throws(DecideError) -> Decision {
        try checkReader(party, upTo: upTo)
        switch party {
        case .customer where upTo > customerDelivered:
            return Decision([.messagesDelivered(marked(upTo, by: party))])
        case .customer, .agent, .system, .bot, .staff: return Decision()  // Nothing moves; agents' are not kept.
        }
    }

    func markRead(upTo: UInt64, by party: Party) throws(DecideError) -> Decision {
        try checkReader(party, upTo: upTo)
        let before: UInt64 =
            switch party {
            case .customer: customerRead
            case .agent: agentRead
            case .system, .bot, .staff: .max
            }
        return upTo > before ? Decision([.messagesRead(marked(upTo, by: party))]) : Decision()
    }

    /// A receipt comes from the customer or from an agent who handles the conversation, late ones included; not from one
    /// who is only consulted, of whom the customer knows nothing.
    private func checkReader(_ party: Party, upTo: UInt64) throws(DecideError) {
        switch party {
        case .customer(let reader):
            guard reader == customer else { throw .refuse(.notAllowed, field: "by") }
        case .agent(let agent):
            guard contacts.contains(where: { $0.handler == agent }) else { throw .refuse(.agentNotHandling) }
            guard contacts.contains(where: { $0.handler == agent && !isConsultation($0) }) else {
                throw .refuse(.notAllowed, field: "by")
            }
        case .system, .bot, .staff: throw .refuse(.notAllowed, field: "by")
        }
        guard upTo <= messageCount else { throw .refuse(.invalid, field: "upTo") }
    }

    private func marked(_ upTo: UInt64, by party: Party) -> MessagesMarked {
        MessagesMarked(conversation: id, tenant: tenant, by: party, upTo: upTo, agents: handlers)
    }
}

extension MessageDraft {
    func check() throws(DecideError) {
        guard !text.isEmpty else { throw .refuse(.invalid, field: "text") }
        guard text.utf8.count <= Limits.messageBytesMax else { throw .refuse(.limitExceeded, field: "text") }
        guard let clientID else { return }
        guard !clientID.isEmpty else { throw .refuse(.invalid, field: "clientID") }
        guard clientID.utf8.count <= Limits.externalIDBytesMax else {
            throw .refuse(.limitExceeded, field: "clientID")
        }
    }
}
