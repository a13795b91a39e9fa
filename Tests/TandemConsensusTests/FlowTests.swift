import Testing

@testable import TandemConsensus

/// Replication under bounds: what is under way, what is kept, what is fetched.
struct FlowTests {
    private func group(_ change: (inout RaftLimits) -> Void) -> Group {
        var limits = RaftLimits()
        change(&limits)
        let group = Group([1, 2, 3], limits: limits)
        group.elect(1)
        return group
    }

    @Test("Appends are sent without waiting, up to so many messages and so many bytes")
    func window() throws {
        for (messages, bytes, expected) in [(4, 1 << 20, 4), (100, 200, 3)] {
            let group = group {
                $0.inFlightMessages = messages
                $0.inFlightBytes = bytes
                $0.messageBytes = 1
            }
            group.isLost = { $0.isAcceptance }
            for _ in 0..<20 { try group.propose(String(repeating: "x", count: 48), at: 1) }
            let peer = try #require(group[1].status.peers.first)
            #expect(peer.inFlight == expected)
            #expect(group.messages.count { $0.isAppend && $0.to == peer.id } == expected)
            // An answer makes room.
            group.heal()
            group.settle()
            #expect(group[2].last == group[1].last)
            #expect(group[1].status.peers.allSatisfy { $0.inFlight == 0 && $0.inFlightBytes == 0 })
        }
    }

    @Test("What is not committed is bounded in bytes; beyond that proposals are refused, and taken again later")
    func uncommitted() throws {
        let group = group { $0.uncommittedBytes = 300 }
        group.isolate(1)
        for _ in 0..<3 { try group.propose(String(repeating: "x", count: 60), at: 1) }
        #expect(throws: ProposalRefusal.tooMuchUncommitted) { try group[1].propose(Array(repeating: 0, count: 60)) }
        #expect(group[1].status.uncommittedBytes == 3 * (60 + LogEntry.overhead))
        group.heal()
        for _ in 0..<12 {
            group.tick(1)
            group.settle()
        }
        #expect(group[1].status.uncommittedBytes == 0)
        #expect(throws: Never.self) { try group.propose("again", at: 1) }
    }

    @Test("An entry beyond the bound is refused; one as large as the bound goes alone")
    func entrySize() throws {
        let group = group {
            $0.entryBytes = 1_000
            $0.messageBytes = 10
            $0.uncommittedBytes = 10
        }
        #expect(throws: ProposalRefusal.tooLarge) { try group[1].propose(Array(repeating: 0, count: 969)) }
        let point = try group[1].propose(Array(repeating: 0, count: 968))
        group.settle()
        #expect(group[1].commitIndex == point.index)
    }

    @Test("Everything proposed before the next Ready goes out together, the same to disk and followers")
    func groupCommit() throws {
        let group = group { _ in }
        group.slowDisks = [NodeID(1)]
        for number in 0..<100 { _ = try group[1].propose([UInt8(number)]) }
        group.work(NodeID(1))
        #expect(group.writes[NodeID(1)]?.map(\.entries.count) == [100])
        #expect(group.messages.filter(\.isAppend).count == 2)
    }

    @Test("A lost append is noticed without a new one: by an append without entries")
    func lostAppend() throws {
        let group = group { _ in }
        group.isLost = { $0.isAppend && $0.to == NodeID(2) }
        try group.propose("a", at: 1)
        group.settle()
        group.heal()
        for _ in 0..<(3 * group.limits.heartbeatTicks) {
            group.tick(1)
            group.settle()
        }
        #expect(group.said(2) == ["a"])
    }

    @Test("A lost acknowledgement frees the window all the same")
    func lostAcknowledgement() throws {
        let group = group { $0.inFlightMessages = 1 }
        group.isLost = { $0.isAcceptance && $0.from == NodeID(2) }
        try group.propose("a", at: 1)
        group.settle()
        group.heal()
        for _ in 0..<(3 * group.limits.heartbeatTicks) {
            group.tick(1)
            group.settle()
        }
        #expect(group[1].status.peers[0].inFlight == 0)
        #expect(group[1].status.peers[0].match == group[1].last.index)
    }

    @Test("Entries that memory no longer holds are fetched from the journal, for followers and for the state machine")
    func fetches() throws {
        let group = group {
            $0.cachedBytes = 100
            $0.fetchBytes = 300
            $0.inFlightMessages = 2
        }
        group.isolate(3)
        for number in 0..<60 {
            try group.propose("\(number)", at: 1)
            group.settle()
        }
        #expect(group[1].status.cachedBytes <= 100)
        group.heal()
        for _ in 0..<80 {
            group.tick(1)
            group.settle()
            for fetch in group.fetches.removeValue(forKey: NodeID(1)) ?? [] {
                let entries = group.journals[NodeID(1)]?.entries ?? []
                group[1].fetched(Array(entries[Int(fetch.from - 1)...].prefix(8)), for: fetch)
            }
        }
        group.settle()
        #expect(group.said(3).count == 60)
    }

