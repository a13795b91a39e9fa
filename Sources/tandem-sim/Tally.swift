internal import TandemSimulator

/// What became of all seeds together.
struct Tally {
    var seeds: UInt64 = 0
    private(set) var runs = 0
    private(set) var failures: [Simulator.Outcome] = []
    private(set) var coverage = Coverage()
    private var steps = 0
    private var virtualTime = 0
    private var settlingMax = 0
    private var fingerprint: UInt64 = 0
    var elapsed: Duration = .zero

    /// After so many failed seeds there is enough to read.
    static let failuresMax = 3

    mutating func add(_ outcome: Simulator.Outcome) {
        runs += 1
        coverage.add(outcome.coverage)
        steps += outcome.steps
        virtualTime += outcome.duration
        fingerprint = fingerprint &* 31 &+ outcome.fingerprint
        if outcome.violation == nil {
            settlingMax = max(settlingMax, outcome.settling)
        } else {
            failures.append(outcome)
        }
    }

    var text: String {
        var lines: [String] = []
        for failure in failures {
            guard let violation = failure.violation else { continue }
            lines += [
                "Seed \(failure.seed), world \(failure.world.rawValue), the last of what happened (milliseconds):", "",
            ]
            lines += failure.story
            lines += [
                "", "Seed \(failure.seed): broken after \(violation.time / 1_000) ms: \(violation.property.rawValue)",
            ]
            lines += ["  \(violation.detail)", ""]
        }
        lines.append(
            "\(seeds) seeds, \(runs) runs, \(failures.count) failed, fingerprint \(String(fingerprint, radix: 16))")
        lines.append(
            "\(virtualTime / 1_000_000) virtual seconds, \(steps) steps, \(elapsed.components.seconds) s of real time")
        lines.append("at rest at most \(settlingMax / 1_000) ms after everything was repaired")
        for item in Coverage.Item.allCases { lines.append("  \(item.rawValue): \(coverage[item])") }
        return lines.joined(separator: "\n")
    }

    /// Seeds, failures, time and coverage, for programs.
    var json: String {
        let failed = failures.compactMap { outcome in
            outcome.violation.map {
                "{\"seed\":\(outcome.seed),\"world\":\"\(outcome.world.rawValue)\",\"property\":\"\($0.property)\",\"detail\":\"\(Self.escaped($0.detail))\"}"
            }
        }
        let counts = Coverage.Item.allCases.map { "\"\($0.rawValue)\":\(coverage[$0])" }
        return """
            {"seeds":\(seeds),"runs":\(runs),"failed":[\(failed.joined(separator: ","))],\
            "fingerprint":"\(String(fingerprint, radix: 16))","virtualSeconds":\(virtualTime / 1_000_000),\
            "steps":\(steps),"seconds":\(elapsed.components.seconds),"settlingMaxMilliseconds":\(settlingMax / 1_000),\
            "coverage":{\(counts.joined(separator: ","))}}
            """
    }

    private static func escaped(_ text: String) -> String {
        text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\\\"")
    }
}
