// Every fact that concerns a leg, and what it changes. What does not fit the state changes nothing.
extension Contact {
    mutating func apply(_ event: Event, at now: Timestamp) {
        switch event {
        case .contactBotStarted:
            guard state == .created else { return }
            move(to: .bot, at: now)
        case .contactQueued(let queued): self.queued(queued, at: now)
        case .contactStepped(let queued):
            switch state {
            case .queued:
                take(queued)
                state = .queued(queued.waiting)
            case .created, .bot, .offered, .connected, .held, .wrapping: break
            }
        case .contactDeclineExpired(_, let agent): declines.removeAll { $0.agent == agent }
        case .contactPriorityChanged(_, let priority, let order, _): reordered(priority, order)
        case .offerMade(let made): offered(made, at: now)
        case .offerAccepted(let ended):
            guard case .offered(let offer, _) = state, offer.id == ended.offer else { return }
            move(to: .connected(offer.agent), at: now)
            answeredAt = answeredAt ?? now
        case .offerEnded(let ended): offerEnded(ended, at: now)
        case .contactHeld(_, let agent):
            guard state == .connected(agent) else { return }
            move(to: .held(agent), at: now)
            times.holds = times.holds.nextSaturated
        case .contactResumed(_, let agent):
            guard state == .held(agent) else { return }
            move(to: .connected(agent), at: now)
        case .consultStarted(_, _, let agent): decline(agent, until: .distantFuture)  // He does not ask himself.
        case .contactWrapping(let wrapping):
            switch state {
            case .connected, .held:
                move(
                    to: .wrapping(
                        Wrapping(agent: wrapping.agent, until: wrapping.until, reason: wrapping.reason)), at: now)
            case .created, .bot, .queued, .offered, .wrapping: break
            }
        case .clockActivated, .clockPaused, .clockResumed, .clockWarned, .clockBreached, .clockFulfilled,
            .clockPolicyApplied:
            clocks.apply(event, at: now)
        case .contactCreated, .consultEnded, .contactClosed: break  // The conversation adds and removes legs.
        case .tenantCreated, .tenantChanged, .skillDefined, .calendarPut, .routingPolicyPut, .slaPolicyPut,
            .queueCreated, .queueChanged, .agentCreated, .agentChanged, .presenceChanged, .sessionConnected,
            .sessionEnded, .customerCreated, .customerChanged, .credentialCreated, .credentialRevoked,
            .conversationOpened, .conversationReopened, .messagePosted, .messagesDelivered, .messagesRead,
            .conversationClosed, .inputQuarantined, .quarantineResolved, .webhookPut, .deliveryDue, .deliveryResumed,
            .deliveryFailed, .deliveryDone:
            break
        }
    }

    /// Leaves the present state, and books its time.
    private mutating func move(to state: State, at now: Timestamp) {
        times = times(at: now)
        self.state = state
        since = now
    }

    private mutating func queued(_ queued: ContactQueued, at now: Timestamp) {
        switch state {
        case .wrapping, .offered: return  // An offer ends before its contact comes back.
        case .bot: ageSince = queued.enqueuedAt  // The age counts from when the customer asked for people.
        case .created, .queued, .connected, .held: break
        }
        take(queued)
        move(to: .queued(queued.waiting), at: now)
    }

    private mutating func take(_ queued: ContactQueued) {
        queue = queued.leg.queue
        enqueuedAt = queued.enqueuedAt
        priority = queued.priority
        boost = queued.boost
    }

    private mutating func offered(_ made: OfferMade, at now: Timestamp) {
        switch state {
        case .queued(let waiting):
            let offer = Offer(id: made.offer, agent: made.agent, madeAt: now, expiresAt: made.expiresAt)
            move(to: .offered(offer, waiting), at: now)
            times.offers = times.offers.nextSaturated
        case .created, .bot, .offered, .connected, .held, .wrapping: break
        }
    }

    private mutating func offerEnded(_ ended: OfferEnded, at now: Timestamp) {
        switch state {
        case .offered(let offer, let waiting):
            guard offer.id == ended.offer else { return }
            move(to: .queued(waiting), at: now)
            if ended.outcome == .timedOut { times.offersTimedOut = times.offersTimedOut.nextSaturated }
            if let until = ended.declinedUntil { decline(ended.agent, until: until) }
        case .created, .bot, .queued, .connected, .held, .wrapping: break
        }
    }

    private mutating func decline(_ agent: AgentID, until: Timestamp) {
        declines.removeAll { $0.agent == agent }
        while declines.count >= Limits.declinesMax {
            // The oldest that would be forgotten anyhow: an asker is never offered his own consultation.
            declines.remove(at: declines.firstIndex { $0.until != .distantFuture } ?? 0)
        }
        declines.append(Decline(agent: agent, until: until))
    }

    mutating func forgetAsker() { declines.removeAll { $0.until == .distantFuture } }

    private mutating func reordered(_ priority: UInt8, _ order: OrderKey) {
        switch state {
        case .created, .bot: break
        case .queued(var waiting):
            waiting.order = order
            state = .queued(waiting)
        case .offered(let offer, var waiting):
            waiting.order = order
            state = .offered(offer, waiting)
        case .connected, .held, .wrapping: return
        }
        self.priority = priority
    }
}

extension UInt16 {
    fileprivate var nextSaturated: UInt16 { self == .max ? self : self + 1 }
}
