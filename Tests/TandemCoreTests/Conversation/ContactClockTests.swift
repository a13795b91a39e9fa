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
        #expect(story.leg?.clocks.map(\.metric) == [.firstReply])
        let events = try story.run(.postMessage(MessageDraft(author: .agent(bo), text: "Hi")))
        let leg = try #require(story.leg?.leg(in: story.thread))
        #expect(events.last == .clockFulfilled(leg, .firstReply, elapsed: .seconds(90)))
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
        #expect(reply.count == 2)
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
        #expect(events.first == .clockPaused(leg, .nextReply, remaining: .seconds(40)))
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
        #expect(story.leg(third)?.clocks == [])
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
