internal import TandemCore
internal import TandemJournal
internal import TandemReadModel
internal import TandemWire

// What leaves: nothing before its entry is committed. Replies, reads, sessions and the read model, in this order.

extension Partition {
    /// The journal has answered for a batch of entries.
    ///
    /// - Parameter epoch: of the batch; what is told of entries that were taken back meanwhile comes too late.
    func appended(_ batch: ClosedRange<UInt64>, epoch: UInt64, _ result: Result<Void, JournalError>) {
        guard batch.upperBound > committed, inflight[Int(batch.upperBound - committed) - 1]?.epoch == epoch else {
            return
        }
        switch result {
        case .success:
            commit(upTo: batch.upperBound)
            journalRecovers()
        case .failure(let error):
            // Refused whole, and so is what was sent after it. What was sent before it may still become durable.
            counters.appendsFailed += 1
            switch error {
            case .busy: takeBack(from: batch.lowerBound, telling: .busy)
            case .diskFull:
                journalTrouble = .diskFull
                takeBack(from: batch.lowerBound, telling: .unavailable(.diskFull))
                retryJournalLater()
            default:
                // For good: a file whose sync failed is not written again in this life. Reads go on. Whether the
                // entries are in the file only the next opening can say.
                journalTrouble = .journalFailed
                takeBack(from: batch.lowerBound, telling: .unknown)
            }
        }
    }

    /// Entries up to `index` are durable where they must be.
    func commit(upTo index: UInt64) {
        guard index > committed else { return }
        var batch: [CommittedEntry] = []
        var replies: [(reply: @Sendable (Outcome) -> Void, outcome: Outcome)] = []
        // What is in flight is numbered without a gap from the last committed entry on.
        while committed < index, let first = inflight.popFirst() {
            inflightBytes -= first.bytes
            committed = first.index
            batch.append(CommittedEntry(index: first.index, term: term, entry: first.entry))
            if let reply = first.reply, let answer = first.answer {
                replies.append((reply, .answered(answer, position: EventPosition(entry: first.index, sequence: 0))))
            }
        }
        counters.entries += UInt64(batch.count)
        state.append(batch, of: number)
        for (reply, outcome) in replies { reply(outcome) }
        releaseBarriers()
        for committed in batch { publish(committed) }
        subscriptions.deliver()
        flushIfCommitted()
        flushIfDue()
    }

    private func publish(_ committed: CommittedEntry) {
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
        if index <= committed { return release(true) }
        // Kept in order: a barrier on an older entry waits a little longer than it must.
        barriers.append(Barrier(index: max(index, barriers.last?.index ?? 0), release: release))
    }

    private func releaseBarriers() {
        while let first = barriers.first, first.index <= committed {
            _ = barriers.popFirst()
            first.release(true)
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
            if let key = last.entry.key, last.answer != nil { table.forget(key) }
            minter = last.minterBefore
            timeLast = last.timeBefore
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
        armWake()
    }

    /// The leader is deposed: it undoes what is in flight and is a correct follower again. What became of the
    /// entries is for the next leader to say, so their askers are told that it is unknown.
    package func depose() {
        guard phase == .leading else { return }
        phase = .following
        services.routingIsDerived = false
        takeBack(from: committed + 1, telling: .unknown)
        for inputs in parked.values.map({ $0 }) {
            for input in inputs { input.reply?(.unavailable(.notLeading)) }
        }
        parked = [:]
    }

    /// Once a second a full disk may be tried again: the next entry says whether there is room.
    private func retryJournalLater() {
        executor.wake(at: clock.monotonic() + 1_000_000_000) { [self] in
            assumeIsolated { if $0.journalTrouble == .diskFull { $0.journalRecovers() } }
        }
    }

    /// Timers and routing rest while the journal takes nothing: they would be undone again and again.
    private func journalRecovers() {
        guard journalTrouble != nil else { return }
        journalTrouble = nil
        scheduleRouting()
        fireDue()
    }
}
