import Synchronization
import TandemConsensus
import TandemCore
import TandemJournal
import TandemReadModel
import TandemWire

@testable import TandemRuntime

/// One partition on the test's own thread: nothing runs but what the test lets run, no clock but the test's.
final class Stage {
    let executor = HandExecutor()
    let clock = HandClock()
    let log = HandLog()
    let state = HandState()
    let partition: Partition
    let minter: IDMinter

    init(_ configure: (inout Partition.Configuration) -> Void = { _ in }, traps: TrapFile? = nil) throws {
        var configuration = Partition.Configuration(number: 3)
        configure(&configuration)
        minter = IDMinter(partition: 3)
        partition = Partition(
            configuration, executor: executor, clock: clock, log: log, state: state, traps: traps)
        let (state, partition) = (state, partition)
        log.onWithdraw { partition.depose(nil) }
        try partition.assumeIsolated { partition in
            _ = try partition.recover(from: state)
            partition.lead(term: 1, opening: partition.committed)
        }
        settle()
    }

    /// Runs whatever is enqueued, wake-ups that are due included, until nothing is left.
    func settle() {
        repeat {
            executor.drain(at: clock.monotonic())
        } while log.answer() || executor.hasWork(at: clock.monotonic())
    }

    @discardableResult
    func submit(_ command: Command, key: CommandKey? = nil) -> Outcome? {
        let box = OutcomeBox()
        partition.submit(command, key: key) { box.put($0) }
        settle()
        return box.take()
    }

    /// Submits and returns what was answered; anything else is the test's failure.
    func answer(_ command: Command) throws -> Answer {
        let outcome = submit(command)
        guard case .answered(let answer, _) = outcome else { throw Unanswered(outcome: outcome) }
        return answer
    }

    func pass(milliseconds: Int64) {
        clock.pass(milliseconds: milliseconds)
        settle()
    }

    func record(_ actor: ActorID) -> Record? { partition.assumeIsolated { $0.roster.record(actor) } }
    var bytes: [UInt8] { partition.assumeIsolated { $0.canonicalState() } }
    var counters: Counters { partition.assumeIsolated { $0.counters } }
}

extension Partition {
    /// Every actor's record, in the order of their identifiers: equal bytes, equal state.
    func canonicalState() -> [UInt8] {
        var writer = WireWriter()
        forEachRecord { writer.write(RecordCodec.encode($0, in: format)) }
        return writer.bytes
    }
}

struct Unanswered: Error { let outcome: Outcome? }

/// What a reply brought.
final class OutcomeBox: Sendable {
    private let outcome = Mutex<Outcome?>(nil)
    func put(_ new: Outcome) { outcome.withLock { $0 = new } }
    func take() -> Outcome? { outcome.withLock { $0.take() } }
}

/// Runs work when the test says so, on the test's thread.
final class HandExecutor: PartitionExecutor {
    private struct Queue {
        var work: [@Sendable () -> Void] = []
        var wakes: [(at: UInt64, work: @Sendable () -> Void)] = []
    }
    private let queue = Mutex(Queue())
    // Safe: filled and emptied by the one thread that drains.
    nonisolated(unsafe) private var hooks: [() -> Void] = []

    func run(_ work: @escaping @Sendable () -> Void) { queue.withLock { $0.work.append(work) } }
    func afterBatch(_ work: @escaping () -> Void) { hooks.append(work) }
    func wake(at deadline: UInt64, _ work: @escaping @Sendable () -> Void) {
        queue.withLock { $0.wakes.append((deadline, work)) }
    }
    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = asUnownedSerialExecutor()
        run { job.runSynchronously(on: executor) }
    }
    func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }
    func checkIsolated() {}
    func isIsolatingCurrentContext() -> Bool? { true }

    func hasWork(at now: UInt64) -> Bool {
        queue.withLock { queue in !queue.work.isEmpty || queue.wakes.contains { $0.at <= now } }
    }

    func drain(at now: UInt64) {
        while true {
            let work = queue.withLock { queue in
                let due = queue.wakes.filter { $0.at <= now }.map(\.work)
                queue.wakes.removeAll { $0.at <= now }
                let work = due + queue.work
                queue.work = []
                return work
            }
            for item in work { item() }
            let after = hooks
            hooks = []
            for hook in after { hook() }
            if work.isEmpty, after.isEmpty { return }
        }
    }
}

