internal import TandemConsensus
internal import TandemCore
internal import TandemJournal
internal import TandemRuntime
internal import TandemWire

/// A mistake that is built in: it stands between a partition and its replica, and falsifies what one says to the other.
// Safe: a run has one thread.
final class Liar: PartitionLog, Replicated, @unchecked Sendable {
    let mutation: Mutation
    private let replica: TandemRuntime.Replica
    private weak var partition: Partition?
    private var hasBoasted = false
    private var hasDoubled = false

    init(_ mutation: Mutation, _ replica: TandemRuntime.Replica) {
        self.mutation = mutation
        self.replica = replica
    }

    func stand(before partition: Partition) { self.partition = partition }

    // MARK: To the replica

    func append(_ entries: [JournalEntry], completion: @escaping AppendCompletion) {
        guard mutation == .repliedTooEarly, let first = entries.first, let last = entries.last else {
            return replica.append(entries, completion: completion)
        }
        replica.append(entries) { _, _ in }
        completion(first.index...last.index, .success(()))
    }

    var decidesAlone: Bool { replica.decidesAlone }
    var leader: NodeID? { replica.leader }

    func confirmLeadership(_ done: @escaping @Sendable (Bool) -> Void) {
        if mutation == .unconfirmedLeader { return done(true) }
        replica.confirmLeadership(done)
    }

    func readIndex(_ done: @escaping @Sendable (UInt64?) -> Void) {
        if mutation == .staleFollower { return done(0) }
        replica.readIndex(done)
    }

    func withdraw() { replica.withdraw() }

    func read(partition: UInt16, from index: UInt64, maximumBytes: Int) throws(JournalError) -> [JournalEntry] {
        try replica.read(partition: partition, from: index, maximumBytes: maximumBytes)
    }

    // MARK: To the partition

    func install(_ image: StateImage, done: @escaping @Sendable () -> Void) { partition?.install(image, done: done) }

    func follow(_ entries: [FollowedEntry], done: @escaping @Sendable (UInt64) -> Void) {
        partition?.follow(entries.map(falsified), done: done)
        if mutation == .doubledEvent { entries.forEach(double) }
        guard mutation == .leadingFollower, !hasBoasted, let last = entries.last, last.bytes != nil else { return }
        hasBoasted = true
        partition?.lead(term: last.term, after: last.index)
    }

    /// Applies one event once more to an agent or a queue, of those that stay.
    private func double(_ followed: FollowedEntry) {
        guard let bytes = followed.bytes, let entry = try? EntryCodec.decode(bytes) else { return }
        partition?.run { [self] partition in
            for event in entry.events where !hasDoubled {
                event.forEachConcerned { actor in
                    guard !hasDoubled, actor.kind == .agent || actor.kind == .queue,
                        let record = partition.record(actor)
                    else { return }
                    let doubled = record.applying(event, at: entry.time)
                    hasDoubled = doubled != record
                    if hasDoubled { partition.replace(doubled) }
                }
            }
        }
    }

    private func falsified(_ followed: FollowedEntry) -> FollowedEntry {
        guard mutation == .skippedMinter || mutation == .forgottenKey, let bytes = followed.bytes,
            var entry = try? EntryCodec.decode(bytes)
        else { return followed }
        if mutation == .skippedMinter { entry.minted = 0 } else { entry.key = nil }
        return FollowedEntry(
            index: followed.index, term: followed.term, bytes: try? EntryCodec.encode(entry), isLate: followed.isLate)
    }

    func lead(term: UInt64, after opening: UInt64) {
        // Whoever believed that he led has no business left when he does.
        if hasBoasted { partition?.depose(nil) }
        partition?.lead(term: term, after: opening)
    }

    func depose(_ trouble: Unavailable?) {
        if mutation != .ignoredDeposal { partition?.depose(trouble) }
    }

    func retire(_ done: @escaping @Sendable () -> Void) { partition?.retire(done) }
}
