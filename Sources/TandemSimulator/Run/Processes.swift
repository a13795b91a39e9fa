internal import TandemConsensus

/// Starting, stopping, and doing what Raft says.
extension Simulation {
    func start(_ machine: Machine) throws(Broken) {
        guard !machine.isRunning, let disk = machine.disk, !disk.isShort else { return }
        guard let state = Registers(decoding: disk.state.bytes) else {
            throw Broken(.invariant, "the state of \(disk.identity) cannot be read")
        }
        machine.life += 1
        machine.disk?.slowness = 1
        let raft = Raft(
            id: disk.identity, recovery: disk.recovery(limits: options.limits), limits: options.limits,
            partial: disk.partial, seed: dice.next())
        let replica = Replica(raft: raft, state: state, applied: disk.state.point)
        replica.raft.diskFull(disk.isFull)
        machine.replica = replica
        coverage[.restarts] += 1
        trace.note(now, "\(disk.identity) starts with \(raft.last), \(disk.ballot)", disk.identity.value)
        queue.add(.tick(machine: machine.place, life: machine.life), at: now + dice.number(below: machine.tick))
        queue.add(.checkpoint(machine: machine.place, life: machine.life), at: now + options.checkpointPause)
        announce(disk.identity, isUp: true)
        try pump(machine)
    }

    func crash(_ machine: Machine) {
        guard let replica = machine.replica else { return }
        trace.note(now, "\(replica.raft.id) crashes at \(replica.raft.last)", replica.raft.id.value)
        coverage[.crashes] += 1
        machine.replica = nil
        machine.life += 1
        machine.pausedUntil = 0
        machine.disk?.crash(&dice)
        machine.disk?.hungUntil = 0
        announce(replica.raft.id, isUp: false)
        for position in clients.indices where clients[position].machine == machine.place { abandon(position) }
    }

    /// The others notice that connections to a node are there or gone.
    private func announce(_ node: NodeID, isUp: Bool) {
        guard options.noticesConnections else { return }
        for other in machines where other.isRunning && other.number != node.node {
            let time = now + dice.number(in: options.delay)
            queue.add(.connection(machine: other.place, peer: node, isUp: isUp), at: time)
        }
    }

    func connection(_ place: Int, _ peer: NodeID, _ isUp: Bool) throws(Broken) {
        let machine = machines[place]
        guard let replica = machine.replica, machine.pausedUntil <= now else { return }
        coverage[.connectionLosses] += isUp ? 0 : 1
        trace.note(
            now, "\(replica.raft.id) \(isUp ? "reaches" : "loses") \(peer)", replica.raft.id.value, isUp ? 1 : 0)
        if isUp { replica.raft.peerFound(peer) } else { replica.raft.peerLost(peer) }
        try pump(machine)
    }

    // MARK: Doing what Raft says

    /// Works at once, or plans to do so, so that more comes together.
    func pump(_ machine: Machine) throws(Broken) {
        guard let delay = options.pumpDelay else { return try work(machine) }
        guard let replica = machine.replica, !replica.isPumpPlanned else { return }
        replica.isPumpPlanned = true
        queue.add(.pump(machine: machine.place, life: machine.life), at: now + delay)
    }

    func work(_ machine: Machine) throws(Broken) {
        guard let replica = machine.replica else { return }
        while let ready = replica.raft.ready() {
            try check(ready, of: replica)
            if let write = ready.write { submit(write, machine, replica) }
            if ready.isSettled {
                coverage[.healedLogs] += 1
                trace.note(now, "\(replica.raft.id) has everything again", replica.raft.id.value)
                machine.disk?.settle()
            }
            for message in ready.messages { try send(message, from: machine, replica) }
            if !ready.apply.isEmpty {
                replica.toApply += ready.apply
                planApply(machine, replica)
            }
            try acknowledge(upTo: ready.commit, replica)
            for read in ready.reads { try answer(read, replica) }
            for fetch in ready.fetches {
                coverage[.fetches] += 1
                let time = now + dice.number(in: options.diskTime)
                queue.add(.fetched(machine: machine.place, life: machine.life, fetch), at: time)
            }
            for task in ready.snapshots {
                let time = now + 4 * dice.number(in: options.diskTime)
                queue.add(.snapshotDone(machine: machine.place, life: machine.life, task), at: time)
            }
            try observe(replica)
        }
        try observe(replica)
    }

