/// Where the record of an identifier stands in an array. Ours are minted, not chosen by others: one multiplication
/// spreads them, where a dictionary's guarded hash costs a routing decision a sixth of its time.
struct NumberTable: Sendable {
    /// Side by side, so that finding one touches one piece of memory.
    private struct Slot: Sendable {
        var key: UInt64
        /// -1: the place is empty.
        var number: Int32

        static let empty = Slot(key: 0, number: -1)
    }

    private var slots: [Slot] = []
    private(set) var count = 0

    private var mask: Int { slots.count - 1 }

    subscript(_ key: UInt64) -> Int32? {
        get {
            guard count > 0 else { return nil }
            let number = slots[place(of: key)].number
            return number >= 0 ? number : nil
        }
        set {
            if let newValue { set(key, newValue) } else { remove(key) }
        }
    }

    @inline(__always)
    private func home(_ key: UInt64) -> Int {
        Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 32) & mask
    }

    /// Where the key stands, or the empty place where it would.
    @inline(__always)
    private func place(of key: UInt64) -> Int {
        var place = home(key)
        while slots[place].number >= 0, slots[place].key != key { place = (place + 1) & mask }
        return place
    }

    private mutating func set(_ key: UInt64, _ number: Int32) {
        if (count + 1) * 4 > slots.count * 3 { grow() }
        let place = place(of: key)
        if slots[place].number < 0 { count += 1 }
        slots[place] = Slot(key: key, number: number)
    }

    /// Moves up what stands behind, so that no gap cuts it off from its home.
    private mutating func remove(_ key: UInt64) {
        guard count > 0 else { return }
        var gap = place(of: key)
        guard slots[gap].number >= 0 else { return }
        count -= 1
        var place = gap
        while true {
            place = (place + 1) & mask
            let slot = slots[place]
            if slot.number < 0 { break }
            let distance = (place - home(slot.key)) & mask
            if distance >= (place - gap) & mask {
                slots[gap] = slot
                gap = place
            }
        }
        slots[gap] = .empty
    }

    private mutating func grow() {
        let old = slots
        slots = [Slot](repeating: .empty, count: max(64, old.count * 2))
        for slot in old where slot.number >= 0 { slots[place(of: slot.key)] = slot }
    }
}
