import Testing

@testable import TandemDrill

@Suite("The drill's schedule")
struct ScheduleTests {
    private func faults(_ drill: Drill, seed: UInt64, nodes: Int = 3, count: Int = 200, disks: Bool = true) -> [Fault] {
        var schedule = Schedule(drill, seed: seed, nodes: nodes, partitions: 8, canFillDisks: disks)
        return (0..<count).map { _ in schedule.next() }
    }

    @Test("The same seed gives the same faults, another seed others", arguments: Drill.allCases)
    func seeds(drill: Drill) {
        #expect(faults(drill, seed: 7) == faults(drill, seed: 7))
        #expect(faults(drill, seed: 7) != faults(drill, seed: 8))
    }

    @Test("Never more than a minority is struck at once", arguments: Drill.allCases, [3, 5])
    func minority(drill: Drill, nodes: Int) {
        let struck = faults(drill, seed: 1, nodes: nodes).map(\.aims.count)
        #expect(struck.allSatisfy { (1...(nodes - 1) / 2).contains($0) })
        if drill == .killAny { #expect(struck.max() == (nodes - 1) / 2) }
    }

    @Test("A drill does what its name says, and everything does all of it")
    func kinds() {
        for drill in Drill.allCases {
            #expect(Set(faults(drill, seed: 3).map(\.kind)) == Set(drill.kinds.map(\.kind)), "\(drill)")
        }
        #expect(Set(faults(.everything, seed: 3).map(\.kind)) == Set(Fault.Kind.allCases))
    }

    @Test("Where disks cannot be filled, everything is everything else")
    func noDisks() {
        let kinds = Set(faults(.everything, seed: 3, disks: false).map(\.kind))
        #expect(kinds == Set(Fault.Kind.allCases).subtracting([.fillDisk]))
    }

    @Test("A rolling restart takes one node after the other")
    func rolling() {
        let order = faults(.rollingRestart, seed: 5, count: 6).map(\.aims)
        #expect(order == [1, 2, 3, 1, 2, 3].map { [.node($0)] })
    }

    @Test("Clocks are set forward and back, from what nobody need notice to hours")
    func clocks() {
        let steps = faults(.clockStep, seed: 5)
        #expect(steps.contains { $0.stepMilliseconds > 3_600_000 })
        #expect(steps.contains { $0.stepMilliseconds < -3_600_000 })
        #expect(steps.contains { !$0.isClockOff } && steps.contains { $0.isClockOff })
        #expect(steps.allSatisfy { abs($0.stepMilliseconds) < 400 || $0.isClockOff }, "nothing that may go either way")
        #expect(steps.allSatisfy { $0.milliseconds >= 4_000 }, "long enough to be noticed")
        #expect(Set(steps.map(\.isRestarted)) == [true, false])
    }

    @Test("Of five nodes two are struck at once, whatever strikes them", arguments: Drill.allCases)
    func two(drill: Drill) {
        let counts = Set(faults(drill, seed: 5, nodes: 5).map(\.aims.count))
        switch drill {
        case .rollingRestart, .rollingUpgrade, .leaderTransfer: #expect(counts == [1])
        default: #expect(counts == [1, 2])
        }
    }

    @Test("Nodes are replaced one after the other")
    func replaced() {
        let order = faults(.replaceNode, seed: 5, count: 4).map(\.aims)
        #expect(order == [1, 2, 3, 1].map { [.node($0)] })
    }

    @Test("Leaders are handed to every other node, one partition or all of a node's", arguments: [3, 5])
    func transfers(nodes: Int) {
        let transfers = faults(.leaderTransfer, seed: 5, nodes: nodes)
        #expect(Set(transfers.map(\.offset)) == Set(1..<nodes), "never to who leads already")
        #expect(Set(transfers.map(\.isWhole)) == [true, false])
        #expect(Set(transfers.map(\.aims)) == Set((0..<8).map { [.leader(of: $0)] }))
    }

    @Test("With one node, that one is struck")
    func alone() {
        #expect(faults(.killAny, seed: 5, nodes: 1).allSatisfy { $0.aims == [.node(1)] })
    }
}
