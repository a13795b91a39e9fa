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

    @Test("With one node, that one is struck")
    func alone() {
        #expect(faults(.killAny, seed: 5, nodes: 1).allSatisfy { $0.aims == [.node(1)] })
    }
}
