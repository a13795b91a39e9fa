import TandemCore

@testable import TandemWire

// Arbitrary events, commands, entries, and what they carry.

extension Arbitrary {
    mutating func event() -> Event { event(one()) }

    /// One event of the kind; the switch makes sure that a new kind is thought of.
    mutating func event(_ name: EventName) -> Event {
        switch name {
        case .tenantCreated: .tenantCreated(id(), tenantSettings())
        case .tenantChanged: .tenantChanged(id(), tenantSettings(), version: integer())
        case .skillDefined: .skillDefined(id(), skill())
        case .calendarPut: .calendarPut(id(), calendar())
        case .routingPolicyPut: .routingPolicyPut(id(), routingPolicy())
        case .slaPolicyPut: .slaPolicyPut(id(), slaPolicy())
        case .queueCreated: .queueCreated(id(), id(), queueSettings())
        case .queueChanged: .queueChanged(id(), id(), queueSettings(), version: integer())
        case .agentCreated: .agentCreated(id(), id(), agentProfile())
        case .agentChanged: .agentChanged(id(), id(), agentProfile(), version: integer())
        case .presenceChanged:
            .presenceChanged(
                PresenceChanged(
                    agent: id(), tenant: id(), from: presence(), to: presence(), by: party(), unanswered: integer()))
        case .sessionConnected: .sessionConnected(id(), id(), session())
        case .sessionEnded: .sessionEnded(id(), id(), session(), lost: bool())
        case .customerCreated: .customerCreated(id(), id(), customerProfile())
        case .customerChanged: .customerChanged(id(), id(), customerProfile(), version: integer())
        case .credentialCreated: .credentialCreated(id(), credentialSpec())
        case .credentialRevoked: .credentialRevoked(id(), optional { $0.id() })
        case .conversationOpened:
            .conversationOpened(
                ConversationOpened(conversation: id(), tenant: id(), customer: id(), channel: one(), subject: text()))
        case .conversationReopened: .conversationReopened(id(), id(), id())
        case .messagePosted: .messagePosted(messagePosted())
        case .messagesDelivered: .messagesDelivered(messagesMarked())
        case .messagesRead: .messagesRead(messagesMarked())
        case .conversationClosed: .conversationClosed(id(), id(), id(), by: party())
        case .contactCreated: .contactCreated(contactCreated())
        case .contactBotStarted: .contactBotStarted(leg())
        case .contactQueued: .contactQueued(contactQueued())
        case .contactStepped: .contactStepped(contactQueued())
        case .contactDeclineExpired: .contactDeclineExpired(leg(), id())
        case .contactPriorityChanged:
            .contactPriorityChanged(leg(), priority: integer(), order: orderKey(), by: party())
        case .offerMade: .offerMade(offerMade())
        case .offerAccepted: .offerAccepted(offerEnded())
        case .offerEnded: .offerEnded(offerEnded())
        case .contactHeld: .contactHeld(leg(), id())
        case .contactResumed: .contactResumed(leg(), id())
        case .consultStarted: .consultStarted(leg(), previous: id(), by: id())
        case .consultEnded: .consultEnded(leg(), previous: id(), asker: id(), reason: one())
        case .contactWrapping:
            .contactWrapping(ContactWrapping(leg: leg(), agent: id(), until: optional { $0.time() }, reason: one()))
        case .contactClosed: .contactClosed(contactClosed())
        case .clockActivated: .clockActivated(leg(), clockSet())
        case .clockPaused: .clockPaused(leg(), one(), remaining: optional { $0.length() })
        case .clockResumed:
            .clockResumed(leg(), one(), warnAt: optional { $0.time() }, dueAt: optional { $0.time() })
        case .clockWarned: .clockWarned(leg(), one())
        case .clockBreached: .clockBreached(leg(), one(), brokenAt: optional { $0.time() })
        case .clockFulfilled: .clockFulfilled(leg(), one(), elapsed: length(), promised: bool())
        case .clockPolicyApplied: .clockPolicyApplied(leg(), clockTerms())
        case .inputQuarantined: .inputQuarantined(integer(), id(), quarantinedInput())
        case .quarantineResolved: .quarantineResolved(integer(), id(), by: party())
        case .webhookPut: .webhookPut(id(), webhook())
        case .deliveryDue: .deliveryDue(deliveryDue())
        case .deliveryResumed: .deliveryResumed(deliveryTarget())
        case .deliveryFailed:
            .deliveryFailed(
                DeliveryFailed(
                    target: deliveryTarget(), attempt: integer(), failure: deliveryFailure(),
                    retryAt: optional { $0.time() }))
        case .deliveryDone: .deliveryDone(deliveryTarget(), attempt: integer(), status: integer())
        }
    }

