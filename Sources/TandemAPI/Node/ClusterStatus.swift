// What operators see of a cluster, from one of its nodes.
extension API {
    /// The partitions as one node has them.
    package struct Partitions: Described, Equatable {
        package struct Line: Described, Equatable {
            package var partition: UInt16
            package var phase: String
            package var leader: UInt32?
            package var voters: [UInt32]
            package var learners: [UInt32]
            package var term: UInt64
            package var applied: UInt64
            package var inFlight: Int
            package var isServing: Bool
            package var digest: String?
            package var compared: UInt64
            package var trouble: String?

            package init(
                partition: UInt16, phase: String, leader: UInt32?, voters: [UInt32], learners: [UInt32], term: UInt64,
                applied: UInt64, inFlight: Int, isServing: Bool, digest: String?, compared: UInt64,
                trouble: String?
            ) {
                self.partition = partition
                self.phase = phase
                self.leader = leader
                self.voters = voters
                self.learners = learners
                self.term = term
                self.applied = applied
                self.inFlight = inFlight
                self.isServing = isServing
                self.digest = digest
                self.compared = compared
                self.trouble = trouble
            }

            package static var schemaName: String { "PartitionLine" }
            package static let schemaDescription = "One partition as this node has it."
            package static let schema = Schema.object([
                .required("partition", .count),
                .required("phase", .string(min: 1, max: 32), "`leading`, `following`, or what it is on the way there."),
                .optional("leader", .count, "The node that leads it; absent: none is known."),
                .required("voters", .array(.count, max: 16), "The nodes that decide in it, as far as this node knows."),
                .required("learners", .array(.count, max: 16), "Those that are sent everything and decide nothing."),
                .required("term", .count, "Of the leadership of its last entry."),
                .required("applied", .count, "The last committed entry that this node has applied."),
                .required("inFlight", .count, "Entries proposed here and not yet committed."),
                .required("isServing", .boolean, "This node takes its commands, or hands them to its leader."),
                .optional(
                    "digest", .string(min: 16, max: 16),
                    "What this node's records come to; absent: not asked for, or they are ahead of `applied`."),
                .required(
                    "compared", .count,
                    "The last entry at which this node's state was found to be the leader's; 0: none since it started."),
                .optional("trouble", .text, "Why this node does not lead it, or how its state differs from others'."),
            ])
        }

        package var node: UInt32
        package var partitions: [Line]

        package init(node: UInt32, partitions: [Line]) {
            self.node = node
            self.partitions = partitions
        }

        package static var schemaName: String { "Partitions" }
        package static let schemaDescription = "All partitions as one node has them."
        package static let schema = Schema.object([
            .required("node", .count, "Whose view it is."),
            .required("partitions", .array(.named(Line.self), max: 1_024)),
        ])
    }

    /// One node of a cluster as another has it.
    package struct NodeLine: Described, Equatable {
        package var node: UInt32
        package var isSelf: Bool
        package var standing: String
        package var role: String
        package var formatMin: UInt8
        package var formatMax: UInt8
        package var format: UInt8
        package var incarnation: UInt64?
        package var address: String?
        package var leads: Int
        package var queuedBytes: Int
        package var lastLoss: String?
        package var clockOffsetMilliseconds: Int64?
        package var isClockOff: Bool

        package init(
            node: UInt32, isSelf: Bool, standing: String, role: String, formatMin: UInt8, formatMax: UInt8,
            format: UInt8, incarnation: UInt64?, address: String?, leads: Int, queuedBytes: Int, lastLoss: String?,
            clockOffsetMilliseconds: Int64?, isClockOff: Bool
        ) {
            self.node = node
            self.isSelf = isSelf
            self.standing = standing
            self.role = role
            self.formatMin = formatMin
            self.formatMax = formatMax
            self.format = format
            self.incarnation = incarnation
            self.address = address
            self.leads = leads
            self.queuedBytes = queuedBytes
            self.lastLoss = lastLoss
            self.clockOffsetMilliseconds = clockOffsetMilliseconds
            self.isClockOff = isClockOff
        }

        package static var schemaName: String { "NodeLine" }
        package static let schemaDescription = "One node of the cluster, as the answering one has it."
        package static let schema = Schema.object([
            .required("node", .count), .required("isSelf", .boolean, "It is the one that answers."),
            .required("standing", .string(min: 1, max: 32), "`here`, `missing` for a moment, or `gone`."),
            .required("role", .word(["joining", "serving", "draining", "removed"]), "What it is in the cluster."),
            .required("formatMin", .count, "The oldest format of what nodes write that it reads."),
            .required("formatMax", .count, "The newest one."),
            .required("format", .count, "The one in which all nodes of the cluster write: each of them reads it."),
            .optional("incarnation", .count, "Its life, counted by its journal."),
            .optional("address", .text, "Where it is reached by this node."),
            .required("leads", .count, "Partitions that it leads, as far as this node knows."),
            .required("queuedBytes", .count, "What waits to be sent to it."),
            .optional("lastLoss", .text, "Why the connection to it broke last."),
            .optional(
                "clockOffsetMilliseconds", .integer(Int64.min...Int64.max),
                "How far its wall clock is ahead of the median of the cluster's, as this node sees them."),
            .required("isClockOff", .boolean, "Its clock is so far from the median that it is kept from leading."),
        ])
    }
}
