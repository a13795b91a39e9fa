package import TandemCore
package import TandemReadModel
package import TandemWire

/// Keeps what partitions have committed in their `state.sqlite`, off their executors.
///
/// Calls return at once; what is handed over is kept in its order per partition. A simulator hands in another.
package protocol StateKeeper: Sendable {
    /// Events of committed entries; they are in the read model at most a second later.
    func append(_ entries: [CommittedEntry], of partition: UInt16)
    /// Records as they stood at entry `index`; `done` says whether the store has them.
    func flush(
        _ records: [ChangedRecord], upTo index: UInt64, of partition: UInt16, done: @escaping @Sendable (Bool) -> Void)
    /// Brings an actor's record back; nil when there never was one.
    func load(
        _ actor: ActorID, of partition: UInt16, done: @escaping @Sendable (Result<Record?, StateError>) -> Void)
    /// One record as it is stored and the entry at which it stands, both of one moment; on the caller's thread, for the
    /// rare times when an actor is rebuilt.
    func stored(_ actor: ActorID, of partition: UInt16) throws(StateError) -> StoredRecord
    /// So much waits to be kept that the partition should take no more.
    func isBehind(_ partition: UInt16) -> Bool
}

/// A record in the store; nil when it was never written.
package struct StoredRecord: Sendable {
    package let record: Record?
    package let index: UInt64

    package init(record: Record?, index: UInt64) {
        self.record = record
        self.index = index
    }
}

/// The store could not answer.
package struct StateError: Error, Sendable, CustomStringConvertible {
    package let what: String
    package init(_ what: String) { self.what = what }
    package var description: String { what }
}
