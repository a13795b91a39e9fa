/// What a partition has done since the process began; read through `Partition.read` and the node's metrics.
package struct Counters: Sendable {
    package var turns: UInt64 = 0
    package var entries: UInt64 = 0
    package var offers: UInt64 = 0
    package var refused: UInt64 = 0
    package var repeated: UInt64 = 0
    package var busy: UInt64 = 0
    package var invariantsBroken: UInt64 = 0
    package var quarantined: UInt64 = 0
    package var timersFired: UInt64 = 0
    package var timerLateness = Histogram()
    package var loads: UInt64 = 0
    package var evicted: UInt64 = 0
    package var recordsFlushed: UInt64 = 0
    package var appendsFailed: UInt64 = 0
    package var rebuildsFailed: UInt64 = 0
    /// Of deliveries to webhooks: attempts begun, those that failed, and how they ended; while this node led.
    package var deliveryAttempts: UInt64 = 0
    package var deliveryAttemptsFailed: UInt64 = 0
    package var deliveriesDone: UInt64 = 0
    package var deliveriesDead: UInt64 = 0
    /// Marks applied, and those at which this node knew its own state.
    package var marks: UInt64 = 0
    package var marksCompared: UInt64 = 0
}

/// Counts by powers of two of milliseconds: below 1, 2, 4 … 2^14, and the rest.
package struct Histogram: Sendable {
    package private(set) var counts = [UInt64](repeating: 0, count: 16)
    package private(set) var sum: UInt64 = 0

    package mutating func record(milliseconds: Int64) {
        let value = UInt64(max(0, milliseconds))
        counts[min(64 - value.leadingZeroBitCount, 15)] += 1
        sum &+= value
    }
}
