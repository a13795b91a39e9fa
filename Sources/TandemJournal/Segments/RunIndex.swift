/// Where a segment keeps each entry: rows are written in the order of commits, whatever partition they belong to, so
/// consecutive entries of one partition lie in runs of consecutive rows. A run costs 24 bytes, and a whole batch is
/// one; an index in the file would cost a third of the writing.
struct RunIndex: Sendable, Equatable {
    struct Run: Sendable, Equatable {
        var index: UInt64
        var row: Int64
        var count: Int

        fileprivate var end: UInt64 { index + UInt64(count) }
    }

    /// Ascending by index, and by row.
    private var runs: [UInt16: [Run]] = [:]

    /// Adds entries above all others of their partition.
    mutating func add(partition: UInt16, _ run: Run) {
        // In place: taking the array out and putting it back would copy it each time.
        let last = (runs[partition]?.count ?? 0) - 1
        if last >= 0, let before = runs[partition]?[last], before.end == run.index,
            before.row + Int64(before.count) == run.row
        {
            runs[partition]?[last].count += run.count
        } else {
            runs[partition, default: []].append(run)
        }
    }

    /// Entries from `index` on that lie in consecutive rows; nil if that entry is not here.
    func run(partition: UInt16, from index: UInt64) -> Run? {
        guard let runs = runs[partition] else { return nil }
        let position = Self.position(of: index, in: runs)
        guard position < runs.count, runs[position].index <= index else { return nil }
        let skipped = index - runs[position].index
        return Run(index: index, row: runs[position].row + Int64(skipped), count: runs[position].count - Int(skipped))
    }

    /// The rows of all entries from `index` on.
    func rows(partition: UInt16, from index: UInt64) -> [ClosedRange<Int64>] {
        guard let runs = runs[partition] else { return [] }
        return runs[Self.position(of: index, in: runs)...].map { run in
            let skipped = index > run.index ? Int64(index - run.index) : 0
            return (run.row + skipped)...(run.row + Int64(run.count) - 1)
        }
    }

    /// Forgets all entries from `index` on.
    mutating func truncate(partition: UInt16, from index: UInt64) {
        guard var kept = runs[partition] else { return }
        let position = Self.position(of: index, in: kept)
        kept.removeSubrange(min(position + 1, kept.count)...)
        if position < kept.count {
            if kept[position].index < index {
                kept[position].count = Int(index - kept[position].index)
            } else {
                kept.removeLast()
            }
        }
        runs[partition] = kept
    }

    /// The first run that ends above `index`.
    private static func position(of index: UInt64, in runs: [Run]) -> Int {
        var low = 0
        var high = runs.count
        while low < high {
            let middle = (low + high) / 2
            if runs[middle].end <= index { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
