internal import Glibc

/// The journal of a node: what was submitted to it and completed is there after any crash or power cut.
///
/// It is a row of SQLite files in a directory of its own, for all partitions together. Two threads work for it: one
/// writes, the other looks after whole files. `close` must be called before the last reference goes.
package final class Journal: EntryLog {
    package let directory: String
    /// What opening found out: the node must not run a partition with a problem.
    package let report: JournalReport

    let catalog: Monitor<Catalog>
    private let writer: JournalWriter
    private let keeper: SegmentKeeper
    private let board: HealthBoard
    private let threads: Monitor<[WorkerThread]>
    private let lock: Monitor<DirectoryLock?>

    /// Opens the journal in `directory`, which is made if it is not there, though not its parents.
    ///
    /// Every entry is read and checked. Damage to entries does not keep the journal from opening: it is in `report`.
    /// What throws is what leaves nothing to work with: another node at work here, files of a newer version, a newest
    /// segment that cannot be read.
    package init(directory: String, limits: JournalLimits = JournalLimits()) throws(JournalError) {
        do throws(SystemError) {
            try FileSystem.makeDirectory(directory)
        } catch {
            throw error.isDiskFull ? .diskFull : .unreadable(file: directory, cause: "\(error)")
        }
        let lock = try DirectoryLock(directory: directory)
        let outcome = try JournalOpening.open(directory: directory, limits: limits)
        let catalog = Monitor(outcome.catalog)
        let board = HealthBoard(outcome.reserve.isHeld ? .ok : .diskFull)
        let newest = outcome.writer?.segment.number ?? outcome.catalog.members.last?.segment.number ?? 0
        let keeper = SegmentKeeper(
            directory: directory, catalog: catalog, nextNumber: newest + 1, board: board, limits: limits)
        let writer = JournalWriter(outcome, catalog: catalog, keeper: keeper, board: board, limits: limits)
        self.directory = directory
        self.catalog = catalog
        self.writer = writer
        self.keeper = keeper
        self.board = board
        self.lock = Monitor(lock)
        report = outcome.report
        threads = Monitor([
            WorkerThread(name: "journal-writer") { writer.run() },
            WorkerThread(name: "journal-keeper") { keeper.run() },
        ])
        if outcome.writer != nil { keeper.prepareSpare() }
        keeper.sweep()
    }

    /// Finishes what was submitted, and leaves the files tidy. Afterwards everything gets `.closed`.
    package func close() {
        let threads = threads.withLock { threads in
            defer { threads = [] }
            return threads
        }
        guard !threads.isEmpty else { return }
        writer.inbox.stop()
        threads[0].join()
        keeper.stop()
        threads[1].join()
        let segments = catalog.withLock { catalog in
            catalog.isClosed = true
            return catalog.members.map(\.segment)
        }
        for segment in segments { segment.closeReaders() }
        keeper.close()
        if board.hasFailed {
            writer.segment?.abandon()
        } else {
            // As the last one of the file, the connection also moves the log into it.
            writer.segment?.close()
        }
        board.letGo()
        lock.withLock { $0 = nil }
    }

    // MARK: Writing

    package func submit(_ write: JournalWrite, completion: @escaping JournalCompletion) {
        writer.inbox.submit(write, completion: completion)
    }

    package func refuseUntilThereIsRoom() { writer.inbox.tellFull() }

    /// Submits a write and blocks the calling thread until it is durable: for starting up, never on a loop.
    package func commitNow(_ write: JournalWrite) throws(JournalError) {
        let answer = Monitor<Result<Void, JournalError>?>(nil)
        submit(write) { result in
            answer.withLock { $0 = result }
            answer.wake()
        }
        try answer.wait { result, _ in result }.get()
    }

    /// Called when `health` has changed, by one of the journal's threads.
    package func onHealthChange(_ hook: @escaping @Sendable (JournalHealth) -> Void) { board.add(hook) }

    // MARK: Reading, from any thread

    package func read(
        partition: UInt16, from index: UInt64, maximumBytes: Int
    ) throws(JournalError) -> [JournalEntry] {
        try JournalReader(catalog: catalog).entries(partition: partition, from: index, maximumBytes: maximumBytes)
    }

    /// Full segments are read from the disk again, instead of from memory.
    package func dropCaches() {
        let segments = catalog.withLock { $0.members.map(\.segment) }
        for segment in segments { segment.dropCaches() }
    }

    package func firstIndex(_ partition: UInt16) -> UInt64 { catalog.withLock { $0.firstIndex(partition) } }

    package func lastIndex(_ partition: UInt16) -> UInt64 { catalog.withLock { $0.lastIndex(partition) } }

    package func lastTerm(_ partition: UInt16) -> UInt64 {
        catalog.withLock { $0.partitions[partition]?.tail.term ?? 0 }
    }

    package func cutTerm(_ partition: UInt16) -> UInt64 {
        catalog.withLock { $0.partitions[partition]?.record.cut.term ?? 0 }
    }

    package func hardState(_ partition: UInt16) -> HardState {
        catalog.withLock { $0.partitions[partition]?.record.hardState ?? HardState() }
    }

    package func owed(_ partition: UInt16) -> OwedStretch? {
        catalog.withLock { $0.partitions[partition]?.owed }
    }

    package func meta(_ key: String) -> String? { catalog.withLock { $0.meta[key] } }

    package var health: JournalHealth { board.health }

    package var statistics: JournalStatistics {
        var statistics = catalog.withLock { $0.statistics }
        statistics.pendingBytes = writer.inbox.waitingBytes
        return statistics
    }
}
