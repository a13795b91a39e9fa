// Who belongs to a cluster, and what changes it.
extension API {
    /// The cluster as all its nodes have agreed on.
    package struct Cluster: Described, Equatable {
        package struct Member: Described, Equatable {
            package var node: UInt32
            package var generation: UInt32
            package var disk: String?
            package var address: String
            package var role: String
            package var formatMin: UInt8
            package var formatMax: UInt8

            package init(
                node: UInt32, generation: UInt32, disk: String?, address: String, role: String, formatMin: UInt8,
                formatMax: UInt8
            ) {
                self.node = node
                self.generation = generation
                self.disk = disk
                self.address = address
                self.role = role
                self.formatMin = formatMin
                self.formatMax = formatMax
            }

            package static var schemaName: String { "ClusterMember" }
            package static let schemaDescription = "A node of the cluster, or one that was removed from it."
            package static let schema = Schema.object([
                .required("node", .count),
                .required("generation", .count, "Rises when it comes back with another disk."),
                .optional(
                    "disk", .string(min: 16, max: 16),
                    "What its disk is told apart by: to who may change members; absent: not known yet."),
                .required("address", .string(max: 128), "Where the other nodes reach it; empty: nowhere."),
                .required("role", .word(["joining", "serving", "draining", "removed"])),
                .required("formatMin", .count, "The oldest format of entries that it reads."),
                .required("formatMax", .count, "The newest one."),
            ])
        }

        package var cluster: String
        package var name: String
        package var format: UInt8
        package var replicas: UInt8
        package var partitions: Int
        package var testClock: Int64?
        package var testClockSince: Int64?
        package var nodes: [Member]

        package init(
            cluster: String, name: String, format: UInt8, replicas: UInt8, partitions: Int, testClock: Int64?,
            testClockSince: Int64?, nodes: [Member]
        ) {
            self.cluster = cluster
            self.name = name
            self.format = format
            self.replicas = replicas
            self.partitions = partitions
            self.testClock = testClock
            self.testClockSince = testClockSince
            self.nodes = nodes
        }

        package static let schemaDescription = "The cluster as its nodes have agreed on."
        package static let schema = Schema.object([
            .required("cluster", .string(min: 32, max: 32), "What all its nodes share and no other cluster has."),
            .required("name", .text),
            .required("format", .count, "The newest format of entries that every node reads."),
            .required(
                "replicas", ReplicaCount.numbers,
                "How many nodes vote for each partition; more hold copies, and get a vote when one is free."),
            .required("partitions", .count, "Fixed for the life of the cluster."),
            .optional("testClock", .count, "The contact centre's clock runs so many times as fast."),
            .optional("testClockSince", .integer(Int64.min...Int64.max), "Since then, in milliseconds since 1970."),
            .required("nodes", .array(.named(Member.self), max: 256)),
        ])
    }

    /// A node that is to belong to the cluster.
    package struct NodeAddition: Described, Equatable {
        package var node: UInt32
        package var address: String
        package var disk: String?
        package var formatMin: UInt8?
        package var formatMax: UInt8?

        package init(node: UInt32, address: String, disk: String?, formatMin: UInt8?, formatMax: UInt8?) {
            self.node = node
            self.address = address
            self.disk = disk
            self.formatMin = formatMin
            self.formatMax = formatMax
        }

        package static let schemaDescription = "A node that is to belong to the cluster."
        package static let schema = Schema.object([
            .required("node", .integer(1...65_535)),
            .required(
                "address", .string(min: 3, max: 128),
                "Where the other nodes reach it, as numbers: `10.0.0.4:7500` or `[fd00::4]:7500`."),
            .optional(
                "disk", .string(min: 16, max: 16),
                "What its disk is told apart by, in hexadecimal digits; left out: whichever comes first."),
            .optional("formatMin", .integer(1...255), "The oldest format of entries that it reads; with `formatMax`."),
            .optional("formatMax", .integer(1...255), "The newest one; left out: as the node that is asked."),
        ])
    }

    /// How many nodes vote for each partition.
    package struct ReplicaCount: Described, Equatable {
        package enum Count: UInt8, Codable, CaseIterable, Sendable {
            case three = 3
            case five = 5
        }

        package var replicas: Count

        static let numbers = Schema.choice(Count.allCases.map { Int64($0.rawValue) })

        package static let schemaDescription = "How many nodes vote for each partition."
        package static let schema = Schema.object([
            .required("replicas", numbers, "3 survive the loss of one, 5 of two; no other number does.")
        ])
    }

    /// Whom a partition is handed to.
    package struct LeaderTransfer: Described, Equatable {
        package var to: UInt32

        package static let schemaDescription = "Whom a partition's leadership is handed to."
        package static let schema = Schema.object([.required("to", .integer(1...65_535), "The node.")])
    }
}
