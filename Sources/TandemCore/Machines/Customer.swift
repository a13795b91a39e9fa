/// A person being served.
package struct Customer: Hashable, Sendable {
    package let id: CustomerID
    /// Nil: absent.
    package internal(set) var tenant: TenantID?
    package internal(set) var version: UInt32
    package internal(set) var profile: CustomerProfile
    package internal(set) var lastAgent: AgentID?
    package internal(set) var lastHandledAt: Timestamp?
    /// Open conversations; an idle customer leaves memory.
    package internal(set) var open: UInt32

    package init(
        id: CustomerID, tenant: TenantID?, version: UInt32, profile: CustomerProfile, lastAgent: AgentID?,
        lastHandledAt: Timestamp?, open: UInt32
    ) {
        self.id = id
        self.tenant = tenant
        self.version = version
        self.profile = profile
        self.lastAgent = lastAgent
        self.lastHandledAt = lastHandledAt
        self.open = open
    }
}
