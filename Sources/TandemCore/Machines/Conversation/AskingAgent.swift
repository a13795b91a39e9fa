// In whose name something is asked, as far as it is an agent's.
extension ConversationCommand {
    var askingAgent: AgentID? {
        switch self {
        case .open, .startContact, .followPolicies: nil
        case .applyPolicy(let application): application.by.asAgent
        case .postMessage(let draft): draft.author.asAgent
        case .markDelivered(_, let party), .markRead(_, let party), .close(let party): party.asAgent
        case .contact(_, let command): command.askingAgent
        }
    }
}

extension ContactCommand {
    fileprivate var askingAgent: AgentID? {
        switch self {
        case .acceptOffer(_, let agent), .rejectOffer(_, let agent), .hold(let agent), .resume(let agent),
            .startConsult(_, let agent), .completeTransfer(let agent), .endConsult(let agent):
            agent
        case .handOver(_, let party), .transfer(_, let party), .end(let party), .finishWrapUp(_, let party),
            .requeue(let party), .assign(_, let party), .forceClose(let party), .setPriority(_, let party):
            party.asAgent
        case .abandon: nil
        case .agentLost, .offerVoid: nil  // Told by the agent's actor, which is never refused.
        }
    }
}

extension Party {
    fileprivate var asAgent: AgentID? {
        switch self {
        case .agent(let agent): agent
        case .system, .bot, .customer, .staff: nil
        }
    }
}

extension Conversation {
    /// An agent of another tenant is told what he is told of a conversation that never was.
    func checkTenant(of command: ConversationCommand, _ turn: TurnContext) throws(DecideError) {
        guard let agent = command.askingAgent else { return }
        // Whoever handles it is of its tenant: the busiest commands need no look.
        guard !contacts.contains(where: { $0.handler == agent }) else { return }
        guard turn.view.agent(agent)?.tenant == tenant else { throw .refuse(.notFound) }
    }
}
