internal import Foundation

/// One measured figure, and the limit it is held against where this run measured one.
struct Figure: Encodable {
    let name: String
    let value: Double
    let unit: String
    var limit: Double?
    /// `value / limit`.
    var ratio: Double? { limit.flatMap { $0 > 0 ? value / $0 : nil } }
    /// What the limit is, for people.
    var against: String?

    private enum Key: String, CodingKey {
        case name, value, unit, limit, ratio
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(name, forKey: .name)
        try container.encode(value, forKey: .value)
        try container.encode(unit, forKey: .unit)
        try container.encode(limit, forKey: .limit)
        try container.encode(ratio, forKey: .ratio)
    }
}

/// What is measured together, under the names of its figures.
struct Benchmark: Sendable {
    let names: [String]
    let about: String
    let run: @Sendable (Effort) async throws -> [Figure]

    static let all: [Benchmark] = [
        TurnBench.inflight1024, TurnBench.inflight1, WebSocketBench.benchmark, RoutingBench.bare, RoutingBench.recorded,
        MillionBench.benchmark, TimerBench.benchmark, HTTPBench.benchmark, PeerBench.benchmark,
        ClusterJournalBench.benchmark, ClusterCommandBench.benchmark, ClusterFailoverBench.kills,
        ClusterFailoverBench.restarts,
        ClusterCatchUpBench.benchmark, ClusterIdleBench.benchmark,
    ]
}

/// How long and how large: whole by default, less for a look.
struct Effort: Sendable {
    /// Seconds of the sustained measurements.
    var seconds = 60.0
    /// Part of the sizes that are counted in millions.
    var scale = 1.0

    func scaled(_ count: Int) -> Int { max(1, Int(Double(count) * scale)) }
}

/// A directory of its own that goes with the benchmark.
struct Scratch: ~Copyable {
    let path = NSTemporaryDirectory() + "tandem-bench-\(UUID().uuidString)"

    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
