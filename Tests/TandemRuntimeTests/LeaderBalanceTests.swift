import TandemConsensus
import TandemCore
import TandemJournal
import Testing

@testable import TandemRuntime

/// The partition of a group is number 3: of three nodes the first is to lead it when all are well.
@Suite("Spreading leadership")
struct LeaderBalanceTests {
    private static let interval = LeaderBalance.intervalNanoseconds

    /// A group that somebody else than its preferred leader leads, all members being well.
    private func group() throws -> (group: Group, leader: Group.Member) {
        let group = try Group(3)
        group.wire.isolate(group.ids[0])
        let leader = try group.elect()
        group.wire.isolate(group.ids[0], false)
        group.tick(100)
        #expect(leader.leads)
        return (group, leader)
    }

    private func balance(_ group: Group, _ member: Group.Member) -> (LeaderBalance, NodePresence) {
        let others = group.ids.filter { $0 != member.id }.map(\.node)
        let presence = NodePresence(others, at: 0)
        return (LeaderBalance(id: member.id, members: group.ids, presence: presence), presence)
    }

    @Test("Every node is to lead its share")
    func share() throws {
        let group = try Group(3)
        let (balance, _) = balance(group, group.members[0])
        let leaders = (0..<9).map { LeaderBalance.preferred($0, balance.members)?.node }
        #expect(leaders == [1, 2, 3, 1, 2, 3, 1, 2, 3])
    }

    @Test("Who leads what another is to lead hands it over once that one has been there for three intervals")
    func handsOver() throws {
        let (group, leader) = try group()
        let (balance, presence) = balance(group, leader)
        presence.found(1, incarnation: 1)
        for beat in 1...2 {
            balance.beat(at: UInt64(beat) * Self.interval, [leader.replica])
            group.tick(10)
            #expect(leader.leads, "it may fall out again")
        }
        balance.beat(at: 3 * Self.interval - 1, [leader.replica])
        group.tick(10)
        #expect(leader.leads, "the third interval is not over")
        balance.beat(at: 3 * Self.interval, [leader.replica])
        group.tick(10)
        #expect(!leader.leads)
        #expect(group.members[0].leads)
    }

    @Test("Who drains hands over at once what it can, and nobody hands it anything")
    func drains() throws {
        let (group, leader) = try group()
        let (balance, presence) = balance(group, leader)
        for id in group.ids where id != leader.id { presence.found(id.node, incarnation: 1) }
        balance.members = group.ids.filter { $0 != leader.id }
        for beat in 1...3 { balance.beat(at: UInt64(beat) * Self.interval, []) }
        for beat in 1...3 { balance.beat(at: UInt64(beat) * Self.interval, [leader.replica]) }
        balance.isLeaving = true
        balance.beat(at: 3 * Self.interval + 1, [leader.replica])
        group.tick(10)
        #expect(!leader.leads)
        let next = try group.elect()
        let (other, _) = self.balance(group, next)
        other.members = balance.members
        #expect((0..<9).allSatisfy { LeaderBalance.preferred($0, other.members) != leader.id })
    }

    @Test("Nothing is handed to a node whose clock is off")
    func clocks() throws {
        let (group, leader) = try group()
        let (balance, presence) = balance(group, leader)
        for id in group.ids where id != leader.id { presence.found(id.node, incarnation: 1) }
        // The first is to lead the group, and is off.
        balance.mayLead = group.ids.filter { $0 != group.ids[0] }
        for beat in 1...5 {
            balance.beat(at: UInt64(beat) * Self.interval, [leader.replica])
            group.tick(10)
            #expect(!group.members[0].leads)
        }
    }

