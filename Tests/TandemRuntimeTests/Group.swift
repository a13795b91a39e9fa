import Synchronization
import TandemConsensus
import TandemCore
import TandemJournal
import TandemWire

@testable import TandemRuntime

/// One partition on several nodes in memory, on the test's own thread: nothing is delivered, durable or due but when the
/// test lets it.
final class Group {
    let executor = HandExecutor()
    let clock = HandClock()
    let wire = HandWire()
    let ids: [NodeID]
    let founders: [NodeID]
    private(set) var members: [Member] = []
    /// All marks, as the members applied them.
    let told = Mutexed<[SeenMark]>([])
    let limits: RaftLimits
    let bounds: ReplicaLimits
    private let alarm: @Sendable (RaftAlarm) -> Void

    /// - Parameters:
    ///   - founders: how many of the members found the group; nil: all. The others wait to be admitted.
    ///   - directory: where the members keep real stores; nil: they keep their states in memory.
    ///   - absent: members that are not started yet.
    init(
        _ count: Int, founders: Int? = nil, traps: TrapFile? = nil, refusal: JournalError? = nil,
        directory: String? = nil, absent: Set<Int> = [], limits: RaftLimits = .ofNodes,
        bounds: ReplicaLimits = ReplicaLimits(), agreed: (NodeID) -> AgreedFormat = { _ in AgreedFormat() },
        alarm: @escaping @Sendable (RaftAlarm) -> Void = { _ in }
    ) throws {
        self.alarm = alarm
        ids = (1...count).map { NodeID(UInt32($0)) }
        self.founders = Array(ids.prefix(founders ?? count))
        self.limits = limits
        self.bounds = bounds
        members = ids.map { id in Member(id, directory: directory.map { "\($0)/member-\(id.node)" }, agreed(id)) }
        for (place, member) in members.enumerated() where !absent.contains(place) {
            member.journal.refusal = refusal
            try start(member, traps: traps)
        }
        settle()
    }

    /// Starts a member from what its journal and its store hold.
    func start(_ member: Member, traps: TrapFile? = nil) throws {
        member.life += 1
        let (keeper, snapshots, source) = try open(member)
        let replica = Replica(
            partition: 3, id: member.id,
            founders: founders.contains(member.id) ? Membership(voters: founders) : .none, log: member.journal,
            peers: wire, snapshots: snapshots, reader: executor, limits: limits, bounds: bounds, life: member.life,
            seed: member.id.value &* 77, alarm: alarm)
        var configuration = Partition.Configuration(number: 3, node: member.id.node, incarnation: member.life)
        configuration.agreed = member.agreed
        configuration.onMark = { [told] in told.set(told.get() + [$0]) }
        let partition = Partition(
            configuration, executor: executor, clock: clock, log: replica, state: keeper, traps: traps)
        let meta = source.meta
        guard
            member.journal.lastIndex(3) >= meta.applied || KeptMembership.isInstalled(meta, member.journal, 3)
        else {
            throw NodeError.storeAhead(partition: 3, store: meta.applied, journal: member.journal.lastIndex(3))
        }
        // Safe: the partition runs on this thread too.
        nonisolated(unsafe) let given = source
        try partition.assumeIsolated { _ = try $0.recover(from: given) }
        member.process = Process(replica: replica, partition: partition)
        wire.connect(member.id) { replica.receive($0) }
        try replica.start(
            partition, at: LogPoint(index: meta.applied, term: Term(meta.appliedTerm)),
            disk: member.journal.refusal == .diskFull ? .diskFull : .ok
        ) {}
    }

    /// What a member keeps its state in, copies it with and recovers from.
    private func open(
        _ member: Member
    ) throws -> (keeper: any StateKeeper, snapshots: any SnapshotKeeper, source: any StateSource) {
        guard let directory = member.directory else { return (member.state, NoSnapshots(), member.state) }
        try StoreSnapshots.tidy(directory: directory, partitions: 4)
        let store = try DiskStore(directory: directory, partition: 3)
        let (free, probe, alarms) = (member.free, member.probe, member.alarms)
        let snapshots = StoreSnapshots(
            directory: directory, owner: store, log: member.journal, maker: executor, parts: executor, clock: clock,
            limits: member.copying, freeBytes: { try free.get() ?? UInt64(FileSystem.freeBytes(at: $0)) },
            probe: { try probe.get()?($0) },
            alarm: { _, trouble in alarms.set(alarms.get() + [trouble]) })
        snapshots.takeUp(3..<4)
        member.store = store
        member.snapshots = snapshots
        return (store, snapshots, try store.source())
    }

