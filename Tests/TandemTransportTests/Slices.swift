import TestChance

extension SeededGenerator {
    /// The bytes in slices of random length, at least one byte each.
    mutating func slices(_ bytes: [UInt8], longest: Int = 40) -> [[UInt8]] {
        var slices: [[UInt8]] = []
        var start = 0
        while start < bytes.count {
            let length = min(bytes.count - start, 1 + below(longest))
            slices.append(Array(bytes[start..<(start + length)]))
            start += length
        }
        return slices
    }

    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) } }
}
