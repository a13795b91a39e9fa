package import TandemCore

/// Who asks: a credential that was checked a moment ago.
package struct Caller: Sendable {
    package let credential: CredentialID
    package let role: Role
    /// Nil: above all tenants.
    package let tenant: TenantID?
    package let agent: AgentID?
    package let customer: CustomerID?
    /// The token's own secret, from which answers that must repeat are derived; never stored, never shown.
    let secret: [UInt8]

    package init(_ credential: CredentialID, _ spec: CredentialSpec, secret: [UInt8]) {
        self.credential = credential
        role = spec.role
        tenant = spec.tenant
        agent = spec.agent
        customer = spec.customer
        self.secret = secret
    }

    /// As journaled.
    package var party: Party {
        if let agent { return .agent(agent) }
        if let customer { return .customer(customer) }
        return .staff(credential)
    }

    package func reach(_ operation: Operation) -> Reach {
        let reach = operation.reach(of: role)
        return reach == .node && tenant != nil ? .none : reach
    }

    /// Whether a thing of `tenant` exists for this caller.
    package func sees(_ tenant: TenantID?) -> Bool { self.tenant == nil || self.tenant == tenant }
}
