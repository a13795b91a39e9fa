internal import TandemConsensus

/// A computer: a disk, and on it a process that may run, rest or be gone.
final class Machine {
    /// Its place in the run, from 0; nodes are numbered from 1.
    let place: Int
    var disk: Disk?
    /// The process; nil while it does not run.
    var replica: Replica?
    /// Counts the processes that ran here: what was planned for an earlier one is void.
    var life = 0
    /// Does nothing before this moment.
    var pausedUntil: Moment = 0
    /// Microseconds between two ticks; clocks differ.
    var tick: Int
    /// It has been wiped so many times.
    var incarnation: UInt32 = 0

    init(place: Int, tick: Int) {
        self.place = place
        self.tick = tick
    }

    var number: UInt32 { UInt32(place + 1) }
    var isRunning: Bool { replica != nil }
}

/// A running process: Raft, the state it replicates, and who waits for it.
final class Replica {
    struct AwaitedWrite {
        let client: Int
        let operation: UInt64
        let point: LogPoint
    }

    struct AwaitedRead {
        let client: Int
        let operation: UInt64
        /// Nil as long as Raft has not answered.
        var index: LogIndex?
    }

    var raft: Raft
    var state: Registers
    /// The last entry the state contains, and who took part then.
    var applied: LogPoint
    /// Handed out by Raft, not yet applied.
    var toApply: [LogEntry] = []
    var isApplying = false
    var isPumpPlanned = false
    /// Oldest first.
    var writes: [AwaitedWrite] = []
    var reads: [AwaitedRead] = []
    /// The bytes of the snapshot that is offered.
    var snapshot: (meta: Snapshot, bytes: [UInt8])?
    /// For checkers: the leader's log as it was seen last, and its term.
    var seenLast: LogPoint = .beginning
    var seenTerm: Term = .zero
    var seenCommit: LogIndex = 0
    /// For a mistake built in: what followers have acknowledged in this term.
    var acknowledged: [NodeID: LogIndex] = [:]
    var acknowledgedTerm: Term = .zero

    init(raft: Raft, state: Registers, applied: LogPoint) {
        self.raft = raft
        self.state = state
        self.applied = applied
        seenCommit = raft.commitIndex
    }
}
