package import TandemCore

/// What a partition's records must say of each other at any moment.
package enum Promises {
    /// Promises 2 and 3 of the domain: a contact is in exactly one place, an agent is never over capacity and never stuck
    /// with what is not there.
    ///
    /// - Parameter waiting: contacts of a queue that the routing indexes know to wait.
    /// - Returns: what is broken, in words; nil: nothing.
    package static func broken(
        agents: [Agent], conversations: [Conversation], queues: [QueueID], waiting: (QueueID) -> Int
    ) -> String? {
        var held: [ContactID: (agent: AgentID, state: Agent.Assignment.State)] = [:]
        for agent in agents {
            if let trouble = overCapacity(agent) { return trouble }
            for assignment in agent.assignments {
                if held[assignment.contact] != nil { return "contact \(assignment.contact.raw) is with two agents" }
                held[assignment.contact] = (agent.id, assignment.state)
            }
        }
        var counted: [QueueID: Int] = [:]
        for conversation in conversations {
            for contact in conversation.contacts {
                let with = held.removeValue(forKey: contact.id)
                if case .queued = contact.state { counted[contact.queue, default: 0] += 1 }
                if let trouble = misplaced(contact.state, with?.agent, with?.state) {
                    return "contact \(contact.id.raw) is \(trouble)"
                }
            }
        }
        if let stuck = held.keys.min() { return "an agent is stuck with contact \(stuck.raw), which is not there" }
        for queue in queues {
            let (known, there) = (waiting(queue), counted[queue, default: 0])
            if known != there { return "queue \(queue.raw) knows of \(known) waiting contacts, and there are \(there)" }
        }
        return nil
    }

    /// Slots may be taken away from an agent who uses them, by a change of his profile.
    private static func overCapacity(_ agent: Agent) -> String? {
        guard agent.version == 1 else { return nil }
        for channel in Channel.allCases {
            let used = agent.assignments.count { $0.channel == channel }
            if used > Int(agent.profile.rule(for: channel).slots) { return "agent \(agent.id.raw) is over capacity" }
        }
        return nil
    }

    private static func misplaced(
        _ state: Contact.State, _ agent: AgentID?, _ assignment: Agent.Assignment.State?
    ) -> String? {
        switch state {
        case .created, .bot: agent == nil ? nil : "a bot's and with an agent"
        case .queued: agent == nil ? nil : "waiting and with an agent"
        case .offered(let offer, _): agent == offer.agent && assignment == .offered ? nil : "offered to nobody"
        case .connected(let by), .held(let by): agent == by && assignment == .busy ? nil : "connected to nobody"
        case .wrapping(let wrapping):
            agent == wrapping.agent && assignment == .wrapping ? nil : "wrapped up by nobody"
        }
    }
}
