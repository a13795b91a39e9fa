internal import Foundation
internal import TandemAPI

/// A run as it is told when it is over.
struct Report {
    let plan: Command.Plan
    let figures: Figures
    let violations: [Violation]
    /// Where the nodes' files are, if they are kept.
    let kept: String?
    /// What could not be done here, in words.
    let remarks: [String]

    var text: String {
        var rows: [(String, String)] = [
            (
                "drill",
                "\(plan.drill.rawValue), seed \(plan.seed), \(plan.nodes) nodes\(plan.isSecured ? " with TLS" : ""), "
                    + "\(plan.seconds) s"
            ),
            ("acknowledged", "\(figures.acknowledged) (\(Int(figures.perSecond)) a second)"),
            ("refused", "\(figures.refused)"),
            ("unknown", "\(figures.unknown)"),
            ("sessions moved", "\(figures.moves), from nodes that refused for seconds"),
            ("latency", "p50 \(Self.milliseconds(figures.p50)), p99 \(Self.milliseconds(figures.p99))"),
            (
                "longest gap",
                "\(Self.milliseconds(figures.gap)); of one partition \(Self.milliseconds(figures.gapOfPartition))"
            ),
            ("faults", "\(figures.faults.count)"),
        ]
        let gaps = figures.faults.compactMap(\.gap).sorted()
        if let longest = figures.gapOfVictims {
            rows.append(
                (
                    "gap of the victims'",
                    "p50 \(Self.milliseconds(Figures.percentile(gaps, 0.5))), longest \(Self.milliseconds(longest))"
                ))
        }
        if let goal = plan.drill.gapGoalMilliseconds, let isMet = isGapGoalMet {
            rows.append(("its goal", "at most \(goal) ms: \(isMet ? "met" : "MISSED")"))
        }
        rows += remarks.map { ("note", $0) }
        if let kept { rows.append(("files", kept)) }
        rows.append(("held", violations.isEmpty ? "everything" : "NOT: \(violations.count) violations"))
        let width = (rows.map(\.0.count).max() ?? 0) + 2
        var lines = rows.map { $0.0.padding(toLength: width, withPad: " ", startingAt: 0) + $0.1 }
        if !violations.isEmpty { lines += [""] + Checker.told(violations).map { "  \($0)" } }
        return lines.joined(separator: "\n")
    }

    /// Nil where there is no goal, or no victim led anything.
    private var isGapGoalMet: Bool? {
        guard let goal = plan.drill.gapGoalMilliseconds, let longest = figures.gapOfVictims else { return nil }
        return longest <= UInt64(goal) * 1_000_000
    }

    static func milliseconds(_ nanoseconds: UInt64) -> String {
        let value = Double(nanoseconds) / 1e6
        return value < 10 ? String(format: "%.1f ms", value) : "\(Int(value.rounded())) ms"
    }

    var json: String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("name", plan.drill.rawValue)
        writer.field("seed", plan.seed)
        writer.field("nodes", plan.nodes)
        writer.field("tls", plan.isSecured)
        writer.field("seconds", plan.seconds)
        writer.field("held", violations.isEmpty)
        writer.field("acknowledged", figures.acknowledged)
        writer.field("refused", figures.refused)
        writer.field("unknown", figures.unknown)
        writer.field("sessionsMoved", figures.moves)
        writer.key("perSecond")
        writer.number(figures.perSecond)
        field(&writer, "p50Milliseconds", figures.p50)
        field(&writer, "p99Milliseconds", figures.p99)
        field(&writer, "longestGapMilliseconds", figures.gap)
        field(&writer, "longestGapOfPartitionMilliseconds", figures.gapOfPartition)
        if let longest = figures.gapOfVictims { field(&writer, "longestGapOfVictimsMilliseconds", longest) }
        if let goal = plan.drill.gapGoalMilliseconds { writer.field("gapGoalMilliseconds", goal) }
        if let isMet = isGapGoalMet { writer.field("gapGoalMet", isMet) }
        writer.key("faults")
        writer.beginArray()
        for one in figures.faults {
            writer.beginObject()
            writer.field("name", one.fault.name)
            writer.key("victims")
            writer.numbers(one.fault.victims)
            writer.key("partitions")
            writer.numbers(one.fault.partitions)
            if let gap = one.gap { field(&writer, "gapMilliseconds", gap) }
            field(&writer, "lastedMilliseconds", one.fault.healed - min(one.fault.healed, one.fault.began))
            field(&writer, "readyAfterMilliseconds", one.fault.ready - min(one.fault.ready, one.fault.healed))
            writer.endObject()
        }
        writer.endArray()
        writer.key("violations")
        writer.beginArray()
        for violation in violations.prefix(100) {
            writer.beginObject()
            writer.field("rule", violation.rule.rawValue)
            writer.field("detail", violation.detail)
            writer.endObject()
        }
        writer.endArray()
        writer.field("notes", remarks)
        writer.field("files", ifPresent: kept)
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private func field(_ writer: inout JSONWriter, _ name: StaticString, _ nanoseconds: UInt64) {
        writer.key(name)
        writer.number(Double(nanoseconds) / 1e6)
    }
}
