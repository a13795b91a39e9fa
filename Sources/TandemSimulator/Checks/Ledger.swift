internal import TandemCore
internal import TandemReadModel
internal import TandemRuntime
internal import TandemWire

/// All that is committed of a partition, as its first teller told it: every record at every entry, every command that was
/// carried out, and what must hold of them.
struct Ledger {
    private struct Version {
        let index: UInt64
        let digest: UInt64
    }

    private(set) var entries: [Entry] = []
    private(set) var records: [ActorID: Record] = [:]
    private var history: [ActorID: [Version]] = [:]
    /// The entry that carried out a command.
    private var places: [CommandKey: (index: UInt64, time: Timestamp)] = [:]
    /// Commands whose askers were told that nothing was done, and that were not sent again.
    var denied: Set<CommandKey> = []
    private(set) var clocks = ClockWatch()
    /// In the order of their making.
    private(set) var actors: [ActorKind: [UInt64]] = [:]

    var last: UInt64 { UInt64(entries.count) }
    var lastTime: Timestamp { entries.last?.time ?? Timestamp(milliseconds: 0) }

    /// Somebody tells that an entry is committed; who is not the first must tell the same.
    ///
    /// - Returns: whether he was the first.
    mutating func take(_ committed: CommittedEntry, of node: String) throws(Broken) -> Bool {
        let entry = committed.entry
        if committed.index <= last {
            guard entries[Int(committed.index) - 1] == entry else {
                throw Broken(.equalDigests, "\(node) has another entry \(committed.index) than others")
            }
            return false
        }
        guard committed.index == last + 1 else {
            throw Broken(.stateMachineSafety, "\(node) commits \(committed.index) and nobody what is before it")
        }
        if let before = entries.last, entry.time < before.time || entry.minted < before.minted {
            throw Broken(.invariant, "time or identifiers fall at \(committed.index)")
        }
        entries.append(entry)
        try remember(entry, at: committed.index)
        for event in entry.events { try apply(event, of: entry, at: committed.index) }
        return true
    }

    private mutating func remember(_ entry: Entry, at index: UInt64) throws(Broken) {
        guard let key = entry.key else { return }
        if let other = places[key], isPromised(key, at: entry.time) {
            throw Broken(.atMostOnce, "command \(key.low) is carried out at \(other.index) and \(index)")
        }
        if denied.contains(key) {
            throw Broken(
                .atMostOnce, "command \(key.low) is carried out at \(index) though its asker was told it was not")
        }
        places[key] = (index, entry.time)
    }

    func isDone(_ key: CommandKey) -> Bool { places[key] != nil }

    /// Whether a command was carried out, and so short a time before this one that nobody may have forgotten it: time that
    /// is journaled, which jumps ahead with the clock of a lone node that starts.
    func isPromised(_ key: CommandKey, at time: Timestamp) -> Bool {
        guard let done = places[key] else { return false }
        return time < done.time + CommandTable.horizon
    }

    private mutating func apply(_ event: Event, of entry: Entry, at index: UInt64) throws(Broken) {
        var concerned: [ActorID] = []
        event.forEachConcerned { concerned.append($0) }
        for actor in concerned {
            if records[actor] == nil, actor.kind != .quarantine { actors[actor.kind, default: []].append(actor.raw) }
            let record = (records[actor] ?? Record(absent: actor)).applying(event, at: entry.time)
            records[actor] = record
            let version = Version(
                index: index, digest: Fingerprint.of(RecordCodec.encode(record, in: WireVersion.current)))
            if history[actor]?.last?.index == index { history[actor]?.removeLast() }
            history[actor, default: []].append(version)
        }
        if let trouble = clocks.follow(event, at: entry.time) {
            throw Broken(.domainPromises, "\(trouble), at \(index)")
        }
    }

    /// A record's digest as it stood at an entry; nil: it was not there yet.
    func digest(of actor: ActorID, at index: UInt64) -> UInt64? {
        history[actor]?.last { $0.index <= index }?.digest
    }

    /// Promises 2 and 3, of what is committed.
    var brokenPromise: String? {
        Promises.broken(agents: agents, conversations: conversations, queues: [], waiting: { _ in 0 })
    }

    // MARK: What clients look at

    var tenant: Tenant? {
        guard let raw = actors[.tenant]?.first, case .tenant(let tenant) = records[ActorID(kind: .tenant, raw: raw)]
        else { return nil }
        return tenant
    }
    var queues: [Queue] {
        all(.queue).compactMap { if case .queue(let record) = $0 { record } else { nil } }
    }
    var agents: [Agent] {
        all(.agent).compactMap { if case .agent(let record) = $0 { record } else { nil } }
    }
    var conversations: [Conversation] {
        all(.conversation).compactMap { if case .conversation(let record) = $0 { record } else { nil } }
    }
    var customers: [CustomerID] { (actors[.customer] ?? []).map { CustomerID(raw: $0) } }

    private func all(_ kind: ActorKind) -> [Record] {
        (actors[kind] ?? []).compactMap { records[ActorID(kind: kind, raw: $0)] }
    }

    var sortedActors: [ActorID] { records.keys.sorted() }
}

extension Record {
    init(absent actor: ActorID) {
        switch actor.kind {
        case .tenant: self = .tenant(Tenant(absent: TenantID(raw: actor.raw)))
        case .queue: self = .queue(Queue(absent: QueueID(raw: actor.raw)))
        case .agent: self = .agent(Agent(absent: AgentID(raw: actor.raw)))
        case .customer: self = .customer(Customer(absent: CustomerID(raw: actor.raw)))
        case .conversation: self = .conversation(Conversation(absent: ConversationID(raw: actor.raw)))
        case .credential: self = .credential(Credential(absent: CredentialID(raw: actor.raw)))
        case .quarantine: self = .quarantine(Quarantine(absent: actor.partition))
        case .delivery: self = .delivery(Delivery(absent: DeliveryID(raw: actor.raw)))
        }
    }

    func applying(_ event: Event, at time: Timestamp) -> Record {
        switch self {
        case .tenant(let record): .tenant(record.applying(event, at: time))
        case .queue(let record): .queue(record.applying(event, at: time))
        case .agent(let record): .agent(record.applying(event, at: time))
        case .customer(let record): .customer(record.applying(event, at: time))
        case .conversation(let record): .conversation(record.applying(event, at: time))
        case .credential(let record): .credential(record.applying(event, at: time))
        case .quarantine(let record): .quarantine(record.applying(event, at: time))
        case .delivery(let record): .delivery(record.applying(event, at: time))
        }
    }

    var isDormant: Bool {
        switch self {
        case .tenant(let record): record.isDormant
        case .queue(let record): record.isDormant
        case .agent(let record): record.isDormant
        case .customer(let record): record.isDormant
        case .conversation(let record): record.isDormant
        case .credential(let record): record.isDormant
        case .quarantine(let record): record.isDormant
        case .delivery(let record): record.isDormant
        }
    }

    /// Never created, or created by a turn that was undone.
    var isAbsent: Bool {
        switch self {
        case .tenant(let record): record.isAbsent
        case .queue(let record): record.isAbsent
        case .agent(let record): record.isAbsent
        case .customer(let record): record.isAbsent
        case .conversation(let record): record.isAbsent
        case .credential(let record): record.isAbsent
        case .quarantine(let record): record.isAbsent
        case .delivery(let record): record.isAbsent
        }
    }
}

extension TandemCore.Machine {
    fileprivate func applying(_ event: Event, at time: Timestamp) -> Self {
        var machine = self
        machine.apply(event, at: time)
        return machine
    }
}
