import Synchronization
import TandemConsensus
import TandemCore
import TandemJournal
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

    @Test("A mark that is not taken by the group is made again by the leader that goes on")
    func refused() throws {
        let stage = try Stage { $0.agreed = AgreedFormat(StateMark.since) }
        stage.log.decidesAlone = false
        _ = try stage.answer(.tenant(nil, .create(TenantSettings(name: "A"))))
        stage.log.refusal = .busy
        stage.pass(milliseconds: 61_000)
        #expect(stage.partition.assumeIsolated { $0.inflight.isEmpty } && stage.counters.appendsFailed == 1)
        stage.log.refusal = nil
        stage.pass(milliseconds: 61_000)
        #expect(stage.counters.marks == 1)
    }

    @Test("Records that are replaced as a whole while they are counted are counted anew, at the next mark")
    func replaced() throws {
        let group = try Group(3)
        let leader = try group.elect()
        let settings = TenantSettings(name: "A")
        let tenant = TenantID(raw: try group.answer(.tenant(nil, .create(settings)), to: leader).actor.raw)
        // More than one slice.
        for number in 0..<300 {
            _ = try group.answer(.agent(nil, .create(tenant, AgentProfile(name: "Agent \(number)"))), to: leader)
        }
        group.tick(6_200)
        try create("B", group, leader)
        group.flush(leader)
        let (image, point) = (try StateImage(leader.state), leader.committed)
        for name in ["C", "D"] {
            try create(name, group, leader)
            group.tick(6_200)
        }
        let entries = try leader.journal.entries.map { entry in
            var bytes: [UInt8]?
            if case .command(let turn) = try LogEntry.Content(journaled: entry.bytes) { bytes = turn }
            return FollowedEntry(index: entry.index, term: entry.term, bytes: bytes)
        }
        let indexes = Set(group.told.get().map(\.index)).sorted()
        try #require(indexes.count == 3)

        // Another follows that by hand, up to the first mark; the state comes behind the first slice.
        let (executor, seen, state) = (HandExecutor(), Mutexed<[SeenMark]>([]), HandState())
        var configuration = Partition.Configuration(number: 3, node: 9)
        configuration.onMark = { seen.set(seen.get() + [$0]) }
        let partition = Partition(
            configuration, executor: executor, clock: group.clock, log: HandLog(), state: state, traps: nil)
        try partition.assumeIsolated { _ = try $0.recover(from: state) }
        partition.follow(entries.filter { $0.index <= indexes[0] }) { _ in }
        executor.run {
            #expect(partition.assumeIsolated { $0.marks.isCounting })
            partition.install(image) {}
        }
        executor.drain(at: 0)
        #expect(partition.assumeIsolated { $0.committed } == point)
        for stretch in [point + 1...indexes[1], indexes[1] + 1...leader.committed] {
            partition.follow(entries.filter { stretch.contains($0.index) }) { _ in }
            executor.drain(at: 0)
        }
        #expect(seen.get().map { $0.own == $0.mark.hash } == [false, false, true])
    }

    @Test("Who is found wrong answers nothing from its state: neither what waits, nor what is asked, nor as a leader")
    func distrusted() throws {
        let group = try Group(3)
        let leader = try group.elect()
        group.tick(10)
        let other = try #require(group.members.first { $0.id != leader.id })
        other.journal.holds = true
        try create("A", group, leader)
        let waits = group.countTenants(other)
        group.tick(2)
        #expect(waits.get() == nil, "what it has to see is not there yet")
        other.partition.assumeIsolated { $0.distrust("a majority is against it") }
        #expect(waits.get() == .some(nil))
        other.journal.holds = false
        group.tick(10)
        #expect(group.countTenants(other).get() == .some(nil))
        other.partition.assumeIsolated { $0.distrust(nil) }
        let again = group.countTenants(other)
        group.tick(2)
        #expect(again.get() == .some(1))

        leader.partition.assumeIsolated { $0.distrust("a majority is against it") }
        #expect(group.countTenants(leader).get() == .some(nil))
        let change = Command.tenant(TenantID(raw: 12), .change(TenantSettings(name: "B"), expecting: nil))
        let outcome = group.submit(change, to: leader)
        guard case .unknown? = outcome else {
            Issue.record("it was told \(String(describing: outcome)), from what is wrong")
            return
        }
    }
}
