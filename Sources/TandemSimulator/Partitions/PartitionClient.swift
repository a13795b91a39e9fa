internal import TandemConsensus
internal import TandemCore
internal import TandemReadModel
internal import TandemRuntime
internal import TandemWire

/// Somebody who sends commands and reads, one after the other. The first one founds the contact centre.
struct PartitionClient {
    struct Operation {
        let number: UInt64
        /// Nil: a read.
        let command: Command?
        let key: CommandKey
        /// Counts its sendings: an answer to an earlier one comes too late.
        var attempt = 0
        /// Some sending was not answered, or with "nobody knows".
        var isOpen = false
        /// It was committed when this sending began.
        var wasDone = false
    }

    let place: Int
    /// Whom it takes for the leader.
    var member = 0
    var operation: Operation?
    var answers = 0
    var answersBeforeQuiet = 0

    init(place: Int) { self.place = place }
}

extension PartitionSimulation {
    /// A client begins its next operation.
    func begin(_ place: Int) {
        guard clients[place].operation == nil else { return }
        operation += 1
        let founding = place == 0 ? nextFounding() : nil
        let isRead = founding == nil && dice.falls(options.readPermille)
        guard let command = founding ?? (isRead ? nil : nextCommand()) else {
            guard isRead, ledger.tenant != nil else { return pause(place) }
            clients[place].operation = PartitionClient.Operation(
                number: operation, command: nil, key: CommandKey(high: 0, low: operation, body: 0))
            return read(place)
        }
        let key = CommandKey(high: UInt64(place), low: operation, body: operation &* 31)
        clients[place].operation = PartitionClient.Operation(number: operation, command: command, key: key)
        send(place)
    }

    /// Sends the client's command to whom it takes for the leader.
    private func send(_ place: Int) {
        guard var operation = clients[place].operation, let command = operation.command else { return }
        operation.attempt += 1
        operation.wasDone = ledger.isDone(operation.key)
        clients[place].operation = operation
        let (number, attempt) = (operation.number, operation.attempt)
        let member = members[clients[place].member]
        guard let partition = member.partition else { return again(place, elsewhere: true) }
        trace.note(
            now, "client \(place) sends \(number) to \(member.id): \(CommandName(command).rawValue)", number,
            member.id.value, UInt64(attempt))
        partition.submit(command, key: operation.key) { [unowned self] outcome in
            check { () throws(Broken) in try answered(place, number, attempt, outcome) }
        }
        plan(after: milliseconds(800)) { [unowned self] in
            guard let operation = clients[place].operation, operation.number == number, operation.attempt == attempt
            else { return }
            clients[place].operation?.isOpen = true
            again(place, elsewhere: true)
        }
    }

    private func answered(_ place: Int, _ number: UInt64, _ attempt: Int, _ outcome: Outcome) throws(Broken) {
        guard let operation = clients[place].operation, operation.number == number, operation.attempt == attempt
        else { return }
        let words = Self.words(outcome)
        trace.note(now, "client \(place): \(number) is \(words.text)", number, words.kind)
        switch outcome {
        case .answered(let answer, let position):
            coverage[.acknowledgedWrites] += 1
            try acknowledged(operation, answer, at: position.entry)
            finish(place)
        case .repeated(let answer, let position):
            coverage[.repeatedAnswers] += 1
            try acknowledged(operation, answer, at: position.entry)
            finish(place)
        case .refused:
            coverage[.refusedWrites] += 1
            if operation.wasDone, ledger.isPromised(operation.key, at: latest) {
                throw Broken(.atMostOnce, "command \(number) is refused though it was carried out before")
            }
            finish(place)
        case .busy:
            coverage[.busy] += 1
            again(place, elsewhere: false)
        case .unavailable: again(place, elsewhere: true)
        case .unknown:
            coverage[.unknownWrites] += 1
            clients[place].operation?.isOpen = true
            again(place, elsewhere: true)
        }
    }

    /// The journaled time, or what it became for a leader that has journaled nothing yet.
    private var latest: Timestamp {
        let walls = members.compactMap { $0.process?.clock.wall() }
        return Timestamp(milliseconds: max(walls.max() ?? 0, ledger.lastTime.milliseconds))
    }

    private static func words(_ outcome: Outcome) -> (text: String, kind: UInt64) {
        switch outcome {
        case .answered(_, let position): ("answered at \(position.entry)", position.entry << 8)
        case .repeated(_, let position): ("answered again at \(position.entry)", position.entry << 8 | 1)
        case .refused(let refusal): ("refused: \(refusal.code.rawValue)", 2)
        case .busy: ("not taken: busy", 3)
        case .unavailable(let why): ("not taken: \(why.rawValue)", 4)
        case .unknown: ("perhaps done", 5)
        }
    }

    /// The effect of what is acknowledged is there, once, and the answer is what was decided then.
    private func acknowledged(
        _ operation: PartitionClient.Operation, _ answer: Answer, at index: UInt64
    ) throws(Broken) {
        guard index >= 1, index <= ledger.last else {
            throw Broken(.durability, "command \(operation.number) is acknowledged at \(index), which is not committed")
        }
        let entry = ledger.entries[Int(index) - 1]
        guard entry.key == operation.key, entry.answer == answer else {
            throw Broken(.durability, "command \(operation.number) is acknowledged at \(index), where another stands")
        }
        seenUpTo = max(seenUpTo, index)
        if let shown = answer.version.map({ UInt64($0) }) ?? answer.sequence {
            seen[answer.actor] = max(seen[answer.actor] ?? 0, shown)
        }
    }

