package import TandemCore

/// An agent with the profile as last set and the presence as last changed.
package struct AgentRow: Hashable, Sendable {
    package let id: AgentID
    package let tenant: TenantID
    package let version: UInt32
    package let createdAt: Timestamp
    package let presence: Presence
    package let presenceSince: Timestamp
    /// Offers in a row without an answer.
    package let unanswered: UInt8
    package let sessions: Int
    package let profile: AgentProfile
}

/// How long an agent was in one presence; `until` nil: still.
package struct AgentInterval: Hashable, Sendable {
    package let agent: AgentID
    package let since: Timestamp
    package let position: EventPosition
    package let presence: Presence
    package let until: Timestamp?
    package let changedBy: Party
}

/// Intervals are listed by their beginning.
package struct AgentIntervalCursor: Hashable, Sendable {
    package let since: Timestamp
    package let position: EventPosition
    package init(since: Timestamp, position: EventPosition) {
        self.since = since
        self.position = position
    }
}

extension StoreReader {
    private static let agentColumns = """
        SELECT g.id, g.tenant, g.version, g.created_at, g.presence, g.break_code, g.offline_until, g.presence_since,
            g.unanswered, (SELECT count(*) FROM agent_session s WHERE s.agent = g.id), g.settings, e.bytes, e.text
        FROM agent g CROSS JOIN event e ON e.id = g.settings
        """

    /// A tenant's agents by identifier, from the one after `after`.
    package func agents(
        of tenant: TenantID, after: AgentID? = nil, limit: Int
    ) throws(StoreError) -> Page<AgentRow, AgentID> {
        let limit = StoreLimits.page(limit)
        let sql = Self.agentColumns + " WHERE g.tenant = ? AND g.id > ? ORDER BY g.id LIMIT ?"
        let found = try rows(sql, of: "agent") { row in
            try row.add(tenant)
            try row.add(after ?? AgentID(raw: 0))
            try row.add(number: limit + 1)
        } read: { row in
            try row.agent()
        }
        return Page(found, limit: limit) { $0.id }
    }

    package func agent(_ id: AgentID) throws(StoreError) -> AgentRow? {
        try rows(Self.agentColumns + " WHERE g.id = ?", of: "agent") { row in
            try row.add(id)
        } read: { row in
            try row.agent()
        }.first
    }

    /// The intervals of an agent that touch the time from `from` on and before `to`, oldest first.
    package func intervals(
        of agent: AgentID, from: Timestamp, to: Timestamp, after: AgentIntervalCursor? = nil, limit: Int
    ) throws(StoreError) -> Page<AgentInterval, AgentIntervalCursor> {
        let limit = StoreLimits.page(limit)
        // Intervals follow one another without a gap: the last that began by `from` is the first that counts.
        let sql = """
            SELECT agent, since, event, presence, break_code, offline_until, until, changed_by FROM agent_interval
            WHERE agent = ?1 AND since < ?3 AND (until IS NULL OR until > ?2) AND (since, event) > (?4, ?5)
                AND since >= coalesce((SELECT max(since) FROM agent_interval WHERE agent = ?1 AND since <= ?2), ?2)
            ORDER BY since, event LIMIT ?6
            """
        let found = try rows(sql, of: "agent_interval") { row in
            try row.add(agent)
            try row.add(from)
            try row.add(to)
            try row.add(after?.since.milliseconds ?? .min)
            try row.add(after?.position ?? .start)
            try row.add(number: limit + 1)
        } read: { row in
            try row.interval()
        }
        return Page(found, limit: limit) { AgentIntervalCursor(since: $0.since, position: $0.position) }
    }
}

extension RowReading {
    /// The columns presence, break code, end of the grace time.
    private mutating func presence() throws(StoreError) -> Presence {
        let (code, breakCode, offlineUntil) = (number(), textIfAny(), timeIfAny())
        guard let presence = Presence(code: code, breakCode: breakCode, offlineUntil: offlineUntil) else {
            throw damaged
        }
        return presence
    }

    fileprivate mutating func agent() throws(StoreError) -> AgentRow {
        let (id, tenant): (AgentID, TenantID) = try (id(), id())
        let version: UInt32 = try count()
        let createdAt = time()
        let presence = try presence()
        let presenceSince = time()
        let unanswered: UInt8 = try count()
        let sessions: Int = try count()
        let position = position()
        let profile: AgentProfile
        switch try event(at: position) {
        case .agentCreated(_, _, let set), .agentChanged(_, _, let set, _): profile = set
        default: throw damaged
        }
        return AgentRow(
            id: id, tenant: tenant, version: version, createdAt: createdAt, presence: presence,
            presenceSince: presenceSince, unanswered: unanswered, sessions: sessions, profile: profile)
    }

    fileprivate mutating func interval() throws(StoreError) -> AgentInterval {
        let agent: AgentID = try id()
        let since = time()
        let position = position()
        return try AgentInterval(
            agent: agent, since: since, position: position, presence: presence(), until: timeIfAny(),
            changedBy: party())
    }
}
