internal import TandemCore
internal import TandemJournal
internal import TandemReadModel
internal import TandemWire

// One turn: an input run to completion, its events applied as they come, one entry proposed. Nothing here waits.

extension Partition {
    /// A turn under way.
    private struct Work {
        var context: TurnContext
        /// Of its entry.
        let format: UInt8
        var events: [Event] = []
        var images: [BeforeImage] = []
        var asks: [Command] = []
        var asked = 0
        var steps = 0
        var answer: Answer?
        var addressed: ActorID?
    }

    func runTurn(_ input: Input) {
        let mark = mark(input)
        if isQuarantined(input, mark) { return }
        let now = max(time.now(clock), timeLast)
        let minterBefore = minter
        var work = Work(
            context: TurnContext(now: now, minter: minter, view: roster), format: max(format, configuration.agreed.now))
        traps?.begin(number, input: mark.input, actor: mark.actor, contact: mark.contact, command: mark.command?.code)
        do throws(DecideError) {
            try perform(input, &work)
            try finish(input, work, minterBefore: minterBefore)
            traps?.end(number)
            counters.turns += 1
            if !attempts.isEmpty { settle(mark.input) }
        } catch {
            traps?.end(number)
            undo(work.images)
            minter = minterBefore
            if let addressed = work.addressed { discardIfAbsent(addressed) }
            failed(input, mark, error)
        }
        scheduleRouting()
        schedulePolicies()
        armWake()
    }

    private func perform(_ input: Input, _ work: inout Work) throws(DecideError) {
        switch input.what {
        case .command(let command, _):
            try configuration.probe?(command)
            let decision = try roster.decide(command, &work.context, addressed: &work.addressed)
            work.answer = decision.answer ?? work.addressed.map { Answer(actor: $0) }
            try take(decision, &work)
        case .timer(let actor, _):
            try configuration.probe?(nil)
            work.addressed = actor
            let decision = try roster.wake(actor, &work.context)
            try take(decision, &work)
        case .routing: break
        }
        while work.asked < work.asks.count {
            let ask = work.asks[work.asked]
            work.asked += 1
            var addressed: ActorID?
            do throws(DecideError) {
                let decision = try roster.decide(ask, &work.context, addressed: &addressed)
                try take(decision, &work)
            } catch {
                guard case .refused(let refusal) = error else { throw error }
                throw .invariantBroken(InvariantBroken("an ask was refused: \(refusal.code.rawValue)"))
            }
        }
        // Of nothing that routing adds is anybody told.
        for place in work.events.indices {
            if let due = makeDue(work.events[place], &work.context) { try apply(due, &work) }
        }
        try route(&work)
    }

    /// Offers whatever can be offered now; what exceeds a turn's bound follows in a turn of its own.
    private func route(_ work: inout Work) throws(DecideError) {
        guard services.routing.isRunning else { return }
        var offers = 0
        while roster.hasRoutingWork, offers < TandemCore.Limits.turnOffersMax,
            work.events.count < TandemCore.Limits.turnEventsMax
        {
            let made: OfferMade?
            do throws(InvariantBroken) {
                made = try roster.router.next(&work.context)
                try made?.check(in: roster)
            } catch {
                // The indexes are derived: the turn stands as far as it has come, and they are made anew.
                routingBroke(error)
                break
            }
            guard let made else { break }
            offers += 1
            try apply(.offerMade(made), &work)
        }
        counters.offers += UInt64(offers)
    }

    private func take(_ decision: Decision, _ work: inout Work) throws(DecideError) {
        work.steps += 1
        guard work.steps <= TandemCore.Limits.turnStepsMax else {
            throw .invariantBroken(InvariantBroken("a turn of more than \(TandemCore.Limits.turnStepsMax) steps"))
        }
        for event in decision.events { try apply(event, &work) }
        work.asks += decision.asks
    }

    private func apply(_ decided: Event, _ work: inout Work) throws(DecideError) {
        let event = try known(decided, in: work.format)
        var concerned: (ActorID, ActorID?, ActorID?, ActorID?)?
        event.forEachConcerned { actor in
            if concerned == nil {
                concerned = (actor, nil, nil, nil)
            } else if concerned?.1 == nil {
                concerned?.1 = actor
            } else if concerned?.2 == nil {
                concerned?.2 = actor
            } else {
                concerned?.3 = actor
            }
        }
        guard let concerned else { throw .invariantBroken(InvariantBroken("an event that concerns nobody")) }
        work.events.append(event)
        try apply(event, to: concerned.0, &work)
        if let actor = concerned.1 { try apply(event, to: actor, &work) }
        if let actor = concerned.2 { try apply(event, to: actor, &work) }
        if let actor = concerned.3 { try apply(event, to: actor, &work) }
    }

