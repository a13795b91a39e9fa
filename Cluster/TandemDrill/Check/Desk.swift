/// Who is offered and has which contact, followed from a tenant's events.
struct Desk {
    private let slots: [String: Int]
    private var holders: [String: String] = [:]
    private var counts: [String: Int] = [:]

    /// - Parameter slots: of each agent.
    init(slots: [String: Int]) { self.slots = slots }

    /// What is wrong with an event after those before it; nil: nothing.
    mutating func take(_ seen: Seen) -> String? {
        guard let contact = seen.contact else { return nil }
        switch seen.kind {
        case .offerMade:
            guard let agent = seen.agent else { return "an offer of \(contact) is nobody's" }
            if let holder = holders[contact] { return "\(contact) is offered to \(agent) while \(holder) has it" }
            holders[contact] = agent
            counts[agent, default: 0] += 1
            guard let most = slots[agent], let count = counts[agent], count > most else { return nil }
            return "\(agent) has \(count) contacts and \(most) slots at position \(seen.position)"
        case .offerAccepted:
            guard let agent = seen.agent, holders[contact] == agent else {
                return "\(contact) was accepted by \(seen.agent ?? "nobody") and was \(holders[contact] ?? "nobody")'s"
            }
            return nil
        case .offerEnded, .contactQueued, .contactClosed:
            guard let holder = holders.removeValue(forKey: contact) else { return nil }
            counts[holder, default: 0] -= 1
            return nil
        case .message, .ack, .clockBreached, .other: return nil
        }
    }
}
