package import TandemCore

/// The contact centre's time: what the leader's monotonic clock has measured since the last entry, steered towards its
/// wall clock by at most 0.5 %. It never jumps while a leader serves, and never goes back.
///
/// When a leader begins (`begin`), time goes on from the later of the last entry and the wall clock: what fell due
/// while nobody led fires then, once. With a test factor above 1 it runs that many times as fast from an anchor that
/// the journal keeps, and is not steered.
package struct JournaledTime: Sendable {
    /// Where a fast clock began: `wall` milliseconds were journaled milliseconds then.
    package struct Anchor: Hashable, Sendable {
        package let factor: Int64
        package let wall: Int64
        package init(factor: Int64, wall: Int64) {
            self.factor = factor
            self.wall = wall
        }
    }

    /// Steering: at most 1 part in 200.
    private static let steeringDivisor: Int64 = 200

    private let anchor: Anchor?
    /// Journaled time in microseconds at `measured`.
    private var microseconds: Int64 = 0
    private var measured: UInt64 = 0
    /// Measured microseconds that have not yet allowed a whole one of steering: readings may be closer than that.
    private var steerable: Int64 = 0

    package init(anchor: Anchor?) {
        self.anchor = anchor
    }

    package var factor: Int64 { anchor?.factor ?? 1 }

    package mutating func begin(last: Timestamp, clock: any NodeClock) {
        let wall = clock.wall()
        let target: Int64
        if let anchor {
            target = anchor.wall.addingSaturated((wall - anchor.wall).multipliedSaturated(by: anchor.factor))
        } else {
            target = wall
        }
        microseconds = max(last.milliseconds, target).multipliedSaturated(by: 1_000)
        measured = clock.monotonic()
    }

    /// The time now; each reading is at least the one before.
    package mutating func now(_ clock: any NodeClock) -> Timestamp {
        let monotonic = clock.monotonic()
        let elapsed = Int64((monotonic &- measured) / 1_000)
        guard elapsed > 0 else { return Timestamp(milliseconds: microseconds / 1_000) }
        measured &+= UInt64(elapsed) &* 1_000
        if let anchor {
            microseconds = microseconds.addingSaturated(elapsed.multipliedSaturated(by: anchor.factor))
        } else {
            let ahead = clock.wall().multipliedSaturated(by: 1_000).subtractingSaturated(microseconds + elapsed)
            let (most, left) = (steerable + elapsed).quotientAndRemainder(dividingBy: Self.steeringDivisor)
            steerable = left
            microseconds += elapsed + min(max(ahead, -most), most)
        }
        return Timestamp(milliseconds: microseconds / 1_000)
    }

    /// The monotonic nanosecond at which journaled time will be `at`, if nothing is steered.
    package func monotonic(for at: Timestamp) -> UInt64 {
        let ahead = max(0, at.milliseconds.multipliedSaturated(by: 1_000).subtractingSaturated(microseconds))
        let real = min(ahead / factor, Self.wakeAheadMax) + 1
        return measured &+ UInt64(real) &* 1_000
    }

    /// An hour in microseconds: a wake-up further away looks again then.
    private static let wakeAheadMax: Int64 = 3_600_000_000
}
