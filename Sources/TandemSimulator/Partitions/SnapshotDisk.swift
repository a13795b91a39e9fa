internal import TandemConsensus
internal import TandemJournal
internal import TandemRuntime
internal import TandemWire

/// A machine's copies of its store, and what has arrived of others'. What was stored of an arriving copy survives a crash;
/// an install happens whole or not at all.
// Safe: a run has one thread.
final class SnapshotDisk: SnapshotKeeper, @unchecked Sendable {
    /// A copy's content, for whoever has all its parts: bytes are told apart by it, not made of it.
    final class Shelf {
        fileprivate var copies: [UInt64: StoreDisk.Copy] = [:]
        fileprivate var number: UInt64 = 0
    }

    private let shelf: Shelf
    private let store: StoreDisk
    private let bytes: ClosedRange<Int>
    private var made: MadeSnapshot?
    private var arriving: PartialSnapshot?
    /// What the store was replaced by last: it may be ahead of the journal.
    private(set) var installed: LogPoint = .beginning
    /// Does something in a while, unless the process ends before.
    var plan: (@escaping () -> Void) -> Void = { _ in }
    /// True for a part that is damaged on its way through the disk.
    var isBad: () -> Bool = { false }
    /// Draws the size of a copy.
    var size: (ClosedRange<Int>) -> Int = { $0.lowerBound }
    var onMade: () -> Void = {}
    var onInstall: (LogPoint) -> Void = { _ in }

    init(shelf: Shelf, store: StoreDisk, bytes: ClosedRange<Int>) {
        self.shelf = shelf
        self.store = store
        self.bytes = bytes
    }

    func crash() { made = nil }

    // MARK: Sending

    func make(
        of partition: UInt16, found: @escaping @Sendable (JournalFinding) -> Void,
        done: @escaping @Sendable (MadeSnapshot?) -> Void
    ) {
        plan { [self] in
            guard let copy = store.copy(), copy.meta.applied > 0 else { return done(nil) }
            shelf.number += 1
            let checksum = shelf.number &* 0x9E37_79B9_7F4A_7C15 | 1
            shelf.copies[checksum] = copy
            let point = LogPoint(index: copy.meta.applied, term: Term(copy.meta.appliedTerm))
            let made = MadeSnapshot(point: point, size: UInt64(size(bytes)), checksum: checksum)
            self.made = made
            onMade()
            done(made)
        }
    }

    func read(
        _ snapshot: Snapshot, of partition: UInt16, offset: UInt64, maximumBytes: Int,
        done: @escaping @Sendable (SnapshotPart?) -> Void
    ) {
        plan { [self] in
            guard let made, made.checksum == snapshot.checksum, offset < made.size else { return done(nil) }
            let count = min(UInt64(maximumBytes), made.size - offset)
            let bytes = (offset..<offset + count).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ snapshot.checksum) }
            done(SnapshotPart(snapshot: snapshot, offset: offset, bytes: bytes, checksum: Fingerprint.of(bytes)))
        }
    }

    func drop(of partition: UInt16) { made = nil }

    // MARK: Receiving

    func partial(of partition: UInt16) -> PartialSnapshot? { arriving }

    func store(_ part: SnapshotPart, of partition: UInt16, done: @escaping @Sendable (UInt64) -> Void) {
        plan { [self] in
            var stored = arriving ?? PartialSnapshot(snapshot: part.snapshot, received: 0)
            if stored.snapshot != part.snapshot { stored = PartialSnapshot(snapshot: part.snapshot, received: 0) }
            if part.offset == stored.received, Fingerprint.of(part.bytes) == part.checksum, !isBad() {
                stored.received += UInt64(part.bytes.count)
            }
            arriving = stored
            done(stored.received)
        }
    }

    func install(_ snapshot: Snapshot, of partition: UInt16, done: @escaping @Sendable (StateImage?) -> Void) {
        plan { [self] in
            let isWhole = arriving?.snapshot == snapshot && arriving?.received == snapshot.size
            arriving = nil
            guard isWhole, let copy = shelf.copies[snapshot.checksum] else { return done(nil) }
            store.replace(by: copy)
            installed = snapshot.point
            onInstall(snapshot.point)
            done(try? StateImage(store))
        }
    }

    func discardArriving(of partition: UInt16, upTo index: LogIndex) {
        if let point = arriving?.snapshot.point, point.index <= index { arriving = nil }
    }
}
