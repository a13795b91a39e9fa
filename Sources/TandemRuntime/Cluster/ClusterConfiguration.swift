internal import TandemConsensus
package import TandemTransport
internal import TandemWire

/// How a node takes part in a cluster: it founds one with others, it joins one, or it is alone and can be joined.
package struct ClusterConfiguration: Sendable {
    /// Told apart from all others by its name and its founders' numbers; the same on all of them.
    package var name: String
    /// The nodes that found it, this one included, by number: where this node reaches each. Empty: it founds none.
    package var members: [UInt32: SocketAddress]
    /// How many of them vote for each partition; nil: five of five, or else three. Of a cluster that exists it is changed by
    /// a request.
    package var replicas: Replicas?
    /// Where this node accepts the others; who founds nothing is reached there.
    package var listen: SocketAddress
    /// Without it everything between nodes is sent in the clear, and identities are believed.
    package var security: PeerSecurity?
    /// Asks a cluster to be let in, with the disk's number, for a directory that is being made; waits.
    package var join: (@Sendable (UInt64) throws -> JoinGrant)?
    /// A line for the log; called on the consensus loop.
    package var tell: @Sendable (String) -> Void

    package init(
        name: String = "", members: [UInt32: SocketAddress] = [:], listen: SocketAddress,
        security: PeerSecurity? = nil, tell: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.name = name
        self.members = members
        self.listen = listen
        self.security = security
        self.tell = tell
    }

    /// By number, as texts: what the journal remembers.
    var founders: String { members.keys.sorted().map(String.init).joined(separator: " ") }

    private var replicasFounded: Replicas { replicas ?? Replicas(founders: members.count) }

    /// Half of the SHA-256 of name and founders, and of the replicas where they are not what founders get who do not say:
    /// who was told otherwise founds another cluster, and is told so.
    package var id: ClusterID {
        let said = replicasFounded == Replicas(founders: members.count) ? "" : "\n\(replicasFounded.count)"
        let digest = Digest.sha256(Array("tandem cluster\n\(name)\n\(founders)\(said)".utf8))
        func number(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
        return ClusterID(high: number(digest[0..<8]), low: number(digest[8..<16]))
    }

    /// Who takes part in a partition's group before its log says otherwise.
    ///
    /// - Parameter id: this node, which is by itself unless it founds a cluster with others.
    func membership(of id: NodeID, in partition: UInt16) -> Membership {
        guard !members.isEmpty else { return Membership(voters: [id]) }
        let order = MembershipPlan.order(members.keys.map { NodeID($0) }, of: partition)
        let count = replicasFounded.count
        return Membership(voters: Array(order.prefix(count)), learners: Array(order.dropFirst(count)))
    }

    /// What the founders are, as their first leader will write it. What the others read they say themselves, when they are
    /// there.
    package var founding: ClusterState {
        ClusterState(
            id: id, name: name, format: WireVersion.oldest, replicas: replicasFounded,
            members: members.keys.sorted().map { node in
                ClusterState.Member(
                    node: node, address: members[node]?.description ?? "", role: .serving,
                    formats: WireVersion.first...WireVersion.oldest)
            })
    }
}

/// What a cluster tells a node that it lets in.
package struct JoinGrant: Sendable {
    package var state: ClusterState
    package var partitions: Int
    /// How the contact centre's clock runs there; nil: as it should.
    package var testClock: (factor: Int64, wall: Int64)?

    package init(state: ClusterState, partitions: Int, testClock: (factor: Int64, wall: Int64)?) {
        self.state = state
        self.partitions = partitions
        self.testClock = testClock
    }
}
