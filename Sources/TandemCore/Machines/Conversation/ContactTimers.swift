// What a leg waits for in time. An offer that rings holds the clock of its step: the step's end is looked at when the
// contact comes back.
extension Contact {
    var nextDeadline: Timestamp? {
        var next = stateDeadline?.at
        if let clock = clocks.nextDeadline { next = next.map { min($0, clock) } ?? clock }
        for decline in declines where decline.until != .distantFuture {
            next = next.map { min($0, decline.until) } ?? decline.until
        }
        return next
    }

    var deadlines: [Deadline] {
        var deadlines = clocks.flatMap { $0.deadlines(of: id) }
        if let stateDeadline { deadlines.append(stateDeadline) }
        for decline in declines where decline.until != .distantFuture {
            deadlines.append(Deadline(.declineExpiry, at: decline.until, contact: id))
        }
        return deadlines
    }

    var earliestDeadline: Deadline? {
        deadlines.min { ($0.at, $0.kind.rawValue) < ($1.at, $1.kind.rawValue) }
    }

    /// The one that the state brings with it, and that ends with the state.
    private var stateDeadline: Deadline? {
        switch state {
        case .created, .bot, .connected, .held: nil
        case .queued(let waiting): waiting.stepExpiresAt.map { Deadline(.stepExpiry, at: $0, contact: id) }
        case .offered(let offer, _): Deadline(.offerTimeout, at: offer.expiresAt, contact: id)
        case .wrapping(let wrapping): wrapping.until.map { Deadline(.wrapUpEnd, at: $0, contact: id) }
        }
    }

    /// What happens at a deadline of this leg.
    func fire(
        _ due: Deadline, in thread: Conversation, _ turn: inout TurnContext, _ events: inout [Event]
    ) throws(DecideError) {
        switch due.kind {
        case .offerTimeout: offerTimedOut(in: thread, turn, &events)
        case .stepExpiry: step(in: thread, turn: &turn, &events)
        case .wrapUpEnd:
            switch state {
            case .created, .bot, .queued, .offered, .connected, .held: return
            case .wrapping(let wrapping): events.append(closed(wrapping.reason, by: .system, in: thread, turn))
            }
        case .declineExpiry:
            for decline in declines where decline.until <= due.at {
                events.append(.contactDeclineExpired(leg(in: thread), decline.agent))
            }
        case .slaWarning, .slaBreach: events += clocks.due(at: due.at, of: leg(in: thread))
        case .grace, .deliveryRetry:
            throw .invariantBroken(InvariantBroken("a contact has another actor's deadline"))
        }
    }
}
