import Testing

@testable import TandemConsensus

/// The Raft paper, sections 5.3, 5.4.2 and 5.5: entries, and when they are committed.
struct PaperReplicationTests {
    @Test("5.3: an entry is sent to all others at once and committed when a majority holds it durably")
    func commitsByMajority() throws {
        let group = Group([1, 2, 3])
        group.elect(1)
        group.slowDisks = [NodeID(1), NodeID(3)]
        let point = try group.propose("hello", at: 1)
        #expect(group.messages.filter(\.isAppend).map(\.to) == [NodeID(2), NodeID(3)])
        group.settle()
        // Durable on one of three: the leader's own disk has not answered.
        #expect(group[1].commitIndex < point.index)
        group.persist(NodeID(1))
        #expect(group[1].commitIndex == point.index)
        #expect(group.said(1) == ["hello"])
    }

    @Test("5.3: the leader may commit before its own disk has answered, and applies only afterwards")
    func commitsWithoutOwnDisk() throws {
        let group = Group([1, 2, 3])
        group.elect(1)
        group.slowDisks = [NodeID(1)]
        let point = try group.propose("hello", at: 1)
        group.settle()
        #expect(group[1].commitIndex == point.index)
        #expect(group.said(1) == [])
        group.persist(NodeID(1))
        #expect(group.said(1) == ["hello"])
    }

    @Test("5.3: followers learn what is committed, and apply it in the order of the log")
    func followersApply() throws {
        let group = Group([1, 2, 3])
        group.elect(1)
        for word in ["a", "b", "c"] { try group.propose(word, at: 1) }
        group.settle()
        group.tick(1, times: group.limits.heartbeatTicks)
        group.settle()
        for node in [1, 2, 3] as [UInt32] { #expect(group.said(node) == ["a", "b", "c"]) }
    }

    @Test("5.3: a follower acknowledges what is durable, once for many, and never more")
    func acknowledgesDurable() throws {
        let group = Group([1, 2, 3])
        group.elect(1)
        group.slowDisks = [NodeID(2)]
        group.messages = []
        for word in ["a", "b", "c"] { try group.propose(word, at: 1) }
        for _ in 0..<3 { group.deliver { $0.to == NodeID(2) && $0.isAppend } }
        let before = group.messages.filter { $0.from == NodeID(2) && $0.isAcceptance }
        #expect(before.allSatisfy { $0.body == .appendReply(.accepted(match: 1)) })
        group.persist(NodeID(2))
        #expect(group.messages.last?.body == .appendReply(.accepted(match: 4)))
    }

    @Test("5.3: a follower without the entry before the new ones refuses them")
    func consistencyCheck() {
        let group = Group([1, 2, 3])
        group.hold(1, terms: [1, 1], ballot: Ballot(term: Term(2)))
        let entry = LogEntry(index: 4, term: Term(2), content: .command([1]))
        group.send(
            .append(Append(previous: LogPoint(index: 3, term: Term(2)), entries: [entry], commit: 4)), from: 2, to: 1,
            term: 2)
        let other = LogEntry(index: 3, term: Term(2), content: .command([1]))
        group.send(
            .append(Append(previous: LogPoint(index: 2, term: Term(2)), entries: [other], commit: 4)), from: 2, to: 1,
            term: 2)
        #expect(group.terms(1) == [1, 1])
        #expect(group[1].commitIndex == 0)
        #expect(
            group.messages.map(\.body) == [
                .appendReply(.rejected(previous: 3, hint: LogPoint(index: 2, term: Term(1)))),
                .appendReply(.rejected(previous: 2, hint: LogPoint(index: 1, term: Term(1)))),
            ])
    }

    @Test("5.3: an entry that conflicts goes, with all that follow it; what does not conflict stays")
    func truncatesConflicts() {
        let group = Group([1, 2, 3])
        group.hold(1, terms: [1, 1, 1, 2, 2], ballot: Ballot(term: Term(3)))
        func append(_ terms: [UInt64], behind index: LogIndex, term: UInt64) -> RaftMessage.Body {
            let entries = terms.enumerated().map { offset, term in
                LogEntry(index: index + 1 + LogIndex(offset), term: Term(term), content: .command([UInt8(term)]))
            }
            return .append(Append(previous: LogPoint(index: index, term: Term(term)), entries: entries, commit: 0))
        }
        // An older append, come late, takes nothing away.
        group.send(append([1], behind: 1, term: 1), from: 2, to: 1, term: 3)
        #expect(group.terms(1) == [1, 1, 1, 2, 2])
        group.send(append([1, 3], behind: 2, term: 1), from: 2, to: 1, term: 3)
        #expect(group.terms(1) == [1, 1, 1, 3])
        #expect(group.journals[NodeID(1)]?.entries.map(\.term.value) == [1, 1, 1, 3])
    }

