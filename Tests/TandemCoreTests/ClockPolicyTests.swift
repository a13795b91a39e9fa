import TestChance
import Testing

@testable import TandemCore

@Suite("A policy that comes after its clock")
struct ClockPolicyTests {
    private let leg = Sample.leg(1)
    private let start = Timestamp.utc(2026, 6, 5, 14)  // A Friday, 16:00 in Berlin.

    private func started(_ promise: ClockPromise? = nil, at now: Timestamp) -> SLAClock {
        SLAClock(
            SLAClock.activate(.answer, promise: promise, tenant: Sample.record, now: now), in: leg.queue, at: now)
    }

    private func take(_ events: [Event], into clock: inout SLAClock, at now: Timestamp) {
        for event in events { clock.apply(event, at: now) }
    }

    @Test("A clock that nobody promised counts through pauses, and has no timer")
    func unpromised() {
        var clock = started(at: start)
        #expect(clock.nextDeadline == nil && clock.deadlines(of: leg.contact).isEmpty)
        #expect(clock.due(at: start + .hours(900)).isEmpty)
        let paused = start + .seconds(40)
        let pause = clock.pause(at: paused, of: leg, tenant: nil)
        #expect(pause == [.clockPaused(leg, .answer, remaining: nil)])
        take(pause, into: &clock, at: paused)
        let resumed = paused + .hours(1)
        let resume = clock.resume(at: resumed, of: leg, tenant: nil)
        #expect(resume == [.clockResumed(leg, .answer, warnAt: nil, dueAt: nil)])
        take(resume, into: &clock, at: resumed)
        let end = resumed + .seconds(2)
        #expect(
            clock.fulfil(at: end, of: leg, tenant: nil)
                == [.clockFulfilled(leg, .answer, elapsed: .seconds(42), promised: false)])
    }

    @Test("A running clock is due when it would have been, had it been promised from its start")
    func running() {
        var clock = started(at: start)
        let now = start + .seconds(30)
        let promise = ClockPromise(target: .seconds(100), warnPercent: 50, policy: Sample.slaPolicy, policyVersion: 2)
        let events = clock.apply(promise, at: now, of: leg, tenant: nil)
        #expect(
            events == [
                .clockPolicyApplied(
                    leg,
                    ClockTerms(
                        metric: .answer, promise: promise, warnAt: start + .seconds(50), dueAt: start + .seconds(100)))
            ])
        take(events, into: &clock, at: now)
        #expect(clock.deadlines(of: leg.contact).map(\.at) == [start + .seconds(50), start + .seconds(100)])
        #expect(clock.apply(promise, at: now, of: leg, tenant: nil).isEmpty, "it has it already")
        #expect(clock.elapsed(at: now, calendar: nil) == .seconds(30))
    }

    @Test("What the past has broken is said at once, with the time at which it was broken, and never again")
    func broken() {
        var clock = started(at: start)
        let now = start + .hours(5)
        let events = clock.apply(ClockPromise(target: .seconds(100)), at: now, of: leg, tenant: nil)
        #expect(events.last == .clockBreached(leg, .answer, brokenAt: start + .seconds(100)))
        take(events, into: &clock, at: now)
        #expect(clock.breachedAt == start + .seconds(100))
        #expect(clock.nextDeadline == nil && clock.due(at: now + .hours(9)).isEmpty, "nor is it warned of any more")
        #expect(clock.elapsed(at: now, calendar: nil) == .hours(5))
        let same = ClockPromise(target: .seconds(100), policy: Sample.slaPolicy, policyVersion: 1)
        let renamed = clock.apply(same, at: now, of: leg, tenant: nil)
        #expect(renamed.count == 1, "the same deadline by another name tells nothing anew")
        take(renamed, into: &clock, at: now)
        #expect(clock.breachedAt == start + .seconds(100) && clock.promise == same && clock.nextDeadline == nil)
        let longer = clock.apply(ClockPromise(target: .hours(6)), at: now, of: leg, tenant: nil)
        #expect(longer.count == 1)
        take(longer, into: &clock, at: now)
        #expect(clock.breachedAt == nil && clock.nextDeadline == now, "its warning is due now, its breach in an hour")
        #expect(clock.deadlines(of: leg.contact).map(\.at) == [now, start + .hours(6)])
    }

    @Test("A promise that is taken back leaves no timer, and the clock counts on")
    func withdrawn() {
        var clock = started(ClockPromise(target: .seconds(100)), at: start)
        let now = start + .seconds(30)
        let events = clock.apply(nil, at: now, of: leg, tenant: nil)
        #expect(events == [.clockPolicyApplied(leg, ClockTerms(metric: .answer, promise: nil))])
        take(events, into: &clock, at: now)
        #expect(clock.nextDeadline == nil && clock.due(at: now + .hours(1)).isEmpty)
        #expect(clock.elapsed(at: now + .seconds(1), calendar: nil) == .seconds(31))
        #expect(clock.apply(nil, at: now, of: leg, tenant: nil).isEmpty)
    }

    @Test("Only the share at which it warns moves the warning, unless that has been said")
    func warning() {
        var clock = started(ClockPromise(target: .seconds(100)), at: start)
        let early = clock.apply(
            ClockPromise(target: .seconds(100), warnPercent: 20), at: start + .seconds(1), of: leg, tenant: nil)
        take(early, into: &clock, at: start + .seconds(1))
        #expect(clock.deadlines(of: leg.contact).map(\.at) == [start + .seconds(20), start + .seconds(100)])
        take([.clockWarned(leg, .answer)], into: &clock, at: start + .seconds(20))
        let late = clock.apply(
            ClockPromise(target: .seconds(100), warnPercent: 90), at: start + .seconds(30), of: leg, tenant: nil)
        take(late, into: &clock, at: start + .seconds(30))
        #expect(clock.deadlines(of: leg.contact).map(\.at) == [start + .seconds(100)])
    }

    @Test("A paused clock gets what is left, a fulfilled one only the verdict")
    func notRunning() {
        var paused = started(at: start)
        take([.clockPaused(leg, .answer, remaining: nil)], into: &paused, at: start + .seconds(30))
        let events = paused.apply(ClockPromise(target: .seconds(100)), at: start + .hours(1), of: leg, tenant: nil)
        #expect(events.count == 1)
        take(events, into: &paused, at: start + .hours(1))
        #expect(paused.state == .paused(remaining: .seconds(70)))
        func verdict(_ target: Milliseconds) -> [Event] {
            var clock = started(at: start)
            let end = start + .seconds(60)
            take([.clockFulfilled(leg, .answer, elapsed: .seconds(60), promised: false)], into: &clock, at: end)
            let said = clock.apply(ClockPromise(target: target), at: start + .hours(2), of: leg, tenant: nil)
            take(said, into: &clock, at: start + .hours(2))
            #expect(clock.nextDeadline == nil && !clock.isOpen)
            return said
        }
        #expect(verdict(.seconds(60)).count == 1, "in the very millisecond it is in time")
        #expect(
            verdict(Milliseconds(59_999)).last == .clockBreached(leg, .answer, brokenAt: start + Milliseconds(59_999)))
    }

    @Test("A calendar that comes with the policy counts for the past, too")
    func calendar() {
        // One open hour on Friday, the rest on Monday from nine, Berlin time.
        let clock = started(at: start)
        let promise = ClockPromise(target: .hours(2), calendar: Sample.calendar)
        let sunday = Timestamp.utc(2026, 6, 7)
        let open = clock.apply(promise, at: sunday, of: leg, tenant: Sample.record)
        guard case .clockPolicyApplied(_, let terms) = open.last else {
            Issue.record("not applied: \(open)")
            return
        }
        #expect(terms.warnAt == .utc(2026, 6, 8, 7, 36) && terms.dueAt == .utc(2026, 6, 8, 8))
        let late = clock.apply(promise, at: .utc(2026, 6, 9), of: leg, tenant: Sample.record)
        #expect(late.last == .clockBreached(leg, .answer, brokenAt: .utc(2026, 6, 8, 8)))
    }

    @Test("A past through both changes of the clocks is counted in open hours")
    func daylightSaving() {
        let calendar = Sample.record.calendar(Sample.calendar)
        // Half past nine in London: the local hour differs by one on the two sides of each change.
        for (from, to, open) in [
            (Timestamp.utc(2026, 3, 27, 9, 30), Timestamp.utc(2026, 3, 31, 9, 30), Milliseconds.hours(15)),
            (Timestamp.utc(2026, 10, 23, 9, 30), Timestamp.utc(2026, 10, 27, 9, 30), Milliseconds.hours(13)),
        ] {
            let clock = started(at: from)
            let hours = clock.counted(at: to, calendar: calendar)
            #expect(hours == open)
            let promise = ClockPromise(target: hours - Milliseconds(1), calendar: Sample.calendar)
            let events = clock.apply(promise, at: to, of: leg, tenant: Sample.record)
            #expect(events.last == .clockBreached(leg, .answer, brokenAt: to + Milliseconds(-1)))
            let kept = clock.apply(
                ClockPromise(target: hours + Milliseconds(1), calendar: Sample.calendar), at: to, of: leg,
                tenant: Sample.record)
            #expect(kept.count == 1)
        }
    }

    @Test("Applied afterwards a policy finds what its timers would have said", arguments: [1, 2, 3, 4] as [UInt64])
    func sameAsBefore(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for round in 0..<400 {
            let calendar = random.chance(of: 50) ? Sample.calendar : nil
            let promise = ClockPromise(
                target: .minutes(Int64(1 + random.below(600))), warnPercent: UInt8(1 + random.below(99)),
                calendar: calendar)
            var now = start + .minutes(Int64(random.below(100_000)))
            var before = started(promise, at: now)
            var after = started(at: now)
            for _ in 0..<random.below(7) {
                let next = now + .minutes(Int64(random.below(900)))
                // Timers come at their moments, as they do while somebody leads.
                while let due = before.nextDeadline, due < next {
                    take(before.events(dueAt: due, of: leg), into: &before, at: due)
                }
                now = next
                for clock in [0, 1] {
                    func step(_ clock: inout SLAClock) {
                        let events =
                            clock.isRunning
                            ? clock.pause(at: now, of: leg, tenant: Sample.record)
                            : clock.resume(at: now, of: leg, tenant: Sample.record)
                        take(events, into: &clock, at: now)
                    }
                    if clock == 0 { step(&before) } else { step(&after) }
                }
            }
            take(after.apply(promise, at: now, of: leg, tenant: Sample.record), into: &after, at: now)
            while let due = before.nextDeadline, due <= now {
                take(before.events(dueAt: due, of: leg), into: &before, at: due)
            }
            let name = "seed \(seed) round \(round)"
            #expect(after.breachedAt == before.breachedAt, "\(name)")
            let zone = calendar.flatMap { Sample.record.calendar($0) }
            #expect(after.elapsed(at: now, calendar: zone) == before.elapsed(at: now, calendar: zone), "\(name)")
            if case .running = after.state, after.breachedAt == nil {
                let due = after.deadlines(of: leg.contact).last?.at
                #expect(due == before.deadlines(of: leg.contact).last?.at, "\(name)")
            }
        }
    }

    @Test("Past its bound a clock forgets its oldest run, so that a policy is rather late than early")
    func bounded() {
        var clock = started(at: start)
        var now = start
        for _ in 0..<(Limits.clockRunsMax + 5) {
            now = now + .seconds(10)
            take(clock.pause(at: now, of: leg, tenant: nil), into: &clock, at: now)
            take(clock.resume(at: now, of: leg, tenant: nil), into: &clock, at: now)
        }
        #expect(clock.runs.count == Limits.clockRunsMax)
        let all = Milliseconds.seconds(Int64(Limits.clockRunsMax + 5) * 10)
        #expect(clock.apply(ClockPromise(target: all), at: now, of: leg, tenant: nil).count == 1)
        let kept = Milliseconds.seconds(Int64(Limits.clockRunsMax) * 10)
        let events = clock.apply(ClockPromise(target: kept), at: now, of: leg, tenant: nil)
        #expect(events.last == .clockBreached(leg, .answer, brokenAt: now))
    }
}
