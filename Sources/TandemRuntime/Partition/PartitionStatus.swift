internal import TandemConsensus
package import TandemCore

/// A partition at one instant, told without waiting for anything: also while its journal stands still.
package struct PartitionStatus: Sendable {
    package let number: UInt16
    package let phase: Partition.Phase
    /// The node that leads it, as far as is known here.
    package let leader: UInt32?
    package let term: UInt64
    package let time: Timestamp
    /// The last entry that is durable, and how many wait to be.
    package let committed: UInt64
    package let inFlight: Int
    package let inFlightBytes: Int
    package let counters: Counters
    package let tenants: Int
    package let queues: Int
    package let agents: Int
    package let customers: Int
    package let conversations: Int
    /// Contacts that wait, in all queues together.
    package let waiting: Int
    package let timers: Int
    package let subscriptions: Int
    package let quarantined: Int
    /// Deliveries to webhooks that are neither done nor given up, and those under way.
    package let deliveriesOpen: Int
    package let deliveriesSending: Int
    package let trouble: Unavailable?
    /// Why it gave up its leadership, or why what it has is not believed; nil: neither.
    package let givenUp: String?
    /// Agents by presence, in the order of the words of `Presence`; slots in use by what they are used for.
    package let presences: [Int]
    package let assignments: [Int]
    package let tree: TreeNode
}

extension Partition {
    package func status() -> PartitionStatus {
        var presences = [Int](repeating: 0, count: 5)
        var assignments = [Int](repeating: 0, count: Agent.Assignment.State.allCases.count)
        for entity in roster.agents.values {
            let agent = entity.record
            switch agent.presence {
            case .loggedOut: presences[0] += 1
            case .available: presences[1] += 1
            case .onBreak: presences[2] += 1
            case .notResponding: presences[3] += 1
            case .offline: presences[4] += 1
            }
            for assignment in agent.assignments { assignments[Int(assignment.state.rawValue)] += 1 }
        }
        return PartitionStatus(
            number: number, phase: phase, leader: log.leader?.node, term: term, time: time.now(clock),
            committed: committed, inFlight: inflight.count,
            inFlightBytes: inflightBytes, counters: counters, tenants: roster.tenants.count,
            queues: roster.queues.count, agents: roster.agents.count, customers: roster.customers.count,
            conversations: roster.conversations.count, waiting: roster.router.waitingCount, timers: wheel.count,
            subscriptions: subscriptions.count, quarantined: roster.quarantine.record.items.count,
            deliveriesOpen: roster.telling.open, deliveriesSending: effects.lines.sending,
            trouble: journalTrouble, givenUp: services.givenUp ?? services.distrust, presences: presences,
            assignments: assignments,
            tree: tree())
    }
}
