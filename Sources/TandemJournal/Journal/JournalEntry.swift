/// One entry of one partition's log, as the rest of the system sees it.
package struct JournalEntry: Sendable, Equatable {
    package var partition: UInt16
    /// Counts from 1 without gaps in each partition.
    package var index: UInt64
    /// Never falls from one entry of a partition to the next.
    package var term: UInt64
    /// Journaled time, milliseconds.
    package var time: Int64
    /// Opaque here.
    package var bytes: [UInt8]

    package init(partition: UInt16, index: UInt64, term: UInt64, time: Int64, bytes: [UInt8]) {
        self.partition = partition
        self.index = index
        self.term = term
        self.time = time
        self.bytes = bytes
    }
}

/// What a replica of a partition must not forget between two elections.
package struct HardState: Sendable, Equatable {
    package var term: UInt64
    /// The node voted for in `term`.
    package var votedFor: UInt64?

    package init(term: UInt64 = 0, votedFor: UInt64? = nil) {
        self.term = term
        self.votedFor = votedFor
    }
}

/// A place in a partition's log: the entry at `index`, or the beginning when that is 0.
struct LogPoint: Sendable, Equatable {
    var index: UInt64 = 0
    var term: UInt64 = 0
    /// The hash chain up to and including the entry.
    var chain = ChainHash.zero

    static let beginning = LogPoint()
}
