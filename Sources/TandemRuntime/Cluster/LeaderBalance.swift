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
    private var handOvers = HandOvers()

    init(id: NodeID, members: [NodeID], presence: NodePresence) {
        self.id = id
        self.members = members
        self.presence = presence
    }

    /// Who leads a partition when all are well.
    func preferred(_ partition: UInt16) -> NodeID? { Self.preferred(partition, members) }

    private static func preferred(_ partition: UInt16, _ heirs: [NodeID]) -> NodeID? {
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
        for step in 0..<replicas.count {
            let replica = replicas[(next + step) % replicas.count]
            // Learners lead nothing.
            let voters = replica.membership.voters
            let heirs = members.filter {
                voters.contains($0) && isSuitable($0) && !isWrong(replica.partition, $0.node)
            }
            guard replica.leader == id else { continue }
            let willing = handOvers.willing(heirs, of: replica.partition, at: now)
            // Who leaves takes the next one; otherwise each has its own, or stays.
            let candidates = isLeaving && !willing.isEmpty ? willing : heirs
            guard let heir = Self.preferred(replica.partition, candidates), heir != id,
                here[heir, default: 0] >= Self.intervalsHere, isLeaving || willing.contains(heir)
            else { continue }
            handOvers.ask(heir, replica.partition, at: now)
            handOver(replica, to: heir)
            if isLeaving { continue }
            next = (next + step + 1) % replicas.count
            return
        }
    }

    private func noteLed(_ replicas: [Replica]) {
        for replica in replicas where replica.leader != id { handOvers.isLedElsewhere(replica.partition) }
    }

    private func isRight(_ member: NodeID) -> Bool { mayLead?.contains(member) ?? true }

    /// Who leaves takes whoever is there; otherwise each has its own, and gets it when it is there.
    private func isSuitable(_ member: NodeID) -> Bool {
        guard isRight(member) else { return false }
        return !isLeaving || member != id && here[member, default: 0] >= Self.intervalsHere
    }

    /// The node is going: hands everything over that it leads to whoever stays and has most of it.
    ///
    /// - Returns: how many groups it still leads that somebody could take.
    func leave(_ replicas: [Replica], at now: UInt64) -> Int {
        var left = 0
        noteLed(replicas)
        for replica in replicas where replica.leader == id {
            let heirs = members.filter {
                $0 != id && replica.membership.voters.contains($0) && presence.stays($0.node)
                    && isRight($0) && !isWrong(replica.partition, $0.node)
            }
            guard !heirs.isEmpty else { continue }
            left += 1
            let willing = handOvers.willing(heirs, of: replica.partition, at: now)
            let candidates = willing.isEmpty ? heirs : willing
            let first = candidates[Int(replica.partition) % candidates.count]
            handOvers.ask(first, replica.partition, at: now)
            replica.status { status in
                let able = status?.peers.filter { $0.state == .replicating && candidates.contains($0.id) } ?? []
                guard let most = able.map(\.match).max() else { return }
                let equal = able.filter { $0.match + Self.lagMax >= most }
                let heir = equal.first { $0.id == first } ?? equal[Int(replica.partition) % equal.count]
                replica.transferLeadership(to: heir.id) { _ in }
            }
        }
        return left
    }

    private func handOver(_ replica: Replica, to heir: NodeID) {
        replica.status { status in
            guard let status, let peer = status.peers.first(where: { $0.id == heir }), peer.state == .replicating,
                peer.match + Self.lagMax >= status.last.index
            else { return }
            // Refused: it does not lead any more, or somebody else is at it.
            replica.transferLeadership(to: heir) { _ in }
        }
    }
}
