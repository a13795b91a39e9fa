// Lines and profiles come and go; who fits whom is kept in tables of bits.
extension Router {
    /// Empty lines and profiles that are kept at most, beside as many as are in use.
    static let emptyKept = 256

    mutating func group(for ask: WaitingIndex.Ask) -> Int32 {
        if let group = waiting.group(ask) { return group }
        guard ask.requirement.preferred.isEmpty else { return makeReserved(ask) }
        let row = makeRow()
        let group = waiting.makeGroup(ask, row: row)
        rowGroups[Int(row)] = group
        emptyRows += 1
        fill(row: Int(row), for: ask.requirement)
        refresh(row: row)
        return group
    }

    mutating func supply(for profile: StaffIndex.Profile) -> Int32 {
        if let supply = staff.supply(profile) { return supply }
        if emptySupplies > Self.emptyKept + staff.supplies.count / 2 { sweepSupplies() }
        let supply = staff.makeSupply(profile)
        emptySupplies += 1
        reserve()
        for queue in profile.queues {
            let number = Int(waiting.ensureQueue(queue))
            waiting.queues[number].serving[Int(supply)] = true
        }
        for row in rowGroups.indices where rowGroups[row] >= 0 {
            let requirement = waiting.groups[Int(rowGroups[row])].ask.requirement
            guard requirement.pools.contains(where: { profile.queues.contains($0) }) else { continue }
            fit(row: row, supply: Int(supply), skills: requirement.skills)
        }
        return supply
    }

    /// Who comes first in the row's line has changed, or its weight.
    mutating func refresh(row: Int32) {
        let group = Int(rowGroups[Int(row)])
        let number = Int(waiting.groups[group].queue)
        let channel = Int(waiting.groups[group].ask.channel.rawValue)
        if let first = waiting.groups[group].line.first {
            heads[Int(row)] = Head(
                virtual: first.virtual, sequence: first.sequence, rate: waiting.queues[number].rate,
                node: first.handle, priority: first.priority)
        } else {
            heads[Int(row)] = .none
        }
        let isOpen = !waiting.groups[group].isEmpty
        if open[channel, Int(row)] != isOpen { open[channel, Int(row)] = isOpen }
        let isDeclined = !waiting.groups[group].declined.isEmpty
        if declinedRows[Int(row)] != isDeclined {
            declinedRows[Int(row)] = isDeclined
            declinedCount += isDeclined ? 1 : -1
        }
    }

    mutating func release(reserved group: Int32) {
        let preferred = waiting.groups[Int(group)].ask.requirement.preferred
        for agent in preferred {
            if let member = staff.member(agent) { staff.unreserve(group, for: member) }
        }
        waiting.releaseGroup(group)
    }

    private mutating func makeReserved(_ ask: WaitingIndex.Ask) -> Int32 {
        let group = waiting.makeGroup(ask, row: -1)
        var seen: [AgentID] = []
        for agent in ask.requirement.preferred where !seen.contains(agent) {
            seen.append(agent)
            staff.reserve(group, for: staff.ensureMember(agent))
        }
        return group
    }

    private mutating func makeRow() -> Int32 {
        if emptyRows > Self.emptyKept + rowGroups.count / 2 { sweepRows() }
        if let row = freeRows.popLast() { return row }
        rowGroups.append(-1)
        rowIsDirty.append(false)
        heads.append(.none)
        reserve()
        return Int32(rowGroups.count - 1)
    }

    private mutating func reserve() {
        pools.reserve(rows: rowGroups.count, columns: staff.supplies.count)
        takers.reserve(rows: rowGroups.count, columns: staff.supplies.count)
        wants.reserve(rows: staff.supplies.count, columns: rowGroups.count)
        open.reserve(rows: StaffIndex.Counts.lanes, columns: rowGroups.count)
    }

    private mutating func fill(row: Int, for requirement: Requirement) {
        let serving = serving(requirement.pools)
        serving.forEach { fit(row: row, supply: $0, skills: requirement.skills) }
    }

    private mutating func fit(row: Int, supply: Int, skills: [SkillLevel]) {
        pools[row, supply] = true
        guard staff.supplies[supply].profile.skills.meet(skills) else { return }
        takers[row, supply] = true
        wants[supply, row] = true
    }

    /// The supplies that serve any of these queues.
    func serving(_ pools: [QueueID]) -> BitSet {
        var found = BitSet()
        for pool in pools {
            guard let number = waiting.queue(pool) else { continue }
            let words = waiting.queues[Int(number)].serving.words
            found.widen(to: words.count)
            for place in words.indices { found.add(words[place], at: place) }
        }
        return found
    }

    private mutating func sweepRows() {
        for row in rowGroups.indices where rowGroups[row] >= 0 && !rowIsDirty[row] {
            guard waiting.groups[Int(rowGroups[row])].isEmpty else { continue }
            for supply in staff.supplies.indices { wants[supply, row] = false }
            pools.clear(row: row)
            takers.clear(row: row)
            waiting.releaseGroup(rowGroups[row])
            rowGroups[row] = -1
            freeRows.append(Int32(row))
            emptyRows -= 1
        }
    }

    private mutating func sweepSupplies() {
        for supply in staff.supplies.indices where staff.supplies[supply].members.isEmpty {
            guard !staff.supplies[supply].isDirty, staff.supply(staff.supplies[supply].profile) == Int32(supply) else {
                continue
            }
            for row in rowGroups.indices {
                pools[row, supply] = false
                takers[row, supply] = false
            }
            wants.clear(row: supply)
            for queue in staff.supplies[supply].profile.queues {
                if let number = waiting.queue(queue) { waiting.queues[Int(number)].serving[supply] = false }
            }
            staff.releaseSupply(Int32(supply))
            emptySupplies -= 1
        }
    }
}

extension [SkillLevel] {
    /// Both sorted by skill: each asked level is reached.
    func meet(_ asked: [SkillLevel]) -> Bool {
        var place = startIndex
        for need in asked {
            while place < endIndex, self[place].skill < need.skill { place += 1 }
            guard place < endIndex, self[place].skill == need.skill, self[place].level >= need.level else {
                return false
            }
        }
        return true
    }

    /// The sum of the levels that answer what is asked: what `mostSkilled` compares.
    func score(_ asked: [SkillLevel]) -> Int64 {
        var place = startIndex
        var sum: Int64 = 0
        for need in asked {
            while place < endIndex, self[place].skill < need.skill { place += 1 }
            if place < endIndex, self[place].skill == need.skill { sum += Int64(self[place].level) }
        }
        return sum
    }
}
