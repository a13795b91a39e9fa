package import TandemCore

/// Deadlines of actors: seven levels of 64 slots, from 1 ms to 139 years, each with a bitmap of its occupied slots.
///
/// Derived from the actors' records and never journaled. Arming and cancelling touch one list; an entry moves down at
/// most six times; a leap over empty time costs nothing. Not thread-safe: it lives on its partition's executor.
package struct TimerWheel: Sendable {
    /// Names an armed timer until it fires or is cancelled.
    package struct Handle: Hashable, Sendable {
        fileprivate let index: UInt32
        package static let none = Handle(index: .max)
    }

    private struct Node {
        var deadline: Int64
        var actor: UInt64
        var next: UInt32
        var previous: UInt32
        /// Level × 64 + slot; `free` in the free list.
        var place: UInt16
        var kind: ActorKind
    }

    private static let bits: Int64 = 6
    private static let levels = 7
    private static let none = UInt32.max
    private static let free = UInt16.max

    private var nodes: [Node] = []
    private var heads = [UInt32](repeating: none, count: levels * 64)
    private var occupied = [UInt64](repeating: 0, count: levels)
    private var freeHead = none
    /// Everything before this has fired.
    private var elapsed: Int64
    package private(set) var count = 0

    package init(now: Timestamp) {
        elapsed = max(0, now.milliseconds)
    }

    /// Arms a timer; one that is already due fires with the next `popDue`.
    package mutating func arm(_ actor: ActorID, at deadline: Timestamp) -> Handle {
        let index: UInt32
        let node = Node(
            deadline: deadline.milliseconds, actor: actor.raw, next: Self.none, previous: Self.none,
            place: Self.free, kind: actor.kind)
        if freeHead != Self.none {
            index = freeHead
            freeHead = nodes[Int(index)].next
            nodes[Int(index)] = node
        } else {
            index = UInt32(nodes.count)
            nodes.append(node)
        }
        link(index)
        count += 1
        return Handle(index: index)
    }

    /// Disarms; the handle must be armed.
    package mutating func cancel(_ handle: Handle) {
        unlink(handle.index)
        release(handle.index)
    }

    /// The deadline of an armed timer.
    package func deadline(of handle: Handle) -> Timestamp {
        Timestamp(milliseconds: nodes[Int(handle.index)].deadline)
    }

    /// When `popDue` has something to do next; nil: nothing is armed. May be early by a slot's width, never late.
    package var next: Timestamp? {
        for level in 0..<Self.levels where occupied[level] != 0 {
            return Timestamp(milliseconds: start(of: nextSlot(level), at: level))
        }
        return nil
    }

    /// Takes one actor whose deadline is at or before `now`, in the order of deadlines; nil: nothing is due.
    package mutating func popDue(at now: Timestamp) -> (actor: ActorID, deadline: Timestamp)? {
        while let level = occupied.firstIndex(where: { $0 != 0 }) {
            let slot = nextSlot(level)
            let begins = start(of: slot, at: level)
            guard begins <= now.milliseconds else { break }
            elapsed = max(elapsed, begins)
            let head = heads[level * 64 + slot]
            if level == 0 {
                let node = nodes[Int(head)]
                unlink(head)
                release(head)
                return (ActorID(kind: node.kind, raw: node.actor), Timestamp(milliseconds: node.deadline))
            }
            cascade(level * 64 + slot)
        }
        if occupied.allSatisfy({ $0 == 0 }) { elapsed = max(elapsed, now.milliseconds) }
        return nil
    }

    /// Moves a slot's entries to the levels below, where they belong now that time has come nearer.
    private mutating func cascade(_ place: Int) {
        var index = heads[place]
        heads[place] = Self.none
        occupied[place >> 6] &= ~(1 << UInt64(place & 63))
        while index != Self.none {
            let next = nodes[Int(index)].next
            link(index)
            index = next
        }
    }

    private mutating func link(_ index: UInt32) {
        let deadline = min(max(nodes[Int(index)].deadline, elapsed), elapsed | ((1 << (Self.bits * 7)) - 1))
        let difference = UInt64(deadline ^ elapsed) | 63
        let level = (63 - difference.leadingZeroBitCount) / Int(Self.bits)
        let slot = Int(deadline >> (Int64(level) * Self.bits)) & 63
        let place = level * 64 + slot
        let head = heads[place]
        nodes[Int(index)].next = head
        nodes[Int(index)].previous = Self.none
        nodes[Int(index)].place = UInt16(place)
        if head != Self.none { nodes[Int(head)].previous = index }
        heads[place] = index
        occupied[level] |= 1 << UInt64(slot)
    }

    private mutating func unlink(_ index: UInt32) {
        let node = nodes[Int(index)]
        precondition(node.place != Self.free, "the timer is armed")
        if node.next != Self.none { nodes[Int(node.next)].previous = node.previous }
        if node.previous != Self.none {
            nodes[Int(node.previous)].next = node.next
        } else {
            heads[Int(node.place)] = node.next
            if node.next == Self.none { occupied[Int(node.place) >> 6] &= ~(1 << UInt64(node.place & 63)) }
        }
    }

    private mutating func release(_ index: UInt32) {
        nodes[Int(index)].place = Self.free
        nodes[Int(index)].next = freeHead
        freeHead = index
        count -= 1
    }

    /// The first occupied slot at or after the present one.
    private func nextSlot(_ level: Int) -> Int {
        let present = Int(elapsed >> (Int64(level) * Self.bits)) & 63
        let turned = occupied[level] >> UInt64(present) | (present == 0 ? 0 : occupied[level] << UInt64(64 - present))
        return (present + turned.trailingZeroBitCount) & 63
    }

    private func start(of slot: Int, at level: Int) -> Int64 {
        let width = Int64(level) * Self.bits
        let base = (elapsed >> (width + Self.bits)) << (width + Self.bits)
        return base | Int64(slot) << width
    }
}
