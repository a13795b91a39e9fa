internal import TandemAPI
internal import TandemCore
internal import TandemRuntime
internal import TandemTransport

/// What operators watch: the partitions' work, the people, the journal's disk, the loops, the edge.
struct MetricsPage {
    private let gateway: Gateway
    private let partitions: [PartitionStatus]
    private var page = MetricsText()

    init(_ gateway: Gateway, _ partitions: [PartitionStatus]) {
        self.gateway = gateway
        self.partitions = partitions
        node()
        turns()
        centre()
        webhooks()
        journal()
        snapshots()
        loops()
        edge()
    }

    var text: [UInt8] { page.bytes }

    private mutating func each(
        _ name: String, _ kind: MetricsText.Kind, _ help: String, _ value: (PartitionStatus) -> some BinaryInteger
    ) {
        page.metric(name, kind, help)
        for partition in partitions { page.sample(name, Self.label(partition), value(partition)) }
    }

    private static func label(_ partition: PartitionStatus) -> [(String, String)] {
        [("partition", "\(partition.number)")]
    }

    private mutating func node() {
        page.metric("tandem_build_info", .gauge, "The version that runs.")
        page.sample("tandem_build_info", [("version", gateway.options.version)], 1)
        page.single("tandem_node_incarnation", .gauge, "How often the node was started.", gateway.node.incarnation)
        page.metric("tandem_node_start_time_seconds", .gauge, "When it was started, since 1970.")
        page.sample("tandem_node_start_time_seconds", seconds: Double(gateway.node.started.milliseconds) / 1_000)
        page.single(
            "tandem_node_ready", .gauge, "Whether it takes commands.", gateway.isReady(partitions) ? 1 : 0)
        each("tandem_partition_leading", .gauge, "Whether this node leads the partition.") {
            $0.phase == .leading || $0.phase == .retiring ? 1 : 0
        }
        each("tandem_partition_leader_known", .gauge, "Whether this node knows who leads the partition.") {
            $0.leader == nil ? 0 : 1
        }
        let gateway = gateway
        each(
            "tandem_partition_served", .gauge, "Whether it takes the partition's commands, or hands them to who leads."
        ) {
            gateway.serves($0) ? 1 : 0
        }
        page.single(
            "tandem_reads_waiting", .gauge, "Reads that wait until somebody leads their partition.",
            gateway.node.readsWaiting)
        page.metric(
            "tandem_raft_alarms_total", .counter, "What is unusual in the group of a partition; the log says what.")
        for (number, count) in gateway.node.raftAlarms.enumerated() {
            page.sample("tandem_raft_alarms_total", [("partition", "\(number)")], count)
        }
        clock()
        services()
    }

    /// Where there are others to compare it with.
    private mutating func clock() {
        guard let clock = gateway.node.clockFigures else { return }
        page.metric("tandem_clock_offset_seconds", .gauge, "The wall clock ahead of the median of the cluster's.")
        if let offset = clock.offsetMilliseconds {
            page.sample("tandem_clock_offset_seconds", seconds: Double(offset) / 1_000)
        }
        page.single(
            "tandem_clock_off", .gauge, "Whether the wall clock keeps this node from leading.", clock.isOff ? 1 : 0)
        page.single(
            "tandem_clock_disputed", .gauge, "Whether clocks are apart and no majority tells which is right.",
            clock.isDisputed ? 1 : 0)
    }

    private mutating func services() {
        var lines: [(labels: [(String, String)], node: TreeNode)] = []
        for parent in gateway.supervision(partitions).children {
            for child in [parent] + parent.children where child.kind == "service" {
                lines.append(([("parent", parent.name), ("service", child.name)], child))
            }
        }
        page.metric("tandem_service_running", .gauge, "Whether a service of the supervision tree runs.")
        for line in lines {
            page.sample("tandem_service_running", line.labels, line.node.state == "running" ? 1 : 0)
        }
        page.metric("tandem_service_restarts_total", .counter, "How often a service was restarted.")
        for line in lines { page.sample("tandem_service_restarts_total", line.labels, line.node.restarts) }
    }

