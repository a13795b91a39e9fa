import Synchronization
import TandemCore
import Testing

@testable import TandemRuntime

/// Two clocks that a test turns by hand.
final class HandClock: NodeClock {
    private let state: Mutex<(monotonic: UInt64, wall: Int64)>

    init(monotonic: UInt64 = 1_000_000_000, wall: Int64 = 1_700_000_000_000) {
        state = Mutex((monotonic, wall))
    }

    func monotonic() -> UInt64 { state.withLock { $0.monotonic } }
    func wall() -> Int64 { state.withLock { $0.wall } }

    /// Lets time pass on both clocks.
    func pass(milliseconds: Int64) {
        state.withLock {
            $0.monotonic += UInt64(milliseconds) * 1_000_000
            $0.wall += milliseconds
        }
    }

    /// Lets time pass that the wall clock does not show yet.
    func measure(nanoseconds: UInt64) { state.withLock { $0.monotonic += nanoseconds } }

    /// Somebody sets the wall clock.
    func step(milliseconds: Int64) { state.withLock { $0.wall += milliseconds } }
}

@Suite("Journaled time")
struct JournaledTimeTests {
    @Test("It goes on from the wall clock when nobody led for a while, and never before the last entry")
    func begins() {
        let clock = HandClock()
        var time = JournaledTime(anchor: nil)
        time.begin(last: Timestamp(milliseconds: 1_600_000_000_000), clock: clock)
        #expect(time.now(clock).milliseconds == 1_700_000_000_000)
        time.begin(last: Timestamp(milliseconds: 1_800_000_000_000), clock: clock)
        #expect(time.now(clock).milliseconds == 1_800_000_000_000)
    }

    @Test("A change of leaders is no jump where their clocks are apart as far as they may be", arguments: [-400, 400])
    func handedOver(ahead: Int64) {
        let (first, second) = (HandClock(), HandClock(monotonic: 77_000_000_000))
        second.step(milliseconds: ahead)
        var led = JournaledTime(anchor: nil)
        var next = JournaledTime(anchor: nil)
        led.begin(last: Timestamp(milliseconds: 0), clock: first)
        for _ in 0..<100 {
            first.pass(milliseconds: 20)
            second.pass(milliseconds: 20)
            next.follow(led.now(first), second)
        }
        // Nobody leads for a while, and the last entry is known late.
        let last = led.now(first)
        first.pass(milliseconds: 300)
        second.pass(milliseconds: 300)
        next.follow(last, second)
        next.begin(last: last, clock: second)
        #expect(abs(next.now(second).milliseconds - led.now(first).milliseconds) <= 2)
        // It goes back to the first, who followed nothing meanwhile.
        first.pass(milliseconds: 200)
        second.pass(milliseconds: 200)
        led.begin(last: next.now(second), clock: first)
        #expect(abs(next.now(second).milliseconds - led.now(first).milliseconds) <= 5)
    }

    @Test("What was followed long after it was made does not hold time back more than clocks may be apart")
    func followedLate() {
        let clock = HandClock()
        var time = JournaledTime(anchor: nil)
        time.follow(Timestamp(milliseconds: 1_600_000_000_000), clock)
        time.begin(last: Timestamp(milliseconds: 1_600_000_000_000), clock: clock)
        #expect(time.now(clock).milliseconds == 1_700_000_000_000 - 500)
    }

    @Test("A follower's clock that is fast does not carry time away, however long it follows")
    func drifting() {
        let clock = HandClock()
        var time = JournaledTime(anchor: nil)
        var leader: Int64 = 1_700_000_000_000
        // One part in a hundred too fast, for twenty minutes.
        for _ in 0..<12_000 {
            leader += 100
            clock.measure(nanoseconds: 101_000_000)
            time.follow(Timestamp(milliseconds: leader), clock)
        }
        clock.step(milliseconds: 1_200_000)
        time.begin(last: Timestamp(milliseconds: leader), clock: clock)
        #expect((0...110).contains(time.now(clock).milliseconds - leader))
    }

    @Test(
        "A wall clock set by an hour steers it by at most one part in two hundred", arguments: [-3_600_000, 3_600_000])
    func steered(step: Int64) {
        let clock = HandClock()
        var time = JournaledTime(anchor: nil)
        time.begin(last: Timestamp(milliseconds: 0), clock: clock)
        let before = time.now(clock).milliseconds
        clock.step(milliseconds: step)
        #expect(time.now(clock).milliseconds == before)
        clock.pass(milliseconds: 10_000)
        #expect(time.now(clock).milliseconds == before + 10_000 + (step < 0 ? -50 : 50))
    }

    @Test("It follows the wall clock again once it has caught up")
    func caughtUp() {
        let clock = HandClock()
        var time = JournaledTime(anchor: nil)
        time.begin(last: Timestamp(milliseconds: 0), clock: clock)
        clock.step(milliseconds: 40)
        for _ in 0..<20 {
            clock.pass(milliseconds: 1_000)
            _ = time.now(clock)
        }
        #expect(time.now(clock).milliseconds == clock.wall())
    }

    @Test("However often it is read, it is steered")
    func steeredUnderLoad() {
        let clock = HandClock()
        var time = JournaledTime(anchor: nil)
        time.begin(last: Timestamp(milliseconds: 0), clock: clock)
        clock.step(milliseconds: 4)
        for _ in 0..<1_500 {
            for _ in 0..<20 {
                clock.measure(nanoseconds: 50_000)
                _ = time.now(clock)
            }
            clock.step(milliseconds: 1)
        }
        #expect(abs(time.now(clock).milliseconds - clock.wall()) <= 1, "it was 4 behind")
    }

    @Test("A fast clock runs from its anchor, so that a restart finds the time that has passed meanwhile")
    func fast() {
        let clock = HandClock()
        let anchor = JournaledTime.Anchor(factor: 60, wall: clock.wall())
        var time = JournaledTime(anchor: anchor)
        time.begin(last: Timestamp(milliseconds: 0), clock: clock)
        clock.pass(milliseconds: 1_000)
        #expect(time.now(clock).milliseconds == 1_700_000_060_000)
        clock.pass(milliseconds: 1_000)
        var restarted = JournaledTime(anchor: anchor)
        restarted.begin(last: Timestamp(milliseconds: 1_700_000_060_000), clock: clock)
        #expect(restarted.now(clock).milliseconds == 1_700_000_120_000)
    }

    @Test("The wake-up for a deadline comes when it is due, also on a fast clock", arguments: [Int64(1), 60])
    func wakes(factor: Int64) {
        let clock = HandClock()
        var time = JournaledTime(anchor: factor == 1 ? nil : .init(factor: factor, wall: clock.wall()))
        time.begin(last: Timestamp(milliseconds: 0), clock: clock)
        let deadline = Timestamp(milliseconds: time.now(clock).milliseconds + 6_000)
        let wake = time.monotonic(for: deadline)
        clock.pass(milliseconds: Int64((wake - clock.monotonic()) / 1_000_000))
        clock.pass(milliseconds: 1)
        #expect(time.now(clock) >= deadline)
        #expect(time.now(clock).milliseconds <= deadline.milliseconds + 3 * factor)
    }
}
