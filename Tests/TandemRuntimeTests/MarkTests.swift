import Synchronization
import TandemCore
import TandemWire
import Testing

@testable import TandemRuntime

/// Marks in the log of a group whose time the test drives.
@Suite("Marks")
struct MarkTests {
    private func marks(_ member: Group.Member) -> Int { Int(member.counters.marks) }

    private func create(_ name: String, _ group: Group, _ leader: Group.Member) throws {
        _ = try group.answer(.tenant(nil, .create(TenantSettings(name: name))), to: leader)
    }

    @Test("What was journaled is marked a minute later, and where nothing was nothing is")
    func interval() throws {
        let group = try Group(3)
        let leader = try group.elect()
        try create("A", group, leader)
        group.tick(5_000)
        #expect(marks(leader) == 0)
        group.tick(1_100)
        #expect(group.members.allSatisfy { marks($0) == 1 })
        let last = leader.committed
        group.tick(13_000)
        #expect(leader.committed == last, "an idle group journals nothing")
        try create("B", group, leader)
        try create("C", group, leader)
        group.tick(6_100)
        #expect(group.members.allSatisfy { marks($0) == 2 } && leader.committed == last + 3)
    }

    @Test("Followers know what they have from the second mark on, and it is what the leader has")
    func comparison() throws {
        let group = try Group(3)
        let leader = try group.elect()
        for name in ["A", "B"] {
            try create(name, group, leader)
            group.tick(6_100)
        }
        let followers = group.members.filter { $0.id != leader.id }
        #expect(followers.allSatisfy { $0.counters.marksCompared == 1 && marks($0) == 2 })
        #expect(group.told.get().filter { $0.own == nil }.count == 2)
        #expect(group.told.get().allSatisfy { $0.own == nil || $0.own == $0.mark.hash })
    }

    @Test("A record that is another on one member shows at the next mark, on that member")
    func difference() throws {
        let group = try Group(3)
        let leader = try group.elect()
        for name in ["A", "B"] {
            try create(name, group, leader)
            group.tick(6_100)
        }
        let other = try #require(group.members.first { $0.id != leader.id })
        other.partition.assumeIsolated { partition in
            let tenant = partition.roster.tenants.keys.sorted()[0]
            partition.replace(.tenant(Tenant(absent: TenantID(raw: tenant))))
        }
        group.told.set([])
        try create("C", group, leader)
        group.tick(6_100)
        let told = group.told.get()
        #expect(told.count == 3 && told.filter { $0.own != $0.mark.hash }.count == 1)
    }

    @Test("No mark is made before the cluster has agreed on a format that has it, nor by a node alone")
    func gate() throws {
        let agreed = AgreedFormat(WireVersion.first)
        let group = try Group(3) { _ in agreed }
        let leader = try group.elect()
        try create("A", group, leader)
        group.tick(6_200)
        #expect(marks(leader) == 0)
        agreed.raise(to: StateMark.since)
        try create("B", group, leader)
        group.tick(6_200)
        #expect(marks(leader) == 1)

        let alone = try Group(1)
        try create("A", alone, try alone.elect())
        alone.tick(13_000)
        #expect(marks(alone.members[0]) == 0 && alone.members[0].partition.assumeIsolated { $0.keptDigest } == nil)
    }

    @Test("A mark that is taken back is made again by whoever leads next")
    func takenBack() throws {
        let group = try Group(3)
        let leader = try group.elect()
        try create("A", group, leader)
        group.tick(5_995)
        group.wire.isolate(leader.id)
        group.tick(10)
        #expect(leader.partition.assumeIsolated { $0.inflight.count } == 1, "the mark")
        group.tick(300)
        #expect(marks(leader) == 0 && leader.partition.assumeIsolated { $0.inflight.isEmpty })
        let next = try group.elect()
        group.wire.isolate(leader.id, false)
        group.tick(6_300)
        #expect(next.id != leader.id && group.members.allSatisfy { marks($0) == 1 })
    }

    @Test("What is kept while records change, leave and are taken back is what they come to")
    func kept() throws {
        let group = try Group(3)
        let leader = try group.elect()
        try create("A", group, leader)
        group.tick(6_100)
        let tenant = TenantID(raw: leader.partition.assumeIsolated { $0.roster.tenants.keys.sorted()[0] })
        for number in 0..<1_500 {
            let profile = AgentProfile(name: "Agent \(number)")
            _ = group.submit(.agent(nil, .create(tenant, profile)), to: leader)
            if number % 300 == 0 { group.flush(leader) }
        }
        // Refused turns are undone.
        _ = group.submit(.tenant(TenantID(raw: 12), .create(TenantSettings(name: ""))), to: leader)
        for member in group.members { member.journal.holds = true }
        _ = group.submit(.tenant(nil, .create(TenantSettings(name: "lost"))), to: leader)
        leader.partition.assumeIsolated { $0.deposed() }
        let (kept, made) = leader.partition.assumeIsolated { ($0.keptDigest, $0.stateDigest()) }
        #expect(kept == made && made.records > 1_000)
    }

    @Test("Records that are replaced as a whole while they are counted are counted anew, at the next mark")
    func replaced() throws {
        let group = try Group(3)
        let leader = try group.elect()
        try create("A", group, leader)
        group.tick(6_100)
        leader.partition.assumeIsolated { partition in
            partition.marks.isCounting = true
            partition.roster = Roster(partition: 3, executor: partition.unownedExecutor)
            #expect(!partition.roster.countHashes(1), "nothing is left of what was to be counted")
            #expect(partition.keptDigest == nil)
        }
    }
}
