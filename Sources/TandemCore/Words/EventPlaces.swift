// Which actors an event changes, and whose sessions see it.
extension Event {
    /// The tenant whose supervisors may see it; nil: the node's operators only.
    package var tenant: TenantID? {
        switch self {
        case .tenantCreated(let id, _), .tenantChanged(let id, _, _), .skillDefined(let id, _),
            .calendarPut(let id, _), .routingPolicyPut(let id, _), .slaPolicyPut(let id, _), .webhookPut(let id, _):
            id
        case .queueCreated(_, let id, _), .queueChanged(_, let id, _, _): id
        case .agentCreated(_, let id, _), .agentChanged(_, let id, _, _): id
        case .presenceChanged(let change): change.tenant
        case .sessionConnected(_, let id, _), .sessionEnded(_, let id, _, _): id
        case .customerCreated(_, let id, _), .customerChanged(_, let id, _, _): id
        case .credentialCreated(_, let spec): spec.tenant
        case .credentialRevoked(_, let id): id
        case .conversationOpened(let opened): opened.tenant
        case .conversationReopened(_, let id, _), .conversationClosed(_, let id, _, _): id
        case .messagePosted(let message): message.tenant
        case .messagesDelivered(let marked), .messagesRead(let marked): marked.tenant
        case .deliveryDue(let due): due.tenant
        case .deliveryResumed(let target), .deliveryDone(let target, _, _): target.tenant
        case .deliveryFailed(let failed): failed.target.tenant
        case .inputQuarantined, .quarantineResolved: nil
        case .contactCreated, .contactBotStarted, .contactQueued, .contactStepped, .contactDeclineExpired,
            .contactPriorityChanged, .offerMade, .offerAccepted, .offerEnded, .contactHeld, .contactResumed,
            .consultStarted, .consultEnded, .contactWrapping, .contactClosed, .clockActivated, .clockPaused,
            .clockResumed,
            .clockWarned, .clockBreached, .clockFulfilled, .clockPolicyApplied:
            leg?.tenant
        }
    }

    /// The leg it belongs to, where it belongs to one.
    package var leg: Leg? {
        switch self {
        case .contactCreated(let created): created.leg
        case .contactQueued(let queued), .contactStepped(let queued): queued.leg
        case .offerMade(let made): made.leg
        case .offerAccepted(let ended), .offerEnded(let ended): ended.leg
        case .contactWrapping(let wrapping): wrapping.leg
        case .contactClosed(let closed): closed.leg
        case .contactBotStarted(let leg), .contactDeclineExpired(let leg, _), .contactPriorityChanged(let leg, _, _, _),
            .contactHeld(let leg, _), .contactResumed(let leg, _), .consultStarted(let leg, _, _),
            .consultEnded(let leg, _, _, _), .clockActivated(let leg, _), .clockPaused(let leg, _, _),
            .clockResumed(let leg, _, _, _),
            .clockWarned(let leg, _), .clockBreached(let leg, _, _), .clockFulfilled(let leg, _, _, _),
            .clockPolicyApplied(let leg, _):
            leg
        case .tenantCreated, .tenantChanged, .skillDefined, .calendarPut, .routingPolicyPut, .slaPolicyPut,
            .queueCreated, .queueChanged, .agentCreated, .agentChanged, .presenceChanged, .sessionConnected,
            .sessionEnded, .customerCreated, .customerChanged, .credentialCreated, .credentialRevoked,
            .conversationOpened, .conversationReopened, .messagePosted, .messagesDelivered, .messagesRead,
            .conversationClosed, .inputQuarantined, .quarantineResolved, .webhookPut, .deliveryDue, .deliveryResumed,
            .deliveryFailed, .deliveryDone:
            nil
        }
    }

    /// The clock it is told of; nil: it is no clock's.
    package var clockMetric: SLAMetric? {
        if case .clockActivated(_, let set) = self { return set.metric }
        if case .clockPaused(_, let metric, _) = self { return metric }
        if case .clockResumed(_, let metric, _, _) = self { return metric }
        if case .clockWarned(_, let metric) = self { return metric }
        if case .clockBreached(_, let metric, _) = self { return metric }
        if case .clockFulfilled(_, let metric, _, _) = self { return metric }
        if case .clockPolicyApplied(_, let terms) = self { return terms.metric }
        return nil
    }

