import Testing

@testable import TandemBench

@Suite("The goals of figures")
struct GoalTests {
    @Test("Every figure of a cluster that has a goal is measured, under the name that its users know")
    func names() {
        let measured = Set(Benchmark.all.flatMap(\.names))
        for name in Goal.of.keys { #expect(measured.contains(name), "\(name) has a goal and is not measured") }
        let known = [
            "cluster.journal.inflight1.p50", "cluster.journal.inflight64", "cluster.journal.inflight1024",
            "cluster.command.inflight1024", "cluster.command.behind", "cluster.failover.gap.p50",
            "cluster.failover.gap.max", "cluster.failover.lost", "cluster.failover.doubled", "cluster.catchup",
            "cluster.catchup.p99", "cluster.idle.cpu",
        ]
        for name in known { #expect(Goal.of[name] != nil, "\(name) has no goal") }
        #expect(measured.count == Benchmark.all.flatMap(\.names).count, "two figures have one name")
    }

    @Test("A bound itself is met, but for one to stay below")
    func bounds() {
        #expect(Goal.atLeast(20).isMet(value: 20, ratio: nil))
        #expect(!Goal.atLeast(20).isMet(value: 19.9, ratio: nil))
        #expect(Goal.atMost(20).isMet(value: 20, ratio: nil))
        #expect(!Goal.atMost(20).isMet(value: 20.1, ratio: nil))
        #expect(Goal.below(1).isMet(value: 0.99, ratio: nil))
        #expect(!Goal.below(1).isMet(value: 1, ratio: nil))
    }

    @Test("A goal that speaks of the limit is held against the ratio, and is not met where no limit was measured")
    func ratios() {
        #expect(Goal.ratioAtMost(2).isMet(value: 700, ratio: 2))
        #expect(!Goal.ratioAtMost(2).isMet(value: 1, ratio: 2.1))
        #expect(Goal.ratioAtLeast(0.6).isMet(value: 1, ratio: 0.6))
        #expect(!Goal.ratioAtLeast(0.6).isMet(value: 1_000, ratio: 0.5))
        #expect(!Goal.ratioAtMost(2).isMet(value: 1, ratio: nil))
        let figure = Figure(name: "cluster.journal.inflight1.p50", value: 700, unit: "us", limit: 0)
        #expect(figure.isMet == false)
    }

    @Test("Goals are said in words")
    func words() {
        #expect(Goal.atLeast(20_000).text == "at least 20,000")
        #expect(Goal.ratioAtMost(1.5).text == "ratio at most 1.5")
        #expect(Goal.ratioAtLeast(0.125).text == "ratio at least 0.125")
        #expect(Goal.below(1).text == "below 1")
    }
}
