package import TandemConsensus

/// Which answers to heartbeats may wait for the next beat: those that confirm no new round. The leader only has to hear them
/// before long, while for a new round somebody's read waits.
package struct AnsweredRounds {
    private struct Leader: Hashable {
        let partition: UInt16
        let node: NodeID
    }

    /// The round that was answered last.
    private var rounds: [Leader: UInt64] = [:]

    package init() {}

    /// Whether `message`, about to be sent, may wait; it counts as sent.
    package mutating func mayWait(_ message: RaftMessage, of partition: UInt16) -> Bool {
        guard case .heartbeatReply(let round) = message.body else { return false }
        return rounds.updateValue(round, forKey: Leader(partition: partition, node: message.to)) == round
    }
}
