internal import Foundation
internal import Synchronization
package import TandemCore
package import TandemJournal
package import TandemReadModel
internal import TandemTransport
package import TandemWire

/// The thread that writes every partition's `state.sqlite`, and the threads that read them.
///
/// What partitions commit is gathered for `gatherTime` and written in one transaction each; a reader who must see it
/// hurries it. With a full disk it waits and tries again: the journal holds everything meanwhile. A store that failed
/// otherwise is not written again in this life; its partition takes no more commands once the bound is reached.
// Safe: `stores` and what the writer keeps are touched on `writer` alone, `readers` each on its own loop; the rest is
// under `shared` or atomic.
package final class StateThread: StateKeeper, @unchecked Sendable {
    /// How long committed entries may gather before they are written, in nanoseconds: on a quiet node each batch costs
    /// the journal's next sync a write of its own.
    private static let gatherTime: UInt64 = 200_000_000
    /// Entries at which they are written at once.
    private static let gatheredMax = 4_096
    /// Entries not yet written, of all partitions, from which on no more commands are taken.
    package static let behindMax = 100_000
    /// Between two checkpoints of one store, in nanoseconds.
    private static let checkpointInterval: UInt64 = 30_000_000_000
    /// Entries and records after which a store is checkpointed at once: what a checkpoint has to move stays small, so that the read
    /// model does not stand still for long.
    package static let checkpointWork = 100_000
    private static let retryInterval: UInt64 = 1_000_000_000

    private enum Work {
        case entries([CommittedEntry])
        case records([ChangedRecord], upTo: UInt64, done: @Sendable (Bool) -> Void)
    }

    private struct Waiter {
        let index: UInt64
        let ready: @Sendable (StateError?) -> Void
    }

    private struct Shared {
        var work: [[Work]]
        var gathered = 0
        var scheduled = false
        var hurried = false
        var applied: [UInt64]
        var waiters: [[Waiter]]
        var trouble: [StateError?]
    }

    private let directory: String
    private let checkpointWork: Int
    private let log: any EntryLog
    private let writer: EventLoop
    private let readers: [Reader]
    private var stores: [PartitionStore] = []
    private var checkpointed: [UInt64] = []
    /// Entries and records written since.
    private var unmoved: [Int] = []
    private let shared: Mutex<Shared>
    private let behind = Atomic<Int>(0)
    private let next = Atomic<Int>(0)

    /// A thread with a connection of its own to each store.
    // Safe: `stores` is touched on `loop` alone.
    private final class Reader: @unchecked Sendable {
        let loop: EventLoop
        var stores: [UInt16: StoreReader] = [:]
        init(_ loop: EventLoop) { self.loop = loop }
    }

    /// Opens, or makes, the stores of `partitions` partitions below `directory`.
    package init(
        directory: String, partitions: Int, log: any EntryLog, readers: Int = 2,
        checkpointWork: Int = StateThread.checkpointWork
    ) throws {
        self.directory = directory
        self.checkpointWork = checkpointWork
        self.log = log
        writer = try EventLoop(name: "state")
        self.readers = try (0..<readers).map { Reader(try EventLoop(name: "reader-\($0)")) }
        shared = Mutex(
            Shared(
                work: Array(repeating: [], count: partitions), applied: Array(repeating: 0, count: partitions),
                waiters: Array(repeating: [], count: partitions), trouble: Array(repeating: nil, count: partitions)))
        for partition in 0..<partitions {
            let folder = Self.folder(UInt16(partition), in: directory)
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let store = try PartitionStore(directory: folder, partition: UInt16(partition))
            shared.withLock { $0.applied[partition] = store.mark.applied }
            stores.append(store)
        }
        checkpointed = Array(repeating: EventLoop.monotonicNanoseconds(), count: partitions)
        unmoved = Array(repeating: 0, count: partitions)
    }

    /// Where a partition keeps its `state.sqlite`.
    package static func folder(_ partition: UInt16, in directory: String) -> String {
        "\(directory)/partition-\(partition)"
    }

    package func start() {
        writer.start()
        for reader in readers { reader.loop.start() }
    }

    /// Writes what is gathered, then ends the threads.
    package func stop() {
        writer.run { self.write() }
        writer.stop()
        for reader in readers { reader.loop.stop() }
        for store in stores { store.close() }
    }

    /// What a partition recovers from; used before `start`.
    package func source(of partition: UInt16) throws(StoreError) -> any StateSource {
        try StoreSource(stores[Int(partition)].mark, directory: Self.folder(partition, in: directory))
    }

    // MARK: From the partitions

    package func append(_ entries: [CommittedEntry], of partition: UInt16) {
        behind.wrappingAdd(entries.count, ordering: .relaxed)
        put(.entries(entries), weighing: entries.count, of: partition)
    }

    package func flush(
        _ records: [ChangedRecord], upTo index: UInt64, of partition: UInt16, done: @escaping @Sendable (Bool) -> Void
    ) {
        put(.records(records, upTo: index, done: done), weighing: records.count, of: partition)
    }

    package func isBehind(_ partition: UInt16) -> Bool { behind.load(ordering: .relaxed) > Self.behindMax }

    /// Committed entries that are not in the read model yet.
    package var lag: Int { behind.load(ordering: .relaxed) }

    package func applied(_ partition: UInt16) -> UInt64 { shared.withLock { $0.applied[Int(partition)] } }

    private func put(_ work: Work, weighing weight: Int, of partition: UInt16) {
        let (now, later) = shared.withLock { shared in
            shared.work[Int(partition)].append(work)
            shared.gathered += weight
            let urgent = shared.hurried || shared.gathered >= Self.gatheredMax
            if shared.scheduled && !urgent { return (false, false) }
            let first = !shared.scheduled
            shared.scheduled = true
            return (urgent, first && !urgent)
        }
        if now { writer.run { self.write() } }
        if later {
            writer.wake(at: EventLoop.monotonicNanoseconds() + Self.gatherTime) { self.write() }
        }
    }

    // MARK: Reading

    /// Runs `body` on a reader's thread once the partition's entry `index` is in the read model.
    package func query<R: Sendable>(
        _ partition: UInt16, upTo index: UInt64, _ body: @escaping @Sendable (StoreReader) throws -> R,
        done: @escaping @Sendable (Result<R, StateError>) -> Void
    ) {
        whenApplied(partition, index) { [self] trouble in
            if let trouble { return done(.failure(trouble)) }
            let reader = readers[next.wrappingAdd(1, ordering: .relaxed).oldValue % readers.count]
            reader.loop.run {
                do {
                    done(.success(try body(try self.store(partition, of: reader))))
                } catch {
                    done(.failure(StateError("\(error)")))
                }
            }
        }
    }

    package func load(
        _ actor: ActorID, of partition: UInt16, done: @escaping @Sendable (Result<Record?, StateError>) -> Void
    ) {
        query(partition, upTo: 0, { try $0.load(actor) }, done: done)
    }

    /// Through a connection of its own: the caller cannot wait for a reader's thread.
    package func stored(_ actor: ActorID, of partition: UInt16) throws(StateError) -> StoredRecord {
        do throws(StoreError) {
            let reader = try StoreReader(directory: Self.folder(partition, in: directory))
            return try reader.snapshot {
                StoredRecord(record: try reader.load(actor), index: try reader.mark().recordsApplied)
            }
        } catch .missing {
            return StoredRecord(record: nil, index: 0)  // Nothing was ever written: the journal has it all.
        } catch {
            throw StateError("\(error)")
        }
    }

    private func store(_ partition: UInt16, of reader: Reader) throws -> StoreReader {
        if let store = reader.stores[partition] { return store }
        let store = try StoreReader(directory: Self.folder(partition, in: directory))
        reader.stores[partition] = store
        return store
    }

    private func whenApplied(
        _ partition: UInt16, _ index: UInt64, _ ready: @escaping @Sendable (StateError?) -> Void
    ) {
        let waits = shared.withLock { shared -> (Bool, StateError?) in
            if shared.applied[Int(partition)] >= index { return (false, nil) }
            if let trouble = shared.trouble[Int(partition)] { return (false, trouble) }
            shared.waiters[Int(partition)].append(Waiter(index: index, ready: ready))
            shared.hurried = true
            return (true, nil)
        }
        if waits.0 { writer.run { self.write() } } else { ready(waits.1) }
    }

    // MARK: Writing

    private func write() {
        let (work, partitions) = shared.withLock { shared in
            let work = shared.work
            for partition in shared.work.indices { shared.work[partition] = [] }
            shared.gathered = 0
            shared.scheduled = false
            shared.hurried = false
            return (work, shared.work.count)
        }
        for partition in 0..<partitions where !work[partition].isEmpty { write(work[partition], of: partition) }
    }

    private func write(_ work: [Work], of partition: Int) {
        var left = work[...]
        do {
            while let first = left.first {
                switch first {
                case .entries:
                    var entries: [CommittedEntry] = []
                    var taken = 0
                    while taken < left.count, case .entries(let more) = left[left.startIndex + taken] {
                        entries += more
                        taken += 1
                    }
                    try stores[partition].append(entries)
                    left = left.dropFirst(taken)
                    behind.wrappingSubtract(entries.count, ordering: .relaxed)
                    // Safe: a batch holds at least one entry.
                    applied(entries.last!.index, of: partition)
                    unmoved[partition] += entries.count
                    try checkpointIfDue(partition)
                case .records(let records, let index, let done):
                    try stores[partition].flushRecords(upTo: index, changed: records, removed: [])
                    left = left.dropFirst()
                    done(true)
                    unmoved[partition] += records.count
                    try checkpointIfDue(partition)
                }
            }
        } catch {
            failed(Array(left), of: partition, error)
        }
    }

    private func applied(_ index: UInt64, of partition: Int) {
        let ready = shared.withLock { shared -> [Waiter] in
            shared.applied[partition] = index
            shared.trouble[partition] = nil
            let ready = shared.waiters[partition].filter { $0.index <= index }
            shared.waiters[partition].removeAll { $0.index <= index }
            return ready
        }
        for waiter in ready { waiter.ready(nil) }
    }

    private func checkpointIfDue(_ partition: Int) throws {
        let now = EventLoop.monotonicNanoseconds()
        guard
            unmoved[partition] >= checkpointWork
                || unmoved[partition] > 0 && now - checkpointed[partition] >= Self.checkpointInterval
        else { return }
        checkpointed[partition] = now
        unmoved[partition] = 0
        let index = try stores[partition].checkpoint()
        guard index > 0, index >= log.firstIndex(UInt16(partition)) else { return }
        log.cut(UInt16(partition), below: index + 1) { _ in }  // Tried again with the next checkpoint.
    }

    /// What is left is kept in front and tried again; who waits for it is told.
    private func failed(_ left: [Work], of partition: Int, _ error: any Error) {
        let trouble = StateError("\(error)")
        let told = shared.withLock { shared in
            shared.work[partition] = left + shared.work[partition]
            shared.trouble[partition] = trouble
            shared.scheduled = true
            let told = shared.waiters[partition]
            shared.waiters[partition] = []
            return told
        }
        for waiter in told { waiter.ready(trouble) }
        writer.wake(at: EventLoop.monotonicNanoseconds() + Self.retryInterval) { self.write() }
    }

    /// Why a partition's store is not written just now; nil: all is well.
    package func trouble(of partition: UInt16) -> StateError? { shared.withLock { $0.trouble[Int(partition)] } }
}
