internal import TandemAPI
internal import TandemCore
internal import TandemReadModel
internal import TandemRuntime
internal import TandemTransport
internal import TandemWire

/// Which events of a tenant are wanted; what is left out rules nothing out.
struct EventFilter: Sendable {
    var types: Set<EventName> = []
    var queue: QueueID?
    var agent: AgentID?
    var conversation: ConversationID?

    func admits(_ event: Event) -> Bool {
        if !types.isEmpty, !types.contains(EventName(event)) { return false }
        if queue == nil, agent == nil, conversation == nil { return true }
        var audience: [ActorID] = []
        event.forEachAudience { audience.append($0) }
        if let queue, event.leg?.queue != queue, !audience.contains(ActorID(queue)) { return false }
        if let agent, !audience.contains(ActorID(agent)) { return false }
        if let conversation, !audience.contains(ActorID(conversation)) { return false }
        return true
    }
}

/// A supervisor's stream of what happens in a tenant.
// Safe: as its superclass.
final class EventStream: LiveSession, @unchecked Sendable {
    private let tenant: TenantID
    private let filter: EventFilter

    init(
        _ edge: LiveEdge, _ socket: WebSocket, _ caller: Caller, _ tenant: TenantID, _ filter: EventFilter,
        resume: String?
    ) {
        self.tenant = tenant
        self.filter = filter
        super.init(
            edge, socket, caller: caller, topic: .tenant(tenant), partition: tenant.partition, resume: resume)
    }

    override func prepare() {
        welcome { $0.field("tenant", tenant) }
    }

    override func show(_ event: CommittedEvent) -> Bool {
        if filter.admits(event.event) { sendWhole(event) }
        return true
    }

    override func missed() -> @Sendable (StoreReader, EventPosition, Int) throws -> Past {
        let (tenant, types) = (tenant, filter.types)
        return { store, after, limit in
            let scan = try store.events(of: tenant, after: after, kinds: types, limit: limit)
            return Past(events: scan.items, reached: scan.reached, isComplete: scan.isComplete)
        }
    }
}
