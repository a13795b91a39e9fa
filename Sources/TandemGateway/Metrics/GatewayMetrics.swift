internal import Synchronization
internal import TandemTransport

/// What the edge has answered, by kind and class of status, and how long it took. Written by every loop at the cost of
/// three atomic additions.
package final class GatewayMetrics: Sendable {
    /// Upper bounds in seconds, inclusive.
    static let bounds: [Double] = [
        0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5,
    ]

    private final class Cell: Sendable {
        private let value = Atomic<UInt64>(0)
        func add(_ amount: UInt64 = 1) { value.wrappingAdd(amount, ordering: .relaxed) }
        var now: UInt64 { value.load(ordering: .relaxed) }
    }

    /// Reads, then writes; by the first digit of the status.
    private let classes: [[Cell]]
    private let buckets: [Cell]
    private let nanoseconds = Cell()

    init() {
        classes = (0..<2).map { _ in (0..<6).map { _ in Cell() } }
        buckets = (0...Self.bounds.count).map { _ in Cell() }
    }

    func record(isWrite: Bool, status: Int, since started: UInt64) {
        let took = EventLoop.monotonicNanoseconds() &- started
        classes[isWrite ? 1 : 0][min(max(status / 100, 0), 5)].add()
        let seconds = Double(took) / 1_000_000_000
        buckets[Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count].add()
        nanoseconds.add(took)
    }

    struct Figures {
        var classes: [[UInt64]]
        var buckets: [UInt64]
        var seconds: Double
    }

    var figures: Figures {
        Figures(
            classes: classes.map { $0.map(\.now) }, buckets: buckets.map(\.now),
            seconds: Double(nanoseconds.now) / 1_000_000_000)
    }
}
