import Testing

@testable import TandemSimulator

/// Whole partitions on their replicas, from seeds. A seed that fails is told by
/// `tandem-sim run --world partition --seeds 1 --seed S`.
struct PartitionSimulatorTests {
    @Test("A hundred and fifty seeds hold, and in them everything that can go wrong did")
    func seeds() {
        var coverage = Coverage()
        for seed in 1...150 as ClosedRange<UInt64> {
            let outcome = Simulator.run(.partition, seed: seed)
            #expect(outcome.violation == nil, "seed \(seed)")
            coverage.add(outcome.coverage)
        }
        for item in Coverage.Item.allCases where item.isPossible(in: .partition) {
            #expect(coverage[item] > 0, "\(item.rawValue)")
        }
    }

    @Test("The same seed is the same run, to the last step; another seed is another", arguments: [2, 5, 9] as [UInt64])
    func determinism(seed: UInt64) {
        let first = Simulator.run(.partition, seed: seed)
        let second = Simulator.run(.partition, seed: seed, keepsWords: true)
        #expect(first.fingerprint == second.fingerprint && first.steps == second.steps)
        #expect(first.coverage == second.coverage && first.duration == second.duration)
        #expect(first.story.isEmpty && !second.story.isEmpty)
        #expect(Simulator.run(.partition, seed: seed + 1).fingerprint != first.fingerprint)
    }

    /// 10: a follower cut its journal, was elected, and lacked what the slowest needed. 40: alone and just started, it read
    /// before it had applied its own journal. 94: a follower was asked to read, began to lead, and showed what it had not
    /// committed. 46: a leader that had rested learned that its entry was committed, and answered a read behind it, though
    /// others had gone on. 559 and 853: a member that lacked one append was to be sent a snapshot, because its leader
    /// had cut what it had not heard it acknowledge. 87 and 117: a leader ended the change of members of the one before it,
    /// and its partition numbered its entries as if it had not. 371: a write was refused for want of room, and the log that
    /// was then to be read anew turned out to be damaged: its replica gave up for good.
    /// 90,261: a lone node's clock was set ahead by more than keys are kept, and the ledger asked for them still.
    @Test("Seeds that failed once hold", arguments: [10, 40, 46, 87, 94, 117, 371, 559, 853, 90_261] as [UInt64])
    func keptSeeds(seed: UInt64) {
        #expect(Simulator.run(.partition, seed: seed).violation == nil)
    }
}
