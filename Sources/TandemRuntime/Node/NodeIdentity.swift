internal import TandemConsensus
internal import TandemJournal
internal import TandemTransport
internal import TandemWire

/// What a node's journal says about the node: checked against how it is started now, and counted on.
struct NodeIdentity {
    let incarnation: UInt64
    /// Of its disk, in its cluster.
    let generation: UInt32
    let anchor: JournaledTime.Anchor?
    /// The backup of which the directory was made.
    let restoredFrom: String?
    /// Drawn when the directory was made.
    let disk: UInt64
    /// The cluster as this node knew it last, or as its founders make it.
    let state: ClusterState
    /// It was let in by others: it knows from the log alone who decides.
    let hasJoined: Bool
    let partitions: Int

    var life: PeerLife { PeerLife(generation: generation, incarnation: incarnation) }

    static let partitionsKey = "partitions"
    static let incarnationKey = "incarnation"
    static let clockKey = "testClock"
    static let diskKey = "disk"
    static let generationKey = "generation"
    static let foundingKey = "founded as"
    static let stateKey = "cluster state"
    /// The backup of which the directory was made.
    static let restoredKey = "restored from"
    static let alone = "a node alone"

    /// - Throws: `NodeError` when the directory was made with other partitions, another clock, or for another cluster; and
    ///   what the cluster says that it was to join.
    static func read(
        _ journal: Journal, _ configuration: Node.Configuration, wall: Int64
    ) throws -> NodeIdentity {
        if let label = journal.meta(Journal.backupKey) { throw NodeError.backup(label) }
        let known = journal.meta(partitionsKey).flatMap { Int($0) }
        var grant: JoinGrant?
        if known == nil, let join = configuration.cluster?.join { grant = try join(drawn(journal)) }
        // Directories of before there were clusters do not say.
        let founded = known == nil ? nil : journal.meta(foundingKey) ?? alone
        let hasJoined = grant != nil || founded?.hasPrefix(joined(configuration.node)) == true
        let founding = grant.map { "\(joined(configuration.node))\($0.state.id)" } ?? Self.founding(configuration)
        if let founded, founded != founding, !hasJoined || configuration.cluster?.members.isEmpty == false {
            throw NodeError.founding(journal: founded, asked: founding)
        }
        let partitions = grant?.partitions ?? (hasJoined ? known : nil) ?? configuration.partitions
        if let known, known != partitions { throw NodeError.partitionCount(journal: known, asked: partitions) }
        let clock = known == nil ? nil : journal.meta(clockKey).flatMap(parse)
        if known != nil, !hasJoined, clock?.factor != configuration.testClock {
            throw NodeError.testClockMismatch(journal: clock?.factor, asked: configuration.testClock)
        }
        let state = try state(journal, configuration, grant)
        let incarnation = (journal.meta(incarnationKey).flatMap { UInt64($0) } ?? 0) + 1
        try journal.commitNow(.meta(key: incarnationKey, value: "\(incarnation)"))
        let fresh =
            grant.map { $0.testClock.map { JournaledTime.Anchor(factor: $0.factor, wall: $0.wall) } }
            ?? configuration.testClock.map { JournaledTime.Anchor(factor: $0, wall: wall) }
        let disk = try drawn(journal)
        if journal.meta(stateKey) == nil || grant != nil {
            try journal.commitNow(.meta(key: stateKey, value: text(state)))
        }
        if known == nil {
            if let fresh { try journal.commitNow(.meta(key: clockKey, value: "\(fresh.factor) \(fresh.wall)")) }
            if let own = grant?.state.member(configuration.node) {
                try journal.commitNow(.meta(key: generationKey, value: "\(own.generation)"))
            }
            try journal.commitNow(.meta(key: foundingKey, value: founding))
            // Last: a directory without it is one whose making was cut short, and is made again.
            try journal.commitNow(.meta(key: partitionsKey, value: "\(partitions)"))
        }
        return NodeIdentity(
            incarnation: incarnation, generation: journal.meta(generationKey).flatMap { UInt32($0) } ?? 0,
            anchor: known == nil ? fresh : clock,
            restoredFrom: journal.meta(restoredKey), disk: disk, state: state,
            hasJoined: hasJoined, partitions: partitions)
    }

