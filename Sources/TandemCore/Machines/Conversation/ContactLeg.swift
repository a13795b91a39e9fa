// What a leg is, read off its record.
extension Contact {
    init(_ created: ContactCreated, at now: Timestamp) {
        self.init(
            id: created.leg.contact, queue: created.leg.queue, channel: created.channel, kind: created.kind,
            previous: created.previous, next: nil, tags: created.tags, skills: created.skills,
            priority: created.priority, boost: created.boost, preferredAgent: created.preferredAgent, createdAt: now,
            ageSince: created.ageSince, enqueuedAt: nil, answeredAt: nil, state: .created, since: now,
            times: ContactTimes(), declines: [], clocks: [])
    }

    func leg(in thread: Conversation, queue: QueueID? = nil) -> Leg {
        Leg(
            tenant: thread.tenant, conversation: thread.id, customer: thread.customer, contact: id,
            queue: queue ?? self.queue)
    }

    /// The agent whose slot it takes by talk, hold or wrap-up.
    var handler: AgentID? {
        switch state {
        case .created, .bot, .queued, .offered: nil
        case .connected(let agent), .held(let agent): agent
        case .wrapping(let wrapping): wrapping.agent
        }
    }

    var isHeld: Bool {
        switch state {
        case .held: true
        case .created, .bot, .queued, .offered, .connected, .wrapping: false
        }
    }

    var isWrapping: Bool {
        switch state {
        case .wrapping: true
        case .created, .bot, .queued, .offered, .connected, .held: false
        }
    }

    /// Where its time has gone, up to now: what an offer takes is time in the queue, the bot's is in none of them.
    func times(at now: Timestamp) -> ContactTimes {
        var times = times
        let spent = max(.zero, now - since)
        switch state {
        case .created, .bot: break
        case .queued, .offered: times.queued = times.queued + spent
        case .connected: times.talk = times.talk + spent
        case .held: times.hold = times.hold + spent
        case .wrapping: times.wrapUp = times.wrapUp + spent
        }
        return times
    }

    /// The fact of its end, with its record.
    func closed(
        _ reason: EndReason, by party: Party, disposition: String? = nil, next: ContactID? = nil,
        in thread: Conversation, _ turn: TurnContext
    ) -> Event {
        .contactClosed(
            ContactClosed(
                leg: leg(in: thread), channel: channel, kind: kind, previous: previous, next: next ?? self.next,
                agent: handler, reason: reason, disposition: disposition, createdAt: createdAt,
                enqueuedAt: enqueuedAt, answeredAt: answeredAt, times: times(at: turn.now),
                target: answerTarget(in: thread, turn), by: party))
    }
}
