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
                // A node makes another key each time the same command comes.
                digest = NodeKey(key) == nil ? key.high ^ key.low ^ key.body : key.body
            } else {
                entryWriter.removeAll(keepingCapacity: true)
                // The same command has the same digest before and after a cluster raises its format.
                CommandCodec.write(command, in: WireVersion.oldest, to: &entryWriter)
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
        guard !quarantinedInputs.isEmpty || !attempts.isEmpty || input.failures > 0 else { return false }
        if quarantinedInputs.contains(mark.input) {
            refuseQuarantined(input)
            return true
        }
        if input.failures >= TrapFile.attemptsMax {
            quarantine(input, mark, reason: "\(input.failures) nodes ended while they ran it")
            return true
        }
        // One that was not journaled when the partition began to lead, for want of room perhaps.
        guard let attempt = attempts.first(where: { $0.input == mark.input }), attempt.count >= TrapFile.attemptsMax
        else { return false }
        quarantine(input, mark, reason: "it ended the process \(attempt.count) times")
        return true
    }

    private func refuseQuarantined(_ input: Input) {
        afterCommit { held in input.reply?(held ? .refused(Refusal(.quarantined)) : .unknown) }
    }

    private func quarantine(_ input: Input, _ mark: Mark, reason: String) {
        refuseQuarantined(input)
        quarantine(
            QuarantinedInput(
                input: mark.input, summary: mark.summary, actor: mark.actor, contact: mark.contact, reason: reason))
    }

    private func quarantine(_ item: QuarantinedInput) {
        var item = item
        // A message, a close or a timer names no contact: the one its conversation is about now.
        if item.contact == nil, item.actor.kind == .conversation {
            item.contact = roster.conversation(ConversationID(raw: item.actor.raw))?.contacts.last?.id
        }
        let input = item.input
        counters.quarantined += 1
        quarantinedInputs.insert(input)
        if input & 1 == 0, item.actor.kind != .quarantine { still(item.actor) }
        runTurn(
            Input(.command(.quarantine(.add(item)), nil)) { [self] outcome in
                // Only what the journal knows may be forgotten here.
                if case .answered = outcome { run { $0.settle(input) } }
            })
    }

    /// An input that ended an earlier process is quarantined in the journal, or ran to its end this time: a process that
    /// was killed from outside leaves its input behind as if that had ended it.
    func settle(_ input: UInt64) {
        guard attempts.contains(where: { $0.input == input }) else { return }
        attempts.removeAll { $0.input == input }
        traps?.forget(input)
    }

    private func still(_ actor: ActorID) {
        stilled.insert(actor)
        rearm(actor)
    }

    /// What ended the process twice is set aside before anything runs.
    func quarantineTrapped() {
        for attempt in attempts where attempt.count >= TrapFile.attemptsMax {
            let command = attempt.command.flatMap { CommandName(code: $0) }
            let mark = Mark(
                input: attempt.input, actor: attempt.actor, contact: attempt.contact, command: command)
            quarantine(
                QuarantinedInput(
                    input: attempt.input, summary: mark.summary, actor: attempt.actor, contact: attempt.contact,
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
            guard held else {
                if case .timer(let actor, _) = retry.what { rearmLater(actor) }
                return retry.reply?(.unknown) ?? ()
            }
            rebuild(mark.actor) { self.runTurn(retry) }
        }
    }

    /// Reads the actor's record as stored and applies to it the journal's entries since and those in flight; what is in
    /// memory is replaced.
    private func rebuild(_ actor: ActorID, then next: () -> Void) {
        do {
            let stored = try state.stored(actor, of: number)
            let rebuilt = Roster(partition: number, executor: unownedExecutor)
            if let record = stored.record { rebuilt.put(record) } else { rebuilt.ensure(actor) }
            func apply(_ entry: Entry) {
                for event in entry.events {
                    event.forEachConcerned { if $0 == actor { _ = rebuilt.apply(event, to: actor, at: entry.time) } }
                }
            }
            var from = stored.index + 1
            while from <= committed {
                let entries = try log.read(partition: number, from: from, maximumBytes: 1 << 20)
                guard let last = entries.last?.index else { throw StateError("entry \(from) is missing") }
                for entry in entries where entry.index <= committed { apply(try self.entry(entry)) }
                from = last + 1
            }
            inflight.forEach { apply($0.entry) }
            if let record = rebuilt.record(actor) {
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
