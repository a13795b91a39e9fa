internal import TandemAPI
internal import TandemCore
internal import TandemReadModel
internal import TandemRuntime
internal import TandemTransport

/// One client on one WebSocket: a cursor over committed events, and a way for commands.
///
/// ```
/// opening ── subscribed, looked ──▶ catchingUp ── nothing older left ──▶ live
///    └───────────────┴──────── closed, dropped, sent away ────────────────┴──▶ ended
/// ```
/// - It follows its topic first and reads the past then, up to the position at which following began: no gap, no repeat.
///   What comes meanwhile is held, in order.
/// - What a kind of session says and understands is its subclass's: `CustomerSession`, `AgentSession`, `EventStream`.
// Safe: touched on the socket's loop only, but for constants; others hand in work through the relay or the loop.
class LiveSession: @unchecked Sendable {
    enum Phase { case opening, catchingUp, live, ended }

    private enum Held {
        case event(CommittedEvent)
        case answer(Outcome, Asked)
    }

    private struct Own {
        let conversation: ConversationID
        let id: String
    }

    final let edge: LiveEdge
    final let caller: Caller
    final let socket: WebSocket
    final let loop: EventLoop
    /// The loop's number at the relay; nil: it is none of the node's.
    final let place: Int?
    final let topic: Topic
    final let partition: UInt16
    private let resumeText: String?

    final private(set) var phase = Phase.opening
    /// Where following began, and where the client's events begin.
    private var begun = EventPosition.start
    private var isBegun = false
    final private(set) var from = EventPosition.start
    private var history = EventPosition.start

    private var subscription: UInt64?
    private var credential: CredentialWatch?
    /// Commands and looks that are not answered yet.
    private var inFlight = 0
    private var isPaused = true
    /// A frame waits for a look at the partition; what is behind it waits for that.
    private var isLookingAhead = false
    /// The node is going: nothing more is read, and the end comes with the last answer.
    private var isLeaving = false
    private var refusedInRow = 0
    /// Events of the past that are still to be shown, oldest first, and what came since.
    private var past = Row<CommittedEvent>()
    private var held = Row<Held>()
    /// An event waits for something that is being looked up.
    private var isLookingUp = false
    /// Messages of this very session on their way: it knows them, and gets their acknowledgement instead.
    private var own: [Own] = []
    private var typedAt: [ConversationID: UInt64] = [:]
    final var writer = JSONWriter(reserving: 512)

    init(_ edge: LiveEdge, _ socket: WebSocket, caller: Caller, topic: Topic, partition: UInt16, resume: String?) {
        self.edge = edge
        self.socket = socket
        self.caller = caller
        self.topic = topic
        self.partition = partition
        loop = socket.loop
        place = edge.relay.place(of: socket.loop)
        resumeText = resume
    }

    final var node: Node { edge.node }
    final var limits: LiveLimits { edge.limits }

    // MARK: What a kind of session does

    /// Looks at what the welcome tells, and calls `welcome`.
    func prepare() { preconditionFailure("each kind of session has its own") }

    /// Sends what `event` says to this client, if anything. False: it has to look something up first, and will call
    /// `lookedUp`; then it is shown again.
    func show(_ event: CommittedEvent) -> Bool { preconditionFailure("each kind of session has its own") }

    /// Carries out a client's frame; pings are answered already.
    func handle(_ frame: InboundFrame) throws(Problem) { throw Self.unknownFrame }

    /// The events after a position that this client may have missed.
    func missed() -> @Sendable (StoreReader, EventPosition, Int) throws -> Past {
        preconditionFailure("each kind of session has its own")
    }

    func tellTyping(_ author: Party, in conversation: ConversationID) {}  // Not every kind is shown it.

    /// It is over. `inOrder`: the client said goodbye.
    func ended(inOrder: Bool) {}

    static let unknownFrame = Problem(.invalid, field: "type", detail: "This session has no such frame.")

    // MARK: Beginning

    final func begin() {
        socket.onText = { [self] bytes in received(bytes) }
        socket.onBinary = { [self] _ in end(LiveClose.unsupported, "text frames only") }
        socket.onClose = { [self] close in closed(close) }
        socket.onDrained = { [self] in goOn() }
        socket.pause()
        guard edge.add(self) else { return reconnect() }
        credential = CredentialWatch(caller.credential, of: self)
        subscription = node.subscribe(partition: partition, to: topic) { [self] position in
            edge.relay.put(to: self) { $0.begun(at: position) }
        } deliver: { [self] events in
            edge.relay.put(events, to: self)
        }
    }

