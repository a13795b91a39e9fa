internal import TandemCore
internal import TandemRuntime

/// A command of the start was not carried out.
struct NotPerformed: Error, CustomStringConvertible {
    let outcome: Outcome
    var description: String { "the node could not make its first records: \(outcome)" }
}

extension Node {
    /// Hands in a command and waits for its answer.
    func perform(_ command: Command) async throws -> Answer {
        let outcome = await withCheckedContinuation { done in submit(command) { done.resume(returning: $0) } }
        guard case .answered(let answer, _) = outcome else { throw NotPerformed(outcome: outcome) }
        return answer
    }
}
