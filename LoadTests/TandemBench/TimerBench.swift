internal import TandemCore
internal import TandemRuntime
internal import TandemTransport
internal import TestChance

/// A million armed timers: arming and cancelling them, and how late they fire on a loop.
enum TimerBench {
    static let benchmark = Benchmark(
        names: ["timer.arm", "timer.lateness.p99"], about: "1,000,000 timers armed and cancelled; then fired over 10 s"
    ) { effort in
        let count = effort.scaled(1_000_000)
        var wheel = TimerWheel(now: Timestamp(milliseconds: 0))
        var random = SeededGenerator(seed: 1)
        let deadlines = (0..<count).map { _ in Timestamp(milliseconds: Int64.random(in: 1...3_600_000, using: &random))
        }
        var handles: [TimerWheel.Handle] = []
        handles.reserveCapacity(count)
        let began = EventLoop.monotonicNanoseconds()
        for (number, deadline) in deadlines.enumerated() {
            handles.append(wheel.arm(ActorID(kind: .conversation, raw: UInt64(number)), at: deadline))
        }
        for handle in handles { wheel.cancel(handle) }
        let seconds = Double(EventLoop.monotonicNanoseconds() - began) / 1e9
        let lateness = try await fire(count, over: min(10, effort.seconds))
        return [
            Figure(name: "timer.arm", value: Double(count) * 2 / seconds, unit: "arm or cancel/s"),
            Figure(name: "timer.lateness.p99", value: lateness / 1e6, unit: "ms"),
        ]
    }

    /// Arms timers evenly over the time and fires them on a loop as a partition does; the 99th percentile in
    /// nanoseconds.
    private static func fire(_ count: Int, over seconds: Double) async throws -> Double {
        let loop = try EventLoop(name: "timers")
        let firing = Firing(loop, count: count, milliseconds: Int64(seconds * 1_000))
        loop.start()
        await withCheckedContinuation { done in loop.run { firing.begin { done.resume() } } }
        loop.stop()
        return firing.lateness.percentile(0.99)
    }

    // Safe: touched on its loop only, until that has stopped.
    private final class Firing: @unchecked Sendable {
        private let loop: EventLoop
        private var wheel = TimerWheel(now: Timestamp(milliseconds: 0))
        private let clock = SystemClock()
        private var zero: UInt64 = 0
        private var done: (() -> Void)?
        var lateness = Latencies()

        init(_ loop: EventLoop, count: Int, milliseconds: Int64) {
            self.loop = loop
            for number in 0..<count {
                let at = 1 + Int64(number) * milliseconds / Int64(count)
                _ = wheel.arm(ActorID(kind: .conversation, raw: UInt64(number)), at: Timestamp(milliseconds: at))
            }
        }

        func begin(_ done: @escaping () -> Void) {
            self.done = done
            zero = clock.monotonic()
            wake()
        }

        private func wake() {
            let now = clock.monotonic() - zero
            while let due = wheel.popDue(at: Timestamp(milliseconds: Int64(now / 1_000_000))) {
                lateness.record(clock.monotonic() - zero - UInt64(due.deadline.milliseconds) * 1_000_000)
            }
            guard let next = wheel.next else {
                done?()
                return
            }
            loop.wake(at: zero + UInt64(next.milliseconds) * 1_000_000) { [self] in wake() }
        }
    }
}
