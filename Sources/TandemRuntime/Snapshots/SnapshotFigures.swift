/// What became of copies of partitions' states since the node was started: counts, bytes and nanoseconds.
package struct SnapshotFigures: Sendable, Equatable {
    package struct Sum: Sendable, Equatable {
        package fileprivate(set) var count: UInt64 = 0
        package fileprivate(set) var bytes: UInt64 = 0

        mutating func add(_ more: UInt64) {
            count += 1
            bytes += more
        }
    }

    /// Copies that were made, and how long that took.
    package var made = Sum()
    package var makingNanoseconds: UInt64 = 0
    /// Parts that were read to be sent; one may be sent again.
    package var sent = Sum()
    /// Parts that arrived whole and were stored.
    package var received = Sum()
    /// Copies that became a store, and how long that took from the last part on.
    package var installed = Sum()
    package var installingNanoseconds: UInt64 = 0
    /// Tries of any of it that failed; each is made again.
    package var failed: UInt64 = 0
}
