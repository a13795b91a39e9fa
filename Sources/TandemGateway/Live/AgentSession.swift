internal import TandemAPI
internal import TandemCore
internal import TandemReadModel
internal import TandemRuntime
internal import TandemTransport
internal import TandemWire

/// An agent's session: his presence, his offers, his contacts and what is said in them.
///
/// While it lasts the agent's record names it. A client that says goodbye closes it in order; one that is lost, dropped
/// or sent away loses it, and the agent's grace time runs.
// Safe: as its superclass.
final class AgentSession: LiveSession, @unchecked Sendable {
    /// Who is offered, as far as the agent's screen shows it.
    struct Card: Sendable {
        let name: String
        let tier: Tier
    }

    let agent: AgentID
    private let session: SessionID
    private var isConnecting = false
    /// What he holds, and in which conversation: there he may type, and sees others type.
    private var held: [ContactID: ConversationID] = [:]
    private var cards: [CustomerID: Card] = [:]

    init(_ edge: LiveEdge, _ socket: WebSocket, _ caller: Caller, _ agent: AgentID, resume: String?) {
        self.agent = agent
        session = edge.node.nextSession()
        super.init(
            edge, socket, caller: caller, topic: .actor(ActorID(agent)), partition: agent.partition, resume: resume)
    }

    // MARK: The welcome

    struct Scene: Sendable {
        let agent: Agent
        let conversations: [ConversationID: Conversation]
        let cards: [CustomerID: Card]

        init?(_ id: AgentID, _ view: PartitionView) {
            guard let agent = view.agent(id) else { return nil }
            self.agent = agent
            var conversations: [ConversationID: Conversation] = [:]
            var cards: [CustomerID: Card] = [:]
            for assignment in agent.assignments {
                guard let conversation = view.conversation(assignment.conversation) else { continue }
                conversations[conversation.id] = conversation
                if let customer = view.customer(conversation.customer) {
                    cards[customer.id] = Card(name: customer.profile.name, tier: customer.profile.tier)
                }
            }
            self.conversations = conversations
            self.cards = cards
        }
    }

    /// The session is journaled before anything is told: from then on the agent is there.
    override func prepare() {
        isConnecting = true
        node.submit(.agent(agent, .connectSession(session))) { [self] outcome in
            edge.relay.put(to: self) { [self] _ in connected(outcome) }
        }
    }

    private func connected(_ outcome: Outcome) {
        guard phase == .opening else { return }
        switch outcome {
        case .answered, .repeated: break
        case .refused(let refusal):
            tell(Problem(refusal), id: nil)
            return end(LiveClose.policy, refusal.code.rawValue)
        case .busy, .unavailable, .unknown: return end(LiveClose.tryLater, "the session could not begin")
        }
        let agent = agent
        node.read(partition: partition) {
            Scene(agent, $0)
        } release: { [self] scene in
            edge.relay.put(to: self) { [self] _ in
                guard let scene = scene ?? nil else { return end(LiveClose.tryLater, "no leader") }
                greet(scene)
            }
        }
    }

    private func greet(_ scene: Scene) {
        guard phase == .opening else { return }
        cards = scene.cards
        for assignment in scene.agent.assignments where assignment.state != .offered {
            hold(assignment.contact, assignment.conversation)
        }
        welcome { $0.fields(of: scene) }
    }

    override func missed() -> @Sendable (StoreReader, EventPosition, Int) throws -> Past { Past.of(ActorID(agent)) }

    // MARK: The end

    override func ended(inOrder: Bool) {
        for conversation in Set(held.values) { edge.hub.leave(self, conversation) }
        held = [:]
        guard isConnecting else { return }
        part(inOrder ? .closeSession(session) : .loseSession(session))
    }

