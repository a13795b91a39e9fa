package import TandemConsensus

extension RaftLimits {
    /// What nodes run with, at ticks of 10 ms: beats of 50 ms, so that a cluster that has nothing to do does little, and
    /// four of them in the shortest election time-out. A leader whose process died is missed by its connection long before
    /// that; the time-out is for those that are paused or cut off.
    package static var ofNodes: RaftLimits {
        var limits = RaftLimits()
        limits.heartbeatTicks = 5
        limits.electionTicks = 20
        return limits
    }
}

/// How much of its log a replica keeps for others, and how long a copy of its state.
package struct ReplicaLimits: Sendable, Equatable {
    /// Entries kept for members that lag; beyond them they get a snapshot instead. Some 500 MB of short turns.
    package var keptForMembers: LogIndex = 1_000_000
    /// Entries kept behind the snapshot that a member is receiving: without them it would need another one right after.
    /// More than the above, or a snapshot that takes its time would be overtaken by the next one for ever; not more than
    /// this, or a member that takes a part a day would fill the disk.
    package var keptForSnapshots: LogIndex = 4_000_000
    /// Ticks after which a copy that nobody has read of is removed: a minute.
    package var offeredTicks = 6_000

    package init() {}
}
