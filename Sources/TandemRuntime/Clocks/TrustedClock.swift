internal import Synchronization

/// A node's clocks, of which the wall clock is believed only as far as the cluster bears it out: where it was set by more than a
/// leader's may be off, it goes on as before until it was judged.
///
/// Everything that journaled time rests on reads this one. Any thread.
package final class TrustedClock: NodeClock {
    private let clock: any NodeClock
    /// The believed wall clock ahead of the monotonic one, in microseconds.
    private let believed: Atomic<Int64>

    package init(_ clock: any NodeClock) {
        self.clock = clock
        believed = Atomic(Self.look(clock).ahead)
    }

    package func monotonic() -> UInt64 { clock.monotonic() }

    package func wall() -> Int64 {
        let monotonic = Int64(clock.monotonic() / 1_000)
        let wall = clock.wall()
        let believed = believed.load(ordering: .relaxed)
        guard abs(wall * 1_000 - monotonic - believed) > PeerClocks.offMicroseconds else { return wall }
        return (monotonic + believed) / 1_000
    }

    /// What the wall clock shows, right or wrong.
    var shown: Int64 { clock.wall() }

    /// What the wall clock is believed to show from now on.
    func believe(_ ahead: Int64) { believed.store(ahead, ordering: .relaxed) }

    /// The real wall clock ahead of the monotonic one, in microseconds; nil: the thread was held up between two looks.
    var ahead: Int64? {
        let (ahead, heldUp) = Self.look(clock)
        return heldUp < Self.heldUpNanosecondsMax ? ahead : nil
    }

    /// It is between the millisecond that it shows and the next.
    private static func look(_ clock: any NodeClock) -> (ahead: Int64, heldUp: UInt64) {
        let before = clock.monotonic()
        let wall = clock.wall()
        let after = clock.monotonic()
        return (wall * 1_000 + 500 - Int64(before / 1_000), after - before)
    }

    private static let heldUpNanosecondsMax: UInt64 = 5_000_000
}
