import TandemCore
import TandemWire

@testable import TandemRuntime

/// A small contact centre on a stage: one tenant, queues, agents with skills, customers.
struct Centre {
    let stage: Stage
    let tenant: TenantID
    var skills: [SkillID] = []
    var queues: [QueueID] = []
    var agents: [AgentID] = []
    var customers: [CustomerID] = []

    init(_ stage: Stage) throws {
        self.stage = stage
        tenant = TenantID(raw: try stage.answer(.tenant(nil, .create(TenantSettings(name: "Acme")))).actor.raw)
    }

    @discardableResult
    mutating func skill(_ name: String) throws -> SkillID {
        let part = try stage.answer(.tenant(tenant, .defineSkill(name: name))).part
        let id = SkillID(raw: part ?? 0)
        skills.append(id)
        return id
    }

    @discardableResult
    mutating func queue(_ settings: QueueSettings) throws -> QueueID {
        let id = QueueID(raw: try stage.answer(.queue(nil, .create(tenant, settings))).actor.raw)
        queues.append(id)
        return id
    }

    @discardableResult
    mutating func agent(_ profile: AgentProfile, available: Bool = true) throws -> AgentID {
        let id = AgentID(raw: try stage.answer(.agent(nil, .create(tenant, profile))).actor.raw)
        agents.append(id)
        if available { _ = try stage.answer(.agent(id, .setPresence(.available, by: .agent(id)))) }
        return id
    }

    @discardableResult
    mutating func customer(_ name: String = "Ada", tier: Tier = .normal) throws -> CustomerID {
        let profile = CustomerProfile(name: name, tier: tier)
        let id = CustomerID(raw: try stage.answer(.customer(nil, .create(tenant, profile))).actor.raw)
        customers.append(id)
        return id
    }

    /// Opens a conversation and returns it with its contact.
    func open(
        _ customer: CustomerID, in queue: QueueID, channel: Channel = .chat, bot: Bool = false
    ) throws -> (ConversationID, ContactID) {
        let request = ContactRequest(channel: channel, queue: queue, bot: bot)
        let answer = try stage.answer(.conversation(nil, .open(tenant, customer, request)))
        return (ConversationID(raw: answer.actor.raw), answer.contact ?? ContactID(raw: 0))
    }

    func conversation(_ id: ConversationID) -> Conversation? {
        guard case .conversation(let record) = stage.record(ActorID(id)) else { return nil }
        return record
    }

    func agent(_ id: AgentID) -> Agent? {
        guard case .agent(let record) = stage.record(ActorID(id)) else { return nil }
        return record
    }

    func state(_ id: ConversationID) -> Contact.State? { conversation(id)?.contacts.first?.state }

    /// The offer that is pending for the conversation's first contact.
    func offer(_ id: ConversationID) -> Offer? {
        guard case .offered(let offer, _) = state(id) else { return nil }
        return offer
    }

    func accept(_ id: ConversationID) throws {
        guard let contact = conversation(id)?.contacts.first, case .offered(let offer, _) = contact.state else {
            return
        }
        _ = try stage.answer(.conversation(id, .contact(contact.id, .acceptOffer(offer.id, by: offer.agent))))
    }
}
