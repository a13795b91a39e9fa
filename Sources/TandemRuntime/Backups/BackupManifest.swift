internal import Foundation
internal import TandemReadModel

/// What a backup holds; beside it as `backup.json`.
package struct BackupManifest: Codable, Sendable, Equatable {
    package struct Partition: Codable, Sendable, Equatable {
        package let partition: UInt16
        /// The entries in the copied store: events, and records. What was acknowledged before the backup began is not
        /// behind `applied`, and all of it is committed.
        package let applied: UInt64
        package let recordsApplied: UInt64
        /// The entries in the copied journal: what the records lack, and perhaps some that were never committed.
        package let journalFirst: UInt64
        package let journalLast: UInt64
    }

    package struct File: Codable, Sendable, Equatable {
        /// Below the backup's directory.
        package let path: String
        package let bytes: Int
        package let sha256: String
    }

    /// The one that this build writes and restores. Backups of format 1 did not promise what `applied` does.
    package static let formatNow = 2
    static let file = "backup.json"

    package let format: Int
    package let name: String
    package let node: UInt32
    package let incarnation: UInt64
    /// Milliseconds since 1970, by the wall clock: everything acknowledged before the first is in the backup.
    package let startedAt: Int64
    package let finishedAt: Int64
    package let partitions: [Partition]
    package let files: [File]

    /// Where a partition's store lies below the backup's directory, as below a node's.
    static func store(of partition: UInt16) -> String {
        String(PartitionStore.path(in: StateThread.folder(partition, in: "")).dropFirst())
    }

    /// What a journal remembers the backup by.
    var label: String { Self.label(name, startedAt: startedAt) }

    static func label(_ name: String, startedAt: Int64) -> String {
        "\(name), made at \(Date(timeIntervalSince1970: Double(startedAt) / 1_000).formatted(.iso8601))"
    }
}
