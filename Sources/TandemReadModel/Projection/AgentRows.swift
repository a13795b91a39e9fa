internal import TandemCore
internal import TandemJournal

/// Rows of `agent`, `agent_interval` and `agent_session`: as rare as people's own moves, so written as they come.
final class AgentRows {
    private let insert: Statement
    private let change: Statement
    private let updatePresence: Statement
    private let endInterval: Statement
    private let beginInterval: Statement
    private let connect: Statement
    private let disconnect: Statement

    init(_ database: Database) throws(DatabaseError) {
        insert = try database.prepare(
            """
            INSERT INTO agent (id, actor, tenant, name, version, created_at, settings, presence, presence_since,
                unanswered)
            VALUES (?, ?, ?, ?, 1, ?5, ?, 0, ?5, 0)
            """)
        change = try database.prepare("UPDATE agent SET name = ?2, version = ?3, settings = ?4 WHERE id = ?1")
        updatePresence = try database.prepare(
            """
            UPDATE agent SET presence = ?2, break_code = ?3, offline_until = ?4, presence_since = ?5, unanswered = ?6
            WHERE id = ?1
            """)
        endInterval = try database.prepare(
            "UPDATE agent_interval SET until = ?2 WHERE agent = ?1 AND until IS NULL")
        beginInterval = try database.prepare(
            """
            INSERT INTO agent_interval (agent, since, event, tenant, presence, break_code, offline_until, changed_by)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """)
        connect = try database.prepare(
            "INSERT OR REPLACE INTO agent_session (agent, node, incarnation, number, since) VALUES (?, ?, ?, ?, ?)")
        disconnect = try database.prepare(
            "DELETE FROM agent_session WHERE agent = ? AND node = ? AND incarnation = ? AND number = ?")
    }

    func writeCreated(
        _ id: AgentID, _ tenant: TenantID, _ profile: AgentProfile, at time: Timestamp, _ position: EventPosition
    ) throws(DatabaseError) {
        var row = RowBinding(insert)
        try row.add(id)
        try row.add(raw: id.raw)
        try row.add(tenant)
        try row.add(text: profile.name)
        try row.add(time)
        try row.add(position)
        try insert.run()
        try writeInterval(id, tenant, .loggedOut, by: .system, at: time, position)
    }

    func writeChanged(
        _ id: AgentID, _ profile: AgentProfile, version: UInt32, _ position: EventPosition
    ) throws(DatabaseError) {
        var row = RowBinding(change)
        try row.add(id)
        try row.add(text: profile.name)
        try row.add(number: version)
        try row.add(position)
        try change.run()
    }

    func write(_ changed: PresenceChanged, at time: Timestamp, _ position: EventPosition) throws(DatabaseError) {
        var row = RowBinding(updatePresence)
        try row.add(changed.agent)
        try row.add(changed.to.code)
        try row.add(text: changed.to.breakCode)
        try row.add(changed.to.offlineUntil)
        try row.add(time)
        try row.add(number: changed.unanswered)
        try updatePresence.run()
        var ended = RowBinding(endInterval)
        try ended.add(changed.agent)
        try ended.add(time)
        try endInterval.run()
        try writeInterval(changed.agent, changed.tenant, changed.to, by: changed.by, at: time, position)
    }

    private func writeInterval(
        _ id: AgentID, _ tenant: TenantID, _ presence: Presence, by party: Party, at time: Timestamp,
        _ position: EventPosition
    ) throws(DatabaseError) {
        var row = RowBinding(beginInterval)
        try row.add(id)
        try row.add(time)
        try row.add(position)
        try row.add(tenant)
        try row.add(presence.code)
        try row.add(text: presence.breakCode)
        try row.add(presence.offlineUntil)
        try row.add(text: party.text)
        try beginInterval.run()
    }

    func writeConnected(_ id: AgentID, _ session: SessionID, at time: Timestamp) throws(DatabaseError) {
        var row = RowBinding(connect)
        try add(id, session, to: &row)
        try row.add(time)
        try connect.run()
    }

    func writeEnded(_ id: AgentID, _ session: SessionID) throws(DatabaseError) {
        var row = RowBinding(disconnect)
        try add(id, session, to: &row)
        try disconnect.run()
    }

    private func add(_ id: AgentID, _ session: SessionID, to row: inout RowBinding) throws(DatabaseError) {
        try row.add(id)
        try row.add(number: session.node)
        try row.add(raw: session.incarnation)
        try row.add(raw: session.number)
    }
}
