/// For each webhook on its own:
///
/// ```
/// due ── done
///  │▲
///  ││ the time has come
///  ▼│
/// waiting        due ── refused, or failed too often ── dead
/// ```
///
/// Whoever performs it asks nothing here: it is handed out when it is due and committed, and what came of it is reported.
extension Delivery: Machine {
    package init(absent id: DeliveryID) {
        self.init(id: id, due: nil, at: Timestamp(milliseconds: 0), targets: [])
    }

    package var isAbsent: Bool { due == nil }
    package var isDormant: Bool { !targets.contains { $0.state.isOpen } }

    package var nextDeadline: Timestamp? {
        var next: Timestamp?
        for target in targets {
            if case .waiting(let until) = target.state { next = min(next ?? until, until) }
        }
        return next
    }

    package var deadlines: [Deadline] {
        targets.compactMap { target in
            if case .waiting(let until) = target.state { Deadline(.deliveryRetry, at: until) } else { nil }
        }
    }

    package func decide(_ instruction: DeliveryCommand, _ turn: inout TurnContext) throws(DecideError) -> Decision {
        guard let due else { throw .refuse(.notFound) }
        switch instruction {
        case .report(let webhook, let attempt, let result):
            guard let target = target(webhook) else { throw .refuse(.notFound, field: "webhook") }
            switch target.state {
            case .due: break
            case .waiting, .done, .dead: return Decision()  // A late report: another leader's attempt has ended it.
            }
            // A late report of an attempt before.
            guard attempt == target.attempts &+ 1 else { return Decision() }
            return Decision([ended(due.target(webhook), attempt, result, at: turn.now)])
        }
    }

    /// Back-off: 1 s, 4 s, 16 s and so on up to an hour, each a fifth more or less by the delivery's own number, so that what
    /// failed together does not come again together.
    private func ended(
        _ target: DeliveryTarget, _ attempt: UInt16, _ result: DeliveryResult, at now: Timestamp
    ) -> Event {
        switch result {
        case .done(let status): return .deliveryDone(target, attempt: attempt, status: status)
        case .refused(let failure):
            return .deliveryFailed(DeliveryFailed(target: target, attempt: attempt, failure: failure, retryAt: nil))
        case .failed(let failure):
            let retryAt = attempt < Limits.deliveryAttemptsMax ? now + pause(after: attempt, target.webhook) : nil
            return .deliveryFailed(
                DeliveryFailed(target: target, attempt: attempt, failure: failure, retryAt: retryAt))
        }
    }

    func pause(after attempt: UInt16, _ webhook: WebhookID) -> Milliseconds {
        let doublings = min(2 * (Int64(attempt) - 1), 12)
        let pause = min(Self.pauseFirst.count << doublings, Self.pauseMax.count)
        // The finisher of SplitMix64 (Steele, Lea, Flood 2014).
        var mixed = id.raw &+ webhook.raw &* 0x9e37_79b9_7f4a_7c15 &+ UInt64(attempt)
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        mixed ^= mixed >> 31
        let fifth = pause / 5
        return Milliseconds(pause - fifth + Int64(mixed % UInt64(2 * fifth + 1)))
    }

    static let pauseFirst = Milliseconds.seconds(1)
    static let pauseMax = Milliseconds.hours(1)

    package func wake(_ turn: inout TurnContext) throws(DecideError) -> Decision {
        guard let due else { return Decision() }
        var ripe: [(until: Timestamp, webhook: WebhookID)] = []
        for target in targets {
            if case .waiting(let until) = target.state, until <= turn.now { ripe.append((until, target.webhook)) }
        }
        ripe.sort { ($0.until, $0.webhook) < ($1.until, $1.webhook) }
        return Decision(ripe.map { .deliveryResumed(due.target($0.webhook)) })
    }

    package mutating func apply(_ event: Event, at now: Timestamp) {
        switch event {
        case .deliveryDue(let due):
            guard due.delivery == id, self.due == nil else { return }
            self.due = due
            at = now
            targets =
                due.webhooks.map { Target(webhook: $0, attempts: 0, state: .due, failure: nil) }
                + due.turnedAway.map {
                    Target(webhook: $0, attempts: 0, state: .dead(at: now), failure: DeliveryFailure(.turnedAway))
                }
        case .deliveryResumed(let target): change(target) { $0.state = .due }
        case .deliveryFailed(let failed):
            change(failed.target) { target in
                target.attempts = failed.attempt
                target.failure = failed.failure
                target.state = failed.retryAt.map { .waiting(until: $0) } ?? .dead(at: now)
            }
        case .deliveryDone(let target, _, _): change(target) { $0.state = .done(at: now) }
        case .tenantCreated, .tenantChanged, .skillDefined, .calendarPut, .routingPolicyPut, .slaPolicyPut,
            .queueCreated, .queueChanged, .agentCreated, .agentChanged, .presenceChanged, .sessionConnected,
            .sessionEnded, .customerCreated, .customerChanged, .credentialCreated, .credentialRevoked,
            .conversationOpened, .conversationReopened, .messagePosted, .messagesDelivered, .messagesRead,
            .conversationClosed, .contactCreated, .contactBotStarted, .contactQueued, .contactStepped,
            .contactDeclineExpired, .contactPriorityChanged, .offerMade, .offerAccepted, .offerEnded, .contactHeld,
            .contactResumed, .consultStarted, .consultEnded, .contactWrapping, .contactClosed, .clockActivated,
            .clockPaused, .clockResumed, .clockWarned, .clockBreached, .clockFulfilled, .clockPolicyApplied,
            .inputQuarantined, .quarantineResolved, .webhookPut:
            break
        }
    }

    /// What has ended stays ended.
    private mutating func change(_ target: DeliveryTarget, _ body: (inout Target) -> Void) {
        guard target.delivery == id, let place = targets.firstIndex(where: { $0.webhook == target.webhook }),
            targets[place].state.isOpen
        else { return }
        body(&targets[place])
    }
}

extension DeliveryDue {
    package func target(_ webhook: WebhookID) -> DeliveryTarget {
        DeliveryTarget(delivery: delivery, tenant: tenant, conversation: conversation, webhook: webhook)
    }
}