/// A log in memory whose entries are committed when the test says so; by default at once.
final class HandLog: PartitionLog {
    private struct Kept {
        var entries: [JournalEntry] = []
        var waiting: [(entries: [JournalEntry], completion: AppendCompletion)] = []
        var holds = false
        var refusal: NotCommitted?
        var hasWithdrawn = false
        var onWithdraw: (@Sendable () -> Void)?
        var others = false
        var confirmations: [@Sendable (Bool) -> Void] = []
    }
    private let kept = Mutex(Kept())

    /// While it holds, nothing becomes durable.
    var holds: Bool {
        get { kept.withLock { $0.holds } }
        set { kept.withLock { $0.holds = newValue } }
    }

    /// What every write is refused with.
    var refusal: NotCommitted? {
        get { kept.withLock { $0.refusal } }
        set { kept.withLock { $0.refusal = newValue } }
    }

    var entries: [JournalEntry] { kept.withLock { $0.entries } }

    /// There are other voters: leadership has to be confirmed.
    var decidesAlone: Bool {
        get { kept.withLock { !$0.others } }
        set { kept.withLock { $0.others = !newValue } }
    }

    var leader: NodeID? { NodeID(1) }
    var hasWithdrawn: Bool { kept.withLock { $0.hasWithdrawn } }

    /// Refuses what was proposed last; what came before it waits on.
    func refuseLast(_ reason: NotCommitted) {
        guard let last = kept.withLock({ $0.waiting.popLast() }) else { return }
        Self.answer(last, .failure(reason))
    }

    /// Loses what is not committed, as a power cut or a new leader would.
    func loseWaiting() { kept.withLock { $0.waiting = [] } }

    func append(_ entries: [JournalEntry], completion: @escaping AppendCompletion) {
        kept.withLock { $0.waiting.append((entries, completion)) }
    }

    /// Answers what waits; false when there was nothing to answer.
    func answer() -> Bool {
        let (answered, refusal) = kept.withLock { kept -> ([([JournalEntry], AppendCompletion)], NotCommitted?) in
            guard !kept.holds else { return ([], nil) }
            let waiting = kept.waiting
            kept.waiting = []
            if kept.refusal == nil { for item in waiting { kept.entries += item.entries } }
            return (waiting, kept.refusal)
        }
        for item in answered { Self.answer(item, refusal.map { .failure($0) } ?? .success(())) }
        return !answered.isEmpty
    }

    private static func answer(_ item: ([JournalEntry], AppendCompletion), _ result: Result<Void, NotCommitted>) {
        guard let first = item.0.first, let last = item.0.last else { return }
        item.1(first.index...last.index, result)
    }

    func confirmLeadership(_ done: @escaping @Sendable (Bool) -> Void) {
        kept.withLock { $0.confirmations.append(done) }
    }

    /// What was asked for is answered.
    func confirm(_ held: Bool) {
        let asked = kept.withLock { kept in
            defer { kept.confirmations = [] }
            return kept.confirmations
        }
        for done in asked { done(held) }
    }

    func readIndex(_ done: @escaping @Sendable (UInt64?) -> Void) {
        done(kept.withLock { $0.entries.last?.index ?? 0 })
    }

    func withdraw() {
        let hook = kept.withLock { kept in
            kept.hasWithdrawn = true
            return kept.onWithdraw
        }
        hook?()
    }

    func onWithdraw(_ hook: @escaping @Sendable () -> Void) { kept.withLock { $0.onWithdraw = hook } }

