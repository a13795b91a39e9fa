package import TandemCore

// What operators see of a node; the `tandem` program prints it.
extension API {
    package struct NodeStatus: Described, Equatable {
        package struct Partition: Described, Equatable {
            package var partition: UInt16
            package var phase: String
            package var time: Timestamp
            package var committed: UInt64
            package var inFlight: Int
            package var tenants: Int
            package var queues: Int
            package var agents: Int
            package var conversationsInMemory: Int
            package var waiting: Int
            package var timers: Int
            /// Who follows what is committed here: live sessions, and every token that is kept at hand.
            package var subscriptions: Int
            package var quarantined: Int
            package var trouble: String?
            package init(
                partition: UInt16, phase: String, time: Timestamp, committed: UInt64, inFlight: Int, tenants: Int,
                queues: Int, agents: Int, conversationsInMemory: Int, waiting: Int, timers: Int, subscriptions: Int,
                quarantined: Int, trouble: String?
            ) {
                self.partition = partition
                self.phase = phase
                self.time = time
                self.committed = committed
                self.inFlight = inFlight
                self.tenants = tenants
                self.queues = queues
                self.agents = agents
                self.conversationsInMemory = conversationsInMemory
                self.waiting = waiting
                self.timers = timers
                self.subscriptions = subscriptions
                self.quarantined = quarantined
                self.trouble = trouble
            }
            package static var schemaName: String { "PartitionStatus" }
            package static let schemaDescription = "One partition of a node."
            package static let schema = Schema.object([
                .required("partition", .count),
                .required("phase", .string(min: 1, max: 32)),
                .required("time", .time, "Its journaled time."),
                .required("committed", .count, "The last entry that is durable."),
                .required("inFlight", .count, "Entries proposed and not yet committed."),
                .required("tenants", .count), .required("queues", .count), .required("agents", .count),
                .required("conversationsInMemory", .count),
                .required("waiting", .count, "Contacts that wait for an agent."),
                .required("timers", .count), .required("subscriptions", .count), .required("quarantined", .count),
                .optional("trouble", .text, "Why it takes no commands just now."),
            ])
        }

        package var version: String
        package var node: UInt32
        package var incarnation: UInt64
        package var startedAt: Timestamp
        package var time: Timestamp
        /// The contact centre's clock runs so many times as fast; absent: as it should.
        package var testClock: Int64?
        /// How long events of closed conversations are kept; 0: for ever.
        package var retentionDays: Int
        /// The backup that this node's directory is a copy of; absent: of none.
        package var restoredFrom: String?
        package var isReady: Bool
        package var isDraining: Bool
        package var connections: Int
        package var liveSessions: Int
        package var partitions: [Partition]

        package init(
            version: String, node: UInt32, incarnation: UInt64, startedAt: Timestamp, time: Timestamp,
            testClock: Int64?, retentionDays: Int, restoredFrom: String?, isReady: Bool, isDraining: Bool,
            connections: Int, liveSessions: Int,
            partitions: [Partition]
        ) {
            self.version = version
            self.node = node
            self.incarnation = incarnation
            self.startedAt = startedAt
            self.time = time
            self.testClock = testClock
            self.retentionDays = retentionDays
            self.restoredFrom = restoredFrom
            self.isReady = isReady
            self.isDraining = isDraining
            self.connections = connections
            self.liveSessions = liveSessions
            self.partitions = partitions
        }

        package static let schemaDescription = "A node as it stands."
        package static let schema = Schema.object([
            .required("version", .string(min: 1, max: 64)),
            .required("node", .count),
            .required("incarnation", .count, "How often it was started."),
            .required("startedAt", .time),
            .required("time", .time, "Its wall clock."),
            .optional("testClock", .count, "The contact centre's clock runs so many times as fast."),
            .required("retentionDays", .count, "How long events of closed conversations are kept; 0: for ever."),
            .optional("restoredFrom", .text, "The backup that its directory is a copy of."),
            .required("isReady", .boolean), .required("isDraining", .boolean),
            .required("connections", .count), .required("liveSessions", .count),
            .required("partitions", .array(.named(Partition.self), max: 1_024)),
        ])
    }

    /// One actor in memory.
    package struct ActorLine: Described, Equatable {
        package var actor: String
        package var kind: ActorKind
        package var partition: UInt16
        package var tenant: TenantID?
        package var state: String
        package var createdAt: Timestamp?
        package var bytes: Int
        package var timers: Int
        package var nextDeadline: Timestamp?
        package init(
            actor: String, kind: ActorKind, partition: UInt16, tenant: TenantID?, state: String,
            createdAt: Timestamp?, bytes: Int, timers: Int, nextDeadline: Timestamp?
        ) {
            self.actor = actor
            self.kind = kind
            self.partition = partition
            self.tenant = tenant
            self.state = state
            self.createdAt = createdAt
            self.bytes = bytes
            self.timers = timers
            self.nextDeadline = nextDeadline
        }
        package static let schemaDescription = "One actor in memory."
        package static let schema = Schema.object([
            .required("actor", .string(min: 1, max: 32)),
            .required("kind", .word(ActorKind.self)),
            .required("partition", .count),
            .optional("tenant", .id(TenantID.self)),
            .required("state", .string(min: 1, max: 64)),
            .optional("createdAt", .time),
            .required("bytes", .count, "The size of its record."),
            .required("timers", .count),
            .optional("nextDeadline", .time),
        ])
    }

    package struct TimerLine: Described, Equatable {
        package var actor: String
        package var kind: Deadline.Kind
        package var at: Timestamp
        package var contact: ContactID?
        package init(actor: ActorID, _ deadline: Deadline) {
            self.actor = actor.text
            kind = deadline.kind
            at = deadline.at
            contact = deadline.contact
        }
        package static let schemaDescription = "A point in time at which an actor wants a turn."
        package static let schema = Schema.object([
            .required("actor", .string(min: 1, max: 32)),
            .required("kind", .word(Deadline.Kind.self)),
            .required("at", .time),
            .optional("contact", .id(ContactID.self)),
        ])
    }

    /// One actor whole: what it is, what it waits for, what happened last, what stands above it.
    package struct ActorDetail: Described {
        package var actor: String
        package var kind: ActorKind
        package var partition: UInt16
        package var parent: String
        package var isInMemory: Bool
        package var timers: [TimerLine]
        package static let schemaDescription = """
            One actor whole. `record` is its state as JSON, without anything people said; `events` are the last ones \
            that changed it.
            """
        package static let schema = Schema.object([
            .required("actor", .string(min: 1, max: 32)),
            .required("kind", .word(ActorKind.self)),
            .required("partition", .count),
            .required("parent", .string(min: 1, max: 64), "What supervises it."),
            .required("isInMemory", .boolean),
            .required("timers", .array(.named(TimerLine.self), max: 1_000)),
            .required("record", .anything),
            .required("events", .array(.named(JournalLine.self), max: 100)),
        ])
    }
}
