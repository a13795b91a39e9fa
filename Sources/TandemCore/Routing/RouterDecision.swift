// Why this agent.
extension Router {
    private struct Contender {
        var score: Int64
        var seat: Seat
    }

    /// The best agents so far, best first.
    private struct Best {
        static let count = 5
        var contenders: [Contender] = []

        init() { contenders.reserveCapacity(Self.count + 1) }

        /// False: it is no better than the last of a full list.
        mutating func offer(_ seat: Seat, score: Int64) -> Bool {
            var place = contenders.count
            while place > 0 {
                let other = contenders[place - 1]
                if other.score > score || (other.score == score && other.seat.precedes(seat)) { break }
                place -= 1
            }
            guard place < Self.count else { return false }
            contenders.insert(Contender(score: score, seat: seat), at: place)
            if contenders.count > Self.count { contenders.removeLast() }
            return true
        }
    }

    /// The record of a pick that has not been applied yet.
    package func decision(
        _ pick: Pick, for state: Waiting, age: Milliseconds, at now: Timestamp
    ) -> RoutingDecision {
        let group = Int(waiting.nodes[Int(pick.node)].group)
        let strategy = waiting.queues[Int(waiting.groups[group].queue)].strategy
        var ruledOut = RoutingDecision.RuledOut()
        var eligible: UInt32 = 0
        var best = Best()
        if waiting.groups[group].row >= 0 {
            weighRow(Int(waiting.groups[group].row), pick, &ruledOut, &eligible, &best)
        } else {
            weighPreferred(pick, in: group, &ruledOut, &eligible, &best)
        }
        return RoutingDecision(
            trigger: pick.trigger, policy: state.policy, policyVersion: state.policyVersion, rule: state.rule,
            step: state.step, strategy: strategy, requirement: state.requirement, order: state.order, age: age,
            candidates: best.contenders.map { contender in
                RoutingDecision.Candidate(
                    agent: AgentID(raw: contender.seat.id), score: Self.measure(contender, by: strategy, at: now))
            },
            eligible: eligible, ruledOut: ruledOut)
    }

    /// A score as people read it; higher is better: milliseconds idle, minus the load in thousandths, the sum of the
    /// levels asked for, minus the contacts handled, milliseconds since the last offer.
    private static func measure(_ contender: Contender, by strategy: Strategy, at now: Timestamp) -> Int64 {
        switch strategy {
        case .longestIdle: now.milliseconds.subtractingSaturated(contender.seat.rank)
        case .leastOccupied, .leastContacts: -contender.seat.rank
        case .mostSkilled: contender.score
        case .roundRobin:
            now.milliseconds.subtractingSaturated(
                OfferID(raw: UInt64(contender.seat.rank) << 1).time.milliseconds)
        }
    }

    private func weighRow(
        _ row: Int, _ pick: Pick, _ ruledOut: inout RoutingDecision.RuledOut, _ eligible: inout UInt32,
        _ best: inout Best
    ) {
        let node = Int(pick.node)
        let group = Int(waiting.nodes[node].group)
        let channel = Int(waiting.groups[group].ask.channel.rawValue)
        let declines = waiting.nodes[node].declines
        let strategy = waiting.queues[Int(waiting.groups[group].queue)].strategy
        let kind = StaffIndex.kind(waiting.groups[group].ask.channel, Ordering(strategy))
        var filtered = Filtered()
        filtered.add(presences(in: row))
        for place in 0..<takers.stride {
            var rest = takers.word(row, place)
            while rest != 0 {
                let supply = place << 6 + rest.trailingZeroBitCount
                rest &= rest - 1
                filtered.admit(supply, of: staff, channel)
                guard staff.openings[supply].rawValue & (1 << UInt8(channel)) != 0 else { continue }
                let score = strategy == .mostSkilled ? score(of: supply, for: group) : 0
                // Made when the pick was found.
                staff.lines[staff.line(supply, kind)].descend { seat in
                    if !declines.isEmpty, declines.contains(AgentID(raw: seat.id)) { return true }
                    return best.offer(seat, score: score)
                }
            }
        }
        ruledOut = filtered.ruledOut
        for (place, agent) in declines.enumerated() where !declines[..<place].contains(agent) {
            guard let member = staff.member(agent), staff.members[Int(member)].supply >= 0 else { continue }
            let free = staff.members[Int(member)].standing.free
            guard takers[row, Int(staff.members[Int(member)].supply)] else { continue }
            if free.rawValue & (1 << UInt8(channel)) != 0 { ruledOut.declined += 1 }
        }
        eligible = UInt32(filtered.free) - ruledOut.declined
    }

