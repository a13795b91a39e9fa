/// Reads entries, each compared with its checksum after SQLite has given it back.
struct JournalReader {
    let catalog: Monitor<Catalog>

    private static let columns = "partition, position, term, time, checksum, bytes, chain"

    /// At least one entry from `index` on if there is one, more while they fit in `maximumBytes`.
    func entries(
        partition: UInt16, from index: UInt64, maximumBytes: Int
    ) throws(JournalError) -> [JournalEntry] {
        var entries: [JournalEntry] = []
        var bytes = 0
        var next = index
        while bytes < maximumBytes || entries.isEmpty {
            let (stretch, seen) = try stretch(partition, next)
            guard let stretch else { return entries }
            let read = try read(stretch, partition, seen) { entry, _ in
                guard entries.isEmpty || bytes + entry.bytes.count <= maximumBytes else { return false }
                bytes += entry.bytes.count
                entries.append(entry)
                return true
            }
            guard let read else { continue }
            if read < stretch.run.count { return entries }
            next += UInt64(read)
        }
        return entries
    }

    /// The point of one entry that is kept.
    func point(_ partition: UInt16, _ index: UInt64) throws(JournalError) -> LogPoint {
        while true {
            let (stretch, seen) = try stretch(partition, index)
            guard let stretch else {
                let (first, last) = catalog.withLock { ($0.firstIndex(partition), $0.lastIndex(partition)) }
                throw .outOfRange(partition: partition, index: index, first: first, last: last)
            }
            var point: LogPoint?
            let read = try read(stretch, partition, seen) { entry, chain in
                guard let chain else { return false }
                point = LogPoint(index: entry.index, term: entry.term, chain: chain)
                return false
            }
            if let point { return point }
            // The first row had no hash for a chain.
            if read != nil { throw .damaged(finding(stretch, partition, index, .chain)) }
        }
    }

    /// The point below `index`, which may be the last entry that was cut.
    func end(_ partition: UInt16, below index: UInt64) throws(JournalError) -> LogPoint {
        let cut = catalog.withLock { $0.partitions[partition]?.record.cut ?? .beginning }
        return index - 1 == cut.index ? cut : try point(partition, index - 1)
    }

    /// Where the entry is, and how many truncations there had been when that was true; nil beyond the last.
    private func stretch(
        _ partition: UInt16, _ index: UInt64
    ) throws(JournalError) -> (stretch: Catalog.Stretch?, truncations: Int) {
        try catalog.withLock { catalog throws(JournalError) in
            if catalog.isClosed { throw .closed }
            let first = catalog.firstIndex(partition)
            guard index >= first else { throw .compacted(partition: partition, first: first) }
            if index > catalog.lastIndex(partition) { return (nil, catalog.truncations) }
            guard let stretch = catalog.stretch(partition: partition, from: index) else {
                throw catalog.problems[partition]
                    ?? .damaged(
                        JournalFinding(partition: partition, indexes: index...index, segment: 0, fault: .missing))
            }
            return (stretch, catalog.truncations)
        }
    }

    /// Gives `body` the entries of a stretch until it has enough (false). Returns how many it took; nil when the rows
    /// went away meanwhile, so that one has to look again where they are.
    private func read(
        _ stretch: Catalog.Stretch, _ partition: UInt16, _ truncations: Int,
        _ body: (JournalEntry, ChainHash?) -> Bool
    ) throws(JournalError) -> Int? {
        var taken = 0
        var fault: JournalFinding.Fault?
        do throws(DatabaseError) {
            fault = try stretch.segment.withReader { database throws(DatabaseError) in
                let rows = try database.statement(
                    "SELECT \(Self.columns) FROM entry WHERE row BETWEEN ? AND ? ORDER BY row")
                defer { rows.reset() }
                try rows.bind(stretch.run.row, at: 1)
                try rows.bind(stretch.run.row + Int64(stretch.run.count) - 1, at: 2)
                while taken < stretch.run.count {
                    guard try rows.step() else { return .missing }
                    let entry = JournalEntry(
                        partition: UInt16(truncatingIfNeeded: rows.int64(0)), index: UInt64(bitPattern: rows.int64(1)),
                        term: UInt64(bitPattern: rows.int64(2)), time: rows.int64(3), bytes: rows.blob(5))
                    guard entry.partition == partition, entry.index == stretch.run.index + UInt64(taken) else {
                        return .misplaced
                    }
                    guard Int64(EntryHasher.checksum(entry)) == rows.int64(4) else { return .checksum }
                    guard body(entry, rows.withBlob(6) { ChainHash($0) }) else { return nil }
                    taken += 1
                }
                return nil
            }
        } catch {
            if error.isOfTheMoment { throw .unreadable(file: stretch.segment.path, cause: "\(error)") }
            fault = .unreadable(error.message)
        }
        guard let fault else { return taken }
        let index = stretch.run.index + UInt64(taken)
        let (hasChanged, first) = catalog.withLock { ($0.truncations != truncations, $0.firstIndex(partition)) }
        if index < first { throw .compacted(partition: partition, first: first) }
        if hasChanged && taken == 0 { return nil }
        throw .damaged(finding(stretch, partition, index, fault))
    }

    private func finding(
        _ stretch: Catalog.Stretch, _ partition: UInt16, _ index: UInt64, _ fault: JournalFinding.Fault
    ) -> JournalFinding {
        JournalFinding(partition: partition, indexes: index...index, segment: stretch.segment.number, fault: fault)
    }
}
