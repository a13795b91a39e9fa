import TestChance

@testable import TandemCore

/// A centre in which anybody asks for anything at any time, sensible or not, from one seed.
struct RandomCentre {
    let centre: Centre
    var random: SeededGenerator
    private var agents: [AgentID] = []
    private var customers: [CustomerID] = []
    private var threads: [ConversationID] = []
    private var queues: [QueueID] { [centre.support, centre.sales, centre.complaints] }
    private(set) var refused = 0
    private(set) var accepted = 0

    init(seed: UInt64) throws {
        random = SeededGenerator(seed: seed)
        centre = Centre(settings: TenantSettings(name: "Acme", declinePause: .seconds(7)))
        for number in 1...6 {
            let served = number.isMultiple(of: 2) ? nil : [centre.support, centre.sales]
            agents.append(try centre.addAgent("Agent \(number)", queues: served))
        }
        for number in 1...20 { customers.append(centre.addCustomer("Customer \(number)")) }
        try centre.route(
            centre.support,
            by: [
                RoutingStep(length: .seconds(15), onExpiry: [.widen(centre.sales), .raisePriority(by: 1)]),
                RoutingStep(preferLastAgent: true, length: .seconds(20), onExpiry: [.overflow(centre.sales)]),
            ])
        try centre.route(
            centre.sales,
            by: [
                RoutingStep(length: .seconds(25), onExpiry: [.offerCallback])
            ])
        try centre.route(
            centre.complaints,
            by: [
                RoutingStep(queue: centre.support, length: .seconds(10)),
                RoutingStep(length: .minutes(2), onExpiry: [.close(message: "Please write to us.")]),
            ])
        try centre.promise(
            centre.support,
            [
                SLATarget(metric: .answer, channels: .all, target: .seconds(20)),
                SLATarget(metric: .firstReply, channels: .all, target: .seconds(45)),
                SLATarget(metric: .nextReply, channels: .all, target: .seconds(10)),
                SLATarget(metric: .resolution, channels: .all, target: .seconds(90)),
            ])
        try centre.promise(
            centre.sales, [SLATarget(metric: .nextReply, channels: .all, target: .seconds(30))])
        centre.startRouting()
    }

    /// One input: a command, or some time.
    mutating func step() throws {
        do {
            switch random.below(100) {
            case 0..<10: try open()
            case 10..<25: try centre.pass(Milliseconds(Int64(random.below(12_000))))
            case 25..<34: try move(pick(agents))
            case 34: try promise()
            case 35..<50: try talk(threads.last(where: { _ in random.chance(of: 30) }) ?? pick(threads))
            default: try act(threads.last(where: { _ in random.chance(of: 15) }) ?? pick(threads))
            }
            accepted += 1
        } catch DecideError.refused {
            refused += 1
        }
        // What a turn made due at once is the next turn: a clock that goes on from an age beyond its target.
        try centre.pass(.zero)
    }

    private mutating func pick<Element>(_ elements: [Element]) -> Element? {
        elements.isEmpty ? nil : elements[random.below(elements.count)]
    }

    private mutating func request() -> ContactRequest {
        let channels: [Channel] = [.voice, .chat, .chat, .messaging, .email]
        return ContactRequest(
            channel: pick(channels) ?? .chat, queue: pick(queues) ?? centre.support,
            priority: UInt8(1 + random.below(9)), preferredAgent: random.chance(of: 20) ? pick(agents) : nil,
            bot: random.chance(of: 20))
    }

    private mutating func open() throws {
        let id: ConversationID = centre.minter.next(at: centre.now)
        let customer = pick(customers) ?? centre.customer
        try centre.run(id, .open(centre.tenant, customer, request()))
        threads.append(id)
    }

    /// Another policy, for what is open; or the present one, for what is past of some conversation.
    private mutating func promise() throws {
        let queue = pick(queues) ?? centre.support
        guard random.chance(of: 30) else {
            if let id = pick(threads) { try centre.applyPolicy(of: queue, to: id) }
            return
        }
        let targets = SLAMetric.allCases.filter { _ in random.chance(of: 60) }.map { metric in
            SLATarget(
                metric: metric, channels: .all, target: .seconds(Int64(5 + random.below(60))),
                warnPercent: UInt8(1 + random.below(99)))
        }
        try centre.promise(queue, targets)
        try centre.followPolicies()
    }

