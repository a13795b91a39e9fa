import TandemCore
import TandemReadModel
import TandemWire
import TestChance

/// A random day in a centre: many conversations at once, each somewhere in its life; the same seed, the same day.
struct Day {
    private enum Stage {
        case waiting
        case offered(OfferID, AgentID)
        case talking(AgentID)
        case held(AgentID)
        case wrapping(AgentID)
        case ended
    }

    private struct Thread {
        var leg: Leg
        var stage = Stage.waiting
        var sequence: UInt64 = 0
    }

    private(set) var centre = Centre()
    private var dice: SeededGenerator
    private var threads: [Thread] = []

    init(seed: UInt64, turns: Int) {
        dice = SeededGenerator(seed: seed)
        centre.open(agents: 4)
        seldom()
        for _ in 0..<turns { step() }
    }

    var entries: [CommittedEntry] { centre.entries }

    private mutating func step() {
        if threads.count < 5 || dice.below(12) == 0 {
            let customer = centre.customer("customer \(threads.count)", externalID: "ext-\(threads.count)")
            threads.append(Thread(leg: centre.conversation(of: customer, in: dice.pick(centre.queues))))
            return
        }
        let place = dice.below(threads.count)
        var thread = threads[place]
        advance(&thread)
        threads[place] = thread
    }

    private mutating func advance(_ thread: inout Thread) {
        let leg = thread.leg
        switch thread.stage {
        case .waiting: wait(&thread)
        case .offered(let offer, let agent):
            if dice.below(3) > 0 {
                centre.accept(offer, leg, by: agent)
                thread.stage = .talking(agent)
            } else {
                let outcome = dice.pick([OfferOutcome.rejected, .timedOut, .void])
                centre.commit([
                    .offerEnded(centre.ended(offer, leg, agent, outcome)), centre.queued(leg, .timedOut, priority: 4),
                ])
                thread.stage = .waiting
            }
        case .talking(let agent): talk(&thread, agent)
        case .held(let agent):
            centre.commit([.contactResumed(leg, agent)])
            thread.stage = .talking(agent)
        case .wrapping(let agent):
            centre.commit([centre.closed(leg, by: agent)])
            centre.commit([.conversationClosed(leg.conversation, centre.tenant, leg.customer, by: .agent(agent))])
            thread.stage = .ended
        case .ended:
            let contact: ContactID = centre.mint()
            thread.leg = Leg(
                tenant: leg.tenant, conversation: leg.conversation, customer: leg.customer, contact: contact,
                queue: leg.queue)
            centre.commit([
                .conversationReopened(leg.conversation, centre.tenant, leg.customer),
                centre.created(thread.leg, previous: leg.contact), centre.queued(thread.leg, .arrival),
            ])
            thread.stage = .waiting
        }
    }

    private mutating func wait(_ thread: inout Thread) {
        let leg = thread.leg
        let due = centre.now + .seconds(30)
        switch dice.below(5) {
        case 0: centre.commit([.clockActivated(leg, centre.clock(.answer, due: due))])
        case 1 where dice.below(3) == 0:
            centre.commit([.clockActivated(leg, ClockSet(metric: .nextReply, promise: nil, used: .seconds(1)))])
        case 1: centre.commit([.clockWarned(leg, .answer), .clockBreached(leg, .answer)])
        case 2:
            thread.sequence += 1
            centre.say("hello \(thread.sequence)", in: leg, thread.sequence, by: .customer(leg.customer))
        default:
            let agent = dice.pick(centre.agents)
            thread.stage = .offered(centre.offer(leg, to: agent), agent)
        }
    }

    private mutating func talk(_ thread: inout Thread, _ agent: AgentID) {
        let leg = thread.leg
        switch dice.below(10) {
        case 0:
            centre.commit([.contactHeld(leg, agent), .clockPaused(leg, .answer, remaining: .seconds(3))])
            thread.stage = .held(agent)
        case 1:
            centre.commit([
                .contactWrapping(
                    ContactWrapping(leg: leg, agent: agent, until: centre.now + .seconds(15), reason: .completed)),
                .clockFulfilled(leg, .answer, elapsed: .seconds(2)),
            ])
            thread.stage = .wrapping(agent)
        case 2:
            let customer = Party.customer(leg.customer)
            centre.commit([.messagesDelivered(centre.marked(leg, upTo: thread.sequence, by: customer, agents: [agent]))]
            )
            centre.commit([.messagesRead(centre.marked(leg, upTo: thread.sequence, by: .agent(agent)))])
        default:
            thread.sequence += 1
            let author: Party = dice.below(2) == 0 ? .agent(agent) : .customer(leg.customer)
            let key = CommandKey(high: dice.next(), low: dice.next(), body: dice.next())
            centre.say("line \(thread.sequence)", in: leg, thread.sequence, by: author, to: [agent], key: key)
        }
    }

