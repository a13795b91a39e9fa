internal import Foundation
internal import Synchronization
package import TandemConsensus
package import TandemJournal
internal import TandemReadModel
internal import TandemWire

/// Snapshots of partitions as files: copies of `state.sqlite` below `snapshots/` in the node's directory.
///
/// ```
/// make-N/state.sqlite       a copy being made
/// made-N-….sqlite           a copy that is offered; its name tells it from the one before
/// arriving-N.sqlite, .meta  parts of another node's copy, and what it is a copy of
/// install-N.sqlite          verified: it is going to be the store of partition N, whatever happens
/// ```
/// Copies are made, verified and installed on one executor, parts are read and written on another, so that a part never
/// waits for a copy. What a crash leaves is put in order by `tidy` at the next start.
// Safe: `kept` is under its lock; files of one partition are touched by one executor at a time, as the methods say.
package final class StoreSnapshots: SnapshotKeeper, @unchecked Sendable {
    /// Where an install stands when the probe is called; what it throws ends the keeper there, as a crash would.
    package enum Step: Sendable, CaseIterable {
        case verified, decided, logRemoved, replaced, opened
    }

    struct Kept {
        var made: MadeSnapshot?
        var arriving: ArrivingFile?
        /// The part that waits for room, counted: another one takes its place.
        var waiting: UInt64 = 0
        /// Trouble is told once, until things have gone well again.
        var told: SnapshotTrouble?
    }

    let folder: String
    let owner: any StoreOwner
    let log: any EntryLog
    let maker: any PartitionExecutor
    let parts: any PartitionExecutor
    let clock: any NodeClock
    let limits: SnapshotLimits
    let kept = Mutex<[UInt16: Kept]>([:])
    private let counted = Mutex(SnapshotFigures())
    private let isStopped = Atomic<Bool>(false)
    private let alarm: @Sendable (UInt16, SnapshotTrouble) -> Void
    private let probe: (@Sendable (Step) throws -> Void)?
    private let freeBytes: @Sendable (String) throws -> UInt64

    /// - Parameters:
    ///   - directory: the node's, already put in order by `tidy`.
    ///   - maker, parts: where copies are made and installed, and parts read and written; both may wait for a disk.
    ///   - freeBytes: how much room there is where a path lies; tests fill disks with it.
    ///   - alarm: called on one of the executors.
    package init(
        directory: String, owner: any StoreOwner, log: any EntryLog, maker: any PartitionExecutor,
        parts: any PartitionExecutor, clock: any NodeClock, limits: SnapshotLimits = SnapshotLimits(),
        freeBytes: @escaping @Sendable (String) throws -> UInt64 = { UInt64(try FileSystem.freeBytes(at: $0)) },
        probe: (@Sendable (Step) throws -> Void)? = nil,
        alarm: @escaping @Sendable (UInt16, SnapshotTrouble) -> Void
    ) {
        folder = Self.folder(in: directory)
        self.owner = owner
        self.log = log
        self.maker = maker
        self.parts = parts
        self.clock = clock
        self.limits = limits
        self.freeBytes = freeBytes
        self.probe = probe
        self.alarm = alarm
    }

    static func folder(in directory: String) -> String { directory + "/snapshots" }

    /// Does nothing any more; what is under way is not answered.
    package func stop() { isStopped.store(true, ordering: .sequentiallyConsistent) }

    var runs: Bool { !isStopped.load(ordering: .sequentiallyConsistent) }

    // MARK: What was made

    package func make(
        of partition: UInt16, found: @escaping @Sendable (JournalFinding) -> Void,
        done: @escaping @Sendable (MadeSnapshot?) -> Void
    ) {
        maker.run { [self] in
            guard runs else { return }
            let began = clock.monotonic()
            do {
                let made = try copy(of: partition)
                count {
                    $0.made.add(made.size)
                    $0.makingNanoseconds += clock.monotonic() - began
                }
                let old = change(partition) { kept in
                    defer { kept.made = made }
                    return kept.made
                }
                if let old, old != made { try? FileSystem.remove(path(of: old, partition)) }
                well(partition)
                done(made)
            } catch {
                try? FileManager.default.removeItem(atPath: makingFolder(partition))
                if case JournalError.damaged(let finding) = error { found(finding) }
                tell(Self.trouble(error), partition)
                again(maker, after: limits.retryInterval) { done(nil) }
            }
        }
    }

    package func read(
        _ snapshot: Snapshot, of partition: UInt16, offset: UInt64, maximumBytes: Int,
        done: @escaping @Sendable (SnapshotPart?) -> Void
    ) {
        parts.run { [self] in
            guard runs else { return }
            guard let made = change(partition, { $0.made }), made.isOffered(as: snapshot), offset <= made.size else {
                return done(nil)
            }
            let count = Int(min(UInt64(max(maximumBytes, 0)), made.size - offset))
            // Should another one take its place this moment, the file is not there any more.
            guard let bytes = try? FileSystem.read(path(of: made, partition), at: offset, count: count),
                bytes.count == count
            else { return done(nil) }
            self.count { $0.sent.add(UInt64(count)) }
            done(
                SnapshotPart(
                    snapshot: snapshot, offset: offset, bytes: bytes, checksum: SnapshotChecksum.of(bytes)))
        }
    }

    package func drop(of partition: UInt16) {
        parts.run { [self] in
            let made = change(partition) { kept in
                defer { kept.made = nil }
                return kept.made
            }
            if let made { try? FileSystem.remove(path(of: made, partition)) }
        }
    }

    // MARK: Files

    func makingFolder(_ partition: UInt16) -> String { "\(folder)/make-\(partition)" }

    func path(of made: MadeSnapshot, _ partition: UInt16) -> String {
        "\(folder)/made-\(partition)-\(made.point.index)-\(String(made.checksum, radix: 16)).sqlite"
    }

    static func installing(_ partition: UInt16, in folder: String) -> String { "\(folder)/install-\(partition).sqlite" }

    /// Throws `noRoom` unless so many bytes may still be written.
    func requireRoom(for bytes: UInt64) throws {
        let free = try freeBytes(folder)
        let (needed, isTooMuch) = bytes.addingReportingOverflow(limits.freeBytesKept)
        guard !isTooMuch, needed <= free else {
            throw SnapshotTrouble.noRoom(
                needed: bytes, free: free - min(free, limits.freeBytesKept))
        }
    }

    func ask(_ step: Step) throws {
        do {
            try probe?(step)
        } catch {
            stop()
            throw error
        }
    }

    // MARK: Working

    package var figures: SnapshotFigures { counted.withLock { $0 } }

    func count(_ body: (inout SnapshotFigures) -> Void) { counted.withLock { body(&$0) } }

    func change<R>(_ partition: UInt16, _ body: (inout Kept) -> R) -> R {
        kept.withLock { body(&$0[partition, default: Kept()]) }
    }

    func again(_ executor: any PartitionExecutor, after pause: UInt64, _ work: @escaping @Sendable () -> Void) {
        executor.wake(at: clock.monotonic() + pause) { [self] in
            if runs { work() }
        }
    }

    static func trouble(_ error: any Error) -> SnapshotTrouble {
        error as? SnapshotTrouble ?? .failed("\(error)")
    }

    /// Tells operators what has failed, unless it was the last thing they were told.
    func tell(_ trouble: SnapshotTrouble, _ partition: UInt16) {
        guard runs else { return }
        count { $0.failed += 1 }
        let isNews = change(partition) { kept in
            defer { kept.told = trouble }
            switch (kept.told, trouble) {
            case (.noRoom, .noRoom): return false  // How much is missing changes all the time.
            case (let told, let trouble): return told != trouble
            }
        }
        if isNews { alarm(partition, trouble) }
    }

    func well(_ partition: UInt16) { change(partition) { $0.told = nil } }
}