    func read(partition: UInt16, from index: UInt64, maximumBytes: Int) throws(JournalError) -> [JournalEntry] {
        kept.withLock { kept in Array(kept.entries.drop { $0.index < index }) }
    }
}

/// A store in memory.
final class HandState: StateKeeper, StateSource {
    private struct Kept {
        var mark = StateMeta()
        var records: [ActorID: ChangedRecord] = [:]
        var committed: [CommittedEntry] = []
        var holds = false
        var unwritten: [CommittedEntry] = []
    }
    private let kept = Mutex(Kept())

    /// While it holds, what comes is not written, and lost with the process.
    var holds: Bool {
        get { kept.withLock { $0.holds } }
        set { kept.withLock { $0.holds = newValue } }
    }

    func crash() {
        kept.withLock { kept in
            kept.unwritten = []
            kept.holds = false
        }
    }

    var committed: [CommittedEntry] { kept.withLock { $0.committed } }
    /// From the first on there is one for each index.
    func committed(after index: UInt64) -> ArraySlice<CommittedEntry> {
        kept.withLock { $0.committed[Int(index)...] }
    }

    func append(_ entries: [CommittedEntry], of partition: UInt16) {
        kept.withLock { kept in
            if kept.holds { return kept.unwritten += entries }
            let entries = (kept.unwritten + entries).filter { $0.index > kept.mark.applied }
            kept.unwritten = []
            kept.committed += entries
            kept.mark.applied = entries.last?.index ?? kept.mark.applied
            kept.mark.appliedTerm = entries.last?.term ?? kept.mark.appliedTerm
            kept.mark.minted = entries.last?.entry.minted ?? kept.mark.minted
            kept.mark.format = entries.reduce(kept.mark.format) { max($0, $1.entry.format) }
            kept.mark.time = entries.last?.entry.time ?? kept.mark.time
        }
    }

    func flush(
        _ records: [ChangedRecord], upTo index: UInt64, of partition: UInt16, done: @escaping @Sendable (Bool) -> Void
    ) {
        kept.withLock { kept in
            for record in records { kept.records[record.actor] = record }
            kept.mark.recordsApplied = index
        }
        done(true)
    }

    func load(
        _ actor: ActorID, of partition: UInt16, done: @escaping @Sendable (Result<Record?, StateError>) -> Void
    ) {
        done(.success(try? loadNow(actor, of: partition)))
    }

    func stored(_ actor: ActorID, of partition: UInt16) throws(StateError) -> StoredRecord {
        StoredRecord(record: try loadNow(actor, of: partition), index: kept.withLock { $0.mark.recordsApplied })
    }

    func loadNow(_ actor: ActorID, of partition: UInt16) throws(StateError) -> Record? {
        guard let found = kept.withLock({ $0.records[actor] }) else { return nil }
        do throws(WireError) {
            return try RecordCodec.decode(kind: actor.kind, found.bytes)
        } catch {
            throw StateError("\(error)")
        }
    }

    func isBehind(_ partition: UInt16) -> Bool { false }

    func load(_ actor: ActorID) throws(StateError) -> Record? { try loadNow(actor, of: 3) }
    var meta: StateMeta { kept.withLock { $0.mark } }
    func forEachOpenRecord(_ body: (Record) -> Void) throws(StateError) {
        let open = kept.withLock { $0.records.values.filter { !$0.isDormant }.map(\.actor).sorted() }
        for actor in open { if let record = try loadNow(actor, of: 0) { body(record) } }
    }
    func forEachCommand(
        since: Timestamp, _ body: (CommandKey, Answer, Timestamp, UInt64) -> Void
    ) throws(StateError) {
        for entry in committed where entry.entry.time >= since {
            if let key = entry.entry.key, let answer = entry.entry.answer {
                body(key, answer, entry.entry.time, entry.index)
            }
        }
    }
}