    @Test("A partition is handed to nobody whose state of it is wrong, by preference or by one who goes")
    func wrong() throws {
        let (group, leader) = try group()
        let (balance, presence) = balance(group, leader)
        let others = group.ids.filter { $0 != leader.id }
        for id in others { presence.found(id.node, incarnation: 1) }
        // The first is to lead the group.
        balance.isWrong = { partition, node in partition == 3 && node == 1 }
        balance.members = [group.ids[0], leader.id]
        for beat in 1...5 {
            balance.beat(at: UInt64(beat) * Self.interval, [leader.replica])
            group.tick(10)
        }
        #expect(leader.leads)
        #expect(balance.leave([leader.replica], at: 6 * Self.interval) == 0, "nobody else can take it")
        balance.members = group.ids
        #expect(balance.leave([leader.replica], at: 7 * Self.interval) == 1)
        group.tick(10)
        #expect(leader.replica.leader == others[1])
    }

    @Test("Whose state of another partition is wrong gets what it is to lead")
    func wrongElsewhere() throws {
        let (group, leader) = try group()
        let (balance, presence) = balance(group, leader)
        presence.found(1, incarnation: 1)
        balance.isWrong = { partition, _ in partition != 3 }
        for beat in 1...3 { balance.beat(at: UInt64(beat) * Self.interval, [leader.replica]) }
        group.tick(10)
        #expect(group.members[0].leads)
    }

    @Test("Who leaves takes whoever is there and right, though another would have it when all are well")
    func isOff() throws {
        let (group, leader) = try group()
        let (balance, presence) = balance(group, leader)
        for id in group.ids where id != leader.id { presence.found(id.node, incarnation: 1) }
        balance.mayLead = [leader.id]
        for beat in 1...3 { balance.beat(at: UInt64(beat) * Self.interval, [leader.replica]) }
        group.tick(10)
        #expect(leader.leads)
        balance.mayLead = group.ids.filter { $0 != leader.id && $0 != group.ids[0] }
        balance.isLeaving = true
        balance.beat(at: 3 * Self.interval + 1, [leader.replica])
        group.tick(10)
        #expect(!leader.leads && !group.members[0].leads)
        #expect(group.members.contains { $0.leads })
    }

    @Test("Nothing is handed to a node that is not there, nor by one that is to lead itself")
    func stays() throws {
        let (group, leader) = try group()
        let (balance, _) = balance(group, leader)
        for beat in 1...10 {
            balance.beat(at: UInt64(beat) * Self.interval, [leader.replica])
            group.tick(10)
        }
        #expect(leader.leads)

        leader.replica.transferLeadership(to: group.ids[0]) { _ in }
        group.tick(10)
        let first = group.members[0]
        #expect(first.leads)
        let (own, presence) = self.balance(group, first)
        for id in group.ids.dropFirst() { presence.found(id.node, incarnation: 1) }
        for beat in 1...10 {
            own.beat(at: UInt64(beat) * Self.interval, [first.replica])
            group.tick(10)
        }
        #expect(first.leads)
    }

    @Test("Who goes hands over to somebody who stays, and to nobody who goes too")
    func leaves() throws {
        let (group, leader) = try group()
        let (balance, presence) = balance(group, leader)
        let others = group.ids.filter { $0 != leader.id }
        for id in others { presence.found(id.node, incarnation: 1) }
        presence.leaves(others[0].node)
        #expect(balance.leave([leader.replica], at: 3 * Self.interval) == 1)
        group.tick(10)
        #expect(!leader.leads && leader.replica.leader == others[1])
        #expect(balance.leave([leader.replica], at: 3 * Self.interval) == 0, "it leads nothing any more")
    }

    @Test("Who goes as the last is waited for by nobody")
    func leavesAlone() throws {
        let (group, leader) = try group()
        let (balance, presence) = balance(group, leader)
        for id in group.ids where id != leader.id {
            presence.found(id.node, incarnation: 1)
            presence.leaves(id.node)
        }
        #expect(balance.leave([leader.replica], at: 3 * Self.interval) == 0)
        group.tick(10)
        #expect(leader.leads)
    }

