internal import TandemCore
internal import TandemReadModel
internal import TandemWire

// What others lead: committed entries are applied as they come, so that a new leader is ready as soon as it is elected.

/// Committed entries on their way into the records.
struct Following {
    enum Step {
        case entry(FollowedEntry)
        /// Everything before it was applied: say so.
        case done(@Sendable (UInt64) -> Void)
        case lead(term: UInt64, opening: UInt64)
        case depose(Unavailable?)
        case retire(@Sendable () -> Void)
    }
    var steps = Ring<Step>()
    /// Actors on their way back from the store; what comes next waits for them.
    var awaited: Set<ActorID> = []
    /// Applied and not yet handed over.
    var applied: [CommittedEntry] = []
    /// The store had so much at the start: behind a damaged journal the partition hears of some of it again.
    var stored: UInt64 = 0
    /// Reads that wait for an entry.
    var reads: [(index: UInt64, release: (isolated Partition, Bool) -> Void)] = []
    /// The entry that could not be applied: this node follows no more in this life.
    var broken: NodeError?
}

extension Partition: Replicated {
    package nonisolated func follow(_ entries: [FollowedEntry], done: @escaping @Sendable (UInt64) -> Void) {
        run { partition in
            guard partition.following.broken == nil else { return done(partition.committed) }
            for entry in entries { partition.following.steps.append(.entry(entry)) }
            partition.following.steps.append(.done(done))
            partition.followOn()
        }
    }

    package nonisolated func lead(term: UInt64, after opening: UInt64) {
        run { partition in
            partition.following.steps.append(.lead(term: term, opening: opening))
            partition.followOn()
        }
    }

    package nonisolated func depose(_ trouble: Unavailable?) {
        run { partition in
            // Whoever was to lead after what still has to be applied does not.
            partition.following.steps.append(.depose(trouble))
            partition.deposed(trouble)
            partition.followOn()
        }
    }

    package nonisolated func retire(_ done: @escaping @Sendable () -> Void) {
        run { partition in
            partition.following.steps.append(.retire(done))
            partition.followOn()
        }
    }

    /// Applies what is there until an actor has to come back first.
    func followOn() {
        guard following.awaited.isEmpty, following.broken == nil else { return }
        while let step = following.steps.first {
            switch step {
            case .entry(let entry):
                do throws(NodeError) {
                    guard try follow(entry) else { return handOverFollowed() }
                } catch {
                    handOverFollowed()
                    return broke(error)
                }
            case .done(let done):
                handOverFollowed()
                done(committed)
            case .lead(let term, let opening):
                handOverFollowed()
                if !isDeposedLater { lead(term: term, opening: opening) }
            case .depose: break  // Done when it came.
            case .retire(let done): if !isDeposedLater { beginRetiring(done) }
            }
            _ = following.steps.popFirst()
        }
    }

    /// An entry cannot be applied: the partition takes part no more in this life, and says why.
    private func broke(_ error: NodeError) {
        guard following.broken == nil else { return }
        following.broken = error
        giveUp("it cannot follow: \(error)")
        giveUpReads()
        releaseAnswers()
        while let step = following.steps.popFirst() {
            if case .done(let done) = step { done(committed) }
        }
    }

    private var isDeposedLater: Bool {
        var found = false
        following.steps.forEach { if case .depose = $0 { found = true } }
        return found
    }

    /// Applies one entry; false when an actor it concerns has to come back first.
    private func follow(_ followed: FollowedEntry) throws(NodeError) -> Bool {
        guard followed.index > committed else { return true }
        guard followed.index == committed + 1 else {
            throw .damagedEntry(partition: number, index: committed + 1, what: "entry \(followed.index) came instead")
        }
        let entry: Entry
        do throws(WireError) {
            entry = try followed.bytes.map { bytes throws(WireError) in try EntryCodec.decode(bytes) } ?? noTurn
        } catch {
            if case .unknownVersion(let format) = error {
                throw .newerEntry(followed.index, of: number, format: format)
            }
            throw .damagedEntry(partition: number, index: followed.index, what: "\(error)")
        }
        guard bringBack(for: entry) else { return false }
        apply(entry, at: followed.index)
        noteMark(entry, at: followed.index, isOwn: false)
        if followed.bytes != nil, !followed.isLate { time.follow(entry.time, term: followed.term, clock) }
        // Another leadership than the one that its effects are of: nothing that was handed out is believed any more.
        if let own = effects.term, own != followed.term { endEffects() }
        term = followed.term
        proposed = committed
        following.applied.append(CommittedEntry(index: followed.index, term: followed.term, entry: entry))
        return true
    }

    /// The entry of what is no turn.
    var noTurn: Entry { Entry(format: format, time: timeLast, minted: minter.last, cause: .replication, events: []) }

    /// Whether all that an entry concerns is in memory; asks the store for what is not.
    private func bringBack(for entry: Entry) -> Bool {
        for event in entry.events {
            event.forEachConcerned { actor in
                // Identifiers rise: one above those given so far names an actor that this entry creates.
                if !roster.contains(actor), !minter.isNew(actor.raw) { following.awaited.insert(actor) }
            }
        }
        let installs = installs
        for actor in following.awaited.sorted() {
            state.load(actor, of: number) { [self] loaded in
                run { if $0.installs == installs { $0.cameBack(actor, loaded) } }
            }
        }
        return following.awaited.isEmpty
    }

    private func cameBack(_ actor: ActorID, _ loaded: Result<Record?, StateError>) {
        switch loaded {
        case .success(let record):
            if !roster.contains(actor) {
                if let record { roster.put(record) } else { roster.ensure(actor) }
            }
        case .failure(let error): broke(.damagedRecord(actor, what: error.what))
        }
        following.awaited.remove(actor)
        followOn()
    }

    /// Calls `body` once everything is applied that was committed anywhere when this was called; with false when nobody
    /// could say up to where that is.
    func afterReadIndex(_ body: @escaping @Sendable (isolated Partition, Bool) -> Void) {
        log.readIndex { [self] index in
            run { partition in
                guard let index, partition.services.distrust == nil else { return body(partition, false) }
                if index <= partition.committed { return body(partition, true) }
                guard partition.following.broken == nil else { return body(partition, false) }
                partition.following.reads.append((index, body))
            }
        }
    }

    /// Its state is not to be believed, for that reason; nil: it is. What waits for an entry is not answered from it.
    func distrust(_ reason: String?) {
        services.distrust = reason
        if reason != nil { giveUpReads() }
    }

    private func giveUpReads() {
        let reads = following.reads
        following.reads = []
        for read in reads { read.release(self, false) }
    }

    func releaseReads() {
        guard !following.reads.isEmpty else { return }
        let due = following.reads.filter { $0.index <= committed }
        following.reads.removeAll { $0.index <= committed }
        for read in due { read.release(self, true) }
    }

    /// The read model and the sessions get what was applied.
    private func handOverFollowed() {
        let applied = following.applied
        if !applied.isEmpty {
            following.applied = []
            // Who has subscribed since the start hears of those too that the store had before.
            let fresh = Array(applied.drop { $0.index <= following.stored })
            counters.entries += UInt64(fresh.count)
            if !fresh.isEmpty { state.append(fresh, of: number) }
            for entry in applied { publish(entry) }
            subscriptions.deliver()
        }
        releaseAnswers()
        releaseReads()
        flushIfCommitted()
        flushIfDue()
    }
}
