internal import TandemConsensus
internal import TandemCore
internal import TandemJournal
internal import TandemReadModel
internal import TandemRuntime
internal import TandemWire

/// Looking at a member after each of its steps, and at all of them in the end.
extension PartitionSimulation {
    func observe(_ member: Member) throws(Broken) {
        guard let process = member.process, let standing = member.standing else { return }
        if let trouble = standing.trouble { throw Broken(.invariant, "\(member.id) has given up: \(trouble)") }
        if standing.counters.invariantsBroken > 0 {
            throw Broken(.invariant, "a machine of \(member.id) found its own invariant broken")
        }
        note(standing.counters, of: member)
        guard let status = member.status else { return }
        if status.isForgetful { throw Broken(.durability, "\(member.id) acknowledged what it no longer holds") }
        try checkCommit(status, of: member)
        if case .leader = status.standing { try checkLeader(status, of: member) }
        member.seen.membership = status.membership
        guard process.executor.isIdle, standing.isCaughtUp else { return }
        // What the replica says has arrived: they agree on who leads.
        if standing.phase == .leading || standing.phase == .retiring {
            guard case .leader = status.standing, status.ballot.term.value == standing.term else {
                throw Broken(
                    .electionSafety,
                    "the partition of \(member.id) leads term \(standing.term), its replica is in \(status.ballot.term)"
                )
            }
        } else if standing.committed > 0, standing.committed <= ledger.last,
            standing.committed >= member.store.meta.applied
        {
            // Behind its own store, as after damage, it knows of later identifiers already.
            let entry = ledger.entries[Int(standing.committed) - 1]
            guard standing.minted == entry.minted, standing.timeLast == entry.time else {
                throw Broken(.equalDigests, "\(member.id) gives identifiers from elsewhere at \(standing.committed)")
            }
        }
        if standing.inFlight == 0, standing.committed % 8 == 0 { try compareDigest(of: member, at: standing.committed) }
    }

    /// Whoever has applied the same entry says the same of its state.
    private func compareDigest(of member: Member, at index: LogIndex) throws(Broken) {
        guard member.seen.digested != index, mutation != .doubledEvent, let partition = member.partition else { return }
        member.seen.digested = index
        let (digest, kept) = partition.assumeIsolated { ($0.stateDigest(), $0.keptDigest) }
        guard digest.index == index else {
            throw Broken(.invariant, "\(member.id) has the digest of \(digest.index) at \(index)")
        }
        guard kept == nil || kept == digest else {
            throw Broken(.equalDigests, "what \(member.id) keeps of its records at \(index) is not what they come to")
        }
        coverage[.digests] += 1
        try checker.compare(digest.hash.high ^ digest.hash.low, at: index, of: member.id)
    }

    /// A member has applied a mark: it has what the leader had, or has only begun to count.
    func seen(_ mark: SeenMark, by id: NodeID) throws(Broken) {
        coverage[.marks] += 1
        guard mark.mark.node != id.node, let own = mark.own else { return }
        coverage[.marksCompared] += 1
        guard own == mark.mark.hash else {
            throw Broken(.equalDigests, "\(id) differs from node \(mark.mark.node) at mark \(mark.index)")
        }
    }

    private func note(_ counters: Counters, of member: Member) {
        let before = member.seen.counters
        coverage[.turns] += Int(counters.turns - (before?.turns ?? 0))
        coverage[.offers] += Int(counters.offers - (before?.offers ?? 0))
        coverage[.timersFired] += Int(counters.timersFired - (before?.timersFired ?? 0))
        coverage[.deliveriesDone] += Int(counters.deliveriesDone - (before?.deliveriesDone ?? 0))
        coverage[.deliveriesDead] += Int(counters.deliveriesDead - (before?.deliveriesDead ?? 0))
        coverage[.evictions] += Int(counters.evicted - (before?.evicted ?? 0))
        coverage[.recordsFlushed] += Int(counters.recordsFlushed - (before?.recordsFlushed ?? 0))
        member.seen.counters = counters
    }

    // MARK: Raft

    /// What Raft finds unusual, and what of that cannot be.
    func judge(_ alarm: RaftAlarm, of id: NodeID) throws(Broken) {
        switch alarm {
        case .forgotAcknowledged: throw Broken(.durability, "\(id): \(alarm)")
        case .contradicted: throw Broken(.stateMachineSafety, "\(id): \(alarm)")
        case .secondLeader: throw Broken(.electionSafety, "\(id): \(alarm)")
        case .diskStalled: coverage[.stalledDisks] += 1
        case .diskFull, .removed: break
        }
    }

