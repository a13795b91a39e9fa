internal import TandemCore
internal import TandemJournal
internal import TandemWire

/// Takes old answers out of `entry`, from the front and a bounded number per batch.
///
/// A batch looks at most at twice what it added, or a small number more, so that the table never grows for long and
/// no batch pays for another's. Answers under the keys of nodes leave sooner, from between those of clients.
final class CommandExpiry {
    private static let removedMin = 1_024

    private let findFirst: Statement
    private let findLast: Statement
    private let remove: Statement
    private let removeOfNodes: Statement
    /// Nothing is older; nil: not known.
    private var oldest: Timestamp?
    /// Up to here there are no keys of nodes any more, and nothing behind it is older; nil: not known. If a transaction
    /// is taken back, what it would have removed leaves with the clients' answers.
    private var passed: Int64 = 0
    private var oldestBehind: Timestamp?

    init(_ database: Database) throws(DatabaseError) {
        findFirst = try database.prepare("SELECT time FROM entry WHERE idx > ? ORDER BY idx LIMIT 1")
        findLast = try database.prepare(
            "SELECT max(idx) FROM (SELECT idx, time FROM entry WHERE idx > ?1 ORDER BY idx LIMIT ?2) WHERE time < ?3")
        remove = try database.prepare("DELETE FROM entry WHERE idx <= ?")
        removeOfNodes = try database.prepare(
            "DELETE FROM entry WHERE idx > ?1 AND idx <= ?2 AND key_high BETWEEN ?3 AND ?4")
    }

    /// Removes answers given before `time`; those to nodes given before `nodes`.
    func run(before time: Timestamp, nodes: Timestamp, added: Int) throws(DatabaseError) {
        try removeAll(before: time, added)
        try removeOfNodes(before: nodes, added)
    }

    private func removeAll(before time: Timestamp, _ added: Int) throws(DatabaseError) {
        if oldest == nil { oldest = try first(behind: 0) }
        guard let known = oldest, known < time else { return }
        // Whatever comes of the transaction, the next batch looks again.
        oldest = nil
        guard let last = try last(behind: 0, before: time, added) else { return }
        try remove.bind(last, at: 1)
        try remove.run()
    }

    private func removeOfNodes(before time: Timestamp, _ added: Int) throws(DatabaseError) {
        if oldestBehind == nil { oldestBehind = try first(behind: passed) }
        guard let known = oldestBehind, known < time else { return }
        oldestBehind = nil
        guard let last = try last(behind: passed, before: time, added) else { return }
        try removeOfNodes.bind(passed, at: 1)
        try removeOfNodes.bind(last, at: 2)
        try removeOfNodes.bind(NodeKey.storedHighs.lowerBound, at: 3)
        try removeOfNodes.bind(NodeKey.storedHighs.upperBound, at: 4)
        try removeOfNodes.run()
        passed = last
    }

    private func first(behind index: Int64) throws(DatabaseError) -> Timestamp? {
        try findFirst.bind(index, at: 1)
        return try number(findFirst).map { Timestamp(milliseconds: $0) }
    }

    private func last(behind index: Int64, before time: Timestamp, _ added: Int) throws(DatabaseError) -> Int64? {
        try findLast.bind(index, at: 1)
        try findLast.bind(Int64(max(Self.removedMin, added * 2)), at: 2)
        try findLast.bind(time.milliseconds, at: 3)
        return try number(findLast)
    }

    private func number(_ statement: Statement) throws(DatabaseError) -> Int64? {
        defer { statement.reset() }
        guard try statement.step(), !statement.isNull(0) else { return nil }
        return statement.int64(0)
    }
}
