import Foundation
import TandemConsensus
import TandemCore
import TandemJournal
import TandemReadModel
import TandemWire

@testable import TandemRuntime

/// A partition's real store in a directory, written on the test's own thread.
// Safe: a test has one thread.
final class DiskStore: StateKeeper, StoreOwner, @unchecked Sendable {
    private let directory: String
    private let partition: UInt16
    private var store: PartitionStore

    init(directory: String, partition: UInt16) throws {
        self.directory = directory
        self.partition = partition
        let folder = StateThread.folder(partition, in: directory)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        store = try PartitionStore(directory: folder, partition: partition)
    }

    var mark: StoreMark { store.mark }

    func close() { store.close() }

    /// The entry below which the journal may be cut.
    func checkpoint() throws -> UInt64 { try store.checkpoint() }

    func source() throws -> any StateSource { try StoreSource(store.mark, directory: folder(of: partition)) }

    // MARK: Keeping

    func append(_ entries: [CommittedEntry], of partition: UInt16) { check { try store.append(entries) } }

    func flush(
        _ records: [ChangedRecord], upTo index: UInt64, of partition: UInt16, done: @escaping @Sendable (Bool) -> Void
    ) {
        check { try store.flushRecords(upTo: index, changed: records) }
        done(true)
    }

    func load(
        _ actor: ActorID, of partition: UInt16, done: @escaping @Sendable (Result<Record?, StateError>) -> Void
    ) {
        done(Result { () throws(StateError) in try stored(actor, of: partition).record })
    }

    func stored(_ actor: ActorID, of partition: UInt16) throws(StateError) -> StoredRecord {
        do {
            let reader = try StoreReader(directory: folder(of: partition))
            defer { reader.close() }
            return StoredRecord(record: try reader.load(actor), index: store.mark.recordsApplied)
        } catch {
            throw StateError("\(error)")
        }
    }

    func isBehind(_ partition: UInt16) -> Bool { false }

    private func check(_ body: () throws -> Void) {
        do {
            try body()
        } catch {
            preconditionFailure("the test's store: \(error)")
        }
    }

    // MARK: Replacing

    func folder(of partition: UInt16) -> String { StateThread.folder(partition, in: directory) }

    func exchange(
        _ partition: UInt16, _ replace: @escaping @Sendable () throws -> Void,
        trouble: @escaping @Sendable (any Error) -> Void, done: @escaping @Sendable () -> Void
    ) {
        store.close()
        do {
            try replace()
            store = try PartitionStore(directory: folder(of: partition), partition: partition)
            done()
        } catch {
            trouble(error)
        }
    }
}

extension PartitionStore {
    /// One batch alone.
    func append(_ batch: [CommittedEntry]) throws(StoreError) { try append([batch]) }
}
