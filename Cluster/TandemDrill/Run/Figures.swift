/// What is measured of a run, from its operations.
struct Figures: Sendable {
    struct OfFault: Sendable {
        let fault: FaultLine
        /// The longest time without an acknowledgement from a partition that a victim led, around the fault; nil: it led
        /// none.
        let gap: UInt64?
    }

    private(set) var acknowledged = 0
    private(set) var refused = 0
    private(set) var unknown = 0
    /// Sessions that left a node because it refused for seconds what others do.
    private(set) var moves = 0
    private(set) var perSecond = 0.0
    /// From the first try to the acknowledgement, nanoseconds.
    private(set) var p50: UInt64 = 0
    private(set) var p99: UInt64 = 0
    /// The longest time without any acknowledgement, and without one of a single partition.
    private(set) var gap: UInt64 = 0
    private(set) var gapOfPartition: UInt64 = 0
    private(set) var faults: [OfFault] = []

    /// The longest silence of partitions that victims led; nil: they led none.
    var gapOfVictims: UInt64? { faults.compactMap(\.gap).max() }

    /// - Parameters:
    ///   - from: when traffic began, `to`: when it was told to end
    init(_ evidence: Evidence, from: UInt64, to: UInt64) {
        moves = evidence.moves
        var ends: [UInt64] = []
        var endsOf: [Int: [UInt64]] = [:]
        var latencies: [UInt64] = []
        for operation in evidence.operations {
            switch operation.outcome {
            case .ok:
                acknowledged += 1
                ends.append(operation.returned)
                endsOf[operation.partition, default: []].append(operation.returned)
                latencies.append(operation.returned - operation.invoked)
            case .refused: refused += 1
            case .unknown: unknown += 1
            }
        }
        ends.sort()
        for partition in endsOf.keys { endsOf[partition]?.sort() }
        latencies.sort()
        p50 = Self.percentile(latencies, 0.5)
        p99 = Self.percentile(latencies, 0.99)
        perSecond = to > from ? Double(ends.count { $0 <= to }) / (Double(to - from) / 1e9) : 0
        gap = Self.longestGap(ends, from: from, to: to)
        gapOfPartition = endsOf.values.map { Self.longestGap($0, from: from, to: to) }.max() ?? 0
        faults = evidence.faults.map { fault in
            let end = max(fault.ready, fault.healed, fault.began)
            let gaps = fault.partitions.compactMap { partition in
                endsOf[partition].map { Self.longestGap($0, from: fault.began, to: min(end, to)) }
            }
            return OfFault(fault: fault, gap: gaps.max())
        }
    }

    static func percentile(_ sorted: [UInt64], _ share: Double) -> UInt64 {
        sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
    }

    /// The longest stretch without one of the moments that touches the time between `from` and `to`.
    static func longestGap(_ sorted: [UInt64], from: UInt64, to: UInt64) -> UInt64 {
        var last = sorted.last { $0 <= from } ?? from
        var longest: UInt64 = 0
        for moment in sorted where moment > from {
            longest = max(longest, moment - last)
            last = moment
            if moment >= to { return longest }
        }
        return max(longest, to > last ? to - last : 0)
    }
}
