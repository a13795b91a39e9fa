internal import TandemConsensus
internal import TandemCore
internal import TandemJournal
internal import TandemRuntime

/// Starting, stopping, and what a process needs: time, disks, messages.
extension PartitionSimulation {
    /// Joins a member's disks to the run.
    func furnish(_ member: Member) {
        member.journal.plan = { [unowned self, unowned member] in planCommit(member) }
        member.journal.onFull = { [unowned self] in coverage[.fullDisks] += 1 }
        member.journal.onEntry = { [unowned self, unowned member] entry, previous in
            check { () throws(Broken) in try wrote(entry, after: previous, by: member) }
        }
        member.store.plan = { [unowned self, unowned member] in
            // However slow, it is done before patience ends.
            let time = min(dice.number(in: options.storeTime) * member.storeSlowness, milliseconds(3_000))
            plan(after: time, on: member) { [unowned self] in
                member.store.write(dice.number(in: 1...max(1, member.store.waiting)))
            }
        }
        member.store.planLoad = { [unowned self, unowned member] load in
            coverage[.loads] += 1
            plan(after: dice.number(in: options.loadTime) * member.storeSlowness, on: member, load)
        }
        furnish(member.snapshots, of: member)
        member.store.onEntry = { [unowned self, unowned member] entry in
            check { () throws(Broken) in
                try checkFormat(of: entry)
                try committed(entry, by: member)
            }
        }
        member.store.onDisorder = { [unowned self, unowned member] what in
            check { () throws(Broken) in throw Broken(.invariant, "\(member.id): \(what)") }
        }
    }

    private func furnish(_ snapshots: SnapshotDisk, of member: Member) {
        snapshots.plan = { [unowned self, unowned member] work in
            plan(after: 4 * memberDice.number(in: options.diskTime) * member.storeSlowness, on: member, work)
        }
        snapshots.size = { [unowned self] in memberDice.number(in: $0) }
        snapshots.isBad = { [unowned self] in
            let isBad = !isQuiet && memberDice.falls(150)
            coverage[.partsSent] += 1
            coverage[.badParts] += isBad ? 1 : 0
            return isBad
        }
        snapshots.onMade = { [unowned self] in coverage[.snapshotsMade] += 1 }
        snapshots.onInstall = { [unowned self, unowned member] point in
            coverage[.snapshotsInstalled] += 1
            trace.note(now, "\(member.id) has installed \(point)", member.id.value, point.index)
            member.seen.handedOver = point.index
        }
    }

    private func planCommit(_ member: Member) {
        let time = max(0, member.journal.hungUntil - now) + dice.number(in: options.diskTime) * member.journal.slowness
        plan(after: time, on: member) { [unowned self, unowned member] in
            let wasFull = coverage[.fullDisks]
            member.journal.commit()
            trace.note(now, "\(member.id) has written \(member.journal.last)", member.journal.last.index)
            // As the journal does: who writes hears of it first, then everybody.
            if coverage[.fullDisks] != wasFull { member.process?.replica.diskChanged(.diskFull) }
        }
    }

    func start(_ member: Member) {
        guard !member.isRunning else { return }
        member.life += 1
        member.seen = Member.Seen()
        member.seen.handedOver = member.store.meta.applied
        coverage[.restarts] += 1
        if member.journal.mend() {
            trace.note(now, "\(member.id) has lost what is behind \(member.journal.last)", member.id.value)
        }
        let executor = makeExecutor(member, options.executorTime)
        let reader = makeExecutor(member, options.diskTime)
        let peers = Post { [unowned self, unowned member] in send($0, from: member) }
        let replica = TandemRuntime.Replica(
            partition: Self.partition, id: member.id, founders: member.place < options.founders ? founders : .none,
            log: member.journal, peers: peers, snapshots: member.snapshots, reader: reader, limits: options.limits,
            bounds: options.bounds, life: UInt64(member.life), seed: dice.next()
        ) { [unowned self, id = member.id] damage in
            if case .healed = damage { coverage[.healedLogs] += 1 }
            trace.note(now, "\(id): \(damage)", id.value)
        } alarm: { [unowned self, id = member.id] alarm in
            trace.note(now, "\(id) raises the alarm: \(alarm)", id.value)
            check { () throws(Broken) in try judge(alarm, of: id) }
        }
        let clock = members.count > 1 ? TrustedClock(member.clock) : nil
        let rounds = clock.map { makeRounds(of: member, $0, replica) }
        let liar = mutation.map { Liar($0, replica) }
        var configuration = Partition.Configuration(
            number: Self.partition, node: member.id.node, incarnation: UInt64(member.life))
        configuration.flushInterval = options.flushInterval
        configuration.markInterval = Milliseconds(Int64(options.markMilliseconds))
        configuration.onMark = { [unowned self, id = member.id] mark in
            check { () throws(Broken) in try seen(mark, by: id) }
        }
        configuration.inflightMax = options.inflightMax
        let agreed = AgreedFormat(member.format)
        configuration.agreed = agreed
        configuration.performer = makePerformer(member)
        if options.factor > 1 {
            configuration.anchor = JournaledTime.Anchor(factor: options.factor, wall: VirtualClock.beginning - 1_000)
        }
        let partition = Partition(
            configuration, executor: executor, clock: clock ?? member.clock, log: liar ?? replica, state: member.store,
            traps: nil)
        liar?.stand(before: partition)
        member.process = Member.Process(
            replica: replica, partition: partition, executor: executor, agreed: agreed, clock: clock ?? member.clock,
            rounds: rounds,
            liar: liar)
        let meta = member.store.meta
        trace.note(
            now, "\(member.id) starts with \(member.journal.last) and a store of \(meta.applied)", member.id.value,
            member.journal.last.index, meta.applied, meta.recordsApplied)
        do {
            let stored = LogPoint(index: meta.applied, term: Term(meta.appliedTerm))
            let isOwed = member.journal.owed(Self.partition) != nil
            guard isOwed || member.journal.last.index >= meta.applied || member.snapshots.installed == stored else {
                throw Broken(.durability, "\(member.id) has a store of \(meta.applied) and \(member.journal.last)")
            }
            let store = member.store
            let end = isOwed ? member.journal.last.index : .max
            let found = try partition.assumeIsolated { try $0.recover(from: store, upTo: end) }
            // What the store has is passed over.
            member.seen.handedOver = max(found.last, meta.applied)
            try replica.start(
                liar ?? partition, at: LogPoint(index: found.last, term: Term(meta.appliedTerm)),
                disk: member.journal.isFull ? .diskFull : .ok
            ) {}
        } catch let error as Broken {
            broken = broken ?? error
        } catch {
            broken = broken ?? Broken(.invariant, "\(member.id) cannot start: \(error)")
        }
        member.ticksDue = 0
        plan(after: dice.number(below: member.tick), on: member) { [unowned self, unowned member] in tick(member) }
        plan(after: options.checkpointPause, on: member) { [unowned self, unowned member] in checkpoint(member) }
        announce(member, isUp: true)
    }

