/// What holds for a whole tenant.
package struct TenantSettings: Hashable, Sendable {
    package var name: String
    /// How long an agent whose connection was lost keeps its contacts.
    package var graceOffline: Milliseconds
    /// How long the last agent who handled a customer counts as preferred.
    package var preferredWindow: Milliseconds
    /// How long an agent who rejected a contact is not offered it again.
    package var declinePause: Milliseconds
    /// Offers in a row without an answer after which an agent is put on a break.
    package var noAnswerMax: UInt8

    package init(
        name: String, graceOffline: Milliseconds = .seconds(30), preferredWindow: Milliseconds = .hours(24),
        declinePause: Milliseconds = .seconds(30), noAnswerMax: UInt8 = 3
    ) {
        self.name = name
        self.graceOffline = graceOffline
        self.preferredWindow = preferredWindow
        self.declinePause = declinePause
        self.noAnswerMax = noAnswerMax
    }
}

/// A named skill of a tenant's catalogue.
package struct Skill: Hashable, Sendable {
    package let id: SkillID
    package var name: String
    package init(id: SkillID, name: String) {
        self.id = id
        self.name = name
    }
}

package struct CustomerProfile: Hashable, Sendable {
    package var name: String
    package var tier: Tier
    /// Sorted, without repeats.
    package var tags: [String]
    /// The company's own key for this person.
    package var externalID: String?

    package init(name: String, tier: Tier = .normal, tags: [String] = [], externalID: String? = nil) {
        self.name = name
        self.tier = tier
        self.tags = tags
        self.externalID = externalID
    }
}

/// What a bearer token may do; the token itself is never stored, only the digest of its secret.
package struct CredentialSpec: Hashable, Sendable {
    package var tenant: TenantID?
    package var role: Role
    /// The agent or the customer who carries it; nil for staff.
    package var agent: AgentID?
    package var customer: CustomerID?
    package var label: String
    /// SHA-256 of the secret, 32 bytes.
    package var secretDigest: [UInt8]
    package var expiresAt: Timestamp?

    package init(
        tenant: TenantID?, role: Role, agent: AgentID? = nil, customer: CustomerID? = nil, label: String,
        secretDigest: [UInt8], expiresAt: Timestamp? = nil
    ) {
        self.tenant = tenant
        self.role = role
        self.agent = agent
        self.customer = customer
        self.label = label
        self.secretDigest = secretDigest
        self.expiresAt = expiresAt
    }
}
