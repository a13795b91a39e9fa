import Testing

@testable import TandemCore

@Suite("A transfer")
struct ContactTransferTests {
    let story: Story
    let bo: AgentID
    let cy: AgentID
    var centre: Centre { story.centre }

    init() throws {
        story = try Story(in: \.sales)
        bo = try story.centre.addAgent("Bo")
        cy = try story.centre.addAgent("Cy")
        try story.answer(by: bo)
    }

    private func consult(_ target: TransferTarget? = nil) throws -> ContactID {
        try story.contact(.startConsult(target ?? .queue(centre.support), by: bo))
        return try #require(centre.answer?.contact)
    }

    @Test("A cold transfer wraps this leg up and lets the next one wait, each linked to the other")
    func coldToQueue() throws {
        centre.skip(.seconds(60))
        try story.contact(.transfer(.queue(centre.support), by: .agent(bo)))
        let next = try #require(centre.answer?.contact)
        #expect(story.leg?.isWrapping == true)
        #expect(story.leg?.next == next)
        #expect(story.leg(next)?.previous == story.contact)
        #expect(story.leg(next)?.queue == centre.support)
        #expect(story.leg(next)?.ageSince == centre.now)
        #expect(story.waiting(next) != nil)
        try centre.pass(.seconds(15))
        #expect(story.ending()?.reason == .transferred)
        #expect(story.ending()?.next == next)
        #expect(story.thread.state == .open)
    }

    @Test("A cold transfer from a queue without wrap-up ends the leg at once")
    func coldWithoutWrapUp() throws {
        let story = try Story()
        let bo = try story.centre.addAgent("Bo")
        try story.answer(by: bo)
        try story.contact(.transfer(.queue(story.centre.sales), by: .agent(bo)))
        #expect(story.ending()?.reason == .transferred)
        #expect(story.thread.contacts.map(\.id) == [story.ending()?.next])
        #expect(story.thread.state == .open)
    }

    @Test("A transfer to an agent waits for him alone at first, then for whoever the queue gives")
    func coldToAgent() throws {
        try story.contact(.transfer(.agent(cy), by: .agent(bo)))
        let next = try #require(centre.answer?.contact)
        #expect(story.waiting(next)?.requirement.preferred == [cy])
        #expect(story.leg(next)?.queue == centre.sales)
        try centre.pass(.minutes(2))
        #expect(story.waiting(next)?.requirement.preferred == [])
        #expect(story.waiting(next)?.requirement.pools == [centre.sales])
    }

    @Test("An agent who declines what was transferred to him is not waited for")
    func coldToAgentDeclined() throws {
        try story.contact(.transfer(.agent(cy), by: .agent(bo)))
        let next = try #require(centre.answer?.contact)
        let offer = try centre.offer(story.id, next, to: cy)
        try story.contact(.rejectOffer(offer, by: cy), on: next)
        #expect(story.waiting(next)?.requirement.preferred == [])
        #expect(story.leg(next)?.declines.map(\.agent) == [cy])
    }

    @Test("A transfer to an agent who does not serve this queue waits in his")
    func coldToAgentElsewhere() throws {
        let di = try centre.addAgent("Di", queues: [centre.complaints, centre.support])
        try story.contact(.transfer(.agent(di), by: .agent(bo)))
        let next = try #require(centre.answer?.contact)
        #expect(story.leg(next)?.queue == centre.complaints)
    }

    @Test("A transfer needs a contact one handles and a target that is there")
    func refusals() throws {
        let out = try centre.addAgent("Out", presence: .loggedOut)
        let target = Refusal(.notFound, field: "target")
        #expect(story.refusal(.transfer(.queue(centre.support), by: .agent(cy)))?.code == .agentNotHandling)
        #expect(story.refusal(.transfer(.queue(centre.support), by: story.customer))?.code == .notAllowed)
        #expect(story.refusal(.transfer(.queue(QueueID(raw: 9)), by: .agent(bo))) == target)
        #expect(story.refusal(.transfer(.agent(AgentID(raw: 9)), by: .agent(bo))) == target)
        #expect(story.refusal(.transfer(.agent(bo), by: .agent(bo)))?.code == .invalid)
        #expect(story.refusal(.transfer(.agent(out), by: .agent(bo)))?.code == .agentLoggedOut)
        #expect(story.leg?.state == .connected(bo))
    }

    @Test("A consultation holds the customer and is a leg of its own that the asker is not offered")
    func startConsult() throws {
        let consult = try consult()
        #expect(story.leg?.state == .held(bo))
        #expect(story.leg(consult)?.kind == .consult)
        #expect(story.leg(consult)?.previous == story.contact)
        #expect(story.leg(consult)?.declines.map(\.agent) == [bo])
        #expect(story.leg(consult)?.clocks == [])
        #expect(story.refusal(.startConsult(.queue(centre.support), by: bo))?.code == .consultAlreadyOpen)
        #expect(story.refusal(.resume(by: bo))?.code == .consultAlreadyOpen)
        #expect(story.refusal(.abandon, on: consult)?.code == .notAllowed)
        #expect(story.thread.nextDeadline == nil)
    }

