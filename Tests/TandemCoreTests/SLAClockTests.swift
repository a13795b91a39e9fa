import TandemCore
import Testing

@Suite("An SLA clock")
struct SLAClockTests {
    private let leg = Sample.leg(1)
    private let start = Timestamp.utc(2026, 6, 5, 14)  // A Friday, 16:00 in Berlin.

    private func policy(_ target: Milliseconds, calendar: CalendarID? = nil) -> SLAPolicy {
        SLAPolicy(
            id: Sample.slaPolicy, version: 7,
            spec: SLAPolicySpec(
                name: "p", targets: [SLATarget(metric: .answer, channels: .chat, target: target, calendar: calendar)]))
    }

    private func clocks(_ target: Milliseconds, calendar: CalendarID? = nil, at now: Timestamp) throws -> [SLAClock] {
        let promise = try #require(
            SLAPolicy.promise(
                .answer, channel: .chat, by: policy(target), tenant: Sample.record, queueCalendar: calendar))
        let set = SLAClock.activate(.answer, promise: promise, tenant: Sample.record, now: now)
        var clocks: [SLAClock] = []
        clocks.apply(.clockActivated(leg, set), at: now)
        return clocks
    }

    /// Applies and gives back what was said, by name and offset from the start in milliseconds.
    private func take(_ events: [Event], into clocks: inout [SLAClock], at now: Timestamp) -> [String] {
        events.map { event in
            clocks.apply(event, at: now)
            switch event {
            case .clockWarned: return "warned"
            case .clockBreached(_, _, let brokenAt):
                return brokenAt.map { "broken at \(($0 - start).count)" } ?? "breached"
            case .clockPaused(_, _, let remaining): return "paused \(remaining.map { "\($0.count)" } ?? "-")"
            case .clockPolicyApplied: return "applied"
            case .clockResumed: return "resumed"
            case .clockFulfilled(_, _, let elapsed, _): return "fulfilled \(elapsed.count)"
            default: return "something else"
            }
        }
    }

    @Test("It warns at four fifths of its target, breaches once at the whole of it, and is never early")
    func story() throws {
        var clocks = try clocks(.seconds(10), at: start)
        var said: [String] = []
        for step in 0...200 {
            let now = start + Milliseconds(Int64(step) * 100)
            for event in take(clocks.due(at: now, of: leg), into: &clocks, at: now) {
                said.append("\(event) at \(step * 100)")
            }
        }
        #expect(said == ["warned at 8000", "breached at 10000"])
        let end = start + .seconds(25)
        let last = take(
            clocks.fulfil(.answer, at: end, of: leg, tenant: Sample.record), into: &clocks, at: end)
        #expect(last == ["fulfilled 25000"], "it ran on until then")
        #expect(clocks.nextDeadline == nil)
        #expect(clocks.fulfil(.answer, at: end, of: leg, tenant: nil).isEmpty, "a promise is kept once")
    }

    @Test("Its deadlines are the timers that it needs, and each goes when it has fired")
    func deadlines() throws {
        var clocks = try clocks(.seconds(10), at: start)
        let warning = Deadline(.slaWarning, at: start + .seconds(8), contact: leg.contact)
        let breach = Deadline(.slaBreach, at: start + .seconds(10), contact: leg.contact)
        #expect(clocks[0].deadlines(of: leg.contact) == [warning, breach])
        #expect(clocks.nextDeadline == warning.at)
        clocks.apply(.clockWarned(leg, .answer), at: warning.at)
        #expect(clocks[0].deadlines(of: leg.contact) == [breach])
        #expect(clocks.nextDeadline == breach.at)
        clocks.apply(.clockBreached(leg, .answer), at: breach.at)
        #expect(clocks[0].deadlines(of: leg.contact).isEmpty)
        #expect(clocks.nextDeadline == nil)
        #expect(clocks[0].breachedAt == breach.at)
        clocks.apply(.clockBreached(leg, .answer), at: breach.at + .hours(1))
        #expect(clocks[0].breachedAt == breach.at, "a breach is the first one")
    }

    @Test("A timer of a node that slept fires the warning before the breach")
    func late() throws {
        var clocks = try clocks(.seconds(10), at: start)
        let now = start + .hours(3)
        #expect(take(clocks.due(at: now, of: leg), into: &clocks, at: now) == ["warned", "breached"])
        #expect(clocks.due(at: now, of: leg).isEmpty, "a second timer finds nothing")
    }

    @Test("A pause keeps what is left, however long it lasts, and the warning keeps its distance")
    func pause() throws {
        var clocks = try clocks(.seconds(100), at: start)
        let pausedAt = start + .seconds(30)
        #expect(
            take(clocks.pause(.answer, at: pausedAt, of: leg, tenant: nil), into: &clocks, at: pausedAt)
                == ["paused 70000"])
        #expect(clocks.nextDeadline == nil)
        #expect(clocks.due(at: pausedAt + .hours(9), of: leg).isEmpty)
        #expect(clocks.pause(.answer, at: pausedAt, of: leg, tenant: nil).isEmpty, "it is paused already")
        let resumedAt = pausedAt + .hours(9)
        #expect(
            take(clocks.resume(.answer, at: resumedAt, of: leg, tenant: nil), into: &clocks, at: resumedAt)
                == ["resumed"])
        #expect(clocks[0].deadlines(of: leg.contact).map(\.at) == [resumedAt + .seconds(50), resumedAt + .seconds(70)])
        #expect(clocks.resume(.answer, at: resumedAt, of: leg, tenant: nil).isEmpty, "it runs already")
        #expect(clocks[0].elapsed(at: resumedAt + .seconds(5), calendar: nil) == .seconds(35))
        let end = resumedAt + .seconds(5)
        #expect(
            take(clocks.fulfil(.answer, at: end, of: leg, tenant: nil), into: &clocks, at: end) == ["fulfilled 35000"])
    }

    @Test("Paused after its warning it does not warn again, and after its breach it counts on from where it was")
    func pauseLate() throws {
        var clocks = try clocks(.seconds(10), at: start)
        let warned = start + .seconds(9)
        #expect(
            take(clocks.pause(.answer, at: warned, of: leg, tenant: nil), into: &clocks, at: warned)
                == ["warned", "paused 1000"], "what the timer had not said is said first")
        let resumed = warned + .hours(1)
        _ = take(clocks.resume(.answer, at: resumed, of: leg, tenant: nil), into: &clocks, at: resumed)
        #expect(clocks[0].deadlines(of: leg.contact).map(\.kind) == [.slaBreach])
        let over = resumed + .seconds(4)
        #expect(
            take(clocks.pause(.answer, at: over, of: leg, tenant: nil), into: &clocks, at: over)
                == ["breached", "paused -3000"])
        let again = over + .hours(1)
        _ = take(clocks.resume(.answer, at: again, of: leg, tenant: nil), into: &clocks, at: again)
        #expect(clocks.nextDeadline == nil)
        let end = again + .seconds(2)
        #expect(
            take(clocks.fulfil(.answer, at: end, of: leg, tenant: nil), into: &clocks, at: end)
                == ["fulfilled 15000"])
    }

    @Test("Fulfilled while it is paused, it tells what had passed before")
    func fulfilledPaused() throws {
        var clocks = try clocks(.seconds(10), at: start)
        clocks.apply(.clockPaused(leg, .answer, remaining: .seconds(6)), at: start + .seconds(4))
        let end = start + .hours(4)
        #expect(
            take(clocks.fulfil(.answer, at: end, of: leg, tenant: nil), into: &clocks, at: end) == ["fulfilled 4000"])
    }

    @Test("An answer in the very millisecond of the target is in time, one later is a breach")
    func edge() throws {
        let clocks = try clocks(.seconds(10), at: start)
        var copy = clocks
        let due = start + .seconds(10)
        #expect(
            take(copy.fulfil(.answer, at: due, of: leg, tenant: nil), into: &copy, at: due)
                == ["warned", "fulfilled 10000"])
        copy = clocks
        let late = due + Milliseconds(1)
        #expect(
            take(copy.fulfil(.answer, at: late, of: leg, tenant: nil), into: &copy, at: late)
                == ["warned", "breached", "fulfilled 10001"])
    }

    @Test("With a calendar it counts business time only: the queue's where the target names none")
    func calendar() throws {
        var clocks = try clocks(.hours(2), calendar: Sample.calendar, at: start)
        // One hour on Friday, 36 minutes on Monday from nine, Berlin time.
        #expect(
            clocks[0].deadlines(of: leg.contact).map(\.at) == [.utc(2026, 6, 8, 7, 36), .utc(2026, 6, 8, 8)])
        let saturday = Timestamp.utc(2026, 6, 6)
        _ = take(
            clocks.pause(.answer, at: saturday, of: leg, tenant: Sample.record), into: &clocks, at: saturday)
        #expect(clocks[0].state == .paused(remaining: .hours(1)))
        let sunday = Timestamp.utc(2026, 6, 7)
        _ = take(clocks.resume(.answer, at: sunday, of: leg, tenant: Sample.record), into: &clocks, at: sunday)
        #expect(
            clocks[0].deadlines(of: leg.contact).map(\.at) == [.utc(2026, 6, 8, 7, 36), .utc(2026, 6, 8, 8)])
        let monday = Timestamp.utc(2026, 6, 8, 10)
        #expect(
            take(clocks.fulfil(.answer, at: monday, of: leg, tenant: Sample.record), into: &clocks, at: monday)
                == ["warned", "breached", "fulfilled \(4 * 3_600_000)"])
    }

    @Test("A clock that goes on for another has used what that one had, and counts no closed hour")
    func goesOn() throws {
        func elapsed(since: Timestamp? = nil, used: Milliseconds = .zero, at now: Timestamp) throws -> Milliseconds? {
            let promise = SLAPolicy.promise(
                .answer, channel: .chat, by: policy(.minutes(30)), tenant: Sample.record,
                queueCalendar: Sample.calendar)
            let set = SLAClock.activate(
                .answer, promise: promise, tenant: Sample.record, since: since, used: used, now: now)
            var clocks: [SLAClock] = []
            clocks.apply(.clockActivated(leg, set), at: now)
            let calendar = Sample.record.calendar(Sample.calendar)
            let later = clocks[0].elapsed(at: now + .minutes(5), calendar: calendar)
            #expect(later.map { $0 - .minutes(5) } == clocks[0].elapsed(at: now, calendar: calendar))
            return clocks[0].elapsed(at: now, calendar: calendar)
        }
        // One hour on Friday from the start, one on Monday from nine, Berlin time: beyond the target, the nights not.
        let monday = Timestamp.utc(2026, 6, 8, 8)
        #expect(try elapsed(since: start, at: monday) == .hours(2))
        #expect(try elapsed(since: start + .minutes(50), at: start + .minutes(55)) == .minutes(5))
        #expect(try elapsed(used: .minutes(20), at: monday) == .minutes(20))
        #expect(try elapsed(used: .minutes(40), at: monday) == .minutes(40))
    }

    @Test("A policy's promise is recorded with its version; without a policy the standard one holds")
    func policies() {
        func promise(
            _ metric: SLAMetric, _ channel: Channel, _ policy: SLAPolicy?, queue: CalendarID? = nil
        ) -> ClockPromise? {
            SLAPolicy.promise(metric, channel: channel, by: policy, tenant: Sample.record, queueCalendar: queue)
        }
        let own = promise(.answer, .chat, policy(.seconds(99), calendar: Sample.calendar))
        #expect(own?.policy == Sample.slaPolicy && own?.policyVersion == 7)
        #expect(own?.target == .seconds(99) && own?.calendar == Sample.calendar)
        #expect(own?.warnPercent == 80)
        #expect(promise(.answer, .voice, policy(.seconds(99))) == nil, "that policy promises nothing on the phone")
        #expect(promise(.answer, .voice, nil)?.target == .seconds(20))
        #expect(promise(.answer, .chat, nil)?.target == .seconds(30))
        #expect(promise(.firstReply, .messaging, nil)?.target == .minutes(2))
        #expect(promise(.firstReply, .email, nil)?.target == .hours(2))
        #expect(promise(.resolution, .email, nil) == nil)
        #expect(promise(.answer, .voice, nil)?.policy == nil)
        let gone = promise(.answer, .voice, nil, queue: Sample.id(Sample.nobody))
        let set = SLAClock.activate(.answer, promise: gone, tenant: Sample.record, now: start)
        #expect(gone?.calendar == nil && set.dueAt == start + .seconds(20), "no such calendar: wall time")
    }

    @Test("A contact has one clock per metric, sorted, and a promise made again begins anew")
    func several() throws {
        var clocks: [SLAClock] = []
        for metric in [SLAMetric.nextReply, .answer, .firstReply] {
            let set = ClockSet(
                metric: metric, promise: ClockPromise(target: .seconds(10)), warnAt: start + .seconds(8),
                dueAt: start + .seconds(10))
            clocks.apply(.clockActivated(leg, set), at: start)
        }
        #expect(clocks.map(\.metric) == [.answer, .firstReply, .nextReply])
        _ = take(clocks.due(at: start + .seconds(11), of: leg), into: &clocks, at: start + .seconds(11))
        clocks.apply(.clockFulfilled(leg, .nextReply, elapsed: .seconds(12)), at: start + .seconds(12))
        let later = start + .hours(1)
        let again = ClockSet(
            metric: .nextReply, promise: ClockPromise(target: .seconds(10)), warnAt: later + .seconds(8),
            dueAt: later + .seconds(10))
        clocks.apply(.clockActivated(leg, again), at: later)
        #expect(clocks.count == 3)
        #expect(clocks.clock(.nextReply)?.breachedAt == nil)
        #expect(clocks.nextDeadline == later + .seconds(8))
    }

    @Test("An event of a clock that is not there, or of something else, changes nothing")
    func total() throws {
        let clocks = try clocks(.seconds(10), at: start)
        var copy = clocks
        copy.apply(.clockWarned(leg, .resolution), at: start)
        copy.apply(.clockResumed(leg, .firstReply, warnAt: nil, dueAt: start), at: start)
        copy.apply(.contactBotStarted(leg), at: start)
        #expect(copy == clocks)
    }
}
