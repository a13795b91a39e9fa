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
