/// Reads whole segments, oldest first, and checks every entry: checksum, order, chain, and the mark.
///
/// One pass per file in the order of its rows; the partitions' cursors say what is expected next. Damage is noted and
/// the walk goes on behind it, so that one report tells all.
struct JournalWalk {
    /// Where the walk is in one partition.
    private struct Cursor {
        /// The last entry that was passed.
        var index: UInt64
        var term: UInt64
        /// What the next entry may follow: more than one after a mismatch, which does not say who is wrong; none
        /// after damage, when the next entry's own chain has to be believed.
        var chains: [ChainHash]
    }

    /// What one segment was found to hold.
    struct Visit {
        var runs = RunIndex()
        /// Rows are given out above it.
        var highestRow: Int64 = 0
        /// The row before this one.
        fileprivate var lastRow: Int64 = 0
        /// What the row before this one holds.
        fileprivate var previous: JournalEntry?
        /// What is missing was there, if SQLite could not read all.
        fileprivate var absence = JournalFinding.Fault.missing
        /// Rows of which it is known what they hold.
        fileprivate var identified = 0
        /// Entries found missing between those of this segment; of those that were cut, by partition, what is there.
        fileprivate var missed: UInt64 = 0
        fileprivate var cutSeen: [UInt16: UInt64] = [:]
        /// What is wrong with the first row that could be anyone's.
        fileprivate var stray: JournalFinding.Fault?
    }

    /// Entries that a segment should have held, had it been there.
    struct Absence {
        let segment: UInt32
        let fault: JournalFinding.Fault
    }

    private(set) var findings: [JournalFinding] = []
    private(set) var hasMoreFindings = false
    /// The first finding of each partition.
    private(set) var problems: [UInt16: JournalFinding] = [:]
    /// Set when damage was found that could be any partition's.
    private(set) var strayDamage: JournalFinding?
    private(set) var entryCount = 0
    /// A file could not be read to its end for the moment: what the walk says is not all, and of that nothing.
    private(set) var interruption: DatabaseError?
    private var cursors: [UInt16: Cursor] = [:]
    private let cuts: [UInt16: LogPoint]
    private let marks: [UInt16: MarkFile.Place]
    private let hasher = EntryHasher()

    /// `cuts` are the newest records': what is below them does not count.
    init(cuts: [UInt16: LogPoint], marks: [UInt16: MarkFile.Place]) {
        self.cuts = cuts
        self.marks = marks
    }

    /// The last entry of a partition, after all segments were visited.
    func tail(_ partition: UInt16) -> LogPoint {
        guard let cursor = cursors[partition] else { return cuts[partition] ?? .beginning }
        return LogPoint(index: cursor.index, term: cursor.term, chain: cursor.chains.last ?? .zero)
    }

    /// Visits a segment.
    ///
    /// - Parameters:
    ///   - records: the segment's own, by partition.
    ///   - ends: per partition the last index that counts here; none for the newest, whose end shows itself.
    ///   - isFollowed: whether the segment itself must hold everything up to there; if not, others are lacking.
    ///   - absence: which segment should have held entries before this one's own, and why they are not there.
    mutating func visit(
        _ segment: UInt32, _ database: Database, records: [UInt16: PartitionRecord], ends: [UInt16: UInt64],
        isFollowed: Bool, absence: Absence
    ) -> Visit {
        for (partition, record) in records.sorted(by: { $0.key < $1.key }) {
            // A later segment went back to before this one began, or all was cut: nothing of it counts. Where the log
            // began anew, even the point that both have in common may be another entry's here.
            if let end = ends[partition], end < record.origin.index || end <= cuts[partition]?.index ?? 0 { continue }
            enter(segment, partition, record.origin, absence)
        }
        var visit = Visit()
        var reader = SegmentRows(database: database)
        while let row = reader.next() {
            if let failure = reader.failure { visit.absence = .unreadable(failure) }
            pass(segment, row, ends, &visit)
        }
        if let error = reader.interruption {
            interruption = error
            return visit
        }
        if let failure = reader.failure { visit.absence = .unreadable(failure) }
        if isFollowed {
            for (partition, end) in ends.sorted(by: { $0.key < $1.key }) {
                skip(segment, partition, to: end, visit.absence)
            }
        }
        if let failure = reader.failure { visit.stray = visit.stray ?? .unreadable(failure) }
        // Where it is known how far each partition must reach, what is lacking shows by itself. The newest segment does not
        // know that: what cannot be read may be anyone's.
        if let fault = visit.stray, ends.isEmpty, !isExplained(&visit, segment, records, rows: reader.lastNumber) {
            stray(JournalFinding(partition: nil, indexes: nil, segment: segment, fault: fault))
        }
        return visit
    }

    /// Whether all rows of the newest segment that could not be read, or say nothing, are accounted for: by entries missing
    /// in front of others or of the mark, and by entries that were cut. Then the partitions end where they seem to.
    private mutating func isExplained(
        _ visit: inout Visit, _ segment: UInt32, _ records: [UInt16: PartitionRecord], rows: Int64?
    ) -> Bool {
        guard let rows else { return false }
        for (partition, mark) in marks.sorted(by: { $0.key < $1.key }) {
            let cursor = cursor(partition)
            guard cursor.index < mark.index else { continue }
            visit.missed += mark.index - cursor.index
            skip(segment, partition, to: mark.index, visit.absence)
        }
        for (partition, record) in records {
            let cut = min(cuts[partition]?.index ?? 0, cursor(partition).index)
            guard record.origin.index < cut else { continue }
            visit.missed += cut - record.origin.index - min(visit.cutSeen[partition] ?? 0, cut - record.origin.index)
        }
        return max(rows, visit.highestRow) - Int64(visit.identified) <= Int64(clamping: visit.missed)
    }