    private mutating func turns() {
        each("tandem_turns_total", .counter, "Inputs run to completion.") { $0.counters.turns }
        each("tandem_entries_total", .counter, "Entries committed.") { $0.counters.entries }
        each("tandem_refused_total", .counter, "Commands refused by the contact centre.") { $0.counters.refused }
        each("tandem_repeated_total", .counter, "Commands answered again by their key.") { $0.counters.repeated }
        each("tandem_busy_total", .counter, "Commands turned away, too much being under way.") { $0.counters.busy }
        each("tandem_invariants_broken_total", .counter, "Turns undone because code was wrong.") {
            $0.counters.invariantsBroken
        }
        each("tandem_quarantined_total", .counter, "Inputs put into quarantine.") { $0.counters.quarantined }
        each("tandem_quarantine_open", .gauge, "Quarantined inputs nobody has dealt with.") { $0.quarantined }
        each("tandem_entries_in_flight", .gauge, "Entries proposed and not yet committed.") { $0.inFlight }
        each("tandem_in_flight_bytes", .gauge, "Their size.") { $0.inFlightBytes }
        each("tandem_records_loaded_total", .counter, "Actors that came back from the store.") { $0.counters.loads }
        each("tandem_records_evicted_total", .counter, "Actors that left memory.") { $0.counters.evicted }
        each("tandem_timers_armed", .gauge, "Timers that are armed.") { $0.timers }
        each("tandem_timers_fired_total", .counter, "Timers that fired.") { $0.counters.timersFired }
        page.metric("tandem_timer_lateness_seconds", .histogram, "How late timers fired.")
        for partition in partitions {
            let lateness = partition.counters.timerLateness
            // Bucket n holds whole milliseconds below 2ⁿ: its inclusive bound is one less.
            let bounds = (0..<lateness.counts.count - 1).map { Double((1 << $0) - 1) / 1_000 }
            page.histogram(
                "tandem_timer_lateness_seconds", Self.label(partition), bounds: bounds, counts: lateness.counts,
                sum: Double(lateness.sum) / 1_000)
        }
    }

    private mutating func centre() {
        each("tandem_offers_total", .counter, "Offers made to agents.") { $0.counters.offers }
        each("tandem_contacts_waiting", .gauge, "Contacts that wait for an agent.") { $0.waiting }
        each("tandem_conversations_in_memory", .gauge, "Conversations in memory: those with open work.") {
            $0.conversations
        }
        each("tandem_tenants", .gauge, "Tenants.") { $0.tenants }
        each("tandem_queues", .gauge, "Queues.") { $0.queues }
        each("tandem_subscriptions", .gauge, "Who follows committed events.") { $0.subscriptions }
        page.metric("tandem_agents", .gauge, "Agents by presence.")
        for partition in partitions {
            for (presence, count) in zip(Presence.words, partition.presences) {
                page.sample("tandem_agents", Self.label(partition) + [("presence", presence)], count)
            }
        }
        page.metric("tandem_slots_in_use", .gauge, "Slots of agents in use, by what for.")
        for partition in partitions {
            for (state, count) in zip(Agent.Assignment.State.words, partition.assignments) {
                page.sample("tandem_slots_in_use", Self.label(partition) + [("state", state)], count)
            }
        }
    }

    private mutating func webhooks() {
        each("tandem_deliveries_open", .gauge, "Deliveries to webhooks that are neither done nor given up.") {
            $0.deliveriesOpen
        }
        each("tandem_deliveries_in_flight", .gauge, "Those that this node is sending.") { $0.deliveriesSending }
        each("tandem_delivery_attempts_total", .counter, "Attempts of this node that are over.") {
            $0.counters.deliveryAttempts
        }
        each("tandem_delivery_attempts_failed_total", .counter, "Attempts journaled as failed by this node.") {
            $0.counters.deliveryAttemptsFailed
        }
        each("tandem_deliveries_done_total", .counter, "Deliveries journaled as done by this node.") {
            $0.counters.deliveriesDone
        }
        each("tandem_deliveries_dead_total", .counter, "Deliveries journaled as given up by this node.") {
            $0.counters.deliveriesDead
        }
    }

