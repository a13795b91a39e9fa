import Synchronization
import TandemConsensus
import TandemCore
import TandemReadModel
import TandemWire
import TestChance

@testable import TandemRuntime

/// A group whose members take commands through their forwarders, and hand one another mail.
final class ForwardingGroup {
    let group: Group
    let mail = HandMail()
    private(set) var forwarders: [NodeID: Forwarder] = [:]
    private var limits: ForwardingLimits
    private(set) var conversation = ConversationID(raw: 0)
    private(set) var customer = CustomerID(raw: 0)

    /// With a customer and a conversation to write to; `leader` led when that was made.
    init(_ count: Int = 3, limits: ForwardingLimits = ForwardingLimits()) throws {
        group = try Group(count)
        self.limits = limits
        for member in group.members { wire(member) }
        let leader = try elect()
        let settings = TenantSettings(name: "Acme")
        let tenant = TenantID(raw: try group.answer(.tenant(nil, .create(settings)), to: leader).actor.raw)
        let queue = QueueID(
            raw: try group.answer(.queue(nil, .create(tenant, QueueSettings(name: "Sales"))), to: leader).actor.raw)
        let someone = CustomerProfile(name: "Ada", tier: .normal)
        customer = CustomerID(
            raw: try group.answer(.customer(nil, .create(tenant, someone)), to: leader).actor.raw)
        let request = ContactRequest(channel: .chat, queue: queue, bot: false)
        let opened = try group.answer(.conversation(nil, .open(tenant, customer, request)), to: leader)
        conversation = ConversationID(raw: opened.actor.raw)
        tick(10)
    }

    // MARK: Members

    private func wire(_ member: Group.Member) {
        let (replica, partition) = (member.replica, member.partition)
        // One forwarder has a lane for each partition of a node; here they have but the one, which is called 3.
        let forwarder = Forwarder(
            id: member.id, life: partition.assumeIsolated { $0.configuration.incarnation },
            partitions: Array(repeating: partition, count: 4),
            clock: group.clock, mail: mail.box(of: member.id), limits: limits)
        forwarder.groupChanged(hasOthers: true)
        forwarders[member.id] = forwarder
        mail.connect(member.id, forwarder)
        replica.onLeaderChange { forwarder.leaderChanged(partition: 3, to: $0) }
        forwarder.leaderChanged(partition: 3, to: replica.leader)
    }

    func isUp(_ member: Group.Member) -> Bool { forwarders[member.id] != nil }

    func crash(_ member: Group.Member) {
        group.crash(member)
        forwarders[member.id] = nil
        mail.disconnect(member.id)
        tellOthers(of: member.id) { $0.lost($1, ended: true) }
    }

    func start(_ member: Group.Member) throws {
        try group.start(member)
        wire(member)
        tellOthers(of: member.id) { $0.found($1) }
    }

    /// Cuts a member off from all others, or lets it back.
    func isolate(_ member: Group.Member, _ isIsolated: Bool = true) {
        group.wire.isolate(member.id, isIsolated)
        mail.isolate(member.id, isIsolated)
        tellOthers(of: member.id) { isIsolated ? $0.lost($1) : $0.found($1) }
    }

    private func tellOthers(of id: NodeID, _ tell: (Forwarder, NodeID) -> Void) {
        for other in group.ids where other != id {
            if let forwarder = forwarders[other] { tell(forwarder, id) }
            if let forwarder = forwarders[id] { tell(forwarder, other) }
        }
    }

    var leaders: [Group.Member] { group.members.filter(\.leads) }
    func follower(of leader: Group.Member) -> Group.Member {
        // Safe: there are more than one.
        group.members.first { $0.id != leader.id && isUp($0) }!
    }

    // MARK: Time

    func settle() {
        repeat { group.settle() } while mail.deliver()
    }

    func tick(_ count: Int = 1) {
        for _ in 0..<count {
            group.tick()
            for id in group.ids { forwarders[id]?.tick() }
            settle()
        }
    }

    func elect() throws -> Group.Member {
        for _ in 0..<200 {
            if let leader = leaders.first(where: { group.wire.reaches($0.id, of: group.ids) }) { return leader }
            tick()
        }
        throw Group.NobodyLeads()
    }

