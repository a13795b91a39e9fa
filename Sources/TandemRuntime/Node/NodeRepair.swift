internal import TandemCore
internal import TandemJournal
internal import TandemReadModel

/// What is done about damage that is found when a node starts, before anything runs. What others have is forgotten here
/// and comes back from them; whoever is alone refuses. Decision 19 says why it is sound.
struct NodeRepair {
    let journal: Journal
    let directory: String
    /// The group of the cluster itself, whose log is its state, has the number behind the partitions'.
    let partitions: Int
    /// Whether others have votes in a partition's group. A learner's copy does not help: it cannot be elected, and a voter
    /// that lacks what it had does not stand. When unsure, no: refusing destroys nothing.
    let hasOthers: (UInt16) -> Bool
    let tell: (UInt16, String) -> Void

    /// Lets a journal go on whose damage is of entries alone.
    ///
    /// - Throws: `NodeError` where it is not, or nobody else has them.
    func mendJournal() throws {
        for partition in journal.report.partitions {
            guard let problem = partition.problem else { continue }
            guard hasOthers(partition.partition) else { throw NodeError.damagedAlone("\(problem)") }
            guard let first = partition.repairableFrom else { throw NodeError.brokenPromises("\(problem)") }
            try forget(partition.partition, from: first)
            tellOwed(partition.partition, from: first, "\(problem)")
        }
        // What is no partition's that is known could be anyone's.
        if let finding = journal.report.findings.first(where: { $0.partition == nil }) {
            throw (0...UInt16(partitions)).allSatisfy(hasOthers)
                ? NodeError.brokenPromises("\(finding)") : NodeError.damagedAlone("\(finding)")
        }
    }

    /// Removes stores that cannot be read, and those that lack what the journal has cut. The journal has all of it, or the
    /// others have. So it does with those that a majority was against, if the journal has all of it.
    ///
    /// - Returns: partitions whose states are not to be believed, and stay so, with why: the log behind such a state is sound,
    ///   and others may have need of it (decision 20).
    func mendStores() throws -> [UInt16: String] {
        var distrusted: [UInt16: String] = [:]
        for number in 0..<UInt16(partitions) {
            let distrust = journal.meta(MarkWatch.distrustKey(number)).flatMap { hasOthers(number) ? $0 : nil }
            let isAllJournaled = journal.hasEverything(of: number)
            guard let trouble = try (isAllJournaled ? distrust : nil) ?? trouble(ofStore: number) else {
                distrusted[number] = distrust
                if let distrust { tell(number, distrust) }
                continue
            }
            if !isAllJournaled {
                guard hasOthers(number) else {
                    throw NodeError.damagedAlone("state.sqlite of partition \(number): \(trouble)")
                }
                // First: a journal without a store begins at 1, a store without its journal is looked at again.
                try forget(number, from: 0)
            }
            let path = PartitionStore.path(in: StateThread.folder(number, in: directory))
            for file in [path, path + "-wal", path + "-shm"] { try FileSystem.remove(file) }
            try FileSystem.sync(path: FileSystem.parent(of: path))
            // Else the next start does it all again, as long as the store's loss is not told to the others.
            if distrust != nil { try journal.commitNow(.meta(key: MarkWatch.distrustKey(number), value: nil)) }
            if isAllJournaled {
                tell(number, "its state.sqlite is not used (\(trouble)): it is made anew from the journal")
            } else {
                tellOwed(number, from: 1, "state.sqlite: \(trouble)")
            }
        }
        return distrusted
    }

    /// A journal that has just been opened may not have its next segment yet, which it takes.
    private func forget(_ partition: UInt16, from first: UInt64) throws(JournalError) {
        try Self.patiently { () throws(JournalError) in
            try journal.commitNow(.forget(partition: partition, from: first))
        }
    }

    /// Does it again as long as the journal is busy, so often at most.
    static func patiently(_ write: () throws(JournalError) -> Void) throws(JournalError) {
        for _ in 1..<triesMax {
            do throws(JournalError) {
                return try write()
            } catch {
                guard case .busy = error else { throw error }
            }
        }
        try write()
    }

    /// The journal itself waits each time (`JournalLimits.spareMilliseconds`) before it says that it is busy.
    static let triesMax = 10

    private func tellOwed(_ partition: UInt16, from first: UInt64, _ why: String) {
        let last = max(first, journal.owed(partition)?.last ?? first)
        tell(partition, "\(JournalDamage.owed(first...last, why: why))")
    }

    /// Reads what a start reads of a store; nil if it can be, or if the journal has what would be in it.
    private func trouble(ofStore number: UInt16) throws -> String? {
        let folder = StateThread.folder(number, in: directory)
        guard FileSystem.size(of: PartitionStore.path(in: folder)) != nil else { return lacksCut(number, applied: 0) }
        do throws(StoreError) {
            let store = try PartitionStore(directory: folder, partition: number)
            defer { store.close() }
            let mark = store.mark
            guard mark.applied > 0 else { return lacksCut(number, applied: 0) }
            let reader = try StoreReader(directory: folder)
            try reader.loadOpenRecords { _ in }
            try reader.commandTable(since: mark.time + (Milliseconds.zero - CommandTable.horizon)) { _ in }
            return lacksCut(number, applied: min(mark.applied, mark.recordsApplied))
        } catch {
            if error.isDamage { return "\(error)" }
            throw error
        }
    }

    /// A snapshot that is about to become the journal's beginning is ahead of it, never behind.
    private func lacksCut(_ number: UInt16, applied: UInt64) -> String? {
        let first = journal.firstIndex(number)
        return first <= applied + 1 ? nil : "it ends at entry \(applied), and the journal begins at \(first)"
    }
}

extension EntryLog {
    /// Nothing of a partition was ever cut, nor has to come back: its state can be made of it.
    func hasEverything(of partition: UInt16) -> Bool { firstIndex(partition) == 1 && owed(partition) == nil }
}