    private func begun(at position: EventPosition) {
        // Again: what happened up to there was not delivered here. The client comes back and is shown it from the store.
        guard phase == .opening, !isBegun else { return reconnect() }
        isBegun = true
        begun = position
        from = position
        guard let resumeText else { return prepare() }
        guard let number = Int64(resumeText), number >= 0 else { return refuseResume() }
        from = EventPosition(rawValue: number)
        if from <= position { return prepare() }
        // Another node may have given it out: this one has then still to hear of it.
        node.position(partition: partition) { [self] current in
            edge.relay.put(to: self) { session in
                guard session.phase == .opening else { return }
                guard let current else { return session.end(LiveClose.tryLater, "no leader") }
                if session.from <= current { session.prepare() } else { session.refuseResume() }
            }
        }
    }

    private func refuseResume() {
        tell(Problem(.invalid, field: "resume", detail: "No position that was given out."), id: nil)
        end(LiveClose.badResume, "no such position")
    }

    final var isResuming: Bool { resumeText != nil }

    /// The first frame; then the past, then what happens.
    final func welcome(_ fields: (inout JSONWriter) -> Void) {
        guard phase == .opening else { return }
        send("welcome", at: from, fields: fields)
        phase = .catchingUp
        history = from
        isPaused = false
        socket.resume()
        goOn()
    }

    private func pause() {
        isPaused = true
        socket.pause()
    }

    // MARK: Events and answers, in order

    final func take(_ events: [CommittedEvent]) {
        guard phase != .ended else { return }
        // A client that comes from another node may be ahead of this one.
        for event in events where event.position > from {
            if mayPass {
                if showUnlessOwn(event) { continue }
                isLookingUp = true
            }
            hold(.event(event))
        }
    }

    final func take(_ outcome: Outcome, of asked: Asked) {
        settled()
        guard phase != .ended else { return }
        if mayPass { acknowledge(outcome, asked) } else { hold(.answer(outcome, asked)) }
        leaveIfDone()
    }

    /// Something of this client's is no longer on its way.
    private func settled() {
        inFlight -= 1
        guard isPaused, !isLookingAhead, !isLeaving, phase != .opening,
            inFlight <= limits.commandsInFlightMax / 2
        else { return }
        isPaused = false
        socket.resume()
    }

    private var mayPass: Bool { phase == .live && held.isEmpty && !isLookingUp }

    private func hold(_ item: Held) {
        guard phase != .ended else { return }
        guard held.count < limits.heldMax else { return end(LiveClose.tryLater, "too far behind: resume") }
        held.append(item)
    }

    /// What an event waited for is here.
    final func lookedUp() {
        isLookingUp = false
        goOn()
    }

    /// Shows what waits, and asks for more of the past. A client that reads slowly is waited for: `onDrained` comes back
    /// here.
    private func goOn() {
        while phase == .catchingUp, !isLookingUp {
            if socket.isCongested { return }
            if let event = past.first {
                guard showUnlessOwn(event) else { return isLookingUp = true }
                past.removeFirst()
            } else if history < begun {
                return readHistory()
            } else {
                phase = .live
            }
        }
        while phase == .live, !isLookingUp, let first = held.first {
            if socket.isCongested { return }
            switch first {
            case .event(let event): guard showUnlessOwn(event) else { return isLookingUp = true }
            case .answer(let outcome, let asked): acknowledge(outcome, asked)
            }
            held.removeFirst()
        }
        leaveIfDone()
    }

    private func readHistory() {
        isLookingUp = true
        let (missed, after, limit) = (missed(), history, limits.historyPageMax)
        node.query(partition: partition, upTo: begun) { store in
            try missed(store, after, limit)
        } done: { [self] result in
            loop.run { self.read(result) }
        }
    }

    private func read(_ result: Result<Past, StateError>) {
        guard phase == .catchingUp else { return }
        switch result {
        case .failure: end(LiveClose.tryLater, "the past cannot be read just now")
        case .success(let part):
            for stored in part.events where stored.position <= begun {
                past.append(CommittedEvent(position: stored.position, time: stored.time, event: stored.event))
            }
            history = part.isComplete ? begun : part.reached
            lookedUp()
        }
    }

    private func showUnlessOwn(_ event: CommittedEvent) -> Bool {
        if !own.isEmpty, case .messagePosted(let message) = event.event, message.author == caller.party,
            let id = message.clientID, own.contains(where: { $0.id == id && $0.conversation == message.conversation })
        {
            return true
        }
        return show(event)
    }

    // MARK: Commands