    mutating func leg() -> Leg {
        Leg(tenant: id(), conversation: id(), customer: id(), contact: id(), queue: id())
    }

    mutating func messagePosted() -> MessagePosted {
        MessagePosted(
            conversation: id(), tenant: id(), customer: id(), sequence: integer(), channel: one(), author: party(),
            contact: optional { $0.id() }, agents: list { $0.id() }, clientID: optional { $0.text() }, text: text())
    }

    mutating func messagesMarked() -> MessagesMarked {
        MessagesMarked(conversation: id(), tenant: id(), by: party(), upTo: integer(), agents: list { $0.id() })
    }

    mutating func contactCreated() -> ContactCreated {
        ContactCreated(
            leg: leg(), channel: one(), kind: one(), previous: optional { $0.id() }, tags: list { $0.text() },
            skills: list { $0.skillLevel() }, priority: integer(), boost: integer(),
            preferredAgent: optional { $0.id() }, ageSince: time())
    }

    mutating func requirement() -> Requirement {
        Requirement(pools: list { $0.id() }, skills: list { $0.skillLevel() }, preferred: list { $0.id() })
    }

    mutating func orderKey() -> OrderKey { OrderKey(priority: integer(), virtual: integer(), sequence: integer()) }

    mutating func waiting() -> Waiting {
        Waiting(
            policy: optional { $0.id() }, policyVersion: integer(), rule: integer(), step: integer(),
            stepExpiresAt: optional { $0.time() }, requirement: requirement(), order: orderKey())
    }

    mutating func contactQueued() -> ContactQueued {
        ContactQueued(
            leg: leg(), reason: one(), enqueuedAt: time(), waiting: waiting(), priority: integer(), boost: integer(),
            released: optional { $0.id() }, note: optional { $0.text() })
    }

    mutating func offerMade() -> OfferMade {
        var ruledOut = RoutingDecision.RuledOut()
        ruledOut.loggedOut = integer()
        ruledOut.notAvailable = integer()
        ruledOut.skill = integer()
        ruledOut.noSlot = integer()
        ruledOut.blocked = integer()
        ruledOut.notPreferred = integer()
        ruledOut.declined = integer()
        let decision = RoutingDecision(
            trigger: one(), policy: optional { $0.id() }, policyVersion: integer(), rule: integer(), step: integer(),
            strategy: one(), requirement: requirement(), order: orderKey(), age: length(),
            candidates: list { RoutingDecision.Candidate(agent: $0.id(), score: $0.integer()) },
            eligible: integer(), ruledOut: ruledOut)
        return OfferMade(leg: leg(), offer: id(), agent: id(), channel: one(), expiresAt: time(), decision: decision)
    }

    mutating func offerEnded() -> OfferEnded {
        OfferEnded(
            leg: leg(), offer: id(), agent: id(), channel: one(), outcome: one(),
            declinedUntil: optional { $0.time() }, waited: length(), target: optional { $0.length() },
            isCounted: bool())
    }

