// How a conversation and its contacts begin.
extension Conversation {
    func open(
        _ tenant: TenantID, _ customer: CustomerID, _ request: ContactRequest, _ turn: inout TurnContext
    ) throws(DecideError) -> Decision {
        guard turn.view.tenant(tenant)?.isAbsent == false else { throw .refuse(.notFound, field: "tenant") }
        guard turn.view.customer(customer)?.tenant == tenant else { throw .refuse(.notFound, field: "customer") }
        let opened = Event.conversationOpened(
            ConversationOpened(
                conversation: id, tenant: tenant, customer: customer, channel: request.channel,
                subject: request.subject))
        var thread = self
        thread.apply(opened, at: turn.now)
        return try thread.begin(request, after: [opened], &turn)
    }

    func startContact(_ request: ContactRequest, _ turn: inout TurnContext) throws(DecideError) -> Decision {
        guard liveLeg == nil else { throw .refuse(.contactAlreadyOpen) }
        guard contacts.count < Limits.legsOpenMax else { throw .refuse(.limitExceeded, field: "contacts") }
        switch state {
        case .absent: throw .refuse(.notFound)
        case .open: return try begin(request, after: [], &turn)
        case .closed:
            let reopened = Event.conversationReopened(id, tenant, customer)
            var thread = self
            thread.apply(reopened, at: turn.now)
            return try thread.begin(request, after: [reopened], &turn)
        }
    }

    /// The first leg of a matter: with the bot, or waiting.
    private func begin(
        _ request: ContactRequest, after events: [Event], _ turn: inout TurnContext
    ) throws(DecideError) -> Decision {
        let request = try checked(request, turn)
        let leg = Leg(
            tenant: tenant, conversation: id, customer: customer, contact: turn.mint(), queue: request.queue)
        let created = ContactCreated(
            leg: leg, channel: request.channel, kind: .original, previous: nil, tags: request.tags,
            skills: request.skills, priority: request.priority, boost: request.boost,
            preferredAgent: request.preferredAgent, ageSince: turn.now)
        var decision = Decision(events, answer: Answer(actor: ActorID(id), contact: leg.contact))
        decision.events.append(.contactCreated(created))
        if let message = request.message {
            decision.answer?.sequence = try firstMessage(message, in: leg, on: request.channel, &decision.events)
        }
        let contact = Contact(created, at: turn.now)
        if request.bot {
            decision.events.append(.contactBotStarted(leg))
            contact.activatePaused(.firstReply, in: self, turn, &decision.events)
        } else {
            contact.activate(.firstReply, since: turn.now, in: self, turn, &decision.events)
            contact.enter(.arrival, in: self, turn, &decision.events)
        }
        startResolution(leg, on: request.channel, turn, &decision.events)
        followResolution(&decision.events, turn)
        return decision
    }

    private func checked(_ request: ContactRequest, _ turn: TurnContext) throws(DecideError) -> ContactRequest {
        guard let tenant = turn.view.tenant(tenant) else {
            throw .invariantBroken(InvariantBroken("the tenant of a conversation is not loaded"))
        }
        let request = request.normalized
        try DecideError.refusing { () throws(Refusal) in try request.validate(in: tenant, view: turn.view) }
        return request
    }

    /// The number of the message that came with the request; one that was posted before keeps its number.
    private func firstMessage(
        _ draft: MessageDraft, in leg: Leg, on channel: Channel, _ events: inout [Event]
    ) throws(DecideError) -> UInt64 {
        try draft.check()
        switch draft.author {
        case .customer(let author):
            guard author == customer else { throw .refuse(.notAllowed, field: "author") }
        case .staff, .system: break
        case .agent: throw .refuse(.agentNotHandling)
        case .bot: throw .refuse(.contactHasNoBot)
        }
        if let sequence = sequence(of: draft) { return sequence }
        let message = MessagePosted(
            conversation: id, tenant: tenant, customer: customer, sequence: nextSequence,
            channel: channel, author: draft.author, contact: leg.contact, agents: handlers, clientID: draft.clientID,
            text: draft.text)
        events.append(.messagePosted(message))
        return message.sequence
    }
}

extension ContactRequest {
    package var normalized: ContactRequest {
        var request = self
        request.tags = tags.normalizedTags
        request.skills = skills.normalized
        return request
    }

    /// Throws what a command must not carry; `tenant` is the conversation's.
    func validate(in tenant: Tenant, view: any TurnView) throws(Refusal) {
        try Rules.count(subject.utf8.count, atMost: Limits.nameBytesMax, field: "subject")
        try Rules.tags(tags, field: "tags")
        try Rules.skills(skills, atMost: Limits.skillsPerContactMax, of: tenant, field: "skills")
        try Rules.require((1...9).contains(priority), field: "priority")
        try Rules.exists(view.queue(queue)?.tenant == tenant.id, field: "queue")
        if let preferredAgent {
            try Rules.exists(view.agent(preferredAgent)?.tenant == tenant.id, field: "preferredAgent")
        }
    }
}
