internal import TandemConsensus
internal import TandemRuntime
internal import TandemWire

/// A machine that takes part in the group of one partition: its disks and clocks, and the process on it.
final class Member {
    /// Its place in the run, from 0; nodes are numbered from 1.
    let place: Int
    let id: NodeID
    let journal = JournalDisk()
    let store: StoreDisk
    let snapshots: SnapshotDisk
    let clock: VirtualClock
    /// Microseconds between two ticks.
    let tick: Int
    /// Ticks that passed in a calm, to come with the next.
    var ticksDue = 0
    /// Nil while it does not run.
    var process: Process?
    /// Counts the processes: what was planned for an earlier one is void.
    var life = 0
    /// Does nothing before this moment.
    var pausedUntil: Moment = 0
    /// The next turns take so many times as long, until this moment.
    var busyUntil: Moment = 0
    var storeSlowness = 1
    /// When it looks next whether others should lead.
    var handOverDue: Moment = 0
    /// The format that it knows to be agreed on; it forgets that no more than its votes.
    var format = WireVersion.oldest
    var seen = Seen()

    struct Process {
        let replica: TandemRuntime.Replica
        let partition: Partition
        let executor: VirtualExecutor
        let agreed: AgreedFormat
        /// What its time rests on.
        let clock: any NodeClock
        /// What it knows of the others' clocks; nil: there are no others.
        let rounds: ClockRounds?
        /// What a mistake that is built in puts between the two.
        let liar: Liar?
    }

    /// Of the present process, for checkers.
    struct Seen {
        var commit: LogIndex = 0
        var last: LogPoint = .beginning
        var term: Term = .zero
        var handedOver: UInt64 = 0
        /// As it knew the members after its last step.
        var membership: Membership?
        /// The entry whose digest was compared last.
        var digested: LogIndex?
        var counters: Counters?
        /// Leaderships whose entries it applied as they were made.
        var followed: Set<UInt64> = []
    }

    init(place: Int, store: StoreDisk, snapshots: SnapshotDisk, clock: VirtualClock, tick: Int) {
        self.place = place
        self.store = store
        self.snapshots = snapshots
        self.clock = clock
        self.tick = tick
        id = NodeID(UInt32(place + 1))
    }

    var isRunning: Bool { process != nil }
    var partition: Partition? { process?.partition }

    /// What Raft says of itself; nil while it is built anew.
    var status: RaftStatus? {
        // Safe: nobody else is at the replica, so it answers at once.
        nonisolated(unsafe) var status: RaftStatus?
        process?.replica.status { status = $0 }
        return status
    }

    var standing: PartitionStanding? { partition?.assumeIsolated { $0.standing } }
}

/// How a member's messages leave it.
// Safe: a run has one thread.
final class Post: ReplicaPeers, @unchecked Sendable {
    private let post: (RaftMessage) -> Void
    init(_ post: @escaping (RaftMessage) -> Void) { self.post = post }
    func send(_ message: RaftMessage, of partition: UInt16) { post(message) }
}
