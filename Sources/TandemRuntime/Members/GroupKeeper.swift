internal import TandemConsensus

/// Sees to it that those take part in the groups this node leads whom the cluster's state names, and that leadership is
/// with those who serve.
///
/// Belongs to the consensus loop.
// Safe: touched on the loop only; `Sendable` for the answers of replicas, which come back to it.
final class GroupKeeper: @unchecked Sendable {
    /// Between two looks at a group.
    private static let intervalNanoseconds: UInt64 = 200_000_000
    private static let reportNanoseconds: UInt64 = 15_000_000_000
    /// Entries a learner may lack that counts as having everything: it has them before a client notices.
    private static let lagMax: UInt64 = 1_000
    /// Ticks since a node was heard, up to which it counts.
    private static let silentTicksMax = 50

    private let id: NodeID
    private let loop: any PartitionExecutor
    private let balance: LeaderBalance
    private let system: SystemPartition
    private let clocks: ClockRounds
    private let desk: ClusterDesk
    private let own: ClusterRequest.Report
    private let presence: NodePresence
    private let drainage: Drainage
    private let tell: @Sendable (String) -> Void
    private var replicas: [Replica] = []
    private var refresh: () -> Void = {}
    private var reportDue: UInt64 = 0
    private var due: UInt64 = 0
    /// Groups whose leader is asked or at work, by partition.
    private var busy: Set<UInt16> = []

    /// - Parameter own: what this node says of itself.
    init(
        id: NodeID, loop: any PartitionExecutor, presence: NodePresence, clocks: ClockRounds, system: SystemPartition,
        desk: ClusterDesk, own: ClusterRequest.Report, drainage: Drainage, tell: @escaping @Sendable (String) -> Void
    ) {
        self.clocks = clocks
        self.presence = presence
        self.drainage = drainage
        self.desk = desk
        self.own = own
        self.id = id
        self.loop = loop
        balance = LeaderBalance(id: id, members: [], presence: presence)
        self.system = system
        self.tell = tell
    }

    /// - Parameters:
    ///   - replicas: of all partitions, the system partition's last.
    ///   - refresh: looks again who is to be spoken to.
    func start(
        _ replicas: [Replica], isWrong: @escaping (_ partition: UInt16, _ node: UInt32) -> Bool,
        refresh: @escaping () -> Void
    ) {
        self.replicas = replicas
        balance.isWrong = isWrong
        self.refresh = refresh
    }

    func beat(at now: UInt64) {
        guard now >= due else { return }
        due = now + Self.intervalNanoseconds
        let state = system.state
        refresh()
        report(state, at: now)
        balance.members = state.members.filter { $0.role == .serving }.map(\.id)
        balance.mayLead = state.members.filter { clocks.mayLead($0.node) }.map(\.id)
        balance.isLeaving = state.member(id.node)?.role == .draining || clocks.isOff
        drainage.take(state, node: id.node, isHere: presence.stays)
        let wanted = state.wanted
        for replica in replicas where replica.leader == id && !busy.contains(replica.partition) {
            if !MembershipPlan.isSettled(replica.membership, wanted: wanted, replicas: state.replicas) {
                tend(replica, state)
            }
        }
        balance.beat(at: now, replicas.filter { !busy.contains($0.partition) })
        if replicas.last?.leader == id, state.members.contains(where: { $0.role == .joining }) {
            noticeCaughtUp(state)
        }
    }

    /// The node is going; as `LeaderBalance.leave`.
    func leave(at now: UInt64) -> Int { balance.leave(replicas, at: now) }

    /// Says what the cluster does not know of this node yet.
    private func report(_ state: ClusterState, at now: UInt64) {
        guard now >= reportDue, let known = state.member(id.node), known.id == id, known.belongs,
            known.formats != own.formats || known.disk == 0
                || !own.address.isEmpty && known.address != own.address
        else { return }
        reportDue = now + Self.reportNanoseconds
        desk.submit(.report(own)) { _ in }
    }

    // MARK: Members

    private func tend(_ replica: Replica, _ state: ClusterState) {
        busy.insert(replica.partition)
        replica.status { [self] status in
            loop.run { self.tend(replica, state, status) }
        }
    }

    private func tend(_ replica: Replica, _ state: ClusterState, _ status: RaftStatus?) {
        let done: @Sendable (ProposalRefusal?) -> Void = { [self] _ in
            // Refused: somebody else leads, or is at it; it is looked at again.
            loop.run { self.busy.remove(replica.partition) }
        }
        guard let status, case .leader = status.standing, status.isMembershipCommitted,
            let step = MembershipPlan.next(
                status.membership, wanted: MembershipPlan.order(state.wanted, of: replica.partition),
                replicas: state.replicas, caughtUp: Self.caughtUp(status), healthy: Self.healthy(status), leader: id,
                membersMax: RaftLimits().members)
        else { return done(nil) }
        switch step {
        case .change(let change):
            tell("partition \(replica.partition): members \(status.membership); now \(change.words)")
            replica.change(change, done: done)
        case .handOver(let heir): replica.transferLeadership(to: heir, done: done)
        }
    }

    private static func caughtUp(_ status: RaftStatus) -> Set<NodeID> {
        Set(status.peers.filter { $0.state == .replicating && $0.match + lagMax >= status.last.index }.map(\.id))
    }

    private static func healthy(_ status: RaftStatus) -> Set<NodeID> {
        Set(status.peers.filter { $0.silentTicks < silentTicksMax }.map(\.id) + [status.id])
    }

    /// Who joins serves as soon as it has the system partition and a share in each group that is led here.
    private func noticeCaughtUp(_ state: ClusterState) {
        for member in state.members where member.role == .joining {
            guard replicas.allSatisfy({ $0.membership.contains(member.id) }) else { continue }
            replicas.last?.status { [self] status in
                guard let status, Self.caughtUp(status).contains(member.id) else { return }
                loop.run { self.system.take(.caughtUp(member.id)) { _ in } }
            }
        }
    }
}

extension MembershipChange {
    fileprivate var words: String {
        func list(_ what: String, _ ids: [NodeID]) -> String? {
            ids.isEmpty ? nil : what + " " + ids.map(\.description).joined(separator: " ")
        }
        return [list("learn", learn), list("vote", promote), list("leave", remove)].compactMap(\.self)
            .joined(separator: ", ")
    }
}
