/// Nanoseconds, kept one by one: percentiles of a benchmark are exact.
struct Latencies {
    private var values: [UInt64] = []

    mutating func record(_ nanoseconds: UInt64) { values.append(nanoseconds) }
    mutating func add(_ other: Latencies) { values += other.values }

    var count: Int { values.count }

    /// In nanoseconds; 0 without a value.
    func percentile(_ part: Double) -> Double {
        guard !values.isEmpty else { return 0 }
        let sorted = values.sorted()
        return Double(sorted[min(sorted.count - 1, Int(Double(sorted.count) * part))])
    }
}
