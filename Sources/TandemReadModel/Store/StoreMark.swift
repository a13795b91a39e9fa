package import TandemCore
internal import TandemJournal
internal import TandemWire

/// How far a store has come; written in the same transaction as what it speaks of.
package struct StoreMark: Hashable, Sendable {
    package var partition: UInt16
    /// Events and rows of every entry up to here are in.
    package var applied: UInt64 = 0
    /// The term of entry `applied`.
    package var appliedTerm: UInt64 = 0
    /// Every record is at least as it was after this entry; never above `applied`.
    package var recordsApplied: UInt64 = 0
    /// Time of the last applied entry.
    package var time = Timestamp(milliseconds: 0)
    /// `IDMinter.last` after the last applied entry.
    package var minted: UInt64 = 0
    /// The newest format of the applied entries: records are written in it.
    package var format = WireVersion.oldest

    init(partition: UInt16) { self.partition = partition }

    /// Stands behind the next entry.
    mutating func follow(_ committed: CommittedEntry) throws(StoreError) {
        guard committed.index == applied + 1 else { throw .gap(expected: applied + 1, found: committed.index) }
        applied = committed.index
        appliedTerm = committed.term
        time = committed.entry.time
        minted = committed.entry.minted
        format = max(format, committed.entry.format)
    }

    private static let columns = "partition, applied, applied_term, records_applied, time, minted, format"

    /// Nil when nothing was ever written.
    static func read(from database: Database) throws(StoreError) -> StoreMark? {
        do {
            let select = try database.prepare("SELECT \(columns) FROM meta")
            guard try select.step() else { return nil }
            var row = RowReading(select, of: "meta")
            var mark = StoreMark(partition: try row.count())
            mark.applied = row.raw()
            mark.appliedTerm = row.raw()
            mark.recordsApplied = row.raw()
            mark.time = row.time()
            mark.minted = row.raw()
            mark.format = try row.count()
            guard WireVersion.read.contains(mark.format) else {
                throw StoreError.damaged(row: "meta", cause: .unknownVersion(mark.format))
            }
            return mark
        } catch let error as StoreError {
            throw error
        } catch let error as DatabaseError {
            throw .database(error)
        } catch {
            throw .damaged(row: "meta", cause: nil)
        }
    }

    static func statement(_ database: Database) throws(DatabaseError) -> Statement {
        try database.prepare("INSERT OR REPLACE INTO meta (id, \(columns)) VALUES (1, ?, ?, ?, ?, ?, ?, ?)")
    }

    func write(with statement: Statement) throws(DatabaseError) {
        var row = RowBinding(statement)
        try row.add(number: partition)
        try row.add(number: applied)
        try row.add(number: appliedTerm)
        try row.add(number: recordsApplied)
        try row.add(time)
        try row.add(number: minted)
        try row.add(number: format)
        try statement.run()
    }
}
