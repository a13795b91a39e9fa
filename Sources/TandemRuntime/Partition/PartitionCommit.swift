internal import TandemCore
internal import TandemJournal
internal import TandemReadModel
internal import TandemWire

// What leaves: nothing before its entry is committed. Replies, reads, sessions and the read model, in this order.

/// Answers that wait until it is sure that this node still leads: those of one batch of the executor are asked for
/// together.
struct Confirmations {
    var waiting: [(Bool) -> Void] = []
    private var asked: [UInt64: [(Bool) -> Void]] = [:]
    private var number: UInt64 = 0

    mutating func ask() -> UInt64 {
        number += 1
        asked[number] = waiting
        waiting = []
        return number
    }

    mutating func answered(_ number: UInt64) -> [(Bool) -> Void] { asked.removeValue(forKey: number) ?? [] }
}

extension Partition {
    /// The group has answered for a stretch of entries.
    ///
    /// - Parameter epoch: of the batch; what is told of entries that were taken back meanwhile comes too late.
    func appended(_ range: ClosedRange<UInt64>, epoch: UInt64, _ result: Result<Void, NotCommitted>) {
        guard range.upperBound > committed, inflight[Int(range.upperBound - committed) - 1]?.epoch == epoch else {
            return
        }
        switch result {
        case .success: commit(upTo: range.upperBound)
        case .failure(let reason):
            // Refused, and so is what was sent after it. What was sent before it may still be committed.
            counters.appendsFailed += 1
            let outcome: Outcome =
                switch reason {
                case .busy: .busy
                case .notLeading: .unavailable(.notLeading)
                case .diskFull: .unavailable(.diskFull)
                case .failed: .unknown
                }
            // What is due stays due, and so would be proposed again at once.
            restsUntil = clock.monotonic() + Self.rest
            takeBack(from: range.lowerBound, telling: outcome)
        }
    }

    /// In nanoseconds: what falls due meanwhile is late by no more.
    private static let rest: UInt64 = 10_000_000

    /// Entries up to `index` are durable where they must be.
    func commit(upTo index: UInt64) {
        guard index > committed else { return }
        var batch: [CommittedEntry] = []
        var replies: [(reply: @Sendable (Outcome) -> Void, outcome: Outcome)] = []
        // What is in flight is numbered without a gap from the last committed entry on.
        while committed < index, let first = inflight.popFirst() {
            inflightBytes -= first.bytes
            committed = first.index
            if case .mark = first.entry.cause { noteMark(first.entry, at: first.index, isOwn: true) }
            batch.append(CommittedEntry(index: first.index, term: term, entry: first.entry))
            if let reply = first.reply, let answer = first.entry.answer {
                replies.append((reply, .answered(answer, position: EventPosition(entry: first.index, sequence: 0))))
            }
        }
        counters.entries += UInt64(batch.count)
        state.append(batch, of: number)
        for (reply, outcome) in replies { reply(outcome) }
        releaseBarriers()
        for committed in batch { publish(committed) }
        subscriptions.deliver()
        for committed in batch { followEffects(committed.entry) }
        performEffects()
        flushIfCommitted()
        flushIfDue()
        finishRetiring()
    }

    func publish(_ committed: CommittedEntry) {
        guard subscriptions.count > 0 else { return }
        for (number, event) in committed.entry.events.enumerated() {
            subscriptions.publish(
                CommittedEvent(
                    position: EventPosition(entry: committed.index, sequence: number), time: committed.entry.time,
                    event: event))
        }
    }

    /// Releases once everything proposed so far is committed; with false when it was taken back.
    func afterCommit(_ release: @escaping (Bool) -> Void) { afterCommit(of: proposed, release) }

    func afterCommit(of index: UInt64, _ release: @escaping (Bool) -> Void) {
        if index <= committed { return confirm(release) }
        // Kept in order: a barrier on an older entry waits a little longer than it must.
        barriers.append(Barrier(index: max(index, barriers.last?.index ?? 0), release: release))
    }

