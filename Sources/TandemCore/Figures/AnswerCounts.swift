/// How contacts that entered a queue fared there, counted when it happened.
///
/// A leg counts as answered once, however often it comes back. A leg without an answer target is answered and
/// abandoned in time: what is not promised is not missed.
package struct AnswerCounts: Hashable, Sendable {
    package var offered: Int64
    package var answered: Int64
    package var answeredInTarget: Int64
    /// Left before an answer, the short ones included.
    package var abandoned: Int64
    package var abandonedInTarget: Int64
    /// Left within the queue's short-abandon threshold.
    package var shortAbandoned: Int64

    package init(
        offered: Int64 = 0, answered: Int64 = 0, answeredInTarget: Int64 = 0, abandoned: Int64 = 0,
        abandonedInTarget: Int64 = 0, shortAbandoned: Int64 = 0
    ) {
        self.offered = offered
        self.answered = answered
        self.answeredInTarget = answeredInTarget
        self.abandoned = abandoned
        self.abandonedInTarget = abandonedInTarget
        self.shortAbandoned = shortAbandoned
    }

    /// What one event adds to the counts of its leg's queue.
    package init(_ event: Event, at now: Timestamp) {
        self.init()
        switch event {
        case .contactQueued(let queued), .contactStepped(let queued): offered = queued.reason.entersQueue ? 1 : 0
        case .offerAccepted(let accepted):
            guard accepted.isCounted else { return }
            answered = 1
            answeredInTarget = Self.isInTarget(accepted.waited, accepted.target) ? 1 : 0
        case .contactClosed(let closed): countAbandon(closed, at: now)
        case .tenantCreated, .tenantChanged, .skillDefined, .calendarPut, .routingPolicyPut, .slaPolicyPut,
            .queueCreated, .queueChanged, .agentCreated, .agentChanged, .presenceChanged, .sessionConnected,
            .sessionEnded, .customerCreated, .customerChanged, .credentialCreated, .credentialRevoked,
            .conversationOpened, .conversationReopened, .messagePosted, .messagesDelivered, .messagesRead,
            .conversationClosed, .contactCreated, .contactBotStarted, .contactDeclineExpired, .contactPriorityChanged,
            .offerMade, .offerEnded, .contactHeld, .contactResumed, .consultStarted, .consultEnded, .contactWrapping,
            .clockActivated, .clockPaused, .clockResumed, .clockWarned, .clockBreached, .clockFulfilled,
            .clockPolicyApplied,
            .inputQuarantined, .quarantineResolved, .webhookPut, .deliveryDue, .deliveryResumed, .deliveryFailed,
            .deliveryDone:
            break
        }
    }

    package mutating func add(_ other: AnswerCounts) {
        offered = offered.addingSaturated(other.offered)
        answered = answered.addingSaturated(other.answered)
        answeredInTarget = answeredInTarget.addingSaturated(other.answeredInTarget)
        abandoned = abandoned.addingSaturated(other.abandoned)
        abandonedInTarget = abandonedInTarget.addingSaturated(other.abandonedInTarget)
        shortAbandoned = shortAbandoned.addingSaturated(other.shortAbandoned)
    }

    /// (Abandoned − short) ÷ (offered − short).
    package var abandonRate: Fraction {
        Fraction(
            abandoned.subtractingSaturated(shortAbandoned), of: offered.subtractingSaturated(shortAbandoned))
    }

    private mutating func countAbandon(_ closed: ContactClosed, at now: Timestamp) {
        // Who leaves an agent, a bot, or a queue after an answer, has not abandoned it.
        guard closed.answeredAt == nil, let enqueuedAt = closed.enqueuedAt else { return }
        switch closed.reason {
        case .abandoned: break
        case .shortAbandoned: shortAbandoned = 1
        case .completed, .callbackQueued, .flowedOut, .expired, .transferred, .forced, .consultEnded: return
        }
        abandoned = 1
        abandonedInTarget = Self.isInTarget(now - enqueuedAt, closed.target) ? 1 : 0
    }

    private static func isInTarget(_ waited: Milliseconds, _ target: Milliseconds?) -> Bool {
        target.map { waited <= $0 } ?? true
    }
}

/// What handling cost, counted when a leg that was answered ends.
package struct HandleCounts: Hashable, Sendable {
    package var handled: Int64 = 0
    package var talk = Milliseconds.zero
    package var hold = Milliseconds.zero
    package var wrapUp = Milliseconds.zero
    package init() {}

    package init(_ event: Event) {
        self.init()
        guard case .contactClosed(let closed) = event, closed.answeredAt != nil else { return }
        handled = 1
        talk = closed.times.talk
        hold = closed.times.hold
        wrapUp = closed.times.wrapUp
    }

    package mutating func add(_ other: HandleCounts) {
        handled = handled.addingSaturated(other.handled)
        talk = talk + other.talk
        hold = hold + other.hold
        wrapUp = wrapUp + other.wrapUp
    }

    package var time: Milliseconds { talk + hold + wrapUp }

    /// AHT: (talk + hold + wrap-up) ÷ handled, in milliseconds.
    package var average: Fraction { Fraction(time.count, of: handled) }
}
