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
        let group = try Group(3)
        let leader = try group.elect()
        for name in ["One", "Two", "Three"] {
            _ = try group.answer(.tenant(nil, .create(TenantSettings(name: name))), to: leader)
        }
        group.tick(10)
        let damaged = try #require(group.members.first { $0.id != leader.id })
        let entries = damaged.journal.entries
        damaged.journal.refusal = refusal
        damaged.replica.found(JournalFinding(partition: 3, indexes: 3...3, segment: 1, fault: .checksum))
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
