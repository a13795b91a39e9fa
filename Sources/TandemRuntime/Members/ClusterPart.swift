internal import TandemConsensus
internal import TandemJournal

/// A node's part in what concerns the cluster as a whole: the system partition with its replica, and where there are, or may
/// be, other nodes, who sees to the groups and who takes requests.
struct ClusterPart: Sendable {
    let system: SystemPartition
    /// Its number is the one behind the partitions'.
    let replica: Replica
    let desk: ClusterDesk?
    let drainage = Drainage()
    private let keeper: GroupKeeper?
    /// Nil where there is no other node.
    private let peers: (any ClusterPeers)?
    /// What this node says of itself.
    private let own: ClusterRequest.Report

    /// - Parameters:
    ///   - peers: nil: alone, and nobody can reach it.
    ///   - life: of the node; rises with each start.
    ///   - state: the cluster as this node knew it last, or as its founders make it.
    ///   - own: what this node says of itself.
    ///   - agreed: raised as the state is.
    init(
        _ replica: Replica, _ peers: (any ClusterPeers)?, loop: any PartitionExecutor, clock: any NodeClock,
        log: any EntryLog, life: UInt64, state: ClusterState, own: ClusterRequest.Report, agreed: AgreedFormat,
        tell: (@Sendable (String) -> Void)?
    ) {
        let id = replica.id
        // Alone nothing changes that would have to be told.
        let tell = tell ?? { _ in }
        self.replica = replica
        self.peers = peers
        self.own = own
        let isHere: (UInt32) -> Bool = { $0 == id.node || peers?.presence.isHere($0) == true }
        let system = SystemPartition(replica.partition, loop: loop, state: state, tell: tell, isHere: isHere) { state in
            agreed.raise(to: state.format)
            log.submit(.meta(key: NodeIdentity.stateKey, value: NodeIdentity.text(state))) { _ in }
            peers?.take(state)
        }
        system.write(to: replica)
        self.system = system
        guard let peers else {
            desk = nil
            keeper = nil
            return
        }
        let desk = ClusterDesk(
            id: id, life: life, loop: loop, clock: clock, system: system, mayLead: peers.clocks.mayLead)
        self.desk = desk
        keeper = GroupKeeper(
            id: id, loop: loop, presence: peers.presence, clocks: peers.clocks, system: system, desk: desk, own: own,
            drainage: drainage, tell: tell)
    }

    var clocks: ClockRounds? { peers?.clocks }

    /// Begins, before the loop and the network do.
    ///
    /// - Parameters:
    ///   - groups: the replicas of all partitions by number, this one's last.
    ///   - isWrong: whether a node's state of a partition is.
    func start(
        _ groups: [Replica], disk: JournalHealth, isWrong: @escaping (_ partition: UInt16, _ node: UInt32) -> Bool
    ) throws(JournalError) {
        try replica.start(system, at: .beginning, disk: disk) {}
        keeper?.start(groups, isWrong: isWrong) { [peers] in peers?.refresh() }
        desk?.start(groups) { [peers] isAnswer, bytes, node in peers?.send(isAnswer: isAnswer, bytes, to: node) }
    }

    /// On the loop: hands over what is led here; how many groups are left that somebody could take.
    func leave(at now: UInt64) -> Int { keeper?.leave(at: now) ?? 0 }

    /// On the loop.
    func beat(at now: UInt64) {
        clocks?.beat(at: now)
        // Nobody else would be asked, and nobody else has to read it.
        if keeper == nil, let known = system.state.member(own.node), known.formats != own.formats {
            system.take(.report(own)) { _ in }
        }
        keeper?.beat(at: now)
        desk?.beat(at: now)
        peers?.post()
    }
}