    /// Releases what rests on nothing that is in flight any more: if this node still leads, it has seen everything
    /// committed. With false when its state has been found wrong.
    private func confirm(_ release: @escaping (Bool) -> Void) {
        if log.decidesAlone { return release(leads) }
        confirmations.waiting.append(release)
        guard confirmations.waiting.count == 1 else { return }
        executor.afterBatch { [self] in assumeIsolated { $0.askForConfirmation() } }
    }

    private func askForConfirmation() {
        let number = confirmations.ask()
        let depositions = depositions
        log.confirmLeadership { [self] held in
            run { partition in
                for release in partition.confirmations.answered(number) {
                    release(held && partition.depositions == depositions && partition.services.distrust == nil)
                }
            }
        }
    }

    private func releaseBarriers() {
        while let first = barriers.first, first.index <= committed {
            _ = barriers.popFirst()
            // That it is committed does not say that this node leads still: the others may have agreed to it long ago, and
            // to another leader since.
            confirm(first.release)
        }
    }

    // MARK: Taking back

    /// Undoes the turns whose entries are not committed, newest first, and tells their askers.
    func takeBack(from index: UInt64, telling outcome: Outcome) {
        var replies: [@Sendable (Outcome) -> Void] = []
        while let last = inflight.last, last.index >= index {
            _ = inflight.popLast()
            inflightBytes -= last.bytes
            undo(last.images)
            if let key = last.entry.key, last.entry.answer != nil { table.forget(key) }
            minter = last.minterBefore
            timeLast = last.timeBefore
            if last.entry.cause == .command(.followPolicies) { roster.policies.want() }
            if case .mark = last.entry.cause { marks.isWanted = true }
            format = last.formatBefore
            if let reply = last.reply { replies.append(reply) }
        }
        epoch += 1
        proposed = min(proposed, index - 1)
        outbox.removeAll { $0.index >= index }
        dropUncommittedFlush()
        var released: [Barrier] = []
        while let last = barriers.last, last.index >= index {
            _ = barriers.popLast()
            released.append(last)
        }
        for reply in replies.reversed() { reply(outcome) }
        for barrier in released.reversed() { barrier.release(false) }
        scheduleRouting()
        schedulePolicies()
        scheduleMark()
        armWake()
        finishRetiring()
    }

    /// The leader is deposed: it undoes what is in flight and is a correct follower again. What became of the
    /// entries is for the next leader to say, so their askers are told that it is unknown.
    ///
    /// - Parameter trouble: why the journal takes nothing; nil: somebody else leads, or will.
    func deposed(_ trouble: Unavailable? = nil) {
        journalTrouble = trouble
        releaseAnswers()
        // Also of who was to lead again behind a change of members.
        endEffects()
        guard leads else { return }
        if phase != .draining { phase = .following }
        depositions += 1
        retired = nil
        services.routingIsDerived = false
        roster.policies.stop()
        // What did not leave is nowhere; what did may be somewhere.
        if let first = outbox.first { takeBack(from: first.index, telling: .unavailable(trouble ?? .notLeading)) }
        takeBack(from: committed + 1, telling: .unknown)
        turnAwayParked()
        // Who leads next begins with the records.
        disarmAll()
    }

    var leads: Bool { phase == .leading || phase == .retiring || phase == .draining }

    func turnAwayParked() {
        for actor in parked.keys.sorted() {
            for input in parked.removeValue(forKey: actor) ?? [] { turnAway(input) }
        }
    }

    // MARK: Retiring

    /// Takes no more inputs and fires no timers; what is in flight is committed, or taken back.
    func beginRetiring(_ done: @escaping @Sendable () -> Void) {
        // It gave up what it was told to lead, or ends.
        guard phase == .leading else { return done() }
        phase = .retiring
        retired = done
        turnAwayParked()
        finishRetiring()
    }

    private func finishRetiring() {
        guard phase == .retiring, inflight.isEmpty else { return }
        phase = .following
        services.routingIsDerived = services.routing.isRunning
        roster.policies.stop()
        disarmAll()
        retired?()
        retired = nil
    }
}
