import Testing

@testable import TandemConsensus

/// The Raft paper, section 7: what stands for a log that was cut.
struct SnapshotTests {
    /// A leader whose log was cut while 3 was away, and the snapshot that stands for what was cut.
    private func group(partBytes: Int = 4) throws -> (Group, Snapshot, [UInt8]) {
        var limits = RaftLimits()
        limits.partBytes = partBytes
        let group = Group([1, 2, 3], limits: limits)
        // There was a term before, of which 3 may still hold entries.
        for node in [1, 2, 3] as [UInt32] { group.hold(node, terms: [], ballot: Ballot(term: Term(1))) }
        group.elect(1)
        group.isolate(3)
        for number in 0..<20 {
            try group.propose("\(number)", at: 1)
            group.settle()
        }
        let point = LogPoint(index: 15, term: Term(2))
        group[1].compact(to: 15)
        let bytes: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
        let snapshot = Snapshot(
            point: point, membership: group[1].membership(at: 15), size: UInt64(bytes.count), checksum: 42)
        group.heal()
        return (group, snapshot, bytes)
    }

    /// Does what is asked with snapshots; true for parts that go wrong.
    private func work(
        _ group: Group, _ snapshot: Snapshot, _ bytes: [UInt8], rounds: Int = 80,
        isBad: (SnapshotPart) -> Bool = { _ in false }
    ) {
        var stored = 0
        for _ in 0..<rounds {
            let leader = group.nodes.keys.sorted().first { group.nodes[$0]?.isLeader == true } ?? NodeID(1)
            group.tick(leader.node)
            group.settle()
            for id in group.nodes.keys.sorted() {
                for task in group.tasks.removeValue(forKey: id) ?? [] {
                    switch task {
                    case .make: group.nodes[id]?.snapshotMade(snapshot)
                    case .read(let asked, let offset, let maximumBytes, let peer):
                        let piece = Array(bytes[Int(offset)...].prefix(maximumBytes))
                        let part = SnapshotPart(snapshot: asked, offset: offset, bytes: piece, checksum: 0)
                        group.nodes[id]?.snapshotRead(part, for: peer)
                    case .store(let part):
                        if !isBad(part) { stored = Int(part.offset) + part.bytes.count }
                        group.nodes[id]?.snapshotStored(part.snapshot, received: UInt64(stored))
                    case .install(let asked):
                        group.applied[id] = []
                        group.nodes[id]?.snapshotInstalled(asked)
                    }
                    group.work(id)
                }
            }
            group.settle()
        }
    }

    @Test("7: a follower that lacks what was cut gets the snapshot in parts, then the entries behind it")
    func sends() throws {
        let (group, snapshot, bytes) = try group()
        work(group, snapshot, bytes)
        #expect(group[3].status.origin == snapshot.point)
        #expect(group[3].last == group[1].last)
        #expect(group.said(3) == ["14", "15", "16", "17", "18", "19"])
        #expect(group.journals[NodeID(3)]?.origin == snapshot.point)
        #expect(group.journals[NodeID(3)]?.entries.map(\.index) == [16, 17, 18, 19, 20, 21])
        #expect(group[3].membership == group[1].membership)
        #expect(group.story.count { $0.contains("snapshot 15@t2, 4 at") } == 2)
    }

    @Test("7: entries that conflict with a snapshot go with all others")
    func replacesConflicts() throws {
        let (group, snapshot, bytes) = try group()
        group.hold(3, terms: Array(repeating: 1, count: 18), ballot: Ballot(term: Term(1)))
        work(group, snapshot, bytes)
        #expect(group.terms(3) == group.terms(1))
    }

    @Test("7: a snapshot of what the follower holds takes nothing away")
    func keepsSuffix() throws {
        let (group, snapshot, _) = try group()
        let last = group[2].last
        let part = SnapshotPart(snapshot: snapshot, offset: 0, bytes: [], checksum: 0)
        group.send(.snapshot(part), from: 1, to: 2, term: 2)
        #expect(group[2].last == last)
        #expect(group.tasks[NodeID(2), default: []].isEmpty)
        #expect(group.messages.last?.body == .appendReply(.accepted(match: last.index)))
    }

    @Test("A part that arrives damaged, or twice, is asked for again; nothing of it is used")
    func badPart() throws {
        let (group, snapshot, bytes) = try group()
        var failures = 3
        work(group, snapshot, bytes, rounds: 200) { part in
            guard part.offset == 4, failures > 0 else { return false }
            failures -= 1
            return true
        }
        #expect(failures == 0)
        #expect(group[3].last == group[1].last)
    }

    @Test("A transfer goes on where it stopped when messages were lost, and after a restart of the receiver")
    func resumes() throws {
        let (group, snapshot, bytes) = try group()
        while group[3].core.arriving?.partial.received ?? 0 < 4 { work(group, snapshot, bytes, rounds: 1) }
        let partial = try #require(group[3].core.arriving?.partial)
        #expect(partial.received < 10)
        var recovery = RaftRecovery(
            ballot: Ballot(term: Term(2)), origin: .beginning, membership: group.founders, state: .beginning,
            stateMembership: group.founders, limits: group.limits)
        for entry in group.journals[NodeID(3)]?.entries ?? [] { recovery.add(entry) }
        group.nodes[NodeID(3)] = Raft(
            id: NodeID(3), recovery: recovery, limits: group.limits, partial: partial, seed: 3)
        group.tasks[NodeID(3)] = nil
        group.messages = []
        group.story = []
        work(group, snapshot, bytes, rounds: 200)
        #expect(group[3].last == group[1].last)
        #expect(!group.story.contains { $0.contains("snapshot 15@t2, 4 at 0") })
    }