    /// What a follower will know of it.
    private func known(_ event: Event, in format: UInt8) throws(DecideError) -> Event {
        do throws(WireError) {
            return try EventCodec.known(event, in: format)
        } catch {
            throw .invariantBroken(InvariantBroken("an event that format \(format) has no form for: \(error)"))
        }
    }

    private func apply(_ event: Event, to actor: ActorID, _ work: inout Work) throws(DecideError) {
        encodeIfDue(actor)
        let (before, absent) = roster.apply(event, to: actor, at: work.context.now)
        if !work.images.contains(where: { $0.actor == actor }) {
            work.images.append(BeforeImage(actor: actor, record: before))
        }
        // An empty quarantine counts as absent, and is always here.
        if absent, actor.kind != .quarantine {
            throw .invariantBroken(InvariantBroken("an event for an actor that was not loaded"))
        }
    }

    // MARK: Its end

    private func finish(_ input: Input, _ work: Work, minterBefore: IDMinter) throws(DecideError) {
        // A keyed command that changed nothing is remembered as well: sent again it might.
        guard !work.events.isEmpty || input.isRemembered else {
            if let addressed = work.addressed { discardIfAbsent(addressed) }
            if case .timer(let actor, let deadline) = input.what { try rearmLate(actor, firedAt: deadline) }
            guard let reply = input.reply, let answer = work.answer else { return }
            let index = proposed
            return afterCommit { held in
                reply(held ? .answered(answer, position: EventPosition(entry: index, sequence: 0)) : .unknown)
            }
        }
        minter = work.context.minter
        try propose(input, work, minterBefore: minterBefore)
        for image in work.images {
            rearm(image.actor)
            markDirty(image.actor)
            if image.actor.kind == .quarantine { readQuarantine() }
        }
    }

    private func propose(_ input: Input, _ work: Work, minterBefore: IDMinter) throws(DecideError) {
        var key: CommandKey?
        let cause: Cause
        switch input.what {
        case .command(let command, let given):
            key = given
            cause = .command(CommandName(command))
        case .timer: cause = .timer
        case .routing: cause = .routing
        }
        var entry = Entry(
            format: work.format, time: work.context.now, minted: minter.last, key: key, cause: cause,
            answer: work.answer,
            events: work.events)
        entryWriter.removeAll(keepingCapacity: true)
        do throws(WireError) {
            try EntryCodec.write(entry, to: &entryWriter)
            // Its answer, too, is what the followers will give.
            if work.format < WireVersion.current { entry = try entryWriter.withBytes(EntryCodec.decode) }
        } catch {
            throw .invariantBroken(InvariantBroken("an entry that exceeds its bounds: \(error)"))
        }
        place(entry, entryWriter.bytes, work.images, minterBefore: minterBefore, reply: input.reply)
        marks.isWanted = true
        scheduleMark()
    }

    /// Numbers an entry and puts it among those that leave with this batch.
    func place(
        _ entry: Entry, _ bytes: [UInt8], _ images: [BeforeImage] = [], minterBefore: IDMinter,
        reply: (@Sendable (Outcome) -> Void)? = nil
    ) {
        proposed += 1
        if let key = entry.key, let answer = entry.answer {
            table.expire(before: entry.time)
            table.remember(key, answer: answer, at: entry.time, index: proposed)
        }
        outbox.append(
            JournalEntry(
                partition: number, index: proposed, term: term, time: entry.time.milliseconds, bytes: bytes))
        inflight.append(
            InFlight(
                index: proposed, entry: entry, bytes: bytes.count, images: images, minterBefore: minterBefore,
                timeBefore: timeLast, formatBefore: format, epoch: epoch, reply: reply))
        inflightBytes += bytes.count
        timeLast = entry.time
        format = entry.format
        sendAfterBatch()
    }

    /// Hands the batch's entries to the journal at once: one lock, one wake, one fsync with everybody else's.
    private func sendAfterBatch() {
        guard !outboxScheduled else { return }
        outboxScheduled = true
        executor.afterBatch { [self] in assumeIsolated { $0.send() } }
    }

