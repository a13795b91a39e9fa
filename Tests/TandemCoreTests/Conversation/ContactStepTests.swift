import Testing

@testable import TandemCore

@Suite("The steps of a waiting contact")
struct ContactStepTests {
    @Test("A step that ends changes what the contact asks, at its age, and only once")
    func steps() throws {
        let centre = Centre()
        try centre.route(
            centre.support,
            by: [
                RoutingStep(length: .seconds(30), onExpiry: [.widen(centre.sales), .raisePriority(by: 2)]),
                RoutingStep(),
            ])
        let story = try Story(centre: centre)
        try centre.pass(Milliseconds(29_999))
        #expect(story.waiting?.step == 0)
        let events = try centre.pass(Milliseconds(1))
        #expect(story.waiting?.requirement.pools == [centre.support, centre.sales])
        #expect(story.waiting?.order.priority == 3)
        #expect(events.count == 2, "the step, and the breach of the chat's answer target in the same moment: \(events)")
        #expect(story.leg?.times.queued == .zero)
        #expect(story.leg?.since == story.leg?.enqueuedAt)
    }

    @Test("A step that ended while an offer rang is passed in the turn in which the contact comes back")
    func stepsWhileOffered() throws {
        let centre = Centre()
        try centre.route(
            centre.support,
            by: [RoutingStep(length: .seconds(10), onExpiry: [.widen(centre.sales)]), RoutingStep()])
        let story = try Story(centre: centre)
        let bo = try centre.addAgent("Bo")
        let offer = try centre.offer(story.id, story.contact, to: bo)
        try centre.pass(.seconds(20))
        let events = try story.contact(.rejectOffer(offer, by: bo))
        #expect(events.count == 3)
        guard case .contactStepped(let stepped) = events.last else {
            Issue.record("no step in \(events)")
            return
        }
        #expect(stepped.waiting.requirement.pools == [centre.support, centre.sales])
        #expect(story.waiting == stepped.waiting)
    }

    @Test("A contact that overflows ends as flowedOut, and its next leg waits in the other queue with its age")
    func overflows() throws {
        let centre = Centre()
        try centre.route(
            centre.support, by: [RoutingStep(length: .seconds(20), onExpiry: [.overflow(centre.sales)])])
        let story = try Story(centre: centre)
        let since = try #require(story.leg?.ageSince)
        try centre.pass(.seconds(20))
        #expect(story.ending()?.reason == .flowedOut)
        let next = try #require(story.next(of: story.contact))
        #expect(story.leg(next)?.queue == centre.sales)
        #expect(story.leg(next)?.kind == .overflow)
        #expect(story.leg(next)?.previous == story.contact)
        #expect(story.leg(next)?.ageSince == since)
        #expect(story.waiting(next) != nil)
        #expect(story.leg(next)?.clocks.clock(.answer)?.nextDeadline == since + .seconds(24))
        #expect(story.thread.state == .open)
        try story.contact(.abandon, on: next)
        #expect(story.ending(of: next)?.reason == .abandoned)
    }

    @Test("Two queues that overflow into each other do not spin")
    func overflowsInCircles() throws {
        let centre = Centre()
        for (queue, other) in [(centre.support, centre.sales), (centre.sales, centre.support)] {
            try centre.route(queue, by: [RoutingStep(length: .seconds(1), onExpiry: [.overflow(other)])])
        }
        let story = try Story(centre: centre)
        let events = try centre.pass(.seconds(60))
        let moves = events.filter { if case .contactCreated = $0 { true } else { false } }.count
        #expect(moves >= 30 && moves <= 60)
        #expect(story.thread.contacts.count == 1)
    }

    @Test("An overflow into a queue that is not there leaves the contact waiting")
    func overflowNowhere() throws {
        let centre = Centre()
        try centre.route(
            centre.support, by: [RoutingStep(length: .seconds(1), onExpiry: [.overflow(QueueID(raw: 99))])])
        let story = try Story(centre: centre)
        try centre.pass(.minutes(1))
        #expect(story.waiting != nil)
        #expect(story.waiting?.stepExpiresAt == nil)
    }

    @Test("A contact that is offered a callback ends, and a callback waits in its place")
    func callback() throws {
        let centre = Centre()
        try centre.route(centre.support, by: [RoutingStep(length: .seconds(40), onExpiry: [.offerCallback])])
        let story = try Story(.voice, centre: centre)
        let since = try #require(story.leg?.ageSince)
        try centre.pass(.seconds(40))
        #expect(story.ending()?.reason == .callbackQueued)
        let next = try #require(story.next(of: story.contact))
        #expect(story.leg(next)?.channel == .callback)
        #expect(story.leg(next)?.kind == .callback)
        #expect(story.leg(next)?.ageSince == since)
        try centre.pass(.minutes(10))
        #expect(story.waiting(next) != nil, "a callback goes on waiting")
    }

    @Test("A contact that nobody could take is closed with a message, and the conversation with it")
    func expires() throws {
        let centre = Centre()
        try centre.route(
            centre.support,
            by: [RoutingStep(length: .minutes(5), onExpiry: [.close(message: "We are closed. Sorry!")])])
        let story = try Story(centre: centre)
        let events = try centre.pass(.minutes(5))
        #expect(story.ending()?.reason == .expired)
        #expect(story.thread.messageCount == 1)
        #expect(story.thread.isDormant)
        let said = events.contains { event in
            guard case .messagePosted(let message) = event else { return false }
            return message.author == .system && message.text == "We are closed. Sorry!"
        }
        #expect(said)
    }

    @Test("A consultation that nobody takes ends without a word to the customer, who stays held")
    func consultExpires() throws {
        let centre = Centre()
        try centre.route(
            centre.sales, by: [RoutingStep(length: .minutes(1), onExpiry: [.close(message: "Nobody is there.")])])
        let story = try Story(centre: centre)
        let bo = try centre.addAgent("Bo")
        try story.answer(by: bo)
        try story.contact(.startConsult(.queue(centre.sales), by: bo))
        let consult = try #require(centre.answer?.contact)
        try centre.pass(.minutes(1))
        #expect(story.ending(of: consult)?.reason == .expired)
        #expect(story.thread.messageCount == 0)
        #expect(story.leg?.state == .held(bo))
        try story.contact(.resume(by: bo))
    }

    @Test("A consultation that overflows is still the same agent's question")
    func consultOverflows() throws {
        let centre = Centre()
        try centre.route(
            centre.sales, by: [RoutingStep(length: .minutes(1), onExpiry: [.overflow(centre.complaints)])])
        let story = try Story(centre: centre)
        let bo = try centre.addAgent("Bo")
        let cy = try centre.addAgent("Cy")
        try story.answer(by: bo)
        try story.contact(.startConsult(.queue(centre.sales), by: bo))
        let first = try #require(centre.answer?.contact)
        try centre.pass(.minutes(1))
        let second = try #require(story.next(of: first))
        #expect(story.leg(second)?.kind == .consult)
        #expect(story.leg(second)?.previous == story.contact)
        #expect(story.leg(second)?.declines.map(\.agent) == [bo])
        try story.answer(by: cy, contact: second)
        try story.contact(.completeTransfer(by: bo))
        #expect(story.ending()?.next == second)
    }
}
