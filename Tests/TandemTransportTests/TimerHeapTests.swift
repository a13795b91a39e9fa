import TestChance
import Testing

@testable import TandemTransport

@Suite("The timers of a loop")
struct TimerHeapTests {
    @Test("Timers come due in the order a sorted list would give, whatever is cancelled", arguments: UInt64(1)...10)
    func model(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var heap = TimerHeap()
        let fired = Log<Int>()
        var armed: [(deadline: UInt64, order: Int, token: TimerToken)] = []
        var expected: [Int] = []
        var now: UInt64 = 0
        for order in 0..<500 {
            let deadline = now + generator.next() % 50
            let token = TimerToken(deadline: deadline) { fired.append(order) }
            heap.insert(token)
            armed.append((deadline, order, token))
            if generator.next() % 3 == 0 {
                let victim = armed.remove(at: Int(generator.next() % UInt64(armed.count)))
                heap.cancel(victim.token)
                heap.cancel(victim.token)
            }
            if generator.next() % 20 == 0 {
                now += generator.next() % 20
                let due = armed.filter { $0.deadline <= now }.sorted {
                    ($0.deadline, $0.order) < ($1.deadline, $1.order)
                }
                expected += due.map(\.order)
                armed.removeAll { $0.deadline <= now }
                while let work = heap.popDue(at: now) { work() }
                #expect(heap.count == armed.count, "seed \(seed)")
            }
        }
        #expect(fired.all == expected, "seed \(seed)")
        #expect(!expected.isEmpty)
    }

    @Test("Arming and cancelling for ever keeps the heap small, and a cancelled timer lets go of its work")
    func bounded() {
        var heap = TimerHeap()
        weak var held: Log<Int>?
        for index in 0..<10_000 {
            let log = Log<Int>()
            held = log
            let token = TimerToken(deadline: 1_000_000 + UInt64(index)) { log.append(1) }
            heap.insert(token)
            heap.cancel(token)
        }
        #expect(held == nil)
        #expect(heap.count == 0)
        #expect(heap.placeCount <= 130)
    }

    @Test("A deadline that is moved later fires once, not before; moved earlier, at the earlier; cleared, never")
    func deadlines() throws {
        let loop = try EventLoop(name: "test")
        loop.start()
        let log = Log<(String, UInt64)>()
        let done = Gate()
        let now = EventLoop.monotonicNanoseconds()
        loop.run {
            @Sendable func fired(_ name: String) {
                log.append((name, EventLoop.monotonicNanoseconds()))
                if log.all.count == 2 { loop.run { done.open() } }
            }
            let later = Deadline(loop) { fired("later") }
            later.set(now + 1_000_000)
            later.set(now + 6_000_000)
            let earlier = Deadline(loop) { fired("earlier") }
            earlier.set(now + 3_600_000_000_000)
            earlier.set(now + 3_000_000)
            let never = Deadline(loop) { fired("never") }
            never.set(now + 2_000_000)
            never.clear()
            loop.schedule(at: now + 3_600_000_000_000) { withExtendedLifetime((later, earlier, never)) {} }
        }
        done.wait()
        loop.stop()
        #expect(Set(log.all.map(\.0)) == ["earlier", "later"])
        for (name, time) in log.all where name == "later" { #expect(time >= now + 6_000_000) }
    }
}
