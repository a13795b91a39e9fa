internal import TandemJournal

/// What a node's journal says about the node: checked against how it is started now, and counted on.
struct NodeIdentity {
    let incarnation: UInt64
    let anchor: JournaledTime.Anchor?
    /// The backup that the directory is a copy of.
    let restoredFrom: String?

    private static let partitionsKey = "partitions"
    private static let incarnationKey = "incarnation"
    private static let clockKey = "testClock"

    /// - Throws: `NodeError` when the directory was made with other partitions or another clock.
    static func read(
        _ journal: Journal, _ configuration: Node.Configuration, wall: Int64
    ) throws -> NodeIdentity {
        let known = journal.meta(partitionsKey).flatMap { Int($0) }
        if let known, known != configuration.partitions {
            throw NodeError.partitionCount(journal: known, asked: configuration.partitions)
        }
        let clock = journal.meta(clockKey)
        let anchor = clock.flatMap(parse)
        if known != nil, anchor?.factor != configuration.testClock {
            throw NodeError.testClockMismatch(journal: anchor?.factor, asked: configuration.testClock)
        }
        let incarnation = (journal.meta(incarnationKey).flatMap { UInt64($0) } ?? 0) + 1
        try journal.commitNow(.meta(key: incarnationKey, value: "\(incarnation)"))
        guard known == nil else {
            return NodeIdentity(
                incarnation: incarnation, anchor: anchor, restoredFrom: journal.meta(Journal.backupKey))
        }
        let fresh = configuration.testClock.map { JournaledTime.Anchor(factor: $0, wall: wall) }
        if let fresh { try journal.commitNow(.meta(key: clockKey, value: "\(fresh.factor) \(fresh.wall)")) }
        // Last: a directory without it is one whose making was cut short, and is made again.
        try journal.commitNow(.meta(key: partitionsKey, value: "\(configuration.partitions)"))
        return NodeIdentity(incarnation: incarnation, anchor: fresh, restoredFrom: nil)
    }

    private static func parse(_ text: String) -> JournaledTime.Anchor? {
        let parts = text.split(separator: " ").compactMap { Int64($0) }
        return parts.count == 2 ? JournaledTime.Anchor(factor: parts[0], wall: parts[1]) : nil
    }
}
