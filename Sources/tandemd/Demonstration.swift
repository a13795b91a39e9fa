internal import Foundation
internal import TandemCore
internal import TandemGateway
internal import TandemRuntime

/// A tenant to try things with: two queues, three agents, two customers, and a token for everybody.
///
/// Made once. The tokens' file is written last, so that a making that was cut short is done again, with a new tenant.
struct Demonstration {
    private let node: Node

    init(_ node: Node) { self.node = node }

    /// What the file says; the tokens are for everybody to read, hence the loopback address.
    private struct Sheet: Codable {
        var tenant: String
        var administrator: String
        var `operator`: String
        var supervisor: String
        /// The first of the agents, for one-line scripts.
        var agent: String
        var agentID: String
        var agents: [String]
        var agentIDs: [String]
        var customer: String
        var customerID: String
        var supportQueue: String
        var queues: [String: String]
        var skills: [String: String]
    }

    func ensure(at path: String) async throws {
        guard !FileManager.default.fileExists(atPath: path) else { return }
        let settings = TenantSettings(name: "Demo")
        let tenant = TenantID(raw: try await node.perform(.tenant(nil, .create(settings))).actor.raw)
        let skills = try await makeSkills(tenant)
        let (support, sales) = try await makeQueues(tenant, skills)
        let agents = try await makeAgents(tenant, [support, sales], skills)
        let customer = try await makeCustomer(tenant)
        let tokens = FirstCredential(node)
        var agentTokens: [String] = []
        for (name, agent) in agents {
            let spec = CredentialSpec(tenant: tenant, role: .agent, agent: agent, label: name, secretDigest: [])
            agentTokens.append(try await tokens.make(spec))
        }
        func staff(_ role: Role, _ label: String, of tenant: TenantID?) async throws -> String {
            try await tokens.make(CredentialSpec(tenant: tenant, role: role, label: label, secretDigest: []))
        }
        let sheet = Sheet(
            tenant: tenant.description,
            administrator: try await staff(.administrator, "demo administrator", of: nil),
            operator: try await staff(.operator, "demo operator", of: nil),
            supervisor: try await staff(.supervisor, "demo supervisor", of: tenant),
            agent: agentTokens[0], agentID: agents[0].id.description, agents: agentTokens,
            agentIDs: agents.map(\.id.description),
            customer: try await tokens.make(
                CredentialSpec(
                    tenant: tenant, role: .customer, customer: customer, label: "demo customer", secretDigest: [])),
            customerID: customer.description,
            supportQueue: support.description,
            queues: ["support": support.description, "sales": sales.description],
            skills: skills.mapValues(\.description))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try FirstCredential.write(try encoder.encode(sheet), to: path)
    }

    private func makeSkills(_ tenant: TenantID) async throws -> [String: SkillID] {
        var skills: [String: SkillID] = [:]
        for name in ["billing", "english", "chinese"] {
            let part = try await node.perform(.tenant(tenant, .defineSkill(name: name))).part
            skills[name] = SkillID(raw: part ?? 0)
        }
        return skills
    }

    /// Support asks for billing first and lowers what it asks; sales takes anybody.
    private func makeQueues(_ tenant: TenantID, _ skills: [String: SkillID]) async throws -> (QueueID, QueueID) {
        var steps = [RoutingStep()]
        if let billing = skills["billing"] {
            steps = [
                RoutingStep(
                    skills: [SkillLevel(billing, 7)], length: .seconds(20), onExpiry: [.lowerLevel(billing, by: 4)]),
                RoutingStep(length: .seconds(40), onExpiry: [.dropSkill(billing)]),
                RoutingStep(),
            ]
        }
        let policy = RoutingPolicySpec(
            name: "Billing first",
            rules: [
                RoutingRule(condition: .tag("billing"), steps: steps),
                RoutingRule(
                    condition: .always,
                    steps: [RoutingStep(preferLastAgent: true, length: .seconds(10)), RoutingStep()]),
            ])
        let routing = try await node.perform(.tenant(tenant, .putRoutingPolicy(nil, policy, expecting: nil))).part
        let promises = SLAPolicySpec.standard
        let sla = try await node.perform(.tenant(tenant, .putSLAPolicy(nil, promises, expecting: nil))).part
        let support = QueueSettings(
            name: "Support", tierBoosts: [0, 30, 60, 120], wrapUp: .timed(.seconds(15)),
            routingPolicy: routing.map { RoutingPolicyID(raw: $0) }, slaPolicy: sla.map { SLAPolicyID(raw: $0) })
        let sales = QueueSettings(
            name: "Sales", strategy: .leastOccupied, slaPolicy: sla.map { SLAPolicyID(raw: $0) })
        return (
            QueueID(raw: try await node.perform(.queue(nil, .create(tenant, support))).actor.raw),
            QueueID(raw: try await node.perform(.queue(nil, .create(tenant, sales))).actor.raw)
        )
    }

    private func makeAgents(
        _ tenant: TenantID, _ queues: [QueueID], _ skills: [String: SkillID]
    ) async throws -> [(name: String, id: AgentID)] {
        let levels: [(name: String, skills: [String: UInt8])] = [
            ("Ada", ["billing": 8, "english": 9]), ("Bo", ["english": 6]), ("Chen", ["billing": 4, "chinese": 10]),
        ]
        var agents: [(name: String, id: AgentID)] = []
        for (name, wanted) in levels {
            let held = wanted.compactMap { skill, level in skills[skill].map { SkillLevel($0, level) } }.sorted()
            let profile = AgentProfile(name: name, skills: held, queues: queues)
            agents.append((name, AgentID(raw: try await node.perform(.agent(nil, .create(tenant, profile))).actor.raw)))
        }
        return agents
    }

    private func makeCustomer(_ tenant: TenantID) async throws -> CustomerID {
        let profile = CustomerProfile(name: "Dora", tier: .vip)
        return CustomerID(raw: try await node.perform(.customer(nil, .create(tenant, profile))).actor.raw)
    }
}
