import TandemCore
import Testing

@Suite("The estimated wait")
struct EstimatedWaitTests {
    private let now = Timestamp.utc(2026, 6, 8, 12, 10)
    private var halfHour: Int64 { now.milliseconds / 1_800_000 }

    private func bucket(
        _ offset: Int64 = 0, handled: UInt32, each seconds: Int64, answered: UInt32 = 0, abandoned: UInt32 = 0
    ) -> Queue.Bucket {
        var bucket = Queue.Bucket(halfHour: halfHour + offset)
        bucket.handled = handled
        bucket.handleTime = .seconds(seconds * Int64(handled))
        bucket.answered = answered
        bucket.abandoned = abandoned
        return bucket
    }

    private func estimate(
        _ buckets: [Queue.Bucket], position: Int? = 1, waiting: Int = 5, capacity: Int = 2_000, available: Int = 0
    ) -> Milliseconds? {
        let queue = Queue(
            id: Sample.queue, tenant: Sample.tenant, version: 1, settings: QueueSettings(name: ""), buckets: buckets)
        let standing = QueueStanding(
            waiting: waiting, position: position, agentsLoggedIn: 2, agentsAvailable: available, capacity: capacity)
        return EstimatedWait.estimate(queue: queue, standing: standing, now: now)
    }

    @Test("Each place costs a mean handle time, divided among the agents by their share of queues")
    func places() {
        let lately = [bucket(handled: 20, each: 120)]
        #expect(estimate(lately) == .seconds(60))
        #expect(estimate(lately, position: 4) == .seconds(240))
        #expect(estimate(lately, position: 4, capacity: 500) == .seconds(960), "one who serves two queues")
        #expect(estimate(lately, position: nil, waiting: 3) == .seconds(240), "who arrives comes behind all")
    }

    @Test("Those ahead who give up shorten it")
    func abandonment() {
        let lately = [bucket(handled: 20, each: 120, answered: 15, abandoned: 5)]
        #expect(estimate(lately, position: 5) == .seconds(60 + 4 * 45))
        #expect(estimate(lately, position: 1) == .seconds(60))
    }

    @Test("It is unknown with fewer than five samples, or with nobody logged in")
    func unknown() {
        #expect(estimate([]) == nil)
        #expect(estimate([bucket(handled: 4, each: 60)]) == nil)
        #expect(estimate([bucket(handled: 5, each: 60)]) == .seconds(30))
        #expect(estimate([bucket(handled: 20, each: 60)], capacity: 0) == nil)
    }

    @Test("Last week's same half hour steadies it, and today's takes over")
    func prior() {
        let lastWeek = bucket(-336, handled: 100, each: 60)
        #expect(estimate([lastWeek]) == .seconds(30))
        #expect(estimate([lastWeek, bucket(handled: 10, each: 120)]) == .seconds(45))
        #expect(estimate([lastWeek, bucket(handled: 90, each: 120)]) == .seconds(57))
        #expect(estimate([bucket(-335, handled: 100, each: 60)]) == nil, "another half hour")
        #expect(estimate([bucket(-2, handled: 100, each: 60)]) == .seconds(30))
        #expect(estimate([bucket(-3, handled: 100, each: 60)]) == nil, "too long ago")
    }

    @Test("It is nothing where nobody waits and somebody is available, though nothing was handled yet")
    func atOnce() {
        #expect(estimate([], position: nil, waiting: 0, available: 1) == .zero)
        #expect(estimate([], position: nil, waiting: 1, available: 1) == nil)
    }

    @Test("It does not rise because the customer has waited long: nothing but the places ahead counts")
    func age() {
        let lately = [bucket(handled: 20, each: 120)]
        let queue = Queue(
            id: Sample.queue, tenant: Sample.tenant, version: 1, settings: QueueSettings(name: ""), buckets: lately)
        func at(_ minutes: Int64, oldest: Int64) -> Milliseconds? {
            let standing = QueueStanding(
                waiting: 5, position: 3, agentsLoggedIn: 2, capacity: 2_000, oldestSince: now + .minutes(-oldest))
            return EstimatedWait.estimate(queue: queue, standing: standing, now: now + .minutes(minutes))
        }
        for minutes in 0..<19 { #expect(at(Int64(minutes), oldest: Int64(minutes)) == .seconds(180)) }
    }

    @Test("Absurd figures saturate")
    func extremes() {
        var absurd = bucket(handled: .max, each: 1, answered: .max, abandoned: .max)
        absurd.handleTime = Milliseconds(.max)
        #expect(estimate([absurd], position: .max, capacity: 1) != nil)
        absurd.handleTime = Milliseconds(.min)
        #expect(estimate([absurd]) == .zero)
    }
}