    /// The process ends: what was not durable is gone, and what its store had not written.
    func crash(_ member: Member) {
        member.process?.replica.stop()
        member.snapshots?.stop()
        member.snapshots = nil
        member.store?.close()
        member.store = nil
        member.process = nil
        wire.disconnect(member.id)
        member.journal.crash()
        member.state.crash()
    }

    /// Runs whatever is enqueued until nothing is left.
    func settle() {
        repeat {
            executor.drain(at: clock.monotonic())
        } while deliver() || executor.hasWork(at: clock.monotonic())
    }

    private func deliver() -> Bool {
        var anything = false
        for member in members where member.journal.answer() { anything = true }
        return wire.deliver() || anything
    }

    /// Lets ticks of 10 ms pass for everybody.
    func tick(_ count: Int = 1) {
        for _ in 0..<count {
            clock.pass(milliseconds: 10)
            for member in members { member.process?.replica.tick() }
            settle()
        }
    }

    /// Lets time pass until somebody leads whom a majority follows.
    func elect() throws -> Member {
        for _ in 0..<200 {
            let leaders = members.filter(\.leads)
            if let leader = leaders.first(where: { wire.reaches($0.id, of: ids) }) { return leader }
            tick()
        }
        throw NobodyLeads()
    }

    struct NobodyLeads: Error {}

    /// Lets a member's store have the records as they are.
    func flush(_ member: Member) {
        let now = clock.monotonic()
        member.partition.assumeIsolated { $0.beginFlush(at: now) }
        settle()
    }

    @discardableResult
    func submit(_ command: Command, key: CommandKey? = nil, to member: Member) -> Outcome? {
        let box = OutcomeBox()
        member.partition.submit(command, key: key) { box.put($0) }
        settle()
        return box.take()
    }

    func answer(_ command: Command, to member: Member) throws -> Answer {
        let outcome = submit(command, to: member)
        guard case .answered(let answer, _) = outcome else { throw Unanswered(outcome: outcome) }
        return answer
    }

    /// What a read of the number of tenants brings; nil while it waits.
    func countTenants(_ member: Member) -> Mutexed<Int??> {
        let found = Mutexed<Int??>(nil)
        member.partition.read({ $0.tenants.count }, release: { count in found.set(.some(count)) })
        settle()
        return found
    }

    /// One node's part: what survives its process, and the process.
    final class Member {
        let id: NodeID
        let journal = HandJournal()
        let state = HandState()
        fileprivate(set) var process: Process?
        fileprivate(set) var life: UInt64 = 0
        /// Of a member with a real store.
        let directory: String?
        fileprivate(set) var store: DiskStore?
        fileprivate(set) var snapshots: StoreSnapshots?
        var copying = SnapshotLimits()
        /// Room on its disk; nil: as it is.
        let free = Mutexed<UInt64?>(nil)
        let probe = Mutexed<(@Sendable (StoreSnapshots.Step) throws -> Void)?>(nil)
        let alarms = Mutexed<[SnapshotTrouble]>([])

        /// What it has heard; it survives its process.
        let agreed: AgreedFormat

        init(_ id: NodeID, directory: String? = nil, _ agreed: AgreedFormat) {
            self.id = id
            self.agreed = agreed
            self.directory = directory
        }

        var isRunning: Bool { process != nil }
        // Safe: a test asks only those that run.
        var partition: Partition { process!.partition }
        var replica: Replica { process!.replica }
        var bytes: [UInt8] { partition.assumeIsolated { $0.canonicalState() } }
        var counters: Counters { partition.assumeIsolated { $0.counters } }
        var committed: UInt64 { partition.assumeIsolated { $0.committed } }
        var leads: Bool { process?.partition.assumeIsolated { $0.phase } == .leading }
    }

    struct Process {
        let replica: Replica
        let partition: Partition
    }
}

/// A value that a reply sets.
final class Mutexed<Value: Sendable>: Sendable {
    private let value: Mutex<Value>
    init(_ value: Value) { self.value = Mutex(value) }
    func set(_ new: Value) { value.withLock { $0 = new } }
    func get() -> Value { value.withLock { $0 } }
}

