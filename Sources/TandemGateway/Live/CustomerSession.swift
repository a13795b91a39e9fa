internal import TandemAPI
internal import TandemCore
internal import TandemReadModel
internal import TandemRuntime
internal import TandemTransport
internal import TandemWire

/// A customer's session on one of his conversations.
///
/// He is shown the leg that has him and no other: what agents ask one another in consultations stays with them, until one
/// of those is given the customer.
// Safe: as its superclass.
final class CustomerSession: LiveSession, @unchecked Sendable {
    private let customer: CustomerID
    private let conversation: ConversationID
    private var consultations: [Consultation] = []
    private var names: [AgentID: String] = [:]
    private var queued = QueuePlace()

    init(
        _ edge: LiveEdge, _ socket: WebSocket, _ caller: Caller, _ customer: CustomerID,
        conversation: ConversationID, resume: String?
    ) {
        self.customer = customer
        self.conversation = conversation
        super.init(
            edge, socket, caller: caller, topic: .actor(ActorID(conversation)), partition: conversation.partition,
            resume: resume)
    }

    // MARK: The welcome

    private struct Scene: Sendable {
        let conversation: Conversation
        let leg: Contact?
        let name: String?
        let figure: QueueFigure?
    }

    override func prepare() {
        let (id, isResuming) = (conversation, isResuming)
        node.record(ActorID(id)) { [self] result in
            guard case .success(.conversation(let stored)?) = result else {
                return edge.relay.put(to: self) { $0.end(LiveClose.tryLater, "the conversation cannot be read") }
            }
            node.read(partition: partition) { view in
                let conversation = view.conversation(id) ?? stored
                let leg = conversation.customersLeg
                return Scene(
                    conversation: conversation, leg: leg,
                    name: leg?.agentNow.flatMap { view.agent($0)?.profile.name },
                    figure: leg.flatMap { QueueFigure($0, view) })
            } release: { [self] scene in
                edge.relay.put(to: self) { [self] _ in isResuming ? recall(scene) : greet(scene, past: []) }
            }
        }
    }

    /// A client that comes back is also shown what happened to legs before they were given the customer, or that never
    /// were; which these are is in the store.
    private func recall(_ scene: Scene?) {
        guard let scene else { return greet(nil, past: []) }
        let (conversation, from) = (scene.conversation, from)
        node.query(partition: partition) { store in
            try store.consultations(of: conversation, hiddenAt: from)
        } done: { [self] result in
            loop.run {
                guard case .success(let past) = result else {
                    return self.end(LiveClose.tryLater, "the past cannot be read just now")
                }
                self.greet(scene, past: past)
            }
        }
    }

    private func greet(_ scene: Scene?, past: [Consultation]) {
        guard let scene else { return end(LiveClose.tryLater, "no leader") }
        let record = scene.conversation
        consultations = record.contacts.filter(record.isConsultation).map {
            Consultation(contact: $0.id, previous: $0.previous, agent: $0.agentNow)
        }
        consultations += past.filter { !isHidden($0.contact) }
        if let agent = scene.leg?.agentNow, let name = scene.name { names[agent] = name }
        edge.hub.join(self, conversation)
        welcome { writer in
            writer.field("conversation", conversation)
            writer.field("state", word: record.state == .open ? "open" : "closed")
            writer.field("messages", record.messageCount)
            writer.field("delivered", record.customerDelivered)
            writer.field("read", record.customerRead)
            writer.field("agentRead", record.agentRead)
            guard let leg = scene.leg else { return }
            writer.key("contact")
            writer.beginObject()
            writer.field("contact", leg.id)
            writer.field("state", word: leg.state.word)
            writer.field("queue", leg.queue)
            switch leg.state {
            case .connected(let agent), .held(let agent):
                writer.field("agent", agent)
                writer.field("name", ifPresent: scene.name)
            case .created, .bot, .queued, .offered, .wrapping: break
            }
            writer.endObject()
        }
        if let leg = scene.leg, case .queued = leg.state { follow(leg.queue) }
        if let figure = scene.figure { tell(figure, id: nil) }
    }

    override func missed() -> @Sendable (StoreReader, EventPosition, Int) throws -> Past {
        Past.of(ActorID(conversation))
    }

    // MARK: Commands

