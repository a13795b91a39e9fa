internal import TandemCore
internal import TandemWire

// What a turn made due is done outside once its entry is committed, by whoever leads; what came of it is a turn again. All
// of it follows from the records, so a new leader goes on where the last one stood, and does again what nobody reported.

/// The leader's part: nothing of it is journaled.
struct Effects {
    var lines = EffectLines()
    /// Rises whenever the lines are made anew or given up: what was handed out before is none of theirs.
    var generation: UInt64 = 0
    /// The leadership that the lines follow; nil: they are given up.
    var term: UInt64?
}

extension Partition {
    package static let effectsName = "effects"
    /// A result that could not be proposed is reported again so much later, in nanoseconds.
    private static let reportAgain: UInt64 = 100_000_000
    /// What could not be begun is handed out again so much later, in nanoseconds.
    private static let beginAgain: UInt64 = 1_000_000_000
    /// Effects of one partition that are under way at once: each may have a socket.
    package static var effectsMax: Int { EffectLines.sendingMax }

    /// A turn that made something happen makes due, in the same entry, that those who want to know are told.
    func makeDue(_ event: Event, _ turn: inout TurnContext) -> Event? {
        roster.telling.isWanted ? event.deliveryDue(&turn) : nil
    }

    // MARK: By what is committed

    /// Begins to lead, or goes on behind a change of members: nobody else led meanwhile, so the lines are as they must be, and
    /// what is under way stays so.
    func leadEffects() {
        if effects.term == term { performEffects() } else { beginEffects() }
    }

    /// Begins with what is due: of records that are ahead of what is committed, what they were before.
    func beginEffects() {
        endEffects()
        guard phase == .leading, services.effects.isRunning, configuration.performer != nil else { return }
        effects.term = term
        var before: [ActorID: Record] = [:]
        inflight.forEach { turn in
            for image in turn.images where image.actor.kind == .delivery && before[image.actor] == nil {
                before[image.actor] = image.record
            }
        }
        // Identifiers rise: this is the order of the journal.
        for raw in roster.deliveries.keys.sorted() {
            let id = DeliveryID(raw: raw)
            guard case .delivery(let delivery)? = before[ActorID(id)] ?? roster.record(ActorID(id)),
                let due = delivery.due
            else { continue }
            for target in delivery.targets {
                switch target.state {
                case .due: effects.lines.add(due.target(target.webhook), attempt: target.attempts &+ 1)
                case .waiting:
                    effects.lines.add(due.target(target.webhook), attempt: target.attempts &+ 1, isReady: false)
                case .done, .dead: break
                }
            }
        }
        performEffects()
    }

    func endEffects() {
        effects.lines = EffectLines()
        effects.generation += 1
        effects.term = nil
    }

    /// What this leader's entries say, once they are committed.
    func followEffects(_ entry: Entry) {
        for event in entry.events {
            switch event {
            case .deliveryDue(let due):
                counters.deliveriesDead += UInt64(due.turnedAway.count)
                for webhook in due.turnedAway {
                    configuration.performer?.gaveUp(
                        DeliveryFailed(
                            target: due.target(webhook), attempt: 0, failure: DeliveryFailure(.turnedAway),
                            retryAt: nil))
                }
                for webhook in due.webhooks { effects.lines.add(due.target(webhook)) }
            case .deliveryResumed(let target): effects.lines.resumed(target)
            case .deliveryFailed(let failed):
                counters.deliveryAttemptsFailed += 1
                if failed.retryAt == nil {
                    counters.deliveriesDead += 1
                    configuration.performer?.gaveUp(failed)
                }
                effects.lines.failed(failed)
            case .deliveryDone(let target, _, _):
                counters.deliveriesDone += 1
                effects.lines.done(target)
            default: break  // Nothing of effects.
            }
        }
    }

    // MARK: Doing

    /// Hands out what may be done: when all this rests on is committed, and the others have said since that this node leads.
    func performEffects() {
        guard phase == .leading, services.effects.isRunning, let performer = configuration.performer else { return }
        var jobs: [(job: EffectLines.Job, effect: Effect?)] = []
        while let job = effects.lines.next() {
            guard let delivery = roster.delivery(job.delivery), let due = delivery.due else {
                return effectsBroke("a delivery is due that is not in memory")
            }
            let webhook = roster.tenant(due.tenant)?.webhook(job.webhook)
            jobs.append(
                (
                    job,
                    webhook.flatMap { webhook in
                        guard webhook.spec.isEnabled else { return nil }
                        return Effect(
                            target: due.target(job.webhook), attempt: job.attempt, notice: due.notice, at: delivery.at,
                            webhook: webhook)
                    }
                ))
        }
        guard !jobs.isEmpty else { return }
        let generation = effects.generation
        afterCommit { [self] held in
            guard effects.generation == generation else { return }
            guard held, phase == .leading else {
                // What was proposed was not taken, or it hands over: that may fail.
                for (job, _) in jobs { effects.lines.putBack(job) }
                return wake(at: clock.monotonic() + Self.reportAgain) { $0.performEffects() }
            }
            for (job, effect) in jobs {
                guard let effect else {
                    effectReturned(job, generation, .refused(DeliveryFailure(.disabled)))
                    continue
                }
                performer.perform(effect) { [self] result in
                    run { $0.performed(job, generation, result) }
                }
            }
        }
    }

    private func performed(_ job: EffectLines.Job, _ generation: UInt64, _ result: DeliveryResult?) {
        if let result {
            counters.deliveryAttempts += 1
            return effectReturned(job, generation, result)
        }
        // It keeps its place among those under way, so that the others are not handed out at full speed in vain.
        wake(at: clock.monotonic() + Self.beginAgain) { partition in
            guard partition.effects.generation == generation else { return }
            partition.effects.lines.notBegun(job)
            partition.performEffects()
        }
    }

    private func effectReturned(_ job: EffectLines.Job, _ generation: UInt64, _ result: DeliveryResult) {
        guard effects.generation == generation else { return }
        effects.lines.returned(job)
        report(job, generation, result)
        performEffects()
    }

    /// The result is a turn like any other. It is reported again until it is taken, while this leadership lasts; one whose turn
    /// fails is followed by one that gives the delivery up, as what is behind it would never go.
    private func report(_ job: EffectLines.Job, _ generation: UInt64, _ result: DeliveryResult) {
        guard effects.generation == generation else { return }
        let command = Command.delivery(job.delivery, .report(job.webhook, attempt: job.attempt, result))
        admit(
            Input(.command(command, nil)) { [self] outcome in
                switch outcome {
                // What the entry says comes with its commit.
                case .answered, .repeated: break
                case .refused:
                    // It cannot be known whether the turn failed for what was answered: another result may pass.
                    let end = DeliveryResult.refused(DeliveryFailure(.badAnswer))
                    if result != end { run { $0.report(job, generation, end) } }
                case .busy, .unavailable, .unknown:
                    wake(at: clock.monotonic() + Self.reportAgain) { $0.report(job, generation, result) }
                }
            })
    }

    /// The lines contradict the records: they are made anew from them, after this turn.
    private func effectsBroke(_ what: String) {
        services.effects.isRunning = false
        endEffects()
        restart(after: Self.effectsName, what)
    }
}
