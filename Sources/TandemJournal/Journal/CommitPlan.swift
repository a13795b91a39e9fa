/// What one transaction will do: the checked form of all writes that were waiting.
///
/// A pure value: it looks nowhere but into what it is given. Each write is accepted or refused as a whole, in the
/// order of submission; a refused one changes nothing.
struct CommitPlan {
    struct Row {
        let entry: JournalEntry
        let checksum: UInt32
        let chain: ChainHash
    }

    struct PartitionState: Sendable, Equatable {
        var record = PartitionRecord()
        /// The last entry.
        var tail = LogPoint.beginning
        /// What was forgotten and has not come back.
        var owed: OwedStretch?
        /// Set in a plan when the record must be written.
        var hasNewRecord = false
    }

    /// What the plan is made against: the state after the last commit.
    struct Base {
        var partitions: [UInt16: PartitionState]
        /// Partitions whose entries are damaged: they take no more.
        var problems: [UInt16: JournalError]
        /// Those of them of which it is certain what had been acknowledged, with the first entry that is damaged.
        var repairs: [UInt16: UInt64] = [:]
    }

    private(set) var rows: [Row] = []
    private(set) var touched: [UInt16: PartitionState] = [:]
    private(set) var meta: [String: String?] = [:]
    /// Per partition the lowest index from which on committed entries are taken back.
    private(set) var truncations: [UInt16: UInt64] = [:]
    /// Partitions that begin anew, whether or not that takes back committed entries.
    private(set) var restarts: Set<UInt16> = []
    /// Partitions that forgot what was damaged, with the entry behind which they go on: their problem is over.
    private(set) var forgotten: [UInt16: LogPoint] = [:]
    private(set) var byteCount = 0

    private let base: Base
    private let hasher: EntryHasher
    /// Finds the point of a committed entry.
    private let lookUp: (UInt16, UInt64) throws(JournalError) -> LogPoint

    init(
        base: Base, hasher: EntryHasher, lookUp: @escaping (UInt16, UInt64) throws(JournalError) -> LogPoint
    ) {
        self.base = base
        self.hasher = hasher
        self.lookUp = lookUp
    }

    /// Nothing is to be written.
    var isEmpty: Bool {
        rows.isEmpty && meta.isEmpty && truncations.isEmpty && !touched.values.contains { $0.hasNewRecord }
    }

    /// Takes up one write, or refuses it. `checksums` are those of its entries, made when it was submitted.
    mutating func add(_ write: JournalWrite, checksums: [UInt32]) throws(JournalError) {
        switch write {
        case .append(let entries):
            try append(entries, checksums: checksums)
        case .hardState(let partition, let hardState):
            var state = try state(partition)
            state.record.hardState = hardState
            state.hasNewRecord = true
            touched[partition] = state
        case .cut(let partition, let below):
            try cut(partition, below: below)
        case .truncate(let partition, let from):
            try truncate(partition, from: from)
        case .restart(let partition, let behind, let term):
            try restart(partition, behind: behind, term: term)
        case .forget(let partition, let from): try forget(partition, from: from)
        case .settled(let partition):
            var state = try state(partition)
            state.owed = nil
            touched[partition] = state
            meta.updateValue(nil, forKey: OwedStretch.key(partition))
        case .meta(let key, let value):
            meta.updateValue(value, forKey: key)
        }
    }

    /// The partition's state as the plan leaves it so far; a new partition starts empty.
    private func state(_ partition: UInt16) throws(JournalError) -> PartitionState {
        if let problem = base.problems[partition], forgotten[partition] == nil { throw problem }
        if let state = touched[partition] ?? base.partitions[partition] { return state }
        let known = base.partitions.count + touched.keys.count { base.partitions[$0] == nil }
        guard known < JournalLimits.partitionsMax else {
            throw .tooManyPartitions(limit: JournalLimits.partitionsMax)
        }
        // Its record says, in this segment, that the partition begins here.
        return PartitionState(hasNewRecord: true)
    }

    private mutating func append(_ entries: [JournalEntry], checksums: [UInt32]) throws(JournalError) {
        let rowsBefore = rows.count
        var changed: [UInt16: PartitionState] = [:]
        var bytes = 0
        do throws(JournalError) {
            var start = entries.startIndex
            while start < entries.endIndex {
                // One look-up per partition's stretch, not per entry.
                let partition = entries[start].partition
                var state = if let known = changed[partition] { known } else { try state(partition) }
                var position = start
                while position < entries.endIndex && entries[position].partition == partition {
                    let entry = entries[position]
                    state.tail = try accept(entry, checksum: checksums[position], after: state.tail)
                    bytes += entry.bytes.count
                    position += 1
                }
                changed[partition] = state
                start = position
            }
        } catch {
            rows.removeSubrange(rowsBefore...)
            throw error
        }
        touched.merge(changed) { $1 }
        byteCount += bytes
    }

