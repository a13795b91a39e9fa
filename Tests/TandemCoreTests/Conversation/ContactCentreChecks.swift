import Testing

@testable import TandemCore

/// What must hold after every turn, whatever was asked: promises 2, 3 and 4 of the domain, looked at from outside.
struct ContactCentreChecks {
    private var read = 0
    private var open: Set<ContactID> = []
    private var ended: Set<ContactID> = []
    private var sequences: [ConversationID: UInt64] = [:]
    /// The deadlines of the clocks that run, and what has been said of them.
    private var clocks: [Clock: ClockSet] = [:]
    private var said: Set<Said> = []

    private struct Clock: Hashable {
        let contact: ContactID
        let metric: SLAMetric
    }

    private struct Said: Hashable {
        let clock: Clock
        let isBreach: Bool
    }

    /// Follows what was journaled since the last check, and looks at every record that it changed.
    mutating func check(_ centre: Centre) {
        var changed: Set<ActorID> = []
        while read < centre.journal.count {
            let (at, event) = centre.journal[read]
            follow(event, at: at)
            event.forEachConcerned { changed.insert($0) }
            read += 1
        }
        for actor in changed {
            if actor.kind == .conversation, let thread = centre.conversations[ConversationID(raw: actor.raw)] {
                checkLegs(of: thread)
                checkSlots(of: thread, in: centre)
            }
            if actor.kind == .agent, let agent = centre.agents[AgentID(raw: actor.raw)] {
                checkCapacity(of: agent)
                checkHeld(agent, in: centre)
            }
        }
        require(centre.nextDeadline.map { $0 > centre.now } ?? true, "something due was left")
    }

    /// Whoever has a contact knows it.
    private func checkSlots(of thread: Conversation, in centre: Centre) {
        for contact in thread.contacts {
            require(open.contains(contact.id) && !ended.contains(contact.id), "not open: \(contact.id)")
            guard let (agent, state) = contact.slot else { continue }
            let assigned = centre.agents[agent]?.assignment(of: contact.id)?.state
            require(assigned == state, "\(contact.id) has \(agent), who knows \(String(describing: assigned))")
        }
    }

    /// An agent is never stuck with a contact that is not his.
    private func checkHeld(_ agent: Agent, in centre: Centre) {
        for assignment in agent.assignments {
            let contact = centre.conversations[assignment.conversation]?.contacts.first { $0.id == assignment.contact }
            require(contact?.slot?.0 == agent.id, "\(agent.id) holds \(assignment.contact), which is not his")
        }
    }

    /// A cheap expectation: thousands are met each second.
    private func require(_ holds: Bool, _ comment: @autoclosure () -> String) {
        if !holds { Issue.record("\(comment())") }
    }

    /// A contact is in exactly one place: one leg with the customer, at most one consultation, the rest in wrap-up.
    private func checkLegs(of thread: Conversation) {
        let live = thread.contacts.indices.filter {
            !thread.contacts[$0].isWrapping && !thread.isConsultation(at: $0)
        }
        let consulting = thread.contacts.indices.filter { thread.isConsultation(at: $0) }
        require(live.count <= 1 && consulting.count <= 1, "two places: \(thread)")
        require(thread.contacts.count <= Limits.legsOpenMax, "too many legs: \(thread)")
        switch thread.state {
        case .absent: require(thread.contacts.isEmpty, "absent with legs: \(thread)")
        case .open: require(!thread.contacts.isEmpty, "open with nobody to answer: \(thread)")
        case .closed: require(live.isEmpty && consulting.isEmpty, "closed with a customer: \(thread)")
        }
        require(thread.nextDeadline == thread.deadlines.map(\.at).min(), "deadlines: \(thread)")
        require(thread.isDormant == (thread.contacts.isEmpty && thread.state != .open), "dormant: \(thread)")
    }

    /// An agent is never over capacity.
    private func checkCapacity(of agent: Agent) {
        for channel in Channel.allCases {
            let used = agent.assignments.filter { $0.channel == channel }.count
            require(used <= Int(agent.profile.rule(for: channel).slots), "\(agent.id) is over capacity: \(channel)")
        }
    }

