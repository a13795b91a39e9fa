import Testing

@testable import TandemCore

@Suite("Time")
struct TimeTests {
    @Test("Sums, differences and products stop at the ends and never trap")
    func saturates() {
        let ends: [Int64] = [.min, .min + 1, -2, -1, 0, 1, 2, .max - 1, .max]
        for left in ends {
            for right in ends {
                let wide = (Int128(left), Int128(right))
                #expect(left.addingSaturated(right) == Int64(clamping: wide.0 + wide.1))
                #expect(left.subtractingSaturated(right) == Int64(clamping: wide.0 - wide.1))
                #expect(left.multipliedSaturated(by: right) == Int64(clamping: wide.0 * wide.1))
            }
        }
    }
}
