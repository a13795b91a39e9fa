import TestChance
import Testing

@testable import TandemRuntime

@Suite("The few smallest of many")
struct SmallestTests {
    @Test("They are what sorting everything would give", arguments: [1, 2, 3] as [UInt64])
    func agrees(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for limit in [1, 2, 10, 100] {
            for count in [0, 1, 9, 1_000] {
                let numbers = (0..<count).map { _ in UInt64.random(in: 0...500, using: &generator) }
                var smallest = Smallest<UInt64>(limit)
                for number in numbers { smallest.offer(number) }
                #expect(smallest.sorted == Array(numbers.sorted().prefix(limit)), "seed \(seed)")
                if let bound = smallest.bound { #expect(numbers.count { $0 <= bound } >= limit, "seed \(seed)") }
            }
        }
    }
}
