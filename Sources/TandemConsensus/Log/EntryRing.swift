/// The newest entries of a log, in memory: appended at the end, forgotten at the front, both in constant time.
struct EntryRing: Sendable {
    private var storage: [LogEntry] = []
    /// Places at the front of `storage` that are no longer used.
    private var head = 0
    /// What the entries held count in bytes.
    private(set) var bytes = 0
    /// The index of the first entry held, or where the next one goes when there is none.
    private(set) var first: LogIndex

    init(first: LogIndex) { self.first = first }

    var count: Int { storage.count - head }
    /// One more than the index of the last entry held.
    var end: LogIndex { first + LogIndex(count) }

    subscript(index: LogIndex) -> LogEntry { storage[position(index)] }

    mutating func append(_ entry: LogEntry) {
        storage.append(entry)
        bytes += entry.size
    }

    mutating func truncate(from index: LogIndex) {
        while end > index, let last = storage.last, count > 0 {
            bytes -= last.size
            storage.removeLast()
        }
        if index < first { first = index }
    }

    mutating func removeFirst() {
        bytes -= storage[head].size
        // The content goes now, the place later.
        storage[head] = Self.vacant
        head += 1
        first += 1
        if head >= Self.reclaimed && head * 2 >= storage.count {
            storage.removeFirst(head)
            head = 0
        }
    }

    mutating func removeAll(first index: LogIndex) {
        self = EntryRing(first: index)
    }

    /// Entries from `index` on, before `end`, as many as fit into the bounds and at least one if there is one.
    func slice(from index: LogIndex, before end: LogIndex, bytes limit: Int, count: Int = .max) -> ArraySlice<LogEntry>
    {
        let start = position(index)
        let stop = min(position(min(end, self.end)), start + min(count, storage.count - start))
        var position = start
        var sum = 0
        while position < stop {
            sum += storage[position].size
            if sum > limit && position > start { break }
            position += 1
        }
        return storage[start..<position]
    }

    private func position(_ index: LogIndex) -> Int { head + Int(index - first) }

    private static let vacant = LogEntry(index: 0, term: .zero, content: .opening)
    /// Unused places below which the front is not worth moving.
    private static let reclaimed = 1_024
}
