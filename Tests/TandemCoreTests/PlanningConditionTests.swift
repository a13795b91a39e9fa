@testable import TandemCore
import Testing

@Suite("Conditions of routing rules")
struct PlanningConditionTests {
    /// Whether a contact of the sample queue meets the condition.
    private func holds(
        _ condition: RoutingCondition, at now: Timestamp = .utc(2026, 6, 1, 12), standing: QueueStanding? = nil,
        _ change: (inout RouterRecords, inout Planning.Subject) -> Void = { _, _ in }
    ) -> Bool {
        var records = RouterRecords()
        var subject = Planning.Subject(
            contact: Sample.id(500), queue: Sample.queue, channel: .chat, tags: ["billing"], tier: .important,
            skills: [], priority: 5, boost: 0, preferredAgent: nil, lastAgent: nil, lastHandledAt: nil,
            ageSince: .utc(2026, 6, 1, 11, 59))
        let settings = QueueSettings(name: "queue", routingPolicy: Sample.routingPolicy)
        records.queues[Sample.queue] = Queue(
            id: Sample.queue, tenant: Sample.tenant, version: 1, settings: settings, buckets: [])
        records.standings[Sample.queue] = standing
        var tenant = Sample.record
        let rules = [RoutingRule(condition: condition, steps: [RoutingStep(length: .hours(1))])]
        tenant.routingPolicies = [
            RoutingPolicy(id: Sample.routingPolicy, version: 1, spec: RoutingPolicySpec(name: "", rules: rules))
        ]
        records.tenants[Sample.tenant] = tenant
        change(&records, &subject)
        let turn = TurnContext(now: now, minter: IDMinter(partition: 1), view: records)
        return Planning.enter(subject, atHead: false, only: nil, turn).rule == 0
    }

    @Test("All, any and not combine; nothing in all holds, nothing in any does not")
    func combined() {
        #expect(holds(.always) && !holds(.not(.always)))
        #expect(holds(.all([])) && !holds(.any([])))
        #expect(holds(.all([.always, .tag("billing")])) && !holds(.all([.always, .tag("claims")])))
        #expect(holds(.any([.tag("claims"), .tag("billing")])) && !holds(.any([.tag("claims")])))
    }

    @Test("The contact's channel, tier, tags and age are asked")
    func contact() {
        #expect(holds(.channel([.voice, .chat])) && !holds(.channel(.voice)))
        #expect(holds(.tierAtLeast(.important)) && !holds(.tierAtLeast(.core)))
        #expect(holds(.waitAtLeast(.seconds(60))) && !holds(.waitAtLeast(Milliseconds(60_001))))
    }

    @Test("The standing of its queue or of another is asked; who arrives comes behind all who wait")
    func standing() {
        let standing = QueueStanding(waiting: 4, agentsLoggedIn: 3, agentsAvailable: 1)
        #expect(holds(.positionAtLeast(5), standing: standing) && !holds(.positionAtLeast(6), standing: standing))
        var second = standing
        second.position = 2
        #expect(holds(.positionAtLeast(2), standing: second) && !holds(.positionAtLeast(3), standing: second))
        #expect(
            holds(.waitingAtLeast(nil, 4), standing: standing) && !holds(.waitingAtLeast(nil, 5), standing: standing))
        #expect(
            holds(.availableAtMost(nil, 1), standing: standing) && !holds(.availableAtMost(nil, 0), standing: standing))
        #expect(
            holds(.loggedInAtMost(nil, 3), standing: standing) && !holds(.loggedInAtMost(nil, 2), standing: standing))
        let other = Sample.foreignQueue
        #expect(!holds(.waitingAtLeast(other, 1), standing: standing) && holds(.loggedInAtMost(other, 0)))
    }

    @Test("Business hours are those of the tenant's calendar; of one that is not there neither open nor closed holds")
    func hours() {
        // A Monday at noon in Berlin is the lunch break; two hours later is not.
        let (lunch, after) = (Timestamp.utc(2026, 6, 1, 10), Timestamp.utc(2026, 6, 1, 12))
        #expect(holds(.closed(Sample.calendar), at: lunch) && !holds(.open(Sample.calendar), at: lunch))
        #expect(holds(.open(Sample.calendar), at: after) && !holds(.closed(Sample.calendar), at: after))
        let none: CalendarID = Sample.id(Sample.nobody)
        #expect(!holds(.open(none)) && !holds(.closed(none)))
    }

    @Test("The level of service is SL-B of what was decided lately, and unknown without a sample")
    func serviceLevel() {
        let now = Timestamp.utc(2026, 6, 1, 12)
        func level(_ limit: UInt16, at moment: Timestamp = now) -> Bool {
            holds(.serviceLevelBelow(nil, limit), at: moment) { records, _ in
                var bucket = Queue.Bucket(halfHour: now.milliseconds / 1_800_000)
                bucket.answered = 85
                bucket.answeredInTarget = 70
                bucket.abandoned = 15
                bucket.shortAbandoned = 4
                records.queues[Sample.queue]?.buckets = [bucket]
            }
        }
        // 70 of 96.
        #expect(level(730) && !level(729))
        #expect(level(730, at: now + .minutes(59)) && !level(1_000, at: now + .minutes(60)))
        #expect(!holds(.serviceLevelBelow(nil, 1_000)))
    }

    @Test("The estimated wait is asked, and an unknown one is never long")
    func estimate() {
        let standing = QueueStanding(waiting: 3, agentsLoggedIn: 1, agentsAvailable: 0, capacity: 1_000)
        func isLong(_ wait: Milliseconds) -> Bool {
            holds(.estimatedWaitAtLeast(wait), standing: standing) { records, _ in
                var bucket = Queue.Bucket(halfHour: Timestamp.utc(2026, 6, 1, 12).milliseconds / 1_800_000)
                bucket.answered = 10
                bucket.handled = 10
                bucket.handleTime = .seconds(600)
                records.queues[Sample.queue]?.buckets = [bucket]
            }
        }
        #expect(isLong(.seconds(240)) && !isLong(.seconds(241)))
        #expect(!holds(.estimatedWaitAtLeast(.zero), standing: standing))
    }
}
