package import TandemCore

extension API {
    /// One line of the supervision tree, with those beneath it.
    package struct TreeLine: Described, Equatable {
        package var name: String
        package var kind: String
        package var state: String
        package var restarts: UInt64
        package var lastReason: String?
        package var count: Int?
        package var children: [TreeLine]
        package init(
            name: String, kind: String, state: String, restarts: UInt64, lastReason: String?, count: Int?,
            children: [TreeLine]
        ) {
            self.name = name
            self.kind = kind
            self.state = state
            self.restarts = restarts
            self.lastReason = lastReason
            self.count = count
            self.children = children
        }
        package static let schemaDescription = "One line of the supervision tree, with those beneath it."
        package static let schema = Schema.object([
            .required("name", .string(min: 1, max: 64)),
            .required("kind", .string(min: 1, max: 32)),
            .required("state", .string(min: 1, max: 64)),
            .required("restarts", .count),
            .optional("lastReason", .text),
            .optional("count", .count, "Actors beneath that have no line of their own."),
            .required("children", .array(.named(TreeLine.self), max: 1_024)),
        ])
    }

    package struct MailboxLine: Described, Equatable {
        package var name: String
        package var waiting: Int
        package var handled: UInt64
        /// The longest the loop did not look at its sockets, in milliseconds.
        package var longest: Double
        package init(name: String, waiting: Int, handled: UInt64, longest: Double) {
            self.name = name
            self.waiting = waiting
            self.handled = handled
            self.longest = longest
        }
        package static let schemaDescription = "What waits for a loop or a partition to come to it."
        package static let schema = Schema.object([
            .required("name", .string(min: 1, max: 64)),
            .required("waiting", .count),
            .required("handled", .count),
            .required("longest", .number, "The longest batch since /metrics was last read, in milliseconds."),
        ])
    }

    /// An input that failed twice and is not run again by itself.
    package struct QuarantineLine: Described, Equatable {
        package var id: QuarantineID
        package var partition: UInt16
        package var since: Timestamp
        package var summary: String
        package var actor: String
        package var contact: ContactID?
        package var reason: String
        package var resolvedAt: Timestamp?
        package var resolvedBy: Party?
        package init(
            id: QuarantineID, since: Timestamp, _ input: QuarantinedInput, resolvedAt: Timestamp?, resolvedBy: Party?
        ) {
            self.id = id
            partition = id.partition
            self.since = since
            summary = input.summary
            actor = input.actor.text
            contact = input.contact
            reason = input.reason
            self.resolvedAt = resolvedAt
            self.resolvedBy = resolvedBy
        }
        package static let schemaDescription = "An input that failed twice and is not run again by itself."
        package static let schema = Schema.object([
            .required("id", .id(QuarantineID.self)),
            .required("partition", .count),
            .required("since", .time),
            .required("summary", .text, "The command or timer, without anything people said."),
            .required("actor", .string(min: 1, max: 32)),
            .optional("contact", .id(ContactID.self)),
            .required("reason", .text),
            .optional("resolvedAt", .time),
            .optional("resolvedBy", .party),
        ])
    }

    /// One committed event as operators see it: without anything people said.
    package struct JournalLine: Described, Equatable {
        package var partition: UInt16
        package var position: UInt64
        package var entry: UInt64
        package var time: Timestamp
        package var type: String
        package var actor: String
        package var tenant: TenantID?
        package var contact: ContactID?
        package init(
            partition: UInt16, position: UInt64, time: Timestamp, type: String, actor: String, tenant: TenantID?,
            contact: ContactID?
        ) {
            self.partition = partition
            self.position = position
            entry = position >> 10
            self.time = time
            self.type = type
            self.actor = actor
            self.tenant = tenant
            self.contact = contact
        }
        package static let schemaDescription = "One committed event, without anything people said."
        package static let schema = Schema.object([
            .required("partition", .count),
            .required("position", .count),
            .required("entry", .count, "The index of its entry."),
            .required("time", .time),
            .required("type", .string(min: 1, max: 64)),
            .required("actor", .string(min: 1, max: 32), "Who decided it."),
            .optional("tenant", .id(TenantID.self)),
            .optional("contact", .id(ContactID.self)),
        ])
    }

    /// What reading the whole journal again found.
    package struct JournalVerification: Described, Equatable {
        package struct Partition: Described, Equatable {
            package var partition: UInt16
            package var first: UInt64
            package var last: UInt64
            package var entries: UInt64
            package var problem: String?
            package init(partition: UInt16, first: UInt64, last: UInt64, entries: UInt64, problem: String?) {
                self.partition = partition
                self.first = first
                self.last = last
                self.entries = entries
                self.problem = problem
            }
            package static var schemaName: String { "PartitionVerification" }
            package static let schemaDescription = "One partition's entries, checked."
            package static let schema = Schema.object([
                .required("partition", .count), .required("first", .count), .required("last", .count),
                .required("entries", .count), .optional("problem", .text, "The first damage found, by index."),
            ])
        }
        package var isSound: Bool
        package var partitions: [Partition]
        package var findings: [String]
        package init(isSound: Bool, partitions: [Partition], findings: [String]) {
            self.isSound = isSound
            self.partitions = partitions
            self.findings = findings
        }
        package static let schemaDescription = "What reading the whole journal again found."
        package static let schema = Schema.object([
            .required("isSound", .boolean),
            .required("partitions", .array(.named(Partition.self), max: 1_024)),
            .required("findings", .array(.text, max: 1_024)),
        ])
    }
}