    mutating func contactTimes() -> ContactTimes {
        var times = ContactTimes()
        times.queued = length()
        times.talk = length()
        times.hold = length()
        times.wrapUp = length()
        times.holds = integer()
        times.offers = integer()
        times.offersTimedOut = integer()
        return times
    }

    mutating func contactClosed() -> ContactClosed {
        ContactClosed(
            leg: leg(), channel: one(), kind: one(), previous: optional { $0.id() }, next: optional { $0.id() },
            agent: optional { $0.id() }, reason: one(), disposition: optional { $0.text() }, createdAt: time(),
            enqueuedAt: optional { $0.time() }, answeredAt: optional { $0.time() }, times: contactTimes(),
            target: optional { $0.length() }, by: party())
    }

    mutating func clockSet() -> ClockSet {
        ClockSet(
            metric: one(), promise: optional { $0.clockPromise() }, since: optional { $0.time() }, used: length(),
            warnAt: optional { $0.time() }, dueAt: optional { $0.time() })
    }

    mutating func clockPromise() -> ClockPromise {
        ClockPromise(
            target: length(), warnPercent: integer(), calendar: optional { $0.id() }, policy: optional { $0.id() },
            policyVersion: integer())
    }

    mutating func clockTerms() -> ClockTerms {
        ClockTerms(
            metric: one(), promise: optional { $0.clockPromise() }, warnAt: optional { $0.time() },
            dueAt: optional { $0.time() }, remaining: optional { $0.length() })
    }

    mutating func quarantinedInput() -> QuarantinedInput {
        QuarantinedInput(
            input: integer(), summary: text(), actor: actor(), contact: optional { $0.id() }, reason: text())
    }

    // Commands

    mutating func command() -> Command { command(one()) }

    mutating func command(_ name: CommandName) -> Command {
        switch name {
        case .createTenant: .tenant(optional { $0.id() }, .create(tenantSettings()))
        case .changeTenant: .tenant(id(), .change(tenantSettings(), expecting: version()))
        case .defineSkill: .tenant(id(), .defineSkill(name: text()))
        case .putCalendar: .tenant(id(), .putCalendar(optional { $0.id() }, calendarSpec(), expecting: version()))
        case .putRoutingPolicy:
            .tenant(id(), .putRoutingPolicy(optional { $0.id() }, routingPolicySpec(), expecting: version()))
        case .putWebhook: .tenant(id(), .putWebhook(optional { $0.id() }, webhookSpec(), expecting: version()))
        case .reportDelivery: .delivery(id(), .report(id(), attempt: integer(), deliveryResult()))
        case .putSLAPolicy: .tenant(id(), .putSLAPolicy(optional { $0.id() }, slaPolicySpec(), expecting: version()))
        case .createQueue: .queue(optional { $0.id() }, .create(id(), queueSettings()))
        case .changeQueue: .queue(id(), .change(queueSettings(), expecting: version()))
        case .createAgent: .agent(optional { $0.id() }, .create(id(), agentProfile()))
        case .changeAgent: .agent(id(), .change(agentProfile(), expecting: version()))
        case .setPresence: .agent(id(), .setPresence(presenceWish(), by: party()))
        case .connectSession: .agent(id(), .connectSession(session()))
        case .loseSession: .agent(id(), .loseSession(session()))
        case .closeSession: .agent(id(), .closeSession(session()))
        case .createCustomer: .customer(optional { $0.id() }, .create(id(), customerProfile()))
        case .changeCustomer: .customer(id(), .change(customerProfile(), expecting: version()))
        case .createCredential: .credential(optional { $0.id() }, .create(credentialSpec()))
        case .revokeCredential: .credential(id(), .revoke)
        case .quarantineInput: .quarantine(.add(quarantinedInput()))
        case .resolveQuarantine: .quarantine(.resolve(id(), by: party()))
        case .openConversation: .conversation(optional { $0.id() }, .open(id(), id(), contactRequest()))
        case .startContact: .conversation(id(), .startContact(contactRequest()))
        case .postMessage: .conversation(id(), .postMessage(messageDraft()))
        case .markDelivered: .conversation(id(), .markDelivered(upTo: integer(), by: party()))
        case .markRead: .conversation(id(), .markRead(upTo: integer(), by: party()))
        case .closeConversation: .conversation(id(), .close(by: party()))
        case .followPolicies: .conversation(id(), .followPolicies)
        case .applyPolicy:
            .conversation(
                id(),
                .applyPolicy(
                    PolicyApplication(
                        queue: id(),
                        past: list { PastClock(leg: $0.leg(), channel: $0.one(), clock: $0.clock()) }, by: party())))
        case .handOver: contactCommand(.handOver(reason: text(), by: party()))
        case .abandon: contactCommand(.abandon)
        case .acceptOffer: contactCommand(.acceptOffer(id(), by: id()))
        case .rejectOffer: contactCommand(.rejectOffer(id(), by: id()))
        case .hold: contactCommand(.hold(by: id()))
        case .resume: contactCommand(.resume(by: id()))
        case .transfer: contactCommand(.transfer(transferTarget(), by: party()))
        case .startConsult: contactCommand(.startConsult(transferTarget(), by: id()))
        case .completeTransfer: contactCommand(.completeTransfer(by: id()))
        case .endConsult: contactCommand(.endConsult(by: id()))
        case .end: contactCommand(.end(by: party()))
        case .finishWrapUp: contactCommand(.finishWrapUp(disposition: optional { $0.text() }, by: party()))
        case .requeue: contactCommand(.requeue(by: party()))
        case .assign: contactCommand(.assign(id(), by: party()))
        case .forceClose: contactCommand(.forceClose(by: party()))
        case .setPriority: contactCommand(.setPriority(integer(), by: party()))
        case .agentLost: contactCommand(.agentLost(id()))
        case .offerVoid: contactCommand(.offerVoid(id()))
        }
    }

