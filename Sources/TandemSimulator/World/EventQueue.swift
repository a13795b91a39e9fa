/// What will happen, in the order of time; at the same time in the order in which it was planned.
///
/// A binary heap of small keys; what they stand for lies still in `slots`.
struct EventQueue<Happening> {
    private struct Key {
        let time: Moment
        let number: Int
        let slot: Int

        func precedes(_ other: Key) -> Bool { time == other.time ? number < other.number : time < other.time }
    }

    private var heap: [Key] = []
    private var slots: [Happening?] = []
    private var free: [Int] = []
    private var number = 0

    mutating func add(_ happening: Happening, at time: Moment) {
        number += 1
        heap.append(Key(time: time, number: number, slot: place(happening)))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].precedes(heap[parent]) else { break }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    private mutating func place(_ happening: Happening) -> Int {
        guard let slot = free.popLast() else {
            slots.append(happening)
            return slots.count - 1
        }
        slots[slot] = happening
        return slot
    }

    mutating func next() -> (time: Moment, happening: Happening)? {
        guard let first = heap.first else { return nil }
        heap[0] = heap[heap.count - 1]
        heap.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in (2 * parent + 1)..<(2 * parent + 3) where child < heap.count {
                if heap[child].precedes(heap[least]) { least = child }
            }
            if least == parent { break }
            heap.swapAt(parent, least)
            parent = least
        }
        let happening = slots[first.slot]
        slots[first.slot] = nil
        free.append(first.slot)
        return happening.map { (first.time, $0) }
    }
}
