/// Sending a snapshot to a member that lacks what was cut: offered first, then part by part, each asked for by the
/// answer to the one before.
extension Leader {
    mutating func offerSnapshot(to position: Int, _ core: inout Core) {
        guard let snapshot = core.snapshot, snapshot.point.index >= core.log.origin.index else {
            updatePeer(at: position) { $0.state = .snapshot(SnapshotTransfer(phase: .making)) }
            guard !core.isMakingSnapshot else { return }
            core.isMakingSnapshot = true
            core.out.snapshots.append(.make)
            return
        }
        updatePeer(at: position) { $0.state = .snapshot(SnapshotTransfer(phase: .asked, snapshot: snapshot)) }
        let offer = SnapshotPart(snapshot: snapshot, offset: 0, bytes: [], checksum: 0)
        core.send(.snapshot(offer), to: peers[position].id)
    }

    /// There is a snapshot now: whoever waits for one is offered it.
    mutating func snapshotMade(_ core: inout Core) {
        for position in peers.indices {
            if let transfer = transfer(at: position), transfer.phase == .making { offerSnapshot(to: position, &core) }
        }
    }

    mutating func snapshotGone(_ snapshot: Snapshot, for peer: NodeID, _ core: inout Core) {
        guard let position = position(of: peer), transfer(at: position)?.snapshot == snapshot else { return }
        offerSnapshot(to: position, &core)
    }

    /// The member says how far it is: the next part is read for it.
    mutating func snapshotAnswered(_ reply: SnapshotReply, by peer: NodeID, _ core: inout Core) {
        guard let position = position(of: peer) else { return }
        updatePeer(at: position) { $0.silentTicks = 0 }
        guard var transfer = transfer(at: position), let snapshot = transfer.snapshot,
            snapshot.point == reply.point, snapshot.checksum == reply.checksum
        else { return }
        // The same answer again: what follows is under way.
        if transfer.phase == .reading && transfer.received == reply.received { return }
        transfer.received = reply.received
        transfer.silentTicks = 0
        transfer.phase = .asked
        if reply.received < snapshot.size {
            transfer.phase = .reading
            core.out.snapshots.append(
                .read(snapshot, offset: reply.received, maximumBytes: core.limits.partBytes, peer: peer))
        }
        updatePeer(at: position) { $0.state = .snapshot(transfer) }
    }

    mutating func snapshotRead(_ part: SnapshotPart, for peer: NodeID, _ core: inout Core) {
        guard let position = position(of: peer), var transfer = transfer(at: position), transfer.phase == .reading,
            transfer.snapshot == part.snapshot, transfer.received == part.offset
        else { return }
        transfer.phase = .asked
        transfer.silentTicks = 0
        updatePeer(at: position) { $0.state = .snapshot(transfer) }
        core.send(.snapshot(part), to: peer)
    }

    mutating func tickSnapshot(_ position: Int, _ core: inout Core) {
        guard var transfer = transfer(at: position) else { return }
        transfer.silentTicks += 1
        updatePeer(at: position) { $0.state = .snapshot(transfer) }
        if transfer.silentTicks >= core.limits.snapshotSilenceTicks {
            // A member that has what it needs by now says so.
            offerSnapshot(to: position, &core)
        }
    }

    private func transfer(at position: Int) -> SnapshotTransfer? {
        switch peers[position].state {
        case .snapshot(let transfer): transfer
        case .probe, .replicate: nil
        }
    }
}
