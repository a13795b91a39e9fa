/// SplitMix64: the same numbers for the same seed, on every machine and with every Swift.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// The bytes in slices of random length, at least one byte each.
    mutating func slices(_ bytes: [UInt8], longest: Int = 40) -> [[UInt8]] {
        var slices: [[UInt8]] = []
        var start = 0
        while start < bytes.count {
            let length = min(bytes.count - start, 1 + Int(next() % UInt64(longest)))
            slices.append(Array(bytes[start..<(start + length)]))
            start += length
        }
        return slices
    }

    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) } }
}
