internal import TandemCore
internal import TandemWire

/// Commands that were carried out, so that one sent again is answered as before and not done twice.
///
/// Journaled state: each entry carries its key, and recovery refills the table. Kept for 10 minutes of journaled time;
/// over `keysMax` the oldest leave early. Rejections are not remembered.
struct CommandTable {
    /// Ten minutes of the journal's own time.
    static let horizon = Milliseconds.minutes(10)
    /// About 100 bytes each.
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
    }

    private var done: [Place: Done] = [:]
    private var order: [(place: Place, index: UInt64)] = []
    private var oldest = 0
    /// Keys that left before their time.
    private(set) var evicted: UInt64 = 0
    var count: Int { done.count }

    func look(_ key: CommandKey) -> Look {
        guard let known = done[Place(high: key.high, low: key.low)] else { return .unknown }
        return known.body == key.body ? .done(known.answer, index: known.index) : .reused
    }

    mutating func remember(_ key: CommandKey, answer: Answer, at time: Timestamp, index: UInt64) {
        let place = Place(high: key.high, low: key.low)
        done[place] = Done(body: key.body, answer: answer, time: time, index: index)
        order.append((place, index))
        while done.count > Self.keysMax {
            evicted += 1
            dropOldest()
        }
    }

    /// Takes back what an undone turn had remembered.
    mutating func forget(_ key: CommandKey) {
        done[Place(high: key.high, low: key.low)] = nil
        if !order.isEmpty, order.count > oldest { order.removeLast() }
    }

    mutating func expire(before now: Timestamp) {
        while oldest < order.count {
            let place = order[oldest].place
            guard let first = done[place], first.time + Self.horizon > now else {
                dropOldest()
                continue
            }
            break
        }
    }

    private mutating func dropOldest() {
        let (place, index) = order[oldest]
        // A key that was remembered anew stays with its later entry.
        if done[place]?.index == index { done[place] = nil }
        oldest += 1
        if oldest > 65_536, oldest * 2 > order.count {
            order.removeFirst(oldest)
            oldest = 0
        }
    }
}
