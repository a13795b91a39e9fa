import Testing

@testable import TandemCore

@Suite("An offer")
struct OfferTests {
    @Test("An accepted offer connects the contact with its agent")
    func accepts() throws {
        let story = try Story()
        let agent = try story.centre.addAgent("Bo")
        story.centre.skip(.seconds(7))
        let events = try story.answer(by: agent)
        #expect(story.leg?.state == .connected(agent))
        #expect(story.leg?.answeredAt == story.centre.now)
        #expect(story.leg?.times.queued == .seconds(7))
        guard case .offerAccepted(let accepted) = events.first else {
            Issue.record("no acceptance in \(events)")
            return
        }
        #expect(accepted.waited == .seconds(7))
        #expect(accepted.target == .seconds(30))
        #expect(accepted.isCounted)
        #expect(story.thread.lastAgent == agent)
        #expect(story.centre.agents[agent]?.assignments.map(\.state) == [.busy])
    }

    @Test("Another agent's offer is not his to answer")
    func foreign() throws {
        let story = try Story()
        let bo = try story.centre.addAgent("Bo")
        let cy = try story.centre.addAgent("Cy")
        let offer = try story.centre.offer(story.id, story.contact, to: bo)
        #expect(story.refusal(.acceptOffer(offer, by: cy))?.code == .offerNotYours)
        #expect(story.refusal(.rejectOffer(offer, by: cy))?.code == .offerNotYours)
    }

    @Test("A stale offer is not found, an answered one is said to be answered")
    func stale() throws {
        let story = try Story()
        let bo = try story.centre.addAgent("Bo")
        let first = try story.centre.offer(story.id, story.contact, to: bo)
        try story.contact(.rejectOffer(first, by: bo))
        #expect(story.refusal(.acceptOffer(first, by: bo))?.code == .offerNotFound)
        let second = try story.centre.offer(story.id, story.contact, to: bo)
        #expect(story.refusal(.acceptOffer(first, by: bo))?.code == .offerNotFound)
        try story.contact(.acceptOffer(second, by: bo))
        #expect(story.refusal(.acceptOffer(second, by: bo))?.code == .offerAlreadyAnswered)
    }

    @Test("A rejected offer returns the contact to its place with its age, and the agent is passed over for a time")
    func rejects() throws {
        let story = try Story()
        let bo = try story.centre.addAgent("Bo")
        let before = try #require(story.waiting)
        let enqueued = story.leg?.enqueuedAt
        story.centre.skip(.seconds(3))
        let offer = try story.centre.offer(story.id, story.contact, to: bo)
        try story.contact(.rejectOffer(offer, by: bo))
        #expect(story.waiting == before)
        #expect(story.leg?.enqueuedAt == enqueued)
        #expect(story.leg?.declines == [Contact.Decline(agent: bo, until: story.centre.now + .seconds(30))])
        #expect(story.centre.agents[bo]?.presence == .available)
        #expect(story.centre.agents[bo]?.assignments.isEmpty == true)
        let events = try story.centre.pass(.seconds(30))
        #expect(events.contains(.contactDeclineExpired(try #require(story.leg?.leg(in: story.thread)), bo)))
        #expect(story.leg?.declines.isEmpty == true)
    }

    @Test("An offer that rings out returns the contact with its age, and the agent becomes notResponding")
    func timesOut() throws {
        let story = try Story()
        let bo = try story.centre.addAgent("Bo")
        let before = try #require(story.waiting)
        try story.centre.offer(story.id, story.contact, to: bo)
        try story.centre.pass(Milliseconds(29_999))
        #expect(story.waiting == nil)
        let events = try story.centre.pass(Milliseconds(1))
        #expect(story.waiting == before)
        #expect(story.centre.agents[bo]?.presence == .notResponding)
        #expect(story.centre.agents[bo]?.assignments.isEmpty == true)
        #expect(story.leg?.times.offers == 1)
        #expect(story.leg?.times.offersTimedOut == 1)
        #expect(story.leg?.times.queued == .seconds(30))
        let reasons = events.compactMap { event -> QueueReason? in
            guard case .contactQueued(let queued) = event else { return nil }
            return queued.reason
        }
        #expect(reasons == [.timedOut])
    }

    @Test("Three unanswered offers in a row put the agent on a break")
    func threeInARow() throws {
        let story = try Story()
        let bo = try story.centre.addAgent("Bo")
        for round in 1...3 {
            try story.centre.offer(story.id, story.contact, to: bo)
            try story.centre.pass(.seconds(30))
            #expect(story.centre.agents[bo]?.presence == (round < 3 ? .notResponding : .onBreak(.noAnswer)))
            if round < 3 { try story.centre.run(bo, .setPresence(.available, by: .agent(bo))) }
        }
    }

    @Test("A timer that comes late finds nothing to do")
    func late() throws {
        let story = try Story()
        let bo = try story.centre.addAgent("Bo")
        try story.centre.offer(story.id, story.contact, to: bo)
        #expect(try story.centre.wake(story.id).isEmpty)
        story.centre.skip(.seconds(31))
        #expect(try !story.centre.wake(story.id).isEmpty)
        #expect(try story.centre.wake(story.id).isEmpty)
    }

    @Test("An agent whose connection breaks gives back his offer, and no one's talk")
    func void() throws {
        let story = try Story()
        let bo = try story.centre.addAgent("Bo")
        try story.centre.offer(story.id, story.contact, to: bo)
        let cy = try story.centre.addAgent("Cy")
        #expect(try story.contact(.offerVoid(cy)).isEmpty)
        let events = try story.contact(.offerVoid(bo))
        #expect(events.count == 2)
        #expect(story.waiting != nil)
        try story.answer(by: bo)
        #expect(try story.contact(.offerVoid(bo)).isEmpty)
        #expect(story.leg?.state == .connected(bo))
    }

