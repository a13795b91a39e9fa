internal import TandemConsensus
internal import TandemCore
internal import TandemJournal
internal import TandemWire

// Taking what was brought, and doing what Raft says. One at a time.

extension Replica {
    func take(_ input: Input) {
        switch input {
        case .start(let beginning):
            machine = beginning.machine
            settled = beginning.settled
            isDiskFull = isDiskFull || beginning.disk == .diskFull
            handed = beginning.state
            begin(beginning.raft)
        case .propose(let entries, let completion): propose(entries, completion)
        case .message(let message): raft?.step(message)
        case .ticks(let count):
            alarmBook.ticks += UInt64(count)
            for _ in 0..<(isTimeOver ? min(count, 1) : count) {
                raft?.tick()
                askAgain()
                tickChange()
                tickSnapshot()
                tickForgetting()
                tickRebuilding()
            }
            isTimeOver = false
        case .written(let number, let generation): written(number, generation)
        case .writeFailed(let error, let from, let generation): writeFailed(error, from, generation)
        case .applied(let index):
            // What it had before is no news, though the log has to get it back.
            applied = max(applied, min(index, handed.index))
            raft?.applied(upTo: applied)
        case .fetched(let fetch, let entries, let generation):
            if generation == self.generation { raft?.fetched(entries, for: fetch) }
        case .connection(let node, let isUp):
            if isUp {
                raft?.peerFound(node)
            } else {
                // Who stands for a lost leader has drawn so few ticks that those of a calm would make all stand at once.
                isTimeOver = true
                raft?.peerLost(node)
            }
        case .read(let done): read(done)
        case .confirm(let done): confirm(done)
        case .compact(let index): compact(index)
        case .copied(let made, let generation): copied(made, generation)
        case .partRead(let part, let snapshot, let peer, let generation):
            if generation == self.generation { partRead(part, snapshot, peer) }
        case .partStored(let snapshot, let received, let generation):
            if generation == self.generation { raft?.snapshotStored(snapshot, received: received) }
        case .prepared(let snapshot, let generation): prepared(snapshot, generation)
        case .exchanged(let snapshot, let image, let generation): exchanged(snapshot, image, generation)
        case .installed(let snapshot, let generation): installed(snapshot, generation)
        case .health(let health): take(health)
        case .reluctance(let isReluctant):
            self.isReluctant = isReluctant
            applyFitness()
        case .verdict(let verdict):
            self.verdict = verdict
            applyFitness()
        case .rebuilt(let raft): begin(raft)
        case .unreadable(let error): notRebuilt(error)
        case .damaged(let finding): forget(finding)
        case .forgotten(let finding, let error): forgotten(finding, error)
        case .transfer(let node, let done): transfer(node, done)
        case .change(let change, let done): begin(change, done)
        case .retired(let term): retired(in: term)
        case .status(let done): done(raft?.status)
        case .withdraw:
            isWithdrawn = true
            raft?.diskFull(true)
            // What became durable before is the machine's; what comes after it follows.
            work()
            stepDown()
        case .stop:
            isStopped = true
            raft = nil
            machine = nil
            letGoOfHooks()
            waiters = Ring()
        }
    }

    /// Does what Raft says until it says nothing more.
    func work() {
        while let ready = raft?.ready() {
            if let write = ready.write { submit(write) }
            for alarm in ready.alarms { raise(alarm) }
            for message in ready.messages { peers.send(message, of: partition) }
            if !ready.apply.isEmpty { hand(over: ready.apply) }
            for answer in ready.reads { reads.take(answer.context.number)?.answer(answer.index) }
            for fetch in ready.fetches { self.fetch(fetch) }
            for task in ready.snapshots { carryOut(task) }
            if let standing = ready.standing { stand(standing) }
            if ready.isSettled { endOwing() }
        }
    }

    // MARK: Proposals

    private func propose(_ entries: [JournalEntry], _ completion: @escaping AppendCompletion) {
        guard let first = entries.first, let last = entries.last else { return }
        let all = first.index...last.index
        guard let leading, leading.isBegun, leading.term.value == first.term, raft?.last.index == first.index - 1 else {
            return completion(all, .failure(failure == nil ? .notLeading : .failed))
        }
        for entry in entries {
            do throws(ProposalRefusal) {
                _ = try raft?.propose(entry.bytes)
            } catch {
                if entry.index > first.index {
                    waiters.append(Waiter(range: first.index...(entry.index - 1), completion: completion))
                }
                return completion(entry.index...last.index, .failure(Self.reason(error)))
            }
        }
        waiters.append(Waiter(range: all, completion: completion))
    }

    private static func reason(_ refusal: ProposalRefusal) -> NotCommitted {
        switch refusal {
        case .tooMuchUncommitted: .busy
        case .notLeader, .handingOver: .notLeading
        case .tooLarge, .changeUnderWay, .badChange, .notCaughtUp, .nothingToCancel, .badTarget: .failed
        }
    }

