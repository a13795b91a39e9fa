package import TandemCore

/// A customer with the profile as last set.
package struct CustomerRow: Hashable, Sendable {
    package let id: CustomerID
    package let tenant: TenantID
    package let version: UInt32
    package let createdAt: Timestamp
    package let profile: CustomerProfile
}

/// A credential as made; the digest of its secret is in `spec`, for nobody's eyes.
package struct CredentialRow: Hashable, Sendable {
    package let id: CredentialID
    package let createdAt: Timestamp
    package let revokedAt: Timestamp?
    package let spec: CredentialSpec
}

/// An input that failed twice; `resolvedAt` nil: an operator has yet to deal with it.
package struct QuarantinedRow: Hashable, Sendable {
    package let id: QuarantineID
    package let since: Timestamp
    package let resolvedAt: Timestamp?
    package let resolvedBy: Party?
    package let input: QuarantinedInput
}

extension StoreReader {
    private static let customerColumns = """
        SELECT c.id, c.tenant, c.version, c.created_at, c.settings, e.bytes, e.text
        FROM customer c CROSS JOIN event e ON e.id = c.settings
        """

    /// A tenant's customers by identifier, from the one after `after`; those with the company's own key, if given.
    package func customers(
        of tenant: TenantID, externalID: String? = nil, after: CustomerID? = nil, limit: Int
    ) throws(StoreError) -> Page<CustomerRow, CustomerID> {
        let limit = StoreLimits.page(limit)
        let sql =
            Self.customerColumns + " WHERE c.tenant = ? AND c.id > ?"
            + (externalID == nil ? "" : " AND c.external_id = ?") + " ORDER BY c.id LIMIT ?"
        let found = try rows(sql, of: "customer") { row in
            try row.add(tenant)
            try row.add(after ?? CustomerID(raw: 0))
            if let externalID { try row.add(text: externalID) }
            try row.add(number: limit + 1)
        } read: { row in
            try row.customer()
        }
        return Page(found, limit: limit) { $0.id }
    }

    /// The credentials of a tenant, or (nil) of the node's own staff, from the one after `after`.
    package func credentials(
        of tenant: TenantID?, after: CredentialID? = nil, limit: Int
    ) throws(StoreError) -> Page<CredentialRow, CredentialID> {
        let limit = StoreLimits.page(limit)
        let sql = """
            SELECT c.id, c.created_at, c.revoked_at, c.settings, e.bytes, e.text
            FROM credential c CROSS JOIN event e ON e.id = c.settings
            WHERE c.tenant IS ? AND c.id > ? ORDER BY c.id LIMIT ?
            """
        let found = try rows(sql, of: "credential") { row in
            try row.add(tenant)
            try row.add(after ?? CredentialID(raw: 0))
            try row.add(number: limit + 1)
        } read: { row in
            try row.credential()
        }
        return Page(found, limit: limit) { $0.id }
    }

    /// Quarantined inputs, oldest first, from the one after `after`.
    package func quarantined(
        onlyOpen: Bool, after: QuarantineID? = nil, limit: Int
    ) throws(StoreError) -> Page<QuarantinedRow, QuarantineID> {
        let limit = StoreLimits.page(limit)
        let sql = """
            SELECT q.id, q.since, q.resolved_at, q.resolved_by, q.settings, e.bytes, e.text
            FROM quarantined q CROSS JOIN event e ON e.id = q.settings
            WHERE q.id > ? \(onlyOpen ? "AND q.resolved_at IS NULL" : "") ORDER BY q.id LIMIT ?
            """
        let found = try rows(sql, of: "quarantined") { row in
            try row.add(after ?? QuarantineID(raw: 0))
            try row.add(number: limit + 1)
        } read: { row in
            try row.quarantined()
        }
        return Page(found, limit: limit) { $0.id }
    }
}

extension RowReading {
    fileprivate mutating func customer() throws(StoreError) -> CustomerRow {
        let (id, tenant): (CustomerID, TenantID) = try (id(), id())
        let version: UInt32 = try count()
        let createdAt = time()
        let position = position()
        switch try event(at: position) {
        case .customerCreated(_, _, let profile), .customerChanged(_, _, let profile, _):
            return CustomerRow(id: id, tenant: tenant, version: version, createdAt: createdAt, profile: profile)
        default: throw damaged
        }
    }

    fileprivate mutating func credential() throws(StoreError) -> CredentialRow {
        let id: CredentialID = try id()
        let (createdAt, revokedAt) = (time(), timeIfAny())
        let position = position()
        guard case .credentialCreated(_, let spec) = try event(at: position) else { throw damaged }
        return CredentialRow(id: id, createdAt: createdAt, revokedAt: revokedAt, spec: spec)
    }

    fileprivate mutating func quarantined() throws(StoreError) -> QuarantinedRow {
        let id: QuarantineID = try id()
        let (since, resolvedAt) = (time(), timeIfAny())
        let resolvedBy = try partyIfAny()
        let position = position()
        guard case .inputQuarantined(_, _, let input) = try event(at: position) else { throw damaged }
        return QuarantinedRow(id: id, since: since, resolvedAt: resolvedAt, resolvedBy: resolvedBy, input: input)
    }
}
