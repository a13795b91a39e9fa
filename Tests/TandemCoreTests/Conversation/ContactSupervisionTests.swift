import Testing

@testable import TandemCore

@Suite("A supervisor's hand")
struct ContactSupervisionTests {
    @Test("Only staff may re-queue, assign, force and set priorities")
    func onlyStaff() throws {
        let story = try Story()
        let bo = try story.centre.addAgent("Bo")
        for party in [story.customer, .agent(bo), .bot] {
            #expect(story.refusal(.requeue(by: party))?.code == .notAllowed)
            #expect(story.refusal(.assign(bo, by: party))?.code == .notAllowed)
            #expect(story.refusal(.forceClose(by: party))?.code == .notAllowed)
            #expect(story.refusal(.setPriority(1, by: party))?.code == .notAllowed)
        }
    }

    @Test("A re-queued contact leaves its agent and keeps its age")
    func requeue() throws {
        let story = try Story()
        let bo = try story.centre.addAgent("Bo")
        let before = try #require(story.leg)
        try story.answer(by: bo)
        story.centre.skip(.minutes(3))
        try story.contact(.requeue(by: story.centre.staff))
        #expect(story.waiting != nil)
        #expect(story.leg?.ageSince == before.ageSince)
        #expect(story.leg?.enqueuedAt == before.enqueuedAt)
        #expect(story.centre.agents[bo]?.assignments.isEmpty == true)
        #expect(try story.contact(.requeue(by: story.centre.staff)).isEmpty)
    }

    @Test("A re-queued offer is rescinded")
    func requeueOffered() throws {
        let story = try Story()
        let bo = try story.centre.addAgent("Bo")
        let offer = try story.centre.offer(story.id, story.contact, to: bo)
        try story.contact(.requeue(by: story.centre.staff))
        #expect(story.waiting != nil)
        #expect(story.refusal(.acceptOffer(offer, by: bo))?.code == .offerNotFound)
        #expect(story.centre.agents[bo]?.presence == .available)
    }

    enum Place: CaseIterable { case bot, queued, offered, connected, held }

    @Test("A contact is assigned by hand from anywhere before its wrap-up", arguments: Place.allCases)
    func assign(from place: Place) throws {
        let story = try Story(bot: place == .bot)
        story.centre.skip(.seconds(7))
        let bo = try story.centre.addAgent("Bo")
        let cy = try story.centre.addAgent("Cy", queues: [])
        switch place {
        case .bot, .queued: break
        case .offered: try story.centre.offer(story.id, story.contact, to: bo)
        case .connected: try story.answer(by: bo)
        case .held:
            try story.answer(by: bo)
            try story.contact(.hold(by: bo))
        }
        let events = try story.contact(.assign(cy, by: story.centre.staff))
        let offered = events.last { if case .offerMade = $0 { true } else { false } }
        guard case .offerMade(let made) = offered, case .offered(let offer, _) = story.leg?.state else {
            Issue.record("not offered: \(events)")
            return
        }
        #expect(made.decision.trigger == .hand)
        #expect(made.decision.age == (place == .bot ? .zero : .seconds(7)), "the bot's time does not count")
        #expect(made.decision.candidates.map(\.agent) == [cy])
        #expect(offer.agent == cy)
        #expect(offer.expiresAt == story.centre.now + .seconds(30))
        #expect(story.centre.agents[bo]?.assignments.isEmpty == true)
        #expect(try story.contact(.assign(cy, by: story.centre.staff)).isEmpty)
        try story.contact(.acceptOffer(offer.id, by: cy))
        #expect(story.leg?.state == .connected(cy))
    }

    @Test("Capacity and presence hold for a hand too")
    func assignRefused() throws {
        let story = try Story(.voice)
        let bo = try story.centre.addAgent("Bo")
        let away = try story.centre.addAgent("Di", presence: .onBreak(BreakCode("lunch")))
        let second = try Story(.voice, centre: story.centre)
        try second.answer(by: bo)
        #expect(story.refusal(.assign(bo, by: story.centre.staff))?.code == .agentOverCapacity)
        #expect(story.refusal(.assign(away, by: story.centre.staff))?.code == .agentNotAvailable)
        let strange = Refusal(.notFound, field: "agent")
        #expect(story.refusal(.assign(AgentID(raw: 5), by: story.centre.staff)) == strange)
        #expect(story.waiting != nil)
    }

    @Test("A forced end reaches a contact wherever it is", arguments: Place.allCases)
    func forceClose(from place: Place) throws {
        let story = try Story(bot: place == .bot)
        let bo = try story.centre.addAgent("Bo")
        switch place {
        case .bot, .queued: break
        case .offered: try story.centre.offer(story.id, story.contact, to: bo)
        case .connected: try story.answer(by: bo)
        case .held:
            try story.answer(by: bo)
            try story.contact(.hold(by: bo))
        }
        try story.contact(.forceClose(by: story.centre.staff))
        #expect(story.ending()?.reason == .forced)
        #expect(story.centre.agents[bo]?.assignments.isEmpty == true)
        #expect(story.thread.isDormant)
        #expect(story.refusal(.forceClose(by: story.centre.staff))?.code == .contactClosed)
    }

    @Test("A forced end of a wrap-up leaves the talk's own reason")
    func forceWrapUp() throws {
        let story = try Story(in: \.complaints)
        let bo = try story.centre.addAgent("Bo")
        try story.answer(by: bo)
        try story.contact(.end(by: .agent(bo)))
        #expect(story.refusal(.requeue(by: story.centre.staff))?.code == .contactNotConnected)
        try story.contact(.forceClose(by: story.centre.staff))
        #expect(story.ending()?.reason == .completed)
    }

    @Test("A priority set by hand reorders who waits, and who is at the head stays there")
    func setPriority() throws {
        let story = try Story()
        let bo = try story.centre.addAgent("Bo")
        let before = try #require(story.waiting)
        try story.contact(.setPriority(2, by: story.centre.staff))
        #expect(story.waiting?.order.priority == 2)
        #expect(story.waiting?.order.virtual == before.order.virtual)
        #expect(story.leg?.priority == 2)
        #expect(try story.contact(.setPriority(2, by: story.centre.staff)).isEmpty)
        for wrong in [UInt8(0), 10] {
            let invalid = Refusal(.invalid, field: "priority")
            #expect(story.refusal(.setPriority(wrong, by: story.centre.staff)) == invalid)
        }
        try story.answer(by: bo)
        #expect(story.refusal(.setPriority(3, by: story.centre.staff))?.code == .contactNotWaiting)
        try story.contact(.agentLost(bo))
        try story.contact(.setPriority(3, by: story.centre.staff))
        #expect(story.waiting?.order.priority == 0)
        #expect(story.leg?.priority == 3)
    }
}
