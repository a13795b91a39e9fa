internal import TandemTransport

/// Asks the other nodes what their wall clocks show, now and then, and tells who has to know what comes of it.
///
/// Belongs to the consensus loop; `figures` may be read from any thread.
// Safe: `published` is under `lock`, the rest is touched on the loop only, but for what is set before anything happens.
package final class ClockRounds: @unchecked Sendable {
    /// How a node's clock stands.
    package struct Figures: Sendable, Equatable {
        /// Against the median of the cluster's clocks, positive when it is ahead; nil: nothing is known.
        package var offsetMilliseconds: Int64?
        /// It is kept from leading.
        package var isOff = false
        /// Clocks are apart, and no majority tells which is right.
        package var isDisputed = false
    }

    /// Between two questions to a peer: two answers in the time for which one counts. That the own clock was set a node
    /// sees without asking, and who finds his off says so unasked.
    static let askNanoseconds: UInt64 = 2_000_000_000
    /// Between two looks at the own clock.
    static let lookNanoseconds: UInt64 = 100_000_000

    private let node: UInt32
    private let clock: TrustedClock
    private let tell: @Sendable (String) -> Void
    private let lock = Lock()
    private var published = Figures()
    private var send: (_ isAnswer: Bool, _ bytes: [UInt8], _ node: UInt32) -> Void = { _, _, _ in }
    private var changed: (_ isReluctant: Bool) -> Void = { _ in }
    private var clocks = PeerClocks()
    private var judgement: PeerClocks.Judgement?
    private var own: Int64 = 0
    /// Those that are connected, and those of them that have found their own clocks off.
    private var connected: Set<UInt32> = []
    private var off: Set<UInt32> = []
    private var askDue: UInt64 = 0
    private var lookDue: UInt64 = 0
    private var hasOthers = false
    /// Nobody has borne the own clock out yet; until then, but no longer than this. Nil before the start.
    private var isNew = true
    private var newUntil: UInt64?
    private var isReluctant = false

    package init(node: UInt32, clock: TrustedClock, tell: @escaping @Sendable (String) -> Void) {
        self.node = node
        self.clock = clock
        self.tell = tell
    }

    /// Before anything happens.
    ///
    /// - Parameter changed: called when others should lead if they can, and when that is over: while this node's clock is
    ///   off, and at first, until others have borne it out. A node that has just started knows nothing of its clock's past,
    ///   and of two clocks that are apart it could not tell which is right.
    package func start(
        send: @escaping (_ isAnswer: Bool, _ bytes: [UInt8], _ node: UInt32) -> Void,
        changed: @escaping (_ isReluctant: Bool) -> Void
    ) {
        self.send = send
        self.changed = changed
        newUntil = clock.monotonic() + PeerClocks.freshNanoseconds
        tellReluctance()
    }

    /// Lets go of whom it tells; when nothing happens any more.
    func stop() {
        send = { _, _, _ in }
        changed = { _ in }
    }

    // MARK: How it stands

    package var isOff: Bool { judgement?.standing == .off }

    /// As far as its clock goes, and is known here.
    package func mayLead(_ node: UInt32) -> Bool { node == self.node ? !isOff : !off.contains(node) }

    /// A node's clock against the median, in milliseconds, as it was seen here; nil: unknown.
    func offsetMilliseconds(of node: UInt32) -> Int64? {
        guard let judgement, let offset = judgement.offset else { return nil }
        if node == self.node { return offset / 1_000 }
        return clocks.interval(of: node, at: clock.monotonic()).map { ($0.middle - (own - offset)) / 1_000 }
    }

    /// Of this node.
    package var figures: Figures { lock.withLock { published } }

    // MARK: What happens

    package func set(_ others: [UInt32]) {
        clocks.set(others)
        hasOthers = !others.isEmpty
    }

    package func found(_ node: UInt32) {
        connected.insert(node)
        send(false, ClockQuestion(asked: clock.monotonic()).bytes, node)
    }

    package func lost(_ node: UInt32) {
        connected.remove(node)
        off.remove(node)
    }

    package func beat(at now: UInt64) {
        guard let newUntil else { return }
        if now >= askDue {
            askDue = now + Self.askNanoseconds
            let question = ClockQuestion(asked: clock.monotonic()).bytes
            for node in connected.sorted() { send(false, question, node) }
        }
        guard now >= lookDue else { return }
        lookDue = now + Self.lookNanoseconds
        if now >= newUntil { isNew = false }
        look()
        tellReluctance()
    }

    /// A question of another node; false if its bytes are none.
    package func asked(_ bytes: [UInt8], by node: UInt32) -> Bool {
        guard let question = try? ClockQuestion(decoding: bytes) else { return false }
        send(true, ClockAnswer(asked: question.asked, wall: clock.shown, isOff: isOff).bytes, node)
        return true
    }

    /// An answer of another node; false if its bytes are none.
    package func heard(_ bytes: [UInt8], from node: UInt32) -> Bool {
        guard let answer = try? ClockAnswer(decoding: bytes) else { return false }
        clocks.heard(node, wall: answer.wall, asked: answer.asked, at: clock.monotonic())
        if answer.isOff { off.insert(node) } else { off.remove(node) }
        look()
        tellReluctance()
        return true
    }

    // MARK: Judging

    private func look() {
        // Held up between the two clocks: the next look will do.
        guard let ahead = clock.ahead else { return }
        own = ahead
        let before = judgement?.standing ?? .unknown
        let new = clocks.judge(own: ahead, at: clock.monotonic())
        judgement = new
        clock.believe(new.believed)
        let figures = Figures(
            offsetMilliseconds: new.offset.map { $0 / 1_000 }, isOff: new.standing == .off,
            isDisputed: new.standing == .disputed)
        lock.withLock { published = figures }
        if new.standing == .right { isNew = false }
        guard new.standing != before else { return }
        tellNews(new, before)
        guard (new.standing == .off) != (before == .off) else { return }
        // Unasked: the others must not take it for what it was until they ask again. Their clocks are not compared by it.
        let news = ClockAnswer(asked: 0, wall: clock.shown, isOff: new.standing == .off).bytes
        for node in connected.sorted() { send(true, news, node) }
    }

    private func tellReluctance() {
        guard isReluctant != (isOff || isNew && hasOthers) else { return }
        isReluctant.toggle()
        changed(isReluctant)
    }

    private func tellNews(_ new: PeerClocks.Judgement, _ before: PeerClocks.Standing) {
        let distance = Self.words(new.offset ?? 0)
        switch new.standing {
        case .off:
            tell(
                "clock: this node's is \(distance) the median of \(new.count): it hands over what it leads, and leads "
                    + "only if nobody else can")
        case .disputed:
            tell(
                "clock: this node's is \(distance) the middle of \(new.count), and no majority tells which is right: "
                    + "set them")
        case .right: if before != .unknown { tell("clock: this node's is right again, \(distance) the median") }
        case .unknown: if before != .right { tell("clock: there is no other to compare this node's with") }
        }
    }

    private static func words(_ microseconds: Int64) -> String {
        let milliseconds = abs(microseconds) / 1_000
        return "\(milliseconds / 1_000).\(String(milliseconds % 1_000 + 1_000).dropFirst()) s "
            + (microseconds < 0 ? "behind" : "ahead of")
    }
}
