// The clock of the matter: from the conversation's first contact until the conversation closes, and on when it is
// reopened. It stands still as the others do: while the bot has the customer, and once all that is left is wrapped up.
//
// Its events name the first leg, and the first leg's queue promises it, wherever the customer goes after that.
extension Conversation {
    private enum Course {
        case running, standing, closed
    }

    func promise(_ metric: SLAMetric, channel: Channel, queue: QueueID, _ view: any TurnView) -> ClockPromise? {
        guard let settings = view.queue(queue)?.settings else { return nil }
        let tenant = view.tenant(tenant)
        return SLAPolicy.promise(
            metric, channel: channel, by: settings.slaPolicy.flatMap { tenant?.slaPolicy($0) }, tenant: tenant,
            queueCalendar: settings.calendar)
    }

    var resolutionLeg: Leg? {
        resolution.map {
            Leg(tenant: tenant, conversation: id, customer: customer, contact: $0.contact, queue: $0.clock.queue)
        }
    }

    /// With the first contact the clock starts.
    func startResolution(_ leg: Leg, on channel: Channel, _ turn: TurnContext, _ events: inout [Event]) {
        guard resolution == nil else { return }
        let promise = promise(.resolution, channel: channel, queue: leg.queue, turn.view)
        events.append(
            .clockActivated(
                leg,
                SLAClock.activate(.resolution, promise: promise, tenant: turn.view.tenant(tenant), now: turn.now)))
    }

    mutating func applyResolution(_ event: Event, at now: Timestamp) {
        guard let leg = event.leg, leg.conversation == id else { return }
        if case .clockActivated(_, let set) = event {
            resolution = Resolution(contact: leg.contact, clock: SLAClock(set, in: leg.queue, at: now))
        } else if leg.contact == resolution?.contact {
            resolution?.clock.apply(event, at: now)
        }
    }

    /// What these events of one turn make of the clock: they are not applied to this record yet.
    func followResolution(_ events: inout [Event], _ turn: TurnContext) {
        guard state == .open, let course = course(after: events) else { return }
        var after = self
        for event in events where event.clockMetric == .resolution { after.applyResolution(event, at: turn.now) }
        guard let clock = after.resolution?.clock, let leg = after.resolutionLeg else { return }
        let tenant = turn.view.tenant(tenant)
        switch course {
        case .running:
            var clock = clock
            if !clock.isOpen {
                // Reopened: policies that changed while the matter was closed did not reach it.
                let promise = promise(.resolution, channel: channel, queue: clock.queue, turn.view)
                let told = clock.apply(promise, at: turn.now, of: leg, tenant: tenant)
                for event in told { clock.apply(event, at: turn.now) }
                events += told
            }
            events += clock.resume(at: turn.now, of: leg, tenant: tenant)
        case .standing: events += clock.pause(at: turn.now, of: leg, tenant: tenant)
        case .closed:
            let end = events.lastIndex { if case .conversationClosed = $0 { true } else { false } } ?? events.endIndex
            events.insert(contentsOf: clock.fulfil(at: turn.now, of: leg, tenant: tenant), at: end)
        }
    }

    /// Nil when the events move no leg: most do not.
    private func course(after events: [Event]) -> Course? {
        guard events.contains(where: \.movesLeg) else { return nil }
        var legs = contacts.map { (id: $0.id, counts: $0.state != .bot && !$0.isWrapping) }
        func mark(_ leg: Leg, _ counts: Bool) {
            if let place = legs.firstIndex(where: { $0.id == leg.contact }) { legs[place].counts = counts }
        }
        for event in events {
            if case .conversationClosed = event { return .closed }
            if case .contactCreated(let created) = event { legs.append((created.leg.contact, true)) }
            if case .contactBotStarted(let leg) = event { mark(leg, false) }
            if case .contactQueued(let queued) = event { mark(queued.leg, true) }
            if case .contactWrapping(let wrapping) = event { mark(wrapping.leg, false) }
            if case .contactClosed(let closed) = event { legs.removeAll { $0.id == closed.leg.contact } }
        }
        return legs.contains(where: \.counts) ? .running : .standing
    }
}

extension Event {
    /// Whether it can change what the clock of the matter does.
    fileprivate var movesLeg: Bool {
        if case .contactCreated = self { return true }
        if case .contactBotStarted = self { return true }
        if case .contactQueued = self { return true }
        if case .contactWrapping = self { return true }
        if case .contactClosed = self { return true }
        if case .conversationClosed = self { return true }
        return false
    }
}
