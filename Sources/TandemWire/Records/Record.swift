package import TandemCore

/// Any actor's record.
package enum Record: Hashable, Sendable {
    case tenant(Tenant)
    case queue(Queue)
    case agent(Agent)
    case customer(Customer)
    case conversation(Conversation)
    case credential(Credential)
    case quarantine(Quarantine)
    case delivery(Delivery)

    package var actor: ActorID {
        switch self {
        case .tenant(let record): ActorID(record.id)
        case .queue(let record): ActorID(record.id)
        case .agent(let record): ActorID(record.id)
        case .customer(let record): ActorID(record.id)
        case .conversation(let record): ActorID(record.id)
        case .credential(let record): ActorID(record.id)
        case .quarantine(let record): .quarantine(of: record.partition)
        case .delivery(let record): ActorID(record.id)
        }
    }
}
