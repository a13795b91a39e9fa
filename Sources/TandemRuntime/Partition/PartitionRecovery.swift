package import TandemCore
internal import TandemConsensus
internal import TandemJournal
internal import TandemReadModel
package import TandemWire

// From files to a leading partition: records as stored, then every entry since, then what is derived.

extension Partition {
    /// What recovery found; shown at the start.
    package struct Recovered: Sendable {
        package var records = 0
        package var entries = 0
        package var last: UInt64 = 0
    }

    /// Reads the stored records and applies the journal behind them; on the executor, before anything else.
    ///
    /// - Throws: `NodeError` when an entry or a record is damaged: it is reported, never skipped.
    ///
    /// What the journal has beyond the read model may not be committed: it comes from the group.
    ///
    /// - Parameter last: where the journal ends; a damaged one may end before what the store has, and the group gives the
    ///   rest again.
    package func recover(from store: any StateSource, upTo last: UInt64 = .max) throws(NodeError) -> Recovered {
        precondition(phase == .made, "a partition recovers once")
        var found = Recovered()
        let meta = store.meta
        minter = IDMinter(partition: number, last: meta.minted)
        timeLast = meta.time
        term = meta.appliedTerm
        format = meta.format
        following.stored = meta.applied
        do throws(StateError) {
            try store.forEachOpenRecord { record in
                roster.put(record)
                found.records += 1
            }
        } catch {
            throw .store(partition: number, what: error.what)
        }
        try restoreCommands(store)
        try replay(from: meta.recordsApplied + 1, to: min(meta.applied, last), store, &found)
        proposed = committed
        found.last = committed
        readQuarantine()
        services.routingIsDerived = true
        phase = .following
        return found
    }

    /// Applies the entries between the records and the read model, in order.
    private func replay(
        from first: UInt64, to last: UInt64, _ store: any StateSource, _ found: inout Recovered
    ) throws(NodeError) {
        committed = first - 1
        while committed < last {
            let entries: [JournalEntry]
            do throws(JournalError) {
                entries = try log.read(partition: number, from: committed + 1, maximumBytes: 4 << 20)
            } catch {
                throw .damagedEntry(partition: number, index: committed + 1, what: "\(error)")
            }
            guard !entries.isEmpty else {
                throw .damagedEntry(partition: number, index: committed + 1, what: "it is missing")
            }
            for journaled in entries where journaled.index <= last {
                let entry: Entry
                do throws(WireError) {
                    entry = try self.entry(journaled)
                } catch {
                    if case .unknownVersion(let format) = error {
                        throw .newerEntry(journaled.index, of: number, format: format)
                    }
                    throw .damagedEntry(partition: number, index: journaled.index, what: "\(error)")
                }
                try load(for: entry, store)
                apply(entry, at: journaled.index)
                found.entries += 1
            }
        }
    }

    /// A journaled entry as the turn it holds.
    func entry(_ journaled: JournalEntry) throws(WireError) -> Entry {
        switch try LogEntry.Content(journaled: journaled.bytes) {
        case .command(let bytes): try EntryCodec.decode(bytes)
        case .opening, .membership: noTurn
        }
    }

    private func load(for entry: Entry, _ store: any StateSource) throws(NodeError) {
        var failure: NodeError?
        for event in entry.events {
            event.forEachConcerned { actor in
                guard failure == nil, !roster.contains(actor), !minter.isNew(actor.raw) else { return }
                do throws(StateError) {
                    if let record = try store.load(actor) { roster.put(record) }
                } catch {
                    failure = .damagedRecord(actor, what: error.what)
                }
            }
        }
        if let failure { throw failure }
    }

    /// What every replica does with a committed entry, once all it concerns is in memory.
    func apply(_ entry: Entry, at index: UInt64) {
        for event in entry.events {
            event.forEachConcerned { actor in
                encodeIfDue(actor)
                _ = roster.apply(event, to: actor, at: entry.time)
                markDirty(actor)
            }
        }
        minter = IDMinter(partition: number, last: max(minter.last, entry.minted))
        timeLast = max(timeLast, entry.time)
        format = max(format, entry.format)
        table.expire(before: entry.time)
        if let key = entry.key, let answer = entry.answer {
            switch table.look(key) {
            case .unknown, .forgotten: table.remember(key, answer: answer, at: entry.time, index: index)
            case .done, .reused: break
            }
        }
        committed = index
    }

