internal import TandemAPI
internal import TandemCore
internal import TandemReadModel
internal import TandemRuntime
internal import TandemTransport

// For operators: how the node stands, actor by actor.
extension Routes {
    static let node = [
        Route(
            .get, "/v1/node/status", .operateNode, "The node and its partitions.", reply: .json(API.NodeStatus.self)
        ) { call throws(Problem) in
            NodeSurvey(call.gateway.node) { call.answer(call.gateway.status($0)) }.run()
        },
        Route(
            .get, "/v1/node/tree", .operateNode, "The supervision tree, with restarts.", reply: .json(API.TreeLine.self)
        ) { call throws(Problem) in
            NodeSurvey(call.gateway.node) { call.answer(call.gateway.tree($0)) }.run()
        },
        Route(
            .get, "/v1/node/mailboxes", .operateNode, "What waits for loops and partitions.",
            reply: .page(API.MailboxLine.self)
        ) { call throws(Problem) in
            NodeSurvey(call.gateway.node) { call.answer(page: call.gateway.mailboxes($0), next: nil) }.run()
        },
        Route(
            .get, "/v1/node/actors", .operateNode, "The actors in memory.",
            query: [
                .limit, .cursor, .partition, .init("kind", .word(ActorKind.self), "Only these."),
                .init("tenant", .id("ten"), "Only this tenant's."),
                .init(
                    "queue", .id("que"),
                    "Only this queue, those who serve it or hold a contact of it, and conversations with one in it."),
                .init(
                    "state", .string(min: 1, max: 32),
                    "Only those with this word in their state, such as `available` or `queued`."),
                .init(
                    "sort", .word(["id", "age", "deadline", "size"]),
                    "By identifier; the oldest first; those with timers by the next one; the largest first. By "
                        + "identifier if left out."),
            ], reply: .page(API.ActorLine.self)
        ) { call throws(Problem) in
            try ActorList.begin(call)
        },
        Route(
            .get, "/v1/node/actors/{actor}", .operateNode,
            "One actor: its record, timers, last events and what supervises it.", ids: [nil],
            reply: .json(API.ActorDetail.self)
        ) { call throws(Problem) in
            try ActorDetailAnswer.begin(call)
        },
        Route(
            .get, "/v1/node/timers", .operateNode, "The next timers, earliest first.", query: [.limit, .partition],
            reply: .page(API.TimerLine.self)
        ) { call throws(Problem) in
            let limit = call.limit
            try call.eachPartition({ view in
                view.deadlines(limit: limit).map { API.TimerLine(actor: $0.actor, $0.deadline) }
            }) { lines in
                let sorted = lines.joined().sorted { ($0.at, $0.actor) < ($1.at, $1.actor) }
                call.answer(page: Array(sorted.prefix(limit)), next: nil)
            }
        },
        Route(
            .get, "/v1/node/quarantine", .operateNode, "Inputs that failed twice, oldest first.",
            query: [.limit, .cursor, .partition, .init("all", .boolean, "Also those that were dealt with.")],
            reply: .page(API.QuarantineLine.self)
        ) { call throws(Problem) in
            try QuarantineList.begin(call)
        },
        Route(
            .post, "/v1/node/quarantine/{input}/resolve", .operateNode, "Say that a quarantined input was dealt with.",
            ids: ["qua"], reply: .json(API.Written.self), part: .quarantine
        ) { call throws(Problem) in
            let (id, caller): (QuarantineID, Caller) = (try call.id(), try call.requireCaller())
            call.write(.quarantine(.resolve(id, by: caller.party)))
        },
        Route(
            .post, "/v1/node/journal/verify", .operateNode,
            "Read the whole journal again, beside the running work; it may take a while.",
            reply: .json(API.JournalVerification.self)
        ) { call throws(Problem) in
            call.gateway.verification.begin(call)
        },
        Route(
            .get, "/v1/node/journal/tail", .operateNode, "The last events, without anything people said.",
            query: [.limit, .partition], reply: .page(API.JournalLine.self)
        ) { call throws(Problem) in
            try JournalTail.begin(call)
        },
    ]
}

extension Route.Parameter {
    static let partition = Route.Parameter("partition", .integer(0...1_023), "Only this one; all if left out.")
}

extension Call {
    /// The partitions that are meant.
    var partitions: ClosedRange<UInt16> {
        get throws(Problem) {
            let last = UInt16(gateway.node.partitionCount - 1)
            guard let text = query["partition"], let number = UInt16(text) else { return 0...last }
            guard number <= last else { throw Problem(.notFound, field: "partition") }
            return number...number
        }
    }

    /// Looks at what each of the partitions has in memory, one after the other.
    func eachPartition<R: Sendable>(
        _ body: @escaping @Sendable (PartitionView) -> R, then: @escaping @Sendable ([R]) -> Void
    ) throws(Problem) {
        let numbers = try partitions
        gather(numbers.lowerBound, upTo: numbers.upperBound, [], body, then)
    }

    private func gather<R: Sendable>(
        _ number: UInt16, upTo last: UInt16, _ found: [R], _ body: @escaping @Sendable (PartitionView) -> R,
        _ then: @escaping @Sendable ([R]) -> Void
    ) {
        read(number) {
            body($0)
        } then: { one in
            let all = found + [one]
            if number == last { then(all) } else { gather(number + 1, upTo: last, all, body, then) }
        }
    }
}

extension Gateway {
    fileprivate func status(_ partitions: [PartitionStatus]) -> API.NodeStatus {
        API.NodeStatus(
            version: options.version, node: node.configuration.node, incarnation: node.incarnation,
            startedAt: node.started, time: Timestamp(milliseconds: node.clock.wall()),
            testClock: node.configuration.testClock, retentionDays: node.configuration.retentionDays,
            restoredFrom: node.restoredFrom, isReady: isReady(partitions),
            isDraining: isTurningAway, connections: connectionsOpen, liveSessions: options.live?.count ?? 0,
            partitions: partitions.map { partition in
                API.NodeStatus.Partition(
                    partition: partition.number, phase: partition.phase.rawValue, time: partition.time,
                    committed: partition.committed, inFlight: partition.inFlight, tenants: partition.tenants,
                    queues: partition.queues, agents: partition.agents,
                    conversationsInMemory: partition.conversations, waiting: partition.waiting,
                    timers: partition.timers, subscriptions: partition.subscriptions,
                    quarantined: partition.quarantined,
                    trouble: partition.givenUp ?? partition.trouble?.rawValue)
            })
    }

    fileprivate func tree(_ partitions: [PartitionStatus]) -> API.TreeLine {
        API.TreeLine(supervision(partitions))
    }

    fileprivate func mailboxes(_ partitions: [PartitionStatus]) -> [API.MailboxLine] {
        node.loops.loops.map { loop in
            let load = loop.load()
            return API.MailboxLine(
                name: loop.name, waiting: load.waiting, handled: load.jobs,
                longest: Double(load.batchLongest) / 1_000_000)
        }
            + partitions.map {
                API.MailboxLine(
                    name: "partition \($0.number)", waiting: $0.inFlight, handled: $0.counters.turns, longest: 0)
            }
    }
}

extension API.TreeLine {
    init(_ node: TreeNode) {
        self.init(
            name: node.name, kind: node.kind, state: node.state, restarts: node.restarts,
            lastReason: node.lastReason, count: node.count, children: node.children.map(API.TreeLine.init))
    }
}
