import TestChance
import Testing

@testable import TandemCore

@Suite("A centre in which anybody asks for anything")
struct RandomCentreTests {
    /// Seed and steps; a seed that once showed a mistake stays here.
    static let runs: [(seed: UInt64, steps: Int)] = [(1, 5_000), (2, 2_500), (3, 2_500)]

    @Test("No contact is lost or in two places, no agent over capacity, no promise told twice", arguments: runs)
    func holds(_ run: (seed: UInt64, steps: Int)) throws {
        var world = try RandomCentre(seed: run.seed)
        var checks = ContactCentreChecks()
        for _ in 0..<run.steps {
            try world.step()
            checks.check(world.centre)
        }
        #expect(world.accepted > run.steps / 3)
        #expect(world.refused > run.steps / 10)
        guard run.steps >= 5_000 else { return }
        expectVariety(in: world.centre)
    }

    /// A run that never comes to something proves nothing about it.
    private func expectVariety(in centre: Centre) {
        let kinds = Set(centre.journal.map { Mirror(reflecting: $0.event).children.first?.label ?? "" })
        for kind in [
            "contactBotStarted", "contactStepped", "contactDeclineExpired", "contactPriorityChanged", "offerAccepted",
            "contactHeld", "contactResumed", "consultStarted", "consultEnded", "contactWrapping", "clockPaused",
            "clockResumed",
            "clockWarned", "clockBreached", "clockFulfilled", "clockPolicyApplied", "conversationReopened",
            "messagesDelivered",
            "messagesRead",
        ] {
            #expect(kinds.contains(kind), "the run never came to \(kind)")
        }
        let reasons = Set(
            centre.journal.compactMap { _, event -> EndReason? in
                guard case .contactClosed(let closed) = event else { return nil }
                return closed.reason
            })
        #expect(reasons == Set(EndReason.allCases))
    }

    @Test("Replaying the journal on fresh records gives the same records")
    func replays() throws {
        var world = try RandomCentre(seed: 4)
        for _ in 0..<1_000 { try world.step() }
        var conversations: [ConversationID: Conversation] = [:]
        var agents: [AgentID: Agent] = [:]
        for (at, event) in world.centre.journal {
            event.forEachConcerned { id in
                switch id.kind {
                case .conversation:
                    let name = ConversationID(raw: id.raw)
                    conversations[name, default: Conversation(absent: name)].apply(event, at: at)
                case .agent:
                    let name = AgentID(raw: id.raw)
                    agents[name, default: Agent(absent: name)].apply(event, at: at)
                case .tenant, .queue, .customer, .credential, .quarantine, .delivery: break
                }
            }
        }
        #expect(conversations == world.centre.conversations)
        #expect(agents == world.centre.agents)
    }

    @Test("Facts in any order change a record within its bounds and never stop it")
    func appliesAnything() throws {
        var world = try RandomCentre(seed: 5)
        for _ in 0..<1_000 { try world.step() }
        var random = SeededGenerator(seed: 6)
        let events = world.centre.journal.map(\.event)
        for id in world.centre.conversations.keys.sorted().prefix(40) {
            var thread = Conversation(absent: id)
            let own = events.filter { event in
                var isOwn = false
                event.forEachConcerned { if $0 == ActorID(id) { isOwn = true } }
                return isOwn
            }
            for event in own { thread.apply(event, at: Timestamp(milliseconds: 1)) }
            for _ in 0..<300 {
                let time = Timestamp(milliseconds: Int64(bitPattern: random.next()))
                thread.apply(own[random.below(own.count)], at: time)
                thread.apply(events[random.below(events.count)], at: time)
            }
            #expect(thread.id == id)
            #expect(thread.seen.count <= Limits.externalIDsMax)
            #expect(thread.contacts.allSatisfy { $0.declines.count <= Limits.declinesMax })
            #expect(Set(thread.contacts.map(\.id)).count == thread.contacts.count)
        }
    }
}
