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

    @Test("How old it is counts from the question, not from the answer, and the youngest counts")
    func age() {
        let currency = Currency(3..<4)
        #expect(currency.mark(3, within: .max / 2, at: 1_000) == nil, "nobody has said anything yet")
        currency.had(3, upTo: 7, asked: 1_000)
        #expect(currency.mark(3, within: 50, at: 1_050) == 7)
        #expect(currency.mark(3, within: 50, at: 1_051) == nil)
        currency.had(3, upTo: 5, asked: 900)
        #expect(currency.mark(3, within: 50, at: 1_050) == 7, "an answer that was overtaken says nothing new")
        currency.had(3, upTo: 9, asked: 1_040)
        #expect(currency.mark(3, within: 50, at: 1_090) == 9)
        #expect(currency.mark(4, within: 50, at: 1_090) == nil, "another partition")
        #expect(currency.isCurrent(3))
    }

    @Test("What somebody asks the age of is kept young, and nothing else")
    func young() throws {
        let group = try Group(3)
        let leader = try group.elect()
        let currency = Currency(3..<4)
        let second: UInt64 = 1_000_000_000
        func beat(_ time: UInt64) {
            currency.beat(at: time, partitions(leader))
            group.tick(10)
        }
        beat(1)
        #expect(currency.isCurrent(3))
        beat(5 * second)
        #expect(currency.mark(3, within: second, at: 5 * second) == nil, "nobody had asked")
        beat(5 * second + Self.interval)
        #expect(currency.mark(3, within: second, at: 5 * second + Self.interval) != nil)
        beat(5 * second + 2 * Self.interval)
        #expect(currency.mark(3, within: 0, at: 5 * second + 2 * Self.interval) == nil, "it is young enough")
        beat(7 * second)
        #expect(currency.mark(3, within: 0, at: 7 * second) != nil)
    }
}
