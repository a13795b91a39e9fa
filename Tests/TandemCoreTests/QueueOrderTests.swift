@testable import TandemCore
import TestChance
import Testing

/// The order of a long queue against a sorted list.
@Suite("Queue order")
struct QueueOrderTests {
    private struct Waiter {
        var key: OrderKey
        var since: Timestamp
    }

    @Test("Positions and the longest wait are those of a sorted list, whoever comes and goes", arguments: 1...UInt64(4))
    func sorted(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var order = QueueOrder()
        var waiters: [Waiter] = []
        for step in 0..<4_000 {
            // Grows to several blocks, empties, and grows again.
            let leaves = step % 2_000 > 1_200 ? 90 : 20
            if !waiters.isEmpty, random.chance(of: leaves) {
                // The first leaves most often.
                let place = random.chance(of: 60) ? 0 : random.below(waiters.count)
                order.remove(waiters.remove(at: place).key)
            } else {
                let key = OrderKey(
                    priority: UInt8(random.below(3)), virtual: Int64(step - random.below(50)), sequence: UInt64(step))
                let waiter = Waiter(key: key, since: Timestamp(milliseconds: Int64(random.below(1_000))))
                waiters.insert(waiter, at: waiters.firstIndex { key < $0.key } ?? waiters.count)
                order.insert(waiter.key, since: waiter.since)
            }
            #expect(order.count == waiters.count, "seed \(seed), step \(step)")
            #expect(order.oldest == waiters.map(\.since).min(), "seed \(seed), step \(step)")
            guard !waiters.isEmpty, step % 10 == 0 else { continue }
            let place = random.below(waiters.count)
            #expect(order.position(of: waiters[place].key) == place + 1, "seed \(seed), step \(step)")
        }
        for (place, waiter) in waiters.enumerated() { #expect(order.position(of: waiter.key) == place + 1) }
    }

    @Test("Who does not wait has no position, and taking him out changes nothing")
    func absent() {
        var order = QueueOrder()
        let now = Timestamp(milliseconds: 5)
        let (one, other) = (
            OrderKey(priority: 5, virtual: 1, sequence: 1), OrderKey(priority: 5, virtual: 1, sequence: 2)
        )
        order.remove(one)
        #expect(order.position(of: one) == nil && order.oldest == nil)
        order.insert(one, since: now)
        order.remove(other)
        #expect(order.position(of: other) == nil)
        #expect(order.position(of: one) == 1 && order.count == 1 && order.oldest == now)
    }
}
