/// The appends on their way to one follower, oldest first, in a ring of fixed size.
struct InFlight: Sendable {
    private var ends: [LogIndex]
    private var sizes: [Int]
    private var start = 0
    private(set) var count = 0
    private(set) var bytes = 0
    private let bytesMax: Int

    init(messages: Int, bytes: Int) {
        ends = Array(repeating: 0, count: messages)
        sizes = Array(repeating: 0, count: messages)
        bytesMax = bytes
    }

    /// No further append may be sent. A single one of any size always may.
    var isFull: Bool { count == ends.count || bytes >= bytesMax }

    mutating func add(end: LogIndex, bytes size: Int) {
        precondition(!isFull, "what is under way is bounded")
        let position = (start + count) % ends.count
        ends[position] = end
        sizes[position] = size
        count += 1
        bytes += size
    }

    /// Everything up to `index` has arrived.
    mutating func free(upTo index: LogIndex) {
        while count > 0 && ends[start] <= index {
            bytes -= sizes[start]
            start = (start + 1) % ends.count
            count -= 1
        }
    }

    mutating func removeAll() {
        start = 0
        count = 0
        bytes = 0
    }
}
