import Synchronization
import TandemCore
import TandemJournal
import TandemWire
import Testing

@testable import TandemRuntime

/// Does nothing until the test says what came of it.
final class HandPerformer: EffectPerformer {
    private struct Waiting {
        let effect: Effect
        let done: @Sendable (DeliveryResult?) -> Void
    }
    private let waiting = Mutex<[Waiting]>([])
    private let givenUp = Mutex<[DeliveryFailed]>([])

    func perform(_ effect: Effect, done: @escaping @Sendable (DeliveryResult?) -> Void) {
        waiting.withLock { $0.append(Waiting(effect: effect, done: done)) }
    }

    func gaveUp(_ failed: DeliveryFailed) { givenUp.withLock { $0.append(failed) } }

    var lost: [DeliveryFailed] { givenUp.withLock { $0 } }

    var effects: [Effect] { waiting.withLock { $0.map(\.effect) } }

    /// Answers the oldest; returns it.
    @discardableResult
    func answer(_ result: DeliveryResult?) -> Effect? {
        let first = waiting.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        first?.done(result)
        return first?.effect
    }
}

/// What a turn makes due is done outside by who leads, once it is committed, and what came of it is a turn.
@Suite("Effects")
struct EffectsTests {
    private static let ok = DeliveryResult.done(status: 200)
    private static let failure = DeliveryResult.failed(DeliveryFailure(.status, status: 503))

    /// A contact centre with a webhook that is told of messages, and an open conversation.
    private struct World {
        let performer = HandPerformer()
        let stage: Stage
        let centre: Centre
        let conversation: ConversationID
        let webhook: WebhookID
        var spec = WebhookSpec(
            name: "CRM", url: "https://crm.example/", notices: NoticeSet(.messagePosted), secret: "main")

        init(_ configure: (inout Partition.Configuration) -> Void = { _ in }) throws {
            let performer = performer
            stage = try Stage {
                $0.performer = performer
                configure(&$0)
            }
            var centre = try Centre(stage)
            let queue = try centre.queue(QueueSettings(name: "Sales"))
            conversation = try centre.open(try centre.customer(), in: queue).0
            self.centre = centre
            let part = try stage.answer(.tenant(centre.tenant, .putWebhook(nil, spec, expecting: nil))).part
            webhook = WebhookID(raw: part ?? 0)
        }

        @discardableResult
        func post(_ text: String = "Hello") -> Outcome? {
            stage.submit(
                .conversation(
                    conversation, .postMessage(MessageDraft(author: .customer(centre.customers[0]), text: text))))
        }

        func answer(_ result: DeliveryResult?) {
            performer.answer(result)
            stage.settle()
        }

        func delivery(_ effect: Effect?) -> Delivery? {
            guard let effect, case .delivery(let record) = stage.record(ActorID(effect.target.delivery)) else {
                return nil
            }
            return record
        }

        var sequences: [UInt64] { performer.effects.compactMap(\.notice.sequence) }
    }

