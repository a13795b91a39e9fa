package import TandemCore
internal import TandemWire

/// Commands that were carried out, so that one sent again is answered as before and not done twice.
///
/// Journaled state: each entry carries its key, and recovery refills the table. The keys of clients are kept for 10
/// minutes of journaled time, those of nodes for `NodeKey.kept`; over `keysMax` of a kind its oldest leave early.
/// Rejections are not remembered.
package struct CommandTable {
    /// Ten minutes of the journal's own time.
    package static let horizon = Milliseconds.minutes(10)
    /// Of each kind; about 100 bytes each.
    static let keysMax = 2_000_000

    private struct Place: Hashable {
        let high: UInt64
        let low: UInt64
    }
    private struct Done {
        let body: UInt64
        let answer: Answer
        let time: Timestamp
        let index: UInt64
    }
    enum Look {
        case unknown
        /// Done in the entry at `index`, which may not be committed yet.
        case done(Answer, index: UInt64)
        /// The key came before with another body.
        case reused
        /// A node's key, and one that it made later is forgotten already: it may have been done, and nobody knows.
        case forgotten
    }

    /// Keys of one kind, oldest first.
    private struct Order {
        var keys: [(place: Place, index: UInt64)] = []
        var oldest = 0
        let horizon: Milliseconds

        var count: Int { keys.count - oldest }

        mutating func popFirst() -> (place: Place, index: UInt64) {
            let first = keys[oldest]
            oldest += 1
            if oldest > 65_536, oldest * 2 > keys.count {
                keys.removeFirst(oldest)
                oldest = 0
            }
            return first
        }
    }

    private var done: [Place: Done] = [:]
    private var clients = Order(horizon: Self.horizon)
    private var nodes: Order
    /// The highest key of each node that is forgotten, and when it was remembered; kept as long as a client's key.
    private var forgotten: [UInt32: (key: NodeKey, time: Timestamp)] = [:]
    /// When the first of them may leave.
    private var forgottenUntil = Timestamp(milliseconds: .max)
    /// Keys that left before their time.
    private(set) var evicted: UInt64 = 0
    var count: Int { done.count }

    /// - Parameter factor: how many times as fast journaled time runs as the nodes' own.
    init(factor: Int64 = 1) {
        nodes = Order(horizon: Milliseconds(NodeKey.kept.count.multipliedSaturated(by: factor)))
    }

    func look(_ key: CommandKey) -> Look {
        guard let known = done[Place(high: key.high, low: key.low)] else {
            return isForgotten(key) ? .forgotten : .unknown
        }
        return known.body == key.body ? .done(known.answer, index: known.index) : .reused
    }

    private func isForgotten(_ key: CommandKey) -> Bool {
        guard let name = NodeKey(key), let last = forgotten[name.node]?.key else { return false }
        return last.life == name.life && name.number <= last.number
    }

    mutating func remember(_ key: CommandKey, answer: Answer, at time: Timestamp, index: UInt64) {
        let place = Place(high: key.high, low: key.low)
        done[place] = Done(body: key.body, answer: answer, time: time, index: index)
        if NodeKey(key) == nil {
            clients.keys.append((place, index))
            while clients.count > Self.keysMax { evict(clients.popFirst()) }
        } else {
            nodes.keys.append((place, index))
            while nodes.count > Self.keysMax { evict(nodes.popFirst()) }
        }
    }

    /// Takes back what an undone turn had remembered: the newest first.
    mutating func forget(_ key: CommandKey) {
        done[Place(high: key.high, low: key.low)] = nil
        if NodeKey(key) == nil {
            if clients.count > 0 { clients.keys.removeLast() }
        } else if nodes.count > 0 {
            nodes.keys.removeLast()
        }
    }

    mutating func expire(before now: Timestamp) {
        while isDue(clients, at: now) { drop(clients.popFirst()) }
        while isDue(nodes, at: now) { drop(nodes.popFirst()) }
        guard forgottenUntil <= now else { return }
        forgotten = forgotten.filter { $0.value.time + Self.horizon > now }
        let first = forgotten.values.map(\.time).min()
        forgottenUntil = first.map { $0 + Self.horizon } ?? Timestamp(milliseconds: .max)
    }

    private func isDue(_ order: Order, at now: Timestamp) -> Bool {
        guard order.count > 0 else { return false }
        guard let first = done[order.keys[order.oldest].place] else { return true }
        return first.time + order.horizon <= now
    }

    private mutating func evict(_ key: (place: Place, index: UInt64)) {
        evicted += 1
        drop(key)
    }

    private mutating func drop(_ key: (place: Place, index: UInt64)) {
        // A key that was remembered anew stays with its later entry.
        guard let known = done[key.place], known.index == key.index else { return }
        done[key.place] = nil
        guard let name = NodeKey(CommandKey(high: key.place.high, low: key.place.low, body: known.body)) else { return }
        if let last = forgotten[name.node]?.key, last.life == name.life, last.number >= name.number { return }
        forgotten[name.node] = (name, known.time)
        forgottenUntil = min(forgottenUntil, known.time + Self.horizon)
    }
}
