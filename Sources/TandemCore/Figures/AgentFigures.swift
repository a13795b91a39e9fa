/// What one agent did in a stretch of time. Sums only: two stretches, or two agents, add up.
package struct AgentFigures: Hashable, Sendable {
    package var handling = HandleCounts()
    package var offers = OfferCounts()
    /// With at least one contact in hand: connected, held or wrapping.
    package var busy = Milliseconds.zero
    /// Available with empty hands.
    package var idle = Milliseconds.zero
    package var onBreak = Milliseconds.zero
    package var notResponding = Milliseconds.zero
    package var offline = Milliseconds.zero
    /// Slot time in use, each slot by its channel's weight: milliseconds × thousandths.
    package var slotTimeUsed: Int64 = 0
    /// Slot time there was while he was available or had a contact in hand, in the same unit.
    package var slotTimeOffered: Int64 = 0
    package init() {}

    /// Wall: time with a contact ÷ (that + available and idle).
    package var occupancy: Fraction { Fraction(busy.count, of: (busy + idle).count) }
    /// Weighted: slot time used ÷ slot time offered.
    package var weightedOccupancy: Fraction { Fraction(slotTimeUsed, of: slotTimeOffered) }

    /// Not inlined: in a loop its saturating sums cost the optimiser minutes.
    @inline(never)
    package mutating func add(_ other: AgentFigures) {
        handling.add(other.handling)
        offers.add(other.offers)
        busy = busy + other.busy
        idle = idle + other.idle
        onBreak = onBreak + other.onBreak
        notResponding = notResponding + other.notResponding
        offline = offline + other.offline
        slotTimeUsed = slotTimeUsed.addingSaturated(other.slotTimeUsed)
        slotTimeOffered = slotTimeOffered.addingSaturated(other.slotTimeOffered)
    }

    /// Adds a stretch in which nothing about the agent changed.
    mutating func pass(_ time: Milliseconds, as agent: Agent) {
        guard time > .zero else { return }
        var used: Int64 = 0
        var isBusy = false
        for assignment in agent.assignments {
            switch assignment.state {
            case .offered: break  // It rings; nobody works on it yet.
            case .busy, .wrapping:
                isBusy = true
                used += Int64(agent.profile.rule(for: assignment.channel).weight)
            }
        }
        if isBusy { busy = busy + time }
        switch agent.presence {
        case .available: if !isBusy { idle = idle + time }
        case .onBreak: onBreak = onBreak + time
        case .notResponding: notResponding = notResponding + time
        case .offline: offline = offline + time
        case .loggedOut: break
        }
        guard isBusy || agent.presence == .available else { return }
        let offered = agent.profile.channels.reduce(0) { $0 + Int64($1.slots) * Int64($1.weight) }
        slotTimeUsed = slotTimeUsed.addingSaturated(used.multipliedSaturated(by: time.count))
        slotTimeOffered = slotTimeOffered.addingSaturated(offered.multipliedSaturated(by: time.count))
    }
}
