// Finding the contact that is served first, and its agent.
extension Router {
    /// The next match, or nil when there is none; then everything has been looked at.
    package mutating func pick(at now: Timestamp) -> Pick? {
        var best = Head.none
        tied.removeAll(keepingCapacity: true)
        gatherCandidates()
        for place in candidates.words.indices {
            var rest = candidates.words[place]
            while rest != 0 {
                let row = place << 6 + rest.trailingZeroBitCount
                rest &= rest - 1
                contend(heads[row], &best, at: now)
                if declinedCount > 0, declinedRows[row] { contend(declinedIn: Int(rowGroups[row]), &best, at: now) }
            }
        }
        contendReserved(&best, at: now)
        guard best.node >= 0 else {
            lookedAtAll()
            return nil
        }
        if !tied.isEmpty { best.node = preferredByAgent(among: best.node) }
        guard let member = bestMember(for: Int(best.node)) else {
            preconditionFailure("a line with somebody free has nobody to take its first")
        }
        let node = Int(best.node)
        return Pick(
            node: best.node, member: member, contact: waiting.nodes[node].contact,
            agent: staff.members[Int(member)].id, trigger: waiting.nodes[node].round == round ? .contact : .agent)
    }

    /// Rows that somebody joined and rows of profiles in which somebody got room, as far as both sides are there.
    private mutating func gatherCandidates() {
        candidates.widen(to: wants.stride)
        candidates.removeAll()
        var kept = 0
        for supply in dirtySupplies {
            if gather(from: Int(supply)) {
                dirtySupplies[kept] = supply
                kept += 1
            } else {
                staff.mark(supply: supply, false)
            }
        }
        dirtySupplies.removeLast(dirtySupplies.count - kept)
        kept = 0
        for row in dirtyRows {
            if isServable(row: Int(row)) {
                candidates[Int(row)] = true
                dirtyRows[kept] = row
                kept += 1
            } else {
                rowIsDirty[Int(row)] = false
            }
        }
        dirtyRows.removeLast(dirtyRows.count - kept)
    }

    private mutating func gather(from supply: Int) -> Bool {
        var any = false
        var channels = staff.openings[supply].rawValue
        while channels != 0 {
            let channel = channels.trailingZeroBitCount
            channels &= channels - 1
            if candidates.add(wants, supply, open, channel) { any = true }
        }
        return any
    }

    private func isServable(row: Int) -> Bool {
        let group = Int(rowGroups[row])
        guard !waiting.groups[group].isEmpty else { return false }
        return takers.meets(row, staff.free, Int(waiting.groups[group].ask.channel.rawValue))
    }

    private mutating func lookedAtAll() {
        for supply in dirtySupplies { staff.mark(supply: supply, false) }
        for row in dirtyRows { rowIsDirty[Int(row)] = false }
        for group in dirtyGroups { groupIsDirty[Int(group)] = false }
        for member in dirtyMembers {
            staff.mark(member: member, false)
            staff.releaseMember(member)
        }
        dirtySupplies.removeAll(keepingCapacity: true)
        dirtyRows.removeAll(keepingCapacity: true)
        dirtyGroups.removeAll(keepingCapacity: true)
        dirtyMembers.removeAll(keepingCapacity: true)
        round += 1
    }
}

// Which contact.
extension Router {
    /// -1 before, 0 tied but for the agent's order of queues and the identifier, 1 after.
    @inline(__always)
    static func compare(_ one: Head, _ other: Head, at now: Timestamp) -> Int {
        if one.priority != other.priority { return one.priority < other.priority ? -1 : 1 }
        if one.rate == other.rate {
            if one.virtual != other.virtual { return one.virtual < other.virtual ? -1 : 1 }
        } else {
            let left = (Int128(now.milliseconds) - Int128(one.virtual)) * Int128(one.rate)
            let right = (Int128(now.milliseconds) - Int128(other.virtual)) * Int128(other.rate)
            if left != right { return left > right ? -1 : 1 }
        }
        let left = ContactID(raw: one.sequence).time
        let right = ContactID(raw: other.sequence).time
        return left == right ? 0 : left < right ? -1 : 1
    }