    /// Makes a member owe more than there will ever be in this test: it votes, and does not stand.
    private func owe(_ member: Group.Member, in group: Group) throws {
        group.crash(member)
        member.journal.owe(OwedStretch(last: 1_000_000, lastTerm: 1_000, term: 1_000))
        try group.start(member)
        group.tick(30)
    }

    @Test("Who goes hands over to another, if the first one cannot lead")
    func leavesToAnother() throws {
        let (group, leader) = try group()
        let (balance, presence) = balance(group, leader)
        let others = group.members.filter { $0.id != leader.id }
        for other in others { presence.found(other.id.node, incarnation: 1) }
        try owe(others[1], in: group)
        #expect(leader.leads)
        for turn in 0..<200 where leader.leads {
            _ = balance.leave([leader.replica], at: UInt64(turn) * 10_000_000)
            group.tick()
        }
        #expect(!leader.leads && leader.replica.leader == others[0].id)
    }

    @Test("Who has to lead nothing hands over to another, if the first one cannot lead")
    func isOffBesideOneWhoOwes() throws {
        let (group, leader) = try group()
        let (balance, presence) = balance(group, leader)
        let others = group.members.filter { $0.id != leader.id }
        for other in others { presence.found(other.id.node, incarnation: 1) }
        try owe(others[1], in: group)
        balance.mayLead = [leader.id]
        for beat in 1...3 { balance.beat(at: UInt64(beat) * Self.interval, [leader.replica]) }
        group.tick(10)
        #expect(leader.leads)
        balance.mayLead = others.map(\.id)
        balance.isLeaving = true
        for turn in 0..<10 where leader.leads {
            balance.beat(at: 4 * Self.interval + UInt64(turn) * 200_000_000, [leader.replica])
            group.tick(20)
        }
        #expect(!leader.leads && leader.replica.leader == others[0].id)
    }

    @Test("Who cannot take what it is to lead is not asked every second: each time is a pause for all who wait")
    func asksSeldom() throws {
        let (group, leader) = try group()
        let (balance, presence) = balance(group, leader)
        presence.found(1, incarnation: 1)
        try owe(group.members[0], in: group)
        let calls = Mutexed(0)
        group.wire.filter { message in
            if case .campaignNow = message.body { calls.set(calls.get() + 1) }
            return message
        }
        var pauses = 0
        for beat in 1...20 {
            let before = calls.get()
            balance.beat(at: UInt64(beat) * Self.interval, [leader.replica])
            group.tick(50)
            pauses += calls.get() > before ? 1 : 0
        }
        #expect((1...2).contains(pauses) && leader.leads)
    }

    @Test("Who lacked too much to be asked at all is asked as soon as it has that, not ten seconds later")
    func neverAsked() throws {
        let (group, leader) = try group()
        let (balance, presence) = balance(group, leader)
        presence.found(1, incarnation: 1)
        let first = group.members[0]
        group.wire.isolate(first.id)
        for _ in 0..<1_200 { leader.partition.submit(.tenant(nil, .create(TenantSettings(name: "A")))) { _ in } }
        group.tick(10)
        for beat in 1...4 {
            balance.beat(at: UInt64(beat) * Self.interval, [leader.replica])
            group.tick(1)
        }
        group.wire.isolate(first.id, false)
        group.tick(100)
        #expect(leader.leads && first.committed == leader.committed)
        balance.beat(at: 5 * Self.interval, [leader.replica])
        group.tick(10)
        #expect(first.leads)
    }

    @Test("Nothing is handed back to a node that has said goodbye")
    func goodbye() throws {
        let (group, leader) = try group()
        let (balance, presence) = balance(group, leader)
        presence.found(1, incarnation: 1)
        for beat in 1...2 { balance.beat(at: UInt64(beat) * Self.interval, [leader.replica]) }
        presence.leaves(1)
        for beat in 3...9 {
            balance.beat(at: UInt64(beat) * Self.interval, [leader.replica])
            group.tick(10)
        }
        #expect(leader.leads)
    }
}
