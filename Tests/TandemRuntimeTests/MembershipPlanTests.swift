import TandemConsensus
import TestChance
import Testing

@testable import TandemRuntime

@Suite("Planning a group's members")
struct MembershipPlanTests {
    /// A case as words: `1 2 3` are voters, `~4` learns, `3.1` is the later life of node 3, `!2` is not healthy, `+4` has
    /// caught up; what is wanted is `1 2 3`.
    struct Case: CustomTestStringConvertible, Sendable {
        let group: String
        let wanted: String
        let replicas: Replicas
        let partition: UInt16
        /// `learn 4`, `vote 4, leave 3`, `hand over to 2`, or nothing.
        let step: String
        var testDescription: String {
            "\(group) wanted \(wanted) of \(replicas) in partition \(partition): \(step.isEmpty ? "nothing" : step)"
        }

        init(
            _ group: String, wanted: String, replicas: Replicas = .five, partition: UInt16 = 0, _ step: String
        ) {
            self.group = group
            self.wanted = wanted
            self.replicas = replicas
            self.partition = partition
            self.step = step
        }
    }

    private static func id(_ text: some StringProtocol) -> NodeID {
        let parts = String(text).filter { $0.isNumber || $0 == "." }.split(separator: ".").compactMap { UInt32($0) }
        return NodeID(parts[0], incarnation: parts.count > 1 ? parts[1] : 0)
    }

    private static func membership(_ one: Case) -> Membership {
        let words = one.group.split(separator: " ")
        return Membership(
            voters: words.filter { !$0.contains("~") }.map(id), learners: words.filter { $0.contains("~") }.map(id))
    }

    private static func step(_ one: Case) -> MembershipPlan.Step? {
        let words = one.group.split(separator: " ")
        return MembershipPlan.next(
            membership(one), wanted: MembershipPlan.order(one.wanted.split(separator: " ").map(id), of: one.partition),
            replicas: one.replicas, caughtUp: Set(words.filter { $0.contains("+") }.map(id)),
            healthy: Set(words.filter { !$0.contains("!") }.map(id)), leader: id("1"), membersMax: 15)
    }

    private static func words(_ step: MembershipPlan.Step?) -> String {
        func list(_ what: String, _ ids: [NodeID]) -> String? {
            let texts = ids.map { "\($0)".dropFirst() }
            return ids.isEmpty ? nil : "\(what) \(texts.joined(separator: " "))"
        }
        switch step {
        case nil: return ""
        case .handOver(let heir): return "hand over to \("\(heir)".dropFirst())"
        case .change(let change):
            return [list("learn", change.learn), list("vote", change.promote), list("leave", change.remove)]
                .compactMap(\.self).joined(separator: ", ")
        }
    }

