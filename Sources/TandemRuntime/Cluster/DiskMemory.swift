internal import TandemJournal
internal import TandemTransport

/// Which disk each node came with first: what it promised is on that one. A node whose disk was wiped or replaced has
/// forgotten its votes and what it acknowledged, and must not take part as who it was.
///
/// Belongs to the consensus loop.
final class DiskMemory {
    /// Refused by the owner of the network: the disk is not the one that promised.
    static let otherDisk = PeerRefusal.Code(PeerRefusal.Code.ownersFirst)
    static let keyPrefix = "disk of node "

    private let log: any EntryLog
    private var known: [UInt32: UInt64]

    /// - Parameter known: as the journal remembers it.
    init(log: any EntryLog, known: [UInt32: UInt64]) {
        self.log = log
        self.known = known
    }

    func refusal(of peer: PeerIdentity) -> PeerRefusal? {
        guard let disk = known[peer.node.number], disk != peer.disk else { return nil }
        return PeerRefusal(
            Self.otherDisk,
            "\(peer.node) comes with another disk than the one that it took part with; its journal was wiped or replaced"
        )
    }

    /// Without waiting: who forgets it by a power cut in that moment is one of several who know.
    func remember(_ peer: PeerIdentity) {
        guard known[peer.node.number] == nil, peer.disk != 0 else { return }
        known[peer.node.number] = peer.disk
        log.submit(.meta(key: Self.keyPrefix + "\(peer.node.number)", value: "\(peer.disk)")) { _ in }
    }
}
