internal import TandemCore
internal import TandemWire

/// The actors of a partition that are in memory, and the routing indexes derived from them.
///
/// Lives on its partition's executor. Tenants, queues and agents are always here; conversations, customers,
/// credentials and deliveries come when a turn needs them and leave when nothing of theirs is open.
final class Roster: TurnView {
    let executor: UnownedSerialExecutor
    private(set) var tenants: [UInt64: Entity<Tenant>] = [:]
    private(set) var queues: [UInt64: Entity<Queue>] = [:]
    private(set) var agents: [UInt64: Entity<Agent>] = [:]
    private(set) var customers: [UInt64: Entity<Customer>] = [:]
    private(set) var conversations: [UInt64: Entity<Conversation>] = [:]
    private(set) var credentials: [UInt64: Entity<Credential>] = [:]
    private(set) var deliveries: [UInt64: Entity<Delivery>] = [:]
    let quarantine: Entity<Quarantine>
    var router = Router()
    var policies = PolicySweep()
    var telling = Telling()
    var hashes = RecordHashes()

    init(partition: UInt16, executor: UnownedSerialExecutor) {
        self.executor = executor
        quarantine = Entity(Quarantine(absent: partition), on: executor)
    }

    // MARK: What turns look at

    func tenant(_ id: TenantID) -> Tenant? { tenants[id.raw]?.record.present }
    func queue(_ id: QueueID) -> Queue? { queues[id.raw]?.record.present }
    func agent(_ id: AgentID) -> Agent? { agents[id.raw]?.record.present }
    func customer(_ id: CustomerID) -> Customer? { customers[id.raw]?.record.present }
    func conversation(_ id: ConversationID) -> Conversation? { conversations[id.raw]?.record.present }
    /// The customer of a conversation in memory, without a copy of its record.
    func customer(of id: ConversationID) -> CustomerID? {
        conversations[id.raw]?.assumeIsolated { $0.machine.isAbsent ? nil : $0.machine.customer }
    }
    /// The conversations of which an agent in memory has something on hand.
    func conversations(of id: AgentID) -> [ConversationID] {
        agents[id.raw]?.assumeIsolated { $0.machine.assignments.map(\.conversation) } ?? []
    }
    /// Something to be routed has changed. A plain look would copy the router, at every turn.
    var hasRoutingWork: Bool {
        func look(_ router: inout Router) -> Bool { router.hasWork }
        return look(&router)
    }
    func standing(of contact: ContactID?, in queue: QueueID) -> QueueStanding {
        router.standing(of: contact, in: queue)
    }
    func deliveriesOpen(to webhook: WebhookID) -> Int { telling.open(to: webhook) }
    func delivery(_ id: DeliveryID) -> Delivery? { deliveries[id.raw]?.record.present }

    // MARK: Coming and going

    func entity(tenant id: TenantID) -> Entity<Tenant> {
        find(id.raw, in: &tenants) { Tenant(absent: id) }
    }
    func entity(queue id: QueueID) -> Entity<Queue> {
        find(id.raw, in: &queues) { Queue(absent: id) }
    }
    func entity(agent id: AgentID) -> Entity<Agent> {
        find(id.raw, in: &agents) { Agent(absent: id) }
    }
    func entity(customer id: CustomerID) -> Entity<Customer> {
        find(id.raw, in: &customers) { Customer(absent: id) }
    }
    func entity(conversation id: ConversationID) -> Entity<Conversation> {
        find(id.raw, in: &conversations) { Conversation(absent: id) }
    }
    func entity(credential id: CredentialID) -> Entity<Credential> {
        find(id.raw, in: &credentials) { Credential(absent: id) }
    }

    func entity(delivery id: DeliveryID) -> Entity<Delivery> {
        find(id.raw, in: &deliveries) { Delivery(absent: id) }
    }

    @inline(__always)
    private func find<M: Machine>(
        _ raw: UInt64, in table: inout [UInt64: Entity<M>], _ absent: () -> M
    ) -> Entity<M> {
        if let entity = table[raw] { return entity }
        let entity = Entity(absent(), on: executor)
        table[raw] = entity
        return entity
    }

    /// In memory, though perhaps absent.
    func contains(_ actor: ActorID) -> Bool {
        switch actor.kind {
        case .tenant: tenants[actor.raw] != nil
        case .queue: queues[actor.raw] != nil
        case .agent: agents[actor.raw] != nil
        case .customer: customers[actor.raw] != nil
        case .conversation: conversations[actor.raw] != nil
        case .credential: credentials[actor.raw] != nil
        case .quarantine: true
        case .delivery: deliveries[actor.raw] != nil
        }
    }

    /// Makes an absent actor where none is in memory: the store has none either, so it refuses for itself.
    func ensure(_ actor: ActorID) {
        switch actor.kind {
        case .tenant: _ = entity(tenant: TenantID(raw: actor.raw))
        case .queue: _ = entity(queue: QueueID(raw: actor.raw))
        case .agent: _ = entity(agent: AgentID(raw: actor.raw))
        case .customer: _ = entity(customer: CustomerID(raw: actor.raw))
        case .conversation: _ = entity(conversation: ConversationID(raw: actor.raw))
        case .credential: _ = entity(credential: CredentialID(raw: actor.raw))
        case .quarantine: break  // Always there.
        case .delivery: _ = entity(delivery: DeliveryID(raw: actor.raw))
        }
    }

    func remove(_ actor: ActorID) {
        switch actor.kind {
        case .tenant: leave(tenants.removeValue(forKey: actor.raw))
        case .queue: leave(queues.removeValue(forKey: actor.raw))
        case .agent: leave(agents.removeValue(forKey: actor.raw))
        case .customer: leave(customers.removeValue(forKey: actor.raw))
        case .conversation: leave(conversations.removeValue(forKey: actor.raw))
        case .credential: leave(credentials.removeValue(forKey: actor.raw))
        case .delivery: leave(deliveries.removeValue(forKey: actor.raw))
        case .quarantine: put(.quarantine(Quarantine(absent: quarantine.record.partition)))
        }
    }

    /// Every actor in memory, sorted; for digests, and for rebuilding what is derived.
    var all: [ActorID] {
        var actors: [ActorID] = []
        actors.reserveCapacity(conversations.count + customers.count + agents.count + 64)
        // Numbers are sorted kind by kind, in the order of the kinds: a million actors in a tenth of the time.
        func add(_ kind: ActorKind, _ numbers: some Collection<UInt64>) {
            for raw in numbers.sorted() { actors.append(ActorID(kind: kind, raw: raw)) }
        }
        add(.tenant, tenants.keys)
        add(.queue, queues.keys)
        add(.agent, agents.keys)
        add(.customer, customers.keys)
        add(.conversation, conversations.keys)
        add(.credential, credentials.keys)
        actors.append(ActorID(kind: .quarantine, raw: UInt64(quarantine.record.partition)))
        add(.delivery, deliveries.keys)
        return actors
    }
}

extension Machine {
    /// Nil while it is absent.
    var present: Self? { isAbsent ? nil : self }
}
