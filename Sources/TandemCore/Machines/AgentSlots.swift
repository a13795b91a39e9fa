// Slots: what the agent may be given, and how the contacts' events fill and free them.
extension Agent {
    /// Whether a contact of this channel may be offered now: he is available, has a slot free, and nothing that he
    /// holds keeps the channel away.
    package func admits(_ channel: Channel) -> Bool {
        guard presence == .available else { return false }
        return freeSlots(channel) > 0 && !isBlocked(channel)
    }

    /// Slots of a channel without a contact; zero also when more are held than a changed profile grants.
    package func freeSlots(_ channel: Channel) -> Int {
        var free = Int(profile.rule(for: channel).slots)
        for assignment in assignments where assignment.channel == channel { free -= 1 }
        return max(0, free)
    }

    /// Something that he holds keeps the channel away; a contact that may be pre-empted keeps nothing away.
    package func isBlocked(_ channel: Channel) -> Bool {
        for assignment in assignments {
            let rule = profile.rule(for: assignment.channel)
            if !rule.interruptible, rule.blocks.contains(channel) { return true }
        }
        return false
    }

    /// The share of him in use, in thousandths, by the weights of his channels; above 1,000 when they allow it.
    package var occupancy: Int {
        var sum = 0
        for assignment in assignments { sum += Int(profile.rule(for: assignment.channel).weight) }
        return sum
    }

    package func assignment(of contact: ContactID) -> Assignment? { assignments.first { $0.contact == contact } }

    mutating func take(_ made: OfferMade, at now: Timestamp) {
        lastOffer = made.offer.raw
        set(
            Assignment(
                contact: made.leg.contact, conversation: made.leg.conversation, queue: made.leg.queue,
                channel: made.channel, state: .offered, since: now))
    }

    mutating func accept(_ ended: OfferEnded, at now: Timestamp) {
        unanswered = 0
        set(
            Assignment(
                contact: ended.leg.contact, conversation: ended.leg.conversation, queue: ended.leg.queue,
                channel: ended.channel, state: .busy, since: now))
    }

    /// Frees an offered slot; one that has become busy stays so.
    mutating func endOffer(_ ended: OfferEnded) {
        assignments.removeAll { $0.contact == ended.leg.contact && $0.state == .offered }
        switch ended.outcome {
        case .rejected: unanswered = 0  // A refusal is an answer.
        case .accepted, .timedOut, .rescinded, .cancelled, .void: break
        }
    }

    mutating func wrap(_ contact: ContactID, at now: Timestamp) {
        guard let place = assignments.firstIndex(where: { $0.contact == contact }) else { return }
        assignments[place].state = .wrapping
        assignments[place].since = now
    }

    /// The contact has left him. One that he handled begins his idle time anew.
    mutating func release(_ contact: ContactID, at now: Timestamp) {
        guard let place = assignments.firstIndex(where: { $0.contact == contact }) else { return }
        let assignment = assignments.remove(at: place)
        switch assignment.state {
        case .offered: break
        case .busy, .wrapping:
            idleSince = now
            if handled < .max { handled += 1 }
        }
    }

    /// One assignment per contact, in the order in which they came.
    private mutating func set(_ assignment: Assignment) {
        if let place = assignments.firstIndex(where: { $0.contact == assignment.contact }) {
            assignments[place] = assignment
        } else {
            assignments.append(assignment)
        }
    }
}
