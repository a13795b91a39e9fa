/// What is to be done now. The order of the fields is the order of the work; nothing waits for the next field's end.
package struct Ready: Sendable {
    /// Hand this to the journal and go on. When it is durable say so by `persisted`.
    package var write: RaftWrite?
    /// Send these at once. A message that vouches for something is not handed out before that is durable: a vote that
    /// can be forgotten is not a vote.
    package var messages: [RaftMessage] = []
    /// Apply these in order, then say so by `applied`. They are committed, and durable here.
    package var apply: [LogEntry] = []
    /// Everything up to here is committed: answers that waited for it may go out.
    package var commit: LogIndex = 0
    package var reads: [ReadAnswer] = []
    /// Entries the machine needs back from the journal; answered by `fetched`.
    package var fetches: [LogFetch] = []
    package var snapshots: [SnapshotTask] = []
    /// Set when it changed.
    package var standing: Standing?
    package var alarms: [RaftAlarm] = []
    /// What the journal had forgotten is all there again, durably: forget that it was owed.
    package var isSettled = false

    package init() {}
}

/// One step of the journal. Its parts become durable in the order of the fields, or all at once.
///
/// A write that fails ends the machine: build a new one from what the journal then holds (`RaftRecovery`).
package struct RaftWrite: Sendable, Equatable {
    /// Counts up by one; `persisted` says up to which all are durable.
    package let number: UInt64
    /// The log begins anew behind this point; the state that is installed contains it.
    package let restart: LogPoint?
    /// Entries from here on are taken back.
    package let truncation: LogIndex?
    package let ballot: Ballot?
    package let entries: [LogEntry]
}

/// Entries that are needed and no longer in memory.
package struct LogFetch: Sendable, Equatable {
    package enum Reader: Sendable, Equatable {
        case stateMachine
        case peer(NodeID)
    }

    package let reader: Reader
    package let from: LogIndex
    /// At least one entry is wanted, whatever its size.
    package let maximumBytes: Int
}

/// Work with a snapshot's bytes, which the machine never sees whole.
package enum SnapshotTask: Sendable, Equatable {
    /// A follower lacks what was cut. Make a snapshot of what is applied, then call `snapshotMade`, or
    /// `snapshotNotMade`. However long it takes, it is not asked for twice.
    case make
    /// Read a part for a follower, then call `snapshotRead`, or `snapshotGone` if it is no longer there.
    case read(Snapshot, offset: UInt64, maximumBytes: Int, peer: NodeID)
    /// Verify and store a part, then call `snapshotStored`; also when it was bad, with what is stored so far.
    case store(SnapshotPart)
    /// All parts are stored: verify the whole, make it the state, durably; then call `snapshotInstalled`, or
    /// `snapshotStored` with 0 if it is bad.
    case install(Snapshot)
}

/// What the node is, as seen from outside.
package enum Standing: Sendable, Equatable {
    case follower(leader: NodeID?)
    case candidate
    /// It may decide once the entry at `opening` is applied.
    case leader(opening: LogIndex)
}

/// Something that operators must hear of.
package enum RaftAlarm: Sendable, Equatable, CustomStringConvertible {
    /// The node acknowledged entries it no longer holds. It is silent from now on and has to come back as another.
    case forgotAcknowledged(upTo: LogIndex, last: LogIndex)
    /// A leader contradicts what is committed here, or itself; its message was ignored.
    case contradicted(at: LogIndex, by: NodeID)
    /// Another node says that it leads a term whose leader this node knows, or is; it was ignored.
    case secondLeader(NodeID)
    /// The disk took no write for too long: leadership was handed over.
    case diskStalled
    /// The disk is full: leadership was handed over.
    case diskFull
    /// The node is no member any more.
    case removed

    package var description: String {
        switch self {
        case .forgotAcknowledged(let index, let last):
            """
            it has acknowledged entries up to \(index) and holds them up to \(last): its disk was changed under it; it takes \
            part no more, and has to be replaced
            """
        case .contradicted(let index, let leader):
            "\(leader) says something else of entry \(index) than it did, or than what is committed; it is not believed"
        case .secondLeader(let leader): "\(leader) says that it leads as well; it is not believed"
        case .diskStalled: "its disk took no write for too long: it hands over, and does not lead"
        case .diskFull: "its disk is full: it hands over, and does not lead"
        case .removed: "the others say that this node takes part no more"
        }
    }
}
