/// The bounds of a journal, each with its unit and reason.
package struct JournalLimits: Sendable, Equatable {
    /// A segment takes no more transactions once it holds so many bytes. Small enough to be removed and checkpointed
    /// in a moment, big enough that a change of segments is rare.
    package var segmentBytes = 64 << 20
    /// The same for the write-ahead log, which takes at least a page of 4 KiB per transaction.
    package var logBytes = 64 << 20
    /// A spare's log is filled with zeros so far ahead, once the journal has written `fillFrom` bytes of a log that is
    /// not: a node that does little needs no such room. 0: never.
    package var filledLogBytes = 64 << 20
    package var fillFrom = 1 << 20
    /// Nothing is filled where less than so many times that room is free.
    static let fillRoomFactor = 8
    /// A full segment's log is moved into its file when it was not cut after so long, or when more than so many wait: that
    /// writes all of it a second time, beside those who commit. What waits is moved by the next opening, a third of a
    /// second each.
    package var restMilliseconds = 60_000
    package var restingMax = 4
    /// Bytes that wait to be written, beyond which appends get `.busy`: about a second of a slow disk.
    package var pendingBytes = 64 << 20
    /// What every waiting write counts besides its bytes.
    static let writeOverhead = 128
    /// Bytes of bookkeeping that may wait beyond `pendingBytes`.
    static let bookkeepingBytesMax = 1 << 20
    /// Bytes of one entry: a turn has at most 1 MiB of events, a follow-up's head-room on top.
    package var entryBytes = 4 << 20
    /// Partitions of one node; the mark has room for so many.
    package static let partitionsMax = 1_024
    /// The highest index a log may begin anew behind: others give it, and what follows must still be countable.
    static let indexMax = UInt64(Int64.max)
    /// Findings listed in a report; a file full of holes is told as well by the first ones.
    package static let findingsMax = 10_000
    /// Idle read connections kept per segment.
    package static let readersKeptMax = 4
    /// How long what forgets damage waits for the segment that it begins, milliseconds: a hundred times what making one
    /// takes.
    package var spareMilliseconds = 5_000
    /// Bytes kept from use so that a full disk still takes votes and cuts.
    package var reserveBytes = 4 << 20
    /// The mark is written after a commit when the last time is so many milliseconds or entries ago.
    package var markMilliseconds = 20
    package var markEntries = 4_096
    /// The writing thread stays awake so long after a commit when the one before was followed by a write that soon:
    /// two wake-ups of threads and a turn.
    package var lingerMicroseconds = 200
    /// How often a full disk is looked at for room, milliseconds.
    package var roomCheckMilliseconds = 1_000

    package init() {}
}
