@testable import TandemCore
import TestChance
import Testing

@Suite("Number table")
struct NumberTableTests {
    @Test("It answers as a dictionary does, through growth and gaps", arguments: 1...UInt64(4))
    func dictionary(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var table = NumberTable()
        var expected: [UInt64: Int32] = [:]
        for step in 0..<20_000 {
            // Few enough to meet again, spaced as identifiers are.
            let key = UInt64(random.below(2_000)) << 10 | 3
            if random.chance(of: step % 5_000 < 3_000 ? 60 : 30) {
                let number = Int32(random.below(1_000_000))
                table[key] = number
                expected[key] = number
            } else {
                table[key] = nil
                expected[key] = nil
            }
            let other = UInt64(random.below(2_000)) << 10 | 3
            #expect(table[other] == expected[other] && table.count == expected.count, "seed \(seed), step \(step)")
        }
        for key in expected.keys.sorted() { #expect(table[key] == expected[key]) }
    }

    @Test("Nothing is found in an empty table")
    func empty() {
        var table = NumberTable()
        table[7] = nil
        #expect(table[7] == nil && table.count == 0)
    }
}
