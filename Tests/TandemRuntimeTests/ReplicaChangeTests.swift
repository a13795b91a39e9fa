import Synchronization
import TandemConsensus
import TandemCore
import TandemJournal
import TandemWire
import Testing

@testable import TandemRuntime

/// A group gets other members while its partition runs.
@Suite("Changes of members")
struct ReplicaChangeTests {
    private func tenant(_ name: String) -> Command { .tenant(nil, .create(TenantSettings(name: name))) }

    /// Asks for a change; its outcome comes when the test lets things happen.
    private func change(_ change: MembershipChange, at member: Group.Member) -> Mutexed<[ProposalRefusal?]> {
        let outcomes = Mutexed<[ProposalRefusal?]>([])
        member.replica.change(change) { outcome in outcomes.set(outcomes.get() + [outcome]) }
        return outcomes
    }

    private func status(of member: Group.Member) throws -> RaftStatus {
        let found = Mutexed<RaftStatus?>(nil)
        member.replica.status { found.set($0) }
        return try #require(found.get())
    }

    /// A node alone with two others who learn everything it has.
    private func growing() throws -> Group {
        let group = try Group(3, founders: 1)
        let node = group.members[0]
        _ = try group.answer(tenant("Before"), to: node)
        let learning = change(MembershipChange(learn: Array(group.ids.dropFirst())), at: node)
        group.tick(20)
        #expect(learning.get() == [nil])
        #expect(group.members[2].bytes == node.bytes)
        return group
    }

    /// Submits without letting anything happen.
    private func send(_ names: [String], to member: Group.Member) -> [OutcomeBox] {
        names.map { name in
            let box = OutcomeBox()
            member.partition.submit(tenant(name)) { box.put($0) }
            return box
        }
    }

    private func names(_ member: Group.Member) -> [String] {
        member.partition.assumeIsolated { partition in
            partition.roster.tenants.values.map(\.record.settings.name).sorted()
        }
    }

    // MARK: What has to hold

    @Test("A sole voter with learners keeps its log when an entry turns out to be damaged: nobody else could lead")
    func damagedAmongLearners() throws {
        let group = try growing()
        let node = group.members[0]
        let entries = node.journal.entries.map(\.index)
        node.replica.found(JournalFinding(partition: 3, indexes: 2...2, segment: 1, fault: .checksum))
        group.tick(20)
        #expect(node.journal.owed(3) == nil && node.journal.entries.map(\.index).starts(with: entries))
        #expect(node.leads)
        _ = try group.answer(tenant("Afterwards"), to: node)
    }