    /// What does not happen every day, so that every kind of event is there.
    private mutating func seldom() {
        let agent = centre.agents[0]
        let customer = centre.customer("Ann")
        centre.commit([
            .customerChanged(customer, centre.tenant, CustomerProfile(name: "Anna", tier: .core), version: 2)
        ])
        let leg = centre.conversation(of: customer, in: centre.queues[0], channel: .email)
        let due = centre.now + .seconds(30)
        centre.commit([.contactBotStarted(leg), centre.queued(leg, .handOver)])
        centre.commit([
            .contactStepped(
                ContactQueued(
                    leg: leg, reason: .stepped, enqueuedAt: centre.now, waiting: centre.waiting(leg), priority: 3,
                    boost: 9))
        ])
        let order = OrderKey(priority: 1, virtual: 0, sequence: 0)
        centre.commit([.contactPriorityChanged(leg, priority: 1, order: order, by: .system)])
        centre.commit([.contactDeclineExpired(leg, agent)])
        centre.commit([.consultStarted(leg, previous: leg.contact, by: agent)])
        centre.commit([.consultEnded(leg, previous: leg.contact, asker: agent, reason: .consultEnded)])
        centre.commit([.clockActivated(leg, centre.clock(.resolution, due: due))])
        centre.commit([.clockPaused(leg, .resolution, remaining: .seconds(9))])
        centre.commit([.clockResumed(leg, .resolution, warnAt: nil, dueAt: due + .seconds(60))])
        let promise = ClockPromise(target: .seconds(90), policyVersion: 2)
        centre.commit([
            .clockPolicyApplied(leg, ClockTerms(metric: .resolution, promise: promise, warnAt: due, dueAt: due)),
            .clockBreached(leg, .resolution, brokenAt: due),
        ])
        centre.setPresence(agent, from: .available, to: .onBreak(BreakCode("lunch")))
        centre.setPresence(agent, from: .onBreak(BreakCode("lunch")), to: .offline(until: due))
        centre.commit([
            .sessionEnded(agent, centre.tenant, SessionID(node: 1, incarnation: .max, number: 13), lost: true)
        ])
        let credential: CredentialID = centre.mint()
        let staff = CredentialSpec(tenant: nil, role: .operator, label: "root", secretDigest: [1, 2, 3])
        centre.commit([.credentialCreated(credential, staff)])
        centre.commit([.credentialRevoked(credential, nil)])
        let item: QuarantineID = centre.mint()
        let input = QuarantinedInput(
            input: .max, summary: "postMessage", actor: ActorID(leg.conversation), contact: leg.contact, reason: "trap")
        centre.commit([.inputQuarantined(3, item, input)])
        centre.commit([.quarantineResolved(3, item, by: .staff(credential))])
        let webhook = Webhook(
            id: centre.mint(), version: 1,
            spec: WebhookSpec(name: "CRM", url: "https://crm.example/", notices: .all, secret: "main"))
        centre.commit([.webhookPut(centre.tenant, webhook)])
        let told = DeliveryDue(
            delivery: centre.mint(), tenant: centre.tenant, conversation: leg.conversation,
            notice: Notice(.conversationClosed), webhooks: [webhook.id])
        centre.commit([.deliveryDue(told)])
        let failed = DeliveryFailed(
            target: told.target(webhook.id), attempt: 1, failure: DeliveryFailure(.timedOut), retryAt: due)
        centre.commit([.deliveryFailed(failed)])
        centre.commit([.deliveryResumed(told.target(webhook.id))])
        centre.commit([.deliveryDone(told.target(webhook.id), attempt: 2, status: 200)])
    }
}