    @Test("A message and that it is to be told are one entry; it is told when that is committed, and is done once")
    func committed() throws {
        let world = try World()
        world.stage.log.holds = true
        world.post()
        #expect(world.performer.effects.isEmpty, "it is not committed")
        world.stage.log.holds = false
        world.stage.settle()
        let effect = try #require(world.performer.effects.first)
        let entry = try EntryCodec.decode(try #require(world.stage.log.entries.last).bytes)
        #expect(entry.events.map { EventName($0) } == [.messagePosted, .deliveryDue])
        #expect(effect.attempt == 1 && effect.at == entry.time && effect.webhook.id == world.webhook)
        #expect(effect.target.conversation == world.conversation && effect.notice.sequence == 1)
        world.answer(Self.ok)
        #expect(world.delivery(effect)?.targets.map(\.state.isOpen) == [false])
        #expect(world.performer.effects.isEmpty)
        let counters = world.stage.counters
        #expect(counters.deliveryAttempts == 1 && counters.deliveriesDone == 1 && counters.deliveryAttemptsFailed == 0)
        world.stage.pass(milliseconds: 60_000)
        #expect(world.performer.effects.isEmpty, "it is done")
    }

    @Test("Who leads waits until the others have said so before anything is told")
    func confirmed() throws {
        let world = try World()
        world.stage.log.decidesAlone = false
        world.post()
        #expect(world.performer.effects.isEmpty)
        world.stage.log.confirm(true)
        world.stage.settle()
        #expect(world.sequences == [1])
    }

    @Test("What failed is told again when its time has come, under the same name, and the next message waits for it")
    func retried() throws {
        let world = try World()
        world.post("first")
        world.post("second")
        #expect(world.sequences == [1])
        let first = try #require(world.performer.effects.first)
        world.answer(Self.failure)
        #expect(world.performer.effects.isEmpty)
        world.stage.pass(milliseconds: 700)
        #expect(world.performer.effects.isEmpty, "too early")
        world.stage.pass(milliseconds: 600)
        let again = try #require(world.performer.effects.first)
        #expect(again.target == first.target && again.attempt == 2 && again.at == first.at)
        world.answer(Self.ok)
        #expect(world.sequences == [2])
        world.answer(.refused(DeliveryFailure(.status, status: 410)))
        world.post("third")
        #expect(world.sequences == [3], "what was given up holds up nobody")
        #expect(world.stage.counters.deliveriesDead == 1 && world.stage.counters.deliveryAttemptsFailed == 2)
    }

    @Test("What could not be begun is handed out again a little later: that was no attempt")
    func notBegun() throws {
        let world = try World()
        world.post()
        let first = try #require(world.performer.effects.first)
        let entries = world.stage.log.entries.count
        for _ in 0..<20 {
            world.answer(nil)
            #expect(world.performer.effects.isEmpty, "not at once")
            world.stage.pass(milliseconds: 1_100)
            #expect(world.performer.effects.map(\.attempt) == [1])
        }
        #expect(world.stage.log.entries.count == entries, "nothing is journaled of it")
        #expect(world.performer.effects.map(\.target) == [first.target])
        world.answer(Self.ok)
        #expect(world.stage.partition.assumeIsolated { $0.roster.telling.open } == 0)
        let counters = world.stage.counters
        #expect(counters.deliveryAttempts == 1 && counters.deliveriesDone == 1)
        #expect(counters.deliveryAttemptsFailed == 0)
    }

    @Test("What is given up is told to whoever performs, once that is committed, with how often it was tried")
    func givenUp() throws {
        let world = try World()
        world.post()
        let effect = try #require(world.performer.effects.first)
        world.answer(Self.failure)
        #expect(world.performer.lost.isEmpty, "it is tried again")
        world.stage.pass(milliseconds: 1_300)
        world.stage.log.holds = true
        world.answer(.refused(DeliveryFailure(.status, status: 410)))
        #expect(world.performer.lost.isEmpty, "it is not committed")
        world.stage.log.holds = false
        world.stage.settle()
        let lost = try #require(world.performer.lost.first)
        #expect(world.performer.lost.count == 1)
        #expect(lost.target == effect.target && lost.attempt == 2 && lost.failure.status == 410)
    }

    @Test("A deposed leader tells nothing more and believes no result; the next one tells what nobody reported")
    func deposed() throws {
        let world = try World()
        world.post()
        let before = try #require(world.performer.effects.first)
        world.stage.partition.depose(nil)
        world.stage.settle()
        let entries = world.stage.log.entries.count
        world.answer(Self.ok)
        #expect(world.stage.log.entries.count == entries, "a result of an earlier leadership is nobody's")
        let again = try heir(of: world)
        #expect(again.effects.map(\.target) == [before.target])
        #expect(again.effects.map(\.attempt) == [1])
    }

    /// Another node with the same journal begins to lead.
    private func heir(of world: World) throws -> HandPerformer {
        let performer = HandPerformer()
        var configuration = Partition.Configuration(number: 3)
        configuration.performer = performer
        let stage = world.stage
        let heir = Partition(
            configuration, executor: stage.executor, clock: stage.clock, log: stage.log, state: stage.state, traps: nil)
        let state = stage.state
        try heir.assumeIsolated { partition in
            _ = try partition.recover(from: state)
            partition.lead(term: 2, opening: partition.committed)
        }
        stage.settle()
        return performer
    }

    @Test("What is done, or waits for its next attempt, a new leader does not tell at once")
    func heirs() throws {
        let world = try World()
        world.post()
        world.answer(Self.failure)
        let heir = try heir(of: world)
        #expect(heir.effects.isEmpty)
        world.stage.pass(milliseconds: 1_300)
        #expect(heir.effects.map(\.attempt) == [2])
    }

    @Test("A result that cannot be proposed is reported again, and nothing is told twice for that")
    func reportedAgain() throws {
        let world = try World()
        world.post()
        let effect = try #require(world.performer.effects.first)
        world.stage.log.refusal = .busy
        world.answer(Self.ok)
        #expect(world.delivery(effect)?.target(world.webhook)?.state == .due)
        world.stage.log.refusal = nil
        world.stage.pass(milliseconds: 200)
        #expect(world.delivery(effect)?.isDormant == true)
        #expect(world.performer.effects.isEmpty && world.stage.counters.deliveryAttempts == 1)
    }

    @Test("A full inbox turns a command away, and never a result")
    func full() throws {
        let world = try World { $0.inflightMax = 1 }
        world.post()
        let effect = try #require(world.performer.effects.first)
        world.stage.log.holds = true
        world.post("under way")
        world.performer.answer(Self.ok)
        world.stage.settle()
        #expect(world.stage.partition.assumeIsolated { $0.inflight.count } == 2)
        guard case .busy? = world.post("one too many") else {
            Issue.record("it was taken")
            return
        }
        world.stage.log.holds = false
        world.stage.settle()
        #expect(world.delivery(effect)?.isDormant == true)
        #expect(world.sequences == [2])
    }

    @Test("A turn that is taken back takes with it what it made due")
    func takenBack() throws {
        let world = try World()
        world.stage.log.refusal = .diskFull
        world.post()
        #expect(world.performer.effects.isEmpty)
        #expect(world.stage.partition.assumeIsolated { $0.roster.telling.open } == 0)
        world.stage.log.refusal = nil
        world.stage.pass(milliseconds: 100)
        world.post("again")
        #expect(world.sequences == [1])
        #expect(world.stage.partition.assumeIsolated { $0.roster.telling.open } == 1)
    }

    @Test("To a webhook that was disabled meanwhile nothing is sent: the delivery is given up")
    func disabled() throws {
        let world = try World()
        world.post("first")
        world.post("second")
        var spec = world.spec
        spec.isEnabled = false
        _ = try world.stage.answer(.tenant(world.centre.tenant, .putWebhook(world.webhook, spec, expecting: nil)))
        world.answer(Self.ok)
        #expect(world.performer.effects.isEmpty)
        #expect(world.stage.counters.deliveriesDone == 1 && world.stage.counters.deliveriesDead == 1)
        world.post("third")
        #expect(world.stage.partition.assumeIsolated { $0.roster.telling.open } == 0, "nobody wants to know")
    }

    @Test("The service can be stopped and started: what is due is told again, of what is committed")
    func service() throws {
        let world = try World()
        world.post("first")
        let stopped = world.stage.partition.assumeIsolated { $0.stop(service: Partition.effectsName) }
        #expect(stopped)
        world.answer(Self.ok)
        world.stage.log.holds = true
        world.post("second")
        let started = world.stage.partition.assumeIsolated { $0.start(service: Partition.effectsName) }
        #expect(started)
        world.stage.settle()
        #expect(world.performer.effects.isEmpty, "it waits with what is under way")
        world.stage.log.holds = false
        world.stage.settle()
        #expect(world.sequences == [1])
        world.answer(Self.ok)
        #expect(world.sequences == [2])
    }

    @Test("What is over leaves memory with the next flush, and is in the store")
    func evicted() throws {
        let world = try World { $0.flushInterval = 0 }
        world.post()
        let effect = try #require(world.performer.effects.first)
        world.answer(Self.ok)
        world.post("another")
        world.stage.settle()
        #expect(world.stage.record(ActorID(effect.target.delivery)) == nil)
        guard case .delivery(let stored)? = try world.stage.state.loadNow(ActorID(effect.target.delivery), of: 3) else {
            Issue.record("it is not in the store")
            return
        }
        #expect(stored.isDormant)
    }

    @Test("Behind a change of members nothing that is under way is done again, and its result counts")
    func change() throws {
        let world = try World()
        world.post("first")
        world.post("second")
        let effect = try #require(world.performer.effects.first)
        let partition = world.stage.partition
        partition.retire {}
        world.stage.settle()
        #expect(partition.assumeIsolated { $0.phase } == .following)
        world.answer(Self.ok)
        world.stage.pass(milliseconds: 250)
        #expect(world.delivery(effect)?.isDormant == false && world.performer.effects.isEmpty)
        partition.lead(term: 1, after: partition.assumeIsolated { $0.committed })
        world.stage.settle()
        world.stage.pass(milliseconds: 150)
        #expect(world.delivery(effect)?.isDormant == true && world.sequences == [2])
        #expect(world.stage.counters.deliveryAttempts == 1, "the second message is under way")
    }

    @Test("Who leads again in another term after a change of members does again what nobody reported")
    func changeOfLeaders() throws {
        let world = try World()
        world.post()
        let partition = world.stage.partition
        partition.retire {}
        world.stage.settle()
        let committed = partition.assumeIsolated { $0.committed }
        partition.follow([FollowedEntry(index: committed + 1, term: 2, bytes: nil)]) { _ in }
        world.stage.settle()
        #expect(partition.assumeIsolated { $0.effects.term } == nil, "somebody else leads")
        partition.lead(term: 3, after: committed + 1)
        world.stage.settle()
        #expect(world.sequences == [1, 1])
    }

    @Test("A report that breaks an invariant gives its delivery up: what is behind it goes")
    func brokenReport() throws {
        let world = try World {
            $0.probe = { command throws(DecideError) in
                guard case .delivery(_, .report(_, attempt: _, .done))? = command else { return }
                throw .invariantBroken(InvariantBroken("a test"))
            }
        }
        world.post("first")
        world.post("second")
        let effect = try #require(world.performer.effects.first)
        world.answer(Self.ok)
        world.stage.pass(milliseconds: 2_000)
        #expect(world.delivery(effect)?.isDormant == true && world.sequences == [2])
        #expect(world.stage.counters.deliveriesDead == 1)
    }

    @Test("A report that is taken back while the service begins anew leaves its delivery due")
    func reportLost() throws {
        let world = try World()
        world.post()
        world.stage.log.holds = true
        world.answer(Self.ok)
        world.stage.partition.assumeIsolated { partition in
            _ = partition.stop(service: Partition.effectsName)
            _ = partition.start(service: Partition.effectsName)
        }
        world.stage.settle()
        #expect(world.performer.effects.isEmpty, "it waits for what became of the report")
        world.stage.log.refusal = .busy
        world.stage.log.holds = false
        world.stage.settle()
        world.stage.log.refusal = nil
        world.stage.pass(milliseconds: 200)
        #expect(world.sequences == [1])
    }
}
