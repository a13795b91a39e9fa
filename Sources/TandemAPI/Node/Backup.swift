package import TandemCore

extension API {
    /// A whole copy of a node, made while it worked.
    package struct Backup: Described, Equatable {
        package struct Partition: Described, Equatable {
            package var partition: UInt16
            package var applied: UInt64
            package var recordsApplied: UInt64
            package var journalFirst: UInt64
            package var journalLast: UInt64
            package init(
                partition: UInt16, applied: UInt64, recordsApplied: UInt64, journalFirst: UInt64, journalLast: UInt64
            ) {
                self.partition = partition
                self.applied = applied
                self.recordsApplied = recordsApplied
                self.journalFirst = journalFirst
                self.journalLast = journalLast
            }
            package static var schemaName: String { "PartitionBackup" }
            package static let schemaDescription = "What a backup holds of one partition."
            package static let schema = Schema.object([
                .required("partition", .count),
                .required("applied", .count, "The last entry in the copied store."),
                .required("recordsApplied", .count, "The entry at which its records stand."),
                .required("journalFirst", .count), .required("journalLast", .count),
            ])
        }

        package var name: String
        package var path: String
        package var startedAt: Timestamp
        package var finishedAt: Timestamp
        package var files: Int
        package var bytes: Int
        package var partitions: [Partition]
        package init(
            name: String, path: String, startedAt: Timestamp, finishedAt: Timestamp, files: Int, bytes: Int,
            partitions: [Partition]
        ) {
            self.name = name
            self.path = path
            self.startedAt = startedAt
            self.finishedAt = finishedAt
            self.files = files
            self.bytes = bytes
            self.partitions = partitions
        }
        package static let schemaDescription = "A whole copy of a node, checked after it was written."
        package static let schema = Schema.object([
            .required("name", .string(min: 1, max: 64)),
            .required("path", .string(min: 1, max: 4_096), "On the node's machine."),
            .required("startedAt", .time, "What was acknowledged before is in it."),
            .required("finishedAt", .time),
            .required("files", .count), .required("bytes", .count),
            .required("partitions", .array(.named(Partition.self), max: 1_024)),
        ])
    }
}
