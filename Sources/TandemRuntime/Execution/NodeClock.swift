internal import Glibc

/// The two clocks of a machine; handed in, so that a simulator can turn them.
package protocol NodeClock: Sendable {
    /// Nanoseconds that only go forward, at an unknown start.
    func monotonic() -> UInt64
    /// Milliseconds since 1970, as the operator set them.
    func wall() -> Int64
}

package struct SystemClock: NodeClock {
    package init() {}

    package func monotonic() -> UInt64 { read(CLOCK_MONOTONIC) }

    package func wall() -> Int64 { Int64(read(CLOCK_REALTIME) / 1_000_000) }

    private func read(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }
}
