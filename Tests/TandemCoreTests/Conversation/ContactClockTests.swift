import Testing

@testable import TandemCore

@Suite("The promises on a contact")
struct ContactClockTests {
    private func promised(_ targets: [SLATarget], bot: Bool = false) throws -> Story {
        let centre = Centre()
        try centre.promise(centre.support, targets)
        return try Story(.messaging, bot: bot, centre: centre)
    }

    private let answer = SLATarget(metric: .answer, channels: .all, target: .seconds(100))
    private let first = SLATarget(metric: .firstReply, channels: .all, target: .seconds(200))
    private let next = SLATarget(metric: .nextReply, channels: .all, target: .seconds(50))

    @Test("The answer is promised from entering the queue, warned at four fifths, breached once, and kept at last")
    func answerClock() throws {
        let story = try promised([answer])
        let bo = try story.centre.addAgent("Bo")
        #expect(story.thread.nextDeadline == story.centre.now + .seconds(80))
        let warning = try story.centre.pass(.seconds(80))
        #expect(warning == [.clockWarned(try #require(story.leg?.leg(in: story.thread)), .answer)])
        let breach = try story.centre.pass(.seconds(20))
        #expect(breach == [.clockBreached(try #require(story.leg?.leg(in: story.thread)), .answer)])
        #expect(try story.centre.pass(.hours(1)).isEmpty)
        let events = try story.answer(by: bo)
        let leg = try #require(story.leg?.leg(in: story.thread))
        #expect(events.contains(.clockFulfilled(leg, .answer, elapsed: .seconds(3_700))))
    }

    @Test("An answer in time leaves no timer behind")
    func answeredInTime() throws {
        let story = try promised([answer])
        let bo = try story.centre.addAgent("Bo")
        try story.answer(by: bo)
        #expect(story.thread.nextDeadline == nil)
        #expect(try story.centre.pass(.hours(1)).isEmpty)
    }

    @Test("The first reply is promised from the start and kept by the agent's first message, not by the answer")
    func firstReply() throws {
        let story = try promised([first])
        let bo = try story.centre.addAgent("Bo")
        try story.answer(by: bo)
        story.centre.skip(.seconds(90))
        _ = try story.say("hello?", by: story.customer)
        #expect(story.leg?.clocks.filter { $0.promise != nil }.map(\.metric) == [.firstReply])
        let events = try story.run(.postMessage(MessageDraft(author: .agent(bo), text: "Hi")))
        let leg = try #require(story.leg?.leg(in: story.thread))
        #expect(events.last == .clockFulfilled(leg, .firstReply, elapsed: .seconds(90)))
        #expect(!story.thread.contacts.contains { $0.clocks.clock(.nextReply) != nil }, "none is owed while a first is")
        #expect(story.thread.nextDeadline == nil)
    }

    @Test("Each question of the customer promises a reply, one at a time, held or not")
    func nextReply() throws {
        let story = try promised([next])
        let bo = try story.centre.addAgent("Bo")
        #expect(try story.run(.postMessage(MessageDraft(author: story.customer, text: "one"))).count == 1)
        try story.answer(by: bo)
        #expect(try story.run(.postMessage(MessageDraft(author: story.customer, text: "two"))).count == 2)
        let due = story.centre.now + .seconds(50)
        story.centre.skip(.seconds(5))
        #expect(try story.run(.postMessage(MessageDraft(author: story.customer, text: "three"))).count == 1)
        try story.contact(.hold(by: bo))
        try story.centre.pass(.seconds(40))
        #expect(story.thread.nextDeadline == due)
        let reply = try story.run(.postMessage(MessageDraft(author: .agent(bo), text: "four")))
        #expect(reply.count == 3, "the first reply, that nobody promised, is one as well")
        #expect(try story.run(.postMessage(MessageDraft(author: .agent(bo), text: "five"))).count == 1)
        #expect(try story.run(.postMessage(MessageDraft(author: story.customer, text: "six"))).count == 2)
        #expect(story.thread.nextDeadline == story.centre.now + .seconds(40))
    }

    @Test("While the bot has the contact its promises stand still")
    func pausedWithBot() throws {
        let story = try promised([answer, first], bot: true)
        #expect(story.thread.nextDeadline == nil)
        try story.centre.pass(.hours(3))
        try story.contact(.handOver(reason: "", by: story.customer))
        #expect(story.leg?.clocks.clock(.firstReply)?.nextDeadline == story.centre.now + .seconds(160))
        #expect(story.leg?.clocks.clock(.answer)?.nextDeadline == story.centre.now + .seconds(80))
    }