    override func handle(_ frame: InboundFrame) throws(Problem) {
        switch frame.kind {
        case .message:
            try frame.expect([.id, .text])
            let draft = MessageDraft(author: .customer(customer), clientID: frame.id, text: frame.text)
            submit(.conversation(conversation, .postMessage(draft)), id: frame.id, messageIn: conversation)
        case .read:
            try frame.expect(.upTo)
            submit(.conversation(conversation, .markRead(upTo: frame.upTo, by: .customer(customer))), id: frame.id)
        case .delivered:
            try frame.expect(.upTo)
            submit(
                .conversation(conversation, .markDelivered(upTo: frame.upTo, by: .customer(customer))), id: frame.id)
        case .typing:
            try frame.expect([])
            if mayTellTyping(in: conversation) { edge.hub.pass(.customer(customer), in: conversation, from: self) }
        case .position:
            try frame.expect([])
            tellPlace(id: frame.id)
        case .leave:
            try frame.expect([])
            leave(id: frame.id)
        case .ping, .presence, .accept, .reject, .hold, .resume, .transfer, .consult, .completeConsult, .endConsult,
            .end, .wrapup:
            throw Self.unknownFrame
        }
    }

    private func leave(id: String?) {
        let conversation = conversation
        look {
            $0.conversation(conversation)?.customersLeg?.id
        } then: { [self] found in
            guard let found else { return tell(node.unanswered(partition), id: id) }
            guard let leg = found else { return tell(Problem(.contactClosed), id: id) }
            submit(.conversation(conversation, .contact(leg, .abandon)), id: id)
        }
    }

    override func tellTyping(_ author: Party, in conversation: ConversationID) {
        send("typing") { $0.party("author", author) }
    }

    // MARK: The place in the queue

    private func figure() -> @Sendable (PartitionView) -> QueueFigure? {
        let conversation = conversation
        return { view in view.conversation(conversation)?.customersLeg.flatMap { QueueFigure($0, view) } }
    }

    private func tellPlace(id: String?) {
        look(figure()) { [self] figure in
            if let figure = figure ?? nil { tell(figure, id: id) } else { tell(Problem(.contactNotWaiting), id: id) }
        }
    }

    private func lookAtQueue() {
        node.read(partition: partition, figure()) { [self] figure in
            edge.relay.put(to: self) { [self] _ in
                if let figure = figure ?? nil, queued.isNews(figure) { tell(figure, id: nil) }
            }
        }
    }

    private func tell(_ figure: QueueFigure, id: String?) {
        queued.told = figure
        send("queue") { writer in
            writer.field("id", ifPresent: id)
            writer.field("contact", figure.contact)
            writer.field("queue", figure.queue)
            writer.field("position", figure.position)
            writer.field("waiting", figure.waiting)
            writer.field("estimatedWaitMs", ifPresent: figure.estimate)
        }
    }

    /// While the customer waits, whatever moves in his queue may move him.
    private func follow(_ queue: QueueID) {
        guard phase != .ended, queued.queue != queue else { return }
        unfollow()
        queued.queue = queue
        let isStirred = queued.isStirred
        queued.subscription = node.subscribe(partition: partition, to: .actor(ActorID(queue))) { _ in
        } deliver: { [self] _ in
            // Many events, one look.
            guard isStirred.raise() else { return }
            edge.relay.put(to: self) { [self] _ in stirred() }
        }
    }

    private func unfollow() {
        if let subscription = queued.subscription { node.unsubscribe(subscription, partition: partition) }
        queued = QueuePlace()
    }

    private func stirred() {
        guard phase != .ended else { return }
        let (isStirred, wait) = (queued.isStirred, limits.queueFigureMilliseconds)
        loop.schedule(at: EventLoop.monotonicNanoseconds() + wait * 1_000_000) { [self] in
            isStirred.lower()
            if phase != .ended, queued.queue != nil { lookAtQueue() }
        }
    }

    override func ended(inOrder: Bool) {
        unfollow()
        edge.hub.leave(self, conversation)
    }

    // MARK: Events

