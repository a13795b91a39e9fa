import Testing

@testable import TandemSimulator

/// Whole clusters from seeds. A seed that fails is told by `tandem-sim run --seeds 1 --seed S`.
struct SimulatorTests {
    @Test("Two hundred seeds hold, and in them everything that can go wrong did")
    func seeds() {
        var coverage = Coverage()
        for seed in 1...200 as ClosedRange<UInt64> {
            let outcome = Simulator.run(seed: seed)
            #expect(outcome.violation == nil, "seed \(seed)")
            coverage.add(outcome.coverage)
        }
        // What did not happen was not tested. Forgetfulness is noticed only where a mistake is built in.
        for item in Coverage.Item.allCases where item.isPossible(in: .raft) && item != .forgetful {
            #expect(coverage[item] > 0, "\(item.rawValue)")
        }
    }

    @Test(
        "The same seed is the same run, to the last step; another seed is another", arguments: [3, 11, 17] as [UInt64])
    func determinism(seed: UInt64) {
        let first = Simulator.run(seed: seed)
        let second = Simulator.run(seed: seed, keepsWords: true)
        #expect(first.fingerprint == second.fingerprint && first.steps == second.steps)
        #expect(first.coverage == second.coverage && first.duration == second.duration)
        #expect(first.story.isEmpty && !second.story.isEmpty)
        #expect(Simulator.run(seed: seed + 1).fingerprint != first.fingerprint)
    }

    /// 3,001,265: a snapshot of a new term was installed, and the node crashed before its ballot was written.
    @Test("Seeds that failed once hold", arguments: [3_001_265] as [UInt64])
    func keptSeeds(seed: UInt64) {
        #expect(Simulator.run(seed: seed).violation == nil)
    }

    @Test("Every mistake that is built in is found, by the property it breaks", arguments: Mutation.allCases)
    func mistakes(mutation: Mutation) throws {
        let hunt = Hunt.for(mutation)
        var found: Violation?
        for seed in 1...hunt.seeds where found == nil {
            found = Simulator.run(seed: seed, mutation: mutation).violation
        }
        let violation = try #require(found, "not found")
        #expect(hunt.properties.contains(violation.property), "\(violation)")
    }

    @Test("A failed seed is told as a story that ends with what was broken")
    func story() throws {
        let outcome = Simulator.run(seed: 1, mutation: .acknowledgedTooEarly, keepsWords: true)
        let violation = try #require(outcome.violation)
        #expect(violation.property == .durability)
        #expect(outcome.story.contains { $0.contains("→") && $0.contains("append") })
        #expect(violation.detail.contains("no majority has on disk"))
    }
}

/// Within how many seeds a mistake has to be found, and what it should break.
struct Hunt {
    let seeds: UInt64
    let properties: [Violation.Property]

    static func `for`(_ mutation: Mutation) -> Hunt {
        switch mutation {
        case .forgottenVote: Hunt(seeds: 40, properties: [.oneVote, .electionSafety])
        case .acknowledgedTooEarly: Hunt(seeds: 5, properties: [.durability])
        case .oldTermCounted: Hunt(seeds: 100, properties: [.leaderCompleteness, .stateMachineSafety])
        case .directChange:
            Hunt(
                seeds: 150,
                properties: [
                    .leaderCompleteness, .electionSafety, .stateMachineSafety, .durability, .logMatching, .progress,
                ])
        case .unconfirmedRead: Hunt(seeds: 120, properties: [.linearizability])
        case .boastingCandidate: Hunt(seeds: 20, properties: [.leaderCompleteness, .stateMachineSafety])
        case .wipedVoter: Hunt(seeds: 20, properties: [.leaderCompleteness, .progress, .oneVote])
        case .uncheckedCommit: Hunt(seeds: 20, properties: [.progress, .stateMachineSafety])
        case .forgivenDebt:
            Hunt(seeds: 60, properties: [.leaderCompleteness, .stateMachineSafety, .durability, .progress, .invariant])
        case .repliedTooEarly: Hunt(seeds: 5, properties: [.durability])
        case .skippedMinter: Hunt(seeds: 10, properties: [.equalDigests, .invariant])
        case .forgottenKey: Hunt(seeds: 10, properties: [.equalDigests, .atMostOnce])
        case .doubledEvent: Hunt(seeds: 10, properties: [.equalDigests])
        case .ignoredDeposal: Hunt(seeds: 40, properties: [.electionSafety])
        case .unconfirmedLeader, .staleFollower: Hunt(seeds: 40, properties: [.linearizability])
        case .leadingFollower: Hunt(seeds: 10, properties: [.electionSafety, .invariant])
        case .lostResult: Hunt(seeds: 5, properties: [.progress])
        case .unsentEffect: Hunt(seeds: 5, properties: [.effects])
        }
    }
}