    @Test("A leg in wrap-up owes nobody a reply")
    func pausedInWrapUp() throws {
        let story = try promised([next])
        try story.centre.change(story.centre.support) { $0.wrapUp = .optional }
        let bo = try story.centre.addAgent("Bo")
        try story.answer(by: bo)
        _ = try story.say("and?", by: story.customer)
        story.centre.skip(.seconds(10))
        let events = try story.contact(.end(by: .agent(bo)))
        let leg = try #require(story.leg?.leg(in: story.thread))
        let paused = events.filter { if case .clockPaused = $0 { true } else { false } }
        let first = Event.clockPaused(leg, .firstReply, remaining: nil)
        let matter = Event.clockPaused(leg, .resolution, remaining: nil)
        #expect(paused == [first, .clockPaused(leg, .nextReply, remaining: .seconds(40)), matter])
        #expect(story.thread.nextDeadline == nil)
        _ = try story.say("bye", by: story.customer)
        #expect(story.thread.nextDeadline == nil)
    }

    @Test("A reply that is owed goes with the customer to his next leg")
    func owedAcrossTransfer() throws {
        let story = try promised([next, first])
        try story.centre.promise(
            story.centre.sales, [SLATarget(metric: .firstReply, channels: .all, target: .seconds(10))])
        let bo = try story.centre.addAgent("Bo")
        try story.answer(by: bo)
        story.centre.skip(.seconds(30))
        try story.contact(.transfer(.queue(story.centre.sales), by: .agent(bo)))
        let second = try #require(story.centre.answer?.contact)
        #expect(story.leg(second)?.clocks.clock(.firstReply)?.target == .seconds(10))
        try story.answer(by: bo, contact: second)
        _ = try story.say("Hi", by: .agent(bo))
        try story.contact(.transfer(.queue(story.centre.support), by: .agent(bo)), on: second)
        let third = try #require(story.centre.answer?.contact)
        #expect(story.leg(third)?.clocks.map(\.metric) == [.answer], "nothing is owed: it was replied to")
        #expect(story.leg(third)?.clocks.first?.promise == nil)
    }

    @Test("A first reply is promised once, through as many overflows as there are, and not for the bot's time")
    func replyAcrossOverflows() throws {
        let centre = Centre()
        for queue in [centre.support, centre.sales, centre.complaints] { try centre.promise(queue, [first]) }
        try centre.route(centre.support, by: [RoutingStep(length: .seconds(20), onExpiry: [.overflow(centre.sales)])])
        try centre.route(
            centre.sales, by: [RoutingStep(length: .seconds(50), onExpiry: [.overflow(centre.complaints)])])
        let story = try Story(.messaging, bot: true, centre: centre)
        try centre.pass(.hours(1))
        try story.contact(.handOver(reason: "", by: .bot))
        let asked = centre.now
        let events = try centre.pass(.seconds(60))
        #expect(!events.contains { if case .clockBreached = $0 { true } else { false } })
        let leg = try #require(story.thread.contacts.first)
        #expect(story.thread.contacts.count == 1 && leg.queue == centre.complaints)
        #expect(leg.clocks.clock(.firstReply)?.nextDeadline == asked + .seconds(160))
        try centre.pass(.seconds(140))
        #expect(story.thread.contacts.first?.clocks.clock(.firstReply)?.breachedAt == asked + .seconds(200))
        let bo = try centre.addAgent("Bo")
        try story.answer(by: bo, contact: leg.id)
        let reply = try story.run(.postMessage(MessageDraft(author: .agent(bo), text: "Hi")))
        #expect(reply.last == .clockFulfilled(leg.leg(in: story.thread), .firstReply, elapsed: .seconds(200)))
    }

    @Test("The answer's promise, the service level and a short abandon count from when the customer began to wait")
    func oneBase() throws {
        let centre = Centre()
        try centre.promise(centre.sales, [answer])
        try centre.route(centre.support, by: [RoutingStep(length: .seconds(90), onExpiry: [.overflow(centre.sales)])])
        func overflown() throws -> (Story, ContactID) {
            let story = try Story(.messaging, centre: centre)
            try centre.pass(.seconds(90))
            return (story, try #require(story.next(of: story.contact)))
        }
        let (story, next) = try overflown()
        #expect(story.leg(next)?.enqueuedAt == story.leg(next)?.ageSince)
        try centre.pass(.seconds(11))
        #expect(story.leg(next)?.clocks.clock(.answer)?.breachedAt != nil)
        let bo = try centre.addAgent("Bo")
        guard case .offerAccepted(let accepted) = try story.answer(by: bo, contact: next).first else {
            Issue.record("no acceptance")
            return
        }
        #expect(accepted.waited == .seconds(101))
        let (other, left) = try overflown()
        try other.contact(.abandon, on: left)
        #expect(other.ending(of: left)?.reason == .abandoned, "it waited for long")
        let counts = try #require(centre.queues[centre.sales]?.recentAnswers(at: centre.now))
        #expect(counts.answered == 1 && counts.answeredInTarget == 0)
        #expect(counts.abandoned == 1 && counts.abandonedInTarget == 1 && counts.shortAbandoned == 0)
    }

    @Test("A contact that comes back after an answer is promised no second answer")
    func noSecondAnswer() throws {
        let story = try promised([answer])
        let bo = try story.centre.addAgent("Bo")
        try story.answer(by: bo)
        let events = try story.contact(.requeue(by: story.centre.staff))
        #expect(events.count == 1)
        #expect(story.thread.nextDeadline == nil)
    }
}
