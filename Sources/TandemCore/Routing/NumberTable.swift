/// Where the record of an identifier stands in an array. Ours are minted, not chosen by others: one multiplication
/// spreads them, where a dictionary's guarded hash costs a routing decision a sixth of its time.
struct NumberTable: Sendable {
    /// Identifiers and their numbers; an empty place has the number -1.
    private var keys: [UInt64] = []
    private var numbers: [Int32] = []
    private(set) var count = 0

    private var mask: Int { keys.count - 1 }

    subscript(_ key: UInt64) -> Int32? {
        get {
            guard count > 0 else { return nil }
            let place = place(of: key)
            return numbers[place] >= 0 ? numbers[place] : nil
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
        while numbers[place] >= 0, keys[place] != key { place = (place + 1) & mask }
        return place
    }

    private mutating func set(_ key: UInt64, _ number: Int32) {
        if (count + 1) * 4 > keys.count * 3 { grow() }
        let place = place(of: key)
        if numbers[place] < 0 { count += 1 }
        keys[place] = key
        numbers[place] = number
    }

    /// Moves up what stands behind, so that no gap cuts it off from its home.
    private mutating func remove(_ key: UInt64) {
        guard count > 0 else { return }
        var gap = place(of: key)
        guard numbers[gap] >= 0 else { return }
        count -= 1
        var place = gap
        while true {
            place = (place + 1) & mask
            if numbers[place] < 0 { break }
            let distance = (place - home(keys[place])) & mask
            if distance >= (place - gap) & mask {
                keys[gap] = keys[place]
                numbers[gap] = numbers[place]
                gap = place
            }
        }
        numbers[gap] = -1
    }

    private mutating func grow() {
        let oldKeys = keys
        let oldNumbers = numbers
        let size = max(64, keys.count * 2)
        keys = [UInt64](repeating: 0, count: size)
        numbers = [Int32](repeating: -1, count: size)
        for place in oldKeys.indices where oldNumbers[place] >= 0 {
            let free = self.place(of: oldKeys[place])
            keys[free] = oldKeys[place]
            numbers[free] = oldNumbers[place]
        }
    }
}
