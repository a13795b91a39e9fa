import TandemCore
import Testing

@Suite("A queue")
struct QueueTests {
    private func queue() -> Queue { StillView.sample.queues[Sample.queue] ?? Queue(absent: Sample.queue) }
    private let noon = Timestamp.utc(2026, 6, 1, 12)

    @Test("It is created once, changed by who has seen its version, and absent before")
    func commands() throws {
        var bench = Bench(Queue(absent: Sample.id(50)))
        let settings = QueueSettings(
            name: "Support", routingPolicy: Sample.routingPolicy, slaPolicy: Sample.slaPolicy,
            calendar: Sample.calendar)
        #expect(bench.machine.isAbsent)
        #expect(bench.refusal(.change(settings, expecting: nil)) == Refusal(.notFound))
        #expect(bench.refusal(.create(Sample.id(Sample.nobody), settings)) == Refusal(.notFound, field: "tenant"))
        #expect(try bench.run(.create(Sample.tenant, settings)).answer?.version == 1)
        #expect(bench.refusal(.create(Sample.tenant, settings)) == Refusal(.alreadyExists))
        var changed = settings
        changed.wrapUp = .timed(.seconds(15))
        #expect(bench.refusal(.change(changed, expecting: 7)) == Refusal(.versionConflict))
        #expect(try bench.run(.change(changed, expecting: 1)).answer?.version == 2)
        #expect(bench.machine.settings == changed && bench.machine.version == 2)
        #expect(try bench.run(.change(changed, expecting: 2)).events.isEmpty)
        #expect(try bench.wake().events.isEmpty)
    }

