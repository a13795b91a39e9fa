/// What the journal holds and where: everything that is asked from many threads. Kept behind a monitor; the writer
/// changes it after each commit, so it never shows what is not durable.
struct Catalog {
    /// One segment, the oldest first in `members`, the one being written last.
    struct Member {
        let segment: Segment
        /// Per partition the index of the last entry before this segment's: what older ones have beyond it is void.
        var origins: [UInt16: UInt64]
        var runs: RunIndex
    }

    /// A stretch of consecutive rows that hold consecutive entries.
    struct Stretch {
        let segment: Segment
        let run: RunIndex.Run
    }

    var members: [Member] = []
    var partitions: [UInt16: CommitPlan.PartitionState] = [:]
    /// Why a partition takes no entries.
    var problems: [UInt16: JournalError] = [:]
    /// The first damaged entry of those of them whose end is certain: `.forget` from there on repairs them.
    var repairs: [UInt16: UInt64] = [:]
    /// Why nothing at all is written.
    var refusal: JournalError?
    var meta: [String: String] = [:]
    var statistics = JournalStatistics()
    /// Counts truncations and restarts: who read meanwhile may have seen rows go away, and looks again.
    var truncations = 0
    var isClosed = false

    func firstIndex(_ partition: UInt16) -> UInt64 { (partitions[partition]?.record.cut.index ?? 0) + 1 }

    func lastIndex(_ partition: UInt16) -> UInt64 { partitions[partition]?.tail.index ?? 0 }

    /// Where the entries from `index` on are; nil if that one is nowhere.
    func stretch(partition: UInt16, from index: UInt64) -> Stretch? {
        guard index <= lastIndex(partition) else { return nil }
        // The newest segment that begins at or before the index; what older ones have there was truncated.
        for (position, member) in members.enumerated().reversed() {
            guard let origin = member.origins[partition], origin < index else { continue }
            guard var run = member.runs.run(partition: partition, from: index) else { return nil }
            let end = end(ofMember: position, partition: partition)
            run.count = min(run.count, Int(end - index + 1))
            return Stretch(segment: member.segment, run: run)
        }
        return nil
    }

    /// The last index of a partition that counts in a member.
    func end(ofMember position: Int, partition: UInt16) -> UInt64 {
        // Later segments may have gone back.
        members[(position + 1)...].reduce(lastIndex(partition)) { min($0, $1.origins[partition] ?? $0) }
    }

    /// Takes up what a plan has made durable in the last member, its first row at `firstRow`.
    mutating func apply(_ plan: CommitPlan, firstRow: Int64) {
        let current = members.count - 1
        for (partition, state) in plan.touched {
            members[current].origins[partition] = state.record.origin.index
            var state = state
            state.hasNewRecord = false
            partitions[partition] = state
        }
        for (partition, from) in plan.truncations {
            members[current].runs.truncate(partition: partition, from: from)
            truncations += 1
        }
        truncations += plan.restarts.count
        for partition in plan.forgotten.keys {
            problems[partition] = nil
            repairs[partition] = nil
        }
        var start = 0
        while start < plan.rows.count {
            // What follows in the same partition follows in index as well, or the plan would not hold it.
            let first = plan.rows[start].entry
            var end = start + 1
            while end < plan.rows.count && plan.rows[end].entry.partition == first.partition { end += 1 }
            members[current].runs.add(
                partition: first.partition,
                RunIndex.Run(index: first.index, row: firstRow + Int64(start), count: end - start))
            start = end
        }
        for (key, value) in plan.meta { meta[key] = value }
        statistics.entries += UInt64(plan.rows.count)
        statistics.bytes += UInt64(plan.byteCount)
        statistics.transactions += 1
    }

    /// Takes out the oldest segment if all it has was cut; the one being written stays.
    mutating func takeRemovable() -> Segment? {
        guard members.count > 1 else { return nil }
        for partition in members[0].origins.keys {
            let end = end(ofMember: 0, partition: partition)
            guard end <= partitions[partition]?.record.cut.index ?? 0 else { return nil }
        }
        return members.removeFirst().segment
    }
}
