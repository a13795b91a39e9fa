internal import TandemCore
internal import TandemReadModel
internal import TandemWire

/// A consultation about a customer, of which he knows nothing until it is given him.
struct Consultation: Sendable {
    let contact: ContactID
    let previous: ContactID?
    /// Who was asked, once he has answered: he has the customer when the asking leg is transferred.
    var agent: AgentID?
}

extension StoreReader {
    /// The consultations of a conversation that its customer knew nothing of at a position: those he was never given, and
    /// those that were given him later.
    func consultations(
        of conversation: Conversation, hiddenAt position: EventPosition
    ) throws(StoreError) -> [Consultation] {
        let legs = try contacts(.conversation(conversation.id), limit: StoreLimits.pageMax).items.filter {
            $0.kind == .consult
        }
        guard !legs.isEmpty else { return [] }
        let later = try handOvers(in: conversation.id, after: position)
        var found: [Consultation] = []
        for leg in legs {
            if try isHidden(leg, in: conversation) {
                found.append(Consultation(contact: leg.id, previous: leg.previous))
            } else if let asking = leg.previous, later.contains(asking) {
                found.append(Consultation(contact: leg.id, previous: asking, agent: leg.agent))
            }
        }
        return found
    }

    /// The legs that ended in a transfer after a position. One that was wrapped up ended when that began.
    private func handOvers(
        in conversation: ConversationID, after position: EventPosition
    ) throws(StoreError) -> Set<ContactID> {
        var legs: Set<ContactID> = []
        for kind in [EventName.contactWrapping, .contactClosed] {
            let ends = try timeline(
                of: ActorID(conversation), .after(position), kind: kind, limit: StoreLimits.pageMax)
            for stored in ends.items {
                if case .contactWrapping(let end) = stored.event, end.reason == .transferred {
                    legs.insert(end.leg.contact)
                }
                if case .contactClosed(let end) = stored.event, end.reason == .transferred, end.times.wrapUp == .zero {
                    legs.insert(end.leg.contact)
                }
            }
        }
        return legs
    }
}