/// The way between the members: messages wait until they are delivered; those over a cut link are lost.
final class HandWire: ReplicaPeers {
    private struct Kept {
        var waiting: [RaftMessage] = []
        var receivers: [NodeID: @Sendable (RaftMessage) -> Void] = [:]
        var isolated: Set<NodeID> = []
        var isLost: @Sendable (RaftMessage) -> Bool = { _ in false }
        var filter: (@Sendable (RaftMessage) -> RaftMessage?)?
    }
    private let kept = Mutex(Kept())

    /// Loses messages of a kind from now on.
    func lose(_ isLost: @escaping @Sendable (RaftMessage) -> Bool) { kept.withLock { $0.isLost = isLost } }

    func connect(_ id: NodeID, _ receive: @escaping @Sendable (RaftMessage) -> Void) {
        kept.withLock { $0.receivers[id] = receive }
    }

    func disconnect(_ id: NodeID) { kept.withLock { $0.receivers[id] = nil } }

    /// Cuts a node off from all others, or lets it back.
    func isolate(_ id: NodeID, _ isIsolated: Bool = true) {
        kept.withLock { kept in
            if isIsolated { kept.isolated.insert(id) } else { kept.isolated.remove(id) }
        }
    }

    /// Changes or loses messages on their way.
    func filter(_ filter: (@Sendable (RaftMessage) -> RaftMessage?)?) { kept.withLock { $0.filter = filter } }

    func reaches(_ id: NodeID, of ids: [NodeID]) -> Bool {
        kept.withLock { kept in
            let reached = ids.filter { kept.receivers[$0] != nil && !kept.isolated.contains($0) }
            return reached.contains(id) && reached.count > ids.count / 2 || ids.count == 1
        }
    }

    func send(_ message: RaftMessage, of partition: UInt16) {
        // Through its bytes, as on a real wire.
        guard let bytes = try? RaftCodec.encode(message, in: WireVersion.oldest),
            let read = try? RaftCodec.decode(RaftMessage.self, bytes)
        else { return }
        kept.withLock { kept in
            if let filtered = kept.filter.map({ $0(read) }) ?? read { kept.waiting.append(filtered) }
        }
    }

    func deliver() -> Bool {
        let due = kept.withLock { kept in
            let due = kept.waiting.compactMap { message -> (RaftMessage, @Sendable (RaftMessage) -> Void)? in
                guard !kept.isolated.contains(message.from), !kept.isolated.contains(message.to), !kept.isLost(message)
                else { return nil }
                return kept.receivers[message.to].map { (message, $0) }
            }
            kept.waiting = []
            return due
        }
        for (message, receive) in due { receive(message) }
        return !due.isEmpty
    }
}

/// A journal in memory that makes writes durable when the test says so; by default at once.
final class HandJournal: EntryLog {
    private struct Kept {
        var entries: [JournalEntry] = []
        var cut: (index: UInt64, term: UInt64) = (0, 0)
        var ballot = HardState()
        var owed: OwedStretch?
        var meta: [String: String] = [:]
        var waiting: [(write: JournalWrite, completion: JournalCompletion)] = []
        var holds = false
        var refusal: JournalError?
        /// Appends that are still taken before `refusal` counts.
        var taken = 0
        var refusalOnce: JournalError?
        var damage: JournalFinding?
        var isUnreadable = false
        var forgotten: [UInt64] = []
    }
    private let kept = Mutex(Kept())

    /// Refuses appends from now on, but for the next `count`.
    func refuse(_ error: JournalError, after count: Int) {
        kept.withLock { kept in
            kept.refusal = error
            kept.taken = count
        }
    }

    var holds: Bool {
        get { kept.withLock { $0.holds } }
        set { kept.withLock { $0.holds = newValue } }
    }

    /// What everything is refused with that takes room.
    var refusal: JournalError? {
        get { kept.withLock { $0.refusal } }
        set { kept.withLock { $0.refusal = newValue } }
    }

    var entries: [JournalEntry] { kept.withLock { $0.entries } }

    /// Refuses to forget or to take back, the next time.
    func refuseOnce(_ error: JournalError) { kept.withLock { $0.refusalOnce = error } }

    /// What whoever reads entries finds until it is forgotten; nil: nothing.
    var damage: JournalFinding? {
        get { kept.withLock { $0.damage } }
        set { kept.withLock { $0.damage = newValue } }
    }

    /// Nobody can read entries for the moment.
    var isUnreadable: Bool {
        get { kept.withLock { $0.isUnreadable } }
        set { kept.withLock { $0.isUnreadable = newValue } }
    }

