internal import Synchronization
internal import TandemConsensus
package import TandemCore
package import TandemJournal
package import TandemReadModel
package import TandemTransport
package import TandemWire

/// One node: its journal, its partitions on their loops, and the threads behind them.
///
/// ```
/// node ─┬─ journal       never restarted: a disk that failed is not written again in this life
///       ├─ read model    store 0 … n, restarted one for one
///       ├─ gateway       the listener, restarted (`Gateway`)
///       └─ partition 0 … n, each with its replica, actors and services
/// ```
package final class Node: Sendable {
    package struct Configuration: Sendable {
        package var directory: String
        /// Fixed for the life of a cluster.
        package var partitions = 8
        package var node: UInt32 = 1
        /// The cluster that it founds with others; nil: it is alone.
        package var cluster: ClusterConfiguration?
        /// The contact centre's clock runs so many times as fast; nil: as it should.
        package var testClock: Int64?
        /// How long the events of closed conversations are kept, in days of the contact centre's clock; 0: for ever.
        package var retentionDays = 0
        /// How long a question waits for somebody to lead, in nanoseconds.
        package var patienceNanoseconds = Patience.boundNanoseconds
        /// How long it hears too few others to elect anybody until nothing is waited for, in nanoseconds.
        package var deafnessNanoseconds = LeaderAbsence.graceNanoseconds
        /// Journaled time between what is journaled and the mark at which states are compared.
        package var markInterval = Marks.interval
        /// Between two beats of the walk that reads the journal again, in nanoseconds.
        package var patrolNanoseconds = JournalPatrol.intervalNanoseconds
        /// What its replicas keep of their logs for others.
        package var bounds = ReplicaLimits()
        /// Bytes of its log after which a store is checkpointed.
        package var checkpointBytes = StateThread.checkpointBytes
        /// Given to every partition; see `Partition.Configuration.probe`.
        package var probe: (@Sendable (Command?) throws(DecideError) -> Void)?
        /// Who does outside what is due; nil: nobody.
        package var performer: (any EffectPerformer)?
        /// Told what operators must hear of, with the partition it is about.
        package var alarm: (@Sendable (UInt16, String) -> Void)?
        /// Called before each write to a partition's store; tests break stores with it.
        package var storeProbe: (@Sendable (UInt16) throws -> Void)?

        package init(directory: String) { self.directory = directory }

        fileprivate func stateThread(_ journal: Journal) throws -> StateThread {
            try StateThread(
                directory: directory, partitions: partitions, log: journal, checkpointBytes: checkpointBytes,
                retention: Retention(days: retentionDays, factor: testClock ?? 1), probe: storeProbe)
        }

        fileprivate func partition(_ number: UInt16, _ identity: NodeIdentity) -> Partition.Configuration {
            var partition = Partition.Configuration(number: number, node: node, incarnation: identity.life.number)
            partition.anchor = identity.anchor
            partition.probe = probe
            partition.performer = performer
            partition.markInterval = markInterval
            return partition
        }
    }

    package let configuration: Configuration
    package let clock: any NodeClock
    package let loops: EventLoopGroup
    package let journal: Journal
    /// This life of the node: sessions of earlier ones are over.
    private let life: PeerLife
    /// Its starts, counted in its journal.
    package var incarnation: UInt64 { life.incarnation }
    /// The backup of which the directory was made, with its time; nil: it was never restored.
    package let restoredFrom: String?
    package let state: StateThread
    package let started: Timestamp
    let partitions: [Partition]
    private let replicas: [Replica]
    /// Commands reach whoever leads through it.
    private let forwarder: Forwarder
    /// Raft's clock and the way to the other nodes are on it, and nothing that takes long.
    let consensus: EventLoop
    private let pulse: Pulse
    let network: ClusterNetwork?
    private let agreed: AgreedFormat
    let cluster: ClusterPart
    let watch: MarkWatch
    let patrol: JournalPatrol
    /// All replicas by number, the system partition's last.
    var groups: [Replica] { replicas + [cluster.replica] }
    /// It was let in by others, who have the first records.
    package let hasJoined: Bool
    /// How the contact centre's clock runs, as it was fixed.
    let anchor: JournaledTime.Anchor?
    let currency: Currency
    let patience = Patience()
    private let absence: LeaderAbsence
    /// Reads the journal for replicas, and parts of snapshots: they must not wait for a disk.
    private let journalReader: EventLoop
    private let snapshots: StoreSnapshots
    /// Copies stores, and puts copies in their place.
    private let copier: EventLoop
    private let sessions = Atomic<UInt64>(0)
    private let subscriptionNumbers = Atomic<UInt64>(0)
    private let tenantsPlaced = Atomic<Int>(0)
    let isBackingUp = Atomic<Bool>(false)

    /// Opens the directory. Nothing runs until `start`.
    ///
    /// - Throws: `JournalError`, `StoreError`, `NodeError`: what is wrong with the directory and what to do.
    package init(_ asked: Configuration, loops: EventLoopGroup, clock: any NodeClock = SystemClock()) throws {
        self.loops = loops
        // Alone there is nobody to compare it with.
        let trusted = asked.cluster == nil ? nil : TrustedClock(clock)
        let clock: any NodeClock = trusted ?? clock
        self.clock = clock
        let journal = try Self.journal(in: asked.directory)
        self.journal = journal
        let identity = try NodeIdentity.read(journal, asked, wall: clock.wall())
        var configuration = asked
        configuration.partitions = identity.partitions
        configuration.testClock = identity.anchor?.factor
        self.configuration = configuration
        hasJoined = identity.hasJoined
        anchor = identity.anchor
        guard !hasJoined || configuration.cluster != nil else { throw NodeError.notReachable }
        life = identity.life
        restoredFrom = identity.restoredFrom
        started = Timestamp(milliseconds: clock.wall())
        let distrusted = try Self.mend(journal, configuration, identity)
        let state = try configuration.stateThread(journal)
        self.state = state
        let agreed = AgreedFormat(identity.state.format)
        self.agreed = agreed
        let traps = try TrapFile(path: configuration.directory + "/traps")
        let reader = try EventLoop(name: "journal-reader")
        journalReader = reader
        copier = try EventLoop(name: "copier")
        let told: @Sendable (UInt16, String) -> Void = { [alarm = asked.alarm] in alarm?($0, $1) }
        let snapshots = StoreSnapshots(
            directory: configuration.directory, owner: state, log: journal, maker: copier, parts: reader, clock: clock
        ) { told($0, "\($1)") }
        snapshots.takeUp(0..<UInt16(configuration.partitions))
        self.snapshots = snapshots
        patrol = JournalPatrol(loop: reader, journal: journal, interval: configuration.patrolNanoseconds, tell: told)
        let id = NodeID(configuration.node, incarnation: identity.generation)
        let consensus = try EventLoop(name: "consensus")
        self.consensus = consensus
        let network = trusted.flatMap { clock in
            configuration.cluster.map {
                ClusterNetwork(
                    $0, id: id, incarnation: identity.incarnation, disk: identity.disk, log: journal,
                    state: identity.state, agreed: agreed, loop: consensus, clock: clock)
            }
        }
        self.network = network
        func replica(_ number: UInt16, _ keeper: any SnapshotKeeper) -> Replica {
            Replica(
                partition: number, id: id, founders: identity.founders(of: number, as: configuration),
                log: journal, peers: network ?? NoPeers(), snapshots: keeper, reader: reader,
                bounds: configuration.bounds, life: identity.incarnation, seed: UInt64.random(in: .min ... .max),
                damage: { told(number, "\($0)") }, alarm: { told(number, "\($0)") })
        }
        let replicas = (0..<UInt16(configuration.partitions)).map { replica($0, snapshots) }
        self.replicas = replicas
        let cluster = ClusterPart(
            replica(UInt16(configuration.partitions), NoSnapshots()), network, loop: consensus, clock: clock,
            log: journal, life: identity.incarnation, state: identity.state,
            own: identity.report(as: configuration), agreed: agreed, tell: configuration.cluster?.tell)
        self.cluster = cluster
        let watch = MarkWatch(
            node: id.node, partitions: configuration.partitions, distrusted, journal, loop: consensus, tell: told)
        self.watch = watch
        let partitions = replicas.map { replica in
            var partition = configuration.partition(replica.partition, identity)
            partition.presence = network?.presence
            partition.agreed = agreed
            if network != nil { partition.onMark = { watch.seen($0, of: replica.partition) } }
            return Partition(partition, executor: loops.next(), clock: clock, log: replica, state: state, traps: traps)
        }
        self.partitions = partitions
        let forwarder = Forwarder(
            id: id, life: identity.incarnation, partitions: partitions, clock: clock, mail: network ?? NoMail())
        self.forwarder = forwarder
        currency = Currency(0..<UInt16(configuration.partitions))
        absence = LeaderAbsence(partitions: configuration.partitions, grace: configuration.deafnessNanoseconds)
        pulse = Pulse(
            loop: consensus, replicas + [cluster.replica], partitions, forwarder, currency: currency,
            patience: patience, absence: network == nil ? nil : absence, presence: network?.presence, cluster: cluster)
    }

    /// Opens the journal, which changes its files: not those of a backup, nor where a restore was not finished.
    private static func journal(in directory: String) throws -> Journal {
        if RestorePlace.isUnfinished(directory) { throw NodeError.unfinishedRestore(directory) }
        guard FileSystem.size(of: "\(directory)/\(BackupManifest.file)") == nil else {
            throw NodeError.backup("it has a \(BackupManifest.file)")
        }
        return try Journal(directory: directory + "/journal")
    }

    /// What the last life left half done, or found damaged; the partitions whose states are wrong still.
    private static func mend(
        _ journal: Journal, _ configuration: Configuration, _ identity: NodeIdentity
    ) throws -> [UInt16: String] {
        let repair = NodeRepair(
            journal: journal, directory: configuration.directory, partitions: configuration.partitions,
            hasOthers: { number in
                // Two nodes are one voter and a learner; of more, a group that has not grown yet is one voter as well.
                let isFounded = configuration.cluster.map { $0.members.count > 1 } ?? false
                return identity.state.wanted.count > 2
                    && (identity.hasJoined || isFounded || journal.meta(Replica.sharedKey(number)) != nil)
            }
        ) { [alarm = configuration.alarm] in alarm?($0, $1) }
        try repair.mendJournal()
        try StoreSnapshots.tidy(directory: configuration.directory, partitions: configuration.partitions)
        return try repair.mendStores()
    }

    /// Recovers every partition, and begins to lead or to look for a leader; `progress` gets a line for each.
    ///
    /// - Throws: what kept it from that. Then all that was begun has ended, as after `stop`.
    package func start(progress: @escaping @Sendable (UInt16, Partition.Recovered) -> Void = { _, _ in }) async throws {
        do {
            try await begin(progress)
        } catch {
            await stop()
            throw error
        }
    }

    private func begin(_ progress: @escaping @Sendable (UInt16, Partition.Recovered) -> Void) async throws {
        var points: [LogPoint] = []
        for partition in partitions {
            let point = try await withCheckedThrowingContinuation { (done: CheckedContinuation<LogPoint, any Error>) in
                partition.run { [state, journal] partition in
                    do {
                        let source = try state.source(of: partition.number)
                        let (stored, journaled) = (source.meta.applied, journal.lastIndex(partition.number))
                        // A journal that lost entries gets them back, and those the store has are passed over then.
                        guard
                            journaled >= stored || journal.owed(partition.number) != nil
                                || KeptMembership.isInstalled(source.meta, journal, partition.number)
                        else {
                            throw NodeError.storeAhead(
                                partition: partition.number, store: stored, journal: journaled)
                        }
                        guard journal.firstIndex(partition.number) <= stored + 1 else {
                            throw NodeError.damagedEntry(
                                partition: partition.number, index: stored + 1,
                                what: "it was cut from the journal, and the store lacks it")
                        }
                        let recovered = try partition.recover(
                            from: source, upTo: journal.owed(partition.number) == nil ? .max : journaled)
                        progress(partition.number, recovered)
                        done.resume(returning: LogPoint(index: recovered.last, term: Term(source.meta.appliedTerm)))
                    } catch {
                        done.resume(throwing: error)
                    }
                }
            }
            points.append(point)
        }
        state.onAbandon { [partitions] number, reason in
            partitions[Int(number)].run { $0.giveUp("its store failed: \(reason)") }
        }
        state.onCheckpoint { [replicas] number, index in replicas[Int(number)].compact(to: index) }
        journal.onHealthChange { [groups] health in
            for replica in groups { replica.diskChanged(health) }
        }
        network?.take(watch)
        watch.start(partitions, replicas) { [weak network] in network?.send(mark: $1, of: $0, to: $2) }
        journalReader.start()
        copier.start()
        state.start()
        for ((partition, replica), point) in zip(zip(partitions, replicas), points) {
            guard network == nil else {
                // A leader takes a majority, which takes the other nodes.
                try replica.start(partition, at: point, disk: journal.health) {}
                continue
            }
            try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
                do {
                    try replica.start(partition, at: point, disk: journal.health) {
                        // Behind everything that it has to apply before it leads.
                        partition.follow([]) { _ in done.resume() }
                    }
                } catch {
                    done.resume(throwing: error)
                }
            }
        }
        try cluster.start(groups, disk: journal.health) { [watch] in watch.isWrong($1, in: $0) }
        patrol.start(groups)
        forwarder.groupChanged(hasOthers: network != nil)
        for replica in replicas {
            replica.onLeaderChange { [forwarder] in forwarder.leaderChanged(partition: replica.partition, to: $0) }
        }
        // Before the loop runs: what belongs to it is not touched by two threads.
        try network?.start(groups, forwarder, desk: cluster.desk)
        consensus.start()
        pulse.start()
    }

    /// The node is going: what waits for somebody to lead is told that nobody does.
    package func endWaiting() { patience.end() }

    /// Lets what is under way finish, then closes the files. The loops are their owner's to stop.
    package func stop() async {
        endWaiting()
        for partition in partitions {
            await withCheckedContinuation { done in
                partition.run { $0.drain { done.resume() } }
            }
        }
        network?.stop()
        consensus.stop()
        pulse.stop()
        network?.letGo()
        forwarder.stop()
        snapshots.stop()
        copier.stop()
        state.stop()
        for replica in groups { replica.stop() }
        watch.stop()
        journalReader.stop()
        patrol.stop()
        journal.close()
    }

    /// It hears too few others for anybody to lead the partition among them.
    package func isCutOff(from partition: UInt16) -> Bool { absence.isCutOff(partition) }

    /// Called on some thread when this node has not known who leads a partition for `Patience.boundNanoseconds`, or is cut
    /// off from it, and as often as that time passes again; never on a node alone.
    package func onOutOfTouch(_ hook: @escaping @Sendable (UInt16) -> Void) { absence.onTooLong(hook) }

    package var partitionCount: Int { partitions.count }

    /// In which this node writes what others read: the newest that all nodes of the cluster do.
    package var agreedFormat: UInt8 { agreed.now }

    package var snapshotFigures: SnapshotFigures { snapshots.figures }

    /// Shares its journal with others.
    package var isClustered: Bool { network != nil }

    /// Who leads what, as far as is known here; partitions without a leader are left out.
    var leaders: [UInt32] { replicas.compactMap { $0.leader?.node } }

    /// The node that leads a partition, as far as is known here.
    func leads(_ number: UInt16) -> UInt32? { replicas[Int(number)].leader?.node }

    /// Of all partitions.
    package var isCurrent: Bool { partitions.allSatisfy { isCurrent($0.number) } }

    /// Has had everything that was committed when it came up: what it shows is not the past.
    package func isCurrent(_ partition: UInt16) -> Bool { currency.isCurrent(partition) }

    package func partition(_ number: UInt16) -> Partition { partitions[min(Int(number), partitions.count - 1)] }

    /// False for a number that no partition of this cluster has: an identifier made up by somebody.
    package func hasPartition(_ number: UInt16) -> Bool { Int(number) < partitions.count }

    // MARK: Commands

    /// Hands a command to the partition that owns what it names, wherever that is led; `reply` is called once, on that
    /// partition's executor.
    package func submit(
        _ command: Command, key: CommandKey? = nil, reply: @escaping @Sendable (Outcome) -> Void
    ) {
        let number: UInt16
        if let named = command.partition {
            number = named
        } else {
            // New tenants go round; where each lives is in its identifier.
            let placed = tenantsPlaced.wrappingAdd(1, ordering: .relaxed).oldValue
            number = key.map { UInt16($0.low % UInt64(partitions.count)) } ?? UInt16(placed % partitions.count)
        }
        guard hasPartition(number) else { return reply(.refused(Refusal(.notFound))) }
        forwarder.submit(command, key: key, partition: number, reply: reply)
    }

    // MARK: Sessions

    package func subscribe(
        partition number: UInt16, to topic: Topic, begun: @escaping @Sendable (EventPosition) -> Void,
        deliver: @escaping @Sendable ([CommittedEvent]) -> Void
    ) -> UInt64 {
        let id = subscriptionNumbers.wrappingAdd(1, ordering: .relaxed).newValue
        if hasPartition(number) {
            partitions[Int(number)].subscribe(id, to: topic, begun: begun, deliver: deliver)
        }
        return id
    }

    package func unsubscribe(_ id: UInt64, partition number: UInt16) {
        if hasPartition(number) { partitions[Int(number)].unsubscribe(id) }
    }

    package func nextSession() -> SessionID {
        SessionID(
            node: configuration.node, incarnation: life.number,
            number: sessions.wrappingAdd(1, ordering: .relaxed).newValue)
    }
}
