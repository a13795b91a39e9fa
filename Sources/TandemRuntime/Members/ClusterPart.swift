internal import TandemConsensus
internal import TandemJournal
internal import TandemTransport

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
    private let network: ClusterNetwork?
    var clocks: ClockRounds? { network?.clocks }
    /// What this node says of itself.
    private let own: ClusterRequest.Report

    init(
        _ replica: Replica, _ network: ClusterNetwork?, _ loop: EventLoop, _ journal: Journal, _ identity: NodeIdentity,
        agreed: AgreedFormat
    ) {
        let id = replica.id
        self.replica = replica
        // Alone nothing changes that would have to be told.
        let silent: @Sendable (String) -> Void = { _ in }
        let isHere: (UInt32) -> Bool = { $0 == id.node || network?.presence.isHere($0) == true }
        let system = SystemPartition(
            replica.partition, loop: loop, state: identity.state, tell: network?.configuration.tell ?? silent,
            isHere: isHere
        ) { state in
            agreed.raise(to: state.format)
            journal.submit(.meta(key: NodeIdentity.stateKey, value: NodeIdentity.text(state))) { _ in }
            network?.take(state)
        }
        system.write(to: replica)
        self.system = system
        self.network = network
        // Founders reach one another where they were told to; who came later, where he listens.
        let listens = network.map { $0.configuration.members.isEmpty ? $0.configuration.listen.description : "" }
        own = ClusterRequest.Report(
            node: id.node, generation: id.incarnation, disk: identity.disk, address: listens ?? "",
            formats: ClusterState.formatsRead)
        guard let network else {
            desk = nil
            keeper = nil
            return
        }
        let desk = ClusterDesk(
            id: id, life: identity.incarnation, loop: loop, system: system, mayLead: network.clocks.mayLead)
        self.desk = desk
        keeper = GroupKeeper(
            id: id, loop: loop, presence: network.presence, clocks: network.clocks, system: system, desk: desk,
            own: own, drainage: drainage,
            tell: network.configuration.tell)
    }

    /// Begins, before the loop and the network do.
    ///
    /// - Parameter groups: the replicas of all partitions by number, this one's last.
    func start(_ groups: [Replica], _ network: ClusterNetwork?, disk: JournalHealth) throws(JournalError) {
        try replica.start(system, at: .beginning, disk: disk) {}
        keeper?.start(groups) { network?.refresh() }
        desk?.start(groups) { isAnswer, bytes, node in network?.send(isAnswer: isAnswer, bytes, to: node) }
    }

    /// On the loop: hands over what is led here; how many groups are left that somebody could take.
    func leave() -> Int { keeper?.leave() ?? 0 }

    /// On the loop.
    func beat(at now: UInt64) {
        clocks?.beat(at: now)
        // Nobody else would be asked, and nobody else has to read it.
        if keeper == nil, let known = system.state.member(own.node), known.formats != own.formats {
            system.take(.report(own)) { _ in }
        }
        keeper?.beat(at: now)
        desk?.beat(at: now)
        network?.post()
    }
}
