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
