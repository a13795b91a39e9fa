import Testing

@testable import TandemCore

@Suite("A talk and its end")
struct ContactTalkTests {
    @Test("A customer on hold is resumed by the agent who holds him, and the times are told apart")
    func hold() throws {
        let story = try Story()
        let bo = try story.centre.addAgent("Bo")
        let cy = try story.centre.addAgent("Cy")
        try story.answer(by: bo)
        story.centre.skip(.seconds(10))
        #expect(story.refusal(.hold(by: cy))?.code == .agentNotHandling)
        #expect(story.refusal(.resume(by: bo))?.code == .contactNotHeld)
        try story.contact(.hold(by: bo))
        #expect(story.leg?.state == .held(bo))
        #expect(story.refusal(.hold(by: bo))?.code == .contactNotConnected)
        #expect(story.refusal(.resume(by: cy))?.code == .agentNotHandling)
        story.centre.skip(.seconds(5))
        try story.contact(.resume(by: bo))
        story.centre.skip(.seconds(1))
        try story.contact(.end(by: .agent(bo)))
        let times = try #require(story.ending()?.times)
        #expect(times.talk == .seconds(11))
        #expect(times.hold == .seconds(5))
        #expect(times.holds == 1)
    }

    @Test("A queue without wrap-up ends the leg with the talk, and the conversation closes with its last leg")
    func noWrapUp() throws {
        let story = try Story()
        let bo = try story.centre.addAgent("Bo")
        try story.answer(by: bo)
        try story.contact(.end(by: .agent(bo)))
        #expect(story.ending()?.reason == .completed)
        #expect(story.ending()?.agent == bo)
        #expect(story.thread.state == .closed(at: story.centre.now))
        #expect(story.thread.isDormant)
        #expect(story.centre.customers[story.centre.customer]?.open == 0)
        #expect(story.centre.agents[bo]?.assignments.isEmpty == true)
    }

    @Test("Timed wrap-up keeps the slot and ends by itself")
    func timedWrapUp() throws {
        let story = try Story(in: \.sales)
        let bo = try story.centre.addAgent("Bo")
        try story.answer(by: bo)
        try story.contact(.end(by: .agent(bo)))
        #expect(story.centre.agents[bo]?.assignments.map(\.state) == [.wrapping])
        #expect(story.refusal(.end(by: .agent(bo)))?.code == .contactNotConnected)
        try story.centre.pass(Milliseconds(14_999))
        #expect(story.leg?.isWrapping == true)
        try story.centre.pass(Milliseconds(1))
        #expect(story.ending()?.times.wrapUp == .seconds(15))
        #expect(story.ending()?.by == .system)
        #expect(story.centre.agents[bo]?.assignments.isEmpty == true)
    }

    @Test("Timed wrap-up ends earlier by hand, and its timer then finds nothing")
    func timedWrapUpByHand() throws {
        let story = try Story(in: \.sales)
        let bo = try story.centre.addAgent("Bo")
        let cy = try story.centre.addAgent("Cy")
        try story.answer(by: bo)
        try story.contact(.end(by: .agent(bo)))
        #expect(story.refusal(.finishWrapUp(disposition: nil, by: .agent(cy)))?.code == .agentNotHandling)
        #expect(story.refusal(.finishWrapUp(disposition: nil, by: story.customer))?.code == .notAllowed)
        try story.contact(.finishWrapUp(disposition: "sold", by: .agent(bo)))
        #expect(story.ending()?.disposition == "sold")
        story.centre.skip(.seconds(20))
        #expect(try story.centre.wake(story.id).isEmpty)
    }

    @Test("Mandatory wrap-up ends only with a disposition")
    func mandatoryWrapUp() throws {
        let story = try Story(in: \.complaints)
        let bo = try story.centre.addAgent("Bo")
        try story.answer(by: bo)
        try story.contact(.end(by: .agent(bo)))
        #expect(story.thread.nextDeadline == nil)
        let missing = Refusal(.invalid, field: "disposition")
        #expect(story.refusal(.finishWrapUp(disposition: nil, by: .agent(bo))) == missing)
        #expect(story.refusal(.finishWrapUp(disposition: "", by: .agent(bo))) == missing)
        let long = String(repeating: "x", count: Limits.nameBytesMax + 1)
        let limit = Refusal(.limitExceeded, field: "disposition")
        #expect(story.refusal(.finishWrapUp(disposition: long, by: .agent(bo))) == limit)
        try story.contact(.finishWrapUp(disposition: "refund", by: .agent(bo)))
        #expect(story.ending()?.disposition == "refund")
    }

    @Test("Optional wrap-up lasts until the agent ends it")
    func optionalWrapUp() throws {
        let story = try Story()
        try story.centre.change(story.centre.support) { $0.wrapUp = .optional }
        let bo = try story.centre.addAgent("Bo")
        try story.answer(by: bo)
        try story.contact(.end(by: .agent(bo)))
        try story.centre.pass(.hours(1))
        #expect(story.leg?.isWrapping == true)
        try story.contact(.finishWrapUp(disposition: nil, by: .agent(bo)))
        #expect(story.leg == nil)
    }

    @Test("Only who handles the contact, the customer and staff may end it")
    func whoEnds() throws {
        let story = try Story()
        let bo = try story.centre.addAgent("Bo")
        let cy = try story.centre.addAgent("Cy")
        let other = story.centre.addCustomer("Eve")
        #expect(story.refusal(.end(by: .agent(bo)))?.code == .contactNotConnected)
        try story.answer(by: bo)
        #expect(story.refusal(.end(by: .agent(cy)))?.code == .agentNotHandling)
        #expect(story.refusal(.end(by: .customer(other)))?.code == .notAllowed)
        #expect(story.refusal(.end(by: .bot))?.code == .contactHasNoBot)
        try story.contact(.end(by: story.customer))
        #expect(story.ending()?.reason == .completed)
    }

    @Test("Leaving within five seconds of entering the queue is a short abandon", arguments: [4_999, 5_000, 5_001])
    func shortAbandon(after milliseconds: Int64) throws {
        let story = try Story()
        story.centre.skip(Milliseconds(milliseconds))
        try story.contact(.abandon)
        #expect(story.ending()?.reason == (milliseconds <= 5_000 ? .shortAbandoned : .abandoned))
        #expect(story.ending()?.by == story.customer)
        #expect(story.thread.isDormant)
    }

    @Test("A customer who leaves while the contact is offered cancels the offer")
    func abandonWhileOffered() throws {
        let story = try Story()
        let bo = try story.centre.addAgent("Bo")
        let offer = try story.centre.offer(story.id, story.contact, to: bo)
        let events = try story.contact(.abandon)
        guard case .offerEnded(let ended) = events.first else {
            Issue.record("no end of the offer in \(events)")
            return
        }
        #expect(ended.offer == offer)
        #expect(ended.outcome == .cancelled)
        #expect(story.leg == nil)
        #expect(story.centre.agents[bo]?.assignments.isEmpty == true)
        #expect(story.refusal(.acceptOffer(offer, by: bo))?.code == .contactClosed)
    }

    @Test("A customer who leaves an agent has ended the talk")
    func abandonWhileConnected() throws {
        let story = try Story(in: \.sales)
        let bo = try story.centre.addAgent("Bo")
        try story.answer(by: bo)
        try story.contact(.abandon)
        #expect(story.leg?.isWrapping == true)
        #expect(try story.contact(.abandon).isEmpty)
        try story.centre.pass(.seconds(15))
        #expect(story.ending()?.reason == .completed)
    }
}