    /// Notes a damaged record of a partition.
    mutating func noteDamagedRecord(_ segment: UInt32, _ partition: UInt16) {
        note(JournalFinding(partition: partition, indexes: nil, segment: segment, fault: .record))
    }

    /// Notes that entries up to `end` should have been there.
    mutating func skip(
        _ segment: UInt32, _ partition: UInt16, to end: UInt64, _ fault: JournalFinding.Fault
    ) {
        let cursor = cursor(partition)
        guard cursor.index < end else { return }
        note(JournalFinding(partition: partition, indexes: cursor.index + 1...end, segment: segment, fault: fault))
        cursors[partition] = Cursor(index: end, term: cursor.term, chains: [])
    }

    // MARK: One step

    private func cursor(_ partition: UInt16) -> Cursor {
        if let cursor = cursors[partition] { return cursor }
        let cut = cuts[partition] ?? .beginning
        return Cursor(index: cut.index, term: cut.term, chains: [cut.chain])
    }

    /// Checks that a segment's record of where it begins follows from what came before.
    private mutating func enter(
        _ segment: UInt32, _ partition: UInt16, _ origin: LogPoint, _ absence: Absence
    ) {
        skip(absence.segment, partition, to: origin.index, absence.fault)
        let cursor = cursor(partition)
        guard cursor.index == origin.index else { return }
        if !cursor.chains.isEmpty && !cursor.chains.contains(origin.chain) {
            note(
                JournalFinding(
                    partition: partition, indexes: max(origin.index, 1)...max(origin.index, 1), segment: segment,
                    fault: .chain))
        }
        cursors[partition] = Cursor(index: origin.index, term: origin.term, chains: [origin.chain])
    }

    private mutating func pass(
        _ segment: UInt32, _ row: SegmentRows.Row, _ ends: [UInt16: UInt64], _ visit: inout Visit
    ) {
        let isWhole = EntryHasher.checksum(row.entry) == row.checksum
        guard let entry = isWhole ? row.entry : identify(row) else {
            visit.stray = visit.stray ?? .checksum
            visit.highestRow = max(visit.highestRow, row.number)
            return
        }
        visit.identified += 1
        let partition = entry.partition
        defer {
            visit.lastRow = row.number
            visit.highestRow = max(visit.highestRow, row.number)
            visit.previous = entry
        }
        // Cut, or truncated by a later segment: no longer part of the log.
        if entry.index <= cuts[partition]?.index ?? 0 {
            visit.cutSeen[partition, default: 0] += 1
            return
        }
        if let end = ends[partition], entry.index > end { return }
        guard entry.index > cursor(partition).index else {
            note(finding(segment, entry, .misplaced))
            return
        }
        if row.number <= visit.lastRow {
            // Rows ascend: this one's number or the one's before it is damaged, and neither can be found by it.
            note(finding(segment, entry, .misplaced))
            if let previous = visit.previous { note(finding(segment, previous, .misplaced)) }
        }
        visit.missed += entry.index - 1 - cursor(partition).index
        skip(segment, partition, to: entry.index - 1, visit.absence)
        visit.runs.add(partition: partition, RunIndex.Run(index: entry.index, row: row.number, count: 1))
        entryCount += 1
        guard isWhole else {
            note(finding(segment, entry, .checksum))
            cursors[partition] = Cursor(
                index: entry.index, term: entry.term, chains: row.chain.map { [$0] } ?? [])
            return
        }
        follow(segment, entry, row.chain)
    }

    /// Checks the chain and the mark at an entry whose checksum is right.
    private mutating func follow(_ segment: UInt32, _ entry: JournalEntry, _ chain: ChainHash?) {
        let previous = cursor(entry.partition).chains
        let computed = previous.map { hasher.chain(after: $0, entry) }
        var chains = chain.map { [$0] } ?? []
        if !computed.isEmpty, chain == nil || !computed.contains(where: { $0 == chain }) {
            note(finding(segment, entry, .chain))
            chains = computed.prefix(1) + chains
        }
        if let mark = marks[entry.partition], mark.index == entry.index, !chains.contains(mark.chain) {
            note(finding(segment, entry, .mark))
        }
        cursors[entry.partition] = Cursor(index: entry.index, term: entry.term, chains: chains)
    }

    /// Which entry a row with a wrong checksum is: the one it says if that is expected, or the one whose number makes
    /// the checksum right, when the number is what was damaged.
    private func identify(_ row: SegmentRows.Row) -> JournalEntry? {
        let found = row.entry
        let partitions = Set(cursors.keys).union(cuts.keys).sorted()
        if partitions.contains(found.partition), found.index == cursor(found.partition).index + 1 { return found }
        for partition in partitions {
            var candidate = found
            candidate.partition = partition
            candidate.index = cursor(partition).index + 1
            if EntryHasher.checksum(candidate) == row.checksum { return candidate }
        }
        return nil
    }

    private func finding(_ segment: UInt32, _ entry: JournalEntry, _ fault: JournalFinding.Fault) -> JournalFinding {
        JournalFinding(partition: entry.partition, indexes: entry.index...entry.index, segment: segment, fault: fault)
    }

    private mutating func stray(_ finding: JournalFinding) {
        if strayDamage == nil { strayDamage = finding }
        note(finding)
    }

    private mutating func note(_ finding: JournalFinding) {
        if let partition = finding.partition, problems[partition] == nil { problems[partition] = finding }
        guard findings.count < JournalLimits.findingsMax else {
            hasMoreFindings = true
            return
        }
        findings.append(finding)
    }
}
