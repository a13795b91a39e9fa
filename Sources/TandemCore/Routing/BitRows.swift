/// A set of small numbers, one bit each.
struct BitSet: Sendable {
    private(set) var words: [UInt64] = []

    /// Makes room for `count` words, so that sets of one width can be combined word by word.
    mutating func widen(to count: Int) {
        if words.count < count { words.append(contentsOf: repeatElement(0, count: count - words.count)) }
    }

    subscript(_ number: Int) -> Bool {
        get { number >> 6 < words.count && words[number >> 6] & (1 << UInt64(number & 63)) != 0 }
        set {
            if number >> 6 >= words.count {
                if !newValue { return }
                widen(to: number >> 6 + 1)
            }
            if newValue {
                words[number >> 6] |= 1 << UInt64(number & 63)
            } else {
                words[number >> 6] &= ~(1 << UInt64(number & 63))
            }
        }
    }

    @inline(__always)
    mutating func add(_ bits: UInt64, at place: Int) { words[place] |= bits }

    /// Adds the bits that a row has in common with a row of another table of the same columns; the set is as wide.
    ///
    /// - Returns: whether there were any.
    mutating func add(_ rows: BitRows, _ row: Int, _ others: BitRows, _ other: Int) -> Bool {
        var any: UInt64 = 0
        for place in 0..<min(rows.stride, others.stride) {
            let bits = rows.word(row, place) & others.word(other, place)
            if bits == 0 { continue }
            words[place] |= bits
            any |= bits
        }
        return any != 0
    }

    mutating func removeAll() {
        for place in words.indices { words[place] = 0 }
    }

    @inline(__always)
    func forEach(_ body: (Int) -> Void) {
        for place in words.indices { words[place].forEachBit { body(place << 6 + $0) } }
    }
}

extension UInt64 {
    @inline(__always)
    func forEachBit(_ body: (Int) -> Void) {
        var rest = self
        while rest != 0 {
            body(rest.trailingZeroBitCount)
            rest &= rest - 1
        }
    }
}

/// A table of bits in one piece of memory: who fits whom.
struct BitRows: Sendable {
    private var words: [UInt64]
    /// Words of one row.
    private(set) var stride = 1

    private var rows: Int { words.count / stride }

    init(rows: Int = 0) { words = [UInt64](repeating: 0, count: rows) }

    /// Makes room; the bits that are there keep their places.
    mutating func reserve(rows count: Int, columns: Int) {
        if columns > stride * 64 {
            let wider = max(stride * 2, (columns + 63) / 64)
            var moved = [UInt64](repeating: 0, count: rows * wider)
            for row in 0..<rows {
                for place in 0..<stride { moved[row * wider + place] = words[row * stride + place] }
            }
            words = moved
            stride = wider
        }
        if count > rows { words.append(contentsOf: repeatElement(0, count: max(count - rows, rows) * stride)) }
    }

    subscript(_ row: Int, _ column: Int) -> Bool {
        get { words[row * stride + column >> 6] & (1 << UInt64(column & 63)) != 0 }
        set {
            if newValue {
                words[row * stride + column >> 6] |= 1 << UInt64(column & 63)
            } else {
                words[row * stride + column >> 6] &= ~(1 << UInt64(column & 63))
            }
        }
    }

    @inline(__always)
    func word(_ row: Int, _ place: Int) -> UInt64 { words[row * stride + place] }

    /// Whether a row has a bit in common with a row of another table of the same columns.
    func meets(_ row: Int, _ other: BitRows, _ otherRow: Int) -> Bool {
        for place in 0..<min(stride, other.stride) where word(row, place) & other.word(otherRow, place) != 0 {
            return true
        }
        return false
    }

    mutating func clear(row: Int) {
        for place in row * stride..<(row + 1) * stride { words[place] = 0 }
    }
}
