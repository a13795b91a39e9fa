/// A queue's waiting contacts in their order, so that a contact's position is found without counting all before it.
///
/// Sorted blocks of at most `blockMax`: a change moves at most one block, a position adds up the blocks before.
struct QueueOrder: Sendable {
    struct Entry: Sendable {
        var key: OrderKey
        var since: Timestamp
    }
    struct Block: Sendable {
        var entries: [Entry]
        var oldest: Timestamp
    }

    static let blockMax = 128
    private var blocks: [Block] = []
    /// Each block's first key, side by side: a search touches no block but the one it finds.
    private var firsts: [OrderKey] = []
    private(set) var count = 0

    /// Enqueue time of the contact that has waited longest.
    var oldest: Timestamp? { blocks.min { $0.oldest < $1.oldest }?.oldest }

    mutating func insert(_ key: OrderKey, since: Timestamp) {
        count += 1
        let entry = Entry(key: key, since: since)
        guard !blocks.isEmpty else {
            blocks.append(Block(entries: [entry], oldest: since))
            firsts.append(key)
            return
        }
        let place = block(of: key)
        blocks[place].insert(entry)
        if key < firsts[place] { firsts[place] = key }
        if blocks[place].entries.count > Self.blockMax { split(place) }
    }

    mutating func remove(_ key: OrderKey) {
        guard !blocks.isEmpty else { return }
        let place = block(of: key)
        guard blocks[place].remove(key) else { return }
        count -= 1
        if let first = blocks[place].entries.first {
            firsts[place] = first.key
        } else {
            blocks.remove(at: place)
            firsts.remove(at: place)
        }
    }

    /// From 1.
    func position(of key: OrderKey) -> Int? {
        guard !blocks.isEmpty else { return nil }
        let place = block(of: key)
        let inside = blocks[place].place(of: key)
        guard inside < blocks[place].entries.count, blocks[place].entries[inside].key == key else { return nil }
        return blocks[..<place].reduce(inside + 1) { $0 + $1.entries.count }
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

    private mutating func split(_ place: Int) {
        let half = Self.blockMax / 2
        let tail = Array(blocks[place].entries[half...])
        blocks[place].entries.removeSubrange(half...)
        blocks[place].findOldest()
        var next = Block(entries: tail, oldest: .distantFuture)
        next.findOldest()
        blocks.insert(next, at: place + 1)
        firsts.insert(tail[0].key, at: place + 1)
    }
}

extension QueueOrder.Block {
    /// Where `key` stands or would stand.
    fileprivate func place(of key: OrderKey) -> Int {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) >> 1
            if entries[middle].key < key { low = middle + 1 } else { high = middle }
        }
        return low
    }

    fileprivate mutating func insert(_ entry: QueueOrder.Entry) {
        if entry.since < oldest { oldest = entry.since }
        if let last = entries.last, last.key < entry.key {
            entries.append(entry)
        } else {
            entries.insert(entry, at: place(of: entry.key))
        }
    }

    fileprivate mutating func remove(_ key: OrderKey) -> Bool {
        let place = place(of: key)
        guard place < entries.count, entries[place].key == key else { return false }
        let since = entries.remove(at: place).since
        if since == oldest { findOldest() }
        return true
    }

    fileprivate mutating func findOldest() {
        var found = Timestamp.distantFuture
        for entry in entries where entry.since < found { found = entry.since }
        oldest = found
    }
}