    private func checkCommit(_ status: RaftStatus, of member: Member) throws(Broken) {
        var index = max(member.seen.commit, status.origin.index)
        member.seen.commit = max(index, status.commit)
        while index < status.commit {
            index += 1
            guard let term = member.journal.term(at: index) else {
                throw Broken(.invariant, "\(member.id) has committed \(index) and does not hold it")
            }
            let point = LogPoint(index: index, term: term)
            try checkCommit(point, of: member)
        }
    }

    /// Somebody says that an entry is committed: it is what others say, or a majority has it on disk.
    private func checkCommit(_ point: LogPoint, of member: Member) throws(Broken) {
        guard try checker.committed(point, by: member.id) else { return }
        coverage[.commits] += 1
        guard isDurable(point, for: member) else {
            throw Broken(.durability, "\(member.id) commits \(point), which no majority has on disk")
        }
    }

    private func checkLeader(_ status: RaftStatus, of member: Member) throws(Broken) {
        if status.ballot.term != member.seen.term {
            coverage[.leaders] += 1
            trace.note(
                now, "\(member.id) leads \(status.ballot.term) with \(status.last)", member.id.value,
                status.ballot.term.value)
            member.seen.term = status.ballot.term
            if let last = checker.committed.last, last < status.ballot.term, checker.commit > status.origin.index,
                member.journal.term(at: checker.commit) != last
            {
                throw Broken(
                    .leaderCompleteness, "\(member.id) leads \(status.ballot.term) without \(checker.commit)")
            }
        } else if status.last.index < member.seen.last.index {
            throw Broken(.appendOnly, "\(member.id) had \(member.seen.last) and now ends with \(status.last)")
        }
        member.seen.last = status.last
        try checker.led(member.id, in: status.ballot.term)
    }

    func wrote(_ entry: JournalEntry, after previous: Term, by member: Member) throws(Broken) {
        guard let content = try? LogEntry.Content(journaled: entry.bytes) else {
            throw Broken(.invariant, "\(member.id) writes an entry that nobody can read")
        }
        try checker.wrote(
            LogEntry(index: entry.index, term: Term(entry.term), content: content), after: previous, by: member.id)
        if case .command(let turn) = content, member.standing?.phase == .leading, member.standing?.term == entry.term,
            let time = try? EntryCodec.time(of: turn)
        {
            times.proposed(
                entry.index, TimeWatch.Reading(time: time, term: entry.term, moment: now, by: sight(of: member)))
        }
    }

    // MARK: State

    /// The partition of a member hands a committed entry over.
    func committed(_ entry: CommittedEntry, by member: Member) throws(Broken) {
        // What it applied before it took up another's state comes too late, and is in that.
        if entry.index <= member.snapshots.installed.index, entry.index <= member.seen.handedOver { return }
        guard entry.index == member.seen.handedOver + 1 else {
            throw Broken(.stateMachineSafety, "\(member.id) hands over \(entry.index) behind \(member.seen.handedOver)")
        }
        member.seen.handedOver = entry.index
        // Its Raft may have ended with a failed write before anybody looked at what it had committed.
        try checkCommit(LogPoint(index: entry.index, term: Term(entry.term)), of: member)
        // What is no turn tells no time.
        if case .follower(.some) = member.status?.standing, member.standing?.phase == .following,
            entry.entry.cause != .replication
        {
            member.seen.followed.insert(entry.term)
        }
        let fired = ledger.clocks.fired
        guard try ledger.take(entry, of: "\(member.id)") else { return }
        coverage[.slaTimers] += ledger.clocks.fired - fired
        try times.committed(entry)
        try outside.follow(entry, ledger.tenant)
        trace.note(
            now, "\(member.id) has committed \(entry.index): \(entry.entry.cause.name)", entry.index,
            UInt64(bitPattern: entry.entry.time.milliseconds), UInt64(entry.entry.events.count), entry.entry.minted)
        if entry.index % 16 == 0, let trouble = ledger.brokenPromise {
            throw Broken(.domainPromises, "\(trouble), at \(entry.index)")
        }
    }

