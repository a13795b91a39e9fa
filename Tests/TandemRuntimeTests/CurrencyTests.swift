import TandemCore
import Testing

@testable import TandemRuntime

/// The partition of a group is number 3.
@Suite("Whether a node has had what was committed when it came up")
struct CurrencyTests {
    private static let interval: UInt64 = 100_000_000

    /// By number, as a node has them; of those before the third nobody asks here.
    private func partitions(_ member: Group.Member) -> [Partition] { Array(repeating: member.partition, count: 4) }

    @Test("A follower is current once it has applied what its leader had committed")
    func follower() throws {
        let group = try Group(3)
        let leader = try group.elect()
        let follower = try #require(group.members.first { !$0.leads })
        let currency = Currency(3..<4)
        group.wire.isolate(follower.id)
        _ = try group.answer(.tenant(nil, .create(TenantSettings(name: "Acme"))), to: leader)
        group.tick(200)
        currency.beat(at: 1, partitions(follower))
        group.tick(200)
        #expect(!currency.isCurrent(3), "it is cut off, and lacks a tenant")

        group.wire.isolate(follower.id, false)
        _ = try group.elect()
        group.tick(200)
        currency.beat(at: 1 + Self.interval, partitions(follower))
        group.tick(10)
        #expect(currency.isCurrent(3))
        #expect(follower.bytes == leader.bytes)
    }

    @Test("It asks again every 100 ms while nobody leads, and never once it is current")
    func asks() throws {
        let group = try Group(3)
        let member = group.members[0]
        let currency = Currency(3..<4)
        currency.beat(at: 1, partitions(member))
        group.settle()
        _ = try group.elect()
        currency.beat(at: Self.interval, partitions(member))
        group.tick(10)
        #expect(!currency.isCurrent(3), "nobody led when it asked, and it has not asked again yet")
        currency.beat(at: 1 + Self.interval, partitions(member))
        group.tick(10)
        #expect(currency.isCurrent(3))
        group.wire.isolate(member.id)
        group.tick(200)
        currency.beat(at: 1 + 2 * Self.interval, partitions(member))
        group.tick(10)
        #expect(currency.isCurrent(3), "this is about the beginning")
    }
}