    private mutating func journal() {
        let journal = gateway.node.journalFigures
        page.single("tandem_journal_healthy", .gauge, "Whether it can be written.", journal.isHealthy ? 1 : 0)
        page.single("tandem_journal_entries_total", .counter, "Entries written.", journal.entries)
        page.single("tandem_journal_commits_total", .counter, "Transactions, each one sync.", journal.transactions)
        page.single("tandem_journal_bytes_total", .counter, "Bytes of entries written.", journal.bytes)
        page.single(
            "tandem_journal_failed_commits_total", .counter, "Transactions that failed.", journal.failedTransactions)
        page.single("tandem_journal_pending_bytes", .gauge, "Bytes that wait to be written.", journal.pendingBytes)
        page.single("tandem_journal_segments", .gauge, "Segment files.", journal.segments)
        let node = gateway.node
        each(
            "tandem_journal_owed_entries", .gauge,
            "Entries that were damaged here and have to come back from the others."
        ) {
            node.owedEntries(of: $0.number) ?? 0
        }
        each("tandem_journal_damaged", .gauge, "Whether this node cannot lead the partition for want of them.") {
            node.owedEntries(of: $0.number) == nil ? 0 : 1
        }
        let patrol = node.patrolFigures
        page.single(
            "tandem_journal_read_again_bytes_total", .counter, "Bytes of entries that were read again to find damage.",
            patrol.bytes)
        page.single(
            "tandem_journal_read_again_walks_total", .counter, "Times that the whole journal was read again.",
            patrol.walks)
        page.metric(
            "tandem_journal_read_again_age_seconds", .gauge, "Since it was read again as a whole; absent: not yet.")
        if let seconds = patrol.secondsSinceWalk {
            page.sample("tandem_journal_read_again_age_seconds", seconds: seconds)
        }
        page.single(
            "tandem_journal_read_again_damaged_total", .counter, "Damaged entries that were found by that.",
            patrol.damaged)
        each("tandem_marks_total", .counter, "Entries at which states were to be compared.") { $0.counters.marks }
        each("tandem_marks_compared_total", .counter, "Those at which this node knew its own.") {
            $0.counters.marksCompared
        }
        each("tandem_mark_agreed_entry", .gauge, "The last entry at which this node's state was the leader's.") {
            node.comparison(of: $0.number).agreedAt
        }
        each("tandem_state_mismatch", .gauge, "Whether this node's state differs from that of others.") {
            node.comparison(of: $0.number).isDifferent ? 1 : 0
        }
        page.metric("tandem_journal_commit_seconds", .histogram, "How long a commit took, the sync included.")
        page.histogram(
            "tandem_journal_commit_seconds", bounds: journal.commitBounds, counts: journal.commitCounts,
            sum: journal.commitSeconds)
        page.single(
            "tandem_read_model_lag_entries", .gauge, "Committed entries that are not in the read model yet.",
            gateway.node.state.lag)
        let pruned = gateway.node.state.prunedFigures
        page.single(
            "tandem_retention_seconds", .gauge, "How long events of closed conversations are kept; 0: for ever.",
            gateway.node.configuration.retentionDays * 86_400)
        page.single(
            "tandem_retention_conversations_total", .counter, "Conversations whose events were removed.",
            pruned.conversations)
        page.single("tandem_retention_events_total", .counter, "Events that were removed.", pruned.events)
    }