    /// From where on entries were forgotten, each time.
    var forgotten: [UInt64] { kept.withLock { $0.forgotten } }

    /// From now on entries have to come back.
    func owe(_ owed: OwedStretch) { kept.withLock { $0.owed = owed } }

    /// Facts about the node that are durable.
    var facts: [String: String] { kept.withLock { $0.meta } }

    func crash() { kept.withLock { $0.waiting = [] } }

    /// Has a fact from before.
    func know(_ key: String, _ value: String) { kept.withLock { $0.meta[key] = value } }

    func submit(_ write: JournalWrite, completion: @escaping JournalCompletion) {
        kept.withLock { $0.waiting.append((write, completion)) }
    }

    func answer() -> Bool {
        let answers = kept.withLock { kept -> [(JournalCompletion, Result<Void, JournalError>)] in
            guard !kept.holds else { return [] }
            let waiting = kept.waiting
            kept.waiting = []
            return waiting.map { ($0.completion, Self.apply($0.write, to: &kept)) }
        }
        for (completion, result) in answers { completion(result) }
        return !answers.isEmpty
    }

    private static func apply(_ write: JournalWrite, to kept: inout Kept) -> Result<Void, JournalError> {
        let last = kept.entries.last?.index ?? kept.cut.index
        switch write {
        case .append(let entries):
            if let refusal = kept.refusal, kept.taken == 0 { return .failure(refusal) }
            kept.taken = max(0, kept.taken - 1)
            guard let first = entries.first, first.index == last + 1 else {
                return .failure(.outOfOrder(partition: 3, expected: last + 1, found: entries.first?.index ?? 0))
            }
            kept.entries += entries
        case .hardState(_, let ballot): kept.ballot = ballot
        case .cut(_, let below):
            guard let end = kept.entries.last(where: { $0.index < below }) else { return .success(()) }
            kept.cut = (end.index, end.term)
            kept.entries.removeAll { $0.index < below }
        case .truncate(_, let from):
            if let refusal = kept.refusalOnce.take() { return .failure(refusal) }
            kept.entries.removeAll { $0.index >= from }
        case .restart(_, let behind, let term):
            kept.cut = (behind, term)
            kept.entries = []
        case .forget(_, let from):
            if let refusal = kept.refusal { return .failure(refusal) }
            if let refusal = kept.refusalOnce.take() { return .failure(refusal) }
            kept.forgotten.append(from)
            if let damaged = kept.damage?.indexes?.lowerBound, from <= damaged { kept.damage = nil }
            kept.owed = OwedStretch(
                last: last, lastTerm: kept.entries.last?.term ?? kept.cut.term, term: kept.ballot.term
            ).joined(with: kept.owed)
            kept.entries.removeAll { $0.index >= from }
            if from == 0 { kept.cut = (0, 0) }
        case .settled: kept.owed = nil
        case .meta(let key, let value): kept.meta[key] = value
        }
        return .success(())
    }

    func refuseUntilThereIsRoom() { refusal = .diskFull }

    func read(partition: UInt16, from index: UInt64, maximumBytes: Int) throws(JournalError) -> [JournalEntry] {
        try kept.withLock { kept throws(JournalError) in
            if let damage = kept.damage { throw .damaged(damage) }
            if kept.isUnreadable { throw .unreadable(file: "journal", cause: "too many open files") }
            var bytes = 0
            return Array(
                kept.entries.drop { $0.index < index }.prefix { entry in
                    defer { bytes += entry.bytes.count }
                    return bytes < maximumBytes
                })
        }
    }
    func firstIndex(_ partition: UInt16) -> UInt64 { kept.withLock { $0.cut.index + 1 } }
    func lastIndex(_ partition: UInt16) -> UInt64 { kept.withLock { $0.entries.last?.index ?? $0.cut.index } }
    func lastTerm(_ partition: UInt16) -> UInt64 { kept.withLock { $0.entries.last?.term ?? $0.cut.term } }
    func cutTerm(_ partition: UInt16) -> UInt64 { kept.withLock { $0.cut.term } }
    func hardState(_ partition: UInt16) -> HardState { kept.withLock { $0.ballot } }
    func owed(_ partition: UInt16) -> OwedStretch? { kept.withLock { $0.owed } }
    func meta(_ key: String) -> String? { kept.withLock { $0.meta[key] } }
}
