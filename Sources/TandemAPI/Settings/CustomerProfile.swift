package import TandemCore

extension API {
    /// A person being served.
    package struct CustomerProfile: Described, Equatable {
        package var name: String
        package var tier: Tier?
        package var tags: [String]?
        package var externalID: String?

        package init(name: String, tier: Tier? = nil, tags: [String]? = nil, externalID: String? = nil) {
            self.name = name
            self.tier = tier
            self.tags = tags
            self.externalID = externalID
        }
        package init(_ core: TandemCore.CustomerProfile) {
            self.init(name: core.name, tier: core.tier, tags: core.tags, externalID: core.externalID)
        }
        package var core: TandemCore.CustomerProfile {
            TandemCore.CustomerProfile(
                name: name, tier: tier ?? .normal, tags: Array(Set(tags ?? [])).sorted(), externalID: externalID)
        }

        package static let schemaDescription = "A person being served."
        package static let schema = Schema.object([
            .required("name", .string(max: Limits.nameBytesMax)),
            .optional("tier", .word(Tier.self)),
            .optional("tags", .tags),
            .optional(
                "externalID", .string(min: 1, max: Limits.externalIDBytesMax), "The company's own key for the person."),
        ])
    }

    /// A bearer token to be made.
    package struct CredentialRequest: Described, Equatable {
        package var role: Role
        package var tenant: TenantID?
        package var agent: AgentID?
        package var customer: CustomerID?
        package var label: String
        package var expiresAt: Timestamp?

        package static let schemaDescription = "A bearer token to be made."
        package static let schema = Schema.object([
            .required("role", .word(Role.self)),
            .optional("tenant", .id(TenantID.self), "Where it counts; administrators and operators may have none."),
            .optional("agent", .id(AgentID.self), "Who carries it, for the role `agent`."),
            .optional("customer", .id(CustomerID.self), "Who carries it, for the role `customer`."),
            .required("label", .string(max: Limits.nameBytesMax), "For people who look through the list."),
            .optional("expiresAt", .time),
        ])
    }

    package struct CredentialCreated: Described, Equatable {
        package var id: CredentialID
        /// Told this once: only a digest of it is kept.
        package var token: String
        package init(id: CredentialID, token: String) {
            self.id = id
            self.token = token
        }
        package static let schemaDescription = "A token, told this once: only a digest of it is kept."
        package static let schema = Schema.object([
            .required("id", .id(CredentialID.self)),
            .required("token", .string(min: 1, max: 128), "Send it as `Authorization: Bearer <token>`."),
        ])
    }

    /// A token as it is listed: without its secret.
    package struct Credential: Described, Equatable {
        package var id: CredentialID
        package var role: Role
        package var tenant: TenantID?
        package var agent: AgentID?
        package var customer: CustomerID?
        package var label: String
        package var createdAt: Timestamp
        package var expiresAt: Timestamp?
        package var revokedAt: Timestamp?
        package init(
            id: CredentialID, role: Role, tenant: TenantID?, agent: AgentID?, customer: CustomerID?, label: String,
            createdAt: Timestamp, expiresAt: Timestamp?, revokedAt: Timestamp?
        ) {
            self.id = id
            self.role = role
            self.tenant = tenant
            self.agent = agent
            self.customer = customer
            self.label = label
            self.createdAt = createdAt
            self.expiresAt = expiresAt
            self.revokedAt = revokedAt
        }
        package static let schemaDescription = "A token as it is listed: without its secret."
        package static let schema = Schema.object([
            .required("id", .id(CredentialID.self)),
            .required("role", .word(Role.self)),
            .optional("tenant", .id(TenantID.self)),
            .optional("agent", .id(AgentID.self)),
            .optional("customer", .id(CustomerID.self)),
            .required("label", .string(max: Limits.nameBytesMax)),
            .required("createdAt", .time),
            .optional("expiresAt", .time),
            .optional("revokedAt", .time),
        ])
    }
}
