internal import TandemCore
internal import TandemWire

/// A command that was handed in here and whose outcome is not known.
struct WaitingCommand {
    let command: Command
    let key: CommandKey
    let bytes: Int
    /// When its asker is told that nobody knows, monotonic nanoseconds.
    let deadline: UInt64
    let reply: @Sendable (Outcome) -> Void
    /// An earlier try may have been done.
    var mayBeDone = false
    /// Nodes that ended while it was asked of them: with others, and alone.
    var lostInCompany = false
    var lostAlone = 0
    /// The stream in which it is asked, and since when; 0: it is not asked.
    var askedIn: UInt64 = 0
    var askedAt: UInt64 = 0

    /// Nodes that it may have ended. One that ended with many under way says nothing about any of them, until one of them
    /// is alone the next time.
    var failures: UInt8 { lostAlone == 0 ? 0 : UInt8(clamping: lostAlone + (lostInCompany ? 1 : 0)) }
}

/// Commands in the order in which they were handed in, each at its place, from 1 on. Those in the middle may leave
/// before the first.
struct WaitingLine {
    private var slots: [WaitingCommand?] = []
    private var head = 0
    /// The place of the first that is left, or that comes next.
    private(set) var firstPlace: UInt64 = 1
    private(set) var bytes = 0

    /// From the first that is left to the last; those between them that left count.
    var count: Int { slots.count - head }
    var isEmpty: Bool { count == 0 }
    var nextPlace: UInt64 { firstPlace + UInt64(count) }
    var first: WaitingCommand? { isEmpty ? nil : slots[head] }

    private func slot(of place: UInt64) -> Int? {
        place >= firstPlace && place < nextPlace ? head + Int(place - firstPlace) : nil
    }

    subscript(place: UInt64) -> WaitingCommand? { slot(of: place).flatMap { slots[$0] } }

    /// Changes the command at a place; there must be one.
    mutating func change(_ place: UInt64, _ body: (inout WaitingCommand) -> Void) {
        guard let slot = slot(of: place), var command = slots[slot] else {
            preconditionFailure("nobody waits at this place")
        }
        body(&command)
        slots[slot] = command
    }

    mutating func append(_ command: WaitingCommand) {
        slots.append(command)
        bytes += command.bytes
    }

    /// Nil when it has left already.
    mutating func remove(_ place: UInt64) -> WaitingCommand? {
        guard let slot = slot(of: place), let command = slots[slot] else { return nil }
        slots[slot] = nil
        bytes -= command.bytes
        while head < slots.count, slots[head] == nil {
            head += 1
            firstPlace += 1
        }
        if head == slots.count {
            slots.removeAll(keepingCapacity: true)
            head = 0
        } else if head > 1_024, head * 2 > slots.count {
            slots.removeFirst(head)
            head = 0
        }
        return command
    }
}
