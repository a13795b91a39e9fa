internal import TandemConsensus
internal import TandemJournal
internal import TandemTransport

/// Which disk each node came with first, in each generation: what it promised is on that one. A node whose disk was wiped
/// or replaced has forgotten its votes and what it acknowledged, and must not take part as who it was.
///
/// Belongs to the consensus loop.
final class DiskMemory {
    /// Refused by the owner of the network: the disk is not the one that promised.
    static let otherDisk = PeerRefusal.Code(PeerRefusal.Code.ownersFirst)

    private let log: any EntryLog
    private var heard: [NodeID: UInt64] = [:]

    init(log: any EntryLog) { self.log = log }

    private static func key(_ id: NodeID) -> String {
        "disk of node \(id.node)" + (id.incarnation == 0 ? "" : ".\(id.incarnation)")
    }

    private func known(_ id: NodeID) -> UInt64? { heard[id] ?? log.meta(Self.key(id)).flatMap { UInt64($0) } }

    /// - Parameter agreed: the disk as the cluster's state has it; 0: it does not say.
    func refusal(of peer: PeerIdentity, agreed: UInt64 = 0) -> PeerRefusal? {
        let disk = agreed != 0 ? agreed : known(peer.id)
        guard let disk, disk != peer.disk else { return nil }
        return PeerRefusal(
            Self.otherDisk,
            "\(peer.node) comes with another disk than the one that it took part with: its journal was wiped or replaced; "
                + "started with --join it comes back with a new life"
        )
    }

    /// Without waiting: who forgets it by a power cut in that moment is one of several who know.
    func remember(_ peer: PeerIdentity) {
        guard peer.disk != 0, known(peer.id) == nil else { return }
        heard[peer.id] = peer.disk
        log.submit(.meta(key: Self.key(peer.id), value: "\(peer.disk)")) { _ in }
    }
}

extension PeerIdentity {
    /// Who it is in the groups.
    var id: NodeID { NodeID(node.number, incarnation: life.generation) }
}
