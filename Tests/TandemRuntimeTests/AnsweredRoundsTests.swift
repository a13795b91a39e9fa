import TandemConsensus
import TandemRuntime
import Testing

@Suite("Answers to heartbeats")
struct AnsweredRoundsTests {
    private struct Sent {
        let body: RaftMessage.Body
        var partition: UInt16 = 0
        var to = NodeID(1)
        var term = Term(3)
    }

    /// Which of them may wait, sent one after the other.
    private func mayWait(_ sent: Sent...) -> [Bool] {
        var answered = AnsweredRounds()
        return sent.map { sent in
            let message = RaftMessage(from: NodeID(9), to: sent.to, term: sent.term, body: sent.body)
            return answered.mayWait(message, of: sent.partition)
        }
    }

    private func answer(_ round: UInt64, partition: UInt16 = 0, to: NodeID = NodeID(1)) -> Sent {
        Sent(body: .heartbeatReply(round: round), partition: partition, to: to)
    }

    @Test("The answer to a round that was answered may wait, one to a new round leaves at once: a read may wait for it")
    func rounds() {
        #expect(mayWait(answer(1), answer(1), answer(2), answer(2)) == [false, true, false, true])
    }

    @Test("Partitions, leaders and their lives are told apart, and a leader that begins anew is answered at once")
    func leaders() {
        let first = answer(7)
        #expect(mayWait(first, answer(7, partition: 1)) == [false, false])
        #expect(mayWait(first, answer(7, to: NodeID(2))) == [false, false])
        #expect(mayWait(first, answer(7, to: NodeID(1, incarnation: 1))) == [false, false])
        #expect(mayWait(first, answer(1)) == [false, false])
        var next = first
        next.term = Term(4)
        #expect(mayWait(first, next, next) == [false, false, true], "rounds count from the beginning of a term")
    }

    @Test("Nothing else may wait")
    func others() {
        let beat = Sent(body: .heartbeat(commit: 1, round: 1))
        let accepted = Sent(body: .appendReply(.accepted(match: 1)))
        #expect(mayWait(beat, beat, accepted, accepted) == [false, false, false, false])
    }
}
