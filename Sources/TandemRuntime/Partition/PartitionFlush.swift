internal import TandemCore
internal import TandemReadModel
internal import TandemWire

// Changed records go to `state.sqlite` as they stood at one entry, without stopping the partition: at the start of a
// flush the changed actors are named; they are encoded a few at a time, and one that is about to change is encoded
// first. The set is handed over when the entry it stands at is committed.

struct Flush {
    /// Changed since the last flush began.
    var dirty: [ActorID] = []
    /// Named by the flush under way, not yet encoded.
    var due: [ActorID] = []
    var encoded: [ActorID: ChangedRecord] = [:]
    /// The entry at which the flush under way stands; nil: none is.
    var index: UInt64?
    var handedOver = false
    /// Monotonic nanoseconds of the last start.
    var began: UInt64 = 0

    /// What was dirty is due now.
    mutating func begin(at index: UInt64, _ now: UInt64) {
        began = now
        self.index = index
        handedOver = false
        swap(&due, &dirty)
    }

    /// Nothing of the flush under way is used; what it had named is changed still.
    mutating func drop() {
        dirty += encoded.keys.sorted()
        dirty += due
        due = []
        encoded = [:]
        index = nil
    }
}

extension Partition {
    /// Changed records after which a flush begins at once.
    private static let dirtyMax = 200_000
    private static let encodedAtOnce = 256

    func markDirty(_ actor: ActorID) {
        roster.withKeeping(actor) { keeping in
            if keeping.stored == .clean {
                keeping.stored = .dirty
                flush.dirty.append(actor)
            }
        }
    }

    /// A flush that stands at an entry that was taken back cannot be used: the next one must take its actors again.
    func dropUncommittedFlush() {
        guard let index = flush.index, index > committed, !flush.handedOver else { return }
        for actor in flush.encoded.keys.sorted() {
            roster.withKeeping(actor) { if $0.stored == .clean { $0.stored = .dirty } }
        }
        flush.drop()
    }

    /// Called before a record changes: while it is due, what it is now is what the flush wants.
    @inline(__always)
    func encodeIfDue(_ actor: ActorID) {
        guard flush.index != nil else { return }
        var due = false
        roster.withKeeping(actor) { due = $0.stored == .due }
        if due { encode(actor) }
    }

    private func encode(_ actor: ActorID) {
        guard let record = roster.record(actor) else { return }
        var dormant = false
        roster.withKeeping(actor) { keeping in
            guard keeping.stored == .due else { return }
            keeping.stored = .clean
            dormant = keeping.dormant
        }
        flush.encoded[actor] = ChangedRecord(
            actor: actor, bytes: RecordCodec.encode(record, in: format), isDormant: dormant)
    }

    func flushIfDue() {
        guard !flush.dirty.isEmpty else { return }
        let now = clock.monotonic()
        guard now &- flush.began >= configuration.flushInterval || flush.dirty.count >= Self.dirtyMax else { return }
        beginFlush(at: now)
    }

    /// Begins a flush at the last proposed entry, unless one is under way.
    func beginFlush(at now: UInt64) {
        guard flush.index == nil, phase == .leading || phase == .following else { return }
        flush.begin(at: proposed, now)
        for actor in flush.due { roster.withKeeping(actor) { if $0.stored == .dirty { $0.stored = .due } } }
        run { $0.encodeSome() }
    }

    private func encodeSome() {
        guard flush.index != nil, !flush.handedOver else { return }
        for _ in 0..<Self.encodedAtOnce {
            guard let actor = flush.due.popLast() else { break }
            var due = false
            roster.withKeeping(actor) { due = $0.stored == .due }
            if due { encode(actor) }
        }
        if flush.due.isEmpty { flushIfCommitted() } else { run { $0.encodeSome() } }
    }

    /// Hands the set over once it is whole and its entry is committed.
    func flushIfCommitted() {
        guard let index = flush.index, flush.due.isEmpty, !flush.handedOver, index <= committed else { return }
        flush.handedOver = true
        let records = flush.encoded.keys.sorted().compactMap { flush.encoded[$0] }
        flush.encoded = [:]
        counters.recordsFlushed += UInt64(records.count)
        let installs = installs
        state.flush(records, upTo: index, of: number) { [self] stored in
            run { if $0.installs == installs { $0.flushed(records.filter(\.isDormant).map(\.actor), stored) } }
        }
    }

    /// The store has them: what is dormant and has not changed since leaves memory.
    private func flushed(_ dormant: [ActorID], _ stored: Bool) {
        flush.index = nil
        guard stored else { return }
        for actor in dormant where parked[actor] == nil {
            var leaves = false
            roster.withKeeping(actor) { leaves = $0.dormant && $0.stored == .clean && $0.timer == .none }
            if leaves, isEvictable(actor.kind) {
                counters.evicted += 1
                roster.remove(actor)
            }
        }
    }

    /// Tenants, queues and agents are few and always needed.
    private func isEvictable(_ kind: ActorKind) -> Bool {
        switch kind {
        case .conversation, .customer, .credential, .delivery: true
        case .tenant, .queue, .agent, .quarantine: false
        }
    }
}
