/// 128 bits that stand for a sender and its own id of a message: what an at-least-once channel delivers twice is
/// recognised by them, and the ids themselves need not be kept.
///
/// Two lanes take in eight bytes at a time, each by steps that lose nothing (multiply by an odd number, rotate, add),
/// so different inputs of one length differ until the end; there the lanes are mixed into one another. It is no
/// defence against someone who looks for a collision: the sender is part of the input and would hit only himself.
struct MessageFingerprint: Hashable, Sendable {
    private(set) var high: UInt64
    private(set) var low: UInt64

    init(of clientID: String, by author: Party) {
        high = 0x8f1b_bcdc_ca62_c1d6
        low = 0x6ed9_eba1_5a82_7999
        switch author {
        case .system: absorb(0)
        case .bot: absorb(1)
        case .customer(let id): absorb(2, id.raw)
        case .agent(let id): absorb(3, id.raw)
        case .staff(let id): absorb(4, id.raw)
        }
        var clientID = clientID
        clientID.withUTF8 { bytes in
            let raw = UnsafeRawBufferPointer(bytes)
            var offset = 0
            while offset + 8 <= raw.count {
                absorb(UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
                offset += 8
            }
            var rest: UInt64 = 0
            for position in stride(from: raw.count - 1, through: offset, by: -1) {
                rest = rest << 8 | UInt64(raw[position])
            }
            absorb(rest, UInt64(raw.count))
        }
        low = Self.spread(low &+ high)
        high = Self.spread(high &+ low)
    }

    private mutating func absorb(_ kind: UInt64, _ value: UInt64) {
        absorb(kind)
        absorb(value)
    }

    private mutating func absorb(_ word: UInt64) {
        low = Self.rotated(low ^ (word &* 0x9fb2_1c65_1e98_df25), by: 29) &* 0xd6e8_feb8_6659_fd93
        high = Self.rotated(high &+ (word ^ 0xa076_1d64_78bd_642f), by: 37) &* 0xe703_7ed1_a0b4_28db
        high ^= low >> 32
    }

    private static func rotated(_ word: UInt64, by count: UInt64) -> UInt64 {
        word << count | word >> (64 - count)
    }

    /// Each bit of the input changes about half of the output's.
    private static func spread(_ word: UInt64) -> UInt64 {
        var word = word
        word = (word ^ word >> 32) &* 0xd6e8_feb8_6659_fd93
        word = (word ^ word >> 32) &* 0xd6e8_feb8_6659_fd93
        return word ^ word >> 32
    }
}