    /// The record must not name a session that is over, so a partition that cannot listen just now is told again.
    private func part(_ command: AgentCommand) {
        node.submit(.agent(agent, command)) { [self] outcome in
            switch outcome {
            case .answered, .repeated, .refused: break
            // The next life ends the sessions of this one.
            case .unavailable(.stopping): break
            // Alone it is the next life's; a leader elsewhere ends no session of a node that is there.
            case .unavailable(.notLeading), .unavailable(.journalFailed): if node.isClustered { partLater(command) }
            case .busy, .unknown, .unavailable(.diskFull), .unavailable(.cutOff): partLater(command)
            }
        }
    }

    private func partLater(_ command: AgentCommand) {
        let wait = limits.retryMilliseconds * 1_000_000
        loop.schedule(at: EventLoop.monotonicNanoseconds() + wait) { self.part(command) }
    }

    /// A leader has ended the session, because this node was cut off for a while: the agent takes himself for connected and
    /// is not. His client comes back with another session.
    private func endedElsewhere() {
        isConnecting = false
        reconnect()
    }

    // MARK: What he holds

    private func hold(_ contact: ContactID, _ conversation: ConversationID) {
        held[contact] = conversation
        edge.hub.join(self, conversation)
    }

    private func release(_ contact: ContactID) {
        guard let conversation = held.removeValue(forKey: contact) else { return }
        if !held.values.contains(conversation) { edge.hub.leave(self, conversation) }
    }

    override func tellTyping(_ author: Party, in conversation: ConversationID) {
        send("typing") { writer in
            writer.field("conversation", conversation)
            writer.party("author", author)
        }
    }

    func passTyping(in conversation: ConversationID, id: String?) throws(Problem) {
        guard held.values.contains(conversation) else { throw Problem(.agentNotHandling, field: "conversation") }
        guard mayTellTyping(in: conversation) else { return }
        let agent = agent
        look { view in
            view.conversation(conversation).map { thread in
                thread.contacts.contains { $0.agentNow == agent && !thread.isConsultation($0) }
            }
        } then: { [self] isHis in
            guard let isHis = isHis ?? nil else { return }
            // While he is only consulted, the customer knows nothing of him, and does not see him type either.
            guard isHis else { return tell(Problem(.notAllowed, field: "conversation"), id: id) }
            edge.hub.pass(.agent(agent), in: conversation, from: self)
        }
    }

    // MARK: Events