    @inline(__always)
    private mutating func contend(_ head: Head, _ best: inout Head, at now: Timestamp) {
        if head.node < 0 { return }
        if best.node < 0 {
            best = head
            return
        }
        let order = Self.compare(head, best, at: now)
        if order > 0 { return }
        if order < 0 {
            if !tied.isEmpty { tied.removeAll(keepingCapacity: true) }
            best = head
            return
        }
        if tied.isEmpty { tied.append(best) }
        tied.append(head)
        if head.sequence < best.sequence { best = head }
    }

    /// Of those that somebody declined, the first that has an agent all the same.
    private mutating func contend(declinedIn group: Int, _ best: inout Head, at now: Timestamp) {
        for place in waiting.groups[group].declined.indices {
            let node = Int(waiting.groups[group].declined[place])
            let head = head(of: node)
            if best.node >= 0, Self.compare(head, best, at: now) > 0 { return }
            if bestMember(for: node) != nil {
                contend(head, &best, at: now)
                return
            }
        }
    }

    private func head(of node: Int) -> Head {
        let order = waiting.nodes[node].order
        let queue = Int(waiting.groups[Int(waiting.nodes[node].group)].queue)
        return Head(
            virtual: order.virtual, sequence: order.sequence, rate: waiting.queues[queue].rate, node: Int32(node),
            priority: order.priority)
    }

    /// Contacts that prefer agents: those that came, and those whose agents got room.
    private mutating func contendReserved(_ best: inout Head, at now: Timestamp) {
        if dirtyGroups.isEmpty, dirtyMembers.isEmpty { return }
        var kept = 0
        for place in dirtyGroups.indices {
            let group = dirtyGroups[place]
            if contend(reserved: Int(group), &best, at: now) {
                dirtyGroups[kept] = group
                kept += 1
            } else {
                groupIsDirty[Int(group)] = false
            }
        }
        dirtyGroups.removeLast(dirtyGroups.count - kept)
        for member in dirtyMembers {
            for group in staff.members[Int(member)].reserved where !groupIsDirty[Int(group)] {
                _ = contend(reserved: Int(group), &best, at: now)
            }
        }
    }

    private mutating func contend(reserved group: Int, _ best: inout Head, at now: Timestamp) -> Bool {
        // The number may have been taken over by a line with a row, which is looked at as such.
        guard waiting.groups[group].row < 0, !waiting.groups[group].isEmpty else { return false }
        var found = false
        if let first = waiting.groups[group].line.first, bestMember(for: Int(first.handle)) != nil {
            contend(head(of: Int(first.handle)), &best, at: now)
            found = true
        }
        for node in waiting.groups[group].declined where bestMember(for: Int(node)) != nil {
            contend(head(of: Int(node)), &best, at: now)
            return true
        }
        return found
    }

    /// Among contacts that are equal but for their identifiers, the one whose queue the agent of the first prefers.
    private mutating func preferredByAgent(among first: Int32) -> Int32 {
        guard let member = bestMember(for: Int(first)) else { return first }
        var chosen = first
        var chosenRank = rank(of: Int(first), for: member)
        for head in tied where head.node != first && takes(member, Int(head.node)) {
            let rank = rank(of: Int(head.node), for: member)
            let isBefore = waiting.nodes[Int(head.node)].order.sequence < waiting.nodes[Int(chosen)].order.sequence
            if rank < chosenRank || (rank == chosenRank && isBefore) {
                chosen = head.node
                chosenRank = rank
            }
        }
        return chosen
    }

    /// The best place, in the agent's list of queues, of those whose agents may take the contact.
    private func rank(of node: Int, for member: Int32) -> Int {
        let pools = waiting.groups[Int(waiting.nodes[node].group)].ask.requirement.pools
        let queues = staff.supplies[Int(staff.members[Int(member)].supply)].profile.queues
        return queues.firstIndex { pools.contains($0) } ?? queues.count
    }
}

