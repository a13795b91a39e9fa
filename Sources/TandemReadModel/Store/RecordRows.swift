package import TandemCore
internal import TandemJournal

/// An actor's record as it is to be kept: bytes of `RecordCodec`.
package struct ChangedRecord: Sendable {
    package let actor: ActorID
    package let bytes: [UInt8]
    /// Nothing is open there: a restart need not load it.
    package let isDormant: Bool

    package init(actor: ActorID, bytes: [UInt8], isDormant: Bool) {
        self.actor = actor
        self.bytes = bytes
        self.isDormant = isDormant
    }
}

/// Rows of `record`.
///
/// Most changes leave the record open or closed as it is: they are one UPDATE that touches no index.
final class RecordRows {
    private let database: Database
    private let update: Statement
    private let upsert: Statement
    private let delete: Statement

    init(_ database: Database) throws(DatabaseError) {
        self.database = database
        update = try database.prepare("UPDATE record SET bytes = ?3 WHERE actor = ?1 AND open = ?2")
        upsert = try database.prepare(
            """
            INSERT INTO record (actor, open, bytes, kind) VALUES (?, ?, ?, ?)
            ON CONFLICT (actor) DO UPDATE SET open = excluded.open, bytes = excluded.bytes
            """)
        delete = try database.prepare("DELETE FROM record WHERE actor = ?")
    }

    func write(_ record: ChangedRecord) throws(DatabaseError) {
        var row = RowBinding(update)
        try add(record, to: &row)
        try update.run()
        guard database.changes == 0 else { return }
        row = RowBinding(upsert)
        try add(record, to: &row)
        try row.add(word: record.actor.kind)
        try upsert.run()
    }

    private func add(_ record: ChangedRecord, to row: inout RowBinding) throws(DatabaseError) {
        try row.add(raw: record.actor.raw)
        try row.add(flag: !record.isDormant)
        try row.add(blob: record.bytes)
    }

    func remove(_ actor: ActorID) throws(DatabaseError) {
        var row = RowBinding(delete)
        try row.add(raw: actor.raw)
        try delete.run()
    }
}
