extension Conversation: Machine {
    package init(absent id: ConversationID) {
        self.init(
            id: id, state: .absent, tenant: TenantID(raw: 0), customer: CustomerID(raw: 0), channel: .chat,
            openedAt: Timestamp(milliseconds: 0), messageCount: 0, customerMessageAt: nil, agentMessageAt: nil,
            customerDelivered: 0, customerRead: 0, agentRead: 0, seen: [], contacts: [], lastAgent: nil,
            lastHandledAt: nil)
    }

    package var isAbsent: Bool { state == .absent }

    /// A closed conversation may still hold legs in wrap-up.
    package var isDormant: Bool {
        switch state {
        case .absent, .closed: contacts.isEmpty
        case .open: false
        }
    }

    package var nextDeadline: Timestamp? {
        var next: Timestamp?
        for index in contacts.indices {
            guard let deadline = contacts[index].nextDeadline else { continue }
            next = next.map { min($0, deadline) } ?? deadline
        }
        if let deadline = resolution?.clock.nextDeadline { next = next.map { min($0, deadline) } ?? deadline }
        return next
    }

    package var deadlines: [Deadline] {
        let own = resolution.map { $0.clock.deadlines(of: $0.contact) } ?? []
        return (contacts.flatMap(\.deadlines) + own).sorted { ($0.at, $0.kind.rawValue) < ($1.at, $1.kind.rawValue) }
    }

    package func decide(
        _ command: ConversationCommand, _ turn: inout TurnContext
    ) throws(DecideError) -> Decision {
        switch state {
        case .absent: return try decideAbsent(command, &turn)
        case .open, .closed: break
        }
        try checkTenant(of: command, turn)
        switch command {
        case .open: throw .refuse(.alreadyExists)
        case .startContact(let request): return try startContact(request, &turn)
        case .postMessage(let draft): return try post(draft, &turn)
        case .markDelivered(let upTo, let party): return try markDelivered(upTo: upTo, by: party)
        case .markRead(let upTo, let party): return try markRead(upTo: upTo, by: party)
        case .close(let party): return try close(by: party, &turn)
        case .followPolicies: return followPolicies(turn)
        case .applyPolicy(let application): return try apply(application, turn)
        case .contact(let id, let command): return try decide(command, on: id, &turn)
        }
    }

    private func decideAbsent(
        _ command: ConversationCommand, _ turn: inout TurnContext
    ) throws(DecideError) -> Decision {
        switch command {
        case .open(let tenant, let customer, let request): return try open(tenant, customer, request, &turn)
        case .contact(_, .agentLost), .contact(_, .offerVoid): return Decision()  // An ask is never refused.
        case .followPolicies: return Decision()  // The runtime's own: it has left memory meanwhile.
        case .startContact, .postMessage, .markDelivered, .markRead, .close, .applyPolicy, .contact:
            throw .refuse(.notFound)
        }
    }

    private func decide(
        _ command: ContactCommand, on id: ContactID, _ turn: inout TurnContext
    ) throws(DecideError) -> Decision {
        guard let contact = contacts.first(where: { $0.id == id }) else {
            switch command {
            case .agentLost, .offerVoid: return Decision()  // Overtaken: the leg has ended.
            case .handOver, .abandon, .acceptOffer, .rejectOffer, .hold, .resume, .transfer, .startConsult,
                .completeTransfer, .endConsult, .end, .finishWrapUp, .requeue, .assign, .forceClose, .setPriority:
                // A leg is younger than its conversation; of the younger ones only the open ones are known here.
                throw .refuse(id.raw > self.id.raw ? .contactClosed : .contactNotFound)
            }
        }
        var decision = try contact.decide(command, in: self, &turn)
        try complete(&decision, &turn)
        return decision
    }

    package func wake(_ turn: inout TurnContext) throws(DecideError) -> Decision {
        var decision = Decision()
        guard let first = nextDeadline, first <= turn.now else { return decision }
        var draft = self
        while try draft.fireNext(&turn, &decision.events) {
            // Each firing ends its deadline, and what a firing makes is due later: otherwise this would not end.
            guard decision.events.count <= Limits.turnEventsMax else {
                throw .invariantBroken(InvariantBroken("a due timer of a conversation does not end"))
            }
        }
        settle(&decision.events, turn)
        return decision
    }

    /// Fires the oldest deadline and applies what follows from it; false when nothing is due.
    private mutating func fireNext(_ turn: inout TurnContext, _ events: inout [Event]) throws(DecideError) -> Bool {
        let start = events.count
        let due = earliestDeadline
        if let own = resolution?.clock.nextDeadline, own <= turn.now, due.map({ own < $0.at }) ?? true {
            if let resolution, let leg = resolutionLeg { events += resolution.clock.events(dueAt: own, of: leg) }
        } else {
            guard let due, due.at <= turn.now, let id = due.contact else { return false }
            guard let contact = contacts.first(where: { $0.id == id }) else { return false }
            try contact.fire(due, in: self, &turn, &events)
        }
        guard events.count > start else {
            throw .invariantBroken(InvariantBroken("a due timer of a conversation does nothing"))
        }
        for event in events[start...] { apply(event, at: turn.now) }
        return true
    }

    /// The oldest of the legs' deadlines; of two at one moment that of the earlier leg, then of the lower kind.
    private var earliestDeadline: Deadline? {
        var earliest: Deadline?
        for contact in contacts {
            guard let next = contact.nextDeadline else { continue }
            guard earliest.map({ next < $0.at }) ?? true else { continue }
            earliest = contact.earliestDeadline
        }
        return earliest
    }

    /// What follows from a command in the same turn: steps that ended while an offer rang or an agent had the contact,
    /// and the end of a conversation that has lost its last leg.
    func complete(_ decision: inout Decision, _ turn: inout TurnContext) throws(DecideError) {
        if decision.events.contains(where: { $0.queuesInStepOver(at: turn.now) }) {
            var draft = self
            for event in decision.events { draft.apply(event, at: turn.now) }
            try draft.passSteps(&turn, &decision.events)
        }
        settle(&decision.events, turn)
    }

    private mutating func passSteps(_ turn: inout TurnContext, _ events: inout [Event]) throws(DecideError) {
        while let contact = contacts.first(where: { $0.stepIsOver(at: turn.now) }) {
            let start = events.count
            contact.step(in: self, turn: &turn, &events)
            for event in events[start...] { apply(event, at: turn.now) }
            guard events.count > start, events.count <= Limits.turnEventsMax else {
                throw .invariantBroken(InvariantBroken("the steps of a waiting contact do not end"))
            }
        }
    }

    /// What the end of a leg, or its move, means for the conversation.
    func settle(_ events: inout [Event], _ turn: TurnContext) {
        closeIfLast(&events)
        followResolution(&events, turn)
    }

    /// A conversation without a leg has nobody to answer in it: it closes with its last one, and reopens with another.
    private func closeIfLast(_ events: inout [Event]) {
        guard state == .open else { return }
        var legs = contacts.count
        var closer: Party?
        for event in events {
            if case .contactCreated = event { legs += 1 }
            if case .conversationClosed = event { return }
            guard case .contactClosed(let closed) = event else { continue }
            legs -= 1
            closer = closed.by
        }
        guard legs == 0, let closer else { return }
        events.append(.conversationClosed(id, tenant, customer, by: closer))
    }
}

extension Event {
    /// Whether it queues a contact in a step whose time is already over.
    fileprivate func queuesInStepOver(at now: Timestamp) -> Bool {
        guard case .contactQueued(let queued) = self, let end = queued.waiting.stepExpiresAt else { return false }
        return end <= now
    }
}