    private func received(_ bytes: UnsafeRawBufferPointer) {
        guard phase != .ended else { return }
        var frame = InboundFrame()
        do throws(Problem) {
            try frame.read(bytes)
            if frame.kind == .ping {
                try frame.expect([])
                send("pong") { $0.field("id", ifPresent: frame.id) }
            } else {
                try handle(frame)
            }
            refusedInRow = 0
        } catch {
            tell(error, id: frame.id)
            refusedInRow += 1
            if refusedInRow > limits.refusedInRowMax { end(LiveClose.policy, "nothing but bad frames") }
        }
    }

    /// Hands in a command; its answer is sent when it is durable.
    final func submit(_ command: Command, id: String?, messageIn conversation: ConversationID? = nil) {
        inFlight += 1
        if inFlight >= limits.commandsInFlightMax, !isPaused { pause() }
        if let conversation, let id { own.append(Own(conversation: conversation, id: id)) }
        let asked = Asked(id: id, conversation: conversation)
        node.submit(command) { [self] outcome in edge.relay.put(outcome, of: asked, to: self) }
    }

    /// Looks at what the partition has in memory, for a frame. The next one is read when `then` has run: so frames are
    /// carried out in their order, and a client that asks much waits.
    final func look<R: Sendable>(
        _ body: @escaping @Sendable (PartitionView) -> R, then: @escaping @Sendable (R?) -> Void
    ) {
        inFlight += 1
        isLookingAhead = true
        pause()
        node.read(partition: partition, body) { [self] found in
            edge.relay.put(to: self) { session in
                session.isLookingAhead = false
                if session.phase != .ended { then(found) }
                session.settled()
                session.leaveIfDone()
            }
        }
    }

    private func acknowledge(_ outcome: Outcome, _ asked: Asked) {
        if let conversation = asked.conversation,
            let place = own.firstIndex(where: { $0.id == asked.id && $0.conversation == conversation })
        {
            own.remove(at: place)
        }
        switch outcome {
        case .answered(let answer, let position), .repeated(let answer, let position):
            guard let id = asked.id else { return }
            send("ack", at: position) { writer in
                writer.field("id", id)
                if let sequence = answer.sequence { writer.field("sequence", sequence) }
                writer.field("contact", ifPresent: asked.conversation == nil ? answer.contact : nil)
            }
        case .refused(let refusal):
            let field = refusal.field == "clientID" ? "id" : refusal.field
            tell(Problem(ErrorCode(refusal.code), field: field), id: asked.id)
        case .busy: tell(Problem(.busy), id: asked.id)
        case .unavailable(.cutOff): tell(node.sentOn(.cutOff), id: asked.id)
        case .unavailable(let reason): tell(Problem(ErrorCode(reason)), id: asked.id)
        case .unknown: tell(Problem(.unknownOutcome), id: asked.id)
        }
    }

    /// Whether an indication of typing is worth passing on.
    final func mayTellTyping(in conversation: ConversationID) -> Bool {
        let now = EventLoop.monotonicNanoseconds()
        if let last = typedAt[conversation], now < last + limits.typingMilliseconds * 1_000_000 { return false }
        if typedAt.count > Limits.slotsPerAgentMax { typedAt = [:] }
        typedAt[conversation] = now
        return true
    }

    // MARK: The end

    /// The node is going, or has lost touch: the client is to come back, here or elsewhere. What it has asked for until
    /// now is answered first.
    final func reconnect() {
        guard phase != .ended, !isLeaving else { return }
        send("reconnect")
        isLeaving = true
        pause()
        leaveIfDone()
    }

    private func leaveIfDone() {
        guard isLeaving, phase == .opening || (inFlight == 0 && held.isEmpty) else { return }
        end(LiveClose.restart, "reconnect")
    }

    /// Sends the client away; to the contact centre its connection is lost.
    final func end(_ code: UInt16, _ reason: String) {
        guard phase != .ended else { return }
        socket.close(code: code, reason: reason)
        finish(inOrder: false)
    }

    private func closed(_ close: WebSocketClose) {
        guard phase != .ended else { return }
        let saidGoodbye = close.code != 1_006 && (close.cause == .peerClosed || close.cause == .finished)
        finish(inOrder: saidGoodbye)
    }

    private func finish(inOrder: Bool) {
        phase = .ended
        if let subscription { node.unsubscribe(subscription, partition: partition) }
        credential?.cancel()
        credential = nil
        past = Row()
        held = Row()
        edge.remove(self)
        ended(inOrder: inOrder)
    }
}
