internal import TandemConsensus
internal import TandemCore

/// What clients want: the founder a small contact centre, the others what customers, agents and supervisors want, chosen
/// by chance from what is committed.
extension PartitionSimulation {
    private static let queueCount = 2
    private static let agentCount = 4
    private static let customerCount = 5

    var isFounded: Bool { ledger.customers.count >= Self.customerCount }

    /// The next thing the contact centre still needs.
    func nextFounding() -> Command? {
        guard let tenant = ledger.tenant else { return .tenant(nil, .create(TenantSettings(name: "Acme"))) }
        guard let policy = tenant.slaPolicies.first else {
            return .tenant(tenant.id, .putSLAPolicy(nil, slaPolicy, expecting: nil))
        }
        if options.tells, tenant.webhooks.count < 2 {
            return .tenant(tenant.id, .putWebhook(nil, webhook(tenant.webhooks.count), expecting: nil))
        }
        let queues = ledger.queues
        if queues.count < Self.queueCount {
            return .queue(nil, .create(tenant.id, queueSettings(queues.count, policy.id)))
        }
        let agents = ledger.agents
        if agents.count < Self.agentCount {
            let profile = AgentProfile(
                name: "Agent \(agents.count)",
                queues: agents.count == 0 ? queues.map(\.id) : [queues[agents.count % 2].id])
            return .agent(nil, .create(tenant.id, profile))
        }
        guard isFounded else {
            let number = ledger.customers.count
            let profile = CustomerProfile(name: "Customer \(number)", tier: Tier.allCases[number % 4])
            return .customer(nil, .create(tenant.id, profile))
        }
        return nil
    }

    private var slaPolicy: SLAPolicySpec {
        let seconds = options.factor
        return SLAPolicySpec(
            name: "Promises",
            targets: [
                SLATarget(metric: .answer, channels: [.chat, .voice, .messaging, .email], target: .seconds(seconds)),
                SLATarget(metric: .firstReply, channels: [.chat, .messaging, .email], target: .seconds(2 * seconds)),
                SLATarget(metric: .nextReply, channels: [.chat, .messaging, .email], target: .seconds(seconds)),
            ])
    }

    private func webhook(_ number: Int) -> WebhookSpec {
        WebhookSpec(
            name: "system \(number)", url: "https://system-\(number).example/",
            notices: number == 0 ? .all : NoticeSet([.contactEnded, .promiseBroken]), secret: "main")
    }

    private func queueSettings(_ number: Int, _ policy: SLAPolicyID) -> QueueSettings {
        let seconds = options.factor
        var settings = QueueSettings(name: "Queue \(number)", ageingWeight: UInt32(number) * 500, slaPolicy: policy)
        settings.wrapUp = number == 0 ? .timed(.seconds(seconds)) : .mandatory
        settings.offerTimeouts = Array(repeating: .seconds(seconds), count: Channel.allCases.count)
        return settings
    }

    // MARK: A day

    func nextCommand() -> Command? {
        guard isFounded else { return nil }
        switch dice.number(below: 100) {
        case 0..<22: return opening()
        case 22..<44: return agentCommand()
        case 44..<62: return message()
        case 62..<65: return supervision()
        default: return contactCommand()
        }
    }

    private func opening() -> Command? {
        guard let tenant = ledger.tenant, let customer = dice.pick(ledger.customers),
            let queue = dice.pick(ledger.queues), openConversations.count < 12
        else { return nil }
        let request = ContactRequest(
            channel: dice.pick([.chat, .voice, .messaging, .email]) ?? .chat, queue: queue.id,
            priority: UInt8(dice.number(in: 1...9)), bot: dice.falls(100))
        return .conversation(nil, .open(tenant.id, customer, request))
    }

    var openConversations: [Conversation] { ledger.conversations.filter { !$0.contacts.isEmpty } }