    @Test("A warm transfer is completed once the consulted agent has answered, and he has the customer then")
    func completeTransfer() throws {
        #expect(story.refusal(.completeTransfer(by: bo))?.code == .consultNotFound)
        let consult = try consult(.agent(cy))
        #expect(story.refusal(.completeTransfer(by: bo))?.code == .consultNotAnswered)
        try story.answer(by: cy, contact: consult)
        #expect(story.refusal(.completeTransfer(by: cy))?.code == .agentNotHandling)
        #expect(story.refusal(.postMessage(MessageDraft(author: .agent(cy), text: "psst")))?.code == .notAllowed)
        let hidden = Refusal(.notAllowed, field: "by")
        #expect(story.refusal(.markRead(upTo: 0, by: .agent(cy))) == hidden)
        #expect(story.refusal(.markDelivered(upTo: 0, by: .agent(cy))) == hidden)
        try story.contact(.completeTransfer(by: bo))
        #expect(story.leg?.isWrapping == true)
        #expect(story.leg?.next == consult)
        #expect(story.leg(consult)?.state == .connected(cy))
        #expect(try story.say("Hello, I take over", by: .agent(cy)) == 1)
        #expect(try story.run(.markRead(upTo: 1, by: .agent(cy))).count == 1)
        try centre.pass(.seconds(15))
        #expect(story.ending()?.reason == .transferred)
        #expect(story.ending()?.next == consult)
        #expect(story.leg(consult)?.declines == [])
        try story.contact(.end(by: .agent(cy)), on: consult)
        try centre.pass(.seconds(15))
        #expect(story.ending(of: consult)?.reason == .completed)
        #expect(story.thread.isDormant)
    }

    enum Place: CaseIterable { case queued, offered, connected, held }

    private func put(_ consult: ContactID, in place: Place) throws {
        switch place {
        case .queued: break
        case .offered: try centre.offer(story.id, consult, to: cy)
        case .connected: try story.answer(by: cy, contact: consult)
        case .held:
            try story.answer(by: cy, contact: consult)
            try story.contact(.hold(by: cy), on: consult)
        }
    }

    @Test("A consultation is taken back wherever it is, and the customer is resumed", arguments: Place.allCases)
    func endConsult(in place: Place) throws {
        let consult = try consult()
        try put(consult, in: place)
        #expect(story.refusal(.endConsult(by: cy))?.code == .agentNotHandling)
        try story.contact(.endConsult(by: bo))
        #expect(story.leg?.state == .connected(bo))
        #expect(story.leg?.next == nil)
        #expect(story.ending(of: consult)?.reason == .consultEnded)
        #expect(centre.agents[cy]?.assignments.isEmpty == true)
        #expect(story.refusal(.endConsult(by: bo))?.code == .consultNotFound)
    }

    @Test("A conversation that is closed ends its consultation once, wherever it is", arguments: Place.allCases)
    func closeWhileConsulting(in place: Place) throws {
        let consult = try consult()
        try put(consult, in: place)
        let events = try story.run(.close(by: centre.staff))
        let closed = events.filter { if case .contactClosed = $0 { true } else { false } }
        #expect(closed.count == 1, "the customer's leg is wrapped up: \(events)")
        let offers = events.filter { if case .offerEnded = $0 { true } else { false } }
        #expect(offers.count == (place == .offered ? 1 : 0))
        #expect(story.ending(of: consult)?.reason == .consultEnded)
        #expect(story.leg?.isWrapping == true)
        #expect(centre.agents[cy]?.assignments.isEmpty == true)
        #expect(centre.queues[centre.support]?.buckets.last?.handled ?? 0 == (consultHandled(in: place) ? 1 : 0))
        try centre.pass(.seconds(15))
        #expect(story.thread.isDormant)
    }

    private func consultHandled(in place: Place) -> Bool {
        switch place {
        case .queued, .offered: false
        case .connected, .held: true
        }
    }

