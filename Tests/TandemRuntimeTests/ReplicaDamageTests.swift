import Foundation
import TandemConsensus
import TandemCore
import TandemJournal
import Testing

@testable import TandemRuntime

/// What a replica does about a damaged log, and about what Raft finds unusual.
@Suite("Damage and alarms of replicas")
struct ReplicaDamageTests {
    @Test(
        "A damaged entry that there is no room to forget is forgotten when there is, and the log becomes whole",
        arguments: [JournalError.busy(pendingBytes: 1, limit: 1), .diskFull])
    func forgottenLater(refusal: JournalError) throws {
        let (group, leader, damaged) = try Self.grown()
        let entries = damaged.journal.entries
        damaged.journal.refusal = refusal
        damaged.replica.found(Self.finding(3))
        group.tick(250)
        #expect(damaged.journal.entries == entries && damaged.journal.owed(3) == nil)
        _ = try group.answer(.tenant(nil, .create(TenantSettings(name: "Four"))), to: leader)
        damaged.journal.refusal = nil
        group.tick(50)
        #expect(damaged.journal.entries == entries, "it is tried again every second")
        group.tick(150)
        #expect(damaged.journal.entries.count == leader.journal.entries.count)
        #expect(damaged.journal.owed(3) == nil && damaged.bytes == leader.bytes)
    }

    @Test("What was taken back while it was to be forgotten is forgotten enough: the log is read anew and goes on")
    func nothingToForget() throws {
        let (group, leader, damaged) = try Self.grown()
        damaged.journal.refusal = .outOfRange(partition: 3, index: 4, first: 1, last: 3)
        damaged.replica.found(Self.finding(4))
        group.settle()
        damaged.journal.refusal = nil
        _ = try group.answer(.tenant(nil, .create(TenantSettings(name: "Four"))), to: leader)
        group.tick(50)
        #expect(damaged.journal.entries.count == leader.journal.entries.count && damaged.bytes == leader.bytes)
        #expect(damaged.journal.owed(3) == nil)
    }

    @Test("Where the entry in front of the damaged one is damaged too it is forgotten with it")
    func damagedInFront() throws {
        let (group, leader, damaged) = try Self.grown()
        let entries = damaged.journal.entries
        damaged.journal.refuseOnce(.damaged(Self.finding(3)))
        damaged.replica.found(Self.finding(4))
        group.tick(1)
        #expect(damaged.journal.forgotten == [3], "all that is read anew has to come back")
        _ = try group.answer(.tenant(nil, .create(TenantSettings(name: "Four"))), to: leader)
        group.tick(100)
        #expect(damaged.journal.entries.count == leader.journal.entries.count && damaged.bytes == leader.bytes)
        #expect(damaged.journal.entries.starts(with: entries) && damaged.journal.owed(3) == nil)
    }

    @Test("Where the last entry after a taking back would be damaged, that one is forgotten too, and the log goes on")
    func damagedInFrontOfTruncation() throws {
        let (group, old, _) = try Self.grown()
        let kept = try #require(old.journal.entries.last?.index)
        group.wire.isolate(old.id)
        old.partition.submit(.tenant(nil, .create(TenantSettings(name: "Nobody hears")))) { _ in }
        group.settle()
        #expect(old.journal.entries.last?.index == kept + 1)
        let new = try group.elect()
        _ = try group.answer(.tenant(nil, .create(TenantSettings(name: "Four"))), to: new)
        old.journal.refuseOnce(.damaged(Self.finding(kept)))
        group.wire.isolate(old.id, false)
        group.tick(100)
        #expect(old.journal.forgotten == [kept])
        #expect(old.journal.entries.count == new.journal.entries.count && old.bytes == new.bytes)
        #expect(old.journal.owed(3) == nil)
        _ = try group.answer(.tenant(nil, .create(TenantSettings(name: "Five"))), to: try group.elect())
        group.tick(10)
        #expect(old.bytes == new.bytes, "it takes part again")
    }

