internal import TandemCore
internal import TandemJournal

/// Takes old answers out of `entry`, from the front and a bounded number per batch.
///
/// A batch removes at most twice what it added, or a small number more, so that the table never grows for long and
/// no batch pays for another's.
final class CommandExpiry {
    private static let removedMin = 1_024

    private let findOldest: Statement
    private let findLast: Statement
    private let remove: Statement
    /// Nothing is older; nil: not known.
    private var oldest: Timestamp?

    init(_ database: Database) throws(DatabaseError) {
        findOldest = try database.prepare("SELECT time FROM entry ORDER BY idx LIMIT 1")
        findLast = try database.prepare(
            "SELECT max(idx) FROM (SELECT idx, time FROM entry ORDER BY idx LIMIT ?2) WHERE time < ?1")
        remove = try database.prepare("DELETE FROM entry WHERE idx <= ?")
    }

    /// Removes answers given before `time`.
    func run(before time: Timestamp, added: Int) throws(DatabaseError) {
        if oldest == nil { oldest = try first(findOldest).map { Timestamp(milliseconds: $0) } }
        guard let known = oldest, known < time else { return }
        // Whatever comes of the transaction, the next batch looks again.
        oldest = nil
        try findLast.bind(time.milliseconds, at: 1)
        try findLast.bind(Int64(max(Self.removedMin, added * 2)), at: 2)
        guard let last = try first(findLast) else { return }
        try remove.bind(last, at: 1)
        try remove.run()
    }

    private func first(_ statement: Statement) throws(DatabaseError) -> Int64? {
        defer { statement.reset() }
        guard try statement.step(), !statement.isNull(0) else { return nil }
        return statement.int64(0)
    }
}
