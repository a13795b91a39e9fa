import TandemConsensus
import TandemTransport
import TandemWire
import Testing

@testable import TandemRuntime

/// Who takes part in the groups follows the cluster's state, whoever comes, goes or dies meanwhile.
@Suite("The groups follow the cluster")
struct GroupKeeperTests {
    private func founded(_ count: Int = 3) throws -> Fleet {
        let fleet = try Fleet(count)
        try fleet.write("founded")
        try fleet.wait { fleet.leader(1) != nil && fleet.texts(1) == ["founded"] }
        return fleet
    }

    @Test("Each beat sends what has waited for others to leave with, so that nothing waits for longer")
    func posts() throws {
        let fleet = try Fleet(3)
        let before = (1...3).map { fleet[$0].process?.peers.posts ?? 0 }
        fleet.tick(7)
        #expect((1...3).map { fleet[$0].process?.peers.posts ?? 0 } == before.map { $0 + 7 })
    }

    @Test("A node alone grows to three: the second only learns, the third brings both a vote, and all serve")
    func grows() throws {
        let fleet = try Fleet(1)
        try fleet.write("alone")
        try fleet.join(2, disk: 22, through: 1)
        try fleet.wait(for: "1 ~2", at: 1, 2)
        try fleet.wait { fleet.role(2, at: 1) == .serving }
        // Either may go: the first decides alone, and has a copy beside it.
        fleet.crash(2)
        try fleet.write("the second is away")
        try fleet.start(2)
        try fleet.join(3, disk: 33, through: 2)
        try fleet.wait(for: "1 2 3", at: 1, 2, 3)
        try fleet.wait { fleet.role(3, at: 2) == .serving }
        fleet.crash(1)
        try fleet.write("the first is away")
        try fleet.wait { fleet.texts(3) == ["alone", "the second is away", "the first is away"] }
        // What is agreed on is in each disk, not in the processes.
        for number in UInt32(1)...3 { fleet.crash(number) }
        for number in UInt32(1)...3 { try fleet.start(number) }
        try fleet.write("together")
        try fleet.wait { (1...3).allSatisfy { fleet.texts($0).last == "together" } }
        #expect((1...3).allSatisfy { fleet.state(at: $0)?.wanted.count == 3 && fleet.members(0, at: $0) == "1 2 3" })
    }

    @Test("A fourth node has everything and no vote, until one that has is removed")
    func standsIn() throws {
        let fleet = try founded()
        try fleet.join(4, disk: 44, through: 2)
        try fleet.wait(for: "1 2 3 ~4", at: 1, 2, 3, 4)
        try fleet.wait { fleet.role(4, at: 4) == .serving && fleet.texts(4) == ["founded"] }
        _ = try fleet.ask(.remove(3), at: 4).get()
        try fleet.wait(for: "1 2 4", at: 1, 2, 4)
        fleet.crash(1)
        try fleet.write("two of three")
        try fleet.wait { fleet.texts(4) == ["founded", "two of three"] }
    }

