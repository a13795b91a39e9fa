internal import TandemCore
internal import TandemJournal

/// Rows of `tenant`, `tenant_setting` and `queue`: a name and a version to look at; the whole value is in the event.
final class SettingRows {
    private let insertTenant: Statement
    private let changeTenant: Statement
    private let putSetting: Statement
    private let insertQueue: Statement
    private let changeQueue: Statement

    init(_ database: Database) throws(DatabaseError) {
        insertTenant = try database.prepare(
            "INSERT INTO tenant (id, actor, name, version, created_at, settings) VALUES (?, ?, ?, 1, ?, ?)")
        changeTenant = try database.prepare("UPDATE tenant SET name = ?2, version = ?3, settings = ?4 WHERE id = ?1")
        putSetting = try database.prepare(
            """
            INSERT INTO tenant_setting (id, tenant, kind, name, version, changed_at, settings)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET name = excluded.name, version = excluded.version,
                changed_at = excluded.changed_at, settings = excluded.settings
            """)
        insertQueue = try database.prepare(
            """
            INSERT INTO queue (id, actor, tenant, name, version, strategy, created_at, settings)
            VALUES (?, ?, ?, ?, 1, ?, ?, ?)
            """)
        changeQueue = try database.prepare(
            "UPDATE queue SET name = ?2, version = ?3, strategy = ?4, settings = ?5 WHERE id = ?1")
    }

    func writeCreated(
        _ id: TenantID, _ settings: TenantSettings, at time: Timestamp, _ position: EventPosition
    ) throws(DatabaseError) {
        var row = RowBinding(insertTenant)
        try row.add(id)
        try row.add(raw: id.raw)
        try row.add(text: settings.name)
        try row.add(time)
        try row.add(position)
        try insertTenant.run()
    }

    func writeChanged(
        _ id: TenantID, _ settings: TenantSettings, version: UInt32, _ position: EventPosition
    ) throws(DatabaseError) {
        var row = RowBinding(changeTenant)
        try row.add(id)
        try row.add(text: settings.name)
        try row.add(number: version)
        try row.add(position)
        try changeTenant.run()
    }

    func writePut<Spec>(
        _ kind: SettingKind, _ part: SettingPart<Spec>, _ tenant: TenantID, at time: Timestamp,
        _ position: EventPosition
    ) throws(DatabaseError) {
        try writePut(kind, part.id, tenant, name: part.spec.name, version: part.version, at: time, position)
    }

    func writePut<Kind>(
        _ kind: SettingKind, _ id: Identifier<Kind>, _ tenant: TenantID, name: String, version: UInt32,
        at time: Timestamp, _ position: EventPosition
    ) throws(DatabaseError) {
        var row = RowBinding(putSetting)
        try row.add(id)
        try row.add(tenant)
        try row.add(word: kind)
        try row.add(text: name)
        try row.add(number: version)
        try row.add(time)
        try row.add(position)
        try putSetting.run()
    }

    func writeCreated(
        _ id: QueueID, _ tenant: TenantID, _ settings: QueueSettings, at time: Timestamp, _ position: EventPosition
    ) throws(DatabaseError) {
        var row = RowBinding(insertQueue)
        try row.add(id)
        try row.add(raw: id.raw)
        try row.add(tenant)
        try row.add(text: settings.name)
        try row.add(word: settings.strategy)
        try row.add(time)
        try row.add(position)
        try insertQueue.run()
    }

    func writeChanged(
        _ id: QueueID, _ settings: QueueSettings, version: UInt32, _ position: EventPosition
    ) throws(DatabaseError) {
        var row = RowBinding(changeQueue)
        try row.add(id)
        try row.add(text: settings.name)
        try row.add(number: version)
        try row.add(word: settings.strategy)
        try row.add(position)
        try changeQueue.run()
    }
}