    /// Node 3 lacks ten entries that the leader's memory no longer holds, and the leader has asked for them; nobody has answered
    /// for twelve heartbeats.
    private func groupWithLaggard() throws -> Group {
        let group = group { $0.cachedBytes = 1 }
        group.isolate(3)
        for _ in 0..<10 { try group.propose("a", at: 1) }
        group.settle()
        group.heal()
        for _ in 0..<12 * group.limits.heartbeatTicks {
            group.tick(1)
            group.settle()
        }
        return group
    }

    @Test("However slow the journal is, it is asked once; what it could not read, again with the next heartbeat")
    func asksOnce() throws {
        let group = try groupWithLaggard()
        let asked = group.fetches[NodeID(1)] ?? []
        #expect(asked.count == 1)
        let fetch = try #require(asked.first)
        // The answer to a question that this leadership did not ask changes nothing.
        let other = LogFetch(reader: fetch.reader, from: fetch.from + 1, maximumBytes: fetch.maximumBytes)
        group[1].fetched([], for: other)
        group.work(NodeID(1))
        #expect(group.fetches[NodeID(1)]?.count == 1)
        group[1].fetched([], for: fetch)
        group.work(NodeID(1))
        #expect(group.fetches[NodeID(1)]?.count == 1)
        for _ in 0..<3 * group.limits.heartbeatTicks {
            group.tick(1)
            group.settle()
        }
        #expect(group.fetches[NodeID(1)] == [fetch, fetch])
        let entries = group.journals[NodeID(1)]?.entries.filter { $0.index >= fetch.from } ?? []
        group[1].fetched(entries, for: fetch)
        group.settle()
        #expect(group.said(3).count == 10)
        // Late, and a second time: it is not asked for again.
        group[1].fetched(entries, for: fetch)
        group.settle()
        #expect(group.fetches[NodeID(1)]?.count == 2)
    }

    @Test("What the journal returns is only used if it is the log's own")
    func foreignEntries() throws {
        let group = try groupWithLaggard()
        let fetch = try #require(group.fetches[NodeID(1)]?.last)
        let wrong = LogEntry(index: fetch.from, term: Term(9), content: .command([]))
        group.messages = []
        group[1].fetched([wrong], for: fetch)
        group.work(NodeID(1))
        #expect(!group.messages.contains { $0.isAppend && $0.description.contains("append 1") })
    }

    @Test("A long log is started with without keeping it: terms are remembered, old entries fetched")
    func longLog() throws {
        var limits = RaftLimits()
        limits.cachedBytes = 1_000
        let alone = Membership(voters: [NodeID(1)])
        var recovery = RaftRecovery(
            ballot: Ballot(term: Term(10)), origin: .beginning, membership: alone, state: .beginning,
            stateMembership: alone, limits: limits)
        for index in 1...10_000 as ClosedRange<LogIndex> {
            recovery.add(LogEntry(index: index, term: Term(index / 1_000), content: .command([1])))
        }
        var raft = Raft(id: NodeID(1), recovery: recovery, limits: limits, seed: 1)
        #expect(raft.status.cachedBytes <= 1_000)
        #expect(raft.term(at: 4_500) == Term(4))
        while !raft.isLeader {
            raft.tick()
            if let write = raft.ready()?.write { raft.persisted(write.number) }
        }
        if let write = raft.ready()?.write { raft.persisted(write.number) }
        let fetch = try #require(raft.ready()?.fetches.first)
        #expect(fetch.reader == .stateMachine && fetch.from == 1)
    }

    @Test("Only so many batches are handed out before they are applied")
    func applyInTurn() throws {
        var limits = RaftLimits()
        limits.applyBytes = 1
        limits.applyBatches = 2
        var raft = Raft(
            id: NodeID(1), recovery: RaftRecovery(membership: Membership(voters: [NodeID(1)]), limits: limits),
            limits: limits, seed: 1)
        var applied: [LogIndex] = []
        func work() {
            while let ready = raft.ready() {
                applied += ready.apply.map(\.index)
                if let write = ready.write { raft.persisted(write.number) }
            }
        }
        while !raft.isLeader {
            raft.tick()
            work()
        }
        for _ in 0..<5 { _ = try raft.propose([1]) }
        work()
        #expect(applied == [1, 2])
        raft.applied(upTo: 1)
        work()
        #expect(applied == [1, 2, 3])
    }