    /// Everybody who serves one of the queues that a row asks.
    private func presences(in row: Int) -> StaffIndex.Presences {
        let queues = waiting.groups[Int(rowGroups[row])].ask.requirement.pools
        if queues.count == 1 { return staff.presences(in: queues[0]) }
        var sum = StaffIndex.Presences()
        for place in 0..<pools.stride {
            pools.word(row, place).forEachBit { sum += staff.presences(of: place << 6 + $0) }
        }
        return sum
    }

    private func weighPreferred(
        _ pick: Pick, in group: Int, _ ruledOut: inout RoutingDecision.RuledOut, _ eligible: inout UInt32,
        _ best: inout Best
    ) {
        let ask = waiting.groups[group].ask
        let channel = Int(ask.channel.rawValue)
        let strategy = waiting.queues[Int(waiting.groups[group].queue)].strategy
        var filtered = Filtered()
        serving(ask.requirement.pools).forEach { supply in
            let skilled = staff.supplies[supply].profile.skills.meet(ask.requirement.skills)
            filtered.add(staff.presences(of: supply))
            if skilled { filtered.admit(supply, of: staff, channel) }
        }
        var declined: UInt32 = 0
        var seen: [AgentID] = []
        for id in ask.requirement.preferred where !seen.contains(id) {
            seen.append(id)
            guard let member = staff.member(id), staff.members[Int(member)].supply >= 0 else { continue }
            let supply = Int(staff.members[Int(member)].supply)
            if ask.requirement.pools.isEmpty {
                let skilled = staff.supplies[supply].profile.skills.meet(ask.requirement.skills)
                filtered.add(staff.members[Int(member)].standing, ask.channel, skilled: skilled)
            }
            if takes(member, Int(pick.node)) {
                let score = strategy == .mostSkilled ? score(of: supply, for: group) : 0
                _ = best.offer(staff.seat(Int(member), Ordering(strategy)), score: score)
                eligible += 1
            } else if isDeclined(member, Int(pick.node)) {
                declined += 1
            }
        }
        ruledOut = filtered.ruledOut
        ruledOut.declined = declined
        ruledOut.notPreferred = UInt32(filtered.free) - eligible - declined
    }

    /// He might take it, had he not declined it.
    private func isDeclined(_ member: Int32, _ node: Int) -> Bool {
        let group = Int(waiting.nodes[node].group)
        let requirement = waiting.groups[group].ask.requirement
        let profile = staff.supplies[Int(staff.members[Int(member)].supply)].profile
        return waiting.nodes[node].declines.contains(staff.members[Int(member)].id)
            && staff.members[Int(member)].standing.free.contains(waiting.groups[group].ask.channel)
            && (requirement.pools.isEmpty || requirement.pools.contains { profile.queues.contains($0) })
            && profile.skills.meet(requirement.skills)
    }
}

/// Agents by the first filter that rules them out, and those that none does.
private struct Filtered {
    var loggedOut: Int32 = 0
    var notAvailable: Int32 = 0
    var skill: Int32 = 0
    var noSlot: Int32 = 0
    var blocked: Int32 = 0
    var free: Int32 = 0

    var ruledOut: RoutingDecision.RuledOut {
        var ruledOut = RoutingDecision.RuledOut()
        ruledOut.loggedOut = UInt32(loggedOut)
        ruledOut.notAvailable = UInt32(notAvailable)
        ruledOut.skill = UInt32(skill)
        ruledOut.noSlot = UInt32(noSlot)
        ruledOut.blocked = UInt32(blocked)
        return ruledOut
    }

    /// Agents who are asked, as if none of them had the skills.
    mutating func add(_ presences: StaffIndex.Presences) {
        loggedOut += presences.loggedOut
        notAvailable += presences.total - presences.loggedOut - presences.available
        skill += presences.available
    }

    /// Those of this profile among them have the skills.
    @inline(__always)
    mutating func admit(_ supply: Int, of staff: borrowing StaffIndex, _ channel: Int) {
        typealias Counts = StaffIndex.Counts
        let base = supply * Counts.kinds
        skill -= staff.counts[base + Counts.available]
        noSlot += staff.counts[base + Counts.full + channel]
        blocked += staff.counts[base + Counts.blocked + channel]
        free += staff.counts[base + Counts.free + channel]
    }

    /// One agent whose queues are not asked.
    mutating func add(_ standing: AgentStanding, _ channel: Channel, skilled: Bool) {
        switch standing.presence {
        case .loggedOut: loggedOut += 1
        case .away: notAvailable += 1
        case .available where !skilled: skill += 1
        case .available:
            if standing.full.contains(channel) { noSlot += 1 }
            if standing.blocked.contains(channel) { blocked += 1 }
            if standing.free.contains(channel) { free += 1 }
        }
    }
}
