import TandemCore
import TestChance
import Testing

@Suite("The order of waiting contacts")
struct PlanningOrderTests {
    @Test(
        "It is the order of boost plus age times weight at every moment: it never changes by itself",
        arguments: 1...UInt64(20))
    func constant(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let start = Timestamp.utc(2026, 6, 1)
        for _ in 0..<500 {
            let weight = UInt32(1 + random.below(random.chance(of: 50) ? 5_000 : 1_000_000))
            func contact(_ number: UInt64) -> (boost: Int64, since: Timestamp, key: OrderKey) {
                let boost = Int64(random.below(2_001)) - 1_000
                let since = start + Milliseconds(Int64(random.below(7_200_000)))
                let key = OrderKey(
                    priority: 5, ageSince: since, boost: boost, weight: weight, contact: Sample.id(number))
                return (boost, since, key)
            }
            let (one, other) = (contact(1), contact(2))
            for hours in [2, 3, 48, 8_760] {
                let now = start + .hours(Int64(hours))
                // In millionths of a point.
                func score(_ boost: Int64, _ since: Timestamp) -> Int128 {
                    Int128(boost) * 1_000_000 + Int128((now - since).count) * Int128(weight)
                }
                let lead = score(one.boost, one.since) - score(other.boost, other.since)
                // A key is a whole millisecond: it decides what is worth more than two.
                if lead > 2 * Int128(weight) { #expect(one.key < other.key, "seed \(seed)") }
                if lead < -2 * Int128(weight) { #expect(other.key < one.key, "seed \(seed)") }
            }
        }
    }

    @Test("Without ageing the boost decides, then who came first")
    func noWeight() {
        func key(_ boost: Int64, _ seconds: Int64, _ number: UInt64) -> OrderKey {
            OrderKey(
                priority: 5, ageSince: .utc(2026, 6, 1) + .seconds(seconds), boost: boost, weight: 0,
                contact: Sample.id(number))
        }
        #expect(key(1, 86_400, 2) < key(0, 0, 1))
        #expect(key(0, 0, 2) < key(0, 1, 1))
        #expect(key(0, 0, 1) < key(0, 0, 2))
    }

    @Test("Contacts from before a change of the weight still compare with those after by when they came")
    func changedWeight() {
        let start = Timestamp.utc(2026, 6, 1)
        for (before, after) in [(1_000, 4_000), (4_000, 1_000), (0, 1_000), (1_000, 0)] as [(UInt32, UInt32)] {
            let old = OrderKey(priority: 5, ageSince: start, boost: 0, weight: before, contact: Sample.id(1))
            let new = OrderKey(
                priority: 5, ageSince: start + .seconds(1), boost: 0, weight: after, contact: Sample.id(2))
            #expect(old < new)
        }
    }

    @Test("Absurd boosts and ages stay in their class and do not trap")
    func extremes() {
        for boost in [Int64.min, .max] {
            for age in [Int64.min, .max] {
                for weight in [0, 1, UInt32.max] {
                    let key = OrderKey(
                        priority: 2, ageSince: Timestamp(milliseconds: age), boost: boost, weight: weight,
                        contact: Sample.id(1))
                    let plain = OrderKey(
                        priority: 3, ageSince: .utc(2026, 6, 1), boost: 0, weight: weight, contact: Sample.id(2))
                    #expect(key < plain)
                }
            }
        }
    }
}