    @Test("While the state is being replaced, nothing is applied or appended, and the node does not stand")
    func installing() throws {
        let (group, snapshot, _) = try group()
        group[3].step(
            RaftMessage(
                from: NodeID(1), to: NodeID(3), term: Term(2),
                body: .snapshot(SnapshotPart(snapshot: snapshot, offset: 0, bytes: [1, 2], checksum: 0))))
        group[3].snapshotStored(snapshot, received: 10)
        group.work(NodeID(3))
        #expect(group.tasks[NodeID(3)]?.last == .install(snapshot))
        let last = group[3].last
        let entry = LogEntry(index: last.index + 1, term: Term(2), content: .command([1]))
        group.send(.append(Append(previous: last, entries: [entry], commit: 9)), from: 1, to: 3, term: 2)
        #expect(group[3].last == last)
        group.isolate(3)
        group.story = []
        group.tick(3, times: 200)
        #expect(!group.story.contains { $0.contains("vote") })
        group[3].snapshotInstalled(snapshot)
        #expect(group[3].last == snapshot.point)
    }

    @Test("A state that is ahead of the journal after a crash begins the journal anew behind it")
    func stateAhead() throws {
        let membership = Membership(voters: [NodeID(1), NodeID(2)])
        let point = LogPoint(index: 9, term: Term(3))
        var recovery = RaftRecovery(
            ballot: Ballot(term: Term(3)), origin: .beginning, membership: Membership(voters: [NodeID(1)]),
            state: point, stateMembership: membership, limits: RaftLimits())
        for index in 1...12 as ClosedRange<LogIndex> {
            recovery.add(LogEntry(index: index, term: Term(2), content: .command([])))
        }
        var raft = Raft(id: NodeID(1), recovery: recovery, limits: RaftLimits(), seed: 1)
        let write = try #require(raft.ready()?.write)
        #expect(write.restart == point && write.entries.isEmpty)
        #expect(raft.membership == membership && raft.last == point && raft.commitIndex == 9)
    }

    @Test("A state of a newer term than the ballot raises it; entries of one mean that the ballot was lost")
    func stateOfNewerTerm() throws {
        let members = Membership(voters: [NodeID(1), NodeID(2)])
        let point = LogPoint(index: 9, term: Term(5))
        var recovery = RaftRecovery(
            ballot: Ballot(term: Term(4), vote: NodeID(2)), origin: .beginning, membership: members, state: point,
            stateMembership: members, limits: RaftLimits())
        recovery.add(LogEntry(index: 1, term: Term(4), content: .command([])))
        #expect(!recovery.isBallotLost)
        var raft = Raft(id: NodeID(1), recovery: recovery, limits: RaftLimits(), seed: 1)
        let write = try #require(raft.ready()?.write)
        #expect(write.ballot == Ballot(term: Term(5)) && write.restart == point)
        recovery.add(LogEntry(index: 2, term: Term(6), content: .command([])))
        #expect(recovery.isBallotLost)
    }

    @Test("A leader does not wait with cutting its log; a snapshot that is gone is made anew")
    func gone() throws {
        let (group, snapshot, bytes) = try group()
        for _ in 0..<12 {
            group.tick(1)
            group.settle()
        }
        #expect(group.tasks[NodeID(1)] == [.make])
        group.tasks[NodeID(1)] = []
        group[1].snapshotMade(snapshot)
        group.settle()
        group[1].compact(to: 20)
        group[1].snapshotGone(snapshot, for: NodeID(3))
        group.work(NodeID(1))
        #expect(group.tasks[NodeID(1)]?.last == .make)
        let later = Snapshot(
            point: LogPoint(index: 20, term: Term(2)), membership: group[1].membership, size: 10, checksum: 43)
        work(group, later, bytes)
        #expect(group[3].status.origin == later.point)
        #expect(group[3].last == group[1].last)
    }

    /// Followers hold everything; what the third acknowledges is lost, and the leader cuts its log at what it holds.
    private func cutBeyondAcknowledged() throws -> Group {
        let group = Group([1, 2, 3])
        group.elect(1)
        group.isLost = { $0.isAcceptance && $0.from == NodeID(3) }
        for text in ["a", "b", "c"] {
            try group.propose(text, at: 1)
            group.settle()
        }
        let last = group[3].last
        #expect(last == group[1].last && group[1].status.peers[1].match < last.index)
        group[1].compact(to: last.index)
        #expect(group[1].status.origin == last)
        return group
    }

    @Test("A follower that lacks one append is sent no snapshot, though it was heard to acknowledge less than was cut")
    func lostBeyondCut() throws {
        let group = try cutBeyondAcknowledged()
        group.isLost = { $0.to == NodeID(3) || $0.isAcceptance && $0.from == NodeID(3) }
        try group.propose("d", at: 1)
        group.settle()
        group.heal()
        try group.propose("e", at: 1)
        group.settle()
        #expect(group.story.contains { $0.contains("n3 → n1") && $0.contains("lacks") })
        #expect(group[3].last == group[1].last)
        #expect(group.tasks[NodeID(1), default: []].isEmpty)
    }

    @Test("A follower whose connection was lost is asked where the log begins before it is sent a snapshot")
    func connectionLostBeyondCut() throws {
        let group = try cutBeyondAcknowledged()
        group.isLost = { $0.to == NodeID(3) || $0.from == NodeID(3) }
        try group.propose("d", at: 1)
        group.settle()
        group.heal()
        group[1].peerLost(NodeID(3))
        group[1].peerFound(NodeID(3))
        group.settle()
        #expect(group[3].last == group[1].last)
        #expect(group.tasks[NodeID(1), default: []].isEmpty)
    }
}