    /// Sends it again after a while, with the same key; in the end nobody waits any more.
    private func again(_ place: Int, elsewhere: Bool) {
        guard let operation = clients[place].operation else { return }
        if elsewhere { clients[place].member = dice.number(below: members.count) }
        guard place == 0 || isQuiet || operation.attempt < 12 else {
            if !operation.isOpen { ledger.denied.insert(operation.key) }
            return finish(place, isAnswered: false)
        }
        let attempt = operation.attempt
        plan(after: milliseconds(dice.number(in: 5...60))) { [unowned self] in
            guard let now = clients[place].operation, now.number == operation.number, now.attempt == attempt else {
                return
            }
            if now.command == nil { read(place) } else { send(place) }
        }
    }

    // MARK: Reads

    /// What a read saw: the last entry in the state, the versions of queues' settings, and the messages of conversations
    /// that are in memory.
    private struct Sight {
        let entry: UInt64
        let looks: [Look]
    }
    private struct Look {
        let actor: ActorID
        let count: UInt64?
    }

    private func read(_ place: Int) {
        guard var operation = clients[place].operation else { return }
        operation.attempt += 1
        clients[place].operation = operation
        let (number, attempt) = (operation.number, operation.attempt)
        let member = members[dice.falls(500) ? clients[place].member : dice.number(below: members.count)]
        guard let partition = member.partition else { return again(place, elsewhere: true) }
        let queues = ledger.queues.map(\.id)
        let conversations = openConversations.map(\.id)
        let floor = Floor(entry: seenUpTo, counts: seen)
        trace.note(now, "client \(place) reads \(number) at \(member.id)", number, member.id.value)
        let node = member.id.value
        partition.read({ [unowned partition] view in
            let standing = partition.assumeIsolated { $0.standing }
            return Sight(
                entry: standing.committed + UInt64(standing.inFlight),
                looks: queues.map { Look(actor: ActorID($0), count: view.queue($0).map { UInt64($0.version) }) }
                    + conversations.map { Look(actor: ActorID($0), count: view.conversation($0)?.messageCount) })
        }) { [unowned self] sight in
            check { () throws(Broken) in try saw(sight, place, number, attempt, floor, node) }
        }
        plan(after: milliseconds(800)) { [unowned self] in
            guard let operation = clients[place].operation, operation.number == number, operation.attempt == attempt
            else { return }
            again(place, elsewhere: true)
        }
    }

    /// What had been seen when a read began.
    private struct Floor {
        let entry: UInt64
        let counts: [ActorID: UInt64]
    }

    private func saw(
        _ sight: Sight?, _ place: Int, _ number: UInt64, _ attempt: Int, _ floor: Floor, _ node: UInt64
    ) throws(Broken) {
        guard let operation = clients[place].operation, operation.number == number, operation.attempt == attempt
        else { return }
        trace.note(now, "client \(place): \(number) \(sight == nil ? "saw nothing" : "is read")", number, node)
        guard let sight else {
            coverage[.refusedReads] += 1
            return again(place, elsewhere: true)
        }
        coverage[.reads] += 1
        guard sight.entry >= floor.entry, sight.entry <= ledger.last else {
            throw Broken(
                .linearizability,
                "read \(number) saw \(sight.entry) though \(floor.entry) had been seen and \(ledger.last) is committed")
        }
        seenUpTo = max(seenUpTo, sight.entry)
        for look in sight.looks {
            // A conversation that is not in memory is in the store: it is not looked at here.
            guard let count = look.count else { continue }
            if let floor = floor.counts[look.actor], count < floor {
                throw Broken(
                    .linearizability,
                    "read \(number) saw \(count) of \(look.actor.kind) \(look.actor.raw) though \(floor) had been seen")
            }
            guard count <= committedCount(of: look.actor) else {
                throw Broken(.linearizability, "read \(number) saw \(look.actor.raw) as it is not committed")
            }
            seen[look.actor] = max(seen[look.actor] ?? 0, count)
        }
        finish(place)
    }

    private func committedCount(of actor: ActorID) -> UInt64 {
        switch ledger.records[actor] {
        case .queue(let queue): UInt64(queue.version)
        case .conversation(let conversation): conversation.messageCount
        case .tenant, .agent, .customer, .credential, .quarantine, .delivery, nil: 0
        }
    }

    private func finish(_ place: Int, isAnswered: Bool = true) {
        clients[place].operation = nil
        if isAnswered { clients[place].answers += 1 }
        pause(place)
    }

    private func pause(_ place: Int) {
        let isFounding = place == 0 && !isFounded
        let pause = isQuiet ? dice.number(in: 50...400) : isFounding ? 1 : dice.number(in: 1...40)
        plan(after: milliseconds(pause)) { [unowned self] in begin(place) }
    }
}
