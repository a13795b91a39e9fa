import TandemCore
import TestChance
import Testing

@testable import TandemRuntime

@Suite("The timer wheel")
struct TimerWheelTests {
    private func actor(_ raw: Int) -> ActorID { ActorID(kind: .conversation, raw: UInt64(raw)) }
    private func at(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds) }

    @Test("A timer fires at its millisecond, not before it")
    func punctual() {
        var wheel = TimerWheel(now: at(1_000))
        _ = wheel.arm(actor(1), at: at(1_500))
        #expect(wheel.popDue(at: at(1_499)) == nil)
        let due = wheel.popDue(at: at(1_500))
        #expect(due?.actor == actor(1))
        #expect(due?.deadline == at(1_500))
        #expect(wheel.popDue(at: at(9_999)) == nil)
        #expect(wheel.count == 0)
    }

    @Test("A deadline that has passed when it is armed fires with the next look")
    func overdue() {
        var wheel = TimerWheel(now: at(1_000))
        _ = wheel.arm(actor(1), at: at(10))
        #expect(wheel.popDue(at: at(1_000))?.deadline == at(10))
    }

    @Test("A cancelled timer does not fire, and its place is used again")
    func cancelled() {
        var wheel = TimerWheel(now: at(0))
        let handle = wheel.arm(actor(1), at: at(70))
        #expect(wheel.deadline(of: handle) == at(70))
        wheel.cancel(handle)
        let again = wheel.arm(actor(2), at: at(80))
        #expect(again == handle)
        #expect(wheel.popDue(at: at(100))?.actor == actor(2))
        #expect(wheel.popDue(at: at(100)) == nil)
    }

    @Test("The end of time can be armed, and is never reached")
    func distantFuture() {
        var wheel = TimerWheel(now: at(1_700_000_000_000))
        _ = wheel.arm(actor(1), at: .distantFuture)
        #expect(wheel.popDue(at: at(4_000_000_000_000)) == nil)
        #expect(wheel.count == 1)
    }

    @Test("It fires what a sorted list would, at the same times, over leaps of every length", arguments: 1...20)
    func oracle(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var now: Int64 = 1_700_000_000_000
        var wheel = TimerWheel(now: at(now))
        var armed: [Int: (deadline: Int64, handle: TimerWheel.Handle)] = [:]
        var number = 0
        for _ in 0..<400 {
            for _ in 0..<Int.random(in: 0...8, using: &random) {
                number += 1
                let ahead = Int64(1) << Int64.random(in: 0...40, using: &random)
                let deadline = now + Int64.random(in: -5...ahead, using: &random)
                armed[number] = (deadline, wheel.arm(actor(number), at: at(deadline)))
            }
            if let victim = armed.keys.sorted().randomElement(using: &random), Bool.random(using: &random) {
                // Safe: the key was just taken from the dictionary.
                wheel.cancel(armed.removeValue(forKey: victim)!.handle)
            }
            if let next = wheel.next, let earliest = armed.values.map(\.deadline).min() {
                #expect(next.milliseconds <= max(earliest, now), "seed \(seed): the wheel would wake too late")
            }
            now += Int64.random(in: 0...(Int64(1) << Int64.random(in: 0...36, using: &random)), using: &random)
            var last = Int64.min
            while let due = wheel.popDue(at: at(now)) {
                let known = armed.removeValue(forKey: Int(due.actor.raw))
                #expect(known?.deadline == due.deadline.milliseconds, "seed \(seed)")
                #expect(due.deadline.milliseconds <= now, "seed \(seed): a timer fired early")
                #expect(max(due.deadline.milliseconds, last) >= last, "seed \(seed)")
                last = max(last, due.deadline.milliseconds)
            }
            #expect(!armed.values.contains { $0.deadline <= now }, "seed \(seed): a timer was missed")
            #expect(wheel.count == armed.count, "seed \(seed)")
        }
    }
}
