package import TandemConsensus
internal import TandemCore
package import TandemJournal
package import TandemWire

/// Copies of partitions' states and parts of such copies, as a replica sees them: it decides what is made, sent and
/// installed, and has no bytes in its hands but a part's on its way through.
///
/// Calls return at once, from any thread; each `done` is called once, from any thread, or not at all when the node stops
/// before. How long it takes is nobody's concern: the partition and Raft go on. A simulator hands in another.
package protocol SnapshotKeeper: AnyObject, Sendable {
    /// Copies the state of a partition as it is at one entry that is committed and applied, complete: events, rows and
    /// records all stand at it. Whoever asks sees to it that the log keeps what its store's records lack until `done`.
    /// It takes the place of an earlier one. Nil: it cannot be had now, ask again later. Before that `found` is called if
    /// an entry of the journal that it takes is damaged.
    func make(
        of partition: UInt16, found: @escaping @Sendable (JournalFinding) -> Void,
        done: @escaping @Sendable (MadeSnapshot?) -> Void)
    /// Reads a part of what was made; nil when that is there no more.
    func read(
        _ snapshot: Snapshot, of partition: UInt16, offset: UInt64, maximumBytes: Int,
        done: @escaping @Sendable (SnapshotPart?) -> Void)
    /// Nobody reads what was made any more.
    func drop(of partition: UInt16)

    /// The snapshot of which parts are stored, from before as well.
    func partial(of partition: UInt16) -> PartialSnapshot?
    /// Verifies a part and stores it, durably; says how much of that snapshot is stored then. Waits while there is no
    /// room. A part of another snapshot than the one before it begins that anew.
    func store(_ part: SnapshotPart, of partition: UInt16, done: @escaping @Sendable (UInt64) -> Void)
    /// All parts are stored: verifies the whole and makes it the partition's store, durably; says what is in it then. Nil:
    /// it is bad, and nothing of it is kept.
    func install(_ snapshot: Snapshot, of partition: UInt16, done: @escaping @Sendable (StateImage?) -> Void)
    /// What is arriving up to an entry is wanted no more.
    func discardArriving(of partition: UInt16, upTo index: LogIndex)
}

/// A copy of a partition's state.
package struct MadeSnapshot: Sendable, Equatable {
    /// The last entry it contains.
    package let point: LogPoint
    /// Bytes in all, and a checksum over them: the first eight of their SHA-256.
    package let size: UInt64
    package let checksum: UInt64

    package init(point: LogPoint, size: UInt64, checksum: UInt64) {
        self.point = point
        self.size = size
        self.checksum = checksum
    }

    /// Whether it is what a snapshot tells of.
    func isOffered(as snapshot: Snapshot) -> Bool {
        point == snapshot.point && size == snapshot.size && checksum == snapshot.checksum
    }
}

/// What a partition is rebuilt from when its store was replaced: all records that are not dormant, as they stand at
/// `meta.applied`, which is `meta.recordsApplied` too, and the commands it remembers.
package struct StateImage: Sendable {
    package struct Command: Sendable {
        let key: CommandKey
        let answer: Answer
        let time: Timestamp
        let index: UInt64
    }

    package let meta: StateMeta
    package private(set) var records: [Record] = []
    package private(set) var commands: [Command] = []

    /// - Throws: what the source threw.
    package init(_ source: any StateSource) throws(StateError) {
        meta = source.meta
        guard meta.recordsApplied == meta.applied else {
            throw StateError("its records stand at entry \(meta.recordsApplied), its events at \(meta.applied)")
        }
        var records: [Record] = []
        try source.forEachOpenRecord { records.append($0) }
        self.records = records
        var commands: [Command] = []
        try source.forEachCommand(since: meta.time + (Milliseconds.zero - CommandTable.horizon)) {
            commands.append(Command(key: $0, answer: $1, time: $2, index: $3))
        }
        self.commands = commands
    }
}

/// What operators must hear of; nothing of it ends the node.
package enum SnapshotTrouble: Error, Sendable, Equatable, CustomStringConvertible {
    /// Bytes that a copy needs, and that are free beyond what is kept for the journal.
    case noRoom(needed: UInt64, free: UInt64)
    /// A part that arrived is not what was sent.
    case badPart(offset: UInt64)
    /// All parts arrived, and what they make up is no state of this partition at that entry.
    case badWhole(String)
    case failed(String)

    package var description: String {
        switch self {
        case .noRoom(let needed, let free): "a snapshot needs \(needed) bytes, and \(free) are free: it waits for room"
        case .badPart(let offset): "the part of a snapshot at \(offset) was damaged on its way; it is asked for again"
        case .badWhole(let what): "a snapshot that arrived was thrown away: \(what)"
        case .failed(let what): "a snapshot waits: \(what)"
        }
    }
}
