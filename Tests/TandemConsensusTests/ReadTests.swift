import Testing

@testable import TandemConsensus

/// The Raft paper, section 8: reads that never see the past.
struct ReadTests {
    private func context(_ number: UInt64) -> ReadContext { ReadContext(origin: 1, number: number) }

    @Test("8: a leader answers a read only after a majority has confirmed that it leads")
    func confirmed() throws {
        let group = Group([1, 2, 3])
        group.elect(1)
        let point = try group.propose("a", at: 1)
        group.settle()
        group[1].read(context(1))
        group.work(NodeID(1))
        #expect(group.reads[NodeID(1), default: []].isEmpty)
        group.settle()
        #expect(group.reads[NodeID(1)] == [ReadAnswer(context: context(1), index: point.index)])
    }

    @Test("8: confirmations of before do not count, nor those of learners")
    func oldConfirmations() throws {
        let group = Group([1, 2, 3], learners: [4])
        group.elect(1)
        group.tick(1, times: group.limits.heartbeatTicks)
        let late = group.messages
        group.messages = []
        group.isLost = { $0.to == NodeID(2) || $0.to == NodeID(3) }
        group[1].read(context(1))
        group.work(NodeID(1))
        for message in late { group.nodes[message.to]?.step(message) }
        for node in [2, 3] as [UInt32] { group.work(NodeID(node)) }
        group.settle()
        #expect(group.reads[NodeID(1), default: []].isEmpty)
        group.heal()
        group.tick(1, times: group.limits.heartbeatTicks)
        group.settle()
        #expect(group.reads[NodeID(1)]?.count == 1)
    }

    @Test("8: a new leader answers no read before an entry of its own term is committed")
    func onlyWhenOpened() throws {
        let group = Group([1, 2, 3])
        group.elect(1)
        try group.propose("a", at: 1)
        group.settle()
        // The followers hold "a", and do not know that it is committed.
        group.isLost = { $0.isAcceptance }
        group.elect(2)
        #expect(group[2].isLeader)
        group[2].read(context(1))
        group.settle()
        group.tick(2, times: group.limits.heartbeatTicks)
        group.settle()
        #expect(group.reads[NodeID(2), default: []].isEmpty)
        group.heal()
        for _ in 0..<10 {
            group.tick(2)
            group.settle()
        }
        #expect(group.reads[NodeID(2)] == [ReadAnswer(context: context(1), index: 3)])
    }

    @Test("8: a leader that was cut off and deposed answers nothing, and gives up its reads when it learns of it")
    func deposed() throws {
        let group = Group([1, 2, 3])
        group.elect(1)
        group.isolate(1)
        group[1].read(context(1))
        group.work(NodeID(1))
        group.elect(2)
        let point = try group.propose("b", at: 2)
        group.settle()
        #expect(group[2].commitIndex == point.index)
        #expect(group.reads[NodeID(1), default: []].isEmpty)
        group.heal()
        group.tick(2, times: group.limits.heartbeatTicks)
        group.settle()
        #expect(group.reads[NodeID(1)] == [ReadAnswer(context: context(1), index: nil)])
    }

    @Test("A follower asks the leader, and knows enough to serve the read without waiting for a heartbeat")
    func forwarded() throws {
        let group = Group([1, 2, 3])
        group.elect(1)
        let point = try group.propose("a", at: 1)
        group.settle()
        group[2].read(context(5))
        group.settle()
        #expect(group.reads[NodeID(2)] == [ReadAnswer(context: context(5), index: point.index)])
        #expect(group.said(2) == ["a"])
    }

    @Test("Without a leader a read is refused at once")
    func noLeader() {
        let group = Group([1, 2, 3])
        group[1].read(context(1))
        group.work(NodeID(1))
        #expect(group.reads[NodeID(1)] == [ReadAnswer(context: context(1), index: nil)])
    }

    @Test("Many reads share one round of heartbeats, and there is a bound to how many wait")
    func batched() {
        var limits = RaftLimits()
        limits.waitingReads = 10
        let group = Group([1, 2, 3], limits: limits)
        group.elect(1)
        group.story = []
        for number in 0..<12 { group[1].read(context(UInt64(number))) }
        group.settle()
        let answers = group.reads[NodeID(1), default: []]
        #expect(answers.count { $0.index != nil } == 10 && answers.count { $0.index == nil } == 2)
        #expect(group.story.count { $0.contains("heartbeat") } == 2)
    }

    @Test("A lone voter answers by itself")
    func alone() throws {
        let group = Group([1])
        group.elect(1)
        group[1].read(context(1))
        group.work(NodeID(1))
        #expect(group.reads[NodeID(1)] == [ReadAnswer(context: context(1), index: 1)])
    }
}
