/// A queue's waiting contacts in their order, so that a contact's position is found without counting all before it.
///
/// Sorted blocks of at most `blockMax`: a change moves at most one block. What all blocks are asked for stands side by
/// side, so that a search or a count touches no block but the one it finds.
struct QueueOrder: Sendable {
    struct Entry: Sendable {
        var key: OrderKey
        var since: Timestamp
    }

    static let blockMax = 64
    private var blocks: [[Entry]] = []
    /// Of each block, none of which is empty.
    private var firsts: [OrderKey] = []
    private var counts: [Int32] = []
    private var oldests: [Timestamp] = []
    private(set) var count = 0

    /// Enqueue time of the contact that has waited longest.
    var oldest: Timestamp? { oldests.min() }

    mutating func insert(_ key: OrderKey, since: Timestamp) {
        count += 1
        let entry = Entry(key: key, since: since)
        guard !blocks.isEmpty else { return insert(block: [entry], at: 0) }
        let number = block(of: key)
        if since < oldests[number] { oldests[number] = since }
        if key < firsts[number] { firsts[number] = key }
        counts[number] += 1
        blocks[number].put(entry)
        if blocks[number].count > Self.blockMax { split(number) }
    }

    mutating func remove(_ key: OrderKey) {
        guard !blocks.isEmpty else { return }
        let number = block(of: key)
        let place = firsts[number] == key ? 0 : blocks[number].place(of: key)
        guard place < blocks[number].count, blocks[number][place].key == key else { return }
        let since = blocks[number].remove(at: place).since
        count -= 1
        guard let first = blocks[number].first else {
            blocks.remove(at: number)
            firsts.remove(at: number)
            counts.remove(at: number)
            oldests.remove(at: number)
            return
        }
        firsts[number] = first.key
        counts[number] -= 1
        if since == oldests[number] { oldests[number] = blocks[number].oldest }
    }

    /// From 1.
    func position(of key: OrderKey) -> Int? {
        guard !blocks.isEmpty else { return nil }
        let number = block(of: key)
        let place = blocks[number].place(of: key)
        guard place < blocks[number].count, blocks[number][place].key == key else { return nil }
        return counts[..<number].reduce(place + 1) { $0 + Int($1) }
    }

    /// The last block whose first entry does not come after `key`; the first block for what comes before all.
    private func block(of key: OrderKey) -> Int {
        var low = 0
        var high = firsts.count
        while high - low > 1 {
            let middle = (low + high) >> 1
            if key < firsts[middle] { high = middle } else { low = middle }
        }
        return low
    }

    private mutating func split(_ number: Int) {
        let half = Self.blockMax / 2
        let tail = Array(blocks[number][half...])
        blocks[number].removeSubrange(half...)
        counts[number] = Int32(half)
        oldests[number] = blocks[number].oldest
        insert(block: tail, at: number + 1)
    }

    private mutating func insert(block: [Entry], at number: Int) {
        blocks.insert(block, at: number)
        firsts.insert(block[0].key, at: number)
        counts.insert(Int32(block.count), at: number)
        oldests.insert(block.oldest, at: number)
    }
}

extension [QueueOrder.Entry] {
    /// Where `key` stands or would stand.
    fileprivate func place(of key: OrderKey) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) >> 1
            if self[middle].key < key { low = middle + 1 } else { high = middle }
        }
        return low
    }

    fileprivate mutating func put(_ entry: Element) {
        // Most come after all others.
        if let last, last.key < entry.key { append(entry) } else { insert(entry, at: place(of: entry.key)) }
    }

    fileprivate var oldest: Timestamp {
        var oldest = Timestamp.distantFuture
        for entry in self where entry.since < oldest { oldest = entry.since }
        return oldest
    }
}
