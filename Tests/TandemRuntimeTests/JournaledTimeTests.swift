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
        time.begin(term: 1, last: Timestamp(milliseconds: 1_600_000_000_000), clock: clock)
        #expect(time.now(clock).milliseconds == 1_700_000_000_000)
        time.begin(term: 1, last: Timestamp(milliseconds: 1_800_000_000_000), clock: clock)
        #expect(time.now(clock).milliseconds == 1_800_000_000_000)
    }

    @Test("A change of leaders is no jump where their clocks are apart as far as they may be", arguments: [-400, 400])
    func handedOver(ahead: Int64) {
        let (first, second) = (HandClock(), HandClock(monotonic: 77_000_000_000))
        second.step(milliseconds: ahead)
        var led = JournaledTime(anchor: nil)
        var next = JournaledTime(anchor: nil)
        led.begin(term: 1, last: Timestamp(milliseconds: 0), clock: first)
        for _ in 0..<100 {
            first.pass(milliseconds: 20)
            second.pass(milliseconds: 20)
            next.follow(led.now(first), term: 1, second)
        }
        // Nobody leads for a while, and the last entry is known late.
        let last = led.now(first)
        first.pass(milliseconds: 300)
        second.pass(milliseconds: 300)
        next.follow(last, term: 1, second)
        next.begin(term: 2, last: last, clock: second)
        #expect(abs(next.now(second).milliseconds - led.now(first).milliseconds) <= 2)
        // It goes back to the first, who followed nothing meanwhile.
        first.pass(milliseconds: 200)
        second.pass(milliseconds: 200)
        led.begin(term: 3, last: next.now(second), clock: first)
        #expect(abs(next.now(second).milliseconds - led.now(first).milliseconds) <= 5)
    }

    @Test("Who has known an earlier leader goes by the time of the one after it, who did not: nothing jumps ahead")
    func goneBack() {
        let clocks = (0..<3).map { HandClock(monotonic: UInt64($0 + 1) * 50_000_000_000) }
        func pass(_ milliseconds: Int64) { for clock in clocks { clock.pass(milliseconds: milliseconds) } }
        var (first, second, third) = (
            JournaledTime(anchor: nil), JournaledTime(anchor: nil), JournaledTime(anchor: nil)
        )
        first.begin(term: 1, last: Timestamp(milliseconds: 0), clock: clocks[0])
        for _ in 0..<100 {
            pass(20)
            third.follow(first.now(clocks[0]), term: 1, clocks[2])
        }
        // The second has heard of it 300 ms late, and leads by that.
        let last = first.now(clocks[0])
        pass(300)
        second.follow(last, term: 1, clocks[1])
        second.begin(term: 2, last: last, clock: clocks[1])
        pass(1)
        let opened = second.now(clocks[1])
        third.follow(opened, term: 2, clocks[2])
        // A promise of 250 ms, found broken by the third.
        pass(100)
        third.begin(term: 3, last: opened, clock: clocks[2])
        #expect(third.now(clocks[2]).milliseconds - opened.milliseconds == 100)
    }

    @Test("A leader that is steered back takes its followers along")
    func steeredBack() {
        let (first, second) = (HandClock(), HandClock(monotonic: 90_000_000_000))
        var (led, next) = (JournaledTime(anchor: nil), JournaledTime(anchor: nil))
        led.begin(term: 1, last: Timestamp(milliseconds: 0), clock: first)
        first.step(milliseconds: -400)
        for turn in 0..<400 {
            first.pass(milliseconds: 20)
            second.pass(milliseconds: 20)
            // One in a hundred comes at once, the others late.
            let time = led.now(first)
            next.follow(turn % 100 == 0 ? time : Timestamp(milliseconds: time.milliseconds - 10), term: 1, second)
        }
        next.begin(term: 2, last: led.now(first), clock: second)
        #expect((-15...10).contains(next.now(second).milliseconds - led.now(first).milliseconds))
    }

    @Test("What was followed long after it was made does not hold time back more than clocks may be apart")
    func followedLate() {
        let clock = HandClock()
        var time = JournaledTime(anchor: nil)
        time.follow(Timestamp(milliseconds: 1_600_000_000_000), term: 1, clock)
        time.begin(term: 1, last: Timestamp(milliseconds: 1_600_000_000_000), clock: clock)
        #expect(time.now(clock).milliseconds == 1_700_000_000_000 - 500)
    }

    @Test("What a start finds in its own journal was made nobody knows when: the wall clock tells the time")
    func replayed() throws {
        let group = try Group(1)
        let node = group.members[0]
        node.state.holds = true
        _ = try group.answer(.tenant(nil, .create(TenantSettings(name: "One"))), to: node)
        group.crash(node)
        group.clock.pass(milliseconds: 300)
        try group.start(node)
        group.settle()
        #expect(node.leads)
        #expect(node.partition.assumeIsolated { $0.status().time.milliseconds } == group.clock.wall())
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
            time.follow(Timestamp(milliseconds: leader), term: 1, clock)
        }
        clock.step(milliseconds: 1_200_000)
        time.begin(term: 1, last: Timestamp(milliseconds: leader), clock: clock)
        #expect((0...110).contains(time.now(clock).milliseconds - leader))
    }

    @Test(
        "A wall clock set by an hour steers it by at most one part in two hundred", arguments: [-3_600_000, 3_600_000])
    func steered(step: Int64) {
        let clock = HandClock()
        var time = JournaledTime(anchor: nil)
        time.begin(term: 1, last: Timestamp(milliseconds: 0), clock: clock)
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
        time.begin(term: 1, last: Timestamp(milliseconds: 0), clock: clock)
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
        time.begin(term: 1, last: Timestamp(milliseconds: 0), clock: clock)
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
        time.begin(term: 1, last: Timestamp(milliseconds: 0), clock: clock)
        clock.pass(milliseconds: 1_000)
        #expect(time.now(clock).milliseconds == 1_700_000_060_000)
        clock.pass(milliseconds: 1_000)
        var restarted = JournaledTime(anchor: anchor)
        restarted.begin(term: 2, last: Timestamp(milliseconds: 1_700_000_060_000), clock: clock)
        #expect(restarted.now(clock).milliseconds == 1_700_000_120_000)
    }

    @Test("The wake-up for a deadline comes when it is due, also on a fast clock", arguments: [Int64(1), 60])
    func wakes(factor: Int64) {
        let clock = HandClock()
        var time = JournaledTime(anchor: factor == 1 ? nil : .init(factor: factor, wall: clock.wall()))
        time.begin(term: 1, last: Timestamp(milliseconds: 0), clock: clock)
        let deadline = Timestamp(milliseconds: time.now(clock).milliseconds + 6_000)
        let wake = time.monotonic(for: deadline)
        clock.pass(milliseconds: Int64((wake - clock.monotonic()) / 1_000_000))
        clock.pass(milliseconds: 1)
        #expect(time.now(clock) >= deadline)
        #expect(time.now(clock).milliseconds <= deadline.milliseconds + 3 * factor)
    }
}