    @Test("A contact whose agent is lost waits at the head, with its age, and its slot is free")
    func agentLost() throws {
        let story = try Story()
        let bo = try story.centre.addAgent("Bo")
        let enqueued = story.leg?.enqueuedAt
        try story.answer(by: bo)
        story.centre.skip(.seconds(60))
        try story.centre.run(bo, .setPresence(.loggedOut, by: story.centre.staff))
        #expect(story.waiting?.order.priority == 0)
        #expect(story.leg?.enqueuedAt == enqueued)
        #expect(story.leg?.times.talk == .seconds(60))
        #expect(story.centre.agents[bo]?.assignments.isEmpty == true)
        #expect(story.centre.queues[story.centre.support]?.buckets.first?.offered == 1)
    }

    @Test("An agent who stays away longer than his grace time loses his contacts to the head of the queue")
    func graceTime() throws {
        let story = try Story()
        let bo = try story.centre.addAgent("Bo")
        let session = SessionID(node: 1, incarnation: 1, number: 1)
        try story.centre.run(bo, .connectSession(session))
        try story.answer(by: bo)
        try story.centre.run(bo, .loseSession(session))
        try story.centre.pass(Milliseconds(29_999))
        #expect(story.leg?.state == .connected(bo))
        try story.centre.pass(Milliseconds(1))
        #expect(story.waiting?.order.priority == 0)
        #expect(story.centre.agents[bo]?.assignments.isEmpty == true)
        #expect(story.centre.agents[bo]?.presence == .loggedOut)
    }

    @Test(
        "Who was cut off with a contact in hand is waited for as long as an offer rings, and gets it when he comes back"
    )
    func lostAndBack() throws {
        let story = try Story()
        let bo = try story.centre.addAgent("Bo")
        let session = SessionID(node: 1, incarnation: 1, number: 1)
        try story.centre.run(bo, .connectSession(session))
        try story.answer(by: bo)
        let cy = try story.centre.addAgent("Cy")
        story.centre.startRouting()
        try story.centre.run(bo, .loseSession(session))
        try story.centre.pass(.seconds(30))
        #expect(story.waiting?.requirement == Requirement(pools: [], preferred: [bo]), "and not offered to Cy")
        try story.centre.pass(.seconds(10))
        try story.centre.run(bo, .connectSession(session))
        try story.centre.run(bo, .setPresence(.available, by: .agent(bo)))
        guard case .offered(let offer, _) = story.leg?.state else {
            Issue.record("not offered: \(story.thread)")
            return
        }
        #expect(offer.agent == bo)
        try story.contact(.rejectOffer(offer.id, by: bo))
        guard case .offered(let next, _) = story.leg?.state else {
            Issue.record("not offered: \(story.thread)")
            return
        }
        #expect(next.agent == cy, "who declines is not waited for")
    }

    @Test("Who was cut off and stays away is waited for no longer than an offer rings")
    func lostForGood() throws {
        let story = try Story()
        let bo = try story.centre.addAgent("Bo")
        try story.answer(by: bo)
        let cy = try story.centre.addAgent("Cy")
        story.centre.startRouting()
        try story.centre.run(bo, .setPresence(.loggedOut, by: story.centre.staff))
        try story.centre.pass(Milliseconds(29_999))
        #expect(story.waiting?.requirement.preferred == [bo])
        try story.centre.pass(Milliseconds(1))
        guard case .offered(let offer, let waiting) = story.leg?.state else {
            Issue.record("not offered: \(story.thread)")
            return
        }
        #expect(offer.agent == cy && waiting.order.priority == 0)
    }

    @Test("A contact answered again counts as answered once")
    func answeredAgain() throws {
        let story = try Story()
        let bo = try story.centre.addAgent("Bo")
        try story.answer(by: bo)
        let answered = story.leg?.answeredAt
        try story.contact(.requeue(by: story.centre.staff))
        story.centre.skip(.seconds(9))
        try story.answer(by: bo)
        #expect(story.leg?.answeredAt == answered)
        #expect(story.centre.queues[story.centre.support]?.buckets.first?.answered == 1)
    }

    @Test("A lost agent's wrap-up ends with him")
    func lostInWrapUp() throws {
        let story = try Story(in: \.complaints)
        let bo = try story.centre.addAgent("Bo")
        try story.answer(by: bo)
        try story.contact(.end(by: .agent(bo)))
        try story.contact(.agentLost(bo))
        #expect(story.leg == nil)
        #expect(story.ending()?.reason == .completed)
    }

    @Test("What an agent's actor asks is never refused")
    func asksAreNotRefused() throws {
        let story = try Story()
        let bo = try story.centre.addAgent("Bo")
        let strange = ContactID(raw: story.contact.raw + 1)
        #expect(try story.contact(.agentLost(bo), on: strange).isEmpty)
        #expect(try story.contact(.offerVoid(bo), on: strange).isEmpty)
        let nowhere = ConversationID(raw: 4711)
        #expect(try story.centre.run(nowhere, .contact(strange, .agentLost(bo))).isEmpty)
        #expect(try story.centre.run(nowhere, .contact(strange, .offerVoid(bo))).isEmpty)
    }

    @Test("Rejections are remembered up to a bound, the oldest forgotten first")
    func declinesBounded() throws {
        let story = try Story()
        var agents: [AgentID] = []
        for number in 0...Limits.declinesMax {
            let agent = try story.centre.addAgent("A\(number)")
            agents.append(agent)
            let offer = try story.centre.offer(story.id, story.contact, to: agent)
            try story.contact(.rejectOffer(offer, by: agent))
        }
        #expect(story.leg?.declines.map(\.agent) == Array(agents.dropFirst()))
    }
}
