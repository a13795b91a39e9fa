package import TandemCore

/// A partition's actors as they stand, for reading; valid inside the call that got it.
package struct PartitionView {
    private let roster: Roster
    package let now: Timestamp
    package let counters: Counters

    init(_ roster: Roster, now: Timestamp, counters: Counters) {
        self.roster = roster
        self.now = now
        self.counters = counters
    }

    package func tenant(_ id: TenantID) -> Tenant? { roster.tenant(id) }
    package func queue(_ id: QueueID) -> Queue? { roster.queue(id) }
    package func agent(_ id: AgentID) -> Agent? { roster.agent(id) }
    /// Nil also when it is not in memory: an idle one is in the store.
    package func customer(_ id: CustomerID) -> Customer? { roster.customer(id) }
    /// Nil also when it is not in memory: a closed one is in the store.
    package func conversation(_ id: ConversationID) -> Conversation? { roster.conversation(id) }
    package func standing(of contact: ContactID?, in queue: QueueID) -> QueueStanding {
        roster.standing(of: contact, in: queue)
    }

    package var tenants: [Tenant] { roster.tenants.keys.sorted().compactMap { tenant(TenantID(raw: $0)) } }

    package func queues(of tenant: TenantID) -> [Queue] {
        roster.queues.keys.sorted().compactMap { queue(QueueID(raw: $0)) }.filter { $0.tenant == tenant }
    }

    package func agents(of tenant: TenantID) -> [Agent] {
        roster.agents.keys.sorted().compactMap { agent(AgentID(raw: $0)) }.filter { $0.tenant == tenant }
    }

    package var quarantine: [Quarantine.Item] { roster.quarantine.record.items }
    package var conversationCount: Int { roster.conversations.count }

    /// Actors in memory of one kind after an identifier, in the order of their identifiers.
    package func actors(_ kind: ActorKind, after raw: UInt64, limit: Int) -> [ActorID] {
        roster.keys(of: kind).filter { $0 > raw }.sorted().prefix(limit).map { ActorID(kind: kind, raw: $0) }
    }

    package func deadlines(of actor: ActorID) -> [Deadline] { roster.deadlines(of: actor) }

    /// The next deadlines of all actors in memory, earliest first.
    package func deadlines(limit: Int) -> [(actor: ActorID, deadline: Deadline)] {
        var found: [(actor: ActorID, deadline: Deadline)] = []
        for actor in roster.all {
            for deadline in roster.deadlines(of: actor) { found.append((actor, deadline)) }
        }
        found.sort { ($0.deadline.at, $0.actor) < ($1.deadline.at, $1.actor) }
        return Array(found.prefix(limit))
    }
}

extension Roster {
    func keys(of kind: ActorKind) -> [UInt64] {
        switch kind {
        case .tenant: Array(tenants.keys)
        case .queue: Array(queues.keys)
        case .agent: Array(agents.keys)
        case .customer: Array(customers.keys)
        case .conversation: Array(conversations.keys)
        case .credential: Array(credentials.keys)
        case .quarantine: [UInt64(quarantine.record.partition)]
        }
    }

    func deadlines(of actor: ActorID) -> [Deadline] {
        switch actor.kind {
        case .tenant: tenants[actor.raw]?.record.deadlines ?? []
        case .queue: queues[actor.raw]?.record.deadlines ?? []
        case .agent: agents[actor.raw]?.record.deadlines ?? []
        case .customer: customers[actor.raw]?.record.deadlines ?? []
        case .conversation: conversations[actor.raw]?.record.deadlines ?? []
        case .credential: credentials[actor.raw]?.record.deadlines ?? []
        case .quarantine: quarantine.record.deadlines
        }
    }
}
