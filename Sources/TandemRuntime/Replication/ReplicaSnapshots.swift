internal import TandemConsensus
internal import TandemJournal

// Cutting the log, and what is sent to those who need what was cut: the state itself.

extension Replica {
    func carryOut(_ task: SnapshotTask) {
        // Who takes part no more in this life makes and takes nothing.
        guard !isWithdrawn else { return }
        let (partition, generation) = (partition, generation)
        switch task {
        case .make:
            isCopying = true
            snapshots.make(of: partition) { [self] in
                found($0)
            } done: { [self] in
                bring(.copied($0, generation: generation))
            }
        case .read(let snapshot, let offset, let maximumBytes, let peer):
            offeredTicks = 0
            snapshots.read(snapshot, of: partition, offset: offset, maximumBytes: maximumBytes) { [self] in
                bring(.partRead($0, snapshot, peer, generation: generation))
            }
        case .store(let part):
            snapshots.store(part, of: partition) { [self] in
                bring(.partStored(part.snapshot, received: $0, generation: generation))
            }
        case .install(let snapshot): install(snapshot)
        }
    }

    // MARK: Sending

    func copied(_ made: MadeSnapshot?, _ generation: UInt64) {
        isCopying = false
        // A new machine knows nothing of it, and asks for one when it needs one.
        guard generation == self.generation, let raft else { return snapshots.drop(of: partition) }
        // The log was not cut meanwhile, so it knows the entry; and it has everything behind it.
        guard let made, raft.term(at: made.point.index) == made.point.term else {
            self.raft?.snapshotNotMade()
            return
        }
        let snapshot = Snapshot(
            point: made.point, membership: raft.membership(at: made.point.index), size: made.size,
            checksum: made.checksum)
        offered = snapshot
        offeredTicks = 0
        self.raft?.snapshotMade(snapshot)
    }

    func partRead(_ part: SnapshotPart?, _ snapshot: Snapshot, _ peer: NodeID) {
        if let part {
            raft?.snapshotRead(part, for: peer)
        } else {
            raft?.snapshotGone(snapshot, for: peer)
        }
    }

    /// A copy that nobody reads goes; should somebody ask for it later, there will be a newer one.
    func tickSnapshot() {
        guard offered != nil else { return }
        offeredTicks += 1
        guard offeredTicks >= bounds.offeredTicks else { return }
        offered = nil
        snapshots.drop(of: partition)
    }

    // MARK: Installing

    /// First it is written down who takes part in the group after it: once it has become the state, the log no longer says.
    private func install(_ snapshot: Snapshot) {
        // What came over the wire is within the bounds of what can be written.
        guard let write = KeptMembership.write(snapshot, of: partition) else { return }
        let generation = generation
        // Counted like a write: no new machine begins before it is known which state it has.
        writesUnderWay += 1
        if let raft { keepMembership(of: raft) }
        let membership = LogEntry(
            index: snapshot.point.index, term: snapshot.point.term, content: .membership(snapshot.membership))
        if let isShared = noteVoters(of: [membership]) { log.submit(isShared) { _ in } }
        log.submit(write) { [self] result in
            switch result {
            case .success: bring(.prepared(snapshot, generation: generation))
            case .failure(let error): bring(.writeFailed(error, from: nil, generation: generation))
            }
        }
    }

    func prepared(_ snapshot: Snapshot, _ generation: UInt64) {
        // Only the log lacks what it contains: that begins anew, the state goes on as it is.
        guard snapshot.point.index > ahead else {
            snapshots.discardArriving(of: partition, upTo: snapshot.point.index)
            return installed(snapshot, generation)
        }
        snapshots.install(snapshot, of: partition) { [self] in
            bring(.exchanged(snapshot, $0, generation: generation))
        }
    }

    /// The store is another one now, whatever became of the machine meanwhile.
    func exchanged(_ snapshot: Snapshot, _ image: StateImage?, _ generation: UInt64) {
        if let image {
            machine?.install(image) { [self] in bring(.installed(snapshot, generation: generation)) }
            return
        }
        writesUnderWay -= 1
        if generation == self.generation { raft?.snapshotStored(snapshot, received: 0) }
        rebuildIfQuiet()
    }

    /// Raft begins its log anew behind the state; the journal does so with the next write.
    func installed(_ snapshot: Snapshot, _ generation: UInt64) {
        writesUnderWay -= 1
        handed = snapshot.point
        applied = snapshot.point.index
        if generation == self.generation { raft?.snapshotInstalled(snapshot) }
        rebuildIfQuiet()
    }

    // MARK: Cutting

    func compact(_ index: LogIndex) {
        // A copy under way needs what its records lack. Tried again with the next checkpoint.
        guard let status = raft?.status, !isCopying else { return }
        var bound = index
        // What a member still needs is kept a while longer. Only who leads knows what the others hold; whoever does not
        // may lead next, and then they need it of him.
        let kept = index - min(index, bounds.keptForMembers)
        if case .leader = status.standing {
            for peer in status.peers {
                switch peer.state {
                case .probing, .replicating: bound = min(bound, max(peer.match, kept))
                case .receivingSnapshot:
                    let behind = index - min(index, bounds.keptForSnapshots)
                    bound = min(bound, max(offered?.point.index ?? 0, peer.match, behind))
                }
            }
        } else if !decidesAlone {
            bound = kept
        }
        snapshots.discardArriving(of: partition, upTo: status.applied)
        raft?.compact(to: bound)
        guard let raft, raft.origin.index >= log.firstIndex(partition) else { return }
        keepMembership(of: raft)
        // Tried again with the next checkpoint. Counted: nobody reads the journal anew while it is cut.
        writesUnderWay += 1
        let generation = generation
        log.submit(.cut(partition: partition, below: raft.origin.index + 1)) { [self] _ in
            bring(.written(nil, generation: generation))
        }
    }

    /// Writes down who takes part at the log's beginning, unless it is written there already.
    private func keepMembership(of raft: Raft) {
        let membership = raft.membership(at: raft.origin.index)
        // The snapshot that was installed last says it too, but gives way to the next one.
        let known = KeptMembership.cut(log, partition)?.membership ?? founders
        guard membership != known,
            let write = KeptMembership.write(membership, at: raft.origin, of: partition)
        else { return }
        // A failure is the journal's, which then takes no cut either.
        log.submit(write) { _ in }
    }
}
