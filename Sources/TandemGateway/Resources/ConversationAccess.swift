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
            return contact(id, in: known, for: caller, then: then)
        }
        query(id.partition) {
            try $0.contact(id)?.conversation
        } then: { found throws(Problem) in
            guard let found else { throw Problem(.notFound) }
            gateway.places.remember(id, in: found)
            contact(id, in: found, for: caller, then: then)
        }
    }

    /// What agents ask one another does not exist for the customer, unless one who was asked was given him.
    private func contact(
        _ id: ContactID, in conversation: ConversationID, for caller: Caller,
        then: @escaping @Sendable (ContactID, Conversation) throws(Problem) -> Void
    ) {
        self.conversation(conversation, for: caller) { conversation throws(Problem) in
            let kind = conversation.contacts.first { $0.id == id }?.kind
            if caller.customer == nil || (kind != nil && kind != .consult) { return try then(id, conversation) }
            query(id.partition) { store in
                guard let leg = try store.contact(id) else { return false }
                return try !store.isHidden(leg, in: conversation)
            } then: { isShown throws(Problem) in
                guard isShown else { throw Problem(.notFound) }
                try then(id, conversation)
            }
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
            if isOwn, !caller.owns(conversation, toRead: !route.isWrite) { throw Problem(.forbidden) }
            try then(conversation)
        }
    }
}

extension Caller {
    /// A customer's own conversation; one that an agent handles or is offered, or handled last.
    ///
    /// What is said once others have it is not for whoever handled it before to read. A write of his is the machine's to
    /// judge: it may be sent again after the contact has gone on, and is then answered as it was.
    fileprivate func owns(_ conversation: Conversation, toRead: Bool) -> Bool {
        if let customer { return conversation.customer == customer }
        guard let agent else { return false }
        if conversation.contacts.contains(where: { $0.agentNow == agent }) { return true }
        return conversation.lastAgent == agent && (!toRead || conversation.contacts.isEmpty)
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

extension StoreReader {
    /// Whether a leg is a consultation that was never given the customer; the asking leg names whoever followed it.
    ///
    /// - Parameter conversation: its record as of now or a moment ago, which knows a talk's successor before the leg closes
    func isHidden(_ leg: ContactRow, in conversation: Conversation) throws(StoreError) -> Bool {
        guard leg.kind == .consult, let asking = leg.previous else { return false }
        if let open = conversation.contacts.first(where: { $0.id == asking }) { return open.next != leg.id }
        return try contact(asking)?.next != leg.id
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
