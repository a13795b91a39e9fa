internal import TandemCore
internal import TandemRuntime

/// A command of the start was not carried out.
struct NotPerformed: Error, CustomStringConvertible {
    let outcome: Outcome
    var description: String { "the node could not make its first records: \(outcome)" }
}

extension Node {
    /// Hands in a command and waits for its answer; in a cluster also for somebody to lead.
    func perform(_ command: Command) async throws -> Answer {
        var outcome = await outcome(of: command)
        while isClustered, case .unavailable(let reason) = outcome, reason == .notLeading || reason == .cutOff {
            try await Task.sleep(for: .milliseconds(100))
            outcome = await self.outcome(of: command)
        }
        guard case .answered(let answer, _) = outcome else { throw NotPerformed(outcome: outcome) }
        return answer
    }

    private func outcome(of command: Command) async -> Outcome {
        await withCheckedContinuation { done in submit(command) { done.resume(returning: $0) } }
    }
}
