internal import TandemConsensus
internal import TandemCore
internal import TandemReadModel
internal import TandemTransport
internal import TandemWire

/// The commands of one partition that were handed in at one node, on their way to whoever leads: a value, time is an
/// argument.
///
/// ```
/// resting ── somebody leads ──▶ asking ── one was not done, or nobody knows ──▶ closing
///    ▲                            │  leader lost or another, or silent too long    │
///    └────────────────────────────┴────────────────────────────────────────────────┘ all asked are accounted for
/// ```
/// Invariants:
/// - They are asked in the order in which they were handed in. Once one of a stream was not done, none behind it in that
///   stream is done (the asked node sees to it), and the next stream begins with the oldest that is left.
/// - Each keeps its key for all tries, so it is done once. What is known to be done, or refused, is never asked again.
/// - A stream begins with one command; when that is answered by somebody who leads, the rest follows.
struct CommandLane {
    enum Course {
        /// Nobody is asked, until then at least.
        case resting(until: UInt64)
        case asking(Stream)
        /// No more is asked; what is known of those under way is waited for.
        case closing(Stream)
    }

    /// One run of asking one node.
    struct Stream {
        let leader: NodeID
        let number: UInt64
        /// The next place to be asked, and the last that was.
        var next: UInt64
        var previous: UInt64 = 0
        var underWay = 0
        var underWayBytes = 0
        /// It has answered like one who leads.
        var isProven = false
    }

    enum Effect {
        case ask(NodeID, ForwardedCommands)
        case tell(WaitingCommand, Outcome)
    }

    private let id: NodeID
    /// The node's incarnation, for the names of its commands.
    private let life: UInt64
    /// The same with its disk, for the names of its streams: replies to an earlier life, on whatever disk, mean others.
    private let streamLife: UInt64
    private let limits: ForwardingLimits

    private var line = WaitingLine()
    private var course = Course.resting(until: 0)
    private var streams: UInt64 = 0
    /// Who leads as far as this node's replica knows, and as the last one who did not lead has said.
    private(set) var leader: NodeID?
    private var hint: NodeID?
    /// Connections that were lost and not found again.
    private var unreachable: Set<NodeID> = []
    /// Why nothing could be done when it was last tried.
    private var trouble: Unavailable?
    private var patience: UInt64
    private var isStopped = false
    private var isCutOff = false
    private var effects: [Effect] = []

    init(id: NodeID, life: UInt64, limits: ForwardingLimits) {
        self.id = id
        self.life = life
        streamLife = PeerLife(generation: id.incarnation, incarnation: life).number
        self.limits = limits
        patience = limits.patience
    }

    /// Nil while nobody is asked.
    private var stream: Stream? {
        switch course {
        case .resting: nil
        case .asking(let stream), .closing(let stream): stream
        }
    }

    /// Commands that are asked and not answered.
    var underWay: Int { stream?.underWay ?? 0 }

    /// Nobody waits.
    var isEmpty: Bool { line.isEmpty }

    /// What is to be done now, in this order.
    mutating func takeEffects() -> [Effect] {
        defer { effects = [] }
        return effects
    }

    // MARK: What happens

    /// - Parameters:
    ///   - bytes: of the command as it is sent.
    ///   - fingerprint: of these.
    mutating func submit(
        _ command: Command, key: CommandKey?, bytes: Int, fingerprint: UInt64, at now: UInt64,
        reply: @escaping @Sendable (Outcome) -> Void
    ) {
        let name = NodeKey(node: id.node, disk: id.incarnation, life: life, number: line.nextPlace)
        let waiting = WaitingCommand(
            command: command, key: key ?? name.key(body: fingerprint), bytes: bytes, deadline: now + limits.timeMax,
            reply: reply)
        if isStopped { return effects.append(.tell(waiting, .unavailable(.stopping))) }
        guard bytes <= ForwardingCodec.commandBytesMax else {
            return effects.append(.tell(waiting, .refused(Refusal(.limitExceeded))))
        }
        guard line.count < limits.waitingMax, line.isEmpty || line.bytes + bytes <= limits.waitingBytesMax else {
            return effects.append(.tell(waiting, .busy))
        }
        if isCutOff { return effects.append(.tell(waiting, .unavailable(.cutOff))) }
        line.append(waiting)
        proceed(at: now)
    }

    /// This node hears too few others for anybody to lead, or enough again. Nobody waits for what will not come: all are
    /// told what is known, and who comes next that nothing is done.
    mutating func cutOff(_ isSo: Bool) {
        isCutOff = isSo
        guard isSo else { return }
        trouble = .cutOff
        while let first = line.first { giveUp(first) }
    }