    @Test(
        "One step at a time, and a majority survives each",
        arguments: [
            Case("1 2 3", wanted: "1 2 3", ""),
            // From one to three, and on.
            Case("1", wanted: "1 2", "learn 2"),
            Case("1 ~2+", wanted: "1 2", ""),
            Case("1 ~2+", wanted: "1 2 3", "learn 3"),
            Case("1 ~2+ ~3", wanted: "1 2 3", ""),
            Case("1 ~2+ ~3+", wanted: "1 2 3", "vote 2 3"),
            Case("1 ~2+ ~3+!", wanted: "1 2 3", ""),
            Case("1 2 3 ~4+", wanted: "1 2 3 4", ""),
            Case("1 2 3 ~4+ ~5+", wanted: "1 2 3 4 5", "vote 4 5"),
            Case("1 2 3 4 5 ~6+ ~7+", wanted: "1 2 3 4 5 6 7", ""),
            Case("1 2", wanted: "1 2", ""),
            Case("1 2 ~3+", wanted: "1 2 3", "vote 3"),
            Case("1 2 ~3+ ~4+", wanted: "1 2 3 4", "vote 3"),
            // A node that replaces itself.
            Case("1 2 3!", wanted: "1 2 3.1", "learn 3.1"),
            Case("1 2 3! ~3.1", wanted: "1 2 3.1", ""),
            Case("1 2 3! ~3.1+", wanted: "1 2 3.1", "vote 3.1, leave 3"),
            Case("1 2 3 4 5! ~5.1", wanted: "1 2 3 4 5.1", ""),
            Case("1 2 3! ~3.1", wanted: "1 2 3.2", "learn 3.2, leave 3.1"),
            // Leaving.
            Case("1 2 3!", wanted: "1 2", "leave 3"),
            Case("1 2 3", wanted: "1 3", "leave 2"),
            Case("1 2! 3", wanted: "1 2", ""),
            Case("1 2! 3!", wanted: "1 2", ""),
            Case("1 2 3 ~4+", wanted: "1 2 4", "vote 4, leave 3"),
            Case("1 2 3 ~4", wanted: "1 2 4", "leave 3"),
            Case("1 2 3 ~4+ ~5+", wanted: "1 2 4 5", "vote 4, leave 3"),
            Case("1 2 3 4 5", wanted: "1 2 3", "leave 4 5"),
            Case("1 2 3 ~4", wanted: "1 2 3", "leave 4"),
            Case("1 2", wanted: "1", "leave 2"),
            Case("1 2!", wanted: "1", "leave 2"),
            // The leader goes last.
            Case("1 2 3", wanted: "2 3", "hand over to 2"),
            Case("1 2! 3", wanted: "2 3", ""),
            Case("1 2 3 4 5!", wanted: "2 3 4 5", "hand over to 2"),
            Case("1 ~2+", wanted: "2", "vote 2, leave 1"),
            Case("1 ~2", wanted: "2", ""),
            // Three vote; the others have everything and stand in.
            Case("1 2 3 ~4+ ~5+", wanted: "1 2 3 4 5", replicas: .three, ""),
            Case("1 ~2+ ~3+ ~4+", wanted: "1 2 3 4", replicas: .three, "vote 2 3"),
            Case("1 ~2+ ~3+ ~4+", wanted: "1 2 3 4", replicas: .three, partition: 2, "vote 3 4"),
            Case("1 2 3! ~4+ ~5+", wanted: "1 2 4 5", replicas: .three, "vote 4, leave 3"),
            Case("1 2 3! ~4+ ~5+", wanted: "1 2 4 5", replicas: .three, partition: 3, "vote 5, leave 3"),
            Case("1 2 3! ~4 ~5+", wanted: "1 2 4 5", replicas: .three, "vote 5, leave 3"),
            Case("1 2 3! ~4+", wanted: "1 2 3.1 4", replicas: .three, "learn 3.1"),
            Case("1 2 3! ~3.1 ~4+", wanted: "1 2 3.1 4", replicas: .three, "vote 4, leave 3"),
            Case("1 2 3! ~3.1+ ~4+", wanted: "1 2 3.1 4", replicas: .three, "vote 3.1, leave 3"),
            Case("1 2! 3! ~2.1 ~3.1 ~4+", wanted: "1 2.1 3.1 4", replicas: .three, "vote 4, leave 2"),
            // An administrator wants more of them, or fewer.
            Case("1 2 3 ~4+ ~5+", wanted: "1 2 3 4 5", replicas: .five, "vote 4 5"),
            Case("1 2 3 4 5", wanted: "1 2 3 4 5", replicas: .three, "learn 4 5"),
            Case("1 2 3 4 5", wanted: "1 2 3 4 5", replicas: .three, partition: 3, "learn 2 3"),
            Case("1 2! 3 4 5", wanted: "1 2 3 4 5", replicas: .three, "learn 2 5"),
            Case("1 2! 3! 4 5", wanted: "1 2 3 4 5", replicas: .three, "learn 2 3"),
            Case("1 2! 3! 4! 5!", wanted: "1 2 3 4 5", replicas: .three, ""),
            Case("1 2 3 4 5", wanted: "1 2 3 4", replicas: .three, "learn 4, leave 5"),
            Case("1 2 3 4", wanted: "1 2 3 4", replicas: .three, "learn 4"),
        ])
    func table(one: Case) {
        let step = Self.step(one)
        #expect(Self.words(step) == one.step)
        let wanted = one.wanted.split(separator: " ").map(Self.id)
        if MembershipPlan.isSettled(Self.membership(one), wanted: wanted, replicas: one.replicas) {
            #expect(step == nil, "it would never be looked at")
        }
    }

    @Test("Votes are spread over the nodes, and every partition has its spare ones elsewhere")
    func order() {
        let nodes = (1...5).map { NodeID(UInt32($0)) }
        var votes: [NodeID: Int] = [:]
        for partition in UInt16(0)..<10 {
            let order = MembershipPlan.order(nodes.reversed(), of: partition)
            #expect(order.sorted() == nodes)
            for voter in order.prefix(3) { votes[voter, default: 0] += 1 }
        }
        #expect(nodes.allSatisfy { votes[$0] == 6 })
        #expect(MembershipPlan.order([], of: 7).isEmpty)
    }

    @Test("While it changes nothing is begun")
    func joint() {
        let ids = (1...3).map { NodeID(UInt32($0)) }
        let joint = Membership(voters: ids, outgoing: [ids[0]])
        #expect(
            MembershipPlan.next(
                joint, wanted: [ids[0]], replicas: .five, caughtUp: [], healthy: Set(ids), leader: ids[0],
                membersMax: 15) == nil)
    }

    @Test("Whatever the order of coming, going and dying: every change is one Raft takes, and ends where it is wanted")
    func converges() {
        for seed in UInt64(1)...300 {
            var chance = SeededGenerator(seed: seed)
            let before = (1...(2 * Int(chance.next() % 3) + 1)).map { NodeID(UInt32($0)) }
            var membership = Membership(voters: before)
            let leader = before[0]
            let kept = before.filter { $0 == leader || chance.next() % 3 != 0 }
            let replicas: Replicas = chance.next() % 2 == 0 ? .three : .five
            let partition = UInt16(chance.next() % 9)
            let wanted = (kept + (7...9).map { NodeID(UInt32($0)) }.filter { _ in chance.next() % 2 == 0 }).sorted()
            var steps = 0
            while let step = MembershipPlan.next(
                membership, wanted: MembershipPlan.order(wanted, of: partition), replicas: replicas,
                caughtUp: Set(membership.learners), healthy: Set(wanted + before), leader: leader, membersMax: 15)
            {
                steps += 1
                guard case .change(let change) = step, let after = change.applied(to: membership), steps < 10 else {
                    Issue.record("seed \(seed): \(step) of \(membership)")
                    break
                }
                membership = after.isJoint ? after.left : after
            }
            #expect(membership.everyone == wanted, "seed \(seed)")
            #expect(membership.voters.count <= replicas.count, "seed \(seed): \(membership)")
            #expect(MembershipPlan.isSettled(membership, wanted: wanted, replicas: replicas), "seed \(seed)")
            #expect(membership.learners.isEmpty || membership.voters.count % 2 == 1, "seed \(seed): \(membership)")
        }
    }
}