    override func show(_ event: CommittedEvent) -> Bool {
        switch event.event {
        case .messagePosted(let message): show(message, event)
        case .messagesDelivered(let marked): show("delivered", marked, event)
        case .messagesRead(let marked): show("read", marked, event)
        case .conversationOpened, .conversationReopened:
            send("conversation", event) { $0.field("state", word: "open") }
        case .conversationClosed: send("conversation", event) { $0.field("state", word: "closed") }
        case .contactCreated(let created):
            if created.kind == .consult, !isHidden(created.leg.contact) {
                consultations.append(Consultation(contact: created.leg.contact, previous: created.previous))
            }
        case .contactBotStarted(let leg): show(leg, "bot", event)
        case .contactQueued(let entered):
            guard show(entered.leg, "queued", event, waits: true) else { return true }
            follow(entered.leg.queue)
            lookAtQueue()
        case .contactStepped(let stepped):
            if !isHidden(stepped.leg.contact), queued.queue != nil { follow(stepped.leg.queue) }
        case .offerMade(let made): show(made.leg, "offered", event)
        case .offerAccepted(let ended): return showAccepted(ended, event)
        case .contactHeld(let leg, _): show(leg, "held", event)
        case .contactResumed(let leg, let agent): return show(leg, "connected", event, agent: agent)
        case .contactWrapping(let wrapping):
            if isHidden(wrapping.leg.contact) { return true }
            if wrapping.reason == .transferred { return showHandOver(from: wrapping.leg, event) }
            show(wrapping.leg, "ended", event, reason: wrapping.reason)
        case .contactClosed(let closed): return showClosed(closed, event)
        case .tenantCreated, .tenantChanged, .skillDefined, .calendarPut, .routingPolicyPut, .slaPolicyPut,
            .queueCreated, .queueChanged, .agentCreated, .agentChanged, .presenceChanged, .sessionConnected,
            .sessionEnded, .customerCreated, .customerChanged, .credentialCreated, .credentialRevoked,
            .contactDeclineExpired, .contactPriorityChanged, .offerEnded, .consultStarted, .consultEnded,
            .clockActivated,
            .clockPaused, .clockResumed, .clockWarned, .clockBreached, .clockFulfilled, .clockPolicyApplied,
            .inputQuarantined,
            .quarantineResolved, .webhookPut, .deliveryDue, .deliveryResumed, .deliveryFailed, .deliveryDone:
            break  // Not the customer's business, or told by what follows.
        }
        return true
    }

    private func show(_ message: MessagePosted, _ event: CommittedEvent) {
        send("message", event) { writer in
            writer.field("sequence", message.sequence)
            writer.party("author", message.author)
            if message.author == .customer(customer) { writer.field("id", ifPresent: message.clientID) }
            writer.field("text", message.text)
        }
    }

    private func show(_ type: StaticString, _ marked: MessagesMarked, _ event: CommittedEvent) {
        send(type, event) { writer in
            writer.party("by", marked.by)
            writer.field("upTo", marked.upTo)
        }
    }

    private func isHidden(_ contact: ContactID) -> Bool { consultations.contains { $0.contact == contact } }

    /// True: it was told.
    @discardableResult
    private func show(
        _ leg: Leg, _ state: StaticString, _ event: CommittedEvent, waits: Bool = false, reason: EndReason? = nil
    ) -> Bool {
        guard !isHidden(leg.contact) else { return false }
        if !waits { unfollow() }
        send("contact", event) { writer in
            writer.field("contact", leg.contact)
            writer.field("state", word: state)
            writer.field("queue", leg.queue)
            if let reason { writer.field("reason", word: reason.word) }
        }
        return true
    }

    /// With the agent's name, which may have to be looked up first.
    private func show(_ leg: Leg, _ state: StaticString, _ event: CommittedEvent, agent: AgentID) -> Bool {
        guard !isHidden(leg.contact) else { return true }
        guard let name = names[agent] else {
            node.read(partition: partition) {
                $0.agent(agent)?.profile.name
            } release: { [self] name in
                edge.relay.put(to: self) { [self] _ in
                    names[agent] = (name ?? nil) ?? ""
                    lookedUp()
                }
            }
            return false
        }
        unfollow()
        send("contact", event) { writer in
            writer.field("contact", leg.contact)
            writer.field("state", word: state)
            writer.field("queue", leg.queue)
            writer.field("agent", agent)
            writer.field("name", name)
        }
        return true
    }

    private func showAccepted(_ ended: OfferEnded, _ event: CommittedEvent) -> Bool {
        if let place = consultations.firstIndex(where: { $0.contact == ended.leg.contact }) {
            consultations[place].agent = ended.agent
            return true
        }
        return show(ended.leg, "connected", event, agent: ended.agent)
    }

    /// The consulted agent has the customer from now on; a cold transfer is told by the next leg's own events.
    private func showHandOver(from leg: Leg, _ event: CommittedEvent) -> Bool {
        guard let place = consultations.firstIndex(where: { $0.previous == leg.contact && $0.agent != nil }),
            let agent = consultations[place].agent
        else { return true }
        let consultation = consultations.remove(at: place)
        let next = Leg(
            tenant: leg.tenant, conversation: leg.conversation, customer: leg.customer,
            contact: consultation.contact, queue: leg.queue)
        if show(next, "connected", event, agent: agent) { return true }
        consultations.insert(consultation, at: place)
        return false
    }

    private func showClosed(_ closed: ContactClosed, _ event: CommittedEvent) -> Bool {
        if let place = consultations.firstIndex(where: { $0.contact == closed.leg.contact }) {
            consultations.remove(at: place)
            return true
        }
        if closed.reason == .transferred, !showHandOver(from: closed.leg, event) { return false }
        show(closed.leg, "closed", event, reason: closed.reason)
        return true
    }
}
