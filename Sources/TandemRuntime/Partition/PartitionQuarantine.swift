internal import TandemCore
internal import TandemJournal
internal import TandemWire

// When code is wrong: a broken invariant costs its turn, a trap its process; an input that failed twice is set aside.

extension Partition {
    /// An input as the trap file and the quarantine name it.
    struct Mark {
        let input: UInt64
        let actor: ActorID
        let contact: ContactID?
        /// What it is called, and its code in the trap file.
        let command: CommandName?
        var summary: String { command?.rawValue ?? (actor.kind == .quarantine ? "routing" : "timer") }
    }

    func mark(_ input: Input) -> Mark {
        switch input.what {
        case .command(let command, let key):
            let (actor, contact) = command.place(in: number)
            let digest: UInt64
            if let key {
                digest = key.high ^ key.low ^ key.body
            } else {
                entryWriter.removeAll(keepingCapacity: true)
                CommandCodec.write(command, to: &entryWriter)
                digest = entryWriter.withBytes(Fingerprint.of)
            }
            return Mark(input: digest | 1, actor: actor, contact: contact, command: CommandName(command))
        case .timer(let actor, _): return Mark(input: Self.timerInput(actor), actor: actor, contact: nil, command: nil)
        case .routing:
            return Mark(
                input: UInt64(number) << 8 | 3, actor: ActorID.quarantine(of: number), contact: nil, command: nil)
        }
    }

    /// All timers of one actor are one input: none of them runs while it is quarantined.
    private static func timerInput(_ actor: ActorID) -> UInt64 {
        var bytes = actor.raw
        return withUnsafeBytes(of: &bytes) { Fingerprint.of($0) } & ~1 | 2
    }

    /// Whether an input is never to run again; if it has just failed for the second time, that is journaled now.
    func isQuarantined(_ input: Input, _ mark: Mark) -> Bool {
        guard !quarantinedInputs.isEmpty || traps?.attempts.isEmpty == false else { return false }
        if quarantinedInputs.contains(mark.input) {
            refuseQuarantined(input)
            return true
        }
        guard let attempt = traps?.attempts.first(where: { $0.input == mark.input }),
            attempt.count >= TrapFile.attemptsMax
        else { return false }
        quarantine(input, mark, reason: "it ended the process \(attempt.count) times")
        return true
    }

    private func refuseQuarantined(_ input: Input) {
        afterCommit { held in input.reply?(held ? .refused(Refusal(.quarantined)) : .unknown) }
    }

    private func quarantine(_ input: Input, _ mark: Mark, reason: String) {
        counters.quarantined += 1
        traps?.forget(mark.input)
        refuseQuarantined(input)
        quarantine(
            QuarantinedInput(
                input: mark.input, summary: mark.summary, actor: mark.actor, contact: mark.contact, reason: reason))
    }

    func quarantine(_ item: QuarantinedInput) {
        quarantinedInputs.insert(item.input)
        if item.input & 1 == 0, item.actor.kind != .quarantine { still(item.actor) }
        runTurn(Input(.command(.quarantine(.add(item)), nil)))
    }

    private func still(_ actor: ActorID) {
        stilled.insert(actor)
        rearm(actor)
    }

    /// What ended the last process twice is set aside before anything runs.
    func quarantineTrapped() {
        for attempt in traps?.attempts ?? [] where attempt.count >= TrapFile.attemptsMax {
            guard attempt.actor.partition == number else { continue }
            traps?.forget(attempt.input)
            counters.quarantined += 1
            quarantine(
                QuarantinedInput(
                    input: attempt.input,
                    summary: attempt.command.flatMap { CommandName(code: $0)?.rawValue } ?? "timer",
                    actor: attempt.actor, contact: attempt.contact,
                    reason: "it ended the process \(attempt.count) times"))
        }
    }

    /// The record of quarantine says what must not run, after a restart and after an operator's decision.
    func readQuarantine() {
        let items = roster.quarantine.record.items
        quarantinedInputs = Set(items.map(\.input.input))
        let before = stilled
        stilled = Set(items.filter { $0.input.input & 1 == 0 }.map(\.input.actor))
        for actor in before.subtracting(stilled).sorted() { rearm(actor) }
    }

    /// A machine found its own invariant broken: the turn is undone already. The actor is rebuilt from the journal and
    /// the input tried once more; the second time it is quarantined.
    func brokenInvariant(_ input: Input, _ mark: Mark, _ broken: InvariantBroken) {
        if input.retried { return quarantine(input, mark, reason: broken.what) }
        var again = input
        again.retried = true
        let retry = again
        guard mark.actor.kind != .quarantine, mark.actor.raw != 0 else { return runTurn(retry) }
        afterCommit { [self] held in
            guard held else { return retry.reply?(.unknown) ?? () }
            rebuild(mark.actor) { self.runTurn(retry) }
        }
    }

    /// Reads the actor's record as stored and applies the journal's entries since; what is in memory is replaced.
    private func rebuild(_ actor: ActorID, then next: @escaping () -> Void) {
        guard let index = try? state.recordsIndex(of: number) else { return next() }
        let upTo = committed
        do {
            let stored = try state.loadNow(actor, of: number)
            let rebuilt = Roster(partition: number, executor: unownedExecutor)
            if let stored { rebuilt.put(stored) } else { rebuilt.ensure(actor) }
            var from = index + 1
            while from <= upTo {
                let entries = try log.read(partition: number, from: from, maximumBytes: 1 << 20)
                guard let last = entries.last?.index else { break }
                for entry in entries where entry.index <= upTo {
                    let decoded = try EntryCodec.decode(entry.bytes)
                    for event in decoded.events {
                        event.forEachConcerned { concerned in
                            if concerned == actor { _ = rebuilt.apply(event, to: actor, at: decoded.time) }
                        }
                    }
                }
                from = last + 1
            }
            if let record = rebuilt.record(actor), upTo == committed, inflight.isEmpty {
                roster.put(record)
                rearm(actor)
                discardIfAbsent(actor)
            }
        } catch {
            counters.rebuildsFailed += 1
        }
        next()
    }
}