    private mutating func accept(
        _ entry: JournalEntry, checksum: UInt32, after tail: LogPoint
    ) throws(JournalError) -> LogPoint {
        guard entry.index == tail.index + 1 else {
            throw .outOfOrder(partition: entry.partition, expected: tail.index + 1, found: entry.index)
        }
        guard entry.term >= tail.term else {
            throw .termFell(partition: entry.partition, index: entry.index, from: tail.term, to: entry.term)
        }
        guard EntryHasher.checksum(entry) == checksum else {
            throw .changedInMemory(partition: entry.partition, index: entry.index)
        }
        let chain = hasher.chain(after: tail.chain, entry)
        rows.append(Row(entry: entry, checksum: checksum, chain: chain))
        return LogPoint(index: entry.index, term: entry.term, chain: chain)
    }

    private mutating func cut(_ partition: UInt16, below index: UInt64) throws(JournalError) {
        var state = try state(partition)
        guard index <= state.tail.index + 1 else { throw outOfRange(partition, index, state) }
        // Cutting twice, or less than before, is no mistake: whoever asks may have been restarted.
        guard index > state.record.cut.index + 1 else { return }
        state.record.cut = try point(partition, index - 1, state)
        state.hasNewRecord = true
        touched[partition] = state
    }

    private mutating func truncate(_ partition: UInt16, from index: UInt64) throws(JournalError) {
        var state = try state(partition)
        guard index > state.record.cut.index, index <= state.tail.index + 1 else {
            throw outOfRange(partition, index, state)
        }
        guard index <= state.tail.index else { return }
        let end = try point(partition, index - 1, state)
        takeBack(partition, from: index)
        if end.index < state.record.origin.index {
            state.record.origin = end
            state.hasNewRecord = true
        }
        state.tail = end
        touched[partition] = state
    }

    private mutating func restart(_ partition: UInt16, behind index: UInt64, term: UInt64) throws(JournalError) {
        var state = try state(partition)
        let cut = state.record.cut
        // Restarting twice is no mistake: whoever asks may have been restarted.
        if index == cut.index && term == cut.term && state.tail == cut { return }
        guard index > cut.index, index <= JournalLimits.indexMax else { throw outOfRange(partition, index, state) }
        // Only what was cut was surely agreed on: entries that are forgotten here may have had any term.
        guard term >= cut.term else {
            throw .termFell(partition: partition, index: index, from: cut.term, to: term)
        }
        // The mark will be lowered to the entry there, which must be readable for that.
        if index < state.tail.index { _ = try self.point(partition, index, state) }
        takeBack(partition, from: index + 1)
        // Those in front of the point are forgotten as well, so they need not be written.
        rows.removeAll { $0.entry.partition == partition }
        let point = LogPoint(
            index: index, term: term, chain: hasher.beginning(partition: partition, index: index, term: term))
        state.record.origin = point
        state.record.cut = point
        state.tail = point
        state.hasNewRecord = true
        touched[partition] = state
        restarts.insert(partition)
    }

    private mutating func forget(_ partition: UInt16, from index: UInt64) throws(JournalError) {
        if let problem = base.problems[partition], base.repairs[partition] == nil { throw problem }
        guard var state = touched[partition] ?? base.partitions[partition] else { return }
        let isAll = index == 0
        let known = state.record.cut.index...state.tail.index
        guard isAll || index > known.lowerBound && index <= known.upperBound else {
            throw outOfRange(partition, index, state)
        }
        let end = isAll ? LogPoint.beginning : try point(partition, index - 1, state)
        let owed = OwedStretch(
            last: state.tail.index, lastTerm: state.tail.term, term: state.record.hardState.term
        ).joined(with: state.owed)
        state.owed = owed
        meta.updateValue(owed.text, forKey: OwedStretch.key(partition))
        takeBack(partition, from: end.index + 1)
        if isAll { state.record.cut = end }
        // Where the damage is, nothing is written or deleted: this stands in a segment of its own.
        state.record.origin = end
        state.tail = end
        state.hasNewRecord = true
        touched[partition] = state
        forgotten[partition] = end
    }

    /// Takes entries back, those of the plan and committed ones.
    private mutating func takeBack(_ partition: UInt16, from index: UInt64) {
        rows.removeAll { $0.entry.partition == partition && $0.entry.index >= index }
        if index <= base.partitions[partition]?.tail.index ?? 0 {
            truncations[partition] = min(index, truncations[partition] ?? index)
        }
    }

    /// The point of an entry that exists in the state so far, or of the last one that was cut.
    private func point(
        _ partition: UInt16, _ index: UInt64, _ state: PartitionState
    ) throws(JournalError) -> LogPoint {
        if index == state.tail.index { return state.tail }
        if index == state.record.cut.index { return state.record.cut }
        if let row = rows.last(where: { $0.entry.partition == partition && $0.entry.index == index }) {
            return LogPoint(index: index, term: row.entry.term, chain: row.chain)
        }
        return try lookUp(partition, index)
    }

    private func outOfRange(_ partition: UInt16, _ index: UInt64, _ state: PartitionState) -> JournalError {
        .outOfRange(
            partition: partition, index: index, first: state.record.cut.index + 1, last: state.tail.index)
    }
}
