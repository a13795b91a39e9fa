import Synchronization
import TandemCore
import TandemJournal
import TandemWire
import Testing

@testable import TandemRuntime

@Suite("Supervision of a partition")
struct SupervisionTests {
    private func service(_ name: String, _ stage: Stage) -> TreeNode? {
        stage.partition.assumeIsolated { $0.tree().children.first { $0.name == name } }
    }

    /// A queue in which somebody waits, and an agent who is not there.
    private func waiting() throws -> (Stage, Centre, ConversationID, AgentID) {
        let stage = try Stage()
        var centre = try Centre(stage)
        let queue = try centre.queue(QueueSettings(name: "Sales"))
        let agent = try centre.agent(AgentProfile(name: "Bo", queues: [queue]), available: false)
        let customer = try centre.customer()
        let (conversation, _) = try centre.open(customer, in: queue)
        return (stage, centre, conversation, agent)
    }

    /// Makes the routing index believe that an agent who is logged out has room.
    private func mislead(_ stage: Stage, about agent: AgentID) {
        stage.partition.assumeIsolated { partition in
            partition.roster.router.set(
                agent: agent,
                AgentStanding(presence: .available, free: ChannelSet(.chat), idleSince: Timestamp(milliseconds: 0)))
        }
    }

    @Test(
        "A routing index that contradicts a record is made anew; the turn that met it stands, nobody is offered wrongly"
    )
    func staleAgent() throws {
        let (stage, centre, conversation, agent) = try waiting()
        mislead(stage, about: agent)
        let message = MessageDraft(author: .customer(centre.customers[0]), text: "Still there?")
        #expect(try stage.answer(.conversation(conversation, .postMessage(message))).sequence == 1)
        #expect(centre.offer(conversation) == nil)
        #expect(service(Partition.routingName, stage)?.restarts == 1)
        #expect(service(Partition.routingName, stage)?.state == "running")
        #expect(service(Partition.routingName, stage)?.lastReason?.contains("no room") == true)
        #expect(service(Partition.timersName, stage)?.restarts == 1, "rest for one")
        #expect(stage.counters.invariantsBroken == 1)
        _ = try stage.answer(.agent(agent, .setPresence(.available, by: .agent(agent))))
        #expect(centre.offer(conversation)?.agent == agent, "and routing goes on")
    }

    @Test("A contact in the index that does not wait costs a restart of routing, not the command that met it")
    func staleContact() throws {
        let (stage, centre, conversation, agent) = try waiting()
        let queue = centre.queues[0]
        stage.partition.assumeIsolated { partition in
            partition.roster.router.add(
                contact: ContactID(raw: 77), of: conversation, queue: queue, channel: .chat,
                requirement: Requirement(pools: [queue]),
                order: OrderKey(priority: 0, virtual: 0, sequence: 0),
                since: Timestamp(milliseconds: 0))
        }
        _ = try stage.answer(.agent(agent, .setPresence(.available, by: .agent(agent))))
        #expect(service(Partition.routingName, stage)?.lastReason?.contains("does not wait") == true)
        #expect(stage.counters.quarantined == 0)
        #expect(centre.offer(conversation)?.agent == agent)
    }

    @Test("Routing that breaks again and again costs the partition its leadership, which says so, and only that")
    func escalates() throws {
        let (stage, _, _, agent) = try waiting()
        let bytes = stage.bytes
        for _ in 0..<6 {
            mislead(stage, about: agent)
            stage.partition.assumeIsolated { $0.scheduleRouting() }
            stage.settle()
        }
        let (tree, status) = stage.partition.assumeIsolated { ($0.tree(), $0.status()) }
        #expect(tree.state == "given up")
        #expect(tree.lastReason?.contains("routing failed more than 5 times") == true)
        #expect(status.phase == .following && status.givenUp == tree.lastReason)
        guard case .unavailable(.notLeading) = stage.submit(.agent(agent, .setPresence(.available, by: .agent(agent))))
        else { return #expect(Bool(false), "a partition that gave up took a command") }
        #expect(stage.bytes == bytes)
        #expect(stage.log.hasWithdrawn, "others may lead it")
        stage.partition.assumeIsolated { $0.lead(term: 2, opening: $0.committed) }
        #expect(stage.partition.assumeIsolated { $0.phase } == .following, "not again in this life")
    }

    @Test("A timer armed for nobody has the wheel made anew; what was due fires once")
    func strayTimer() throws {
        let (stage, centre, conversation, agent) = try waiting()
        _ = try stage.answer(.agent(agent, .setPresence(.available, by: .agent(agent))))
        #expect(centre.offer(conversation) != nil)
        stage.partition.assumeIsolated { partition in
            _ = partition.wheel.arm(
                ActorID(ConversationID(raw: 0xffff)), at: partition.timeLast + Milliseconds(10))
            partition.armWake()
        }
        stage.pass(milliseconds: 20)
        #expect(service(Partition.timersName, stage)?.restarts == 1)
        #expect(service(Partition.routingName, stage)?.restarts == 0)
        #expect(centre.agent(agent)?.presence == .available)
        stage.pass(milliseconds: 31_000)
        #expect(centre.agent(agent)?.presence == .notResponding)
    }
}
