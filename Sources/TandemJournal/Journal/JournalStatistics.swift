/// What the writer has done since the journal was opened.
package struct JournalStatistics: Sendable, Equatable {
    package var entries: UInt64 = 0
    package var transactions: UInt64 = 0
    /// Bytes of entries, without overhead.
    package var bytes: UInt64 = 0
    /// Submitted writes; divided by `transactions`, how well group commit merges.
    package var writes: UInt64 = 0
    package var failedTransactions: UInt64 = 0
    /// How long COMMIT took, microseconds: writing the log and waiting for the disk to have it.
    package var commitMicroseconds = MicrosecondHistogram()
    /// Bytes that wait to be written now.
    package var pendingBytes = 0
    package var segments = 0
}

/// Durations counted in buckets that double: cheap to keep, good enough for percentiles on a dashboard.
package struct MicrosecondHistogram: Sendable, Equatable {
    /// The upper bounds of the buckets, microseconds, inclusive; what is longer is in the last count.
    package static let bounds: [UInt64] = (4...24).map { UInt64(1) << $0 }

    /// One count per bound, and one for what lies above them all.
    package private(set) var counts = [UInt64](repeating: 0, count: bounds.count + 1)
    package private(set) var sum: UInt64 = 0

    package mutating func record(_ microseconds: UInt64) {
        // 16 is the first bound: up to there the bucket is 0, then one more for each doubling.
        let bits = UInt64.bitWidth - (max(microseconds, 1) - 1).leadingZeroBitCount
        counts[min(max(bits - 4, 0), Self.bounds.count)] += 1
        sum += microseconds
    }
}