    override func show(_ event: CommittedEvent) -> Bool {
        switch event.event {
        case .sessionEnded(_, _, let ended, _): if ended == session { endedElsewhere() }
        case .presenceChanged(let change): if change.agent == agent { show(change, event) }
        case .offerMade(let made): return made.agent == agent ? show(made, event) : true
        case .offerAccepted(let ended):
            guard ended.agent == agent else { return true }
            hold(ended.leg.contact, ended.leg.conversation)
            show(ended.leg, "connected", event) { writer in
                writer.field("offer", ended.offer)
                writer.field("waited", ended.waited)
            }
        case .offerEnded(let ended):
            guard ended.agent == agent else { return true }
            send("offerEnded", event) { writer in
                writer.field("offer", ended.offer)
                writer.field("conversation", ended.leg.conversation)
                writer.field("contact", ended.leg.contact)
                writer.field("outcome", word: ended.outcome.word)
            }
        case .contactQueued(let queued):
            guard queued.released == agent else { return true }
            release(queued.leg.contact)
            show(queued.leg, "queued", event) { $0.field("reason", word: queued.reason.word) }
        case .contactHeld(let leg, let holder): if holder == agent { show(leg, "held", event) }
        case .contactResumed(let leg, let holder): if holder == agent { show(leg, "connected", event) }
        case .consultStarted(let leg, let previous, let asker):
            if asker == agent { show(leg, "consulting", event) { $0.field("previous", previous) } }
        case .consultEnded(let leg, let previous, let asker, let reason):
            guard asker == agent else { return true }
            show(leg, "closed", event) { writer in
                writer.field("previous", previous)
                writer.field("reason", word: reason.word)
            }
        case .contactWrapping(let wrapping):
            guard wrapping.agent == agent else { return true }
            show(wrapping.leg, "wrapping", event) { writer in
                writer.field("until", ifPresent: wrapping.until)
                writer.field("reason", word: wrapping.reason.word)
            }
        case .contactClosed(let closed):
            guard closed.agent == agent || held[closed.leg.contact] != nil else { return true }
            release(closed.leg.contact)
            show(closed.leg, "closed", event) { writer in
                writer.field("reason", word: closed.reason.word)
                writer.field("disposition", ifPresent: closed.disposition)
                writer.field("next", ifPresent: closed.next)
            }
        case .messagePosted(let message): show(message, event)
        case .messagesDelivered(let marked): show("delivered", marked, event)
        case .messagesRead(let marked): show("read", marked, event)
        case .tenantCreated, .tenantChanged, .skillDefined, .calendarPut, .routingPolicyPut, .slaPolicyPut,
            .queueCreated, .queueChanged, .agentCreated, .agentChanged, .sessionConnected,
            .customerCreated, .customerChanged, .credentialCreated, .credentialRevoked, .conversationOpened,
            .conversationReopened, .conversationClosed, .contactCreated, .contactBotStarted, .contactStepped,
            .contactDeclineExpired, .contactPriorityChanged, .clockActivated, .clockPaused, .clockResumed,
            .clockWarned, .clockBreached, .clockFulfilled, .clockPolicyApplied, .inputQuarantined, .quarantineResolved,
            .webhookPut, .deliveryDue, .deliveryResumed, .deliveryFailed, .deliveryDone:
            break  // Not of his sessions' concern, or told by the contact's own events.
        }
        return true
    }

    private func show(_ change: PresenceChanged, _ event: CommittedEvent) {
        send("presence", event) { writer in
            writer.presenceFields(change.to)
            writer.party("by", change.by)
            writer.field("unanswered", change.unanswered)
        }
    }

    /// With the customer's name, which may have to be looked up first.
    private func show(_ made: OfferMade, _ event: CommittedEvent) -> Bool {
        let customer = made.leg.customer
        guard let card = cards[customer] else {
            node.record(ActorID(customer)) { [self] result in
                var card = Card(name: "", tier: .normal)
                if case .success(.customer(let found)?) = result {
                    card = Card(name: found.profile.name, tier: found.profile.tier)
                }
                edge.relay.put(to: self) { [self, card] _ in
                    if cards.count >= limits.namesKeptMax { cards = [:] }
                    cards[customer] = card
                    lookedUp()
                }
            }
            return false
        }
        send("offer", event) { $0.fields(of: made, card) }
        return true
    }

    private func show(
        _ leg: Leg, _ state: StaticString, _ event: CommittedEvent, _ more: (inout JSONWriter) -> Void = { _ in }
    ) {
        send("contact", event) { writer in
            writer.field("conversation", leg.conversation)
            writer.field("contact", leg.contact)
            writer.field("queue", leg.queue)
            writer.field("customer", leg.customer)
            writer.field("state", word: state)
            more(&writer)
        }
    }

    private func show(_ message: MessagePosted, _ event: CommittedEvent) {
        send("message", event) { writer in
            writer.field("conversation", message.conversation)
            writer.field("sequence", message.sequence)
            writer.party("author", message.author)
            if message.author == .agent(agent) { writer.field("id", ifPresent: message.clientID) }
            writer.field("text", message.text)
        }
    }

    private func show(_ type: StaticString, _ marked: MessagesMarked, _ event: CommittedEvent) {
        send(type, event) { writer in
            writer.field("conversation", marked.conversation)
            writer.party("by", marked.by)
            writer.field("upTo", marked.upTo)
        }
    }

    override func handle(_ frame: InboundFrame) throws(Problem) { try carryOut(frame) }
}
