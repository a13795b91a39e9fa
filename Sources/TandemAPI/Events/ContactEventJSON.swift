package import TandemCore

extension JSONWriter {
    mutating func contactFields(of event: Event) {
        if let leg = event.leg { self.leg(leg) }
        switch event {
        case .contactCreated(let created): self.created(created)
        case .contactQueued(let queued), .contactStepped(let queued): self.queued(queued)
        case .contactDeclineExpired(_, let agent), .contactHeld(_, let agent), .contactResumed(_, let agent):
            field("agent", agent)
        case .contactPriorityChanged(_, let priority, _, let by):
            field("priority", priority)
            party("by", by)
        case .offerMade(let made):
            field("offer", made.offer)
            field("agent", made.agent)
            field("channel", word: made.channel.word)
            field("expiresAt", made.expiresAt)
            key("decision")
            decision(made.decision)
        case .offerAccepted(let ended), .offerEnded(let ended): offerEnded(ended)
        case .consultStarted(_, let previous, let agent):
            field("previous", previous)
            field("agent", agent)
        case .consultEnded(_, let previous, let asker, let reason):
            field("previous", previous)
            field("agent", asker)
            field("reason", word: reason.word)
        case .contactWrapping(let wrapping):
            field("agent", wrapping.agent)
            field("until", ifPresent: wrapping.until)
            field("reason", word: wrapping.reason.word)
        case .contactClosed(let closed): self.closed(closed)
        default: break  // `contactBotStarted` is its leg alone; `fields(of:)` sends only contacts' events here.
        }
    }

    private mutating func created(_ created: ContactCreated) {
        field("channel", word: created.channel.word)
        field("kind", word: created.kind.word)
        field("previous", ifPresent: created.previous)
        field("tags", created.tags)
        key("skills")
        skills(created.skills)
        field("priority", created.priority)
        field("boost", created.boost)
        field("preferredAgent", ifPresent: created.preferredAgent)
        field("ageSince", created.ageSince)
    }

    private mutating func queued(_ queued: ContactQueued) {
        field("reason", word: queued.reason.word)
        field("enqueuedAt", queued.enqueuedAt)
        field("priority", queued.priority)
        field("boost", queued.boost)
        field("policy", ifPresent: queued.waiting.policy)
        field("policyVersion", queued.waiting.policyVersion)
        field("rule", queued.waiting.rule)
        field("step", queued.waiting.step)
        field("stepExpiresAt", ifPresent: queued.waiting.stepExpiresAt)
        key("requirement")
        requirement(queued.waiting.requirement)
        field("released", ifPresent: queued.released)
        field("note", ifPresent: queued.note)
    }

    private mutating func offerEnded(_ ended: OfferEnded) {
        field("offer", ended.offer)
        field("agent", ended.agent)
        field("channel", word: ended.channel.word)
        field("outcome", word: ended.outcome.word)
        field("declinedUntil", ifPresent: ended.declinedUntil)
        field("waited", ended.waited)
        field("target", ifPresent: ended.target)
    }

    private mutating func closed(_ closed: ContactClosed) {
        field("channel", word: closed.channel.word)
        field("kind", word: closed.kind.word)
        field("previous", ifPresent: closed.previous)
        field("next", ifPresent: closed.next)
        field("agent", ifPresent: closed.agent)
        field("reason", word: closed.reason.word)
        field("disposition", ifPresent: closed.disposition)
        field("createdAt", closed.createdAt)
        field("enqueuedAt", ifPresent: closed.enqueuedAt)
        field("answeredAt", ifPresent: closed.answeredAt)
        field("target", ifPresent: closed.target)
        field("queued", closed.times.queued)
        field("talk", closed.times.talk)
        field("hold", closed.times.hold)
        field("wrapUp", closed.times.wrapUp)
        field("holds", closed.times.holds)
        field("offers", closed.times.offers)
        field("offersTimedOut", closed.times.offersTimedOut)
        party("by", closed.by)
    }

    /// The record of a decision, as an object.
    package mutating func decision(_ decision: RoutingDecision) {
        beginObject()
        field("trigger", word: decision.trigger.word)
        field("policy", ifPresent: decision.policy)
        field("policyVersion", decision.policyVersion)
        field("rule", decision.rule)
        field("step", decision.step)
        field("strategy", word: decision.strategy.word)
        key("requirement")
        requirement(decision.requirement)
        field("priority", decision.order.priority)
        field("age", decision.age)
        field("eligible", decision.eligible)
        key("candidates")
        beginArray()
        for candidate in decision.candidates {
            beginObject()
            field("agent", candidate.agent)
            field("score", candidate.score)
            endObject()
        }
        endArray()
        key("ruledOut")
        beginObject()
        field("loggedOut", decision.ruledOut.loggedOut)
        field("notAvailable", decision.ruledOut.notAvailable)
        field("skill", decision.ruledOut.skill)
        field("noSlot", decision.ruledOut.noSlot)
        field("blocked", decision.ruledOut.blocked)
        field("notPreferred", decision.ruledOut.notPreferred)
        field("declined", decision.ruledOut.declined)
        endObject()
        endObject()
    }

    package mutating func requirement(_ requirement: Requirement) {
        beginObject()
        field("pools", requirement.pools)
        key("skills")
        skills(requirement.skills)
        field("preferred", requirement.preferred)
        endObject()
    }

    package mutating func skills(_ skills: [SkillLevel]) {
        beginArray()
        for skill in skills {
            beginObject()
            field("skill", skill.skill)
            field("level", skill.level)
            endObject()
        }
        endArray()
    }
}
