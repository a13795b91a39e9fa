package import TandemConsensus
internal import TandemJournal

// Receiving: part by part, each verified and synced before the next is asked for.

extension StoreSnapshots {
    package func partial(of partition: UInt16) -> PartialSnapshot? { change(partition) { $0.arriving?.partial } }

    package func store(_ part: SnapshotPart, of partition: UInt16, done: @escaping @Sendable (UInt64) -> Void) {
        let number = change(partition) { kept in
            kept.waiting += 1
            return kept.waiting
        }
        parts.run { self.take(part, of: partition, number, done) }
    }

    /// On `parts`.
    private func take(
        _ part: SnapshotPart, of partition: UInt16, _ number: UInt64, _ done: @escaping @Sendable (UInt64) -> Void
    ) {
        // A part of another snapshot has come meanwhile.
        guard runs, change(partition, { $0.waiting == number }) else { return }
        do {
            var file = try arriving(part.snapshot, of: partition)
            guard part.offset == file.received else { return done(file.received) }
            guard isWhole(part) else {
                tell(.badPart(offset: part.offset), partition)
                let received = file.received
                return again(parts, after: limits.badPartPause) { done(received) }
            }
            try requireRoom(for: part.snapshot.size - file.received)
            defer { change(partition) { $0.arriving = file } }
            try file.append(part.bytes)
            count { $0.received.add(UInt64(part.bytes.count)) }
            well(partition)
            done(file.received)
        } catch {
            let isFull = (error as? SystemError)?.isDiskFull == true
            tell(isFull ? .noRoom(needed: part.snapshot.size, free: 0) : Self.trouble(error), partition)
            again(parts, after: limits.retryInterval) { self.take(part, of: partition, number, done) }
        }
    }

    /// The file that a snapshot's parts go into.
    private func arriving(_ snapshot: Snapshot, of partition: UInt16) throws -> ArrivingFile {
        if let file = change(partition, { $0.arriving }) {
            if file.snapshot == snapshot { return file }
            // Its room may be needed.
            change(partition) { $0.arriving = nil }
            try file.remove()
        }
        try FileSystem.makeDirectory(folder)
        try requireRoom(for: snapshot.size)
        let file = try ArrivingFile(snapshot, at: ArrivingFile.path(partition, in: folder))
        change(partition) { $0.arriving = file }
        return file
    }

    private func isWhole(_ part: SnapshotPart) -> Bool {
        part.bytes.count <= limits.partBytes
            && UInt64(part.bytes.count) <= part.snapshot.size - min(part.offset, part.snapshot.size)
            && SnapshotChecksum.of(part.bytes) == part.checksum
    }

    package func discardArriving(of partition: UInt16, upTo index: LogIndex) {
        guard change(partition, { $0.arriving.map { $0.snapshot.point.index <= index } ?? false }) else { return }
        parts.run { [self] in
            guard runs, let file = change(partition, { $0.arriving }), file.snapshot.point.index <= index else {
                return
            }
            change(partition) { kept in
                kept.arriving = nil
                kept.waiting += 1
            }
            try? file.remove()
        }
    }
}
