extension Contact {
    /// Every pair of state and command is answered: here the command is named, in its function the state.
    func decide(
        _ command: ContactCommand, in thread: Conversation, _ turn: inout TurnContext
    ) throws(DecideError) -> Decision {
        switch command {
        case .handOver(let reason, let party): try handOver(reason: reason, by: party, in: thread, &turn)
        case .abandon: try abandon(in: thread, turn)
        case .acceptOffer(let offer, let agent): try accept(offer, by: agent, in: thread, turn)
        case .rejectOffer(let offer, let agent): try reject(offer, by: agent, in: thread, turn)
        case .hold(let agent): try hold(by: agent, in: thread)
        case .resume(let agent): try resume(by: agent, in: thread)
        case .transfer(let target, let party): try transfer(target, by: party, in: thread, &turn)
        case .startConsult(let target, let agent): try startConsult(target, by: agent, in: thread, &turn)
        case .completeTransfer(let agent): try completeTransfer(by: agent, in: thread, turn)
        case .endConsult(let agent): try endConsult(by: agent, in: thread, turn)
        case .end(let party): try end(by: party, in: thread, turn)
        case .finishWrapUp(let disposition, let party): try finishWrapUp(disposition, by: party, in: thread, turn)
        case .requeue(let party): try requeue(by: party, in: thread, turn)
        case .assign(let agent, let party): try assign(agent, by: party, in: thread, &turn)
        case .forceClose(let party): try forceClose(by: party, in: thread, turn)
        case .setPriority(let priority, let party): try setPriority(priority, by: party, in: thread)
        case .agentLost(let agent): agentLost(agent, in: thread, turn)
        case .offerVoid(let agent): offerVoid(agent, in: thread, turn)
        }
    }
}