    private func agentCommand() -> Command? {
        guard let agent = dice.pick(ledger.agents), let member = dice.pick(members) else { return nil }
        let life = UInt64(max(1, member.life - dice.number(below: 2)))
        let session = SessionID(
            node: member.id.node, incarnation: life, number: UInt64(dice.number(in: 1...3)))
        switch dice.number(below: 14) {
        case 0: return .agent(agent.id, .setPresence(.onBreak(BreakCode("tea")), by: .agent(agent.id)))
        case 1: return .agent(agent.id, .setPresence(.loggedOut, by: dice.falls(500) ? .system : .agent(agent.id)))
        case 2: return .agent(agent.id, .connectSession(session))
        case 3: return .agent(agent.id, .loseSession(session))
        case 4: return .agent(agent.id, .closeSession(session))
        default: return .agent(agent.id, .setPresence(.available, by: .agent(agent.id)))
        }
    }

    private func message() -> Command? {
        guard let conversation = dice.pick(dice.falls(800) ? openConversations : ledger.conversations) else {
            return nil
        }
        let handler = ledger.agents.first { agent in
            agent.assignments.contains { $0.conversation == conversation.id && $0.state == .busy }
        }
        let author: Party =
            dice.falls(500) ? .customer(conversation.customer) : handler.map { .agent($0.id) } ?? .system
        let clientID = dice.falls(500) ? "m\(dice.number(below: 50))" : nil
        let text = String(repeating: "x", count: dice.number(below: 200))
        return .conversation(
            conversation.id, .postMessage(MessageDraft(author: author, clientID: clientID, text: text)))
    }

    private func supervision() -> Command? {
        if options.tells, outsideDice.falls(200), let tenant = ledger.tenant, let webhook = tenant.webhooks.last {
            var spec = webhook.spec
            spec.isEnabled.toggle()
            return .tenant(tenant.id, .putWebhook(webhook.id, spec, expecting: nil))
        }
        guard let queue = dice.pick(ledger.queues) else { return nil }
        var settings = queue.settings
        settings.ageingWeight = UInt32(dice.number(below: 4)) * 500
        return .queue(queue.id, .change(settings, expecting: nil))
    }

    private func contactCommand() -> Command? {
        guard let conversation = dice.pick(openConversations), let contact = dice.pick(conversation.contacts),
            let someone = dice.pick(ledger.agents), let queue = dice.pick(ledger.queues)
        else { return reopening() }
        let handler = ledger.agents.first { $0.assignments.contains { $0.contact == contact.id } }
        let agent = dice.falls(900) ? handler?.id ?? someone.id : someone.id
        let target: TransferTarget = dice.falls(500) ? .agent(someone.id) : .queue(queue.id)
        let offer: OfferID = if case .offered(let offer, _) = contact.state { offer.id } else { OfferID(raw: 1) }
        let command: ContactCommand
        switch dice.number(below: 34) {
        case 0..<8: command = .acceptOffer(offer, by: agent)
        case 8..<10: command = .rejectOffer(offer, by: agent)
        case 10..<12: command = .abandon
        case 12..<14: command = .hold(by: agent)
        case 14..<16: command = .resume(by: agent)
        case 16: command = .transfer(target, by: .agent(agent))
        case 17..<19: command = .startConsult(target, by: agent)
        case 19..<21: command = .completeTransfer(by: agent)
        case 21: command = .endConsult(by: agent)
        case 22..<26: command = .end(by: .agent(agent))
        case 26..<30: command = .finishWrapUp(disposition: dice.falls(800) ? "solved" : nil, by: .agent(agent))
        case 30: command = .requeue(by: .system)
        case 31: command = .assign(someone.id, by: .system)
        case 32: command = dice.falls(500) ? .forceClose(by: .system) : .handOver(reason: "asked", by: .bot)
        default: command = .setPriority(UInt8(dice.number(in: 1...9)), by: .system)
        }
        return .conversation(conversation.id, .contact(contact.id, command))
    }

    /// A closed conversation, perhaps long out of memory, comes back.
    private func reopening() -> Command? {
        guard let conversation = dice.pick(ledger.conversations), let queue = dice.pick(ledger.queues) else {
            return nil
        }
        return .conversation(conversation.id, .startContact(ContactRequest(channel: .chat, queue: queue.id)))
    }
}
