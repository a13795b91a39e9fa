internal import TandemConsensus

/// Making, reading, storing and installing snapshots.
extension Simulation {
    func snapshotDone(_ place: Int, _ life: Int, _ task: SnapshotTask, _ happening: Happening) throws(Broken) {
        guard let machine = awake(place, life, happening), let replica = machine.replica else { return }
        switch task {
        case .make: make(replica)
        case .read(let snapshot, let offset, let maximumBytes, let peer):
            read(snapshot, offset, maximumBytes, peer, replica)
        case .store(let part): store(part, machine, replica)
        case .install(let snapshot): try install(snapshot, machine, replica)
        }
        try pump(machine)
    }

    private func make(_ replica: Replica) {
        if dice.falls(50) { return replica.raft.snapshotNotMade() }
        let bytes = replica.state.encoded
        let snapshot = Snapshot(
            point: replica.applied, membership: replica.raft.membership(at: replica.applied.index),
            size: UInt64(bytes.count), checksum: Fingerprint.of(bytes))
        trace.note(now, "\(replica.raft.id) makes a snapshot at \(snapshot.point)", snapshot.checksum)
        coverage[.snapshotsMade] += 1
        replica.snapshot = (snapshot, bytes)
        replica.raft.snapshotMade(snapshot)
    }

    private func read(
        _ snapshot: Snapshot, _ offset: UInt64, _ maximumBytes: Int, _ peer: NodeID, _ replica: Replica
    ) {
        guard let held = replica.snapshot, held.meta == snapshot, !dice.falls(20) else {
            replica.snapshot = nil
            return replica.raft.snapshotGone(snapshot, for: peer)
        }
        let bytes = Array(held.bytes[Int(offset)...].prefix(maximumBytes))
        let part = SnapshotPart(snapshot: snapshot, offset: offset, bytes: bytes, checksum: Fingerprint.of(bytes))
        coverage[.partsSent] += 1
        replica.raft.snapshotRead(part, for: peer)
    }

    private func store(_ part: SnapshotPart, _ machine: Machine, _ replica: Replica) {
        if machine.disk?.partial?.snapshot != part.snapshot {
            machine.disk?.partial = PartialSnapshot(snapshot: part.snapshot, received: 0)
            machine.disk?.partialBytes = []
        }
        let received = machine.disk?.partialBytes.count ?? 0
        if part.checksum == Fingerprint.of(part.bytes), part.offset == UInt64(received) {
            machine.disk?.partialBytes += part.bytes
        } else {
            coverage[.badParts] += 1
        }
        let stored = UInt64(machine.disk?.partialBytes.count ?? 0)
        machine.disk?.partial?.received = stored
        trace.note(now, "\(replica.raft.id) has \(stored) bytes of a snapshot", stored)
        replica.raft.snapshotStored(part.snapshot, received: stored)
    }

    private func install(_ snapshot: Snapshot, _ machine: Machine, _ replica: Replica) throws(Broken) {
        let bytes = machine.disk?.partialBytes ?? []
        machine.disk?.partial = nil
        machine.disk?.partialBytes = []
        guard Fingerprint.of(bytes) == snapshot.checksum, let state = Registers(decoding: bytes) else {
            return replica.raft.snapshotStored(snapshot, received: 0)
        }
        guard snapshot.point.index > replica.applied.index else {
            // Only the log lacks what it contains.
            trace.note(now, "\(replica.raft.id) begins its log behind \(snapshot.point)", snapshot.checksum)
            machine.disk?.begin(behind: snapshot)
            replica.toApply = []
            return replica.raft.snapshotInstalled(snapshot)
        }
        trace.note(now, "\(replica.raft.id) installs the snapshot at \(snapshot.point)", snapshot.checksum)
        coverage[.snapshotsInstalled] += 1
        machine.disk?.checkpoint(Disk.State(point: snapshot.point, membership: snapshot.membership, bytes: bytes))
        replica.state = state
        replica.applied = snapshot.point
        replica.toApply = []
        try checker.compare(state.digest, at: snapshot.point.index, of: replica.raft.id)
        replica.raft.snapshotInstalled(snapshot)
        try serveReads(replica)
    }
}
