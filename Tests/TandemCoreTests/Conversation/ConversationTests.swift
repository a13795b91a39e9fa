import Testing

@testable import TandemCore

@Suite("A conversation")
struct ConversationTests {
    @Test("An opened conversation has its first contact waiting in its queue")
    func opens() throws {
        let story = try Story()
        #expect(story.thread.state == .open)
        #expect(story.thread.customer == story.centre.customer)
        #expect(story.leg?.enqueuedAt == story.centre.now)
        #expect(story.leg?.ageSince == story.centre.now)
        #expect(story.waiting?.requirement.pools == [story.centre.support])
        #expect(story.centre.customers[story.centre.customer]?.open == 1)
        #expect(!story.thread.isDormant)
    }

    @Test("The customer's first message is posted in the same turn")
    func firstMessage() throws {
        let centre = Centre()
        let draft = MessageDraft(author: .customer(centre.customer), clientID: "m1", text: "Hello")
        let id = try centre.open(ContactRequest(channel: .chat, queue: centre.support, message: draft))
        #expect(centre.answer?.sequence == 1)
        #expect(centre.conversations[id]?.messageCount == 1)
        try centre.run(id, .postMessage(draft))
        #expect(centre.answer?.sequence == 1)
        #expect(centre.conversations[id]?.messageCount == 1)
    }

