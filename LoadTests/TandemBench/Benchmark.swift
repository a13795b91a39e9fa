internal import Foundation

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
        ClusterCatchUpBench.shared, ClusterCatchUpBench.apart, ClusterIdleBench.benchmark,
    ]
}

/// How long and how large: whole by default, less for a look.
struct Effort: Sendable {
    /// Seconds of the sustained measurements.
    var seconds = secondsWhole
    /// Part of what is counted: of millions of entries, timers, …, and of kills.
    var scale = scaleWhole

    static let secondsWhole = 60.0
    static let scaleWhole = 1.0

    var isWhole: Bool { seconds >= Self.secondsWhole && scale >= Self.scaleWhole }

    /// As on the command line.
    var text: String {
        "--seconds \(FigureTable.number(seconds, decimals: 0...3)) --scale \(FigureTable.number(scale, decimals: 0...6))"
    }

    func scaled(_ count: Int) -> Int { max(1, Int(Double(count) * scale)) }
}

/// A directory of its own that goes with the benchmark.
struct Scratch: ~Copyable {
    let path: String

    init(in directory: String = NSTemporaryDirectory()) throws {
        path = directory + "/tandem-bench-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