    @Test("What is not handed out yet stays in memory longer than what is, within a bound; beyond it, it is fetched")
    func waitsInMemory() throws {
        func fetched(_ waitingBytes: Int) throws -> (fetches: Int, kept: [Int]) {
            var limits = RaftLimits()
            (limits.applyBytes, limits.applyBatches) = (1, 1)
            (limits.cachedBytes, limits.waitingBytes) = (1, waitingBytes)
            var raft = Raft(
                id: NodeID(1), recovery: RaftRecovery(membership: Membership(voters: [NodeID(1)]), limits: limits),
                limits: limits, seed: 1)
            var (fetches, kept) = (0, [Int]())
            func work() {
                while let ready = raft.ready() {
                    fetches += ready.fetches.count
                    if let write = ready.write { raft.persisted(write.number) }
                }
            }
            while !raft.isLeader {
                raft.tick()
                work()
            }
            for _ in 0..<20 { _ = try raft.propose([UInt8](repeating: 1, count: 100)) }
            work()
            // The first, which opens the term, was handed out; now the others are, one by one.
            for index in 1...21 as ClosedRange<LogIndex> where fetches == 0 {
                raft.applied(upTo: index)
                work()
                kept.append(raft.status.cachedBytes)
            }
            return (fetches, kept)
        }
        let all = try fetched(16 << 20)
        #expect(all.fetches == 0 && all.kept.count == 21)
        #expect(zip(all.kept, all.kept.dropFirst()).allSatisfy { $0 >= $1 }, "\(all.kept)")
        #expect(all.kept.first ?? 0 > 1_500 && all.kept.last == 0, "\(all.kept)")
        let few = try fetched(300)
        #expect(few.fetches == 1 && few.kept.allSatisfy { $0 <= 300 }, "\(few.kept)")
    }

    @Test("A write that is overtaken by a truncation vouches for nothing, even if the same entries come again")
    func overtakenWrite() {
        let group = Group([1, 2, 3])
        group.slowDisks = [NodeID(1)]
        func append(_ terms: [UInt64], term: UInt64) -> RaftMessage.Body {
            let entries = terms.enumerated().map { offset, term in
                LogEntry(index: LogIndex(offset + 1), term: Term(term), content: .command([UInt8(term)]))
            }
            return .append(Append(previous: .beginning, entries: entries, commit: 0))
        }
        group.send(append([1, 1], term: 1), from: 2, to: 1, term: 1)
        group.send(append([2], term: 2), from: 3, to: 1, term: 2)
        group.send(append([1, 1], term: 3), from: 2, to: 1, term: 3)
        group.persist(NodeID(1), count: 1)
        #expect(group[1].status.durable == 0)
        #expect(!group.messages.contains { $0.isAcceptance })
        group.persist(NodeID(1))
        #expect(group[1].status.durable == 2)
        #expect(group.messages.last?.body == .appendReply(.accepted(match: 2)))
    }

    @Test("Nothing is acknowledged in a term that is not durable")
    func termBeforeAcknowledgement() {
        let group = Group([1, 2, 3])
        group.hold(1, terms: [1], ballot: Ballot(term: Term(1)))
        group.slowDisks = [NodeID(1)]
        let append = Append(previous: LogPoint(index: 1, term: Term(1)), entries: [], commit: 0)
        group.send(.append(append), from: 2, to: 1, term: 4)
        #expect(group.messages.isEmpty)
        group.persist(NodeID(1))
        #expect(group.messages.map(\.body) == [.appendReply(.accepted(match: 1))])
    }

    @Test("A message that makes no sense is refused with an alarm, and changes nothing")
    func nonsense() throws {
        let group = group { _ in }
        try group.propose("a", at: 1)
        for _ in 0..<4 {
            group.settle()
            group.tick(1)
        }
        group.settle()
        let terms = group.terms(2)
        let hole = LogEntry(index: 9, term: Term(1), content: .command([]))
        group.send(
            .append(Append(previous: group[2].last, entries: [hole], commit: 9)), from: 1, to: 2, term: 1)
        let committed = LogPoint(index: group[2].commitIndex, term: Term(9))
        group.send(.append(Append(previous: committed, entries: [], commit: 9)), from: 1, to: 2, term: 1)
        group.send(.appendReply(.accepted(match: 99)), from: 2, to: 1, term: 1)
        group.send(.append(Append(previous: .beginning, entries: [], commit: 0)), from: 2, to: 1, term: 1)
        #expect(group.terms(2) == terms)
        #expect(group.alarms[NodeID(2)]?.count == 2)
        #expect(group.alarms[NodeID(1)] == [.secondLeader(NodeID(2))])
        #expect(group[1].brokenInvariant == nil && group[2].brokenInvariant == nil)
    }
}
