import Synchronization
import TandemConsensus
import TandemCore
import TandemReadModel
import TandemWire
import TestChance
import Testing

@testable import TandemRuntime

/// Members that crash, are cut off and hand over, mail that is held back and lost: whatever happens, each command is done
/// once at most, in the order in which it was handed in, and who is told that it was done is told the truth.
@Suite("Forwarding, whatever happens")
struct ForwardingChanceTests {
    private final class Asker: Sendable {
        let text: String
        let member: NodeID
        private let outcomes = Mutex<[Outcome]>([])
        init(_ text: String, at member: NodeID) {
            self.text = text
            self.member = member
        }
        func tell(_ outcome: Outcome) { outcomes.withLock { $0.append(outcome) } }
        var told: [Outcome] { outcomes.withLock { $0 } }
    }

    /// One story from one seed.
    private struct Story {
        let cluster: ForwardingGroup
        var chance: SeededGenerator
        var askers: [Asker] = []
        /// Askers whose node died: nobody can tell them anything.
        var orphans: Set<String> = []
        let lost: Int

        init(seed: UInt64) throws {
            chance = SeededGenerator(seed: seed)
            cluster = try ForwardingGroup(3)
            lost = chance.pick([0, 0, 1, 5])
            cluster.mail.trouble(seed: chance.next(), lost: lost, held: chance.pick([0, 0, 20, 60]))
        }

        mutating func run(_ steps: Int) throws {
            for _ in 0..<steps { try step() }
            try heal()
            // Whatever is under way is asked again and answered, within the bound of the last one; then all catch up.
            var ticks = 0
            while ticks < 1_300, askers.contains(where: { $0.told.isEmpty && !orphans.contains($0.text) }) {
                cluster.tick(10)
                ticks += 10
            }
            cluster.tick(100)
        }

        private mutating func step() throws {
            let members = cluster.group.members
            let member = chance.pick(members)
            switch chance.below(100) {
            case 0..<45: for _ in 0..<(1 + chance.below(12)) { post(at: member) }
            case 45..<60: cluster.settle()
            case 60..<80: cluster.tick(1 + chance.below(30))
            case 80..<84:
                guard let leader = cluster.leaders.first else { return }
                leader.replica.transferLeadership(to: member.id) { _ in }
            case 84..<88: if members.filter(cluster.isUp).count == 3 { crash(member) }
            case 88..<93: for member in members where !cluster.isUp(member) { try cluster.start(member) }
            case 93..<96: if cluster.isUp(member) { cluster.isolate(member) }
            default: for member in members where cluster.isUp(member) { cluster.isolate(member, false) }
            }
        }

        private mutating func heal() throws {
            for member in cluster.group.members {
                if !cluster.isUp(member) { try cluster.start(member) }
                cluster.isolate(member, false)
            }
        }

        private mutating func post(at member: Group.Member) {
            guard let forwarder = cluster.forwarders[member.id] else { return }
            let asker = Asker("\(askers.count)", at: member.id)
            askers.append(asker)
            forwarder.submit(cluster.message(asker.text), key: nil, partition: 3) { asker.tell($0) }
        }

        private mutating func crash(_ member: Group.Member) {
            for asker in askers where asker.member == member.id && asker.told.isEmpty { orphans.insert(asker.text) }
            cluster.crash(member)
        }
    }

    @Test("Nothing acknowledged is lost, nothing is doubled, order is kept", arguments: 1...30 as ClosedRange<UInt64>)
    func everything(seed: UInt64) throws {
        var story = try Story(seed: seed)
        try story.run(60)
        let cluster = story.cluster
        let bytes = cluster.group.members[0].bytes
        for member in cluster.group.members { #expect(member.bytes == bytes, "seed \(seed)") }
        let leader = try #require(cluster.leaders.first, "seed \(seed)")
        let messages = cluster.messages(of: leader)
        #expect(Set(messages).count == messages.count, "seed \(seed): doubled")
        let done = Dictionary(uniqueKeysWithValues: Set(messages).map { ($0, true) })
        for asker in story.askers where !story.orphans.contains(asker.text) {
            #expect(asker.told.count == 1, "seed \(seed): \(asker.text) was told \(asker.told)")
            switch asker.told.first {
            case .answered: #expect(done[asker.text] == true, "seed \(seed): \(asker.text) is lost")
            case .unknown: break
            case .busy, .unavailable: #expect(done[asker.text] == nil, "seed \(seed): \(asker.text) was done")
            case .repeated, .refused, nil: Issue.record("seed \(seed): \(asker.text) \(asker.told)")
            }
        }
        // Each member's in the order of their handing in: their texts are numbers that rise.
        for id in cluster.group.ids {
            let own = Set(story.askers.filter { $0.member == id }.map(\.text))
            let order = messages.filter { own.contains($0) }.compactMap { Int($0) }
            #expect(order == order.sorted(), "seed \(seed): \(order)")
        }
    }

    @Test("Where only leaders come and go, every command is answered", arguments: 1...15 as ClosedRange<UInt64>)
    func healthyMajority(seed: UInt64) throws {
        var chance = SeededGenerator(seed: seed)
        let cluster = try ForwardingGroup(3)
        cluster.mail.trouble(seed: seed, lost: 0, held: chance.pick([0, 30]))
        var askers: [Asker] = []
        for _ in 0..<12 {
            let leader = try cluster.elect()
            for _ in 0..<(1 + chance.below(20)) {
                let member = chance.pick(cluster.group.members.filter { cluster.isUp($0) && $0.id != leader.id })
                let asker = Asker("\(askers.count)", at: member.id)
                askers.append(asker)
                cluster.forwarders[member.id]?.submit(cluster.message(asker.text), key: nil, partition: 3) {
                    asker.tell($0)
                }
                if chance.chance(of: 30) { cluster.settle() }
            }
            switch chance.below(3) {
            case 0: leader.replica.transferLeadership(to: cluster.follower(of: leader).id) { _ in }
            case 1:
                cluster.crash(leader)
                cluster.tick(chance.below(60))
                try cluster.start(leader)
            default:
                cluster.isolate(leader)
                cluster.tick(chance.below(60))
                cluster.isolate(leader, false)
            }
            cluster.tick(chance.below(40))
        }
        cluster.tick(300)
        for asker in askers {
            guard case .answered = asker.told.first, asker.told.count == 1 else {
                Issue.record("seed \(seed): \(asker.text) was told \(asker.told)")
                continue
            }
        }
        let leader = try cluster.elect()
        let messages = cluster.messages(of: leader).compactMap { Int($0) }
        #expect(messages.sorted() == Array(askers.indices), "seed \(seed)")
    }
}
