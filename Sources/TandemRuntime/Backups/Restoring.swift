internal import Synchronization
internal import TandemCore
internal import TandemJournal
internal import TandemReadModel
package import TandemTransport
internal import TandemWire

/// Makes of a backup, of a node alone or of any node of a cluster, the first node of a new cluster.
///
/// What the stores' copies hold is what was committed; the journal's copy is only used to bring their records up to it. The
/// new node has a journal of its own, which begins behind that, and is the only member of all its groups. Nothing of it
/// is known to the old cluster's nodes, and nothing of theirs to it. Decision 21 says why it is like this.
package struct Restoring: Sendable {
    /// Where a restore stands when the probe is called.
    package enum Step: Sendable, CaseIterable {
        case begun, copied, completed, journaled
    }

    /// What the probe has thrown: it ends there, as a crash would.
    private struct Interrupted: Error {
        let cause: any Error
    }

    let backup: String
    let directory: String
    let node: UInt32
    let name: String?
    let probe: @Sendable (Step) throws -> Void
    let tell: @Sendable (String) -> Void

    /// - Parameters:
    ///   - backup: the directory of a whole backup; it is only read.
    ///   - directory: empty or not there; the new node's.
    ///   - node: the new node's number.
    ///   - name: the new cluster's; nil: after its node.
    ///   - probe: tests end restores with it.
    ///   - tell: gets a line for each part that is done.
    package init(
        _ backup: String, into directory: String, node: UInt32, name: String? = nil,
        probe: @escaping @Sendable (Step) throws -> Void = { _ in },
        tell: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.backup = backup
        self.directory = directory
        self.node = node
        self.name = name
        self.probe = probe
        self.tell = tell
    }

    /// Waits, some seconds per GB. When it throws, the directory is as empty as before; after a crash it says of itself that
    /// it is not finished, and may be restored into again.
    package func run() throws(RestoreError) -> RestoredNode {
        do {
            let kept = try KeptBackup(at: backup)
            try kept.checkSizes()
            let place = try RestorePlace(directory, for: backup)
            do {
                let restored = try restore(kept, into: place)
                try place.finish()
                return restored
            } catch let interrupted as Interrupted {
                throw interrupted.cause
            } catch {
                place.giveUp()
                throw error
            }
        } catch {
            throw RestoreError(error)
        }
    }

    private func ask(_ step: Step) throws {
        do { try probe(step) } catch { throw Interrupted(cause: error) }
    }

    private func restore(_ kept: KeptBackup, into place: RestorePlace) throws -> RestoredNode {
        try ask(.begun)
        try place.requireRoom(for: kept.bytes)
        for file in kept.manifest.files { try kept.copy(file, to: try place.target(of: file.path)) }
        tell("\(kept.manifest.files.count) files, \(kept.bytes) bytes: all are what was backed up")
        try ask(.copied)
        let old = try Journal(directory: place.sourceJournal)
        defer { old.close() }
        guard old.report.isSound else { throw RestoreError.unsound(old.report.trouble) }
        let marks = try kept.manifest.partitions.map { partition in
            let mark = try completed(partition, from: old)
            tell("partition \(partition.partition): everything up to entry \(mark.applied)")
            return mark
        }
        try ask(.completed)
        let identity = try RestoredIdentity(of: old, kept.manifest, node: node, name: name)
        let journal = try Journal(directory: place.journal)
        defer { journal.close() }
        for mark in marks { try begin(journal, behind: mark, term: old.hardState(mark.partition).term) }
        try NodeIdentity.write(identity, to: journal)
        try ask(.journaled)
        return RestoredNode(identity, files: kept.manifest.files.count, bytes: kept.bytes)
    }

    /// A partition's store with all records at its last entry.
    private func completed(_ partition: BackupManifest.Partition, from log: Journal) throws -> StoreMark {
        let folder = StateThread.folder(partition.partition, in: directory)
        let mark = try StoreBackup.inspect(PartitionStore.path(in: folder))
        guard mark.partition == partition.partition, mark.applied == partition.applied,
            mark.recordsApplied == partition.recordsApplied
        else {
            throw RestoreError.unsound(
                "the store of partition \(partition.partition) is of partition \(mark.partition), entry \(mark.applied)"
            )
        }
        return try onLoop { loop in
            let completion = StoreCompletion(
                log: log, executor: loop, journalBytes: SnapshotLimits().journalBytes)
            return try completion.complete(partition.partition, in: folder)
        }
    }

    /// The records' actors want an executor.
    private func onLoop<R: Sendable>(_ body: @escaping @Sendable (EventLoop) throws -> R) throws -> R {
        let loop = try EventLoop(name: "restore")
        loop.start()
        defer { loop.stop() }
        let result = Mutex<Result<R, any Error>?>(nil)
        let done = Semaphore()
        loop.run {
            let found = Result { try body(loop) }
            result.withLock { $0 = found }
            done.signal()
        }
        done.wait()
        guard let found = result.withLock({ $0 }) else { preconditionFailure("it is set before it is told") }
        return try found.get()
    }

    /// The partition's log begins behind what its store has, in the last term that anybody voted in.
    private func begin(_ journal: Journal, behind mark: StoreMark, term: UInt64) throws(JournalError) {
        let state = HardState(term: max(term, mark.appliedTerm))
        try journal.commitNow(.hardState(partition: mark.partition, state))
        try journal.commitNow(.restart(partition: mark.partition, behind: mark.applied, term: mark.appliedTerm))
    }
}

/// What was restored, for who starts the node.
package struct RestoredNode: Sendable {
    /// The backup's name and time.
    package let label: String
    package let node: UInt32
    package let partitions: Int
    /// The contact centre's clock runs so many times as fast; nil: as it should.
    package let testClock: Int64?
    /// The new cluster.
    package let cluster: ClusterID
    package let clusterName: String
    package let files: Int
    package let bytes: Int

    init(_ identity: RestoredIdentity, files: Int, bytes: Int) {
        label = identity.label
        node = identity.node
        partitions = identity.partitions
        testClock = identity.anchor?.factor
        cluster = identity.state.id
        clusterName = identity.state.name
        self.files = files
        self.bytes = bytes
    }
}
