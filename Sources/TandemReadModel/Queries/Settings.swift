package import TandemCore

/// A tenant with its settings as last set.
package struct TenantRow: Hashable, Sendable {
    package let id: TenantID
    package let version: UInt32
    package let createdAt: Timestamp
    package let settings: TenantSettings
}

/// A queue with its settings as last set.
package struct QueueRow: Hashable, Sendable {
    package let id: QueueID
    package let tenant: TenantID
    package let version: UInt32
    package let createdAt: Timestamp
    package let settings: QueueSettings
}

/// A part of a tenant's settings as last put.
package enum SettingRow: Hashable, Sendable {
    case skill(Skill)
    case calendar(BusinessCalendar)
    case routingPolicy(RoutingPolicy)
    case slaPolicy(SLAPolicy)
    case webhook(Webhook)
}

extension StoreReader {
    /// Every tenant of the partition, by identifier.
    package func tenants(after: TenantID? = nil, limit: Int) throws(StoreError) -> Page<TenantRow, TenantID> {
        let limit = StoreLimits.page(limit)
        let sql = """
            SELECT t.id, t.version, t.created_at, t.settings, e.bytes, e.text
            FROM tenant t CROSS JOIN event e ON e.id = t.settings WHERE t.id > ? ORDER BY t.id LIMIT ?
            """
        let found = try rows(sql, of: "tenant") { row in
            try row.add(after ?? TenantID(raw: 0))
            try row.add(number: limit + 1)
        } read: { row in
            try row.tenant()
        }
        return Page(found, limit: limit) { $0.id }
    }

    /// A tenant's queues by identifier, from the one after `after`.
    package func queues(
        of tenant: TenantID, after: QueueID? = nil, limit: Int
    ) throws(StoreError) -> Page<QueueRow, QueueID> {
        let limit = StoreLimits.page(limit)
        let sql = """
            SELECT q.id, q.tenant, q.version, q.created_at, q.settings, e.bytes, e.text
            FROM queue q CROSS JOIN event e ON e.id = q.settings WHERE q.tenant = ? AND q.id > ? ORDER BY q.id LIMIT ?
            """
        let found = try rows(sql, of: "queue") { row in
            try row.add(tenant)
            try row.add(after ?? QueueID(raw: 0))
            try row.add(number: limit + 1)
        } read: { row in
            try row.queue()
        }
        return Page(found, limit: limit) { $0.id }
    }

    /// All skills, calendars, policies or webhooks of a tenant, by identifier; `Limits` bounds how many there are.
    package func settings(of tenant: TenantID, _ kind: SettingKind) throws(StoreError) -> [SettingRow] {
        let sql = """
            SELECT s.settings, e.bytes, e.text FROM tenant_setting s CROSS JOIN event e ON e.id = s.settings
            WHERE s.tenant = ? AND s.kind = ? ORDER BY s.id
            """
        return try rows(sql, of: "tenant_setting") { row in
            try row.add(tenant)
            try row.add(word: kind)
        } read: { row in
            let position = row.position()
            switch try row.event(at: position) {
            case .skillDefined(_, let skill): return .skill(skill)
            case .calendarPut(_, let calendar): return .calendar(calendar)
            case .routingPolicyPut(_, let policy): return .routingPolicy(policy)
            case .slaPolicyPut(_, let policy): return .slaPolicy(policy)
            case .webhookPut(_, let webhook): return .webhook(webhook)
            default: throw row.damaged
            }
        }
    }
}

extension RowReading {
    fileprivate mutating func tenant() throws(StoreError) -> TenantRow {
        let id: TenantID = try id()
        let version: UInt32 = try count()
        let createdAt = time()
        let position = position()
        switch try event(at: position) {
        case .tenantCreated(_, let settings), .tenantChanged(_, let settings, _):
            return TenantRow(id: id, version: version, createdAt: createdAt, settings: settings)
        default: throw damaged
        }
    }

    fileprivate mutating func queue() throws(StoreError) -> QueueRow {
        let (id, tenant): (QueueID, TenantID) = try (id(), id())
        let version: UInt32 = try count()
        let createdAt = time()
        let position = position()
        switch try event(at: position) {
        case .queueCreated(_, _, let settings), .queueChanged(_, _, let settings, _):
            return QueueRow(id: id, tenant: tenant, version: version, createdAt: createdAt, settings: settings)
        default: throw damaged
        }
    }
}
