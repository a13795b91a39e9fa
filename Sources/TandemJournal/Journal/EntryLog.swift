/// Called once with the outcome of a write: success only when it is durable.
package typealias JournalCompletion = @Sendable (Result<Void, JournalError>) -> Void

/// Something to be made durable. What one write holds happens as a whole or not at all.
package enum JournalWrite: Sendable {
    /// Entries, each following the last of its partition; one write may hold several partitions'.
    case append([JournalEntry])
    /// A vote may be sent only after its completion: a vote that can be forgotten is not a vote.
    case hardState(partition: UInt16, HardState)
    /// Forgets the entries below an index, all of which must exist: from then on it is the first.
    case cut(partition: UInt16, below: UInt64)
    /// Takes back the entries from an index on, which must not have been cut.
    case truncate(partition: UInt16, from: UInt64)
    /// Begins the log anew behind a point that an installed state contains: all entries of the partition are
    /// forgotten, the next is `behind` + 1, and `term` is the term before it. The point may lie beyond the last entry
    /// or take back entries that were never agreed on, but must lie above what was cut (`.outOfRange`), which was
    /// applied here, and its term must not be lower (`.termFell`). Asking again for a beginning with nothing behind it
    /// changes nothing.
    case restart(partition: UInt16, behind: UInt64, term: UInt64)
    /// Forgets a damaged entry and all behind it, which will come back from others: of the log what is in front of `from`
    /// stays, and what is owed is written down. With `from` 0 what was cut is forgotten as well, so that the log begins at
    /// 1: there is no state to go with it any more. It ends the partition's problem. Refused where it is not known
    /// for certain what had been acknowledged. It takes a new segment: where there is no room for one it is refused as
    /// `.diskFull` or, after a while, `.busy`, and may be asked for again. What is submitted behind it for the same
    /// partition waits with it, all else does not.
    case forget(partition: UInt16, from: UInt64)
    /// All that was owed has come back.
    case settled(partition: UInt16)
    /// A fact about the node, such as its id; nil removes it.
    case meta(key: String, value: String?)

    /// It is written down in a segment of its own.
    var forgets: Bool {
        switch self {
        case .forget: true
        case .append, .hardState, .cut, .truncate, .restart, .settled, .meta: false
        }
    }

    /// It is about one of these partitions.
    func concerns(_ partitions: Set<UInt16>) -> Bool {
        switch self {
        case .append(let entries): entries.contains { partitions.contains($0.partition) }
        case .hardState(let partition, _), .cut(let partition, _), .truncate(let partition, _),
            .restart(let partition, _, _), .forget(let partition, _), .settled(let partition):
            partitions.contains(partition)
        case .meta: false
        }
    }

    /// Entries are what fills a disk; all else is bookkeeping, which a full disk must still take.
    var isBookkeeping: Bool {
        switch self {
        case .append: false
        case .hardState, .cut, .truncate, .restart, .forget, .settled, .meta: true
        }
    }
}

/// A log of entries that survives power cuts, as the runtime sees it; the journal is one, the simulator has another.
///
/// Writes are taken in the order in which they are submitted, from any thread, and answered in that order.
package protocol EntryLog: AnyObject, Sendable {
    /// Takes a write and calls `completion` when it is durable or has failed; the caller is not held up.
    ///
    /// The completion runs on the log's own thread: it should only hand over what it got. When a write fails, those
    /// submitted behind it for the same partition fail as well, with `.outOfOrder` if not for their own reasons.
    func submit(_ write: JournalWrite, completion: @escaping JournalCompletion)

    /// Somebody who shares its disk has found that full: entries are refused from now on, until there is room again.
    /// What is left belongs to those who have to keep up with what was acknowledged.
    func refuseUntilThereIsRoom()

    /// Durable entries of a partition from an index on, at least one if there is one, and as many more as fit in
    /// `maximumBytes`; empty beyond the last. Throws `.compacted` below the first, `.damaged` rather than skip one.
    func read(partition: UInt16, from index: UInt64, maximumBytes: Int) throws(JournalError) -> [JournalEntry]

    /// The first index that is kept; one more than the last when all are cut, 1 when there never was one.
    func firstIndex(_ partition: UInt16) -> UInt64
    /// The last durable index; 0 when there never was an entry.
    func lastIndex(_ partition: UInt16) -> UInt64
    /// The term of the entry at `lastIndex`, also when it has been cut; 0 when there never was one.
    func lastTerm(_ partition: UInt16) -> UInt64
    /// The term of the last entry that was cut; 0 when none was.
    func cutTerm(_ partition: UInt16) -> UInt64
    func hardState(_ partition: UInt16) -> HardState
    /// What has to come back from others; nil: nothing was lost.
    func owed(_ partition: UInt16) -> OwedStretch?
    /// A fact about the node that was written with `.meta`, once it is durable.
    func meta(_ key: String) -> String?
}
