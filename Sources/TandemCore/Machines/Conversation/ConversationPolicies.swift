// A policy that comes after a clock's start: to what is open when a queue promises something else, and, asked for by
// staff, to what is past.
extension Conversation {
    /// Whether `followPolicies` has something to do.
    package func hasStalePromise(_ view: any TurnView) -> Bool {
        for contact in contacts {
            for clock in contact.clocks where clock.isOpen {
                if promise(clock.metric, channel: contact.channel, queue: clock.queue, view) != clock.promise {
                    return true
                }
            }
        }
        guard let clock = resolution?.clock, clock.isOpen else { return false }
        return promise(clock.metric, channel: channel, queue: clock.queue, view) != clock.promise
    }

    func followPolicies(_ turn: TurnContext) -> Decision {
        var decision = Decision()
        for contact in contacts {
            for clock in contact.clocks where clock.isOpen {
                apply(
                    to: clock, of: contact.leg(in: self, queue: clock.queue), on: contact.channel, turn,
                    &decision.events)
            }
        }
        if let resolution, resolution.clock.isOpen, let leg = resolutionLeg {
            apply(to: resolution.clock, of: leg, on: channel, turn, &decision.events)
        }
        return decision
    }

    func apply(_ application: PolicyApplication, _ turn: TurnContext) throws(DecideError) -> Decision {
        switch application.by {
        case .system, .staff: break
        case .bot, .customer, .agent: throw .refuse(.notAllowed, field: "by")
        }
        guard turn.view.queue(application.queue)?.tenant == tenant else { throw .refuse(.notFound, field: "queue") }
        guard application.past.count <= Limits.clocksPerApplicationMax else {
            throw .refuse(.limitExceeded, field: "past")
        }
        var decision = Decision()
        for contact in contacts {
            for clock in contact.clocks where clock.queue == application.queue {
                apply(
                    to: clock, of: contact.leg(in: self, queue: clock.queue), on: contact.channel, turn,
                    &decision.events)
            }
        }
        if let resolution, resolution.clock.queue == application.queue, let leg = resolutionLeg {
            apply(to: resolution.clock, of: leg, on: channel, turn, &decision.events)
        }
        for past in application.past {
            // The record knows better what is open, and the clock of the matter.
            guard past.clock.metric != .resolution, place(ofLeg: past.leg.contact) == nil else { continue }
            guard past.leg.conversation == id, past.leg.tenant == tenant, past.leg.customer == customer,
                past.leg.queue == application.queue, past.clock.queue == application.queue
            else { throw .refuse(.invalid, field: "past") }
            apply(to: past.clock, of: past.leg, on: past.channel, turn, &decision.events)
        }
        return decision
    }

    private func apply(
        to clock: SLAClock, of leg: Leg, on channel: Channel, _ turn: TurnContext, _ events: inout [Event]
    ) {
        let promise = promise(clock.metric, channel: channel, queue: clock.queue, turn.view)
        guard promise != clock.promise else { return }
        events += clock.apply(promise, at: turn.now, of: leg, tenant: turn.view.tenant(tenant))
    }
}