    /// Calls `body` with each actor whose state the event changes, the one that decided it first.
    @inlinable
    package func forEachConcerned(_ body: (ActorID) -> Void) {
        switch self {
        case .tenantCreated(let id, _), .tenantChanged(let id, _, _), .skillDefined(let id, _),
            .calendarPut(let id, _), .routingPolicyPut(let id, _), .slaPolicyPut(let id, _), .webhookPut(let id, _):
            body(ActorID(id))
        case .queueCreated(let id, _, _), .queueChanged(let id, _, _, _): body(ActorID(id))
        case .agentCreated(let id, _, _), .agentChanged(let id, _, _, _): body(ActorID(id))
        case .presenceChanged(let change): body(ActorID(change.agent))
        case .sessionConnected(let id, _, _), .sessionEnded(let id, _, _, _): body(ActorID(id))
        case .customerCreated(let id, _, _), .customerChanged(let id, _, _, _): body(ActorID(id))
        case .credentialCreated(let id, _), .credentialRevoked(let id, _): body(ActorID(id))
        case .conversationOpened(let opened):
            body(ActorID(opened.conversation))
            body(ActorID(opened.customer))
        case .conversationReopened(let id, _, let customer), .conversationClosed(let id, _, let customer, _):
            body(ActorID(id))
            body(ActorID(customer))
        case .messagePosted(let message): body(ActorID(message.conversation))
        case .messagesDelivered(let marked), .messagesRead(let marked): body(ActorID(marked.conversation))
        case .contactCreated(let created): body(ActorID(created.leg.conversation))
        case .contactQueued(let queued), .contactStepped(let queued):
            body(ActorID(queued.leg.conversation))
            body(ActorID(queued.leg.queue))
            if let agent = queued.released { body(ActorID(agent)) }
        case .contactBotStarted(let leg), .contactDeclineExpired(let leg, _), .contactPriorityChanged(let leg, _, _, _),
            .contactHeld(let leg, _), .contactResumed(let leg, _), .consultStarted(let leg, _, _),
            .consultEnded(let leg, _, _, _), .clockActivated(let leg, _), .clockPaused(let leg, _, _),
            .clockResumed(let leg, _, _, _),
            .clockWarned(let leg, _), .clockBreached(let leg, _, _), .clockFulfilled(let leg, _, _, _),
            .clockPolicyApplied(let leg, _):
            body(ActorID(leg.conversation))
        case .offerMade(let made):
            body(ActorID(made.leg.conversation))
            body(ActorID(made.agent))
        case .offerAccepted(let ended):
            body(ActorID(ended.leg.conversation))
            body(ActorID(ended.agent))
            body(ActorID(ended.leg.queue))
            body(ActorID(ended.leg.customer))
        case .offerEnded(let ended):
            body(ActorID(ended.leg.conversation))
            body(ActorID(ended.agent))
        case .contactWrapping(let wrapping):
            body(ActorID(wrapping.leg.conversation))
            body(ActorID(wrapping.agent))
        case .contactClosed(let closed):
            body(ActorID(closed.leg.conversation))
            if let agent = closed.agent { body(ActorID(agent)) }
            body(ActorID(closed.leg.queue))
            body(ActorID(closed.leg.customer))
        case .inputQuarantined(let partition, _, _), .quarantineResolved(let partition, _, _):
            body(.quarantine(of: partition))
        case .deliveryDue(let due): body(ActorID(due.delivery))
        case .deliveryResumed(let target), .deliveryDone(let target, _, _): body(ActorID(target.delivery))
        case .deliveryFailed(let failed): body(ActorID(failed.target.delivery))
        }
    }

    /// Calls `body` with each actor whose sessions and whose history show the event: those it changes, and the agents
    /// who handle the conversation it speaks of.
    @inlinable
    package func forEachAudience(_ body: (ActorID) -> Void) {
        forEachConcerned(body)
        switch self {
        case .messagePosted(let message):
            for agent in message.agents { body(ActorID(agent)) }
        case .messagesDelivered(let marked), .messagesRead(let marked):
            for agent in marked.agents { body(ActorID(agent)) }
        case .contactHeld(_, let agent), .contactResumed(_, let agent), .consultStarted(_, _, let agent),
            .consultEnded(_, _, let agent, _):
            body(ActorID(agent))
        case .deliveryDue(let due): body(ActorID(due.conversation))
        case .deliveryResumed(let target), .deliveryDone(let target, _, _): body(ActorID(target.conversation))
        case .deliveryFailed(let failed): body(ActorID(failed.target.conversation))
        case .inputQuarantined(_, _, let input):
            if input.actor.kind != .quarantine { body(input.actor) }
        case .tenantCreated, .tenantChanged, .skillDefined, .calendarPut, .routingPolicyPut, .slaPolicyPut,
            .queueCreated, .queueChanged, .agentCreated, .agentChanged, .presenceChanged, .sessionConnected,
            .sessionEnded, .customerCreated, .customerChanged, .credentialCreated, .credentialRevoked,
            .conversationOpened, .conversationReopened, .conversationClosed, .contactCreated, .contactBotStarted,
            .contactQueued, .contactStepped, .contactDeclineExpired, .contactPriorityChanged, .offerMade,
            .offerAccepted, .offerEnded, .contactWrapping, .contactClosed, .clockActivated, .clockPaused,
            .clockResumed, .clockWarned, .clockBreached, .clockFulfilled, .clockPolicyApplied, .quarantineResolved,
            .webhookPut:
            break
        }
    }
}
