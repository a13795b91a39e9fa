import TandemAPI
import Testing

@testable import TandemDrill

@Suite("The drill's report")
struct ReportTests {
    private static let millisecond: UInt64 = 1_000_000

    /// A run in which the partition of a victim was silent for so many milliseconds.
    private func report(_ drill: Drill, silentMilliseconds: UInt64, led partitions: [Int] = [0]) -> Report {
        var evidence = Evidence()
        for moment in [1_000, 1_000 + silentMilliseconds, 9_000] {
            var operation = Operation(
                process: "p", kind: .post, key: "\(moment)", partition: 0, tenant: "t",
                invoked: (moment - 5) * Self.millisecond)
            operation.returned = moment * Self.millisecond
            operation.outcome = .ok
            evidence.operations.append(operation)
        }
        evidence.faults = [
            FaultLine(
                name: "pause", victims: [2], partitions: partitions, began: 1_000 * Self.millisecond,
                healed: (1_000 + silentMilliseconds) * Self.millisecond)
        ]
        let figures = Figures(evidence, from: 0, to: 9_000 * Self.millisecond)
        return Report(
            plan: Command.Plan(drill: drill, seconds: 9, seed: 1), figures: figures, violations: [], kept: nil,
            remarks: [])
    }

    @Test("A paused or cut leader's silence is told with its goal and whether that is met", arguments: [true, false])
    func goal(isMet: Bool) throws {
        for drill in [Drill.pauseLeader, .cutLeader] {
            let report = report(drill, silentMilliseconds: isMet ? 1_500 : 1_501)
            #expect(report.text.contains("at most 1500 ms: \(isMet ? "met" : "MISSED")"), "\(report.text)")
            #expect(report.text.contains("held"))
            let told = try JSONValue(parsing: Array(report.json.utf8))
            #expect(told["longestGapOfVictimsMilliseconds"] == .number(isMet ? 1_500 : 1_501))
            #expect(told["gapGoalMilliseconds"]?.whole == 1_500)
            #expect(told["gapGoalMet"] == .boolean(isMet))
            #expect(told["held"] == .boolean(true), "a missed goal breaks no rule")
        }
    }

    @Test("Other drills have no goal for it")
    func none() throws {
        let report = report(.killLeader, silentMilliseconds: 3_000)
        #expect(report.text.contains("longest 3000 ms"))
        #expect(!report.text.contains("goal"))
        let told = try JSONValue(parsing: Array(report.json.utf8))
        #expect(told["gapGoalMilliseconds"] == nil && told["gapGoalMet"] == nil)
    }

    @Test("Where no victim led anything nothing is said to be met")
    func nobodyLed() throws {
        let report = report(.pauseLeader, silentMilliseconds: 3_000, led: [])
        #expect(!report.text.contains("goal"))
        let told = try JSONValue(parsing: Array(report.json.utf8))
        #expect(told["gapGoalMet"] == nil && told["longestGapOfVictimsMilliseconds"] == nil)
    }
}