// Which agent.
extension Router {
    /// Nil: nobody who may take it is free.
    mutating func bestMember(for node: Int) -> Int32? {
        let group = Int(waiting.nodes[node].group)
        let row = Int(waiting.groups[group].row)
        return row < 0 ? bestPreferred(for: node, in: group) : bestOfRow(row, for: node, in: group)
    }

    private mutating func bestOfRow(_ row: Int, for node: Int, in group: Int) -> Int32? {
        let channel = waiting.groups[group].ask.channel
        let strategy = waiting.queues[Int(waiting.groups[group].queue)].strategy
        let ordering = Ordering(strategy)
        let kind = StaffIndex.kind(channel, ordering)
        let isDeclined = !waiting.nodes[node].declines.isEmpty
        var best: Seat?
        var bestScore: Int64 = 0
        for place in 0..<min(takers.stride, staff.free.stride) {
            var rest = takers.word(row, place) & staff.free.word(Int(channel.rawValue), place)
            while rest != 0 {
                let supply = place << 6 + rest.trailingZeroBitCount
                rest &= rest - 1
                var line = staff.line(supply, kind)
                if line < 0 { line = staff.makeLine(supply, channel, ordering) }
                let found =
                    isDeclined ? first(in: line, declining: waiting.nodes[node].declines) : staff.lines[line].first
                guard let seat = found else { continue }
                let score = strategy == .mostSkilled ? score(of: supply, for: group) : 0
                if let last = best, score < bestScore || (score == bestScore && last.precedes(seat)) { continue }
                best = seat
                bestScore = score
            }
        }
        return best?.handle
    }

    private func bestPreferred(for node: Int, in group: Int) -> Int32? {
        let strategy = waiting.queues[Int(waiting.groups[group].queue)].strategy
        var best: (member: Int32, score: Int64, seat: Seat)?
        for place in waiting.groups[group].ask.requirement.preferred.indices {
            let id = waiting.groups[group].ask.requirement.preferred[place]
            guard let member = staff.member(id), takes(member, node) else { continue }
            let seat = staff.seat(Int(member), Ordering(strategy))
            let supply = Int(staff.members[Int(member)].supply)
            let score = strategy == .mostSkilled ? score(of: supply, for: group) : 0
            if let last = best, score < last.score || (score == last.score && last.seat.precedes(seat)) { continue }
            best = (member, score, seat)
        }
        return best?.member
    }

    func score(of supply: Int, for group: Int) -> Int64 {
        staff.supplies[supply].profile.skills.score(waiting.groups[group].ask.requirement.skills)
    }

    /// Whether the agent may take the contact now.
    func takes(_ member: Int32, _ node: Int) -> Bool {
        let supply = Int(staff.members[Int(member)].supply)
        let group = Int(waiting.nodes[node].group)
        guard supply >= 0, staff.members[Int(member)].standing.free.contains(waiting.groups[group].ask.channel) else {
            return false
        }
        let id = staff.members[Int(member)].id
        guard !waiting.nodes[node].declines.contains(id) else { return false }
        let row = Int(waiting.groups[group].row)
        if row >= 0 { return takers[row, supply] }
        let requirement = waiting.groups[group].ask.requirement
        guard requirement.preferred.contains(id) else { return false }
        let queues = staff.supplies[supply].profile.queues
        guard requirement.pools.isEmpty || requirement.pools.contains(where: { queues.contains($0) }) else {
            return false
        }
        return staff.supplies[supply].profile.skills.meet(requirement.skills)
    }

    /// The first of a line who has not declined; below one who comes after the best found nobody is looked at.
    private func first(in line: Int, declining declines: [AgentID]) -> Seat? {
        var best: Seat?
        staff.lines[line].descend { seat in
            if let last = best, last.precedes(seat) { return false }
            if declines.contains(AgentID(raw: seat.id)) { return true }
            best = seat
            return false
        }
        return best
    }
}