    @Test("A node whose disk was lost comes back in a new life, and takes the vote of the old one in the same change")
    func replaced() throws {
        let fleet = try founded()
        #expect(
            try fleet.ask(.replace(3, generation: 0), at: 1).get().member(3)?.role == .joining, "asked by an operator")
        // Its old life is told that it is over; it has its vote until the new one can take it.
        try fleet.wait { !fleet.areLinked(1, 3) && !fleet.areLinked(2, 3) }
        #expect(fleet.refusals[Fleet.Link(from: 1, to: 3)]?.text.contains("takes part in another life") == true)
        fleet.crash(3)
        try fleet.write("without the third")
        #expect(fleet.members(0, at: 1).hasPrefix("1 2 3"))
        try fleet.join(3, disk: 99, through: 2)
        try fleet.wait(for: "1 2 3.1", at: 1, 2, 3)
        try fleet.wait { fleet.role(3, at: 1) == .serving }
        #expect(fleet.state(at: 1)?.member(3)?.disk == 99)
        fleet.crash(1)
        try fleet.write("on the new one's word")
        try fleet.wait { fleet.texts(3) == ["founded", "without the third", "on the new one's word"] }
    }

    @Test("A wiped node needs no operator: with another disk it is let in once its old life is gone")
    func wiped() throws {
        let fleet = try founded()
        let joining = ClusterRequest.Joining(node: 3, disk: 99, address: "10.0.0.3:7500", formats: WireVersion.read)
        #expect(throws: ClusterRefusal.self) { try fleet.ask(.join(joining), at: 1).get() }
        fleet.crash(3)
        try fleet.join(3, disk: 99, through: 1)
        try fleet.wait(for: "1 2 3.1", at: 1, 2, 3)
    }

    @Test(
        "Who drains leads nothing and keeps its vote; removed it is spoken to until it has left, and then told why not")
    func drainedAndRemoved() throws {
        let fleet = try founded()
        let leader = try #require(fleet.leader(0))
        let other = try #require([1, 2, 3].first { $0 != leader })
        _ = try fleet.ask(.drain(leader), at: other).get()
        try fleet.wait { (0...1).allSatisfy { ![leader, nil].contains(fleet.leader($0)) } }
        #expect(fleet.members(0, at: other) == "1 2 3")
        #expect(fleet[leader].process?.part.drainage.isOn == true)
        try fleet.write("drained")
        try fleet.wait { fleet.texts(leader).last == "drained" }

        _ = try fleet.ask(.remove(leader), at: leader).get()
        let rest = [1, 2, 3].filter { $0 != leader }
        let left = rest.map(String.init).joined(separator: " ")
        try fleet.wait { rest.allSatisfy { at in (0...1).allSatisfy { fleet.members($0, at: at) == left } } }
        try fleet.wait { rest.allSatisfy { !fleet.areLinked($0, leader) } }
        #expect(
            fleet.refusals[Fleet.Link(from: rest[0], to: leader)]?.text
                == "node \(leader) was removed from cluster fleet")
        try fleet.write("without it")
        #expect(fleet.role(leader, at: leader) == .removed, "it was told before it was let go")
        // It does not come back by starting again.
        fleet.crash(leader)
        try fleet.start(leader)
        fleet.tick(500)
        #expect(rest.allSatisfy { !fleet.areLinked($0, leader) } && !fleet.texts(leader).contains("without it"))
    }

    @Test("A leader that is removed hands over first, and nothing that was committed is lost")
    func removesItself() throws {
        let fleet = try founded(5)
        let leader = try #require(fleet.leader(1))
        _ = try fleet.ask(.remove(leader), at: leader).get()
        let rest = (UInt32(1)...5).filter { $0 != leader }
        try fleet.wait {
            rest.allSatisfy { at in
                (0...1).allSatisfy { group in
                    !fleet.members(group, at: at).contains("\(leader)")
                        && !fleet.members(group, at: at).hasPrefix("joint")
                }
            }
        }
        try fleet.write("after")
        try fleet.wait { rest.allSatisfy { fleet.texts($0) == ["founded", "after"] } }
    }

    @Test("The system partition's leader dies while nodes are being let in: the next one goes on where it was")
    func leaderDies() throws {
        let fleet = try founded()
        try fleet.join(4, disk: 44, through: 1)
        let leader = try #require(fleet.leader(1))
        fleet.crash(leader)
        try fleet.wait { fleet.leader(1).map { $0 != leader } == true }
        try fleet.wait { fleet.role(4, at: 4) == .serving }
        let next = try #require(fleet.leader(1))
        // A majority is left: it is removed though it is away, and the fourth gets its vote.
        _ = try fleet.ask(.remove(leader), at: next).get()
        let left = [1, 2, 3, 4].filter { $0 != leader }
        let words = left.map(String.init).joined(separator: " ")
        try fleet.wait { left.allSatisfy { at in (0...1).allSatisfy { fleet.members($0, at: at) == words } } }
        // Back with its old disk it is nobody any more, and disturbs nobody.
        try fleet.start(leader)
        let term = fleet.leader(1)
        fleet.tick(500)
        #expect(fleet.leader(1) == term && left.allSatisfy { !fleet.areLinked($0, leader) })
        try fleet.write("the others")
    }

    @Test("Two of three are cut off: nobody loses its vote, and no member changes until they are back")
    func minority() throws {
        let fleet = try founded()
        fleet.isolate(2)
        fleet.isolate(3)
        fleet.tick(200)
        guard case .failure(let refusal) = try fleet.ask(.remove(3), at: 1) else {
            return #expect(Bool(false), "a minority removed a node")
        }
        #expect(refusal.code == .noLeader)
        #expect(fleet.members(0, at: 1) == "1 2 3" && fleet.state(at: 1)?.wanted.count == 3)
        fleet.isolate(2, false)
        fleet.isolate(3, false)
        try fleet.write("together again")
    }

    // MARK: Replicas

    @Test("Of five founders three vote where that was said, in each group others; the rest have everything")
    func replicas() throws {
        let fleet = try Fleet(5, change: { $0.replicas = .three })
        try fleet.write("founded")
        try fleet.wait { (1...5).allSatisfy { fleet.texts($0) == ["founded"] } }
        fleet.tick(500)
        for number in UInt32(1)...5 {
            #expect(fleet.members(0, at: number) == "1 2 3 ~4 ~5")
            #expect(fleet.members(1, at: number) == "2 3 4 ~1 ~5")
            #expect(fleet.state(at: number)?.replicas == .three)
        }
        // An administrator wants five, and three again.
        #expect(try fleet.ask(.replicas(.five), at: 5).get().replicas == .five)
        try fleet.wait(for: "1 2 3 4 5", at: 1, 2, 3, 4, 5)
        fleet.crash(1)
        fleet.crash(2)
        try fleet.write("three of five")
        try fleet.start(1)
        try fleet.start(2)
        _ = try fleet.ask(.replicas(.three), at: 1).get()
        try fleet.wait {
            (1...5).allSatisfy { at in
                (0...1).allSatisfy { fleet[at].process?.replicas[$0].membership.voters.count == 3 }
            }
        }
        try fleet.write("with three")
        try fleet.wait { (1...5).allSatisfy { fleet.texts($0) == ["founded", "three of five", "with three"] } }
    }

    @Test("The disk of one that votes is voided: one that only learned takes its vote without waiting for it")
    func spare() throws {
        let fleet = try founded()
        try fleet.join(4, disk: 44, through: 1)
        try fleet.wait { fleet.role(4, at: 1) == .serving }
        fleet.crash(3)
        _ = try fleet.ask(.replace(3, generation: 0), at: 1).get()
        try fleet.wait(for: "1 2 4 ~3.1", at: 1, 2, 4)
        fleet.crash(2)
        try fleet.write("on the word of the first and the fourth")
        try fleet.start(2)
        try fleet.join(3, disk: 99, through: 4)
        try fleet.wait { fleet.role(3, at: 3) == .serving && fleet.texts(3) == fleet.texts(1) }
        #expect(fleet.members(0, at: 3) == "1 2 4 ~3.1", "it stands in for the next")
    }

    @Test("Founders that were told different replicas found different clusters, and none alone")
    func disagreed() throws {
        var told = try ClusterConfiguration(name: "fleet", listen: Fleet.address(1))
        for number in UInt32(1)...5 { told.members[number] = try Fleet.address(number) }
        var other = told
        other.replicas = .three
        #expect(told.id != other.id && told.founding.replicas == .five && other.founding.replicas == .three)
        other.replicas = .five
        #expect(told.id == other.id, "what they get who do not say")
    }

    // MARK: Formats

    @Test("The format is raised when the last node says that it reads it, and every node writes it then")
    func format() throws {
        let old: ClosedRange<UInt8> = 1...1
        let fleet = try Fleet(
            3, formats: { $0 == 3 ? old : WireVersion.read },
            founding: { state in
                ClusterState(
                    id: state.id, name: state.name, format: 1,
                    members: state.members.map { member in
                        var member = member
                        member.formats = old
                        return member
                    })
            })
        try fleet.wait { fleet.state(at: 1)?.members.map(\.formats) == [WireVersion.read, WireVersion.read, old] }
        fleet.tick(100)
        #expect((1...3).allSatisfy { fleet[$0].process?.agreed.now == 1 })
        // The last one is started with a newer build.
        fleet.crash(3)
        fleet[3].formats = WireVersion.read
        try fleet.start(3)
        try fleet.wait { (1...3).allSatisfy { fleet[$0].process?.agreed.now == WireVersion.current } }
        // An older one does not come back: it could not read what is written now.
        fleet.crash(2)
        fleet[2].formats = old
        try fleet.start(2)
        fleet.tick(100)
        #expect(!fleet.areLinked(1, 2) && !fleet.areLinked(2, 3))
        #expect(fleet.refusals[Fleet.Link(from: 1, to: 2)]?.code.description == "peer.257")
        try fleet.write("two of three")
    }

    @Test("A node that reads only what was before the cluster's format is not let in, in words")
    func olderBuild() throws {
        let fleet = try founded()
        let old = ClusterRequest.Joining(node: 4, disk: 44, address: "10.0.0.4:7500", formats: 1...1)
        guard case .failure(let refusal) = try fleet.ask(.join(old), at: 2) else {
            return #expect(Bool(false), "it was let in")
        }
        #expect(refusal.code == .formatNotRead && refusal.detail.contains("start it with a build that reads that one"))
    }
}
