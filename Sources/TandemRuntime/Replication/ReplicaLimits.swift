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