    @Test("What a copy for a member finds damaged is forgotten at once: another leads, and gives both what they lack")
    func damagedInCopy() throws {
        try inDirectory { directory in
            let laggard = try Laggard(in: directory)
            try laggard.traffic(40)
            try laggard.cut()
            try laggard.traffic(10)
            let (group, leader) = (laggard.group, try laggard.leader)
            let damaged = leader.committed - 2
            leader.journal.damage = Self.finding(damaged)
            try group.start(laggard.member)
            for _ in 0..<2_000 where leader.journal.forgotten.isEmpty { group.tick() }
            #expect(leader.journal.forgotten == [damaged])
            try laggard.catchUp()
            #expect(try laggard.leader.id != leader.id, "who owes does not stand")
            group.tick(100)
            #expect(leader.journal.owed(3) == nil)
            #expect(try laggard.everything(leader).store == laggard.everything(laggard.member).store)
        }
    }

    @Test("A log that cannot be read for the moment is read again until it can; nothing of it is forgotten")
    func unreadableForTheMoment() throws {
        let (group, leader, other) = try Self.grown()
        other.journal.isUnreadable = true
        other.journal.refusal = .busy(pendingBytes: 1, limit: 1)
        _ = try group.answer(.tenant(nil, .create(TenantSettings(name: "Four"))), to: leader)
        group.tick(250)
        #expect(other.bytes != leader.bytes)
        other.journal.refusal = nil
        other.journal.isUnreadable = false
        group.tick(200)
        #expect(other.bytes == leader.bytes && other.journal.forgotten.isEmpty)
    }

    private func inDirectory(_ body: (String) throws -> Void) throws {
        let directory = NSTemporaryDirectory() + "tandem-damage-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try body(directory)
    }

    private static func finding(_ index: UInt64) -> JournalFinding {
        JournalFinding(partition: 3, indexes: index...index, segment: 1, fault: .checksum)
    }

    /// A group with entries, its leader, and one who follows.
    private static func grown() throws -> (Group, leader: Group.Member, other: Group.Member) {
        let group = try Group(3)
        let leader = try group.elect()
        for name in ["One", "Two", "Three"] {
            _ = try group.answer(.tenant(nil, .create(TenantSettings(name: name))), to: leader)
        }
        group.tick(10)
        return (group, leader, try #require(group.members.first { $0.id != leader.id }))
    }

    @Test("Ticks of a calm that end it are no time since a connection was lost: nobody stands too early")
    func calmTicks() throws {
        let group = try Group(3)
        let leader = try group.elect()
        group.tick(20)
        #expect(group.members.allSatisfy { $0.replica.isCalm })
        let others = group.members.filter { $0.id != leader.id }
        group.crash(leader)
        for other in others {
            other.replica.connection(to: leader.id, isUp: false)
            other.replica.tick(RaftLimits.ofNodes.heartbeatTicks)
        }
        group.settle()
        func standing() -> [NodeID] { others.filter { $0.journal.hardState(3).votedFor == $0.id.value }.map(\.id) }
        #expect(standing() == [] && others.allSatisfy { !$0.leads }, "one tick has passed since, at most")
        for other in others { other.replica.tick() }
        group.settle()
        #expect(others.filter(\.leads).count == 1, "the first of them has noticed")
    }

    @Test("What Raft finds unusual is counted, and told once in a while")
    func alarms() throws {
        let told = Mutexed<[RaftAlarm]>([])
        let group = try Group(3, alarm: { told.set(told.get() + [$0]) })
        let leader = try group.elect()
        group.tick(20)
        let other = try #require(group.members.first { $0.id != leader.id })
        let term = Term(leader.partition.assumeIsolated { $0.term })
        let lie = RaftMessage(from: other.id, to: leader.id, term: term, body: .heartbeat(commit: 1, round: 0))
        for _ in 0..<5 { leader.replica.receive(lie) }
        group.settle()
        #expect(told.get() == [.secondLeader(other.id)])
        #expect(leader.replica.alarms == 5)
        group.tick(1_000)
        leader.replica.receive(lie)
        #expect(told.get().count == 2 && leader.replica.alarms == 6)
    }
}