    // MARK: Disk

    private func submit(_ write: RaftWrite, _ machine: Machine, _ replica: Replica) {
        if write.truncation != nil { coverage[.truncations] += 1 }
        machine.disk?.submit(write)
        beginTransaction(machine)
        if mutation == .acknowledgedTooEarly { replica.raft.persisted(write.number) }
    }

    func beginTransaction(_ machine: Machine) {
        guard machine.disk?.begin() == true, let disk = machine.disk else { return }
        let time = max(now, disk.hungUntil) + dice.number(in: options.diskTime) * disk.slowness
        queue.add(.committed(machine: machine.place, life: machine.life), at: time)
    }

    func committed(_ place: Int, _ life: Int, _ happening: Happening) throws(Broken) {
        guard let machine = awake(place, life, happening), let replica = machine.replica,
            let disk = machine.disk
        else { return }
        if disk.hungUntil > now {
            queue.add(happening, at: disk.hungUntil)
            return
        }
        let outcome = machine.disk?.commit()
        if let disorder = machine.disk?.disorder { throw Broken(.invariant, "on \(replica.raft.id) \(disorder)") }
        switch outcome {
        case .none: return
        case .durable(let number):
            trace.note(now, "\(replica.raft.id) has written \(number ?? 0)", replica.raft.id.value, number ?? 0)
            if mutation != .acknowledgedTooEarly, let number { replica.raft.persisted(number) }
            beginTransaction(machine)
            try pump(machine)
        case .full:
            // What was refused is gone; the replica begins anew from what is there.
            coverage[.fullDisks] += 1
            machine.disk?.drop()
            crash(machine)
            try start(machine)
        }
    }

    func fetched(_ place: Int, _ life: Int, _ fetch: LogFetch, _ happening: Happening) throws(Broken) {
        guard let machine = awake(place, life, happening), let replica = machine.replica else { return }
        let entries = machine.disk?.read(from: fetch.from, bytes: fetch.maximumBytes) ?? []
        trace.note(now, "\(replica.raft.id) reads \(entries.count) from \(fetch.from)", UInt64(entries.count))
        replica.raft.fetched(entries, for: fetch)
        try pump(machine)
    }

    // MARK: State

    private func planApply(_ machine: Machine, _ replica: Replica) {
        guard !replica.isApplying else { return }
        replica.isApplying = true
        let time = now + dice.number(in: 10...300)
        queue.add(.applied(machine: machine.place, life: machine.life), at: time)
    }

    func apply(_ place: Int, _ life: Int, _ happening: Happening) throws(Broken) {
        guard let machine = awake(place, life, happening), let replica = machine.replica else { return }
        replica.isApplying = false
        // What the state had before the log lost it is only told again.
        for entry in replica.toApply where entry.index > replica.applied.index {
            if entry.index != replica.applied.index + 1 {
                throw Broken(.stateMachineSafety, "\(replica.raft.id) applies \(entry.point) to \(replica.applied)")
            }
            if case .command(let bytes) = entry.content { replica.state.apply(bytes) }
            replica.applied = entry.point
            try checker.applied(entry, by: replica.raft.id, digest: replica.state.digest)
        }
        guard let last = replica.toApply.last?.index else { return }
        replica.toApply = []
        trace.note(
            now, "\(replica.raft.id) has applied \(replica.applied)", replica.applied.index, replica.state.digest)
        replica.raft.applied(upTo: last)
        try serveReads(replica)
        try pump(machine)
    }
}