    @Test("From one to three under traffic: no tick passes, what is accepted is kept in order, what is not is said so")
    func grows() throws {
        let group = try growing()
        let node = group.members[0]
        #expect(node.replica.decidesAlone, "learners decide nothing")
        let before = send((0..<50).map { "Before \($0)" }, to: node)
        group.executor.drain(at: group.clock.monotonic())
        let promoting = change(MembershipChange(promote: Array(group.ids.dropFirst())), at: node)
        let meanwhile = send((0..<50).map { "Meanwhile \($0)" }, to: node)
        group.settle()
        #expect(promoting.get() == [nil], "over without a tick")
        #expect(node.leads && !node.replica.decidesAlone)
        for box in before {
            guard case .answered = box.take() else { return #expect(Bool(false), "what was under way is done") }
        }
        var kept = 0
        for box in meanwhile {
            switch box.take() {
            case .answered: kept += 1
            case .unavailable(.notLeading): break
            case let other: return #expect(Bool(false), "\(String(describing: other))")
            }
        }
        _ = try group.answer(tenant("After"), to: node)
        group.tick(20)
        let found = names(node)
        #expect(found.count == 1 + 50 + kept + 1)
        for member in group.members {
            #expect(member.bytes == node.bytes)
            #expect(member.journal.entries.map(\.index) == Array(1...UInt64(member.journal.entries.count)))
        }
        #expect(try status(of: group.members[2]).membership == Membership(voters: group.ids))
    }

    @Test("A read that was asked before, during or after a change is answered, and sees everything before it")
    func reads() throws {
        let group = try growing()
        let node = group.members[0]
        _ = send(["One"], to: node)
        group.executor.drain(at: group.clock.monotonic())
        let (first, second) = (Mutexed<Int??>(nil), Mutexed<Int??>(nil))
        node.partition.read({ $0.tenants.count }, release: { first.set(.some($0)) })
        let promoting = change(MembershipChange(promote: Array(group.ids.dropFirst())), at: node)
        node.partition.read({ $0.tenants.count }, release: { second.set(.some($0)) })
        group.settle()
        #expect(promoting.get() == [nil])
        #expect(first.get() == 2 && second.get() == 2)
        #expect(group.countTenants(node).get() == 2)
        // A second change, by a leader who has his leadership confirmed.
        let removing = change(MembershipChange(remove: [group.ids[2]]), at: node)
        let third = Mutexed<Int??>(nil)
        node.partition.read({ $0.tenants.count }, release: { third.set(.some($0)) })
        group.settle()
        #expect(removing.get() == [nil] && third.get() == 2)
    }

    @Test("A change that Raft would refuse holds nobody up")
    func refused() throws {
        let group = try growing()
        let node = group.members[0]
        group.wire.isolate(group.ids[2])
        group.tick(40)
        let box = send(["Kept"], to: node)
        let promoting = change(MembershipChange(promote: [group.ids[2]]), at: node)
        let after = send(["Kept too"], to: node)
        group.settle()
        #expect(promoting.get() == [.notCaughtUp(group.ids[2])])
        for one in box + after { guard case .answered = one.take() else { return #expect(Bool(false), "refused") } }
    }

    @Test("A change that is refused once the partition has retired: it leads again at once")
    func refusedLate() throws {
        let group = try growing()
        let node = group.members[0]
        node.journal.holds = true
        _ = send(["Under way"], to: node)
        group.settle()
        let promoting = change(MembershipChange(promote: [group.ids[2]]), at: node)
        group.settle()
        #expect(promoting.get().isEmpty, "it waits for what is under way")
        let second = change(MembershipChange(promote: [group.ids[1]]), at: node)
        #expect(second.get() == [.changeUnderWay], "one at a time")
        group.wire.isolate(group.ids[2])
        for _ in 0..<40 { node.replica.tick() }
        node.journal.holds = false
        group.settle()
        #expect(promoting.get() == [.notCaughtUp(group.ids[2])])
        #expect(node.leads)
        _ = try group.answer(tenant("After"), to: node)
        #expect(group.countTenants(node).get() == 3)
    }

    @Test("A leader deposed in the middle of a change: another decides what becomes of it, and nothing is lost")
    func deposed() throws {
        let group = try Group(3)
        let old = try group.elect()
        for number in 0..<5 { _ = try group.answer(tenant("\(number)"), to: old) }
        let others = group.members.filter { $0 !== old }
        let removing = change(MembershipChange(remove: [others[0].id]), at: old)
        // The joint membership is appended, and leaves for nobody.
        group.wire.isolate(old.id)
        group.tick(60)
        #expect(removing.get() == [.notLeader(nil)])
        let new = try group.elect()
        #expect(new !== old && !old.leads)
        _ = try group.answer(tenant("New"), to: new)
        group.wire.isolate(old.id, false)
        group.tick(60)
        let leader = try group.elect()
        _ = try group.answer(tenant("Last"), to: leader)
        group.tick(20)
        #expect(names(leader).count == 7)
        for member in group.members { #expect(member.bytes == leader.bytes) }
    }

    @Test("A new leader that ends a change of the one before it leads behind the end, and what it takes is kept")
    func inherited() throws {
        let group = try Group(5)
        let old = try group.elect()
        _ = try group.answer(tenant("Before"), to: old)
        // Everybody has the joint membership, and the leader dies before it knows.
        group.wire.lose { if case .appendReply = $0.body { true } else { false } }
        let removed = try #require(group.members.last { $0 !== old })
        _ = change(MembershipChange(remove: [removed.id]), at: old)
        group.settle()
        group.crash(old)
        group.wire.lose { _ in false }
        var leaders: [Group.Member] = []
        for _ in 0..<200 where leaders.isEmpty {
            group.tick()
            leaders = group.members.filter(\.leads)
        }
        let new = try #require(leaders.first)
        _ = try group.answer(tenant("After"), to: new)
        group.tick(20)
        #expect(try !status(of: new).membership.isJoint && !status(of: new).membership.contains(removed.id))
        for member in group.members where member !== old && member !== removed {
            #expect(names(member) == ["After", "Before"] && member.bytes == new.bytes)
        }
    }

    @Test("A leader that removes itself hands over, and is no member any more")
    func removesItself() throws {
        let group = try Group(3)
        let old = try group.elect()
        _ = try group.answer(tenant("Before"), to: old)
        let removing = change(MembershipChange(remove: [old.id]), at: old)
        group.tick(80)
        #expect(removing.get() == [.notLeader(nil)])
        let leader = try #require(group.members.first { $0.leads })
        #expect(leader !== old)
        _ = try group.answer(tenant("After"), to: leader)
        #expect(try !status(of: leader).membership.contains(old.id))
    }

    @Test("New voters who answer and write nothing: after five seconds the group is the old one again, and goes on")
    func cancelled() throws {
        let group = try growing()
        let node = group.members[0]
        for member in group.members.dropFirst() { member.journal.holds = true }
        let promoting = change(MembershipChange(promote: Array(group.ids.dropFirst())), at: node)
        group.tick(490)
        guard case .unavailable(.notLeading) = group.submit(tenant("Meanwhile"), to: node) else {
            return #expect(Bool(false), "the change is under way")
        }
        group.tick(60)
        #expect(promoting.get() == [nil] && node.leads)
        #expect(
            try status(of: node).membership == Membership(voters: [node.id], learners: Array(group.ids.dropFirst())))
        _ = try group.answer(tenant("After"), to: node)
    }

    // MARK: Alone

    @Test("Who was one of several never decides alone again, neither as the last one nor after a start")
    func neverAloneAgain() throws {
        let group = try growing()
        let node = group.members[0]
        let promoting = change(MembershipChange(promote: Array(group.ids.dropFirst())), at: node)
        group.settle()
        #expect(promoting.get() == [nil])
        let removing = change(MembershipChange(remove: Array(group.ids.dropFirst())), at: node)
        group.tick(5)
        #expect(removing.get() == [nil] && node.leads && !node.replica.decidesAlone)
        _ = try group.answer(tenant("Last one"), to: node)
        group.crash(node)
        try group.start(node)
        group.tick(60)
        #expect(node.leads && !node.replica.decidesAlone)
        #expect(group.countTenants(node).get() == 2)
    }

    @Test("A grown group's founder that starts again does not lead without the others")
    func grownRestarts() throws {
        let group = try growing()
        let node = group.members[0]
        _ = change(MembershipChange(promote: Array(group.ids.dropFirst())), at: node)
        group.tick(5)
        group.crash(node)
        for id in group.ids.dropFirst() { group.wire.isolate(id) }
        try group.start(node)
        group.tick(200)
        #expect(!node.leads)
        #expect(group.countTenants(node).get() == .some(.none), "nobody leads")
        for id in group.ids.dropFirst() { group.wire.isolate(id, false) }
        let leader = try group.elect()
        _ = try group.answer(tenant("After"), to: leader)
    }
}
