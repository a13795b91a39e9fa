import Testing

@testable import TandemDrill

@Suite("The drill's figures")
struct FiguresTests {
    @Test("The longest gap is between two acknowledgements, or to the end of what is looked at")
    func gaps() {
        let moments: [UInt64] = [10, 20, 100, 110, 300]
        #expect(Figures.longestGap(moments, from: 0, to: 120) == 190, "the gap that is open at the end counts whole")
        #expect(Figures.longestGap(moments, from: 105, to: 110) == 10)
        #expect(Figures.longestGap(moments, from: 15, to: 90) == 80, "a gap that has begun counts whole")
        #expect(Figures.longestGap(moments, from: 0, to: 1_000) == 700)
        #expect(Figures.longestGap([], from: 5, to: 25) == 20)
    }

    @Test("A fault's gap is that of the partitions its victims led")
    func ofFaults() {
        var evidence = Evidence()
        func acknowledged(_ partition: Int, at moment: UInt64) {
            var operation = Operation(
                process: "p", kind: .post, key: "\(moment)", partition: partition, tenant: "t", invoked: moment - 5)
            operation.returned = moment
            operation.outcome = .ok
            evidence.operations.append(operation)
        }
        for moment in stride(from: UInt64(100), through: 2_000, by: 10) {
            acknowledged(1, at: moment)
            if moment < 1_000 || moment > 1_400 { acknowledged(0, at: moment) }
        }
        evidence.faults = [
            FaultLine(name: "kill", victims: [2], partitions: [0], began: 995, healed: 1_500, ready: 1_600),
            FaultLine(name: "kill", victims: [3], partitions: [1], began: 995, healed: 1_500, ready: 1_600),
            FaultLine(name: "kill", victims: [1], partitions: [], began: 995, healed: 1_500, ready: 1_600),
        ]
        let figures = Figures(evidence, from: 100, to: 2_000)
        #expect(figures.faults.map(\.gap) == [420, 10, nil])
        #expect(figures.gap == 10)
        #expect(figures.gapOfPartition == 420)
        #expect(figures.p50 == 5)
    }

    @Test("Percentiles are those of what there is")
    func percentiles() {
        #expect(Figures.percentile([], 0.5) == 0)
        #expect(Figures.percentile([7], 0.99) == 7)
        #expect(Figures.percentile(Array(1...100), 0.99) == 100)
        #expect(Figures.percentile(Array(1...100), 0.5) == 51)
    }
}
