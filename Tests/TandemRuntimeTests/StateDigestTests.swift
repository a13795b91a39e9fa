import TandemCore
import TandemWire
import Testing

@testable import TandemRuntime

/// What members of a group compare to prove that they hold the same.
@Suite("State digests")
struct StateDigestTests {
    private func digest(_ member: Group.Member) -> StateDigest { member.partition.assumeIsolated { $0.stateDigest() } }

    @Test("Members have the same digest at the same entry, whatever has left memory here and not there")
    func equal() throws {
        let group = try Group(3)
        let leader = try group.elect()
        let answer = try group.answer(.tenant(nil, .create(TenantSettings(name: "A"))), to: leader)
        let tenant = TenantID(raw: answer.actor.raw)
        for name in ["Ada", "Bea"] {
            let profile = CustomerProfile(name: name, tier: .normal)
            _ = try group.answer(.customer(nil, .create(tenant, profile)), to: leader)
        }
        group.tick(10)
        group.flush(leader)
        let said = group.members.map(digest)
        #expect(leader.bytes != group.members.first { $0.id != leader.id }?.bytes, "its idle customers left memory")
        #expect(said.allSatisfy { $0 == said[0] } && said[0].index == leader.committed && said[0].records > 0)
    }

    @Test("Every difference of a record shows, and what is in flight is in the digest of its entry")
    func different() throws {
        let group = try Group(3)
        let leader = try group.elect()
        _ = try group.answer(.tenant(nil, .create(TenantSettings(name: "A"))), to: leader)
        group.tick(10)
        let before = digest(leader)
        for member in group.members { member.journal.holds = true }
        group.submit(.tenant(nil, .create(TenantSettings(name: "B"))), to: leader)
        let under = digest(leader)
        #expect(leader.committed == before.index && under.index == before.index + 1)
        #expect(under.hash != before.hash && under.records == before.records + 1)
        for member in group.members { member.journal.holds = false }
        group.tick(10)
        #expect(group.members.allSatisfy { digest($0) == under })

        let other = try #require(group.members.first { $0.id != leader.id })
        other.partition.assumeIsolated { partition in
            let tenant = partition.roster.tenants.keys.sorted()[0]
            partition.roster.put(.tenant(Tenant(absent: TenantID(raw: tenant))))
        }
        #expect(digest(other).index == under.index && digest(other).hash != under.hash)
    }
}
