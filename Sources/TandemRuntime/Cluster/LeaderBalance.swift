internal import TandemConsensus
internal import TandemTransport

/// Spreads leadership over the nodes: each partition is led by one of them by preference, which gets it back gently when
/// it has come back itself.
///
/// Belongs to the consensus loop.
final class LeaderBalance {
    /// At most one partition is handed over in this time, by this node.
    static let intervalNanoseconds: UInt64 = 1_000_000_000
    /// Who has not been there so many intervals may fall out again.
    private static let intervalsHere = 3
    /// Entries it may lack: it has them before a client notices.
    private static let lagMax: UInt64 = 1_000

    private let id: NodeID
    /// Who may lead, by number: those who serve.
    var members: [NodeID]
    /// Those of them whose clocks are right, as far as is known; nil: all.
    var mayLead: [NodeID]?
    /// A majority says that a node's state of a partition is wrong: it cannot take it.
    var isWrong: (_ partition: UInt16, _ node: UInt32) -> Bool = { _, _ in false }
    /// This node is to lead nothing: it hands over all it can at once.
    var isLeaving = false
    private let presence: NodePresence
    private var here: [NodeID: Int] = [:]
    private var due: UInt64 = 0
    private var next = 0
    /// Noted by whoever works for a replica.
    private let handOvers = HandOverBook()

    init(id: NodeID, members: [NodeID], presence: NodePresence) {
        self.id = id
        self.members = members
        self.presence = presence
    }

    /// Who leads a partition when all are well.
    static func preferred(_ partition: UInt16, _ heirs: [NodeID]) -> NodeID? {
        heirs.isEmpty ? nil : heirs[Int(partition) % heirs.count]
    }

    func beat(at now: UInt64, _ replicas: [Replica]) {
        guard now >= due || isLeaving, !replicas.isEmpty else { return }
        if now >= due {
            due = now + Self.intervalNanoseconds
            for member in members where member != id {
                here[member] = presence.stays(member.node) ? here[member, default: 0] + 1 : 0
            }
        }
        noteLed(replicas)
        if isLeaving {
            for replica in replicas where replica.leader == id {
                let heirs = heirs(of: replica).filter { here[$0, default: 0] >= Self.intervalsHere }
                leave(replica, to: heirs, at: now)
            }
            return
        }
        for step in 0..<replicas.count {
            let replica = replicas[(next + step) % replicas.count]
            // Each has its own, or stays.
            guard replica.leader == id, let heir = Self.preferred(replica.partition, candidates(for: replica)),
                heir != id,
                here[heir, default: 0] >= Self.intervalsHere,
                handOvers.withLock({ $0.willing([heir], of: replica.partition, at: now) }) == [heir]
            else { continue }
            handOver(replica, to: [heir], at: now)
            next = (next + step + 1) % replicas.count
            return
        }
    }

    private func noteLed(_ replicas: [Replica]) {
        handOvers.withLock { handOvers in
            for replica in replicas where replica.leader != id { handOvers.isLedElsewhere(replica.partition) }
        }
    }

    private func isRight(_ member: NodeID) -> Bool { mayLead?.contains(member) ?? true }

    /// Those who may lead a group; learners lead nothing.
    private func candidates(for replica: Replica) -> [NodeID] {
        let voters = replica.membership.voters
        return members.filter { voters.contains($0) && isRight($0) && !isWrong(replica.partition, $0.node) }
    }

    /// Those of them who could take it.
    private func heirs(of replica: Replica) -> [NodeID] { candidates(for: replica).filter { $0 != id } }

    /// The node is going: hands everything over that it leads to whoever stays and has most of it.
    ///
    /// - Returns: how many groups it still leads that somebody could take.
    func leave(_ replicas: [Replica], at now: UInt64) -> Int {
        var left = 0
        noteLed(replicas)
        for replica in replicas where replica.leader == id {
            let heirs = heirs(of: replica).filter { presence.stays($0.node) }
            guard !heirs.isEmpty else { continue }
            left += 1
            leave(replica, to: heirs, at: now)
        }
        return left
    }

    /// Hands a group over to whichever of the heirs has most of it, by preference to one who has not failed lately.
    private func leave(_ replica: Replica, to heirs: [NodeID], at now: UInt64) {
        guard !heirs.isEmpty else { return }
        let willing = handOvers.withLock { $0.willing(heirs, of: replica.partition, at: now) }
        handOver(replica, to: willing.isEmpty ? heirs : willing, mayLag: true, at: now)
    }

    /// Asks the heir whose turn it is by the group's number, or another who has as much.
    ///
    /// - Parameter mayLag: all of them may lack more than is made up for before a client notices.
    private func handOver(_ replica: Replica, to heirs: [NodeID], mayLag: Bool = false, at now: UInt64) {
        let (partition, handOvers) = (replica.partition, handOvers)
        replica.status { status in
            guard let status else { return }
            let able = status.peers.filter { $0.state == .replicating && heirs.contains($0.id) }
            let wanted = mayLag ? able.map(\.match).max() ?? 0 : status.last.index
            let equal = able.filter { $0.match + Self.lagMax >= wanted }
            guard !equal.isEmpty else { return }
            let first = heirs[Int(partition) % heirs.count]
            let heir = equal.first { $0.id == first } ?? equal[Int(partition) % equal.count]
            handOvers.withLock { $0.ask(heir.id, partition, at: now) }
            // Refused: it does not lead any more, or somebody else is at it.
            replica.transferLeadership(to: heir.id) { _ in }
        }
    }
}
