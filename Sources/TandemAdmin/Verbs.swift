extension Verb.Option {
    static let limit = Verb.Option(name: "limit", field: "limit", help: "at most so many (100)")
    static let partition = Verb.Option(name: "partition", field: "partition", help: "only this partition")
    static let tenant = Verb.Option(name: "tenant", field: "tenant", help: "of this tenant, for who sees several")
    static let cursor = Verb.Option(name: "cursor", field: "cursor", help: "go on where the last page ended")
}

extension Verb {
    static let all: [Verb] =
        [
            Verb(
                "status", "how the node and its partitions are", .get, "/v1/node/status",
                .record(
                    [
                        Column("version", "version"), Column("node", "node"), Column("life", "incarnation"),
                        Column("started", "startedAt"), Column("time", "time"), Column("test clock", "testClock"),
                        Column("retention days", "retentionDays"), Column("restored from", "restoredFrom"),
                        Column("ready", "isReady"), Column("draining", "isDraining"),
                        Column("connections", "connections"),
                        Column("live sessions", "liveSessions"),
                    ],
                    lists: [
                        "partitions": [
                            Column("PARTITION", "partition"), Column("PHASE", "phase"),
                            Column("COMMITTED", "committed"),
                            Column("IN FLIGHT", "inFlight"), Column("TENANTS", "tenants"), Column("QUEUES", "queues"),
                            Column("AGENTS", "agents"), Column("CONVERSATIONS", "conversationsInMemory"),
                            Column("WAITING", "waiting"), Column("TIMERS", "timers"),
                            Column("SUBSCRIPTIONS", "subscriptions"),
                            Column("QUARANTINED", "quarantined"), Column("TROUBLE", "trouble"),
                        ]
                    ])),
            Verb(
                "nodes", "the nodes of the cluster, as the asked one has them", .get, "/v1/nodes",
                .table([
                    Column("NODE", "node"), Column("ASKED", "isSelf"), Column("STANDING", "standing"),
                    Column("LIFE", "incarnation"), Column("READS FORMAT", "formatMin"), Column("TO", "formatMax"),
                    Column("ALL WRITE", "format"), Column("LEADS", "leads"), Column("ADDRESS", "address"),
                    Column("CLOCK MS", "clockOffsetMilliseconds"), Column("CLOCK OFF", "isClockOff"),
                    Column("QUEUED BYTES", "queuedBytes"), Column("LAST LOSS", "lastLoss"),
                ])),
            Verb(
                "partitions", "who leads which partition, and how far the asked node has it", .get, "/v1/partitions",
                .record(
                    [Column("as node", "node")],
                    lists: [
                        "partitions": [
                            Column("PARTITION", "partition"), Column("LEADER", "leader"), Column("HERE", "phase"),
                            Column("TERM", "term"), Column("APPLIED", "applied"), Column("IN FLIGHT", "inFlight"),
                            Column("COMPARED", "compared"), Column("SERVED", "isServing"),
                            Column("TROUBLE", "trouble"),
                        ]
                    ])),
            Verb("tree", "the supervision tree, with restarts", .get, "/v1/node/tree", .tree),
            Verb(
                "actors", "the actors in memory", .get, "/v1/node/actors",
                options: [
                    Option(
                        name: "kind", field: "kind", help: "tenant, queue, agent, customer, conversation, credential"),
                    .tenant, .partition,
                    Option(name: "queue", field: "queue", help: "this queue, its agents and its conversations"),
                    Option(name: "state", field: "state", help: "a word of the state, such as available or queued"),
                    Option(
                        name: "sort", field: "sort", help: "id, age (oldest first), deadline or size (largest first)"),
                    .limit, .cursor,
                ],
                .table([
                    Column("ACTOR", "actor"), Column("KIND", "kind"), Column("PARTITION", "partition"),
                    Column("TENANT", "tenant"), Column("STATE", "state"), Column("CREATED", "createdAt"),
                    Column("BYTES", "bytes"), Column("TIMERS", "timers"), Column("NEXT DEADLINE", "nextDeadline"),
                ])),
            Verb(
                "actor show", arguments: ["actor"], "one actor: record, timers, last events, parent", .get,
                "/v1/node/actors/{actor}",
                .record(
                    [
                        Column("actor", "actor"), Column("kind", "kind"), Column("partition", "partition"),
                        Column("parent", "parent"), Column("in memory", "isInMemory"), Column("record", "record"),
                    ], lists: ["timers": timerColumns, "events": journalColumns])),
            Verb(
                "timers", "the next timers, earliest first", .get, "/v1/node/timers", options: [.partition, .limit],
                .table(timerColumns)),
            Verb(
                "mailboxes", "what waits for loops and partitions", .get, "/v1/node/mailboxes",
                .table([
                    Column("MAILBOX", "name"), Column("WAITING", "waiting"), Column("HANDLED", "handled"),
                    Column("LONGEST MS", "longest"),
                ])),
            Verb(
                "queues", "a tenant's queues", .get, "/v1/queues", options: [.tenant, .limit, .cursor],
                .table([
                    Column("QUEUE", "id"), Column("NAME", "settings.name"), Column("STRATEGY", "settings.strategy"),
                    Column("VERSION", "version"),
                ])),
            Verb(
                "queue show", arguments: ["queue"], "who waits in a queue, who serves it, and its figures", .get,
                "/v1/queues/{queue}/status",
                .record(
                    [
                        Column("queue", "queue"), Column("name", "name"), Column("waiting", "waiting"),
                        Column("oldest since", "oldestSince"), Column("agents logged in", "agentsLoggedIn"),
                        Column("agents available", "agentsAvailable"), Column("estimated wait", "estimatedWait"),
                        Column("offered", "recent.offered"), Column("answered", "recent.answered"),
                        Column("abandoned", "recent.abandoned"), Column("SL-A %", "recent.serviceLevels.SL-A"),
                        Column("SL-B %", "recent.serviceLevels.SL-B"), Column("SL-C %", "recent.serviceLevels.SL-C"),
                        Column("SL-D %", "recent.serviceLevels.SL-D"), Column("SL-E %", "recent.serviceLevels.SL-E"),
                    ], lists: [:])),
            Verb(
                "agents", "a tenant's agents and what they do", .get, "/v1/agents",
                options: [.tenant, .limit, .cursor],
                .table([
                    Column("AGENT", "id"), Column("NAME", "settings.name"), Column("PRESENCE", "presence"),
                    Column("SINCE", "presenceSince"), Column("CONTACTS", "assignments"), Column("HANDLED", "handled"),
                    Column("SESSIONS", "sessions"),
                ])),
            Verb(
                "conversations", "a tenant's conversations, newest first", .get, "/v1/conversations",
                options: [.tenant, .limit, .cursor],
                .table([
                    Column("CONVERSATION", "id"), Column("CUSTOMER", "customer"), Column("CHANNEL", "channel"),
                    Column("OPEN", "isOpen"), Column("OPENED", "openedAt"), Column("MESSAGES", "messages"),
                    Column("SUBJECT", "subject"),
                ])),
            Verb(
                "conversation show", arguments: ["conversation"], "a conversation's transcript", .get,
                "/v1/conversations/{conversation}/transcript", options: [.limit, .cursor],
                .table([
                    Column("#", "sequence"), Column("TIME", "time"), Column("AUTHOR", "author"), Column("TEXT", "text"),
                ])),
            Verb(
                "quarantine", "inputs that failed twice", .get, "/v1/node/quarantine",
                options: [
                    Option(name: "all", field: "all", help: "true: also those that were dealt with"), .partition,
                    .limit,
                    .cursor,
                ],
                .table([
                    Column("ID", "id"), Column("SINCE", "since"), Column("INPUT", "summary"), Column("ACTOR", "actor"),
                    Column("CONTACT", "contact"), Column("REASON", "reason"), Column("RESOLVED", "resolvedAt"),
                ])),
            Verb(
                "quarantine resolve", arguments: ["input"], "say that a quarantined input was dealt with", .post,
                "/v1/node/quarantine/{input}/resolve", .record([Column("resolved", "id")], lists: [:])),
            Verb(
                "journal verify", "read the whole journal again and check it", .post, "/v1/node/journal/verify",
                .record(
                    [Column("sound", "isSound"), Column("findings", "findings")],
                    lists: [
                        "partitions": [
                            Column("PARTITION", "partition"), Column("FIRST", "first"), Column("LAST", "last"),
                            Column("ENTRIES", "entries"), Column("PROBLEM", "problem"),
                        ], "findings": [Column("FINDING", "")],
                    ]), good: "isSound"),
            Verb(
                "journal tail", "the last events, without anything people said", .get, "/v1/node/journal/tail",
                options: [.partition, .limit], .table(journalColumns)),
            Verb(
                "backup", arguments: ["name"], "copy the whole node while it works, into backups/NAME in its directory",
                .post, "/v1/admin/backups/{name}",
                .record(
                    [
                        Column("backup", "name"), Column("path", "path"), Column("started", "startedAt"),
                        Column("finished", "finishedAt"), Column("files", "files"), Column("bytes", "bytes"),
                    ],
                    lists: [
                        "partitions": [
                            Column("PARTITION", "partition"), Column("EVENTS TO", "applied"),
                            Column("RECORDS TO", "recordsApplied"), Column("JOURNAL FROM", "journalFirst"),
                            Column("TO", "journalLast"),
                        ]
                    ])),
            Verb(
                "backups", "the backups on the node's machine", .get, "/v1/admin/backups",
                .table([
                    Column("BACKUP", "name"), Column("STARTED", "startedAt"), Column("FINISHED", "finishedAt"),
                    Column("FILES", "files"), Column("BYTES", "bytes"), Column("PATH", "path"),
                ])),
            Verb(
                "restore", arguments: ["backup"],
                "make a node of the backup in directory BACKUP, the first one of a new cluster, on this machine",
                by: "tandemd",
                options: [
                    Option(name: "directory", field: "", help: "the new node's, empty or not there; required"),
                    Option(name: "node", field: "", help: "its number (1)"),
                    Option(name: "cluster", field: "", help: "the new cluster's name"),
                ]),
            Verb(
                "token make", "make a bearer token; it is told once", .post, "/v1/credentials",
                options: [
                    Option(name: "role", field: "role", help: "administrator, operator, supervisor, agent or customer"),
                    Option(name: "label", field: "label", help: "what it is for"), .tenant,
                    Option(name: "agent", field: "agent", help: "the agent who carries it"),
                    Option(name: "customer", field: "customer", help: "the customer who carries it"),
                    Option(
                        name: "expires", field: "expiresAt",
                        help: "until when it is valid, such as 2030-01-31T00:00:00Z"),
                ], .token),
            Verb(
                "token list", "a tenant's tokens, without their secrets", .get, "/v1/credentials",
                options: [
                    .tenant, Option(name: "scope", field: "scope", help: "node: those above tenants"), .limit, .cursor,
                ],
                .table([
                    Column("CREDENTIAL", "id"), Column("ROLE", "role"), Column("LABEL", "label"),
                    Column("AGENT", "agent"),
                    Column("CUSTOMER", "customer"), Column("EXPIRES", "expiresAt"), Column("REVOKED", "revokedAt"),
                ])),
            Verb(
                "token revoke", arguments: ["credential"], "revoke a token, for good", .delete,
                "/v1/credentials/{credential}", .record([Column("revoked", "id")], lists: [:])),
        ] + members

    private static let timerColumns = [
        Column("AT", "at"), Column("KIND", "kind"), Column("ACTOR", "actor"), Column("CONTACT", "contact"),
    ]
    private static let journalColumns = [
        Column("TIME", "time"), Column("PARTITION", "partition"), Column("ENTRY", "entry"), Column("TYPE", "type"),
        Column("ACTOR", "actor"), Column("CONTACT", "contact"),
    ]
}
