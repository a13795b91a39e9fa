// Which leg is which. At most one leg has the customer, at most one more is a consultation about it; the rest wraps up.
extension Conversation {
    /// The index of a leg; nil: it is not open here.
    func place(ofLeg contact: ContactID) -> Int? { contacts.indices.first { contacts[$0].id == contact } }

    /// The index of the leg that has the customer: with the bot, waiting, offered, connected or held.
    package var liveLeg: Int? {
        contacts.indices.first { !contacts[$0].isWrapping && !isConsultation(at: $0) }
    }

    func isConsultation(at index: Int) -> Bool { isConsultation(contacts[index]) }

    /// A consultation that has neither been taken back nor been given the customer: its previous leg still holds him.
    package func isConsultation(_ contact: Contact) -> Bool {
        guard contact.kind == .consult, let previous = contact.previous else { return false }
        return contacts.contains { $0.id == previous && $0.isHeld }
    }

    /// The consultation about a leg whose customer is held.
    func consultation(about contact: Contact) -> Contact? {
        guard contact.isHeld else { return nil }
        return contacts.first { $0.kind == .consult && $0.previous == contact.id }
    }

    /// Who handles the conversation now, in the order of the legs; usually one.
    var handlers: [AgentID] {
        var agents: [AgentID] = []
        for index in contacts.indices {
            guard let agent = contacts[index].handler, !agents.contains(agent) else { continue }
            agents.append(agent)
        }
        return agents
    }
}
