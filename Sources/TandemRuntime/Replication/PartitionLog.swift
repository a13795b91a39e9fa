package import TandemConsensus
package import TandemJournal

/// What a partition's turns are written to: its part in the group, as the partition sees it.
package protocol PartitionLog: AnyObject, Sendable {
    /// Proposes entries of one leadership, each following the last. `completion` is called once for each of them, in
    /// their order and stretch by stretch: with success when they are committed and durable here. What is under way when
    /// leadership is lost is not answered any more: the partition hears of that by `Replicated.depose`.
    func append(_ entries: [JournalEntry], completion: @escaping AppendCompletion)

    /// There is no other voter, and never was: whoever leads here does so for certain.
    var decidesAlone: Bool { get }

    /// Who leads, as far as is known here.
    var leader: NodeID? { get }

    /// Says whether this node led when it was asked: what it decided from is what is committed, or its own.
    func confirmLeadership(_ done: @escaping @Sendable (Bool) -> Void)

    /// Asks up to which entry a read has to wait to have seen everything committed so far; nil: nobody who leads could be
    /// asked.
    func readIndex(_ done: @escaping @Sendable (UInt64?) -> Void)

    /// The partition takes part no more in this life of the node: it neither leads nor follows.
    func withdraw()

    /// Durable entries from an index on, as `EntryLog.read`.
    func read(partition: UInt16, from index: UInt64, maximumBytes: Int) throws(JournalError) -> [JournalEntry]
}

/// A stretch of a batch, and what became of it.
package typealias AppendCompletion = @Sendable (ClosedRange<UInt64>, Result<Void, NotCommitted>) -> Void

/// Why entries were not committed.
package enum NotCommitted: Error, Sendable, Equatable {
    /// Too much waits already; nothing was done.
    case busy
    /// This node does not lead, or is about to hand over; nothing was done.
    case notLeading
    /// There is no room; nothing was done.
    case diskFull
    /// The journal failed: only its next opening says whether they are in it.
    case failed
}

/// What is replicated, as its replica sees it. All of it is called from any thread, returns at once, and is carried out
/// in the order of the calls.
package protocol Replicated: AnyObject, Sendable {
    /// Applies committed entries of other leaderships, then says up to which.
    func follow(_ entries: [FollowedEntry], done: @escaping @Sendable (UInt64) -> Void)
    /// Leads from now on: everything up to `opening` was handed over before, and what it proposes follows that.
    func lead(term: UInt64, after opening: UInt64)
    /// Leads no longer: what is proposed and not answered is undone, its askers are told that nobody knows.
    func depose(_ trouble: Unavailable?)
    /// Proposes nothing new, and says when all that it has proposed is settled: from then on it follows, until it is told
    /// to lead or is deposed.
    func retire(_ done: @escaping @Sendable () -> Void)
    /// Forgets its state and is what another node's was: its store was replaced already. `done` is called when it can
    /// follow what comes behind; never when it takes part no more.
    func install(_ image: StateImage, done: @escaping @Sendable () -> Void)
}

/// A committed entry as a follower gets it.
package struct FollowedEntry: Sendable {
    package let index: UInt64
    package let term: UInt64
    /// A turn's entry; nil for one that is no turn.
    package let bytes: [UInt8]?
    /// It was made in an earlier leadership, and nobody knows how long ago: who leads now has committed it with its own.
    package let isLate: Bool

    package init(index: UInt64, term: UInt64, bytes: [UInt8]?, isLate: Bool = false) {
        self.index = index
        self.term = term
        self.bytes = bytes
        self.isLate = isLate
    }
}