    /// A member's records are what everybody's are at its entry: those in memory, and in the store those that left it.
    func compare(_ member: Member) throws(Broken) {
        guard mutation != .doubledEvent, let partition = member.partition, let standing = member.standing else {
            return
        }
        if standing.phase == .leading { try checkPromises(partition, member) }
        guard standing.inFlight == 0 else { return }
        var inMemory: Set<ActorID> = []
        var wrong: ActorID?
        partition.assumeIsolated { partition in
            partition.forEachRecord { record in
                inMemory.insert(record.actor)
                let known = ledger.digest(of: record.actor, at: standing.committed)
                if known == nil, record.isAbsent { return }
                if known != Fingerprint.of(RecordCodec.encode(record, in: WireVersion.current)) {
                    wrong = wrong ?? record.actor
                }
            }
        }
        for actor in ledger.sortedActors where wrong == nil && !inMemory.contains(actor) {
            guard let known = ledger.digest(of: actor, at: standing.committed) else { continue }
            let stored = (try? member.store.load(actor)) ?? nil
            let digest = stored.map { Fingerprint.of(RecordCodec.encode($0, in: WireVersion.current)) }
            if digest != known { wrong = actor }
        }
        coverage[.comparisons] += 1
        guard let wrong else { return }
        throw Broken(
            .equalDigests, "\(wrong.kind) \(wrong.raw) of \(member.id) at \(standing.committed) differs from others'")
    }

    /// Of what the leader decides from, turns under way included.
    private func checkPromises(_ partition: Partition, _ member: Member) throws(Broken) {
        let trouble = partition.assumeIsolated { partition -> String? in
            var (agents, conversations, queues): ([Agent], [Conversation], [QueueID]) = ([], [], [])
            partition.forEachRecord { record in
                switch record {
                case .agent(let agent): agents.append(agent)
                case .conversation(let conversation): conversations.append(conversation)
                case .queue(let queue): queues.append(queue.id)
                case .tenant, .customer, .credential, .quarantine, .delivery: break
                }
            }
            return Promises.broken(agents: agents, conversations: conversations, queues: queues) {
                partition.waiting(in: $0)
            }
        }
        if let trouble { throw Broken(.domainPromises, "\(trouble), on \(member.id)") }
    }

    // MARK: Rest

    /// Why the group is not at rest yet; nil: it is.
    var unrest: String? {
        guard let leader else { return "nobody leads" }
        guard checker.commit > quietCommit else { return "nothing new is committed" }
        guard clients.allSatisfy({ $0.answers > $0.answersBeforeQuiet || $0.place == 0 }) else {
            return "a client waits for an answer"
        }
        guard let settled = leader.status, settled.isMembershipCommitted, !settled.membership.isJoint else {
            return "who takes part is not settled"
        }
        for member in members where settled.membership.contains(member.id) {
            guard let standing = member.standing, let status = member.status else { return "\(member.id) does not run" }
            guard standing.committed == checker.commit, standing.inFlight == 0 else {
                return "\(member.id) has only applied \(standing.committed) of \(checker.commit)"
            }
            guard standing.phase == (member.id == leader.id ? .leading : .following) else {
                return "\(member.id) is \(standing.phase)"
            }
            guard status.ballot.term == settled.ballot.term else { return "\(member.id) is in another term" }
        }
        if let trouble = clockTrouble(of: leader) { return trouble }
        return overdue(leader) ?? overdueDelivery
    }

    /// A deadline that should have fired: what a fail-over delayed fires when there is a leader.
    private func overdue(_ leader: Member) -> String? {
        guard let partition = leader.partition else { return nil }
        return partition.assumeIsolated { partition in
            let now = partition.status().time
            var found: String?
            partition.forEachRecord { record in
                let next: Timestamp? =
                    switch record {
                    case .conversation(let record): record.nextDeadline
                    case .agent(let record): record.nextDeadline
                    case .delivery(let record): record.nextDeadline
                    case .tenant, .queue, .customer, .credential, .quarantine: nil
                    }
                if let next, now - next > .seconds(options.factor) { found = "a timer of \(record.actor) is overdue" }
            }
            return found
        }
    }

    func checkAtRest() throws(Broken) {
        for member in members {
            try compare(member)
            if let committed = member.standing?.committed { try compareDigest(of: member, at: committed) }
        }
        if let trouble = ledger.brokenPromise { throw Broken(.domainPromises, trouble) }
    }

    /// The running leader of the latest term.
    var leader: Member? {
        var found: (member: Member, term: Term)?
        for member in members where member.pausedUntil <= now {
            guard let status = member.status, case .leader = status.standing, member.standing?.phase == .leading else {
                continue
            }
            if let other = found, other.term > status.ballot.term { continue }
            found = (member, status.ballot.term)
        }
        return found?.member
    }
}
