internal import TandemAPI
internal import TandemCore
internal import TandemReadModel
internal import TandemRuntime
internal import TandemWire

// Which conversation is meant, and whether it is the caller's to touch.
extension Call {
    /// The conversation of the path, from memory or from the store.
    func conversation(then: @escaping @Sendable (Conversation) throws(Problem) -> Void) throws(Problem) {
        conversation(try id(), for: try requireCaller(), then: then)
    }

    /// The contact of the path with its conversation, whose record no longer holds it once it is closed.
    func contact(then: @escaping @Sendable (ContactID, Conversation) throws(Problem) -> Void) throws(Problem) {
        let (id, caller): (ContactID, Caller) = (try id(), try requireCaller())
        if let known = gateway.places.conversation(of: id) {
            return conversation(known, for: caller) { conversation throws(Problem) in try then(id, conversation) }
        }
        query(id.partition) {
            try $0.contact(id)?.conversation
        } then: { found throws(Problem) in
            guard let found else { throw Problem(.notFound) }
            gateway.places.remember(id, in: found)
            conversation(found, for: caller) { conversation throws(Problem) in try then(id, conversation) }
        }
    }

    /// The offer of the path; agents see their own.
    func offer(then: @escaping @Sendable (OfferRow) throws(Problem) -> Void) throws(Problem) {
        let (id, caller): (OfferID, Caller) = (try id(), try requireCaller())
        let isOwn = caller.reach(route.operation) == .own
        query(id.partition) {
            try $0.offers(.offer(id), limit: 1).items.first
        } then: { found throws(Problem) in
            guard let found, caller.sees(found.tenant) else { throw Problem(.notFound) }
            if isOwn, caller.agent != found.agent { throw Problem(.offerNotYours) }
            try then(found)
        }
    }

    private func conversation(
        _ id: ConversationID, for caller: Caller, then: @escaping @Sendable (Conversation) throws(Problem) -> Void
    ) {
        let isOwn = caller.reach(route.operation) == .own
        record(ActorID(id)) { record throws(Problem) in
            guard case .conversation(let conversation) = record, conversation.state != .absent,
                caller.sees(conversation.tenant)
            else { throw Problem(.notFound) }
            if isOwn, !caller.owns(conversation) { throw Problem(.forbidden) }
            try then(conversation)
        }
    }
}

extension Caller {
    /// A customer's own conversation; one that an agent handles, is offered, or handled last.
    fileprivate func owns(_ conversation: Conversation) -> Bool {
        if let customer { return conversation.customer == customer }
        guard let agent else { return false }
        return conversation.lastAgent == agent || conversation.contacts.contains { $0.agentNow == agent }
    }

    /// Who speaks for this caller in a conversation: staff may post for its customer or for the bot.
    func author(_ word: String?, in conversation: Conversation) throws(Problem) -> Party {
        switch word {
        case nil, "self": return party
        case "customer" where customer == nil && agent == nil: return .customer(conversation.customer)
        case "bot" where customer == nil && agent == nil: return .bot
        default: throw Problem(.forbidden, field: "author", detail: "Only staff post for somebody else.")
        }
    }
}

extension Contact {
    /// The agent who has it, or is offered it.
    var agentNow: AgentID? {
        switch state {
        case .created, .bot, .queued: nil
        case .offered(let offer, _): offer.agent
        case .connected(let agent), .held(let agent): agent
        case .wrapping(let wrapping): wrapping.agent
        }
    }
}
