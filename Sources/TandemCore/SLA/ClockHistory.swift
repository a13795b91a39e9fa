/// The clocks of a conversation's legs, as they stood when their legs ended: a fold over its events.
///
/// A contact has one clock per metric, the last that was started. One that ran when its leg ended was never fulfilled,
/// and has counted until then.
package struct ClockHistory: Sendable {
    private struct LegClocks: Sendable {
        var leg: Leg
        var channel: Channel
        var clocks: [SLAClock] = []
    }
    private var legs: [LegClocks] = []
    /// Where the clock of the matter was started; the conversation's record has the clock itself.
    private var matter: QueueID?
    package init() {}

    /// Those of all legs, in the order in which they began, started in one queue. Of one that has not ended the
    /// conversation's record has the clock itself.
    package func past(of queue: QueueID) -> [PastClock] {
        legs.flatMap { ended in
            ended.clocks.filter { $0.queue == queue }.map { clock in
                let leg = Leg(
                    tenant: ended.leg.tenant, conversation: ended.leg.conversation, customer: ended.leg.customer,
                    contact: ended.leg.contact, queue: queue)
                return PastClock(leg: leg, channel: ended.channel, clock: clock)
            }
        }
    }

    /// Whether any clock, of whatever leg or of the matter, was started in a queue.
    package func concerns(_ queue: QueueID) -> Bool {
        matter == queue || legs.contains { $0.clocks.contains { $0.queue == queue } }
    }

    /// Events come in the order in which they were journaled; others than a leg's change nothing.
    package mutating func apply(_ event: Event, at now: Timestamp) {
        guard let leg = event.leg else { return }
        if case .contactCreated(let created) = event {
            return legs.append(LegClocks(leg: leg, channel: created.channel))
        }
        guard let place = legs.lastIndex(where: { $0.leg.contact == leg.contact }) else { return }
        if let metric = event.clockMetric {
            if metric != .resolution {
                legs[place].clocks.apply(event, at: now)
            } else if case .clockActivated = event {
                matter = leg.queue
            }
        } else if case .contactClosed = event {
            for clock in legs[place].clocks.indices { legs[place].clocks[clock].stop(at: now) }
        }
    }
}

extension SLAClock {
    /// Its leg has ended without it.
    fileprivate mutating func stop(at now: Timestamp) {
        guard case .running(let since, _, _) = state else { return }
        ran(from: since, to: now)
        state = .paused(remaining: nil)
    }
}
