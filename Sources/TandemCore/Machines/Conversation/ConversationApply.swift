extension Conversation {
    package mutating func apply(_ event: Event, at now: Timestamp) {
        switch event {
        case .messagePosted(let message): posted(message, at: now)
        case .messagesDelivered(let marks), .messagesRead(let marks):
            guard marks.conversation == id else { return }
            if case .messagesRead = event { read(marks) } else { delivered(upTo: marks.upTo, by: marks.by) }
        case .conversationOpened(let opened):
            guard opened.conversation == id, state == .absent else { return }
            state = .open
            tenant = opened.tenant
            customer = opened.customer
            channel = opened.channel
            openedAt = now
        case .conversationReopened(let id, _, _):
            guard id == self.id, isClosed else { return }
            state = .open
        case .conversationClosed(let id, _, _, _):
            guard id == self.id, state == .open else { return }
            state = .closed(at: now)
        case .contactCreated(let created): self.created(created, at: now)
        case .contactClosed(let closed):
            guard closed.leg.conversation == id else { return }
            guard let place = contacts.firstIndex(where: { $0.id == closed.leg.contact }) else { return }
            if let agent = closed.agent { handled(by: agent, at: now) }
            contacts.remove(at: place)
            if closed.reason == .transferred { takeOver(from: closed.leg.contact) }
        case .offerAccepted(let ended):
            change(ended.leg, event, at: now)
            if ended.leg.conversation == id { handled(by: ended.agent, at: now) }
        case .contactBotStarted, .contactQueued, .contactStepped, .contactDeclineExpired, .contactPriorityChanged,
            .offerMade, .offerEnded, .contactHeld, .contactResumed, .consultStarted, .consultEnded, .contactWrapping,
            .clockActivated, .clockPaused, .clockResumed, .clockWarned, .clockBreached, .clockFulfilled,
            .clockPolicyApplied:
            if event.clockMetric == .resolution { return applyResolution(event, at: now) }
            if let leg = event.leg { change(leg, event, at: now) }
        case .tenantCreated, .tenantChanged, .skillDefined, .calendarPut, .routingPolicyPut, .slaPolicyPut,
            .queueCreated, .queueChanged, .agentCreated, .agentChanged, .presenceChanged, .sessionConnected,
            .sessionEnded, .customerCreated, .customerChanged, .credentialCreated, .credentialRevoked,
            .inputQuarantined, .quarantineResolved, .webhookPut, .deliveryDue, .deliveryResumed, .deliveryFailed,
            .deliveryDone:
            break
        }
    }

    private var isClosed: Bool {
        switch state {
        case .absent, .open: false
        case .closed: true
        }
    }

    private mutating func change(_ leg: Leg, _ event: Event, at now: Timestamp) {
        guard leg.conversation == id, let place = contacts.firstIndex(where: { $0.id == leg.contact }) else { return }
        contacts[place].apply(event, at: now)
        guard case .contactWrapping(let wrapping) = event, wrapping.reason == .transferred else { return }
        guard contacts[place].isWrapping else { return }
        // A cold transfer was linked at its creation.
        contacts[place].next = contacts[place].next ?? takeOver(from: leg.contact)
    }

    /// A warm transfer is complete: its consultation is the next leg, and the agent who asked is an agent like others.
    @discardableResult
    private mutating func takeOver(from asking: ContactID) -> ContactID? {
        guard let place = contacts.firstIndex(where: { $0.kind == .consult && $0.previous == asking }) else {
            return nil
        }
        contacts[place].forgetAsker()
        return contacts[place].id
    }

    private mutating func created(_ created: ContactCreated, at now: Timestamp) {
        guard created.leg.conversation == id, state != .absent else { return }
        guard !contacts.contains(where: { $0.id == created.leg.contact }) else { return }
        contacts.append(Contact(created, at: now))
        switch created.kind {
        case .original, .consult: break
        case .coldTransfer, .overflow, .callback:
            guard let place = contacts.firstIndex(where: { $0.id == created.previous }) else { return }
            contacts[place].next = created.leg.contact
        }
    }

    private mutating func posted(_ message: MessagePosted, at now: Timestamp) {
        guard message.conversation == id, state != .absent else { return }
        messageCount = max(messageCount, message.sequence)
        forgetSeen(at: now)
        #if NEXT_FORMAT
            characters &+= message.characters
        #endif
        switch message.author {
        case .customer: customerMessageAt = now
        case .agent: agentMessageAt = now
        case .system, .bot, .staff: break
        }
        guard let clientID = message.clientID else { return }
        let print = MessageFingerprint(of: clientID, by: message.author)
        seen.append(
            SeenMessages.Mark(high: print.high, low: print.low, sequence: message.sequence),
            max: Limits.externalIDsMax)
    }

    /// What a sender may send again he sends soon; so a talk that was lively costs a conversation nothing for good.
    private mutating func forgetSeen(at now: Timestamp) {
        guard seen.count > Limits.externalIDsKept else { return }
        let written = max(customerMessageAt ?? openedAt, agentMessageAt ?? openedAt)
        if written + Limits.externalIDsQuiet <= now { seen.keep(newest: Limits.externalIDsKept) }
    }

    private mutating func delivered(upTo: UInt64, by party: Party) {
        switch party {
        case .customer: customerDelivered = max(customerDelivered, min(upTo, messageCount))
        case .agent, .system, .bot, .staff: break
        }
    }

    /// What has been read has been delivered.
    private mutating func read(_ marks: MessagesMarked) {
        let upTo = min(marks.upTo, messageCount)
        switch marks.by {
        case .customer: customerRead = max(customerRead, upTo)
        case .agent: agentRead = max(agentRead, upTo)
        case .system, .bot, .staff: break
        }
        delivered(upTo: upTo, by: marks.by)
    }

    private mutating func handled(by agent: AgentID, at now: Timestamp) {
        lastAgent = agent
        lastHandledAt = now
    }
}