    /// The replica knows another leader, or none.
    mutating func leaderChanged(to node: NodeID?, at now: UInt64) {
        leader = node
        hint = nil
        if let node {
            // It was heard.
            unreachable.remove(node)
            if stream == nil { course = .resting(until: now) }
            if let stream, stream.leader != node { end(stream, restingUntil: now) }
        }
        proceed(at: now)
    }

    /// The connection to a node is lost: nobody knows what became of what was under way there.
    ///
    /// - Parameter ended: its process has ended, as far as one can tell.
    mutating func lost(_ node: NodeID, ended: Bool, at now: UInt64) {
        unreachable.insert(node)
        if ended { suspect(node) }
        if hint == node { hint = nil }
        abandon(node, at: now)
        proceed(at: now)
    }

    /// A command may have ended the node that was asked for it.
    private mutating func suspect(_ node: NodeID) {
        guard let stream, stream.leader == node else { return }
        forEachAsked(stream) { waiting in
            if stream.underWay == 1 { waiting.lostAlone += 1 } else { waiting.lostInCompany = true }
        }
    }

    /// There is a connection, and it is a new one.
    mutating func found(_ node: NodeID, at now: UInt64) {
        unreachable.remove(node)
        abandon(node, at: now)
        proceed(at: now)
    }

    private mutating func abandon(_ node: NodeID, at now: UInt64) {
        if let stream, stream.leader == node { end(stream, restingUntil: now) }
    }

    /// A node has told what became of commands.
    mutating func received(_ outcomes: ForwardedOutcomes, from node: NodeID, at now: UInt64) {
        guard outcomes.stream.life == streamLife else { return }
        for item in outcomes.items {
            judge(item.verdict, of: item.place, in: outcomes.stream.number, from: node)
        }
        if case .closing(let stream) = course, stream.underWay == 0 {
            // Where a hint leads it goes at once; where that leads back to, after a pause.
            let isHinted = hint != nil && stream.leader == leader
            end(stream, restingUntil: isHinted ? now : now + limits.pause)
        }
        proceed(at: now)
    }

    mutating func tick(at now: UInt64) {
        if let stream, let oldest = oldestAsked(stream), oldest + patience <= now {
            patience = min(patience * 2, limits.timeMax)
            end(stream, restingUntil: now)
        }
        proceed(at: now)
    }

    /// Nothing is asked any more; everybody is told what is known.
    mutating func stop() {
        isStopped = true
        trouble = .stopping
        while let first = line.first { giveUp(first) }
        course = .resting(until: .max)
    }

    // MARK: Asking

    private var target: NodeID? { hint ?? leader }

    private mutating func proceed(at now: UInt64) {
        while let first = line.first, first.deadline <= now { giveUp(first) }
        if case .resting(let until) = course, until <= now, let first = line.first,
            now + limits.tooLate < first.deadline, let target, !unreachable.contains(target)
        {
            streams += 1
            course = .asking(Stream(leader: target, number: streams, next: line.firstPlace))
        }
        if case .asking(var stream) = course {
            ask(&stream, at: now)
            course = .asking(stream)
        }
    }

    private mutating func ask(_ stream: inout Stream, at now: UInt64) {
        var items: [ForwardedCommands.Item] = []
        var bytes = 0
        var previous = stream.previous
        func message() -> Effect {
            let name = StreamName(life: streamLife, number: stream.number)
            return .ask(stream.leader, ForwardedCommands(stream: name, previous: previous, items: items))
        }
        stream.next = max(stream.next, line.firstPlace)
        while stream.next < line.nextPlace, mayAsk(stream) {
            let place = stream.next
            stream.next += 1
            guard let waiting = line[place] else { continue }
            line.change(place) { waiting in
                waiting.askedIn = stream.number
                waiting.askedAt = now
            }
            stream.underWay += 1
            stream.underWayBytes += waiting.bytes
            items.append(
                ForwardedCommands.Item(
                    place: place, mayBeDone: waiting.mayBeDone, failures: waiting.failures, key: waiting.key,
                    command: waiting.command))
            stream.previous = place
            bytes += waiting.bytes
            if bytes >= ForwardingCodec.messageBytes || items.count == Self.messageCommandsMax {
                effects.append(message())
                (items, bytes, previous) = ([], 0, place)
            }
        }
        if !items.isEmpty { effects.append(message()) }
    }

    /// In one message: keys and places, which `bytes` does not count, then stay far below its bound.
    private static let messageCommandsMax = 512

    private func mayAsk(_ stream: Stream) -> Bool {
        guard stream.isProven else { return stream.underWay == 0 }
        return stream.underWay < limits.underWayMax && stream.underWayBytes < limits.underWayBytesMax
    }

    private func oldestAsked(_ stream: Stream) -> UInt64? {
        var place = line.firstPlace
        while place < stream.next {
            if let waiting = line[place], waiting.askedIn == stream.number { return waiting.askedAt }
            place += 1
        }
        return nil
    }

