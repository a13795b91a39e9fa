internal import TandemCore
internal import TandemReadModel
internal import TandemRuntime
internal import TandemWire

/// Whether the contact centre's time goes as it should, by the run's own time, which no node knows: what is committed is
/// looked at in order, with the moment at which each entry was proposed.
///
/// 1. Under one leader it is steered by at most 0.5 %, and clocks are fast or slow by a little.
/// 2. A new leader who followed the one before goes on from there: no jump ahead, but for what it makes up for at once.
/// 3. So an SLA clock runs out no earlier than was promised, less that.
struct TimeWatch {
    /// How the proposer knew the time.
    struct Sight {
        let life: Int
        let member: Int
        /// Leaderships that it had followed in its life.
        let followed: Set<UInt64>
        let wall: Int64
    }

    struct Reading {
        let time: Timestamp
        let term: UInt64
        let moment: Moment
        let by: Sight
    }

    /// Parts in a thousand: of the time that passes under one leader (steering and drift), and while nobody leads (what a
    /// follower's clock and the leader's may have differed by besides).
    private static let steeringPermille: Int64 = 6
    private static let followingPermille: Int64 = 12
    /// Milliseconds that readings round, and by which an entry may have been the quickest one for a while.
    private static let rounding: Int64 = 3
    private static let quickest: Int64 = 25
    /// What is further behind the wall clock than this is made up for.
    private static let apart: Int64 = 500

    private struct Promise {
        let promised: Int64
        let moment: Moment
        let jumps: Int
    }
    private struct Clock: Hashable {
        let contact: ContactID
        let metric: SLAMetric
    }

    /// A fast clock is not steered: it follows the wall clock of who leads, many times as far.
    private let isWatched: Bool
    private var proposals: [UInt64: Reading] = [:]
    private var last: Reading?
    /// So often did nobody who led know the time of before.
    private var jumps = 0
    private var promises: [Clock: Promise] = [:]
    /// SLA clocks that were held against the run's time.
    private(set) var timed = 0

    init(factor: Int64) { isWatched = factor == 1 }

    mutating func proposed(_ index: UInt64, _ reading: Reading) {
        guard isWatched else { return }
        proposals[index] = reading
    }

    mutating func committed(_ committed: CommittedEntry) throws(Broken) {
        guard isWatched, let reading = proposals.removeValue(forKey: committed.index), reading.term == committed.term,
            reading.time == committed.entry.time
        else { return }
        if let last { try compare(last, reading, at: committed.index) }
        last = reading
        for event in committed.entry.events { try follow(event, reading, at: committed.index) }
    }

    private mutating func compare(_ before: Reading, _ after: Reading, at index: UInt64) throws(Broken) {
        let passed = Int64(after.moment - before.moment) / 1_000
        let gained = after.time.milliseconds - before.time.milliseconds - passed
        if before.term == after.term {
            guard abs(gained) <= passed * Self.steeringPermille / 1_000 + Self.rounding else {
                throw Broken(.journaledTime, "in \(passed) ms of one leader time gained \(gained) ms, at \(index)")
            }
            return
        }
        let knows = after.by.followed.contains(before.term)
        guard knows else {
            if gained > Self.quickest { jumps += 1 }
            return
        }
        let most = passed * Self.followingPermille / 1_000 + Self.quickest
        guard gained > most else { return }
        jumps += 1
        let isMadeUp = after.time.milliseconds <= after.by.wall - Self.apart + Self.quickest
        guard isMadeUp else {
            throw Broken(
                .journaledTime,
                "leader \(after.by.member + 1) followed \(before.term) and gained \(gained) ms in \(passed), at \(index)"
            )
        }
    }

    private mutating func follow(_ event: Event, _ reading: Reading, at index: UInt64) throws(Broken) {
        guard let leg = event.leg else { return }
        switch event {
        case .clockActivated(_, let set):
            let clock = Clock(contact: leg.contact, metric: set.metric)
            guard let dueAt = set.dueAt else { return promises[clock] = nil }
            promises[clock] = Promise(
                promised: dueAt.milliseconds - reading.time.milliseconds, moment: reading.moment, jumps: jumps)
        case .clockPaused(_, let metric, _), .clockResumed(_, let metric, _, _), .clockFulfilled(_, let metric, _, _):
            promises[Clock(contact: leg.contact, metric: metric)] = nil
        case .clockPolicyApplied(_, let terms): promises[Clock(contact: leg.contact, metric: terms.metric)] = nil
        case .clockBreached(_, let metric, let brokenAt):
            let clock = Clock(contact: leg.contact, metric: metric)
            guard let promise = promises.removeValue(forKey: clock), brokenAt == nil, promise.jumps == jumps else {
                return
            }
            timed += 1
            let waited = Int64(reading.moment - promise.moment) / 1_000
            let least = promise.promised - promise.promised * Self.followingPermille / 1_000 - 4 * Self.quickest
            guard waited >= least else {
                throw Broken(
                    .journaledTime, "a promise of \(promise.promised) ms was broken after \(waited), at \(index)")
            }
        default: break
        }
    }
}