    private mutating func version() -> UInt32? { optional { $0.integer() } }
    private mutating func transferTarget() -> TransferTarget { bool() ? .queue(id()) : .agent(id()) }
    private mutating func contactCommand(_ command: ContactCommand) -> Command {
        .conversation(id(), .contact(id(), command))
    }

    private mutating func presenceWish() -> PresenceWish {
        switch below(3) {
        case 0: .available
        case 1: .onBreak(BreakCode(text()))
        default: .loggedOut
        }
    }

    mutating func messageDraft() -> MessageDraft {
        MessageDraft(author: party(), clientID: optional { $0.text() }, text: text())
    }

    mutating func contactRequest() -> ContactRequest {
        ContactRequest(
            channel: one(), queue: id(), subject: text(), tags: list { $0.text() }, skills: list { $0.skillLevel() },
            priority: integer(), boost: integer(), preferredAgent: optional { $0.id() }, bot: bool(),
            message: optional { $0.messageDraft() })
    }

    // Answers and entries

    mutating func answer() -> Answer {
        Answer(
            actor: actor(), contact: optional { $0.id() }, part: optional { $0.integer() },
            sequence: optional { $0.integer() }, version: version())
    }

    mutating func refusal() -> Refusal { Refusal(one(), field: optional { $0.text() }) }

    mutating func cause() -> Cause {
        switch below(5) {
        case 0: .timer
        case 1: .routing
        case 2: .replication
        case 3: .mark(StateMark(node: integer(), hash: StateHash(high: integer(), low: integer())))
        default: .command(one())
        }
    }

    mutating func entry() -> Entry {
        Entry(
            time: time(), minted: integer(UInt64.self) & IDMinter.lastMax,
            key: optional { CommandKey(high: $0.integer(), low: $0.integer(), body: $0.integer()) }, cause: cause(),
            answer: optional { $0.answer() }, events: (0..<below(6)).map { _ in event() })
    }
}
