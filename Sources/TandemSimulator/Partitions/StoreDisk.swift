internal import TandemCore
internal import TandemReadModel
internal import TandemRuntime
internal import TandemWire

/// A machine's `state.sqlite`: it lags behind, and a crash takes what it had not written; a power cut also what it had
/// written since the last checkpoint.
// Safe: a run has one thread.
final class StoreDisk: StateKeeper, StateSource, @unchecked Sendable {
    fileprivate struct Done {
        let key: CommandKey
        let answer: Answer
        let time: Timestamp
        let index: UInt64
    }
    fileprivate struct Kept {
        var meta = StateMeta()
        var records: [ActorID: ChangedRecord] = [:]
        var commands: [Done] = []
        /// Entries behind the records.
        var tail: [CommittedEntry] = []
    }
    /// Everything as it stands at one entry.
    struct Copy {
        fileprivate let kept: Kept
        var meta: StateMeta { kept.meta }
    }
    private enum Work {
        case entries([CommittedEntry])
        case records([ChangedRecord], upTo: UInt64, done: @Sendable (Bool) -> Void)
    }

    private var kept = Kept()
    private var synced = Kept()
    private var work: [Work] = []
    private var unwritten = 0
    private var isPlanned = false
    let behindMax: Int
    /// Calls `write` in a while.
    var plan: () -> Void = {}
    var planLoad: (@escaping () -> Void) -> Void = { _ in }
    /// Told of what the partition says is committed.
    var onEntry: (CommittedEntry) -> Void = { _ in }
    /// Told of what a store would refuse.
    var onDisorder: (String) -> Void = { _ in }

    init(behindMax: Int) { self.behindMax = behindMax }

    func append(_ entries: [CommittedEntry], of partition: UInt16) {
        for entry in entries { onEntry(entry) }
        unwritten += entries.count
        add(.entries(entries))
    }

    func flush(
        _ records: [ChangedRecord], upTo index: UInt64, of partition: UInt16, done: @escaping @Sendable (Bool) -> Void
    ) {
        add(.records(records, upTo: index, done: done))
    }

    private func add(_ new: Work) {
        work.append(new)
        planWrite()
    }

    private func planWrite() {
        guard !isPlanned else { return }
        isPlanned = true
        plan()
    }

    /// Writes the oldest of what waits.
    func write(_ count: Int) {
        isPlanned = false
        let due = work.prefix(count)
        work.removeFirst(due.count)
        for one in due { write(one) }
        if !work.isEmpty { planWrite() }
    }

    var waiting: Int { work.count }

    private func write(_ one: Work) {
        switch one {
        case .entries(let entries):
            unwritten -= entries.count
            for entry in entries where entry.index > kept.meta.applied {
                kept.meta.applied = entry.index
                kept.meta.appliedTerm = entry.term
                kept.meta.minted = entry.entry.minted
                kept.meta.time = entry.entry.time
                kept.meta.format = max(kept.meta.format, entry.entry.format)
                kept.tail.append(entry)
                if let key = entry.entry.key, let answer = entry.entry.answer {
                    kept.commands.append(Done(key: key, answer: answer, time: entry.entry.time, index: entry.index))
                }
            }
        case .records(let records, let index, let done):
            if index > kept.meta.applied || index < kept.meta.recordsApplied {
                onDisorder("records of \(index) come to a store of \(kept.meta.applied)")
            }
            for record in records { kept.records[record.actor] = record }
            kept.meta.recordsApplied = index
            kept.tail.removeAll { $0.index <= index }
            done(true)
        }
    }

    // MARK: Copies

    /// What is written, with the records brought to the last entry by the events alone; nil if one cannot be read.
    func copy() -> Copy? {
        var copy = kept
        for committed in copy.tail {
            for event in committed.entry.events {
                var concerned: [ActorID] = []
                event.forEachConcerned { concerned.append($0) }
                for actor in concerned {
                    var record = Record(absent: actor)
                    if let stored = copy.records[actor]?.bytes {
                        guard let read = try? RecordCodec.decode(kind: actor.kind, stored) else { return nil }
                        record = read
                    }
                    let changed = record.applying(event, at: committed.entry.time)
                    copy.records[actor] = ChangedRecord(
                        actor: actor, bytes: RecordCodec.encode(changed, in: kept.meta.format),
                        isDormant: changed.isDormant)
                }
            }
        }
        copy.tail = []
        copy.meta.recordsApplied = copy.meta.applied
        return Copy(kept: copy)
    }

    /// The store is another one from now on, durably; what waited to be written is superseded.
    func replace(by copy: Copy) {
        let superseded = work
        kept = copy.kept
        synced = kept
        work = []
        unwritten = 0
        for one in superseded {
            if case .records(_, _, let done) = one { done(false) }
        }
    }

    /// What is written survives a power cut from now on.
    ///
    /// - Returns: the entry at which the records stand.
    func checkpoint() -> UInt64 {
        synced = kept
        return synced.meta.recordsApplied
    }

    func crash(power: Bool) {
        work = []
        unwritten = 0
        isPlanned = false
        if power { kept = synced }
    }

    // MARK: Reading

    func load(
        _ actor: ActorID, of partition: UInt16, done: @escaping @Sendable (Result<Record?, StateError>) -> Void
    ) {
        planLoad { [self] in
            do throws(StateError) {
                done(.success(try load(actor)))
            } catch {
                done(.failure(error))
            }
        }
    }

    func stored(_ actor: ActorID, of partition: UInt16) throws(StateError) -> StoredRecord {
        StoredRecord(record: try load(actor), index: kept.meta.recordsApplied)
    }

    func isBehind(_ partition: UInt16) -> Bool { unwritten > behindMax }

    var meta: StateMeta { kept.meta }

    func load(_ actor: ActorID) throws(StateError) -> Record? {
        guard let found = kept.records[actor] else { return nil }
        do throws(WireError) {
            return try RecordCodec.decode(kind: actor.kind, found.bytes)
        } catch {
            throw StateError("\(error)")
        }
    }

    func forEachOpenRecord(_ body: (Record) -> Void) throws(StateError) {
        for actor in kept.records.keys.sorted() where kept.records[actor]?.isDormant == false {
            if let record = try load(actor) { body(record) }
        }
    }

    func forEachCommand(
        since: Timestamp, _ body: (CommandKey, Answer, Timestamp, UInt64) -> Void
    ) throws(StateError) {
        for one in kept.commands where one.time >= since { body(one.key, one.answer, one.time, one.index) }
    }
}
