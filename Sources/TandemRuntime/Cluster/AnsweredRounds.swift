package import TandemConsensus

/// Which answers to heartbeats may wait for the next beat: those that confirm no new round. The leader only has to hear them
/// before long, while for a new round somebody's read waits.
package struct AnsweredRounds {
    private struct Leader: Hashable {
        let partition: UInt16
        let node: NodeID
    }

    /// Rounds count from the beginning of a term.
    private struct Round: Equatable {
        let term: Term
        let number: UInt64
    }

    /// The round that was answered last.
    private var rounds: [Leader: Round] = [:]

    package init() {}

    /// Whether `message`, about to be sent, may wait; it counts as sent.
    package mutating func mayWait(_ message: RaftMessage, of partition: UInt16) -> Bool {
        guard case .heartbeatReply(let number) = message.body else { return false }
        let round = Round(term: message.term, number: number)
        return rounds.updateValue(round, forKey: Leader(partition: partition, node: message.to)) == round
    }
}