    /// What is still under way may have been done or not.
    private mutating func end(_ stream: Stream, restingUntil until: UInt64) {
        forEachAsked(stream) { waiting in
            waiting.askedIn = 0
            waiting.mayBeDone = true
        }
        course = .resting(until: until)
    }

    private mutating func forEachAsked(_ stream: Stream, _ body: (inout WaitingCommand) -> Void) {
        var place = line.firstPlace
        while place < stream.next {
            if line[place]?.askedIn == stream.number { line.change(place, body) }
            place += 1
        }
    }

    // MARK: Outcomes

    private mutating func judge(
        _ verdict: ForwardedOutcomes.Verdict, of place: UInt64, in number: UInt64, from node: NodeID
    ) {
        guard let waiting = line[place] else { return }
        let isCurrent = stream?.number == number && stream?.leader == node && waiting.askedIn == number
        switch verdict {
        // What is done under its key stays done, whoever was asked since.
        case .answered(let answer, let position):
            settle(place, .answered(answer, position: EventPosition(rawValue: position)), proves: isCurrent)
        case .repeated(let answer, let position):
            let position = EventPosition(rawValue: position)
            let isOurs = NodeKey(waiting.key) != nil
            let outcome: Outcome =
                isOurs ? .answered(answer, position: position) : .repeated(answer, position: position)
            settle(place, outcome, proves: isCurrent)
        // What was not done then may have been done since.
        case .refused, .busy, .unavailable, .unknown, .outOfOrder:
            if isCurrent { judgeUndone(verdict, of: place, waiting) }
        }
    }

    private mutating func judgeUndone(
        _ verdict: ForwardedOutcomes.Verdict, of place: UInt64, _ waiting: WaitingCommand
    ) {
        switch verdict {
        case .answered, .repeated: break  // Settled by `judge`.
        case .refused(let refusal): settle(place, .refused(refusal), proves: true)
        case .busy:
            // Of an earlier try nobody knows yet.
            if waiting.mayBeDone { giveBack(place) } else { settle(place, .busy, proves: true) }
        case .unavailable(let reason, let known):
            trouble = Unavailable(reason)
            // Where it would lead back to, this node's own replica knows better.
            hint = known.map { NodeID(value: $0) }.flatMap { $0 == leader || unreachable.contains($0) ? nil : $0 }
            giveBack(place)
        case .unknown: giveBack(place, mayBeDone: true)
        case .outOfOrder: giveBack(place)
        }
    }

    /// It will be asked again, and so will all behind it.
    private mutating func giveBack(_ place: UInt64, mayBeDone: Bool = false) {
        guard let bytes = line[place]?.bytes else { return }
        line.change(place) { waiting in
            waiting.askedIn = 0
            if mayBeDone { waiting.mayBeDone = true }
        }
        guard var stream else { return }
        stream.underWay -= 1
        stream.underWayBytes -= bytes
        course = .closing(stream)
    }

    private mutating func settle(_ place: UInt64, _ outcome: Outcome, proves: Bool) {
        guard let waiting = line.remove(place) else { return }
        if proves {
            trouble = nil
            patience = limits.patience
        }
        switch course {
        case .resting: break
        case .asking(var stream):
            account(waiting, &stream, proves)
            course = .asking(stream)
        case .closing(var stream):
            account(waiting, &stream, proves)
            course = .closing(stream)
        }
        effects.append(.tell(waiting, outcome))
    }

    private func account(_ waiting: WaitingCommand, _ stream: inout Stream, _ proves: Bool) {
        if proves { stream.isProven = true }
        guard waiting.askedIn == stream.number else { return }
        stream.underWay -= 1
        stream.underWayBytes -= waiting.bytes
    }

    /// The first has waited long enough.
    private mutating func giveUp(_ first: WaitingCommand) {
        let isUnknown = first.mayBeDone || first.askedIn != 0
        settle(line.firstPlace, isUnknown ? .unknown : .unavailable(trouble ?? .notLeading), proves: false)
        if case .closing(let stream) = course, stream.underWay == 0 { course = .resting(until: 0) }
    }
}

extension Unavailable {
    init(_ trouble: ForwardedOutcomes.Trouble) {
        switch trouble {
        case .notLeading: self = .notLeading
        case .stopping: self = .stopping
        case .diskFull: self = .diskFull
        case .journalFailed: self = .journalFailed
        }
    }
}

extension ForwardedOutcomes.Trouble {
    init(_ reason: Unavailable) {
        switch reason {
        // Who was asked heard the asker: to him it is no more than somebody who does not lead.
        case .notLeading, .cutOff: self = .notLeading
        case .stopping: self = .stopping
        case .diskFull: self = .diskFull
        case .journalFailed: self = .journalFailed
        }
    }
}
