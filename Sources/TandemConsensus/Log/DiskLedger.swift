/// What has been handed out to be written and is not known to be durable yet.
///
/// Writes are durable in the order of their numbers. A truncation makes void what earlier writes will report for the
/// entries it takes back, even if entries with the same index and term come again later.
struct DiskLedger: Sendable {
    private struct Record: Sendable {
        let number: UInt64
        /// The last entry that is durable once this write is.
        var last: LogIndex
    }

    /// The number of the newest write handed out, and of the newest known to be durable.
    private(set) var issued: UInt64 = 0
    private(set) var durable: UInt64 = 0
    /// The write that holds the newest ballot; one more than `issued` when it has not been handed out.
    private(set) var ballotWrite: UInt64 = 0
    /// Entries from here on must be truncated by the next write.
    private(set) var truncation: LogIndex?
    /// The next write begins the log anew behind this point.
    private(set) var restart: LogPoint?
    private(set) var silentTicks = 0
    private var records: [Record] = []

    var isBallotUnwritten: Bool { ballotWrite > issued }
    /// Whether the newest ballot survives a power cut.
    var isBallotDurable: Bool { ballotWrite <= durable }
    var isBusy: Bool { issued > durable }

    mutating func ballotChanged() { ballotWrite = issued + 1 }

    /// Entries from `index` on are taken back; `written` is how far they were handed out.
    mutating func truncate(from index: LogIndex, written: LogIndex) {
        if index <= written { truncation = min(index, truncation ?? index) }
        for position in records.indices { records[position].last = min(records[position].last, index - 1) }
    }

    /// The log begins anew; nothing that is under way counts any more.
    mutating func restart(at point: LogPoint) {
        restart = point
        truncation = nil
        for position in records.indices { records[position].last = 0 }
    }

    /// Hands out a write that leaves the log ending at `last`, and gives it its number.
    mutating func issue(last: LogIndex) -> UInt64 {
        if !isBusy { silentTicks = 0 }
        issued += 1
        truncation = nil
        restart = nil
        records.append(Record(number: issued, last: last))
        return issued
    }

    /// Learns that all writes up to a number are durable; returns up to where the log is.
    mutating func persisted(_ number: UInt64) -> LogIndex {
        precondition(number <= issued, "a write is durable after it was handed out")
        var last: LogIndex = 0
        var count = 0
        while count < records.count && records[count].number <= number {
            last = max(last, records[count].last)
            count += 1
        }
        records.removeFirst(count)
        if number > durable {
            durable = number
            silentTicks = 0
        }
        return last
    }

    mutating func tick() {
        if isBusy { silentTicks += 1 }
    }
}
