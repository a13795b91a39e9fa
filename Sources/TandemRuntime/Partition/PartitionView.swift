package import TandemCore
internal import TandemWire

/// A partition's actors as they stand, for reading; valid inside the call that got it.
package struct PartitionView {
    private let roster: Roster
    package let now: Timestamp

    init(_ roster: Roster, now: Timestamp) {
        self.roster = roster
        self.now = now
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

    /// Nil when it is not in memory.
    func record(_ actor: ActorID) -> Record? { roster.contains(actor) ? roster.record(actor) : nil }

    package var tenants: [Tenant] { roster.tenants.keys.sorted().compactMap { tenant(TenantID(raw: $0)) } }

    package func agents(of tenant: TenantID) -> [Agent] {
        roster.agents.keys.sorted().compactMap { agent(AgentID(raw: $0)) }.filter { $0.tenant == tenant }
    }

    /// Nil also when it is not in memory: one that is done or given up is in the store.
    package func delivery(_ id: DeliveryID) -> Delivery? { roster.delivery(id) }

    package var quarantine: [Quarantine.Item] { roster.quarantine.record.items }
    package var conversationCount: Int { roster.conversations.count }

    /// Actors in memory of one kind after an identifier, in the order of their identifiers.
    package func actors(_ kind: ActorKind, after raw: UInt64, limit: Int) -> [ActorID] {
        var nearest = Smallest<UInt64>(limit)
        for key in roster.keys(of: kind) where key > raw { nearest.offer(key) }
        return nearest.sorted.map { ActorID(kind: kind, raw: $0) }
    }

    package func isInMemory(_ actor: ActorID) -> Bool { roster.contains(actor) }

    package func deadlines(of actor: ActorID) -> [Deadline] { roster.deadlines(of: actor) }

    package func nextDeadline(of actor: ActorID) -> Timestamp? {
        var next: Timestamp?
        if roster.contains(actor) { roster.withKeeping(actor) { next = $0.deadline } }
        return next
    }

    /// Bytes of its record as it is stored; 0 when it is not in memory.
    package func size(of actor: ActorID) -> Int {
        roster.record(actor).map { RecordCodec.encode($0, in: WireVersion.current).count } ?? 0
    }

    /// The next deadlines of all actors in memory, earliest first.
    package func deadlines(limit: Int) -> [(actor: ActorID, deadline: Deadline)] {
        var nearest = Smallest<Due>(limit)
        for (raw, entity) in roster.agents { Self.offer(entity.record, .agent, raw, to: &nearest) }
        for (raw, entity) in roster.conversations { Self.offer(entity.record, .conversation, raw, to: &nearest) }
        for kind in ActorKind.allCases where kind != .agent && kind != .conversation {
            for raw in roster.keys(of: kind) {
                let actor = ActorID(kind: kind, raw: raw)
                for deadline in roster.deadlines(of: actor) { nearest.offer(Due(actor: actor, deadline: deadline)) }
            }
        }
        return nearest.sorted.map { ($0.actor, $0.deadline) }
    }

    /// Most records have no deadline, or a later one than those found already: their lists are not made.
    private static func offer(_ record: some Machine, _ kind: ActorKind, _ raw: UInt64, to nearest: inout Smallest<Due>)
    {
        guard let next = record.nextDeadline, nearest.bound.map({ next <= $0.deadline.at }) ?? true else { return }
        let actor = ActorID(kind: kind, raw: raw)
        for deadline in record.deadlines { nearest.offer(Due(actor: actor, deadline: deadline)) }
    }

    private struct Due: Comparable {
        let actor: ActorID
        let deadline: Deadline
        static func < (left: Self, right: Self) -> Bool {
            (left.deadline.at, left.actor) < (right.deadline.at, right.actor)
        }
    }
}

/// The few smallest of many, without sorting all of them: an operator's look must not hold up a partition.
struct Smallest<Element: Comparable> {
    private let limit: Int
    private var kept: [Element] = []
    /// Nothing larger is among the smallest; nil while there are too few to tell.
    private(set) var bound: Element?

    init(_ limit: Int) { self.limit = max(limit, 1) }

    mutating func offer(_ element: Element) {
        if let bound, bound < element { return }
        kept.append(element)
        guard kept.count >= 2 * limit + 64 else { return }
        kept = sorted
        bound = kept.last
    }

    /// At most `limit`, smallest first.
    var sorted: [Element] { Array(kept.sorted().prefix(limit)) }
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
        case .delivery: Array(deliveries.keys)
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
        case .delivery: deliveries[actor.raw]?.record.deadlines ?? []
        }
    }
}
