import Synchronization
import TandemConsensus
import TandemCore
import TandemJournal
import TandemReadModel
import TandemWire
import TestChance
import Testing

@testable import TandemRuntime

/// Commands handed in on any node of a group of three.
@Suite("Forwarding")
struct ForwardingTests {
    private func position(_ outcome: Outcome?) -> EventPosition? {
        if case .answered(_, let position) = outcome { return position }
        return nil
    }

    @Test("A command handed in on a follower is carried out where the leader is, and answered")
    func follower() throws {
        let cluster = try ForwardingGroup()
        let leader = try cluster.elect()
        for member in cluster.group.members {
            let box = cluster.post("at \(member.id)", at: member)
            cluster.settle()
            #expect(position(box.take()) != nil)
        }
        #expect(cluster.messages(of: leader).count == 3)
    }

    @Test("What a follower is told of a command comes after its own sessions have the events")
    func eventsFirst() throws {
        let cluster = try ForwardingGroup()
        let follower = cluster.follower(of: try cluster.elect())
        let story = Mutexed<[String]>([])
        follower.partition.subscribe(1, to: .actor(ActorID(cluster.conversation))) { _ in
        } deliver: { _ in
            story.set(story.get() + ["event"])
        }
        cluster.forwarders[follower.id]?.submit(cluster.message("Hello"), key: nil, partition: 3) { _ in
            story.set(story.get() + ["answer"])
        }
        cluster.settle()
        #expect(story.get() == ["event", "answer"], "and no heartbeat was waited for")
    }

    @Test("However far behind a node is, its askers are answered within the bound")
    func behind() throws {
        let cluster = try ForwardingGroup()
        let leader = try cluster.elect()
        let follower = cluster.follower(of: leader)
        follower.journal.holds = true
        let box = cluster.post("Elsewhere", at: follower)
        cluster.tick(900)
        #expect(box.take() == nil && cluster.messages(of: leader) == ["Elsewhere"])
        cluster.tick(110)
        #expect(position(box.take()) != nil)
    }

    @Test("Commands wait while nobody leads, and reach the next leader in the order in which they came")
    func elections() throws {
        let cluster = try ForwardingGroup()
        let old = try cluster.elect()
        let member = cluster.follower(of: old)
        cluster.crash(old)
        let boxes = (0..<50).map { cluster.post("\($0)", at: member) }
        cluster.settle()
        #expect(boxes.allSatisfy { $0.take() == nil })
        let new = try cluster.elect()
        cluster.tick(5)
        #expect(boxes.allSatisfy { position($0.take()) != nil })
        #expect(cluster.messages(of: new) == (0..<50).map { "\($0)" })
    }

    @Test("What was under way at a leader that is lost is asked again, and done once")
    func underWay() throws {
        let cluster = try ForwardingGroup()
        let old = try cluster.elect()
        let member = cluster.follower(of: old)
        cluster.post("First", at: member)
        cluster.settle()
        // Its entries reach the others; that they are committed, and the answers, do not.
        let boxes = (0..<20).map { cluster.post("\($0)", at: member) }
        cluster.group.settle()
        while cluster.mail.sent(.outcome) < 2 { _ = cluster.mail.deliver(); cluster.group.settle() }
        cluster.mail.lose()
        cluster.crash(old)
        _ = try cluster.elect()
        cluster.tick(5)
        #expect(boxes.allSatisfy { position($0.take()) != nil })
        let new = try cluster.elect()
        #expect(cluster.messages(of: new) == ["First"] + (0..<20).map { "\($0)" })
    }

    @Test("The leader's own commands that it could not finish are asked of the next leader, and done once")
    func deposed() throws {
        let cluster = try ForwardingGroup()
        let old = try cluster.elect()
        cluster.isolate(old)
        let boxes = (0..<20).map { cluster.post("\($0)", at: old) }
        _ = try cluster.elect()
        cluster.tick(60)
        #expect(boxes.allSatisfy { $0.take() == nil }, "it is cut off")
        cluster.isolate(old, false)
        cluster.tick(60)
        #expect(boxes.allSatisfy { position($0.take()) != nil })
        for member in cluster.group.members {
            #expect(cluster.messages(of: member) == (0..<20).map { "\($0)" })
        }
    }

