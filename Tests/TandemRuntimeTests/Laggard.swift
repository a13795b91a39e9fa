import Foundation
import TandemConsensus
import TandemCore
import TandemJournal
import TandemReadModel
import Testing

@testable import TandemRuntime

/// A contact centre on three members with real stores, one of which falls behind what the others keep of the log.
final class Laggard {
    let group: Group
    let tenant: TenantID
    let queue: QueueID
    let agent: AgentID
    private(set) var customers = 0

    /// The one that lags is the last.
    var member: Group.Member { group.members[group.members.count - 1] }

    /// - Parameters:
    ///   - members: three of them found the group.
    ///   - present: it takes part from the beginning, and has what was done so far.
    init(
        in directory: String, members: Int = 3, present: Bool = false, bounds: ReplicaLimits = Laggard.bounds
    ) throws {
        var limits = RaftLimits.ofNodes
        limits.partBytes = 16 << 10
        group = try Group(
            members, founders: 3, directory: directory, absent: present ? [] : [members - 1], limits: limits,
            bounds: bounds)
        for member in group.members { member.copying.partBytes = limits.partBytes }
        let leader = try group.elect()
        tenant = TenantID(
            raw: try group.answer(.tenant(nil, .create(TenantSettings(name: "Acme"))), to: leader).actor.raw)
        queue = QueueID(
            raw: try group.answer(.queue(nil, .create(tenant, QueueSettings(name: "Sales"))), to: leader).actor.raw)
        agent = AgentID(
            raw: try group.answer(
                .agent(nil, .create(tenant, AgentProfile(name: "Bo", queues: [queue]))), to: leader
            ).actor.raw)
    }

    /// Nothing is kept for who lags, but behind a snapshot on its way.
    static var bounds: ReplicaLimits {
        var bounds = ReplicaLimits()
        bounds.keptForMembers = 0
        return bounds
    }

    /// Lets time pass until somebody leads; who is cut off does not begin to.
    var leader: Group.Member {
        get throws {
            for _ in 0..<500 {
                if let leader = group.members.first(where: \.leads) { return leader }
                group.tick()
            }
            throw Group.NobodyLeads()
        }
    }

    /// Changes who takes part, and starts a member that is not there yet.
    func change(_ change: MembershipChange) throws {
        let outcomes = Mutexed<[ProposalRefusal?]>([])
        try leader.replica.change(change) { outcomes.set(outcomes.get() + [$0]) }
        if !member.isRunning { try group.start(member) }
        for _ in 0..<200 where outcomes.get().isEmpty { group.tick() }
        try #require(outcomes.get() == [nil])
    }

    /// As the member has it.
    var membership: Membership {
        get throws {
            let found = Mutexed<RaftStatus?>(nil)
            member.replica.status { found.set($0) }
            return try #require(found.get()).membership
        }
    }

    /// Customers open conversations and write; every other conversation ends.
    func traffic(_ count: Int) throws {
        let leader = try leader
        for _ in 0..<count {
            customers += 1
            let profile = CustomerProfile(name: "Ada \(customers)", tier: .normal)
            let customer = CustomerID(
                raw: try group.answer(.customer(nil, .create(tenant, profile)), to: leader).actor.raw)
            let request = ContactRequest(channel: .chat, queue: queue, bot: false)
            let opened = try group.answer(.conversation(nil, .open(tenant, customer, request)), to: leader)
            let conversation = ConversationID(raw: opened.actor.raw)
            let draft = MessageDraft(author: .customer(customer), text: String(repeating: "hello ", count: 40))
            _ = try group.answer(.conversation(conversation, .postMessage(draft)), to: leader)
            if customers % 2 == 0 {
                _ = group.submit(.conversation(conversation, .close(by: .system)), to: leader)
            }
        }
    }

    /// The members that are there have their records stored, and cut their journals behind them.
    func cut() throws {
        for member in group.members where member.isRunning {
            group.flush(member)
            try compact(member)
        }
    }

    func compact(_ member: Group.Member) throws {
        if let index = try member.store?.checkpoint(), index > 0 { member.replica.compact(to: index) }
        group.settle()
    }

    /// Lets time pass until the member has what the leader has.
    func catchUp(_ ticks: Int = 3_000) throws {
        for _ in 0..<ticks {
            let leader = try leader
            if member.isRunning, member.committed == leader.committed { return }
            group.tick()
        }
        throw StillBehind(alarms: member.alarms.get(), committed: member.isRunning ? member.committed : 0)
    }

    struct StillBehind: Error {
        let alarms: [SnapshotTrouble]
        let committed: UInt64
    }

    /// Everything that a member has: what is in memory, and every row of its store.
    func everything(_ member: Group.Member) throws -> Holdings {
        group.flush(member)
        let store = try #require(member.store)
        return Holdings(memory: member.bytes, store: try Self.dump(PartitionStore.path(in: store.folder(of: 3))))
    }

    struct Holdings: Equatable {
        let memory: [UInt8]
        let store: [String]
    }

    static func dump(_ path: String) throws -> [String] {
        let database = try Database(path: path, access: .readOnly)
        defer { database.close() }
        var tables: [String] = []
        try database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").forEachRow {
            tables.append($0.text(0))
        }
        var rows: [String] = []
        for table in tables {
            var columns: [String] = []
            try database.prepare("SELECT name FROM pragma_table_info('\(table)')").forEachRow {
                columns.append("quote(\($0.text(0)))")
            }
            let line = columns.joined(separator: " || '|' || ")
            try database.prepare("SELECT \(line) FROM \(table) ORDER BY 1").forEachRow {
                rows.append("\(table): \($0.text(0))")
            }
        }
        return rows
    }
}