    /// Copies of partitions' states for nodes that lack what was cut from the journal.
    private mutating func snapshots() {
        let figures = gateway.node.snapshotFigures
        func sum(_ what: String, _ help: String, bytes: String, _ sum: SnapshotFigures.Sum) {
            page.single("tandem_snapshot_\(what)_total", .counter, help, sum.count)
            page.single("tandem_snapshot_\(what)_bytes_total", .counter, bytes, sum.bytes)
        }
        func seconds(_ what: String, _ help: String, _ nanoseconds: UInt64) {
            let name = "tandem_snapshot_\(what)_seconds_total"
            page.metric(name, .counter, help)
            page.sample(name, seconds: Double(nanoseconds) / 1_000_000_000)
        }
        sum("made", "Copies of partitions' states that were made.", bytes: "Their size.", figures.made)
        seconds("making", "How long making them took.", figures.makingNanoseconds)
        sum("parts_sent", "Parts of them that were read to be sent.", bytes: "Their size.", figures.sent)
        sum("parts_received", "Parts of others' copies that were stored.", bytes: "Their size.", figures.received)
        sum("installed", "Copies of others that became a partition's store.", bytes: "Their size.", figures.installed)
        seconds("installing", "How long that took, from the last part on.", figures.installingNanoseconds)
        page.single(
            "tandem_snapshot_failures_total", .counter, "Tries of any of it that failed and are made again.",
            figures.failed)
    }

    private mutating func loops() {
        let loads = gateway.node.loops.loops.map { ($0.name, $0.load(resettingLongest: true)) }
        page.metric("tandem_loop_batches_total", .counter, "Rounds of a loop.")
        for (name, load) in loads { page.sample("tandem_loop_batches_total", [("loop", name)], load.batches) }
        page.metric("tandem_loop_jobs_total", .counter, "Work taken from a loop's mailbox.")
        for (name, load) in loads { page.sample("tandem_loop_jobs_total", [("loop", name)], load.jobs) }
        page.metric("tandem_loop_mailbox", .gauge, "Work in a loop's mailbox.")
        for (name, load) in loads { page.sample("tandem_loop_mailbox", [("loop", name)], load.waiting) }
        page.metric(
            "tandem_loop_stall_seconds", .gauge, "The longest round since the last look: sockets waited so long.")
        for (name, load) in loads {
            page.sample(
                "tandem_loop_stall_seconds", [("loop", name)], seconds: Double(load.batchLongest) / 1_000_000_000)
        }
    }

    private mutating func edge() {
        let figures = gateway.metrics.figures
        page.metric("tandem_http_requests_total", .counter, "Requests answered, by kind and class of status.")
        for (kind, classes) in zip(["read", "write"], figures.classes) {
            for digit in 1...5 {
                page.sample(
                    "tandem_http_requests_total", [("kind", kind), ("class", "\(digit)xx")], classes[digit])
            }
        }
        page.metric("tandem_http_request_seconds", .histogram, "From the request to its answer.")
        page.histogram(
            "tandem_http_request_seconds", bounds: GatewayMetrics.bounds, counts: figures.buckets,
            sum: figures.seconds)
        page.single("tandem_live_sessions", .gauge, "Live sessions.", gateway.options.live?.count ?? 0)
        guard let transport = gateway.transportFigures else { return }
        page.single("tandem_connections", .gauge, "Open connections.", transport.connectionsOpen)
        page.single(
            "tandem_connections_accepted_total", .counter, "Connections accepted.", transport.connectionsAccepted)
        page.single(
            "tandem_connections_refused_total", .counter, "Connections refused.", transport.connectionsRefused)
        page.metric("tandem_connections_closed_total", .counter, "Connections ended, by reason.")
        for reason in CloseReason.allCases {
            page.sample(
                "tandem_connections_closed_total", [("reason", "\(reason)")],
                transport.connectionsClosed[reason] ?? 0)
        }
        page.single("tandem_received_bytes_total", .counter, "Bytes received.", transport.bytesIn)
        page.single("tandem_sent_bytes_total", .counter, "Bytes sent.", transport.bytesOut)
        page.metric("tandem_websocket_messages_total", .counter, "WebSocket messages, by direction.")
        page.sample("tandem_websocket_messages_total", [("direction", "in")], transport.webSocketMessagesIn)
        page.sample("tandem_websocket_messages_total", [("direction", "out")], transport.webSocketMessagesOut)
    }
}
