/// The one fold over the journal behind dashboard, report and export: the same question gives the same number.
///
/// Hand it a tenant's events in order. What happens from `from` (inclusive) to `until` (exclusive) is counted; events
/// before only tell it who holds what, so begin with the agents as they stood, or with the first event of all. Answers
/// and ends count when they happen, not when their contact came.
package struct Tally: Equatable, Sendable {
    package let from: Timestamp
    package let until: Timestamp
    private var queueFigures: [QueueID: QueueFigures] = [:]
    private var agentFigures: [AgentID: AgentFigures] = [:]
    private var agents: [AgentID: Agent] = [:]
    /// Up to where an agent's time has been counted.
    private var counted: [AgentID: Timestamp] = [:]

    /// `agents` as they stood at `from` or before; their time counts from `from` on.
    package init(from: Timestamp, until: Timestamp = .distantFuture, agents: [Agent] = []) {
        self.from = from
        self.until = until
        for agent in agents {
            self.agents[agent.id] = agent
            counted[agent.id] = from
        }
    }

    package mutating func apply(_ event: Event, at now: Timestamp) {
        guard now < until else { return }
        event.forEachConcerned { actor in
            guard actor.kind == .agent else { return }
            let id = AgentID(raw: actor.raw)
            pass(id, to: now)
            agents[id, default: Agent(absent: id)].apply(event, at: now)
        }
        guard from <= now else { return }
        if let leg = event.leg { queueFigures[leg.queue, default: QueueFigures()].count(event, at: now) }
        guard let agent = Self.worker(of: event) else { return }
        agentFigures[agent, default: AgentFigures()].handling.add(HandleCounts(event))
        agentFigures[agent, default: AgentFigures()].offers.add(OfferCounts(event))
    }

    /// Counts the agents' time up to now: before the figures are read, and at the end.
    package mutating func advance(to now: Timestamp) {
        for id in agents.keys.sorted() { pass(id, to: now) }
    }

    package func figures(of queue: QueueID) -> QueueFigures { queueFigures[queue] ?? QueueFigures() }
    package func figures(of agent: AgentID) -> AgentFigures { agentFigures[agent] ?? AgentFigures() }

    /// Whoever did something, by identifier.
    package var queues: [QueueID] { queueFigures.keys.sorted() }
    package var workers: [AgentID] { agentFigures.keys.sorted() }

    package var queuesTotal: QueueFigures {
        var total = QueueFigures()
        for id in queues { total.add(figures(of: id)) }
        return total
    }

    package var agentsTotal: AgentFigures {
        var total = AgentFigures()
        for id in workers { total.add(figures(of: id)) }
        return total
    }

    private mutating func pass(_ id: AgentID, to now: Timestamp) {
        let now = min(now, until)
        let since = counted[id] ?? now
        counted[id] = max(since, now)
        let start = max(since, from)
        guard start < now, let agent = agents[id] else { return }
        agentFigures[id, default: AgentFigures()].pass(now - start, as: agent)
    }

    /// Whose handling or offer an event counts: the agent who handled a leg last has all of it.
    private static func worker(of event: Event) -> AgentID? {
        switch event {
        case .offerMade(let made): made.agent
        case .offerAccepted(let ended), .offerEnded(let ended): ended.agent
        case .contactClosed(let closed): closed.answeredAt == nil ? nil : closed.agent
        case .tenantCreated, .tenantChanged, .skillDefined, .calendarPut, .routingPolicyPut, .slaPolicyPut,
            .queueCreated, .queueChanged, .agentCreated, .agentChanged, .presenceChanged, .sessionConnected,
            .sessionEnded, .customerCreated, .customerChanged, .credentialCreated, .credentialRevoked,
            .conversationOpened, .conversationReopened, .messagePosted, .messagesDelivered, .messagesRead,
            .conversationClosed, .contactCreated, .contactBotStarted, .contactQueued, .contactStepped,
            .contactDeclineExpired, .contactPriorityChanged, .contactHeld, .contactResumed, .consultStarted,
            .consultEnded, .contactWrapping, .clockActivated, .clockPaused, .clockResumed, .clockWarned, .clockBreached,
            .clockFulfilled, .clockPolicyApplied, .inputQuarantined, .quarantineResolved, .webhookPut, .deliveryDue,
            .deliveryResumed, .deliveryFailed, .deliveryDone:
            nil
        }
    }
}
