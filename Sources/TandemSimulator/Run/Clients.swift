internal import TandemConsensus

/// Somebody who writes and reads, one operation after the other.
struct Client {
    struct Operation {
        let number: UInt64
        /// Everything up to here had been seen by somebody when it began.
        let floor: LogIndex
    }

    let place: Int
    var machine = 0
    var operation: Operation?

    init(place: Int) { self.place = place }
}

extension Simulation {
    /// A client begins its next operation.
    func client(_ place: Int) throws(Broken) {
        guard clients[place].operation == nil else { return }
        let target = machines[clients[place].machine]
        guard let replica = target.replica, target.pausedUntil <= now else {
            clients[place].machine = dice.number(below: machines.count)
            return queue.add(.client(place), at: now + milliseconds(dice.number(in: 5...40)))
        }
        operation += 1
        clients[place].operation = Client.Operation(number: operation, floor: checker.seen)
        queue.add(.clientGivesUp(place, operation: operation), at: now + milliseconds(800))
        if dice.falls(350) {
            try read(place, target, replica)
        } else {
            try write(place, target, replica)
        }
    }

    private func write(_ place: Int, _ machine: Machine, _ replica: Replica) throws(Broken) {
        // Several at once, of which the last is waited for.
        for _ in 0..<dice.number(below: 4) {
            operation += 1
            let extra = RegisterWrite(operation: operation, register: dice.number(below: Registers.count))
            _ = try? replica.raft.propose(extra.encoded(padding: dice.number(below: options.valueBytes + 1)))
        }
        guard let number = clients[place].operation?.number else { return }
        let command = RegisterWrite(operation: number, register: dice.number(below: Registers.count))
        do {
            let bytes = command.encoded(padding: dice.number(below: options.valueBytes + 1))
            let point = try replica.raft.propose(bytes)
            trace.note(now, "client \(place) writes \(number) at \(replica.raft.id): \(point)", number, point.index)
            replica.writes.append(Replica.AwaitedWrite(client: place, operation: number, point: point))
        } catch {
            coverage[.refusedWrites] += 1
            trace.note(now, "client \(place) is refused at \(replica.raft.id): \(error)", number)
            switch error {
            case .notLeader(let leader?): clients[place].machine = Int(leader.node) - 1
            case .notLeader(nil): clients[place].machine = dice.number(below: machines.count)
            case .tooMuchUncommitted: coverage[.busy] += 1
            case .handingOver, .tooLarge, .changeUnderWay, .badChange, .notCaughtUp, .nothingToCancel, .badTarget: break
            }
            finish(place)
        }
        try pump(machine)
    }

    private func read(_ place: Int, _ machine: Machine, _ replica: Replica) throws(Broken) {
        guard let number = clients[place].operation?.number else { return }
        trace.note(now, "client \(place) reads \(number) at \(replica.raft.id)", number, replica.raft.id.value)
        let isUnconfirmed = mutation == .unconfirmedRead && replica.raft.isLeader
        replica.reads.append(
            Replica.AwaitedRead(client: place, operation: number, index: isUnconfirmed ? replica.raft.commitIndex : nil)
        )
        if isUnconfirmed { return try serveReads(replica) }
        replica.raft.read(ReadContext(origin: replica.raft.id.value, number: number))
        try pump(machine)
    }

    // MARK: Answers

    /// Writes up to `commit` are committed, under the term they were proposed in or not at all.
    func acknowledge(upTo commit: LogIndex, _ replica: Replica) throws(Broken) {
        while let write = replica.writes.first, write.point.index <= commit {
            replica.writes.removeFirst()
            guard let operation = clients[write.client].operation, operation.number == write.operation else { continue }
            if replica.raft.term(at: write.point.index) == write.point.term {
                coverage[.acknowledgedWrites] += 1
                trace.note(now, "client \(write.client): \(write.operation) is acknowledged", write.operation)
                try checker.acknowledged(write.operation, at: write.point.index, floor: operation.floor)
            } else {
                coverage[.unknownWrites] += 1
            }
            finish(write.client)
        }
    }

    func answer(_ answer: ReadAnswer, _ replica: Replica) throws(Broken) {
        guard let position = replica.reads.firstIndex(where: { $0.operation == answer.context.number }) else { return }
        guard let index = answer.index else {
            let read = replica.reads.remove(at: position)
            coverage[.refusedReads] += 1
            if clients[read.client].operation?.number == read.operation { finish(read.client) }
            return
        }
        replica.reads[position].index = index
        try serveReads(replica)
    }

    /// Serves the reads whose index is applied.
    func serveReads(_ replica: Replica) throws(Broken) {
        let served = replica.reads.filter { $0.index.map { $0 <= replica.applied.index } == true }
        guard !served.isEmpty else { return }
        replica.reads.removeAll { $0.index.map { $0 <= replica.applied.index } == true }
        for read in served {
            guard let operation = clients[read.client].operation, operation.number == read.operation else { continue }
            coverage[.reads] += 1
            trace.note(now, "client \(read.client): \(read.operation) saw \(replica.applied)", replica.applied.index)
            try checker.answered(read.operation, at: replica.applied.index, floor: operation.floor)
            finish(read.client)
        }
    }

    /// The client waits no longer; what it asked for may happen yet.
    func giveUp(_ place: Int, _ number: UInt64) {
        guard clients[place].operation?.number == number else { return }
        coverage[.unknownWrites] += 1
        clients[place].machine = dice.number(below: machines.count)
        finish(place)
    }

    /// The machine it talked to is gone.
    func abandon(_ place: Int) {
        clients[place].machine = dice.number(below: machines.count)
        if clients[place].operation != nil {
            coverage[.unknownWrites] += 1
            finish(place)
        }
    }

    private func finish(_ place: Int) {
        clients[place].operation = nil
        // In the end they are few enough for the slowest to catch up.
        let pause = isQuiet ? dice.number(in: 20...200) : dice.number(in: 1...25)
        queue.add(.client(place), at: now + milliseconds(pause))
    }
}
