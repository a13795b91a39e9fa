/// The bounds of one group, each with its unit and reason. All nodes of a group should have the same.
package struct RaftLimits: Sendable, Equatable {
    /// Ticks between a leader's heartbeats. With ticks of 10 ms, 30 ms.
    package var heartbeatTicks = 3
    /// Ticks without a word from a leader after which a node looks for another; the actual time-out is drawn between
    /// this and twice this. Also how long a leader goes on without hearing from a majority.
    package var electionTicks = 15
    /// Ticks until the first follower stands when the connection to the leader broke, which most likely is dead: by then
    /// the others have noticed too.
    package var noticeTicks = 2
    /// Ticks between one follower and the next then, so that no two stand at the same moment; and until a node that
    /// stands asks again who has not answered.
    package var quickElectionTicks = 4
    /// Election time-outs that a reluctant node lets pass without a leader before it stands: the others have stood by then if
    /// they can. With a node's drawn time-outs of 200 to 400 ms, about three seconds.
    package var reluctantTimeouts = 10
    /// Ticks a write may take before the disk counts as stalled: a leader then hands over, a follower does not stand.
    package var diskStallTicks = 40
    /// Ticks after which a part of a snapshot that was not answered is offered anew.
    package var snapshotSilenceTicks = 50

    /// Bytes of one entry: a turn has at most 1 MiB of events.
    package var entryBytes = 2 << 20
    /// Bytes and entries of one append; a single larger entry goes alone.
    package var messageBytes = 256 << 10
    package var messageEntries = 4_096
    /// Appends and their bytes under way to one follower: enough to fill a fast network, little enough to forget. What eight
    /// groups have under way to one who catches up, with one more append of each, fits what may wait for a peer.
    package var inFlightMessages = 128
    package var inFlightBytes = 512 << 10
    /// Bytes a leader has proposed in its term that are not committed yet; beyond it proposals are refused.
    package var uncommittedBytes = 16 << 20
    /// Bytes of entries kept in memory though they are durable and committed, for followers that lag a little. All groups of
    /// a node together should fit a processor's cache: what is freed later comes back to the allocator cold.
    package var cachedBytes = 256 << 10
    /// Bytes of entries kept in memory while some of them wait to be handed to the state machine: beyond it what that lacks
    /// is read from the journal again, which a node that catches up can least afford.
    package var waitingBytes = 16 << 20
    /// Bytes handed out at once to be applied, and how many such batches may be unanswered.
    package var applyBytes = 4 << 20
    package var applyBatches = 4
    /// Bytes asked for when entries are needed that memory no longer holds.
    package var fetchBytes = 1 << 20
    /// Bytes of one part of a snapshot.
    package var partBytes = 1 << 20
    /// Reads that wait for their index.
    package var waitingReads = 16_384
    /// Voters and learners together: a majority is counted pair by pair.
    package var members = 15
    /// Entries a learner may lack and still be made a voter.
    package var promotionLag: UInt64 = 10_000

    package init() {}
}
