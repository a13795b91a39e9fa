package import TandemCore
internal import TandemJournal
package import TandemReadModel
package import TandemWire

/// The unit of order: one journal, one serial executor, one set of actors.
///
/// Inputs come through `submit`, run as turns one after another, and are told their outcome when what they rest on is
/// committed. Everything here runs on the executor; only `nonisolated` members may be called from elsewhere.
///
/// ```
/// made ── recover ──▶ following ── lead ──▶ leading ── drain ──▶ draining ── committed ──▶ stopped
///                         ▲▲─────── depose ──────┤
///   ▲                  │  └── committed ── retiring (to lead again, when the group has other members)
///   └───── install ────┘ (another node's state; then following again)
/// ```
package actor Partition {
    package enum Phase: String, Sendable {
        case made, following, leading, retiring, draining, stopped
    }

    package struct Configuration: Sendable {
        package var number: UInt16
        /// This node, and this life of it: it names live sessions.
        package var node: UInt32
        package var incarnation: UInt64
        package var anchor: JournaledTime.Anchor?
        /// Which other nodes are there; nil: this one is alone.
        package var presence: NodePresence?
        /// What new entries are written in.
        package var agreed = AgreedFormat()
        /// Entries proposed and not yet committed; one more is answered `busy`.
        package var inflightMax = 8_192
        package var inflightBytesMax = 64 << 20
        /// Between two flushes of changed records, in nanoseconds.
        package var flushInterval: UInt64 = 5_000_000_000
        /// Who does outside what is due; nil: nobody, and it stays due.
        package var performer: (any EffectPerformer)?
        /// Between what is journaled and the mark behind it, in journaled time.
        package var markInterval = Marks.interval
        /// Told of each mark that is applied here, on the executor.
        package var onMark: (@Sendable (SeenMark) -> Void)?
        /// Called before each decision; tests break turns with it.
        package var probe: (@Sendable (Command?) throws(DecideError) -> Void)?

        package init(number: UInt16, node: UInt32 = 1, incarnation: UInt64 = 1) {
            self.number = number
            self.node = node
            self.incarnation = incarnation
        }
    }

    package nonisolated let number: UInt16
    nonisolated let executor: any PartitionExecutor
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    let configuration: Configuration
    let clock: any NodeClock
    let log: any PartitionLog
    let state: any StateKeeper
    let traps: TrapFile?

    var phase = Phase.made
    var roster: Roster
    var wheel: TimerWheel
    var time: JournaledTime
    var minter: IDMinter
    var table: CommandTable
    var subscriptions = Subscriptions()
    var services: Services
    var effects = Effects()
    var flush = Flush()
    var marks = Marks()
    var counters = Counters()

    /// The last entry proposed, the last committed, and its time.
    var proposed: UInt64 = 0
    var committed: UInt64 = 0
    var timeLast = Timestamp(milliseconds: 0)
    /// The newest in the log up to the last entry proposed: records and their digest are written in it, so that it is the
    /// same on all nodes at the same entry.
    var format = WireVersion.oldest
    /// Of the present leadership, or of the last entry.
    var term: UInt64 = 0
    /// Rises whenever proposed entries are taken back.
    var epoch: UInt64 = 0
    var depositions: UInt64 = 0
    /// While it retires: whom to tell.
    var retired: (@Sendable () -> Void)?
    /// Counts the states that were installed: what was asked of the store before one is void.
    var installs = 0
    var inflight = Ring<InFlight>()
    var inflightBytes = 0
    /// Answers that rest on what was proposed before them, oldest first.
    var barriers = Ring<Barrier>()
    /// Entries of this batch, on their way to the journal.
    var outbox: [JournalEntry] = []
    var outboxScheduled = false
    /// The monotonic nanosecond before which it begins nothing of itself: the group did not take an entry.
    var restsUntil: UInt64 = 0
    /// Why this node cannot lead now; nil: it leads, or could.
    var journalTrouble: Unavailable?
    var following = Following()
    var confirmations = Confirmations()
    var intake = Intake()
    var answers = WaitingAnswers()
    /// Inputs that wait until an actor has come back from the store, and those actors.
    var parked: [ActorID: [Input]] = [:]
    /// The earliest monotonic nanosecond at which a wake-up is coming.
    var wakeAt = UInt64.max
    var routingScheduled = false
    var policiesScheduled = false
    /// Actors whose timers run no more: waking them failed twice.
    var stilled: Set<ActorID> = []
    /// Inputs that ended an earlier process and are not settled yet.
    var attempts: [TrapFile.Attempt]
    /// Digests of inputs that are never run again by themselves.
    var quarantinedInputs: Set<UInt64> = []
    var entryWriter = WireWriter()

    struct Barrier {
        let index: UInt64
        let release: (Bool) -> Void
    }

    /// An accepted turn whose entry is not committed yet, with all that is needed to undo it.
    struct InFlight {
        let index: UInt64
        let entry: Entry
        let bytes: Int
        let images: [BeforeImage]
        let minterBefore: IDMinter
        let timeBefore: Timestamp
        let formatBefore: UInt8
        /// The partition's when it was proposed: an index may be proposed again after it was taken back.
        let epoch: UInt64
        let reply: (@Sendable (Outcome) -> Void)?
    }

    package init(
        _ configuration: Configuration, executor: any PartitionExecutor, clock: any NodeClock, log: any PartitionLog,
        state: any StateKeeper, traps: TrapFile?
    ) {
        self.configuration = configuration
        self.number = configuration.number
        self.executor = executor
        self.clock = clock
        self.log = log
        self.state = state
        self.traps = traps
        attempts = traps?.attempts.filter { $0.partition == configuration.number } ?? []
        roster = Roster(partition: configuration.number, executor: executor.asUnownedSerialExecutor())
        wheel = TimerWheel(now: Timestamp(milliseconds: 0))
        time = JournaledTime(anchor: configuration.anchor)
        table = CommandTable(factor: time.factor)
        minter = IDMinter(partition: configuration.number)
        services = Services()
    }

    /// Runs `body` on the executor as soon as it comes to it.
    package nonisolated func run(_ body: @escaping @Sendable (isolated Partition) -> Void) {
        executor.run { self.assumeIsolated(body) }
    }

    /// As `run`, at a monotonic nanosecond or soon after.
    nonisolated func wake(at nanosecond: UInt64, _ body: @escaping @Sendable (isolated Partition) -> Void) {
        executor.wake(at: nanosecond) { self.assumeIsolated(body) }
    }

    // MARK: Entry

    /// Takes a command; `reply` is called once, on the executor.
    package nonisolated func submit(
        _ command: Command, key: CommandKey? = nil, reply: @escaping @Sendable (Outcome) -> Void
    ) {
        run { $0.admit(Input(.command(command, key), reply: reply)) }
    }

    /// Calls `body` with a state that has everything committed when this was called, and `release` with its result once
    /// that is sure; with nil when no leader was there to say so.
    package nonisolated func read<R: Sendable>(
        _ body: @escaping @Sendable (PartitionView) -> R, release: @escaping @Sendable (R?) -> Void
    ) {
        run { partition in
            switch partition.phase {
            case .leading, .retiring:
                let result = body(partition.view)
                partition.afterCommit { held in release(held ? result : nil) }
            case .following:
                partition.afterReadIndex { partition, held in
                    guard held else { return release(nil) }
                    let result = body(partition.view)
                    // It may have begun to lead meanwhile: what is under way is seen and not committed.
                    if partition.inflight.isEmpty { return release(result) }
                    partition.afterCommit { held in release(held ? result : nil) }
                }
            case .made, .draining, .stopped: release(nil)
            }
        }
    }

    /// Calls `release` with the last entry of a state that has everything committed when this was called, once that is
    /// sure; with nil when no leader was there to say so.
    nonisolated func whenCurrent(_ release: @escaping @Sendable (UInt64?) -> Void) {
        run { partition in
            switch partition.phase {
            case .leading, .retiring, .draining:
                let index = partition.proposed
                partition.afterCommit { held in release(held ? index : nil) }
            case .following: partition.afterReadIndex { partition, held in release(held ? partition.committed : nil) }
            case .made, .stopped: release(nil)
            }
        }
    }

    /// Calls `body` with the state as this node has it: committed, and perhaps long past. Who leads makes sure that he does,
    /// as what he has is ahead of what is committed; `release` gets nil when he does not.
    nonisolated func readHere<R: Sendable>(
        _ body: @escaping @Sendable (PartitionView) -> R, release: @escaping @Sendable (R?) -> Void
    ) {
        run { partition in
            if partition.phase == .following {
                release(partition.services.distrust == nil ? body(partition.view) : nil)
            } else {
                partition.read(body, release: release)
            }
        }
    }

    /// A question that nobody could answer may be answered before long: when somebody leads again.
    var mayAnswerSoon: Bool {
        switch phase {
        // Made: another node's state is being taken up.
        case .made, .following, .leading, .retiring:
            following.broken == nil && services.distrust == nil && journalTrouble != .journalFailed
        case .draining, .stopped: false
        }
    }

    private var view: PartitionView {
        PartitionView(roster, now: phase == .leading || phase == .retiring ? time.now(clock) : timeLast)
    }

    /// Follows a topic from the next commit on. `begun` gets the last position committed before it, so that what came
    /// earlier can be read from the store without a gap. It is called again when another node's state was installed: what
    /// happened up to that position is in the store and was not delivered.
    package nonisolated func subscribe(
        _ id: UInt64, to topic: Topic, begun: @escaping @Sendable (EventPosition) -> Void,
        deliver: @escaping @Sendable ([CommittedEvent]) -> Void
    ) {
        run { partition in
            partition.subscriptions.add(id, topic, begun, deliver)
            begun(partition.position)
        }
    }

    /// Behind everything committed so far.
    var position: EventPosition { EventPosition(entry: committed, sequence: EventPosition.eventsMax - 1) }

    package nonisolated func unsubscribe(_ id: UInt64) {
        run { $0.subscriptions.remove(id) }
    }

    // MARK: Admission

    /// Decides whether an input may run now: leadership, room, a key seen before, actors that have to come first.
    func admit(_ input: Input) {
        guard phase == .leading, services.givenUp == nil else {
            return turnAway(input)
        }
        if case .command(let command, let key) = input.what {
            if !command.isResult,
                inflight.count >= configuration.inflightMax || inflightBytes >= configuration.inflightBytesMax
                    || state.isBehind(number)
            {
                return refuse(input, .busy)
            }
            if let key, answerAgain(key, input) { return }
            if let missing = missing(for: command) { return park(input, for: missing) }
        }
        if case .timer(let actor, _) = input.what, let missing = missing(forTimerOf: actor) {
            return park(input, for: missing)
        }
        runTurn(input)
    }

    func turnAway(_ input: Input) {
        switch phase {
        case .draining, .stopped: input.reply?(.unavailable(.stopping))
        case .made, .following, .leading, .retiring: input.reply?(.unavailable(journalTrouble ?? .notLeading))
        }
    }

    private func refuse(_ input: Input, _ outcome: Outcome) {
        if case .busy = outcome { counters.busy += 1 }
        input.reply?(outcome)
    }

    /// The key came before: its answer goes out once its entry is committed.
    private func answerAgain(_ key: CommandKey, _ input: Input) -> Bool {
        table.expire(before: max(time.now(clock), timeLast))
        switch table.look(key) {
        case .unknown: return false
        case .reused:
            let refusal = Refusal(.idempotencyKeyReused, field: "Idempotency-Key")
            afterCommit { held in input.reply?(held ? .refused(refusal) : .unknown) }
        case .done(let answer, let index):
            counters.repeated += 1
            afterCommit(of: index) { held in
                input.reply?(held ? .repeated(answer, position: EventPosition(entry: index, sequence: 0)) : .unknown)
            }
        case .forgotten: input.reply?(.unknown)
        }
        return true
    }
}
