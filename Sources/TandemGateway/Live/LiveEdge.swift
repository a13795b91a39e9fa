internal import TandemAPI
internal import TandemCore
package import TandemRuntime
internal import TandemTransport
internal import TandemWire

/// The live sessions of a gateway.
// Safe: `sessions` and `isDraining` are touched under `lock` only; the rest are constants.
package final class LiveEdge: LiveSessions, @unchecked Sendable {
    let node: Node
    let limits: LiveLimits
    let relay: LiveRelay
    let hub = TypingHub()
    private let lock = Lock()
    private var sessions: [ObjectIdentifier: LiveSession] = [:]
    private var isDraining = false

    package init(node: Node, limits: LiveLimits = LiveLimits()) {
        self.node = node
        self.limits = limits
        relay = LiveRelay(node.loops.loops)
        node.onOutOfTouch { [weak self] partition in self?.sendAway { $0.partition == partition } }
        node.onDrained { [weak self] in self?.sendAway { _ in true } }
    }

    package var count: Int { lock.withLock { sessions.count } }

    package func drain() {
        let open = lock.withLock {
            isDraining = true
            return Array(sessions.values)
        }
        for session in open { session.loop.run { session.reconnect() } }
    }

    /// Nobody is known to lead their partition for too long, so that sessions here would not hear what happens; or the node
    /// is drained: their clients are to look for another node.
    private func sendAway(_ isMeant: (LiveSession) -> Bool) {
        let meant = lock.withLock { sessions.values.filter(isMeant) }
        for session in meant { session.loop.run { session.reconnect() } }
    }

    package func open(_ kind: LiveKind, _ call: Call) {
        do throws(Problem) {
            switch kind {
            case .customer: try openCustomer(call)
            case .agent: try openAgent(call)
            case .supervisor: try openStream(call)
            }
        } catch {
            call.refuse(error)
        }
    }

    /// False: no more are taken.
    func add(_ session: LiveSession) -> Bool {
        lock.withLock {
            if isDraining || node.isDrained { return false }
            sessions[ObjectIdentifier(session)] = session
            return true
        }
    }

    func remove(_ session: LiveSession) {
        lock.withLock { _ = sessions.removeValue(forKey: ObjectIdentifier(session)) }
    }

    // MARK: At the door

    private func openCustomer(_ call: Call) throws(Problem) {
        let caller = try call.requireCaller()
        guard let customer = caller.customer else { throw Problem(.forbidden) }
        guard let id: ConversationID = call.parameter("conversation") else {
            throw Problem(.missingField, field: "conversation", detail: "Which conversation?")
        }
        call.record(ActorID(id)) { [self] record throws(Problem) in
            guard case .conversation(let conversation) = record, conversation.state != .absent,
                caller.sees(conversation.tenant)
            else { throw Problem(.notFound, field: "conversation") }
            guard conversation.customer == customer else { throw Problem(.forbidden, field: "conversation") }
            upgrade(call) { socket in
                CustomerSession(self, socket, caller, customer, conversation: id, resume: call.query["resume"])
            }
        }
    }

    private func openAgent(_ call: Call) throws(Problem) {
        let caller = try call.requireCaller()
        guard let agent = caller.agent else { throw Problem(.forbidden) }
        upgrade(call) { [self] socket in AgentSession(self, socket, caller, agent, resume: call.query["resume"]) }
    }

    private func openStream(_ call: Call) throws(Problem) {
        let (caller, tenant) = (try call.requireCaller(), try call.tenant())
        var filter = EventFilter()
        filter.queue = call.parameter("queue").map { (id: QueueID) in id }
        filter.agent = call.parameter("agent").map { (id: AgentID) in id }
        filter.conversation = call.parameter("conversation").map { (id: ConversationID) in id }
        for name in call.query["types"]?.split(separator: ",") ?? [] {
            guard let type = EventName(rawValue: String(name)) else {
                throw Problem(.invalid, field: "types", detail: "There is no event of this name.")
            }
            filter.types.insert(type)
        }
        let chosen = filter
        upgrade(call) { [self] socket in
            EventStream(self, socket, caller, tenant, chosen, resume: call.query["resume"])
        }
    }

    private func upgrade(_ call: Call, _ make: @escaping @Sendable (WebSocket) -> LiveSession) {
        call.responder.upgradeToWebSocket(call.request, subprotocols: ["tandem"]) { socket in
            call.observe(101, nil)
            make(socket).begin()
        }
    }
}
