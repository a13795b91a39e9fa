internal import Foundation
internal import Synchronization
internal import TandemCore
package import TandemJournal
package import TandemReadModel
internal import TandemTransport
internal import TandemWire

/// The thread that writes every partition's `state.sqlite`, and the threads that read them.
///
/// What partitions commit is gathered for `gatherTime` and written in one transaction each; a reader who must see it
/// hurries it. A store that fails costs nobody else anything:
///
/// - a full disk: it waits and tries again, the journal holds everything meanwhile;
/// - anything else but the disk: the store is restarted, which is opened anew;
/// - a disk that failed, or a store that has lost what it had: it is not written again in this life, and its partition
///   gives up its leadership. The next start opens it anew and takes the rest from the journal.
// Safe: `kept` is touched on `writer` alone, or before it starts and after it has ended; `readers` each on its own loop;
// the rest is under `shared` or atomic.
package final class StateThread: StateKeeper, @unchecked Sendable {
    /// How long committed entries may gather before they are written, in nanoseconds: on a quiet node each batch costs
    /// the journal's next sync a write of its own.
    static let gatherTime: UInt64 = 200_000_000
    /// Entries at which they are written at once.
    static let gatheredMax = 4_096
    /// Entries of a partition not yet written, from which on it takes no more commands; and of all partitions.
    package static let behindMax = 100_000
    static let behindAllMax = 400_000
    /// Between two checkpoints of one store, in nanoseconds.
    static let checkpointInterval: UInt64 = 30_000_000_000
    /// Bytes of its log after which a store is checkpointed at once: what a checkpoint moves and syncs stays small, so
    /// that neither the read model nor anybody's sync waits for long; and the log's file is used again while it is in memory.
    package static let checkpointBytes = 4 << 20
    /// Bytes kept from use, so that what was acknowledged before the disk was full can be read: a fraction of a second of
    /// the heaviest traffic gathers behind the journal. Less than the journal's: the two given up must not look like room.
    static let reserveBytes = 2 << 20
    /// How long a store that failed is left alone, and one that failed too often, in nanoseconds.
    static let retryInterval: UInt64 = 1_000_000_000
    static let failedInterval: UInt64 = 10_000_000_000

    enum Work {
        case entries([CommittedEntry])
        case records([ChangedRecord], upTo: UInt64, done: @Sendable (Bool) -> Void)
    }

    struct Waiter {
        let index: UInt64
        let ready: @Sendable (StateError?) -> Void
    }

    struct Shared {
        var work: [[Work]]
        var gathered = 0
        var scheduled = false
        var hurried = false
        var applied: [UInt64]
        var waiters: [[Waiter]]
        var trouble: [StateError?]
        /// The monotonic nanosecond before which a store that failed is not tried again.
        var restsUntil: [UInt64]
        var isAbandoned: [Bool]
        var onAbandon: (@Sendable (UInt16, String) -> Void)?
        var onCheckpoint: (@Sendable (UInt16, UInt64) -> Void)?
        /// The journal is not cut: a backup is being made.
        var holdsCuts = false
        /// The store is being replaced: nothing is written to it or read from it.
        var isExchanging: [Bool]
    }

    /// Entries of one partition that are not written yet.
    final class Lag: Sendable {
        let entries = Atomic<Int>(0)
    }

    /// What the writer keeps of one store.
    struct Kept {
        var store: PartitionStore
        /// Monotonic nanoseconds.
        var checkpointed: UInt64
        /// The entry at which another node's copy took the place of what the partition had; 0: none did.
        var tookOverAt: UInt64 = 0
        /// It failed: it is opened anew before it is written.
        var needsRestart = false
    }

    let directory: String
    let checkpointBytes: Int
    let log: any EntryLog
    let writer: EventLoop
    let readers: [Reader]
    /// The stores as children of a supervisor.
    package let board: ServiceBoard
    var kept: [Kept] = []
    var reserve: DiskReserve
    /// The monotonic nanosecond from which on the reserve may be taken again.
    var reserveWantedAt: UInt64 = 0
    let shared: Mutex<Shared>
    let next = Atomic<Int>(0)
    let retention: Retention?
    let pruned = Pruned()
    private let lags: [Lag]
    private let behind = Atomic<Int>(0)
    private let probe: (@Sendable (UInt16) throws -> Void)?

    /// A thread with a connection of its own to each store.
    // Safe: `stores` is touched on `loop` alone.
    final class Reader: @unchecked Sendable {
        let loop: EventLoop
        var stores: [UInt16: StoreReader] = [:]
        /// Queries that wait until a partition's store is replaced.
        var held: [UInt16: [@Sendable () -> Void]] = [:]
        init(_ loop: EventLoop) { self.loop = loop }
    }

    /// Opens, or makes, the stores of `partitions` partitions below `directory`.
    ///
    /// - Parameter probe: called before each batch of a partition is written; tests break stores with it.
    package init(
        directory: String, partitions: Int, log: any EntryLog, readers: Int = 2,
        checkpointBytes: Int = StateThread.checkpointBytes, retention: Retention? = nil,
        probe: (@Sendable (UInt16) throws -> Void)? = nil
    ) throws {
        self.retention = retention
        self.directory = directory
        self.checkpointBytes = checkpointBytes
        self.log = log
        self.probe = probe
        reserve = DiskReserve(path: directory + "/state.reserve", byteCount: Self.reserveBytes)
        board = ServiceBoard((0..<partitions).map(Self.name), restartsMax: 5 * partitions)
        lags = (0..<partitions).map { _ in Lag() }
        writer = try EventLoop(name: "state")
        self.readers = try (0..<readers).map { Reader(try EventLoop(name: "reader-\($0)")) }
        shared = Mutex(
            Shared(
                work: Array(repeating: [], count: partitions), applied: Array(repeating: 0, count: partitions),
                waiters: Array(repeating: [], count: partitions), trouble: Array(repeating: nil, count: partitions),
                restsUntil: Array(repeating: 0, count: partitions),
                isAbandoned: Array(repeating: false, count: partitions),
                isExchanging: Array(repeating: false, count: partitions)))
        for partition in 0..<partitions {
            let folder = Self.folder(UInt16(partition), in: directory)
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let store = try PartitionStore(directory: folder, partition: UInt16(partition))
            shared.withLock { $0.applied[partition] = store.mark.applied }
            kept.append(Kept(store: store, checkpointed: EventLoop.monotonicNanoseconds()))
        }
    }

    /// A store among its supervisor's children.
    static func name(_ partition: Int) -> String { "store \(partition)" }

    /// Where a partition keeps its `state.sqlite`.
    package static func folder(_ partition: UInt16, in directory: String) -> String {
        "\(directory)/partition-\(partition)"
    }

    package func start() {
        writer.start()
        writer.run { self.takeReserve() }
        for reader in readers { reader.loop.start() }
        beginRetention()
    }

    /// Writes what is gathered, then ends the threads.
    package func stop() {
        writer.run { self.write() }
        writer.stop()
        for reader in readers { reader.loop.stop() }
        for kept in kept { kept.store.close() }
        // Whoever is told holds this, and would for ever.
        shared.withLock { ($0.onAbandon, $0.onCheckpoint) = (nil, nil) }
    }

    /// What a partition recovers from; used before `start`.
    package func source(of partition: UInt16) throws(StoreError) -> any StateSource {
        try StoreSource(kept[Int(partition)].store.mark, directory: Self.folder(partition, in: directory))
    }

    // MARK: From the partitions

    package func append(_ entries: [CommittedEntry], of partition: UInt16) {
        count(entries.count, of: Int(partition))
        put(.entries(entries), weighing: entries.count, of: partition)
    }

    package func flush(
        _ records: [ChangedRecord], upTo index: UInt64, of partition: UInt16, done: @escaping @Sendable (Bool) -> Void
    ) {
        put(.records(records, upTo: index, done: done), weighing: records.count, of: partition)
    }

    package func isBehind(_ partition: UInt16) -> Bool {
        lags[Int(partition)].entries.load(ordering: .relaxed) > Self.behindMax
            || behind.load(ordering: .relaxed) > Self.behindAllMax
    }

    /// Counts entries that came, or with a negative number those that were written.
    func count(_ entries: Int, of partition: Int) {
        behind.wrappingAdd(entries, ordering: .relaxed)
        lags[partition].entries.wrappingAdd(entries, ordering: .relaxed)
    }

    /// Committed entries that are not in the read model yet.
    package var lag: Int { behind.load(ordering: .relaxed) }

    /// Lets the probe break the batch that is about to be written.
    func ask(_ partition: Int) throws { try probe?(UInt16(partition)) }

    /// While it holds, checkpoints leave the journal as long as it is, and no store is replaced. False: one is being
    /// replaced just now, and nothing is held.
    func holdCuts(_ holds: Bool) -> Bool {
        shared.withLock { shared in
            if holds, shared.isExchanging.contains(true) { return false }
            shared.holdsCuts = holds
            return true
        }
    }

    /// Called on the writer's thread when a store is not written again in this life.
    package func onAbandon(_ hook: @escaping @Sendable (UInt16, String) -> Void) {
        shared.withLock { $0.onAbandon = hook }
    }

    /// Called on the writer's thread when a store has safely what the journal has up to an entry: it may be cut there.
    package func onCheckpoint(_ hook: @escaping @Sendable (UInt16, UInt64) -> Void) {
        shared.withLock { $0.onCheckpoint = hook }
    }

    package func applied(_ partition: UInt16) -> UInt64 { shared.withLock { $0.applied[Int(partition)] } }
}
