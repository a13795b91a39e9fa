internal import Foundation
package import TandemConsensus
internal import TandemJournal
internal import TandemReadModel

// Installing: what has arrived is verified; its name then says that it is going to be the store, and from there on it will
// be, by this life of the node or by the next one.

extension StoreSnapshots {
    package func install(
        _ snapshot: Snapshot, of partition: UInt16, done: @escaping @Sendable (StateImage?) -> Void
    ) {
        maker.run { [self] in
            guard runs else { return }
            let began = clock.monotonic()
            do {
                try verify(snapshot, of: partition)
                try ask(.verified)
                try decide(partition)
                try ask(.decided)
            } catch let trouble as SnapshotTrouble {
                tell(trouble, partition)
                guard case .badWhole = trouble else {
                    return again(maker, after: limits.retryInterval) {
                        self.install(snapshot, of: partition, done: done)
                    }
                }
                let file = change(partition) { kept in
                    defer { kept.arriving = nil }
                    return kept.arriving
                }
                try? file?.remove()
                return again(maker, after: limits.badWholePause) { done(nil) }
            } catch {
                tell(Self.trouble(error), partition)
                return again(maker, after: limits.retryInterval) { self.install(snapshot, of: partition, done: done) }
            }
            exchange(partition) { [self] image in
                count {
                    $0.installed.add(snapshot.size)
                    $0.installingNanoseconds += clock.monotonic() - began
                }
                done(image)
            }
        }
    }

    /// Throws `badWhole` unless all of it is there, unchanged, and is this partition's state at the snapshot's point.
    private func verify(_ snapshot: Snapshot, of partition: UInt16) throws {
        guard let file = change(partition, { $0.arriving }), file.snapshot == snapshot,
            FileSystem.size(of: file.path).map(UInt64.init) == snapshot.size
        else { throw SnapshotTrouble.badWhole("it is not all there") }
        guard try SnapshotChecksum.ofFile(file.path) == snapshot.checksum else {
            throw SnapshotTrouble.badWhole("its checksum is another one")
        }
        let mark: StoreMark
        do throws(StoreError) {
            mark = try StoreBackup.inspect(file.path)
        } catch {
            throw SnapshotTrouble.badWhole("\(error)")
        }
        let point = LogPoint(index: mark.applied, term: Term(mark.appliedTerm))
        guard mark.partition == partition, point == snapshot.point, mark.recordsApplied == mark.applied else {
            throw SnapshotTrouble.badWhole(
                "it is partition \(mark.partition) at \(point), records at \(mark.recordsApplied), not \(partition) at "
                    + "\(snapshot.point)")
        }
    }

    /// From here on there is no way back.
    private func decide(_ partition: UInt16) throws {
        guard let file = change(partition, { $0.arriving }) else { return }
        try FileSystem.sync(path: file.path)
        try FileSystem.rename(file.path, to: Self.installing(partition, in: folder))
        try FileSystem.sync(path: folder)
        try file.remove()
        change(partition) { $0.arriving = nil }
    }

    private func exchange(_ partition: UInt16, _ done: @escaping @Sendable (StateImage?) -> Void) {
        let (installing, store) = (
            Self.installing(partition, in: folder), PartitionStore.path(in: owner.folder(of: partition))
        )
        owner.exchange(partition) { [self] in
            try Self.replace(store, by: installing) { try ask($0) }
        } trouble: { [self] error in
            tell(Self.trouble(error), partition)
        } done: { [self] in
            maker.run { self.read(partition, done) }
        }
    }

    /// The partition is rebuilt from what its store holds now.
    private func read(_ partition: UInt16, _ done: @escaping @Sendable (StateImage?) -> Void) {
        guard runs else { return }
        do {
            try ask(.opened)
            let image = try StateImage(StoreSource(directory: owner.folder(of: partition)))
            well(partition)
            done(image)
        } catch {
            tell(Self.trouble(error), partition)
            again(maker, after: limits.retryInterval) { self.read(partition, done) }
        }
    }

    /// Puts a verified file in the place of a store that nobody has open; done again, it goes on where it stopped.
    ///
    /// The old store's log goes first, or it would be taken for the new one's. Without it the old store is what it was at
    /// its last checkpoint or less, which does not matter: `installing` is there, so a start does this again.
    private static func replace(
        _ store: String, by installing: String, at step: (Step) throws -> Void = { _ in }
    ) throws {
        let folder = FileSystem.parent(of: store)
        guard FileSystem.size(of: installing) != nil else { return }
        try FileSystem.remove(store + "-wal")
        try FileSystem.remove(store + "-shm")
        try FileSystem.sync(path: folder)
        try step(.logRemoved)
        try FileSystem.rename(installing, to: store)
        try FileSystem.sync(path: folder)
        try FileSystem.sync(path: FileSystem.parent(of: installing))
        try step(.replaced)
    }

    // MARK: At the start

    /// Ends what an earlier life of the node had begun: what was decided is installed, what nobody can go on with is
    /// removed. Before any store is opened.
    package static func tidy(directory: String, partitions: Int) throws {
        let folder = folder(in: directory)
        guard FileManager.default.fileExists(atPath: folder) else { return }
        for partition in 0..<UInt16(partitions) {
            try replace(
                PartitionStore.path(in: StateThread.folder(partition, in: directory)),
                by: installing(partition, in: folder))
        }
        for name in try FileSystem.names(in: folder) where name.hasPrefix("make-") || name.hasPrefix("made-") {
            try FileManager.default.removeItem(atPath: "\(folder)/\(name)")
        }
    }

    /// Goes on with what had arrived before; called before anything else.
    package func takeUp(_ partitions: Range<UInt16>) {
        for partition in partitions {
            let path = ArrivingFile.path(partition, in: folder)
            let file = ArrivingFile(leftAt: path, partBytes: limits.partBytes)
            if file == nil { try? ArrivingFile.remove(path) }
            change(partition) { $0.arriving = file }
        }
    }
}
