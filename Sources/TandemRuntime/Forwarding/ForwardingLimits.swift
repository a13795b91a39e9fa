/// The bounds of what a node forwards, for each partition.
package struct ForwardingLimits: Sendable {
    /// Commands that wait for a leader or for their outcome; one more is answered `busy`. As many as a partition itself
    /// may have in flight.
    package var waitingMax = 8_192
    /// Their bytes, as they are sent.
    package var waitingBytesMax = 32 << 20
    /// Commands asked of a leader and not answered: with five nodes they stay below what it may have in flight, so that
    /// it turns none of them away.
    package var underWayMax = 1_536
    /// Their bytes: below what may wait for one peer (`PeerLimits.queueBytesMax`), with room for Raft.
    package var underWayBytesMax = 4 << 20
    /// Nanoseconds from the moment a command is handed in until its asker is told that it was not done, or that nobody
    /// knows. Several elections and a node's restart fit; half of `NodeKey.kept`, so that no leader has forgotten a
    /// command that may still come again.
    package var timeMax: UInt64 = 10_000_000_000
    /// Nanoseconds without an answer to the oldest command under way after which everything is asked again: longer than a
    /// connection may be silent before it counts as lost. Doubles each time in a row.
    package var patience: UInt64 = 1_500_000_000
    /// Nanoseconds until a node is asked again that did not lead just now. It is asked for one command until it does.
    package var pause: UInt64 = 10_000_000
    /// Nanoseconds before its bound in which a command is asked of nobody new: what became of a last try would not be known.
    package var tooLate: UInt64 = 50_000_000

    package init() {}
}