    private mutating func move(_ agent: AgentID?) throws {
        guard let agent else { return }
        let session = SessionID(node: 1, incarnation: 1, number: UInt64(random.below(2)))
        switch random.below(8) {
        case 0: try centre.run(agent, .setPresence(.onBreak(BreakCode("tea")), by: .agent(agent)))
        case 1: try centre.run(agent, .setPresence(.loggedOut, by: centre.staff))
        case 2: try centre.run(agent, .connectSession(session))
        case 3: try centre.run(agent, .loseSession(session))
        default: try centre.run(agent, .setPresence(.available, by: .agent(agent)))
        }
    }

    private mutating func party(in thread: Conversation) -> Party {
        switch random.below(10) {
        case 0: .bot
        case 1: centre.staff
        case 2: .customer(pick(customers) ?? centre.customer)
        case 3..<6: .customer(thread.customer)
        default: .agent(thread.handlers.first ?? pick(agents) ?? AgentID(raw: 1))
        }
    }

    private mutating func talk(_ id: ConversationID?) throws {
        guard let id, let thread = centre.conversations[id] else { return }
        let party = party(in: thread)
        let upTo = UInt64(random.below(Int(thread.messageCount) + 2))
        switch random.below(8) {
        case 0: try centre.run(id, .markDelivered(upTo: upTo, by: party))
        case 1: try centre.run(id, .markRead(upTo: upTo, by: party))
        case 2: try centre.run(id, .startContact(request()))
        case 3: if thread.contacts.count > 1 || random.chance(of: 20) { try centre.run(id, .close(by: party)) }
        default:
            let clientID = random.chance(of: 50) ? "m\(random.below(100))" : nil
            try centre.run(id, .postMessage(MessageDraft(author: party, clientID: clientID, text: "Hello")))
        }
    }

    private mutating func act(_ id: ConversationID?) throws {
        guard let id, let thread = centre.conversations[id] else { return }
        let contact = pick(thread.contacts)
        let command = command(for: contact, in: thread)
        try centre.run(id, .contact(contact?.id ?? ContactID(raw: id.raw + 1), command))
    }

    /// Mostly by whom it may concern: the agent who has it, or is offered it.
    private mutating func command(for contact: Contact?, in thread: Conversation) -> ContactCommand {
        var offer = OfferID(raw: 1)
        var agent = contact?.handler ?? pick(agents) ?? AgentID(raw: 1)
        if case .offered(let pending, _) = contact?.state, random.chance(of: 90) {
            offer = pending.id
            agent = pending.agent
            if random.chance(of: 60) { return .acceptOffer(offer, by: agent) }
        }
        let other = pick(agents) ?? agent
        let target: TransferTarget = random.chance(of: 50) ? .agent(other) : .queue(pick(queues) ?? centre.support)
        let party: Party = random.chance(of: 80) ? .agent(agent) : party(in: thread)
        switch random.below(22) {
        case 0: return .handOver(reason: "asked", by: random.chance(of: 50) ? .bot : party)
        case 1: return .abandon
        case 2: return .acceptOffer(offer, by: agent)
        case 3: return .rejectOffer(offer, by: agent)
        case 4: return .hold(by: agent)
        case 5: return .resume(by: agent)
        case 6: return .transfer(target, by: party)
        case 7, 8: return .startConsult(target, by: agent)
        case 9, 10: return .completeTransfer(by: agent)
        case 11: return .endConsult(by: agent)
        case 12, 13: return .end(by: party)
        case 14, 15: return .finishWrapUp(disposition: random.chance(of: 70) ? "done" : nil, by: party)
        case 16: return .requeue(by: centre.staff)
        case 17: return .assign(other, by: centre.staff)
        case 18: return random.chance(of: 30) ? .forceClose(by: centre.staff) : .hold(by: agent)
        case 19: return .setPriority(UInt8(random.below(11)), by: centre.staff)
        case 20: return .acceptOffer(offer, by: other)
        default: return random.chance(of: 20) ? .endConsult(by: other) : .resume(by: agent)
        }
    }
}
