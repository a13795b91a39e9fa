internal import TandemReadModel

// Answers that came from another node: told when this node has applied what they tell of, so that its sessions have the
// events before the answer, as they have where the leader is.

struct WaitingAnswers {
    struct Answer {
        let index: UInt64
        /// Then it is told, however far behind this node is.
        let deadline: UInt64
        let outcome: Outcome
        let reply: @Sendable (Outcome) -> Void
    }
    var answers = Ring<Answer>()
    var isWakeComing = false
}

extension Partition {
    /// Tells an outcome once this node has applied its entry, or at the deadline.
    ///
    /// - Parameter pulls: nothing else is under way that would bring the news of what is committed: it is asked for.
    func tell(
        _ outcome: Outcome, until deadline: UInt64, pulls: Bool, _ reply: @escaping @Sendable (Outcome) -> Void
    ) {
        // Nobody led who could say why: this node's own journal is the best reason there is.
        if case .unavailable(.notLeading) = outcome { return reply(.unavailable(journalTrouble ?? .notLeading)) }
        guard let index = outcome.position?.entry, index > committed, follows else {
            return reply(outcome)
        }
        answers.answers.append(
            WaitingAnswers.Answer(index: index, deadline: deadline, outcome: outcome, reply: reply))
        // The leader's answer comes with its commit.
        if pulls { log.readIndex { _ in } }
        wakeForAnswers()
    }

    /// Whose journal takes nothing does not follow just now.
    private var follows: Bool { phase == .following && journalTrouble == nil && following.broken == nil }

    /// Tells what this node has applied; everything once it does not follow.
    func releaseAnswers() {
        while let first = answers.answers.first, first.index <= committed || !follows { tellFirst() }
    }

    private func tellFirst() {
        guard let first = answers.answers.popFirst() else { return }
        first.reply(first.outcome)
    }

    private func wakeForAnswers() {
        guard !answers.isWakeComing, let first = answers.answers.first else { return }
        answers.isWakeComing = true
        wake(at: first.deadline) { partition in
            partition.answers.isWakeComing = false
            let now = partition.clock.monotonic()
            while let first = partition.answers.answers.first, first.deadline <= now { partition.tellFirst() }
            partition.wakeForAnswers()
        }
    }
}

extension Outcome {
    /// Where what was done can be seen.
    var position: EventPosition? {
        switch self {
        case .answered(_, let position), .repeated(_, let position): position
        case .refused, .busy, .unavailable, .unknown: nil
        }
    }
}