    @Test("5.3: duplicates change nothing")
    func duplicates() throws {
        let group = Group([1, 2, 3])
        group.elect(1)
        try group.propose("a", at: 1)
        let copies = group.messages
        group.settle()
        for message in copies + copies.reversed() {
            group.nodes[message.to]?.step(message)
            group.work(message.to)
        }
        group.settle()
        group.tick(1, times: group.limits.heartbeatTicks)
        group.settle()
        #expect(group.said(2) == ["a"])
        #expect(group.terms(2) == group.terms(1))
    }

    @Test("5.3: a leader tries again for ever; a follower that was away catches up")
    func catchesUp() throws {
        let group = Group([1, 2, 3])
        group.elect(1)
        group.isolate(3)
        for number in 0..<50 {
            try group.propose("\(number)", at: 1)
            group.settle()
        }
        group.heal()
        for _ in 0..<20 {
            group.tick(1)
            group.settle()
        }
        #expect(group.said(3) == (0..<50).map { "\($0)" })
    }

    @Test("5.3, figure 7: a new leader brings every kind of follower to its own log, and never changes its own")
    func figureSeven() {
        let leader: [UInt64] = [1, 1, 1, 4, 4, 5, 5, 6, 6, 6]
        let followers: [[UInt64]] = [
            [1, 1, 1, 4, 4, 5, 5, 6, 6],
            [1, 1, 1, 4],
            [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6],
            [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7],
            [1, 1, 1, 4, 4, 4, 4],
            [1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3],
        ]
        let group = Group([1, 2, 3, 4, 5, 6, 7])
        group.hold(1, terms: leader, ballot: Ballot(term: Term(7)))
        for (offset, terms) in followers.enumerated() {
            group.hold(UInt32(offset + 2), terms: terms, ballot: Ballot(term: Term(7)))
        }
        group.elect(1)
        for _ in 0..<20 {
            group.tick(1)
            group.settle()
        }
        #expect(group[1].isLeader)
        for node in 1...7 as ClosedRange<UInt32> { #expect(group.terms(node) == leader + [8], "n\(node)") }
        // The whole of a conflicting term is passed with one question.
        let questions = group.story.filter { $0.hasPrefix("n7 → n1") && $0.contains("lacks") }
        #expect(questions.count == 1)
    }

    @Test("5.4.2, figure 8: an entry of an older term is not committed by counting")
    func figureEight() throws {
        var limits = RaftLimits()
        limits.messageBytes = 1
        let group = Group([1, 2, 3, 4, 5], limits: limits)
        // (c): the leader of term 4 brings the entry of term 2 to a majority, but not yet its own.
        group.hold(1, terms: [1, 2], ballot: Ballot(term: Term(3)))
        group.hold(2, terms: [1, 2], ballot: Ballot(term: Term(3)))
        group.hold(3, terms: [1], ballot: Ballot(term: Term(3)))
        group.hold(4, terms: [1], ballot: Ballot(term: Term(3)))
        group.hold(5, terms: [1, 3], ballot: Ballot(term: Term(3)))
        group.isolate(5)
        group.changed = { message in
            guard case .append(let append) = message.body else { return message }
            var message = message
            message.body = .append(
                Append(
                    previous: append.previous, entries: append.entries.filter { $0.term < Term(4) },
                    commit: append.commit))
            return message
        }
        group.elect(1)
        for _ in 0..<6 {
            group.tick(1)
            group.settle()
        }
        #expect(group.terms(1) == [1, 2, 4])
        #expect(group.terms(3) == [1, 2])
        #expect(group[1].commitIndex == 0)
        // (d): another leader may still take it back.
        group.restart(1)
        group.changed = { $0 }
        group.isolate(1)
        group.elect(5)
        group.elect(5)
        #expect(group[5].status.standing == .leader(opening: 3))
        for _ in 0..<20 {
            group.tick(5)
            group.settle()
        }
        #expect(group.terms(2) == group.terms(5))
        #expect(group.terms(5).prefix(2) == [1, 3])
    }

    @Test("5.4.2: an entry of the own term commits all that are before it")
    func commitsOlder() {
        let group = Group([1, 2, 3])
        group.hold(1, terms: [1, 2], ballot: Ballot(term: Term(2)))
        group.elect(1)
        #expect(group.terms(1) == [1, 2, 3])
        #expect(group[1].commitIndex == 3)
    }

    @Test("5.5: a follower that crashed goes on where its journal ends")
    func crashedFollower() throws {
        let group = Group([1, 2, 3])
        group.elect(1)
        group.slowDisks = [NodeID(3)]
        try group.propose("a", at: 1)
        group.settle()
        group.restart(3)
        group.slowDisks = []
        try group.propose("b", at: 1)
        for _ in 0..<12 {
            group.tick(1)
            group.settle()
        }
        #expect(group.said(3) == ["a", "b"])
    }
}