    @Test("A client's key is its own also when a node asks again: answered as before, refused with another body")
    func clientsKeys() throws {
        let cluster = try ForwardingGroup()
        let member = cluster.follower(of: try cluster.elect())
        let key = CommandKey(high: 1, low: 2, body: 3)
        let first = cluster.post("Once", at: member, key: key)
        cluster.settle()
        let again = cluster.post("Once", at: member, key: key)
        let other = cluster.post("Other", at: member, key: CommandKey(high: 1, low: 2, body: 4))
        cluster.settle()
        #expect(position(first.take()) != nil)
        guard case .repeated = again.take() else { return #expect(Bool(false), "the client asked twice") }
        guard case .refused(let refusal) = other.take() else { return #expect(Bool(false), "the key was used") }
        #expect(refusal.code == .idempotencyKeyReused)
    }

    @Test("Where nobody ever leads, a command is turned away at its bound, and was not done")
    func nobody() throws {
        let cluster = try ForwardingGroup()
        let members = cluster.group.members
        cluster.crash(members[0])
        cluster.crash(members[1])
        cluster.tick(100)
        let box = cluster.post("Nowhere", at: members[2])
        cluster.tick(990)
        #expect(box.take() == nil)
        cluster.tick(20)
        guard case .unavailable(.notLeading) = box.take() else { return #expect(Bool(false), "it was never asked") }
        try cluster.start(members[0])
        try cluster.start(members[1])
        _ = try cluster.elect()
        cluster.tick(60)
        #expect(cluster.messages(of: members[2]).isEmpty)
    }

    @Test("A leader whose disk is full hands over, and what it would not take is done by the next")
    func diskFull() throws {
        let cluster = try ForwardingGroup()
        let old = try cluster.elect()
        old.journal.refuseUntilThereIsRoom()
        old.replica.diskChanged(.diskFull)
        let boxes = cluster.group.members.map { cluster.post("at \($0.id)", at: $0) }
        cluster.tick(100)
        #expect(boxes.allSatisfy { position($0.take()) != nil })
        #expect(try cluster.elect().id != old.id)
        #expect(cluster.messages(of: try cluster.elect()).count == 3)
        // With room again it follows, and what it is told of comes after its events.
        old.journal.refusal = nil
        old.replica.diskChanged(.ok)
        cluster.tick(50)
        let box = cluster.post("Room", at: old)
        cluster.settle()
        #expect(position(box.take()) != nil && cluster.messages(of: old).count == 4)
    }

    @Test("When all disks are full, the reason is told at the bound")
    func disksFull() throws {
        let cluster = try ForwardingGroup()
        _ = try cluster.elect()
        for member in cluster.group.members {
            member.journal.refuseUntilThereIsRoom()
            member.replica.diskChanged(.diskFull)
        }
        let box = cluster.post("No room", at: cluster.group.members[0])
        cluster.tick(1_010)
        guard case .unavailable(.diskFull) = box.take() else { return #expect(Bool(false), "nobody had room") }
    }

    @Test("A command that two nodes ended with is set aside by the third, whoever asks and under whatever key")
    func poison() throws {
        let cluster = try ForwardingGroup()
        let leader = try cluster.elect()
        let asker = try #require(cluster.forwarders[leader.id])
        let command = cluster.message("Poison")
        let body = CommandCodec.encode(command, in: WireVersion.oldest).withUnsafeBytes(Fingerprint.of)
        func ask(_ failures: UInt8, _ number: UInt64) throws {
            let key = NodeKey(node: 9, life: 1, number: number).key(body: body)
            let item = ForwardedCommands.Item(place: 1, failures: failures, key: key, command: command)
            let commands = ForwardedCommands(stream: StreamName(life: 1, number: number), previous: 0, items: [item])
            try asker.received(
                .command, partition: 3, bytes: ForwardingCodec.encode(commands, in: WireVersion.current),
                from: NodeID(9))
            cluster.tick(5)
        }
        try ask(1, 1)
        #expect(cluster.messages(of: leader).count == 1, "once may be chance")
        try ask(2, 2)
        let box = cluster.post("Poison", at: cluster.follower(of: leader))
        cluster.tick(5)
        guard case .refused(let refusal) = box.take() else { return #expect(Bool(false), "it ran again") }
        #expect(refusal.code == .quarantined && cluster.messages(of: leader).count == 1)
        for member in cluster.group.members {
            let items = member.partition.assumeIsolated { $0.roster.quarantine.record.items }
            #expect(items.map(\.input.summary) == ["postMessage"])
        }
    }

    @Test("A node that stops tells those who wait, and takes nothing more")
    func stops() throws {
        let cluster = try ForwardingGroup()
        let leader = try cluster.elect()
        let member = cluster.follower(of: leader)
        let asked = cluster.post("Asked", at: member)
        let waiting = cluster.post("Behind it", at: member)
        cluster.forwarders[member.id]?.stop()
        let late = cluster.post("Late", at: member)
        cluster.group.settle()
        guard case .unknown = asked.take(), case .unavailable(.stopping) = waiting.take(),
            case .unavailable(.stopping) = late.take()
        else { return #expect(Bool(false), "the first may be done, the others were not asked") }
    }

    @Test("Bytes that are none of ours are refused by name, and change nothing")
    func garbage() throws {
        let cluster = try ForwardingGroup()
        let leader = try cluster.elect()
        let forwarder = try #require(cluster.forwarders[leader.id])
        var chance = SeededGenerator(seed: 1)
        let stranger = NodeID(9)
        for _ in 0..<2_000 {
            let bytes = [2] + (0..<chance.below(40)).map { _ in UInt8(truncatingIfNeeded: chance.next()) }
            for kind in [MailKind.command, .outcome] {
                try? forwarder.received(kind, partition: UInt16(chance.below(6)), bytes: bytes, from: stranger)
            }
        }
        #expect(throws: WireError.self) { try forwarder.received(.command, partition: 3, bytes: [], from: stranger) }
        #expect(throws: WireError.self) { try forwarder.received(.outcome, partition: 4, bytes: [], from: stranger) }
        cluster.settle()
        // A whole message for another partition, and outcomes of commands that nobody handed in.
        let elsewhere = Command.conversation(ConversationID(raw: 1 << 50), .close(by: .system))
        let item = ForwardedCommands.Item(
            place: 1, key: CommandKey(high: 5, low: 5, body: 5), command: elsewhere)
        let commands = ForwardedCommands(stream: StreamName(life: 1, number: 1), previous: 0, items: [item])
        try forwarder.received(
            .command, partition: 3, bytes: ForwardingCodec.encode(commands, in: WireVersion.current), from: stranger)
        let outcomes = ForwardedOutcomes(
            stream: StreamName(life: 1, number: 1), items: [ForwardedOutcomes.Item(place: 1, verdict: .unknown)])
        try forwarder.received(
            .outcome, partition: 3, bytes: ForwardingCodec.encode(outcomes, in: WireVersion.current), from: stranger)
        cluster.settle()
        #expect(cluster.messages(of: leader).isEmpty)
        let box = cluster.post("Still here", at: leader)
        cluster.settle()
        #expect(position(box.take()) != nil)
    }
}
