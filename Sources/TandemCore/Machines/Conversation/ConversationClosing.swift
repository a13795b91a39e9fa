extension Conversation {
    /// Ends every open leg: whoever waits leaves, whoever talks goes on to his wrap-up. A closed one stays closed.
    func close(by party: Party, _ turn: inout TurnContext) throws(DecideError) -> Decision {
        try checkCloser(party)
        switch state {
        case .absent: throw .refuse(.notFound)
        case .closed: return Decision()
        case .open: break
        }
        var decision = Decision()
        // A consultation goes with the leg that it is about.
        for index in contacts.indices where !isConsultation(at: index) {
            contacts[index].leave(by: party, in: self, turn, &decision.events)
        }
        decision.events.append(.conversationClosed(id, tenant, customer, by: party))
        settle(&decision.events, turn)
        return decision
    }

    private func checkCloser(_ party: Party) throws(DecideError) {
        switch party {
        case .system, .staff: break
        case .customer(let id):
            guard id == customer else { throw .refuse(.notAllowed, field: "by") }
        case .bot:
            guard contacts.contains(where: { $0.state == .bot }) else { throw .refuse(.contactHasNoBot) }
        case .agent(let agent):
            // Whoever has the customer may close; without one, whoever wraps up.
            let owner = liveLeg.map { contacts[$0].handler == agent }
            guard owner ?? contacts.contains(where: { $0.handler == agent }) else {
                throw .refuse(.agentNotHandling)
            }
        }
    }
}