    // MARK: Commands

    func message(_ text: String) -> Command {
        .conversation(conversation, .postMessage(MessageDraft(author: .customer(customer), text: text)))
    }

    /// Hands in a message at a member; its outcome comes into the box.
    @discardableResult
    func post(_ text: String, at member: Group.Member, key: CommandKey? = nil) -> OutcomeBox {
        let box = OutcomeBox()
        forwarders[member.id]?.submit(message(text), key: key, partition: 3) { box.put($0) }
        return box
    }

    /// The messages that a member has, in their order.
    func messages(of member: Group.Member) -> [String] {
        member.state.committed.flatMap(\.entry.events).compactMap { event in
            if case .messagePosted(let message) = event { message.text } else { nil }
        }
    }
}

/// What lies between the members: frames wait until they are delivered; some are held back, or lost, by chance.
final class HandMail: Sendable {
    private struct Frame {
        let kind: MailKind
        let partition: UInt16
        let bytes: [UInt8]
        let from: NodeID
        let to: NodeID
    }
    private struct Kept {
        var waiting: [Frame] = []
        var forwarders: [NodeID: Forwarder] = [:]
        var isolated: Set<NodeID> = []
        var chance = SeededGenerator(seed: 0)
        var lostPercent = 0
        var heldPercent = 0
        var sent: [MailKind: Int] = [:]
    }
    private let kept = Mutex(Kept())

    final class Box: NodeMail {
        private let id: NodeID
        private let mail: HandMail
        init(_ id: NodeID, _ mail: HandMail) {
            self.id = id
            self.mail = mail
        }
        func send(_ kind: MailKind, partition: UInt16, _ bytes: [UInt8], to node: NodeID) {
            let frame = Frame(kind: kind, partition: partition, bytes: bytes, from: id, to: node)
            mail.kept.withLock { kept in
                kept.sent[kind, default: 0] += 1
                kept.waiting.append(frame)
            }
        }
    }

    func box(of id: NodeID) -> Box { Box(id, self) }
    func connect(_ id: NodeID, _ forwarder: Forwarder) { kept.withLock { $0.forwarders[id] = forwarder } }

    /// What is on the way to it and from it is gone.
    func disconnect(_ id: NodeID) {
        kept.withLock { kept in
            kept.forwarders[id] = nil
            kept.waiting.removeAll { $0.from == id || $0.to == id }
        }
    }

    func isolate(_ id: NodeID, _ isIsolated: Bool) {
        kept.withLock { kept in
            if isIsolated { kept.isolated.insert(id) } else { kept.isolated.remove(id) }
            kept.waiting.removeAll { $0.from == id || $0.to == id }
        }
    }

    /// So many of a hundred frames are lost, though the connection holds; so many wait for the next round.
    func trouble(seed: UInt64, lost: Int, held: Int) {
        kept.withLock { kept in
            kept.chance = SeededGenerator(seed: seed)
            kept.lostPercent = lost
            kept.heldPercent = held
        }
    }

    /// Frames of a kind that were sent so far.
    func sent(_ kind: MailKind) -> Int { kept.withLock { $0.sent[kind] ?? 0 } }

    /// The frames that wait are gone.
    func lose() { kept.withLock { $0.waiting = [] } }

    /// Delivers what is due, each pair's frames in their order; false when nothing moved.
    func deliver() -> Bool {
        let due = kept.withLock { kept -> [(Frame, Forwarder)] in
            var due: [(Frame, Forwarder)] = []
            var held: [Frame] = []
            for frame in kept.waiting {
                if held.contains(where: { $0.from == frame.from && $0.to == frame.to })
                    || kept.chance.chance(of: kept.heldPercent)
                {
                    held.append(frame)
                    continue
                }
                guard !kept.isolated.contains(frame.from), !kept.isolated.contains(frame.to),
                    let forwarder = kept.forwarders[frame.to], !kept.chance.chance(of: kept.lostPercent)
                else { continue }
                due.append((frame, forwarder))
            }
            kept.waiting = held
            return due
        }
        for (frame, forwarder) in due {
            try? forwarder.received(frame.kind, partition: frame.partition, bytes: frame.bytes, from: frame.from)
        }
        return !due.isEmpty
    }
}
