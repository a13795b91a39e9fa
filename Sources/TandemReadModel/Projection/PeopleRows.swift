internal import TandemCore
internal import TandemJournal

/// Rows of `customer`, `credential` and `quarantined`, written as they come.
final class PeopleRows {
    private let insertCustomer: Statement
    private let changeCustomer: Statement
    private let insertCredential: Statement
    private let revokeCredential: Statement
    private let insertQuarantined: Statement
    private let resolveQuarantined: Statement

    init(_ database: Database) throws(DatabaseError) {
        insertCustomer = try database.prepare(
            """
            INSERT INTO customer (id, actor, tenant, name, tier, tags, external_id, version, created_at, settings)
            VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?, ?)
            """)
        changeCustomer = try database.prepare(
            """
            UPDATE customer SET name = ?2, tier = ?3, tags = ?4, external_id = ?5, version = ?6, settings = ?7
            WHERE id = ?1
            """)
        insertCredential = try database.prepare(
            """
            INSERT INTO credential (id, actor, tenant, role, agent, customer, label, created_at, expires_at, settings)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        revokeCredential = try database.prepare(
            "UPDATE credential SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL")
        insertQuarantined = try database.prepare(
            """
            INSERT INTO quarantined (id, since, input, summary, actor, contact, reason, settings)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """)
        resolveQuarantined = try database.prepare(
            "UPDATE quarantined SET resolved_at = ?2, resolved_by = ?3 WHERE id = ?1")
    }

    func writeCreated(
        _ id: CustomerID, _ tenant: TenantID, _ profile: CustomerProfile, at time: Timestamp, _ position: EventPosition
    ) throws(DatabaseError) {
        var row = RowBinding(insertCustomer)
        try row.add(id)
        try row.add(raw: id.raw)
        try row.add(tenant)
        try add(profile, to: &row)
        try row.add(time)
        try row.add(position)
        try insertCustomer.run()
    }

    func writeChanged(
        _ id: CustomerID, _ profile: CustomerProfile, version: UInt32, _ position: EventPosition
    ) throws(DatabaseError) {
        var row = RowBinding(changeCustomer)
        try row.add(id)
        try add(profile, to: &row)
        try row.add(number: version)
        try row.add(position)
        try changeCustomer.run()
    }

    private func add(_ profile: CustomerProfile, to row: inout RowBinding) throws(DatabaseError) {
        try row.add(text: profile.name)
        try row.add(word: profile.tier)
        try row.add(text: JSONText.tags(profile.tags))
        try row.add(text: profile.externalID)
    }

    func writeCreated(
        _ id: CredentialID, _ spec: CredentialSpec, at time: Timestamp, _ position: EventPosition
    ) throws(DatabaseError) {
        var row = RowBinding(insertCredential)
        try row.add(id)
        try row.add(raw: id.raw)
        try row.add(spec.tenant)
        try row.add(word: spec.role)
        try row.add(spec.agent)
        try row.add(spec.customer)
        try row.add(text: spec.label)
        try row.add(time)
        try row.add(spec.expiresAt)
        try row.add(position)
        try insertCredential.run()
    }

    func writeRevoked(_ id: CredentialID, at time: Timestamp) throws(DatabaseError) {
        var row = RowBinding(revokeCredential)
        try row.add(id)
        try row.add(time)
        try revokeCredential.run()
    }

    func write(
        _ id: QuarantineID, _ input: QuarantinedInput, at time: Timestamp, _ position: EventPosition
    ) throws(DatabaseError) {
        var row = RowBinding(insertQuarantined)
        try row.add(id)
        try row.add(time)
        try row.add(raw: input.input)
        try row.add(text: input.summary)
        try row.add(text: input.actor.written)
        try row.add(input.contact)
        try row.add(text: input.reason)
        try row.add(position)
        try insertQuarantined.run()
    }

    func writeResolved(_ id: QuarantineID, by party: Party, at time: Timestamp) throws(DatabaseError) {
        var row = RowBinding(resolveQuarantined)
        try row.add(id)
        try row.add(time)
        try row.add(text: party.text)
        try resolveQuarantined.run()
    }
}