    func send() {
        outboxScheduled = false
        guard !outbox.isEmpty else { return }
        let entries = outbox
        outbox = []
        let epoch = epoch
        log.append(entries) { [self] range, result in
            run { $0.appended(range, epoch: epoch, result) }
        }
    }

    // MARK: Undoing

    /// Puts records back, newest first; the routing indexes and timers follow.
    func undo(_ images: [BeforeImage]) {
        for image in images.reversed() {
            encodeIfDue(image.actor)
            roster.put(image.record)
            rearm(image.actor)
            discardIfAbsent(image.actor)
            if image.actor.kind == .quarantine { readQuarantine() }
        }
    }

    private func failed(_ input: Input, _ mark: Mark, _ error: DecideError) {
        switch error {
        case .refused(let refusal):
            counters.refused += 1
            afterCommit { held in input.reply?(held ? .refused(refusal) : .unknown) }
        case .invariantBroken(let broken):
            counters.invariantsBroken += 1
            brokenInvariant(input, mark, broken)
        }
    }

    // MARK: Timers

    /// Makes the actor's timer agree with its record.
    func rearm(_ actor: ActorID) {
        let running = services.timers.isRunning && !stilled.contains(actor)
        roster.withKeeping(actor) { keeping in
            let deadline = running ? keeping.deadline : nil
            if keeping.timer != .none {
                if let deadline, wheel.deadline(of: keeping.timer) == deadline { return }
                wheel.cancel(keeping.timer)
                keeping.timer = .none
            }
            if let deadline { keeping.timer = wheel.arm(actor, at: deadline) }
        }
    }

    /// A timer whose turn changed nothing: it came late and the record wants another time, or the machine says that
    /// something is due and does nothing about it, which is our defect.
    private func rearmLate(_ actor: ActorID, firedAt deadline: Timestamp) throws(DecideError) {
        var wanted: Timestamp?
        roster.withKeeping(actor) { wanted = $0.deadline }
        if let wanted, wanted <= deadline {
            throw .invariantBroken(InvariantBroken("a due timer that does nothing"))
        }
        rearm(actor)
    }

    /// A timer that could not be looked at now is looked at again in a second.
    func rearmLater(_ actor: ActorID) {
        wake(at: clock.monotonic() + 1_000_000_000) { partition in
            guard partition.phase == .leading else { return }
            partition.rearm(actor)
            partition.armWake()
        }
    }

    /// Runs what is due, a bounded number at a time.
    func fireDue() {
        wakeAt = .max
        guard phase == .leading, services.timers.isRunning else { return }
        guard clock.monotonic() >= restsUntil else { return armWake() }
        let now = max(time.now(clock), timeLast)
        var fired = 0
        while fired < Self.firedAtOnceMax, let due = wheel.popDue(at: now) {
            guard roster.contains(due.actor) else {
                timersBroke("a timer is armed for an actor that is not in memory")
                break
            }
            fired += 1
            counters.timersFired += 1
            counters.timerLateness.record(milliseconds: now.milliseconds - due.deadline.milliseconds)
            roster.withKeeping(due.actor) { $0.timer = .none }
            admit(Input(.timer(due.actor, due.deadline)))
        }
        armWake()
    }

    private static let firedAtOnceMax = 512

    /// Sees to it that the executor comes back for the next deadline.
    func armWake() {
        guard phase == .leading, services.timers.isRunning, let next = wheel.next else { return }
        let at = max(time.monotonic(for: next), restsUntil)
        guard at < wakeAt else { return }
        wakeAt = at
        wake(at: at) { $0.fireDue() }
    }

    /// Routing that exceeded its turn goes on in the next.
    func scheduleRouting() {
        guard phase == .leading, services.routing.isRunning, roster.hasRoutingWork, !routingScheduled else { return }
        routingScheduled = true
        afterRest { partition in
            partition.routingScheduled = false
            if partition.phase == .leading { partition.runTurn(Input(.routing)) }
        }
    }

    /// Runs what the partition begins of itself: soon, or when it has rested.
    func afterRest(_ body: @escaping @Sendable (isolated Partition) -> Void) {
        if clock.monotonic() >= restsUntil {
            run(body)
        } else {
            wake(at: restsUntil, body)
        }
    }
}