    @Test("A request that cannot be is refused with its field")
    func badRequests() throws {
        let centre = Centre()
        func refusal(_ change: (inout ContactRequest) -> Void, customer: CustomerID? = nil) -> Refusal? {
            var request = ContactRequest(channel: .chat, queue: centre.support)
            change(&request)
            let before = centre.journal.count
            defer { #expect(centre.journal.count == before) }
            do {
                _ = try centre.open(request, by: customer)
                return nil
            } catch DecideError.refused(let refusal) {
                return refusal
            } catch {
                Issue.record(error)
                return nil
            }
        }
        let long = String(repeating: "x", count: Limits.messageBytesMax + 1)
        let stranger = MessageDraft(author: .customer(CustomerID(raw: 3)), text: "Hello")
        let me = Party.customer(centre.customer)
        #expect(refusal { $0.queue = QueueID(raw: 1) } == Refusal(.notFound, field: "queue"))
        #expect(refusal { $0.subject = long } == Refusal(.limitExceeded, field: "subject"))
        #expect(refusal { $0.tags = (0...Limits.tagsMax).map { "t\($0)" } } == Refusal(.limitExceeded, field: "tags"))
        #expect(refusal { $0.skills = [SkillLevel(SkillID(raw: 1), 3)] }?.code == .notFound)
        #expect(refusal { $0.priority = 0 } == Refusal(.invalid, field: "priority"))
        #expect(refusal { $0.preferredAgent = AgentID(raw: 1) } == Refusal(.notFound, field: "preferredAgent"))
        #expect(refusal { $0.message = stranger } == Refusal(.notAllowed, field: "author"))
        #expect(refusal { $0.message = MessageDraft(author: .bot, text: "Hi") }?.code == .contactHasNoBot)
        #expect(
            refusal { $0.message = MessageDraft(author: me, text: "") } == Refusal(.invalid, field: "text"))
        #expect(
            refusal { $0.message = MessageDraft(author: me, text: long) } == Refusal(.limitExceeded, field: "text"))
        #expect(refusal({ _ in }, customer: CustomerID(raw: 1)) == Refusal(.notFound, field: "customer"))
    }

    @Test("What is not there answers notFound, what is there is not opened again")
    func absent() throws {
        let story = try Story()
        let nowhere = ConversationID(raw: 12)
        #expect(throws: DecideError.refuse(.notFound)) {
            try story.centre.run(nowhere, .close(by: story.customer))
        }
        #expect(throws: DecideError.refuse(.notFound)) {
            try story.centre.run(nowhere, .contact(story.contact, .abandon))
        }
        let request = ContactRequest(channel: .chat, queue: story.centre.support)
        #expect(story.refusal(.open(story.centre.tenant, story.centre.customer, request))?.code == .alreadyExists)
        #expect(story.refusal(.abandon, on: ContactID(raw: 1))?.code == .contactNotFound)
    }

    @Test("A conversation has one contact at a time; another starts when the first is over, and reopens it")
    func startContact() throws {
        let story = try Story()
        let bo = try story.centre.addAgent("Bo")
        let request = ContactRequest(channel: .email, queue: story.centre.sales)
        #expect(story.refusal(.startContact(request))?.code == .contactAlreadyOpen)
        try story.answer(by: bo)
        try story.contact(.end(by: .agent(bo)))
        #expect(
            story.refusal(.postMessage(MessageDraft(author: story.customer, text: "?")))?.code == .conversationClosed)
        try story.run(.startContact(request))
        #expect(story.thread.state == .open)
        #expect(story.thread.contacts.map(\.channel) == [.email])
        #expect(story.centre.customers[story.centre.customer]?.open == 1)
    }

    @Test("While the last leg is wrapped up the conversation is open, and another contact may start")
    func startWhileWrapping() throws {
        let story = try Story(in: \.complaints)
        let bo = try story.centre.addAgent("Bo")
        try story.answer(by: bo)
        try story.contact(.end(by: .agent(bo)))
        #expect(try story.say("thanks", by: story.customer) == 1)
        #expect(try story.say("welcome", by: .agent(bo)) == 2)
        try story.run(.startContact(ContactRequest(channel: .chat, queue: story.centre.support)))
        #expect(story.thread.contacts.count == 2)
        try story.contact(.finishWrapUp(disposition: "done", by: .agent(bo)))
        #expect(story.thread.state == .open)
    }

    enum Place: CaseIterable { case bot, queued, offered, connected, wrapping, consulting }

    @Test("Closing ends every leg and the conversation, whoever closes", arguments: Place.allCases)
    func close(from place: Place) throws {
        let story = try Story(in: place == .wrapping ? \.complaints : \.support, bot: place == .bot)
        let bo = try story.centre.addAgent("Bo")
        let reason: EndReason
        switch place {
        case .bot: reason = .abandoned
        case .queued: reason = .shortAbandoned
        case .offered:
            try story.centre.offer(story.id, story.contact, to: bo)
            reason = .shortAbandoned
        case .connected:
            try story.answer(by: bo)
            reason = .completed
        case .wrapping:
            try story.answer(by: bo)
            try story.contact(.end(by: .agent(bo)))
            reason = .completed
        case .consulting:
            try story.answer(by: bo)
            try story.contact(.startConsult(.queue(story.centre.sales), by: bo))
            reason = .completed
        }
        try story.run(.close(by: story.customer))
        #expect(story.thread.state == .closed(at: story.centre.now))
        #expect(try story.run(.close(by: story.customer)).isEmpty)
        if place == .wrapping {
            #expect(!story.thread.isDormant)
            try story.contact(.finishWrapUp(disposition: "x", by: .agent(bo)))
        }
        #expect(story.ending()?.reason == reason)
        #expect(story.thread.isDormant)
        #expect(story.centre.customers[story.centre.customer]?.open == 0)
        #expect(story.centre.agents[bo]?.assignments.isEmpty == true)
    }

    @Test("Staff close by force what waits, and only who has the customer closes as an agent")
    func whoCloses() throws {
        let story = try Story()
        let bo = try story.centre.addAgent("Bo")
        #expect(story.refusal(.close(by: .agent(bo)))?.code == .agentNotHandling)
        #expect(story.refusal(.close(by: .customer(CustomerID(raw: 5))))?.code == .notAllowed)
        #expect(story.refusal(.close(by: .bot))?.code == .contactHasNoBot)
        try story.run(.close(by: story.centre.staff))
        #expect(story.ending()?.reason == .forced)
    }

    @Test("A bot gives the contact to people with its reason, and the age counts from then")
    func handOver() throws {
        let story = try Story(bot: true)
        #expect(story.leg?.state == .bot)
        #expect(try story.say("I am a bot", by: .bot) == 1)
        story.centre.skip(.minutes(4))
        let bo = try story.centre.addAgent("Bo")
        #expect(story.refusal(.handOver(reason: "", by: .agent(bo)))?.code == .notAllowed)
        let long = String(repeating: "x", count: Limits.noteBytesMax + 1)
        #expect(story.refusal(.handOver(reason: long, by: .bot)) == Refusal(.limitExceeded, field: "reason"))
        let events = try story.contact(.handOver(reason: "asked for a person", by: .bot))
        guard case .contactQueued(let queued) = events.first else {
            Issue.record("not queued: \(events)")
            return
        }
        #expect(queued.reason == .handOver)
        #expect(queued.note == "asked for a person")
        #expect(story.leg?.ageSince == story.centre.now)
        #expect(story.leg?.enqueuedAt == story.centre.now)
        #expect(story.refusal(.handOver(reason: "", by: .bot))?.code == .contactHasNoBot)
        #expect(story.refusal(.postMessage(MessageDraft(author: .bot, text: "more")))?.code == .contactHasNoBot)
        try story.answer(by: bo)
        #expect(story.leg?.times.queued == .zero)
    }

    @Test("Whatever an agent of another tenant asks, he is told what he is told of a conversation that never was")
    func otherTenant() throws {
        let story = try Story()
        let centre = story.centre
        let (other, eve): (TenantID, AgentID) = (centre.minter.next(at: centre.now), centre.minter.next(at: centre.now))
        centre.record(.tenantCreated(other, TenantSettings(name: "Other")))
        centre.record(.agentCreated(eve, other, AgentProfile(name: "Eve")))
        let bo = try centre.addAgent("Bo")
        let offer = try centre.offer(story.id, story.contact, to: bo)
        let contact: [ContactCommand] = [
            .handOver(reason: "", by: .agent(eve)), .acceptOffer(offer, by: eve), .rejectOffer(offer, by: eve),
            .hold(by: eve), .resume(by: eve), .transfer(.queue(centre.sales), by: .agent(eve)),
            .startConsult(.queue(centre.sales), by: eve), .completeTransfer(by: eve), .endConsult(by: eve),
            .end(by: .agent(eve)), .finishWrapUp(disposition: nil, by: .agent(eve)), .requeue(by: .agent(eve)),
            .assign(eve, by: .agent(eve)), .forceClose(by: .agent(eve)), .setPriority(1, by: .agent(eve)),
        ]
        let commands: [ConversationCommand] =
            [
                .postMessage(MessageDraft(author: .agent(eve), text: "")), .markRead(upTo: 9, by: .agent(eve)),
                .markDelivered(upTo: 9, by: .agent(eve)), .close(by: .agent(eve)),
            ] + contact.flatMap { [.contact(story.contact, $0), .contact(ContactID(raw: 1), $0)] }
        for command in commands { #expect(story.refusal(command) == Refusal(.notFound), "\(command)") }
        try story.run(.close(by: centre.staff))
        for command in commands { #expect(story.refusal(command) == Refusal(.notFound), "closed: \(command)") }
    }

    @Test("A bot may end what it has answered itself")
    func botEnds() throws {
        let story = try Story(bot: true)
        try story.contact(.end(by: .bot))
        #expect(story.ending()?.reason == .completed)
        #expect(story.ending()?.enqueuedAt == nil)
    }
}
