package import TandemConsensus
package import TandemJournal

/// Copies nothing: for groups in which nobody falls behind what is kept for him.
package final class NoSnapshots: SnapshotKeeper {
    package init() {}

    package func make(
        of partition: UInt16, found: @escaping @Sendable (JournalFinding) -> Void,
        done: @escaping @Sendable (MadeSnapshot?) -> Void
    ) { done(nil) }
    package func read(
        _ snapshot: Snapshot, of partition: UInt16, offset: UInt64, maximumBytes: Int,
        done: @escaping @Sendable (SnapshotPart?) -> Void
    ) { done(nil) }
    package func drop(of partition: UInt16) {}
    package func partial(of partition: UInt16) -> PartialSnapshot? { nil }
    package func store(_ part: SnapshotPart, of partition: UInt16, done: @escaping @Sendable (UInt64) -> Void) {
        done(0)
    }
    package func install(_ snapshot: Snapshot, of partition: UInt16, done: @escaping @Sendable (StateImage?) -> Void) {
        done(nil)
    }
    package func discardArriving(of partition: UInt16, upTo index: LogIndex) {}
}
