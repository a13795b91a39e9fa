/// What a figure is meant to be on a machine like that of the continuous tests. All goals stand here and nowhere else.
enum Goal: Encodable, Equatable {
    case atLeast(Double)
    case atMost(Double)
    case below(Double)
    /// Of the limit that the same run measured.
    case ratioAtLeast(Double)
    case ratioAtMost(Double)

    /// By the figures' names, in their units.
    static let of: [String: Goal] = [
        "turn.durable.inflight1024": .ratioAtLeast(0.125),
        "turn.durable.inflight1.p50": .ratioAtMost(1.5),
        "gateway.websocket.durable": .atLeast(30_000),
        "gateway.websocket.p99": .atMost(20),
        "routing.offer": .atLeast(400_000),
        "routing.offer.recorded": .atLeast(100_000),
        "actor.open.bytes": .atMost(1_500),
        "restart.million": .atMost(15),
        "timer.arm": .atLeast(2_000_000),
        "timer.lateness.p99": .atMost(20),
        "http.get": .ratioAtLeast(0.6),

        "cluster.journal.inflight1.p50": .ratioAtMost(2),
        "cluster.journal.inflight64": .atLeast(20_000),
        "cluster.journal.inflight1024": .atLeast(60_000),
        "cluster.command.inflight1024": .atLeast(25_000),
        "cluster.command.behind": .atMost(1),
        "cluster.failover.gap.p50": .atMost(150),
        "cluster.failover.gap.max": .atMost(400),
        "cluster.failover.lost": .atMost(0),
        "cluster.failover.doubled": .atMost(0),
        "cluster.restart.lost": .atMost(0),
        "cluster.restart.doubled": .atMost(0),
        "cluster.catchup": .atLeast(100_000),
        "cluster.catchup.p99": .ratioAtMost(2),
        "cluster.catchup.apart.p99": .ratioAtMost(2),
        "cluster.idle.cpu": .below(1),
    ]

    func isMet(value: Double, ratio: Double?) -> Bool {
        switch self {
        case .atLeast(let bound): value >= bound
        case .atMost(let bound): value <= bound
        case .below(let bound): value < bound
        case .ratioAtLeast(let bound): ratio.map { $0 >= bound } ?? false
        case .ratioAtMost(let bound): ratio.map { $0 <= bound } ?? false
        }
    }

    private var word: (key: Key, bound: Double) {
        switch self {
        case .atLeast(let bound): (.atLeast, bound)
        case .atMost(let bound): (.atMost, bound)
        case .below(let bound): (.below, bound)
        case .ratioAtLeast(let bound): (.ratioAtLeast, bound)
        case .ratioAtMost(let bound): (.ratioAtMost, bound)
        }
    }

    /// For people: "at least 20,000", "ratio at most 2".
    var text: String { "\(word.key.words) \(FigureTable.number(word.bound, decimals: 0...3))" }

    private enum Key: String, CodingKey {
        case atLeast, atMost, below, ratioAtLeast, ratioAtMost

        var words: String {
            switch self {
            case .atLeast: "at least"
            case .atMost: "at most"
            case .below: "below"
            case .ratioAtLeast: "ratio at least"
            case .ratioAtMost: "ratio at most"
            }
        }
    }

    /// One key that says how, with the bound: `{"atLeast": 20000}`.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(word.bound, forKey: word.key)
    }
}