    private mutating func follow(_ event: Event, at now: Timestamp) {
        if let contact = event.leg?.contact, !event.mayComeAfterItsLeg {
            require(!ended.contains(contact), "after its end: \(event)")
        }
        switch event {
        case .contactCreated(let created):
            let isNew = open.insert(created.leg.contact).inserted
            require(isNew, "created twice: \(created)")
        case .contactClosed(let closed):
            open.remove(closed.leg.contact)
            let isFirst = ended.insert(closed.leg.contact).inserted
            require(isFirst, "ended twice: \(closed)")
        case .messagePosted(let message):
            require(message.sequence == sequences[message.conversation, default: 0] + 1, "a gap: \(message)")
            sequences[message.conversation] = message.sequence
        case .clockActivated(let leg, let set):
            let clock = Clock(contact: leg.contact, metric: set.metric)
            clocks[clock] = set
            said.remove(Said(clock: clock, isBreach: false))
            said.remove(Said(clock: clock, isBreach: true))
        case .clockResumed(let leg, let metric, let warnAt, let dueAt):
            let clock = Clock(contact: leg.contact, metric: metric)
            clocks[clock]?.dueAt = dueAt
            if let warnAt { clocks[clock]?.warnAt = warnAt }
        case .clockPaused(let leg, let metric, _):
            require(clocks[Clock(contact: leg.contact, metric: metric)] != nil, "no clock: \(event)")
        case .clockFulfilled(let leg, let metric, _, let promised):
            let known = clocks[Clock(contact: leg.contact, metric: metric)]
            require(known != nil, "no clock: \(event)")
            require(promised == (known?.promise != nil), "promised or not: \(event)")
        case .clockPolicyApplied(let leg, let terms):
            let clock = Clock(contact: leg.contact, metric: terms.metric)
            require(terms.promise != clocks[clock]?.promise, "applied for nothing: \(event)")
            if terms.promise.flatMap({ clocks[clock]?.promise?.isDueLike($0) }) != true {
                said.remove(Said(clock: clock, isBreach: false))
                said.remove(Said(clock: clock, isBreach: true))
            }
            clocks[clock]?.promise = terms.promise
            clocks[clock]?.warnAt = terms.warnAt
            clocks[clock]?.dueAt = terms.dueAt
        case .clockWarned(let leg, let metric): say(leg, metric, isBreach: false, at: now)
        case .clockBreached(let leg, let metric, let brokenAt):
            require(brokenAt.map { $0 <= now } ?? true, "broken in the future: \(event)")
            say(leg, metric, isBreach: true, at: now)
        case .tenantCreated, .tenantChanged, .skillDefined, .calendarPut, .routingPolicyPut, .slaPolicyPut,
            .queueCreated, .queueChanged, .agentCreated, .agentChanged, .presenceChanged, .sessionConnected,
            .sessionEnded, .customerCreated, .customerChanged, .credentialCreated, .credentialRevoked,
            .conversationOpened, .conversationReopened, .messagesDelivered, .messagesRead, .conversationClosed,
            .contactBotStarted, .contactQueued, .contactStepped, .contactDeclineExpired, .contactPriorityChanged,
            .offerMade, .offerAccepted, .offerEnded, .contactHeld, .contactResumed, .consultStarted, .consultEnded,
            .contactWrapping, .inputQuarantined, .quarantineResolved, .webhookPut, .deliveryDue, .deliveryResumed,
            .deliveryFailed, .deliveryDone:
            break
        }
    }

    /// Once in a clock's life, and never early.
    private mutating func say(_ leg: Leg, _ metric: SLAMetric, isBreach: Bool, at now: Timestamp) {
        let clock = Clock(contact: leg.contact, metric: metric)
        let isFirst = said.insert(Said(clock: clock, isBreach: isBreach)).inserted
        require(isFirst, "told twice: \(clock)")
        guard let set = clocks[clock] else {
            Issue.record("\(clock) was never activated")
            return
        }
        require(set.promise != nil, "told of what nobody promised: \(clock)")
        require((isBreach ? set.dueAt : set.warnAt).map { now >= $0 } ?? true, "told early: \(clock)")
    }
}

extension Event {
    /// The clock of the matter outlives its leg, and a policy may be applied to what is past.
    fileprivate var mayComeAfterItsLeg: Bool {
        if case .clockPolicyApplied = self { return true }
        if case .clockBreached(_, _, .some) = self { return true }
        return clockMetric == .resolution
    }
}

extension Contact {
    /// The slot it takes, and how.
    fileprivate var slot: (AgentID, Agent.Assignment.State)? {
        switch state {
        case .created, .bot, .queued: nil
        case .offered(let offer, _): (offer.agent, .offered)
        case .connected(let agent), .held(let agent): (agent, .busy)
        case .wrapping(let wrapping): (wrapping.agent, .wrapping)
        }
    }
}
