package import TandemCore

// Every event as JSON: `position`, `time`, `type`, then the fields of its type. Written by hand, because timelines,
// supervisors' streams and every live session are made of it.
extension JSONWriter {
    /// - Parameter position: where it stands in its partition's order; sessions resume from it
    package mutating func event(_ event: Event, position: UInt64, time: Timestamp) {
        beginObject()
        field("position", position)
        field("time", time)
        field("type", word: event.typeName)
        fields(of: event)
        endObject()
    }

    /// The fields alone, into an object that is open.
    package mutating func fields(of event: Event) {
        switch event {
        case .tenantCreated, .tenantChanged, .skillDefined, .calendarPut, .routingPolicyPut, .slaPolicyPut,
            .queueCreated, .queueChanged, .agentCreated, .agentChanged, .customerCreated, .customerChanged,
            .credentialCreated, .credentialRevoked, .inputQuarantined, .quarantineResolved, .webhookPut:
            settingFields(of: event)
        case .presenceChanged, .sessionConnected, .sessionEnded: agentFields(of: event)
        case .conversationOpened, .conversationReopened, .messagePosted, .messagesDelivered, .messagesRead,
            .conversationClosed:
            conversationFields(of: event)
        case .contactCreated, .contactBotStarted, .contactQueued, .contactStepped, .contactDeclineExpired,
            .contactPriorityChanged, .offerMade, .offerAccepted, .offerEnded, .contactHeld, .contactResumed,
            .consultStarted, .consultEnded, .contactWrapping, .contactClosed:
            contactFields(of: event)
        case .clockActivated, .clockPaused, .clockResumed, .clockWarned, .clockBreached, .clockFulfilled,
            .clockPolicyApplied:
            clockFields(of: event)
        case .deliveryDue, .deliveryResumed, .deliveryFailed, .deliveryDone: deliveryFields(of: event)
        }
    }

    package mutating func party(_ name: StaticString, _ party: Party) {
        switch party {
        case .system: field(name, word: "system")
        case .bot: field(name, word: "bot")
        case .customer(let id): field(name, id)
        case .agent(let id): field(name, id)
        case .staff(let id): field(name, id)
        }
    }

    mutating func presence(_ name: StaticString, _ presence: Presence) {
        key(name)
        beginObject()
        field("presence", word: presence.word)
        field("breakCode", ifPresent: presence.breakCode)
        field("until", ifPresent: presence.offlineUntil)
        endObject()
    }

    mutating func leg(_ leg: Leg) {
        field("tenant", leg.tenant)
        field("conversation", leg.conversation)
        field("customer", leg.customer)
        field("contact", leg.contact)
        field("queue", leg.queue)
    }

    private mutating func agentFields(of event: Event) {
        switch event {
        case .presenceChanged(let change):
            field("agent", change.agent)
            field("tenant", change.tenant)
            presence("from", change.from)
            presence("to", change.to)
            party("by", change.by)
            field("unanswered", change.unanswered)
        case .sessionConnected(let agent, let tenant, let session):
            field("agent", agent)
            field("tenant", tenant)
            self.session(session)
        case .sessionEnded(let agent, let tenant, let session, let lost):
            field("agent", agent)
            field("tenant", tenant)
            self.session(session)
            field("lost", lost)
        default: break  // `fields(of:)` sends only these here.
        }
    }

    private mutating func session(_ session: SessionID) {
        key("session")
        beginObject()
        field("node", session.node)
        field("incarnation", session.incarnation)
        field("number", session.number)
        endObject()
    }

    private mutating func conversationFields(of event: Event) {
        switch event {
        case .conversationOpened(let opened):
            field("conversation", opened.conversation)
            field("tenant", opened.tenant)
            field("customer", opened.customer)
            field("channel", word: opened.channel.word)
            field("subject", opened.subject)
        case .conversationReopened(let conversation, let tenant, let customer):
            field("conversation", conversation)
            field("tenant", tenant)
            field("customer", customer)
        case .messagePosted(let message):
            field("conversation", message.conversation)
            field("tenant", message.tenant)
            field("customer", message.customer)
            field("sequence", message.sequence)
            field("channel", word: message.channel.word)
            party("author", message.author)
            field("contact", ifPresent: message.contact)
            field("clientID", ifPresent: message.clientID)
            field("text", message.text)
        case .messagesDelivered(let marked), .messagesRead(let marked):
            field("conversation", marked.conversation)
            field("tenant", marked.tenant)
            party("by", marked.by)
            field("upTo", marked.upTo)
        case .conversationClosed(let conversation, let tenant, let customer, let by):
            field("conversation", conversation)
            field("tenant", tenant)
            field("customer", customer)
            party("by", by)
        default: break  // `fields(of:)` sends only these here.
        }
    }

    private mutating func clockFields(of event: Event) {
        if let leg = event.leg { self.leg(leg) }
        switch event {
        case .clockActivated(_, let clock):
            field("metric", word: clock.metric.word)
            if let promise = clock.promise { self.promise(promise) }
            field("since", ifPresent: clock.since)
            if clock.used > .zero { field("used", clock.used) }
            field("warnAt", ifPresent: clock.warnAt)
            field("dueAt", ifPresent: clock.dueAt)
        case .clockPaused(_, let metric, let remaining):
            field("metric", word: metric.word)
            field("remaining", ifPresent: remaining)
        case .clockResumed(_, let metric, let warnAt, let dueAt):
            field("metric", word: metric.word)
            field("warnAt", ifPresent: warnAt)
            field("dueAt", ifPresent: dueAt)
        case .clockWarned(_, let metric): field("metric", word: metric.word)
        case .clockBreached(_, let metric, let brokenAt):
            field("metric", word: metric.word)
            field("brokenAt", ifPresent: brokenAt)
        case .clockFulfilled(_, let metric, let elapsed, let promised):
            field("metric", word: metric.word)
            field("elapsed", elapsed)
            field("promised", promised)
        case .clockPolicyApplied(_, let terms):
            field("metric", word: terms.metric.word)
            if let promise = terms.promise { self.promise(promise) }
            field("warnAt", ifPresent: terms.warnAt)
            field("dueAt", ifPresent: terms.dueAt)
            field("remaining", ifPresent: terms.remaining)
        default: break  // `fields(of:)` sends only these here.
        }
    }

    private mutating func promise(_ promise: ClockPromise) {
        field("target", promise.target)
        field("warnPercent", UInt64(promise.warnPercent))
        field("calendar", ifPresent: promise.calendar)
        field("policy", ifPresent: promise.policy)
        field("policyVersion", promise.policyVersion)
    }
}
