internal import TandemCore
internal import TandemWire

// What is not in memory comes back from the store before the turn that needs it: a turn never waits.
extension Partition {
    /// An actor that the command's turn needs and that is not in memory.
    func missing(for command: Command) -> ActorID? {
        switch command {
        case .conversation(let id?, _): return missing(forConversation: id)
        case .agent(let id?, _): return missing(forAgent: id)
        case .conversation(nil, .open(_, let customer, _)): return absentNow(ActorID(customer))
        case .customer(let id?, _): return absentNow(ActorID(id))
        case .credential(let id?, _): return absentNow(ActorID(id))
        case .credential(nil, .create(let spec)): return spec.customer.flatMap { absentNow(ActorID($0)) }
        case .conversation(nil, _), .customer(nil, _), .credential(nil, _): return nil
        case .tenant, .queue, .agent(nil, _), .quarantine: return nil
        // Open ones are always in memory; one that has ended takes no report.
        case .delivery: return nil
        }
    }

    /// A wrap-up may outlive its conversation, and its customer have left memory meanwhile.
    func missing(forTimerOf actor: ActorID) -> ActorID? {
        switch actor.kind {
        case .conversation: roster.customer(of: ConversationID(raw: actor.raw)).flatMap { absentNow(ActorID($0)) }
        case .agent: missing(forAgent: AgentID(raw: actor.raw))
        case .tenant, .queue, .customer, .credential, .quarantine, .delivery: nil
        }
    }

    private func missing(forConversation id: ConversationID) -> ActorID? {
        guard roster.contains(ActorID(id)) else { return ActorID(id) }
        return roster.customer(of: id).flatMap { absentNow(ActorID($0)) }
    }

    /// What an agent does may end what he handles, wrap-ups of closed conversations among it.
    private func missing(forAgent id: AgentID) -> ActorID? {
        for conversation in roster.conversations(of: id) {
            if let missing = missing(forConversation: conversation) { return missing }
        }
        return nil
    }

    private func absentNow(_ actor: ActorID) -> ActorID? { roster.contains(actor) ? nil : actor }

    /// It is admitted again when the actor has come.
    func park(_ input: Input, for actor: ActorID) {
        parked[actor, default: []].append(input)
        guard parked[actor]?.count == 1 else { return }
        counters.loads += 1
        let installs = installs
        state.load(actor, of: number) { [self] loaded in
            run { if $0.installs == installs { $0.arrived(actor, loaded) } }
        }
    }

    /// A record has come from the store, or there is none: then the actor stays absent and refuses for itself.
    private func arrived(_ actor: ActorID, _ loaded: Result<Record?, StateError>) {
        let inputs = parked.removeValue(forKey: actor) ?? []
        guard phase == .leading else {
            for input in inputs { turnAway(input) }
            return
        }
        switch loaded {
        case .success(let record):
            if !roster.contains(actor) {
                if let record { take(record) } else { roster.ensure(actor) }
            }
            for input in inputs { admit(input) }
            discardIfAbsent(actor)
            leaveWithNextFlush(actor)
        case .failure:
            for input in inputs {
                input.reply?(.unavailable(.journalFailed))
                if case .timer(let actor, _) = input.what { rearmLater(actor) }
            }
        }
    }

    /// Who came for a turn that changed nothing leaves again like one who changed.
    private func leaveWithNextFlush(_ actor: ActorID) {
        var dormant = false
        roster.withKeeping(actor) { dormant = $0.dormant }
        if dormant { markDirty(actor) }
    }

    /// A record enters memory as the store has it, and its timer is armed.
    func take(_ record: Record) {
        roster.put(record)
        rearm(record.actor)
    }

    /// An actor that was never created does not stay in memory.
    func discardIfAbsent(_ actor: ActorID) {
        var absent = false
        roster.withKeeping(actor) { absent = $0.absent && $0.timer == .none }
        if absent, actor.kind != .quarantine, parked[actor] == nil { roster.remove(actor) }
    }
}