    private func makeExecutor(_ member: Member, _ time: ClosedRange<Int>) -> VirtualExecutor {
        VirtualExecutor(
            plan: { [unowned self, unowned member] executor in
                let isBusy = member.busyUntil > now
                plan(after: dice.number(in: time) * (isBusy ? 40 : 1), on: member) { [unowned executor] in
                    executor.turn()
                }
            },
            planWake: { [unowned self, unowned member] deadline, work in
                plan(after: member.clock.span(to: deadline), on: member, work)
            })
    }

    func crash(_ member: Member, power: Bool) {
        guard let process = member.process else { return }
        trace.note(now, "\(member.id) \(power ? "loses power" : "crashes")", member.id.value, power ? 1 : 0)
        coverage[.crashes] += 1
        coverage[.powerCuts] += power ? 1 : 0
        process.replica.stop()
        member.process = nil
        member.life += 1
        member.pausedUntil = 0
        member.busyUntil = 0
        member.journal.crash(&dice)
        member.journal.hungUntil = 0
        member.store.crash(power: power)
        member.snapshots.crash()
        announce(member, isUp: false)
    }

    /// The others notice that connections to a node are there or gone.
    private func announce(_ member: Member, isUp: Bool) {
        introduce(member, isUp: isUp)
        guard options.noticesConnections else { return }
        for other in members where other.isRunning && other.id != member.id {
            plan(after: dice.number(in: options.manners.delay), on: other) { [unowned other, unowned member] in
                other.process?.replica.connection(to: member.id, isUp: isUp)
            }
        }
    }

    // MARK: Time

    private func tick(_ member: Member) {
        plan(after: member.tick, on: member) { [unowned self, unowned member] in tick(member) }
        guard let replica = member.process?.replica else { return }
        beatClocks(of: member)
        member.ticksDue += 1
        if options.restsWhenCalm, replica.isCalm, member.ticksDue < options.limits.heartbeatTicks { return }
        coverage[.calmTicks] += member.ticksDue > 1 ? 1 : 0
        replica.tick(member.ticksDue)
        member.ticksDue = 0
    }

    private func checkpoint(_ member: Member) {
        plan(after: options.checkpointPause, on: member) { [unowned self, unowned member] in checkpoint(member) }
        let index = member.store.checkpoint()
        // Else who is taken in gets the log from its beginning.
        if !options.changesMembers || options.cutsSoon { member.process?.replica.compact(to: index) }
        if member.journal.cut.index > 0 { coverage[.cutsOfTheLog] += 1 }
        check { () throws(Broken) in try compare(member) }
    }

    // MARK: Messages

    private func send(_ message: RaftMessage, from member: Member) {
        check { () throws(Broken) in try checker.sent(message) }
        guard let target = members.first(where: { $0.id == message.to }) else { return }
        let times = network.arrivals(from: member.place, to: target.place, now: now)
        coverage[.lostMessages] += times.isEmpty ? 1 : 0
        coverage[.doubledMessages] += times.count == 2 ? 1 : 0
        trace.note(
            now, "\(message.from) → \(message.to): \(message.words)\(times.isEmpty ? " (lost)" : "")",
            message.from.value, message.to.value, message.term.value, message.kind, UInt64(times.count))
        for time in times {
            plan(after: time - now) { [unowned self, unowned member, unowned target] in
                guard target.isRunning, !network.isCut(from: member.place, to: target.place) else { return }
                // What comes while a process rests waits for it.
                plan(after: 0, on: target) { [unowned target] in target.process?.replica.receive(message) }
            }
        }
    }
}
