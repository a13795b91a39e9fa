/// A snapshot on its way into this node. It outlives the leader that sent it: another that offers the same one goes on
/// where it stopped.
struct ArrivingSnapshot: Sendable {
    enum Phase: Sendable, Equatable {
        case receiving
        case storing
        case installing
    }

    var partial: PartialSnapshot
    /// Who is told how far it is.
    var sender: NodeID
    var phase: Phase

    var isInstalling: Bool { phase == .installing }
    var isComplete: Bool { partial.received == partial.snapshot.size }

    var reply: SnapshotReply {
        SnapshotReply(
            point: partial.snapshot.point, checksum: partial.snapshot.checksum, received: partial.received)
    }
}
