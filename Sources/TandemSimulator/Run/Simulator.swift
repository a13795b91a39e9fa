/// Runs seeds and says what became of them.
package enum Simulator {
    /// One run. The same seed gives the same run, to the last bit of `fingerprint`.
    package struct Outcome: Sendable, Equatable {
        package let world: World
        package let seed: UInt64
        package let violation: Violation?
        package let fingerprint: UInt64
        /// What happened, in numbers: steps traced, virtual microseconds.
        package let steps: Int
        package let duration: Int
        /// From the repair of everything to rest, virtual microseconds.
        package let settling: Int
        package let coverage: Coverage
        /// The last of what happened, if asked for.
        package let story: [String]
    }

    /// - Parameter mutation: a mistake to build in, in its own world.
    package static func run(
        _ world: World = .raft, seed: UInt64, mutation: Mutation? = nil, keepsWords: Bool = false
    ) -> Outcome {
        switch mutation?.world ?? world {
        case .raft: raft(seed, mutation, keepsWords)
        case .partition: partition(seed, mutation, keepsWords)
        }
    }

    private static func raft(_ seed: UInt64, _ mutation: Mutation?, _ keepsWords: Bool) -> Outcome {
        let simulation = Simulation(seed: seed, mutation: mutation, keepsWords: keepsWords)
        var violation: Violation?
        do throws(Violation) { try simulation.run() } catch { violation = error }
        return Outcome(
            world: .raft, seed: seed, violation: violation, fingerprint: simulation.trace.fingerprint.value,
            steps: simulation.trace.count, duration: simulation.now,
            settling: max(0, simulation.now - simulation.options.duration), coverage: simulation.coverage,
            story: simulation.trace.story)
    }

    private static func partition(_ seed: UInt64, _ mutation: Mutation?, _ keepsWords: Bool) -> Outcome {
        let simulation = PartitionSimulation(seed: seed, mutation: mutation, keepsWords: keepsWords)
        var violation: Violation?
        do throws(Violation) { try simulation.run() } catch { violation = error }
        return Outcome(
            world: .partition, seed: seed, violation: violation, fingerprint: simulation.trace.fingerprint.value,
            steps: simulation.trace.count, duration: simulation.now,
            settling: max(0, simulation.now - simulation.options.duration), coverage: simulation.coverage,
            story: simulation.trace.story)
    }
}
