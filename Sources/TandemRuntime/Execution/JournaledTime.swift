package import TandemCore

/// The contact centre's time: what the leader's monotonic clock has measured since the last entry, steered towards its
/// wall clock by at most 0.5 %. It never jumps while a leader serves, and never goes back.
///
/// When a leader begins (`begin`), time goes on as it knows it from its own leadership or from the entries that it
/// followed (`follow`), by its monotonic clock: where two clocks are half a second apart, a change of leaders must not be
/// a jump of half a second. Only what is further behind the wall clock than clocks may be apart is made up for at once,
/// and who knows nothing, as after a start, takes the wall clock. What fell due while nobody led fires then, once. With a
/// test factor above 1 it runs that many times as fast from an anchor that the journal keeps, and is not steered.
///
/// Each leadership has a time of its own: a new leader's may be behind the one before it, by what it did not know of that.
/// So the first entry of a leadership counts whatever was known, and of those after it the one that came quickest. Who goes
/// by an earlier leader's time when it begins jumps ahead of what was journaled meanwhile, and breaks promises too early.
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

    /// A leader's clock may be so far from the median, in microseconds.
    private static let apartMax: Int64 = 500_000
    /// What followed entries have told loses one part in so many: so much may the leader be steered back, and its monotonic
    /// clock be slower, meanwhile.
    private static let forgettingDivisor: Int64 = 100

    private let anchor: Anchor?
    /// `microseconds` was the contact centre's time at `measured`.
    private var isKnown = false
    /// The leadership that it is known from.
    private var term: UInt64 = 0
    /// Journaled time in microseconds at `measured`.
    private var microseconds: Int64 = 0
    private var measured: UInt64 = 0
    /// Measured microseconds that have not yet allowed a whole one of steering: readings may be closer than that.
    private var steerable: Int64 = 0

    package init(anchor: Anchor?) {
        self.anchor = anchor
    }

    package var factor: Int64 { anchor?.factor ?? 1 }

    /// - Parameter last: the time of the last entry.
    package mutating func begin(term: UInt64, last: Timestamp, clock: any NodeClock) {
        let wall = clock.wall()
        let target: Int64
        if let anchor {
            target = anchor.wall.addingSaturated((wall - anchor.wall).multipliedSaturated(by: anchor.factor))
        } else {
            target = wall
        }
        let monotonic = clock.monotonic()
        if anchor == nil, isKnown {
            let known = microseconds.addingSaturated(Int64((monotonic &- measured) / 1_000))
            let least = target.multipliedSaturated(by: 1_000).subtractingSaturated(Self.apartMax)
            microseconds = max(known, last.milliseconds.multipliedSaturated(by: 1_000), least)
        } else {
            microseconds = max(last.milliseconds, target).multipliedSaturated(by: 1_000)
        }
        measured = monotonic
        isKnown = true
        self.term = term
    }

    /// An entry of another leadership was applied, not long after it was made.
    package mutating func follow(_ time: Timestamp, term: UInt64, _ clock: any NodeClock) {
        let monotonic = clock.monotonic()
        let entry = time.milliseconds.multipliedSaturated(by: 1_000)
        let passed = Int64((monotonic &- measured) / 1_000)
        let known = microseconds.addingSaturated(passed - passed / Self.forgettingDivisor)
        guard !isKnown || term > self.term || entry >= known else { return }
        microseconds = entry
        measured = monotonic
        self.term = max(term, self.term)
        isKnown = true
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