    @Test("What is wrong with its settings is refused by the name of the field")
    func settings() {
        let bench = Bench(queue())
        func refusal(_ change: (inout QueueSettings) -> Void) -> Refusal? {
            var settings = QueueSettings(name: "Support")
            change(&settings)
            return bench.refusal(.change(settings, expecting: nil))
        }
        #expect(refusal { $0.name = "" } == Refusal(.invalid, field: "name"))
        #expect(refusal { $0.ageingWeight = 1_000_001 } == Refusal(.limitExceeded, field: "ageingWeight"))
        #expect(refusal { $0.tierBoosts = [1] } == Refusal(.invalid, field: "tierBoosts"))
        #expect(refusal { $0.offerTimeouts.removeLast() } == Refusal(.invalid, field: "offerTimeouts"))
        #expect(refusal { $0.offerTimeouts[2] = .zero } == Refusal(.invalid, field: "offerTimeouts[2]"))
        #expect(
            refusal { $0.offerTimeouts[2] = Limits.durationMax + Milliseconds(1) }
                == Refusal(.limitExceeded, field: "offerTimeouts[2]"))
        #expect(refusal { $0.shortAbandon = Milliseconds(-1) } == Refusal(.invalid, field: "shortAbandon"))
        #expect(refusal { $0.wrapUp = .timed(Milliseconds(-1)) } == Refusal(.invalid, field: "wrapUp"))
        #expect(
            refusal { $0.routingPolicy = Sample.id(Sample.nobody) } == Refusal(.notFound, field: "routingPolicy"))
        #expect(refusal { $0.slaPolicy = Sample.id(Sample.nobody) } == Refusal(.notFound, field: "slaPolicy"))
        #expect(refusal { $0.calendar = Sample.id(Sample.nobody) } == Refusal(.notFound, field: "calendar"))
    }

    @Test("It counts what happened in its half hours: entered, answered in time or not, left, handled")
    func buckets() {
        var queue = queue()
        var times = ContactTimes()
        times.talk = .seconds(50)
        times.hold = .seconds(5)
        times.wrapUp = .seconds(10)
        let events: [Event] = [
            Sample.queued(1), Sample.queued(2, .overflow), Sample.queued(3, .transfer), Sample.queued(4, .handOver),
            Sample.queued(1, .timedOut), Sample.queued(1, .requeued, released: Sample.agent),
            Sample.accepted(1, .chat, waited: .seconds(20), target: .seconds(20)),
            Sample.accepted(2, .chat, waited: .seconds(21), target: .seconds(20)),
            Sample.accepted(1, .chat, waited: .seconds(1), target: .seconds(20), isCounted: false),
            Sample.closed(3, .abandoned, agent: nil, enqueuedAt: noon + .seconds(-30), target: .seconds(20)),
            Sample.closed(4, .shortAbandoned, agent: nil, enqueuedAt: noon + .seconds(-4), target: .seconds(20)),
            Sample.closed(1, enqueuedAt: noon, answeredAt: noon, times: times),
            Sample.closed(2, .abandoned, enqueuedAt: noon, answeredAt: noon, times: times),
        ]
        for event in events { queue.apply(event, at: noon + .minutes(10)) }
        queue.apply(Sample.queued(5), at: noon + .minutes(30))
        queue.apply(.contactStepped(stepped(6, .overflow)), at: noon + .minutes(30))
        queue.apply(.contactStepped(stepped(6, .stepped)), at: noon + .minutes(30))
        var expected = Queue.Bucket(halfHour: noon.milliseconds / 1_800_000)
        expected.offered = 4
        expected.answered = 2
        expected.answeredInTarget = 1
        expected.abandoned = 2
        // Leaving 10 min 4 s after entering is late; the clock of the event counts, not the reason.
        expected.abandonedInTarget = 0
        expected.shortAbandoned = 1
        expected.handled = 2
        expected.handleTime = .seconds(130)
        #expect(queue.buckets.first == expected)
        #expect(queue.bucket(at: noon + .minutes(59))?.offered == 2)
        #expect(queue.bucket(at: noon + .minutes(60)) == nil)
        let recent = queue.recentAnswers(at: noon + .minutes(45))
        #expect(recent.offered == 4 && recent.answered == 2, "who still waits is not decided yet")
        #expect(queue.recentAnswers(at: noon + .minutes(75)).offered == 0)
    }

    @Test("Another queue's events leave it alone")
    func others() {
        var queue = queue()
        let before = queue
        queue.apply(
            .contactQueued(
                ContactQueued(
                    leg: Sample.leg(1, queue: Sample.foreignQueue), reason: .arrival, enqueuedAt: noon,
                    waiting: Sample.waiting, priority: 5, boost: 0)), at: noon)
        queue.apply(
            .queueChanged(Sample.foreignQueue, Sample.otherTenant, QueueSettings(name: "x"), version: 9), at: noon)
        queue.apply(Sample.opened(1), at: noon)
        #expect(queue == before)
    }

    @Test("Eight days of half hours are kept, rising, and nothing older comes in")
    func span() {
        var queue = queue()
        for half in 0..<1_000 { queue.apply(Sample.queued(1), at: noon + .minutes(Int64(half) * 30)) }
        #expect(queue.buckets.count == 384)
        #expect(zip(queue.buckets, queue.buckets.dropFirst()).allSatisfy { $0.halfHour < $1.halfHour })
        let full = queue
        queue.apply(Sample.queued(1), at: noon)
        #expect(queue == full)
        queue.apply(Sample.queued(1), at: noon + .hours(499))
        #expect(queue.bucket(at: noon + .hours(499))?.offered == 2)
        for moment in [Int64.min, .max, -1] { queue.apply(Sample.queued(1), at: Timestamp(milliseconds: moment)) }
        #expect(queue.buckets.count == 1, "whatever the time is, nothing traps")
    }

    private func stepped(_ number: UInt64, _ reason: QueueReason) -> ContactQueued {
        ContactQueued(
            leg: Sample.leg(number), reason: reason, enqueuedAt: noon, waiting: Sample.waiting, priority: 5, boost: 0)
    }
}
