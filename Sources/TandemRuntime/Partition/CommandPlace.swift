package import TandemCore

// Where a command goes. Nothing here decides anything.

extension Command {
    /// The partition that carries it out; nil for a new tenant, which may be placed anywhere.
    package var partition: UInt16? {
        switch self {
        case .tenant(let id, _): id?.partition
        case .queue(let id?, _): id.partition
        case .queue(nil, .create(let tenant, _)): tenant.partition
        case .agent(let id?, _): id.partition
        case .agent(nil, .create(let tenant, _)): tenant.partition
        case .customer(let id?, _): id.partition
        case .customer(nil, .create(let tenant, _)): tenant.partition
        case .conversation(let id?, _): id.partition
        case .conversation(nil, .open(let tenant, _, _)): tenant.partition
        case .credential(let id?, _): id.partition
        case .credential(nil, .create(let spec)): spec.tenant?.partition ?? 0
        case .quarantine(.resolve(let id, _)): id.partition
        case .delivery(let id, _): id.partition
        // What names nobody is refused by the first partition.
        case .quarantine(.add), .queue(nil, .change), .customer(nil, .change), .credential(nil, .revoke): 0
        case .agent(nil, .change), .agent(nil, .setPresence), .agent(nil, .connectSession), .agent(nil, .loseSession),
            .agent(nil, .closeSession):
            0
        case .conversation(nil, .startContact), .conversation(nil, .postMessage), .conversation(nil, .markDelivered),
            .conversation(nil, .markRead), .conversation(nil, .close), .conversation(nil, .contact),
            .conversation(nil, .followPolicies), .conversation(nil, .applyPolicy):
            0
        }
    }

    /// What came of an effect: it is never turned away.
    var isResult: Bool {
        if case .delivery(_, .report) = self { true } else { false }
    }

    /// The actor it is addressed to, and the contact it speaks of; a creating command has none yet.
    func place(in partition: UInt16) -> (actor: ActorID, contact: ContactID?) {
        switch self {
        case .tenant(let id, _): (ActorID(kind: .tenant, raw: id?.raw ?? 0), nil)
        case .queue(let id, _): (ActorID(kind: .queue, raw: id?.raw ?? 0), nil)
        case .agent(let id, _): (ActorID(kind: .agent, raw: id?.raw ?? 0), nil)
        case .customer(let id, _): (ActorID(kind: .customer, raw: id?.raw ?? 0), nil)
        case .credential(let id, _): (ActorID(kind: .credential, raw: id?.raw ?? 0), nil)
        case .quarantine: (.quarantine(of: partition), nil)
        case .delivery(let id, _): (ActorID(id), nil)
        case .conversation(let id, .contact(let contact, _)):
            (ActorID(kind: .conversation, raw: id?.raw ?? 0), contact)
        case .conversation(let id, _): (ActorID(kind: .conversation, raw: id?.raw ?? 0), nil)
        }
    }
}