    private static func drawn(_ journal: Journal) throws -> UInt64 {
        if let disk = journal.meta(diskKey).flatMap({ UInt64($0) }) { return disk }
        let drawn = UInt64.random(in: 1 ... .max)
        try journal.commitNow(.meta(key: diskKey, value: "\(drawn)"))
        return drawn
    }

    /// The cluster as it is known; a node alone is a cluster of its own, with an identifier for good.
    private static func state(
        _ journal: Journal, _ configuration: Node.Configuration, _ grant: JoinGrant?
    ) throws -> ClusterState {
        if grant == nil, let text = journal.meta(stateKey) {
            let state = try state(text)
            guard state.member(configuration.node) != nil else { throw NodeError.notAMember(configuration.node) }
            return state
        }
        if let cluster = configuration.cluster, !cluster.members.isEmpty {
            guard cluster.members[configuration.node] != nil else { throw NodeError.notAMember(configuration.node) }
            return cluster.founding
        }
        let own = ClusterState.Member(
            node: configuration.node, address: configuration.cluster?.listen.description ?? "", role: .serving,
            formats: WireVersion.read)
        if let grant, !WireVersion.read.contains(grant.state.format) {
            throw NodeError.newerFormat(grant.state.format)
        }
        return grant?.state
            ?? ClusterState(
                id: ClusterID(high: .random(in: .min ... .max), low: .random(in: .min ... .max)),
                name: "of node \(configuration.node)", format: WireVersion.current,
                replicas: configuration.cluster?.replicas ?? .three, members: [own])
    }

    /// Who takes part in a partition's group before its log says otherwise; nobody for who was let in.
    func founders(of partition: UInt16, as configuration: Node.Configuration) -> Membership {
        guard !hasJoined else { return .none }
        let id = NodeID(configuration.node, incarnation: generation)
        return configuration.cluster?.membership(of: id, in: partition) ?? Membership(voters: [id])
    }

    /// What the node says of itself to its cluster. Founders are reached where each was told; who came later, where he
    /// listens.
    func report(as configuration: Node.Configuration) -> ClusterRequest.Report {
        let listens = configuration.cluster.flatMap { $0.members.isEmpty ? $0.listen.description : nil }
        return ClusterRequest.Report(
            node: configuration.node, generation: generation, disk: disk, address: listens ?? "",
            formats: WireVersion.read)
    }

    // MARK: Words

    static func state(_ text: String) throws(NodeError) -> ClusterState {
        guard let bytes = HexadecimalText.decode(text) else { throw .clusterState }
        do throws(WireError) {
            return try ClusterCodec.decodeState(bytes)
        } catch {
            guard case .unknownVersion(let format) = error else { throw .clusterState }
            throw .newerFormat(format)
        }
    }

    /// What a directory is made for, in words.
    private static func founding(_ configuration: Node.Configuration) -> String {
        guard let cluster = configuration.cluster, !cluster.members.isEmpty else { return alone }
        return "node \(configuration.node) of cluster \"\(cluster.name)\" with the nodes \(cluster.founders)"
    }

    private static func joined(_ node: UInt32) -> String { "node \(node), let in by cluster " }

    static func parse(_ text: String) -> JournaledTime.Anchor? {
        let parts = text.split(separator: " ").compactMap { Int64($0) }
        return parts.count == 2 ? JournaledTime.Anchor(factor: parts[0], wall: parts[1]) : nil
    }

    static func text(_ state: ClusterState) -> String { HexadecimalText.encode(ClusterCodec.encode(state)) }
}
