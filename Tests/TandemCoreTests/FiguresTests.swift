import TandemCore
import Testing

@Suite("Figures")
struct FiguresTests {
    private let noon = Timestamp.utc(2026, 6, 1, 12)

    /// DOMAIN's day: 100 offered, 85 answered (70 within 20 s), 15 abandoned (4 within 5 s, 3 within 20 s, 8 later).
    private let day = AnswerCounts(
        offered: 100, answered: 85, answeredInTarget: 70, abandoned: 15, abandonedInTarget: 7, shortAbandoned: 4)

    @Test("The same day scores 70.0 to 82.4 % by the formula that is chosen")
    func formulas() {
        let levels = ServiceLevel.allCases.map { ($0.rawValue, $0.level(of: day).perTenThousand) }
        #expect(levels.map(\.0) == ["SL-A", "SL-B", "SL-C", "SL-D", "SL-E"])
        #expect(levels.map(\.1) == [7_000, 7_292, 7_527, 7_700, 8_235])
        #expect(day.abandonRate.perTenThousand == 1_146)
    }

    @Test("A day without contacts has no figure, and a share is rounded half up")
    func nothing() {
        for formula in ServiceLevel.allCases { #expect(formula.level(of: AnswerCounts()).perTenThousand == nil) }
        #expect(AnswerCounts().abandonRate.perTenThousand == nil && QueueFigures().averageSpeedOfAnswer.mean == nil)
        #expect(Fraction(1, of: 20_000).perTenThousand == 1)
        #expect(Fraction(1, of: 20_001).perTenThousand == 0)
        #expect(Fraction(7, of: 2).mean == 4)
        #expect(Fraction(1, of: 4).perTenThousand == 2_500)
        #expect(Fraction(.max, of: .max).perTenThousand == 10_000, "whatever the numbers, nothing overflows")
        #expect(Fraction(.max, of: 1).perTenThousand == .max)
    }

    /// Events of a day at one queue, as they would be journaled.
    private func events(of counts: AnswerCounts) -> [(Event, Timestamp)] {
        var events: [(Event, Timestamp)] = []
        let target = Milliseconds.seconds(20)
        for number in 0..<UInt64(counts.offered) {
            let arrival = noon + .seconds(Int64(number))
            events.append((Sample.queued(number), arrival))
            func leave(after seconds: Int64, _ reason: EndReason) {
                let closed = Sample.closed(number, reason, agent: nil, enqueuedAt: arrival, target: target)
                events.append((closed, arrival + .seconds(seconds)))
            }
            switch number {
            case 0..<85:
                let waited = Milliseconds.seconds(number < 70 ? 20 : 60)
                events.append((Sample.offered(number, .chat), arrival + waited))
                events.append((Sample.accepted(number, .chat, waited: waited, target: target), arrival + waited))
            case 85..<89: leave(after: 5, .shortAbandoned)
            case 89..<92: leave(after: 20, .abandoned)
            default: leave(after: 21, .abandoned)
            }
        }
        return events
    }

    @Test("The fold over a day's events and the queue's own half hours give the same counts")
    func agreement() throws {
        var tally = Tally(from: noon, until: .distantFuture)
        var queue = try #require(StillView.sample.queues[Sample.queue])
        for (event, now) in events(of: day).sorted(by: { $0.1 < $1.1 }) {
            tally.apply(event, at: now)
            queue.apply(event, at: now)
        }
        let figures = tally.figures(of: Sample.queue)
        #expect(figures.answers == day)
        #expect(queue.buckets.map(\.answers) == [day])
        #expect(figures.averageSpeedOfAnswer == Fraction(70 * 20_000 + 15 * 60_000, of: 85))
        #expect(tally.queuesTotal == figures && tally.queues == [Sample.queue])
        #expect(figures.offers.made == 85 && figures.offers.unansweredRate.perTenThousand == 0)
    }

    @Test("An agent's day: idle, a call, two chats at once, a break, and what was wrapped up")
    func occupancy() {
        var tally = Tally(from: noon)
        func at(_ minutes: Int64) -> Timestamp { noon + .minutes(minutes) }
        var profile = AgentProfile(name: "Ada")
        profile.channels = profile.channels.enumerated().map { place, rule in
            ChannelRule(slots: place == Int(Channel.chat.rawValue) ? 4 : 0, weight: rule.weight)
        }
        func presence(_ from: Presence, _ to: Presence) -> Event {
            .presenceChanged(
                PresenceChanged(
                    agent: Sample.agent, tenant: Sample.tenant, from: from, to: to, by: .system, unanswered: 0))
        }
        var times = ContactTimes()
        times.talk = .minutes(8)
        times.wrapUp = .minutes(2)
        let tea = Presence.onBreak(BreakCode("tea"))
        let day: [(Event, Timestamp)] = [
            (.agentCreated(Sample.agent, Sample.tenant, profile), at(-60)),
            (presence(.loggedOut, .available), at(-10)),
            (Sample.offered(1, .chat), at(9)), (Sample.accepted(1, .chat), at(10)),
            (Sample.offered(2, .chat), at(10)), (Sample.accepted(2, .chat), at(15)),
            (Sample.closed(2, answeredAt: at(15), times: times), at(25)),
            (presence(.available, tea), at(28)),
            (Sample.wrapping(1), at(28)), (Sample.closed(1, answeredAt: at(10), times: times), at(30)),
            (presence(tea, .available), at(40)),
            (Sample.offered(3, .chat), at(41)), (Sample.ended(3, .chat, .timedOut), at(42)),
            (presence(.available, .notResponding), at(42)),
            (presence(.notResponding, .loggedOut), at(50)),
        ]
        for (event, now) in day { tally.apply(event, at: now) }
        tally.advance(to: at(60))
        let figures = tally.figures(of: Sample.agent)
        #expect(figures.busy == .minutes(20))
        // 12:00 to 12:10 and 12:40 to 12:42; what was before noon is not asked for.
        #expect(figures.idle == .minutes(12))
        #expect(figures.onBreak == .minutes(12) && figures.notResponding == .minutes(8))
        #expect(figures.occupancy.perTenThousand == 6_250)
        // A slot for 20 minutes and another for 10, of four slots over 32 minutes.
        #expect(figures.weightedOccupancy == Fraction(30 * 60_000 * 250, of: 4 * 32 * 60_000 * 250))
        #expect(figures.handling.handled == 2 && figures.handling.average.mean == 600_000)
        #expect(figures.offers.made == 3 && figures.offers.unansweredRate.perTenThousand == 3_333)
        #expect(tally.agentsTotal == figures && tally.workers == [Sample.agent])
    }

    @Test("Two halves of a day, each with the agents as they stood, add up to the whole")
    func halves() throws {
        let all = events(of: day).sorted { $0.1 < $1.1 }
        let middle = noon + .seconds(47)
        let end = noon + .minutes(10)
        var whole = Tally(from: noon, until: end)
        var first = Tally(from: noon, until: middle)
        var agent = Agent(absent: Sample.agent)
        for (event, now) in all {
            whole.apply(event, at: now)
            first.apply(event, at: now)
            if now < middle { agent.apply(event, at: now) }
        }
        var second = Tally(from: middle, until: end, agents: [agent])
        for (event, now) in all where now >= middle { second.apply(event, at: now) }
        first.advance(to: end)
        second.advance(to: end)
        whole.advance(to: end + .hours(1))
        var sum = first.figures(of: Sample.queue)
        sum.add(second.figures(of: Sample.queue))
        #expect(sum == whole.figures(of: Sample.queue))
        var work = first.figures(of: Sample.agent)
        work.add(second.figures(of: Sample.agent))
        #expect(work == whole.figures(of: Sample.agent))
        #expect(work.busy > .zero)
    }

    @Test("Promises are counted where they were kept, and where they were not")
    func clocks() {
        var tally = Tally(from: noon)
        tally.apply(.clockFulfilled(Sample.leg(1), .firstReply, elapsed: .seconds(10)), at: noon)
        tally.apply(.clockFulfilled(Sample.leg(2), .firstReply, elapsed: .seconds(20)), at: noon)
        tally.apply(.clockBreached(Sample.leg(3), .firstReply), at: noon)
        tally.apply(.clockWarned(Sample.leg(3), .firstReply), at: noon)
        tally.apply(.clockBreached(Sample.leg(4), .answer), at: noon + .seconds(-1))
        let counts = tally.figures(of: Sample.queue).clocks(.firstReply)
        #expect(counts.promised == 2)
        tally.apply(
            .clockFulfilled(Sample.leg(5), .nextReply, elapsed: .seconds(4), promised: false), at: noon)
        let unpromised = tally.figures(of: Sample.queue).clocks(.nextReply)
        #expect(unpromised.fulfilled == 1 && unpromised.promised == 0 && unpromised.average.mean == 4_000)
        #expect(counts.fulfilled == 2 && counts.breached == 1 && counts.average.mean == 15_000)
        #expect(tally.figures(of: Sample.queue).clocks(.answer) == ClockCounts())
    }

    @Test("What is not promised is not missed, and who was answered has not abandoned")
    func edges() {
        let unpromised = AnswerCounts(Sample.accepted(1, .email, waited: .hours(3)), at: noon)
        #expect(unpromised.answered == 1 && unpromised.answeredInTarget == 1)
        #expect(AnswerCounts(Sample.accepted(1, .chat, isCounted: false), at: noon) == AnswerCounts())
        let left = Sample.closed(1, .abandoned, enqueuedAt: noon, answeredAt: noon)
        #expect(AnswerCounts(left, at: noon + .hours(1)) == AnswerCounts())
        #expect(AnswerCounts(Sample.closed(1, .abandoned, agent: nil), at: noon) == AnswerCounts(), "never queued")
        for reason in EndReason.allCases where reason != .abandoned && reason != .shortAbandoned {
            let closed = Sample.closed(1, reason, agent: nil, enqueuedAt: noon)
            #expect(AnswerCounts(closed, at: noon) == AnswerCounts())
        }
        #expect(SLAPolicy.answerTarget(nil, channel: .voice) == .seconds(20))
        #expect(SLAPolicy.answerTarget(nil, channel: .email) == nil)
    }
}
