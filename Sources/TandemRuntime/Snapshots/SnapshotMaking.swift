internal import Foundation
internal import TandemConsensus
internal import TandemJournal
internal import TandemReadModel

// Making: a copy of the store as it is at one moment, while it is written; then its records are brought up to its events,
// from the journal, so that all of it stands at one entry.

extension StoreSnapshots {
    /// On `maker`.
    func copy(of partition: UInt16) throws -> MadeSnapshot {
        let directory = makingFolder(partition)
        try? FileManager.default.removeItem(atPath: directory)
        try FileSystem.makeDirectory(folder)
        try FileSystem.makeDirectory(directory)
        let source = PartitionStore.path(in: owner.folder(of: partition))
        let bytes = (FileSystem.size(of: source) ?? 0) + (FileSystem.size(of: source + "-wal") ?? 0)
        try requireRoom(for: UInt64(bytes))
        let target = PartitionStore.path(in: directory)
        _ = try StoreBackup.make(of: owner.folder(of: partition), to: target) { _, _ in
            guard runs else { throw SnapshotTrouble.failed("the node stops") }
        }
        let mark = try StoreCompletion(log: log, executor: maker, journalBytes: limits.journalBytes)
            .complete(partition, in: directory)
        // With a log beside it, it would not be all there is.
        guard FileSystem.size(of: target + "-wal") == nil, let size = FileSystem.size(of: target) else {
            throw SnapshotTrouble.failed("\(target) is not whole")
        }
        let made = MadeSnapshot(
            point: LogPoint(index: mark.applied, term: Term(mark.appliedTerm)), size: UInt64(size),
            checksum: try SnapshotChecksum.ofFile(target))
        try FileSystem.rename(target, to: path(of: made, partition))
        try FileManager.default.removeItem(atPath: directory)
        return made
    }
}