    /// Commands that the store knows of, oldest first; what the journal has beyond them follows.
    private func restoreCommands(_ store: any StateSource) throws(NodeError) {
        do throws(StateError) {
            let since = timeLast + (Milliseconds.zero - CommandTable.horizon)
            try store.forEachCommand(since: since) { key, answer, time, index in
                table.remember(key, answer: answer, at: time, index: index)
            }
        } catch {
            throw .store(partition: number, what: error.what)
        }
    }

    /// Begins to lead: time goes on, timers and routing are derived, sessions of lives that are over are ended.
    func lead(term: UInt64, opening: UInt64) {
        precondition(committed == opening && inflight.isEmpty, "who leads has applied everything before")
        guard phase == .following, services.givenUp == nil else { return }
        phase = .leading
        self.term = term
        proposed = opening
        journalTrouble = nil
        time.begin(term: term, last: timeLast, clock: clock)
        flush.began = clock.monotonic()
        services.begin()
        if !services.routingIsDerived { rebuildRouter() }
        // Entries that were followed may have changed it.
        readQuarantine()
        rebuildTimers()
        quarantineTrapped()
        endStaleSessions()
        scheduleRouting()
        roster.policies.want()
        schedulePolicies()
        armWake()
        leadEffects()
        // Once in each leadership, whatever was marked before.
        marks.isWanted = true
        scheduleMark()
    }

    /// Agents whose sessions belong to a node that is gone, or to a life of one that is over, get their grace time from
    /// now.
    func endStaleSessions() {
        for raw in roster.agents.keys.sorted() {
            guard let agent = roster.agent(AgentID(raw: raw)) else { continue }
            for session in agent.sessions
            where isOver(session) {
                runTurn(Input(.command(.agent(agent.id, .loseSession(session)), nil)))
            }
        }
    }

    private func isOver(_ session: SessionID) -> Bool {
        guard session.node != configuration.node else { return session.incarnation != configuration.incarnation }
        return switch configuration.presence?.standing(of: session.node) {
        case .here(let incarnation): session.incarnation != incarnation
        case .unsure: false
        case .gone, nil: true
        }
    }

    /// Takes no more inputs; `done` is called when everything proposed is committed and handed to the store.
    package func drain(done: @escaping @Sendable () -> Void) {
        guard phase == .leading || phase == .retiring else {
            phase = .stopped
            releaseAnswers()
            return done()
        }
        phase = .draining
        turnAwayParked()
        endEffects()
        afterCommit { [self] _ in
            phase = .stopped
            done()
        }
    }
}

/// What a partition recovers from.
package protocol StateSource {
    var meta: StateMeta { get }
    /// One record as it is stored; nil when there is none.
    func load(_ actor: ActorID) throws(StateError) -> Record?
    /// Records that are not dormant, as of `meta.recordsApplied`.
    func forEachOpenRecord(_ body: (Record) -> Void) throws(StateError)
    /// Commands carried out since a time, oldest first.
    func forEachCommand(
        since: Timestamp, _ body: (CommandKey, Answer, Timestamp, UInt64) -> Void) throws(StateError)
}

package struct StateMeta: Sendable {
    /// The entry up to which events are in the read model, and the one at which the records stand.
    package var applied: UInt64
    package var appliedTerm: UInt64
    package var recordsApplied: UInt64
    package var minted: UInt64
    package var time: Timestamp
    /// The newest format of the entries up to `applied`.
    package var format: UInt8

    package init(
        applied: UInt64 = 0, appliedTerm: UInt64 = 0, recordsApplied: UInt64 = 0, minted: UInt64 = 0,
        time: Timestamp = Timestamp(milliseconds: 0), format: UInt8 = WireVersion.oldest
    ) {
        self.applied = applied
        self.appliedTerm = appliedTerm
        self.recordsApplied = recordsApplied
        self.minted = minted
        self.time = time
        self.format = format
    }
}