    @Test("A consultation is in no service level, wherever it waits, until it has ended or been given the customer")
    func consultNotCounted() throws {
        try centre.route(
            centre.support, by: [RoutingStep(length: .seconds(5), onExpiry: [.overflow(centre.complaints)])])
        let first = try consult()
        try centre.pass(.seconds(5))
        let second = try #require(story.next(of: first))
        #expect(story.leg(second)?.queue == centre.complaints)
        try story.answer(by: cy, contact: second)
        try story.contact(.completeTransfer(by: bo))
        try story.contact(.end(by: .agent(cy)), on: second)
        try story.contact(.finishWrapUp(disposition: "done", by: .agent(cy)), on: second)
        for queue in [centre.support, centre.complaints] {
            let counts = centre.queues[queue]?.recentAnswers(at: centre.now)
            #expect(counts == AnswerCounts(), "\(queue)")
            #expect(centre.queues[queue]?.buckets.allSatisfy { $0.offered == 0 } == true)
        }
        #expect(centre.queues[centre.complaints]?.buckets.last?.handled == 1, "it was work all the same")
    }

    @Test("A supervisor's hand cannot give the asker his own consultation, however many have declined it")
    func askerIsNotAssigned() throws {
        let consult = try consult()
        let refusal = Refusal(.notAllowed, field: "agent")
        #expect(story.refusal(.assign(bo, by: centre.staff), on: consult) == refusal)
        for number in 0...Limits.declinesMax {
            let agent = try centre.addAgent("A\(number)")
            let offer = try centre.offer(story.id, consult, to: agent)
            try story.contact(.rejectOffer(offer, by: agent), on: consult)
        }
        #expect(story.leg(consult)?.declines.count == Limits.declinesMax)
        #expect(story.leg(consult)?.declines.first?.agent == bo)
        #expect(story.refusal(.assign(bo, by: centre.staff), on: consult) == refusal)
        try story.contact(.assign(cy, by: centre.staff), on: consult)
    }

    @Test("The consulted agent who hangs up ends the consultation, not the customer's leg")
    func consultantHangsUp() throws {
        let consult = try consult()
        try story.answer(by: cy, contact: consult)
        try story.contact(.end(by: .agent(cy)), on: consult)
        #expect(story.ending(of: consult)?.reason == .consultEnded)
        #expect(story.leg?.state == .held(bo))
        #expect(story.consultEnds == [.consultEnded])
        try story.contact(.resume(by: bo))
        #expect(story.leg?.state == .connected(bo))
    }

    @Test("Whoever asked is told once that his consultation is over, whoever ended it and wherever it was")
    func askerIsTold() throws {
        try centre.route(centre.support, by: [RoutingStep(length: .seconds(5), onExpiry: [.close(message: "")])])
        _ = try consult()
        try centre.pass(.seconds(5))
        #expect(story.consultEnds == [.expired])
        for place in Place.allCases {
            let consult = try consult()
            try put(consult, in: place)
            try story.contact(.forceClose(by: centre.staff), on: consult)
            #expect(story.consultEnds.last == .forced, "\(place)")
            #expect(story.leg?.state == .held(bo))
        }
        #expect(story.consultEnds.count == 1 + Place.allCases.count)
        let given = try consult(.agent(cy))
        try story.answer(by: cy, contact: given)
        try story.contact(.completeTransfer(by: bo))
        try story.contact(.end(by: .agent(cy)), on: given)
        #expect(story.consultEnds.count == 1 + Place.allCases.count, "it was no consultation any more")
    }

    @Test("Whatever takes the customer from the asker takes his consultation back")
    func customerLeaves() throws {
        let consult = try consult()
        try story.answer(by: cy, contact: consult)
        try story.contact(.abandon)
        #expect(story.leg?.isWrapping == true)
        #expect(story.ending(of: consult)?.reason == .consultEnded)
        #expect(centre.agents[cy]?.assignments.isEmpty == true)
    }

    @Test("A consultation cannot be passed on")
    func consultIsNotPassedOn() throws {
        let consult = try consult()
        try story.answer(by: cy, contact: consult)
        #expect(story.refusal(.transfer(.queue(centre.support), by: .agent(cy)), on: consult)?.code == .notAllowed)
        #expect(story.refusal(.startConsult(.queue(centre.support), by: cy), on: consult)?.code == .notAllowed)
    }

    @Test("A conversation has a bounded number of legs at once")
    func legsBounded() throws {
        try centre.change(centre.sales) { $0.wrapUp = .mandatory }
        var contact = story.contact
        for _ in 1..<Limits.legsOpenMax {
            let handler = try #require(story.leg(contact)?.handler)
            try story.contact(.transfer(.queue(centre.sales), by: .agent(handler)), on: contact)
            contact = try #require(centre.answer?.contact)
            try story.answer(by: handler == bo ? cy : bo, contact: contact)
        }
        let handler = try #require(story.leg(contact)?.handler)
        let bound = Refusal(.limitExceeded, field: "contacts")
        #expect(story.refusal(.transfer(.queue(centre.sales), by: .agent(handler)), on: contact) == bound)
        #expect(story.refusal(.startConsult(.queue(centre.sales), by: handler), on: contact) == bound)
    }
}
