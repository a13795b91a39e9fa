/// The bounds of copying stores between nodes, each with its unit and reason.
package struct SnapshotLimits: Sendable, Equatable {
    /// Bytes of one part at most, as they are bounded on the wire.
    package var partBytes = 1 << 20
    /// Bytes of the disk that no snapshot takes: the journal's next segment and its log, and what traffic writes while a
    /// copy is on its way.
    package var freeBytesKept: UInt64 = 512 << 20
    /// Nanoseconds until something is tried again that met a full disk or another trouble of the machine's.
    package var retryInterval: UInt64 = 5_000_000_000
    /// Nanoseconds until a part that was damaged on its way is asked for again: a line that damages all is not filled.
    package var badPartPause: UInt64 = 1_000_000_000
    /// Nanoseconds until a snapshot that was bad as a whole is begun anew.
    package var badWholePause: UInt64 = 10_000_000_000
    /// Bytes of the journal that a copy's records are brought up with at once.
    package var journalBytes = 4 << 20

    package init() {}
}
