internal import TandemJournal

/// What a node's journal says about the node: checked against how it is started now, and counted on.
struct NodeIdentity {
    let incarnation: UInt64
    let anchor: JournaledTime.Anchor?
    /// The backup that the directory is a copy of.
    let restoredFrom: String?
    /// Drawn when the directory was made.
    let disk: UInt64
    /// The disks of the other nodes, as they came with them first.
    let disksKnown: [UInt32: UInt64]

    private static let partitionsKey = "partitions"
    private static let incarnationKey = "incarnation"
    private static let clockKey = "testClock"
    private static let diskKey = "disk"
    private static let foundingKey = "founded as"
    private static let alone = "a node alone"

    /// - Throws: `NodeError` when the directory was made with other partitions, another clock, or for another cluster.
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
        let founding = founding(configuration)
        // Directories of before there were clusters do not say.
        let founded = journal.meta(foundingKey) ?? alone
        if known != nil, founded != founding { throw NodeError.founding(journal: founded, asked: founding) }
        let incarnation = (journal.meta(incarnationKey).flatMap { UInt64($0) } ?? 0) + 1
        try journal.commitNow(.meta(key: incarnationKey, value: "\(incarnation)"))
        var disk = journal.meta(diskKey).flatMap { UInt64($0) }
        if disk == nil {
            let drawn = UInt64.random(in: 1 ... .max)
            try journal.commitNow(.meta(key: diskKey, value: "\(drawn)"))
            disk = drawn
        }
        var disksKnown: [UInt32: UInt64] = [:]
        for node in configuration.cluster?.members.keys.sorted() ?? [] {
            disksKnown[node] = journal.meta(DiskMemory.keyPrefix + "\(node)").flatMap { UInt64($0) }
        }
        let fresh = known == nil ? configuration.testClock.map { JournaledTime.Anchor(factor: $0, wall: wall) } : nil
        if known == nil {
            if let fresh { try journal.commitNow(.meta(key: clockKey, value: "\(fresh.factor) \(fresh.wall)")) }
            try journal.commitNow(.meta(key: foundingKey, value: founding))
            // Last: a directory without it is one whose making was cut short, and is made again.
            try journal.commitNow(.meta(key: partitionsKey, value: "\(configuration.partitions)"))
        }
        return NodeIdentity(
            incarnation: incarnation, anchor: known == nil ? fresh : anchor,
            restoredFrom: known == nil ? nil : journal.meta(Journal.backupKey), disk: disk ?? 0,
            disksKnown: disksKnown)
    }

    /// What a directory is made for, in words.
    private static func founding(_ configuration: Node.Configuration) -> String {
        guard let cluster = configuration.cluster else { return alone }
        return "node \(configuration.node) of cluster \"\(cluster.name)\" with the nodes \(cluster.founders)"
    }

    private static func parse(_ text: String) -> JournaledTime.Anchor? {
        let parts = text.split(separator: " ").compactMap { Int64($0) }
        return parts.count == 2 ? JournaledTime.Anchor(factor: parts[0], wall: parts[1]) : nil
    }
}