    private func transfer(_ node: NodeID, _ done: @escaping @Sendable (ProposalRefusal?) -> Void) {
        do throws(ProposalRefusal) {
            try raft?.transferLeadership(to: node)
            done(raft == nil ? .notLeader(nil) : nil)
        } catch {
            done(error)
        }
    }

    // MARK: The journal

    private func submit(_ write: RaftWrite) {
        var writes: [JournalWrite] = []
        if let restart = write.restart {
            writes.append(.restart(partition: partition, behind: restart.index, term: restart.term.value))
        }
        if let from = write.truncation { writes.append(.truncate(partition: partition, from: from)) }
        if let ballot = write.ballot {
            writes.append(
                .hardState(
                    partition: partition, HardState(term: ballot.term.value, votedFor: ballot.vote?.value)))
        }
        if !write.entries.isEmpty {
            if let isShared = noteVoters(of: write.entries) { writes.append(isShared) }
            writes.append(.append(write.entries.map(journaled)))
        }
        if write.restart != nil || write.truncation != nil || write.entries.contains(where: \.isMembership) {
            publishMembership()
        }
        let generation = generation
        let from = write.entries.first?.index
        writesUnderWay += writes.count
        for (place, one) in writes.enumerated() {
            let number = place == writes.count - 1 ? write.number : nil
            log.submit(one) { [self] result in
                switch result {
                case .success: bring(.written(number, generation: generation))
                case .failure(let error): bring(.writeFailed(error, from: from, generation: generation))
                }
            }
        }
    }

    private func journaled(_ entry: LogEntry) -> JournalEntry {
        let bytes: [UInt8]
        switch entry.content {
        case .command(let turn):
            bytes = turn
            if let time = try? EntryCodec.time(of: turn) { timeLast = max(timeLast, time.milliseconds) }
        case .opening, .membership:
            // A membership that Raft accepted is within its bound.
            bytes = (try? entry.content.journaled()) ?? []
        }
        return JournalEntry(
            partition: partition, index: entry.index, term: entry.term.value, time: timeLast, bytes: bytes)
    }

    private func written(_ number: UInt64?, _ generation: UInt64) {
        writesUnderWay -= 1
        if let number, generation == self.generation { raft?.persisted(number) }
        rebuildIfQuiet()
    }

    private func writeFailed(_ error: JournalError, _ from: LogIndex?, _ generation: UInt64) {
        writesUnderWay -= 1
        if generation == self.generation {
            // What became durable before it is committed, and has to be told as that.
            work()
            // What was to be taken back ends with an entry that cannot be read: that goes as well.
            if case .damaged(let finding) = error { forget(finding) }
        }
        if generation == self.generation { fail(error, refusedFrom: from) }
        rebuildIfQuiet()
    }

    private func fetch(_ fetch: LogFetch) {
        let generation = generation
        reader.run { [self] in
            var entries: [LogEntry] = []
            do throws(JournalError) {
                entries = try durable(from: fetch.from, maximumBytes: fetch.maximumBytes)
            } catch {
                if case .damaged(let finding) = error { bring(.damaged(finding)) }
            }
            bring(.fetched(fetch, entries, generation: generation))
        }
    }

    // MARK: The machine

    /// Hands committed entries over: its own turns it hears are committed, those of others it applies.
    private func hand(over entries: [LogEntry]) {
        var foreign: [FollowedEntry] = []
        var own: LogIndex?
        // Committed by this node's own leadership, or by its own log.
        let isLate = raft?.followsLeader != true
        for entry in entries {
            handed = entry.point
            if let leading, leading.isBegun, entry.term == leading.term, entry.index > leading.opening {
                own = entry.index
                continue
            }
            if let last = own {
                answer(upTo: last)
                own = nil
            }
            // Another leader's entry behind the own ones: that is over, though Raft says so only afterwards.
            if leading?.isBegun == true { stepDown() }
            if case .command(let bytes) = entry.content {
                foreign.append(
                    FollowedEntry(index: entry.index, term: entry.term.value, bytes: bytes, isLate: isLate))
            } else {
                foreign.append(FollowedEntry(index: entry.index, term: entry.term.value, bytes: nil))
                endChange(with: entry)
            }
            beginIfOpened(entry.point, &foreign)
        }
        if let own { answer(upTo: own) }
        follow(&foreign)
    }

    private func follow(_ entries: inout [FollowedEntry]) {
        guard !entries.isEmpty else { return }
        machine?.follow(entries) { [self] in bring(.applied($0)) }
        entries = []
    }

    private func answer(upTo index: LogIndex) {
        while let first = waiters.first, first.range.lowerBound <= index {
            let last = first.range.upperBound
            if last <= index {
                _ = waiters.popFirst()
                first.completion(first.range, .success(()))
            } else {
                // The rest may never be: what is committed of a batch is said at once, or it is not said at all.
                waiters.replaceFirst(Waiter(range: (index + 1)...last, completion: first.completion))
                first.completion(first.range.lowerBound...index, .success(()))
            }
        }
        // It applied them when it proposed them.
        applied = max(applied, index)
        raft?.applied(upTo: applied)
    }

    private func stand(_ standing: Standing) {
        switch standing {
        case .leader(let opening):
            guard let term = raft?.term else { return }
            if leading?.term != term { leading = Leading(term: term, opening: opening) }
            var nothing: [FollowedEntry] = []
            beginIfOpened(handed, &nothing)
        case .follower(let leader):
            stepDown(isDiskFull ? .diskFull : nil)
            publish(leader: leader)
        case .candidate:
            stepDown()
            publish(leader: nil)
        }
    }

    /// The entry that opens its term is committed: it may decide. Unless Raft has appended one behind it, which ends a change
    /// of members that another leader began: then it leads behind that.
    private func beginIfOpened(_ point: LogPoint, _ foreign: inout [FollowedEntry]) {
        guard let begun = leading, !begun.isBegun, begun.opening == point.index, begun.term == point.term,
            raft?.last == point
        else { return }
        follow(&foreign)
        leading?.isBegun = true
        machine?.lead(term: begun.term.value, after: begun.opening)
        publish(leader: id)
        finishChange(nil)
    }

    /// What is under way is the next leader's to decide.
    func stepDown(_ trouble: Unavailable? = nil) {
        let ended = leading
        leading = nil
        waiters = Ring()
        if ended?.isBegun == true || trouble != nil { machine?.depose(trouble) }
        if ended != nil { publish(leader: nil) }
        finishChange(.notLeader(nil))
    }

    // MARK: Trouble

    /// A write was refused or failed: Raft would take it for done. A new one begins from what the journal holds.
    ///
    /// - Parameter from: the first entry that the journal refused; what was sent before it may still become durable.
    func fail(_ error: JournalError, refusedFrom from: LogIndex? = nil) {
        generation += 1
        raft = nil
        giveUpReads()
        let reason: NotCommitted
        let trouble: Unavailable?
        switch error {
        case .diskFull: (reason, trouble, isDiskFull) = (.diskFull, .diskFull, true)
        // Unreadable for the moment: what has to be known of other entries for it could not be found out.
        case .busy, .unreadable: (reason, trouble) = (.busy, nil)
        default: (reason, trouble, failure) = (.failed, .journalFailed, error)
        }
        // Alone, what its own journal refused is nowhere. Where there are others it may be with them.
        if decidesAlone, reason != .failed, let from {
            var refused: [Waiter] = []
            while let last = waiters.last, last.range.lowerBound >= from {
                _ = waiters.popLast()
                refused.append(last)
            }
            for waiter in refused.reversed() { waiter.completion(waiter.range, .failure(reason)) }
        }
        stepDown(trouble)
        settle()
    }

    /// When everything under way is answered, the journal says what there is.
    func rebuildIfQuiet() {
        guard raft == nil, writesUnderWay == 0, failure == nil, unforgotten == nil, !isRebuilding, !isStopped,
            rebuildingPause == 0
        else { return }
        isRebuilding = true
        let state = handed
        reader.run { [self] in
            do throws(JournalError) {
                bring(.rebuilt(try recovered(from: state)))
            } catch {
                bring(.unreadable(error))
            }
        }
    }

    private func begin(_ new: Raft) {
        isRebuilding = false
        guard !isStopped, failure == nil else { return }
        generation += 1
        raft = new
        beginBehindDamage()
        publishMembership()
        if decidesAlone { raft?.trustOwnLog() }
        recoveredTo = raft?.commitIndex ?? 0
        hasBegun = true
        raft?.diskFull(isDiskFull || isWithdrawn)
        applyFitness()
        if isDiskFull { stepDown(.diskFull) }
        if isDiskFull || isWithdrawn { settle() } else { raft?.standIfAlone() }
    }

    /// Raft hears whether this node should lead, and whether it may.
    private func applyFitness() {
        raft?.reluctant(isReluctant || verdict == .doubted)
        raft?.unfit(verdict == .wrong)
    }

    private func take(_ health: JournalHealth) {
        switch health {
        case .ok:
            isDiskFull = false
            // Whoever does not lead now has another reason for it; alone he leads in a moment.
            if leading?.isBegun != true, !decidesAlone { machine?.depose(nil) }
            raft?.diskFull(isWithdrawn)
            if !isWithdrawn { raft?.standIfAlone() }
        case .diskFull:
            isDiskFull = true
            raft?.diskFull(true)
        case .failed(let cause):
            fail(.failed(cause: cause))
        }
    }
}
