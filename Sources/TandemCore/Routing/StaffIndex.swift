/// Who could be given a contact, by profile: agents of the same queues and skills are counted and sorted together.
struct StaffIndex: Sendable {
    struct Profile: Hashable, Sendable {
        /// Most preferred first.
        var queues: [QueueID]
        var skills: [SkillLevel]
    }

    struct Member: Sendable {
        var id: AgentID
        /// -1: not in the records, but preferred by somebody who waits.
        var supply: Int32 = -1
        /// Its place in `Supply.members`.
        var place: Int32 = -1
        var standing = AgentStanding(
            presence: .loggedOut, free: [], isReady: false, idleSince: Timestamp(milliseconds: 0))
        /// Groups of contacts that prefer him.
        var reserved: [Int32] = []
        var isDirty = false
    }

    /// How many of a profile's agents are where.
    struct Counts: Sendable {
        static let kinds = 32
        /// Numbers of each of the last three; channels have the first seven.
        static let lanes = 8
        static let total = 0
        static let loggedOut = 1
        static let available = 2
        static let ready = 3
        /// The first channel's; the others follow.
        static let free = 8
        static let full = 16
        static let blocked = 24
    }

    /// How many agents there are, and how many of them are logged out or available.
    struct Presences: Sendable {
        var total: Int32 = 0
        var loggedOut: Int32 = 0
        var available: Int32 = 0

        static func += (left: inout Self, right: Self) {
            left.total += right.total
            left.loggedOut += right.loggedOut
            left.available += right.available
        }
    }

    /// The agents of one profile.
    struct Supply: Sendable {
        var profile: Profile
        /// The places of its queues in `pools`.
        var pools: [Int32]
        var members: [Int32] = []
        var isDirty = false
    }

    /// Kinds of lines a supply can have: by channel and ordering.
    static let lineKinds = 32

    private(set) var members: [Member] = []
    private var freeMembers: [Int32] = []
    private var memberOf = NumberTable()

    private(set) var supplies: [Supply] = []
    /// `Counts.kinds` for each supply.
    private(set) var counts: [Int32] = []
    private var freeSupplies: [Int32] = []
    private var supplyOf: [Profile: Int32] = [:]

    /// Who serves a queue, so that a decision need not ask each profile.
    private var pools: [Presences] = []
    private var poolOf = NumberTable()

    /// Those of a supply with room on a channel, by an ordering; made when first asked for.
    private(set) var lines: [IndexedHeap<Seat>] = []
    private var freeLines: [Int32] = []
    private var lineOf: [Int32] = []
    /// Per kind, each member's place in its supply's line.
    private var places = [[Int32]](repeating: [], count: StaffIndex.lineKinds)

    /// By channel: the supplies with anybody free; and by supply: the channels on which anybody is.
    private(set) var free = BitRows(rows: Counts.lanes)
    private(set) var openings: [ChannelSet] = []

    func member(_ id: AgentID) -> Int32? { memberOf[id.raw] }
    func supply(_ profile: Profile) -> Int32? { supplyOf[profile] }

    mutating func ensureMember(_ id: AgentID) -> Int32 {
        if let number = memberOf[id.raw] { return number }
        let number: Int32
        if let reused = freeMembers.popLast() {
            members[Int(reused)] = Member(id: id)
            number = reused
        } else {
            members.append(Member(id: id))
            for kind in places.indices where !places[kind].isEmpty { places[kind].append(-1) }
            number = Int32(members.count - 1)
        }
        memberOf[id.raw] = number
        return number
    }

    /// Forgets who is neither in the records nor preferred.
    mutating func releaseMember(_ number: Int32) {
        let member = members[Int(number)]
        guard member.supply < 0, member.reserved.isEmpty, !member.isDirty else { return }
        memberOf[member.id.raw] = nil
        freeMembers.append(number)
    }

    mutating func reserve(_ group: Int32, for number: Int32) { members[Int(number)].reserved.append(group) }

    mutating func unreserve(_ group: Int32, for number: Int32) {
        members[Int(number)].reserved.removeAll { $0 == group }
        releaseMember(number)
    }

    mutating func mark(member number: Int32, _ dirty: Bool) { members[Int(number)].isDirty = dirty }
    mutating func mark(supply number: Int32, _ dirty: Bool) { supplies[Int(number)].isDirty = dirty }

    /// Those who serve a queue.
    func presences(in queue: QueueID) -> Presences { poolOf[queue.raw].map { pools[Int($0)] } ?? Presences() }

    /// Those of a profile.
    @inline(__always)
    func presences(of supply: Int) -> Presences {
        let base = supply * Counts.kinds
        return Presences(
            total: counts[base + Counts.total], loggedOut: counts[base + Counts.loggedOut],
            available: counts[base + Counts.available])
    }

    private mutating func pool(_ queue: QueueID) -> Int32 {
        if let number = poolOf[queue.raw] { return number }
        let number = Int32(pools.count)
        pools.append(Presences())
        poolOf[queue.raw] = number
        return number
    }

    mutating func makeSupply(_ profile: Profile) -> Int32 {
        var pools: [Int32] = []
        for queue in profile.queues {
            let number = pool(queue)
            if !pools.contains(number) { pools.append(number) }
        }
        let number: Int32
        if let reused = freeSupplies.popLast() {
            supplies[Int(reused)] = Supply(profile: profile, pools: pools)
            number = reused
        } else {
            supplies.append(Supply(profile: profile, pools: pools))
            counts.append(contentsOf: repeatElement(0, count: Counts.kinds))
            lineOf.append(contentsOf: repeatElement(-1, count: Self.lineKinds))
            openings.append([])
            free.reserve(rows: Counts.lanes, columns: supplies.count)
            number = Int32(supplies.count - 1)
        }
        supplyOf[profile] = number
        return number
    }

    /// An empty supply's number may be used again.
    mutating func releaseSupply(_ number: Int32) {
        supplyOf[supplies[Int(number)].profile] = nil
        freeSupplies.append(number)
        for kind in 0..<Self.lineKinds {
            let place = Int(number) * Self.lineKinds + kind
            if lineOf[place] >= 0 { freeLines.append(lineOf[place]) }
            lineOf[place] = -1
        }
    }

    static func kind(_ channel: Channel, _ ordering: Ordering) -> Int {
        Int(channel.rawValue) * 4 + Int(ordering.rawValue)
    }

    /// The line of a supply; -1: never asked for.
    @inline(__always)
    func line(_ supply: Int, _ kind: Int) -> Int { Int(lineOf[supply * Self.lineKinds + kind]) }

    mutating func makeLine(_ supply: Int, _ channel: Channel, _ ordering: Ordering) -> Int {
        let kind = Self.kind(channel, ordering)
        if places[kind].isEmpty { places[kind] = [Int32](repeating: -1, count: members.count) }
        let line: Int
        if let reused = freeLines.popLast() {
            line = Int(reused)
        } else {
            lines.append(IndexedHeap())
            line = lines.count - 1
        }
        lineOf[supply * Self.lineKinds + kind] = Int32(line)
        for number in supplies[supply].members where members[Int(number)].standing.free.contains(channel) {
            lines[line].insert(seat(Int(number), ordering), places: &places[kind])
        }
        return line
    }

    @inline(__always)
    func seat(_ number: Int, _ ordering: Ordering) -> Seat {
        let standing = members[number].standing
        return Seat(
            rank: standing.rank(by: ordering), idleSince: standing.idleSince.milliseconds, id: members[number].id.raw,
            handle: Int32(truncatingIfNeeded: number))
    }
}

// Agents come, go and change.
extension StaffIndex {
    mutating func join(_ number: Int32, supply: Int32, _ standing: AgentStanding) {
        members[Int(number)].supply = supply
        members[Int(number)].place = Int32(supplies[Int(supply)].members.count)
        supplies[Int(supply)].members.append(number)
        count(Presences(total: 1, loggedOut: 1), in: Int(supply))
        change(number, to: standing)
    }

    mutating func leave(_ number: Int32) {
        let absent = Member(id: members[Int(number)].id).standing
        change(number, to: absent)
        let supply = Int(members[Int(number)].supply)
        count(Presences(total: -1, loggedOut: -1), in: supply)
        let place = Int(members[Int(number)].place)
        let last = supplies[supply].members.removeLast()
        if last != number {
            supplies[supply].members[place] = last
            members[Int(last)].place = Int32(place)
        }
        members[Int(number)].supply = -1
        members[Int(number)].place = -1
    }

    mutating func change(_ number: Int32, to new: AgentStanding) {
        let old = members[Int(number)].standing
        let supply = Int(members[Int(number)].supply)
        members[Int(number)].standing = new
        if old.presence != new.presence {
            var change = Presences()
            change.add(old.presence, -1)
            change.add(new.presence, 1)
            count(change, in: supply)
        }
        count(from: old, to: new, at: supply * Counts.kinds)
        var rest = UInt64((old.free.union(new.free)).rawValue)
        while rest != 0 {
            let channel = rest.trailingZeroBitCount
            rest &= rest - 1
            let was = old.free.rawValue & (1 << UInt8(channel)) != 0
            let isFree = new.free.rawValue & (1 << UInt8(channel)) != 0
            let anybody = counts[supply * Counts.kinds + Counts.free + channel] > 0
            if free[channel, supply] != anybody {
                free[channel, supply] = anybody
                openings[supply].formSymmetricDifference(ChannelSet(rawValue: 1 << UInt8(channel)))
            }
            move(Int(number), in: supply, channel, from: was ? old : nil, to: isFree ? new : nil)
        }
    }

    /// Takes the member's place in each of the supply's lines of a channel; nil: he has no room there.
    private mutating func move(
        _ number: Int, in supply: Int, _ channel: Int, from old: AgentStanding?, to new: AgentStanding?
    ) {
        move(number, in: supply, channel, .idle, from: old, to: new)
        move(number, in: supply, channel, .load, from: old, to: new)
        move(number, in: supply, channel, .handled, from: old, to: new)
        move(number, in: supply, channel, .lastOffer, from: old, to: new)
    }

    @inline(__always)
    private mutating func move(
        _ number: Int, in supply: Int, _ channel: Int, _ ordering: Ordering, from old: AgentStanding?,
        to new: AgentStanding?
    ) {
        let kind = channel << 2 + Int(ordering.rawValue)
        let line = line(supply, kind)
        if line < 0 { return }
        switch (old, new) {
        case (nil, nil): break
        case (nil, .some): lines[line].insert(seat(number, ordering), places: &places[kind])
        case (.some, nil): lines[line].remove(at: Int(places[kind][number]), places: &places[kind])
        case (let old?, let new?):
            if old.rank(by: ordering) == new.rank(by: ordering), old.idleSince == new.idleSince { return }
            let place = Int(places[kind][number])
            lines[line].replace(at: place, with: seat(number, ordering), places: &places[kind])
        }
    }

    private mutating func count(from old: AgentStanding, to new: AgentStanding, at base: Int) {
        if old.isReady != new.isReady { counts[base + Counts.ready] += new.isReady ? 1 : -1 }
        count(old.free, new.free, at: base + Counts.free)
        // Where he is not available nothing else counts.
        let wasThere = old.presence == .available
        let isThere = new.presence == .available
        count(wasThere ? old.full : [], isThere ? new.full : [], at: base + Counts.full)
        count(wasThere ? old.blocked : [], isThere ? new.blocked : [], at: base + Counts.blocked)
    }

    private mutating func count(_ change: Presences, in supply: Int) {
        counts[supply * Counts.kinds + Counts.total] += change.total
        counts[supply * Counts.kinds + Counts.loggedOut] += change.loggedOut
        counts[supply * Counts.kinds + Counts.available] += change.available
        for pool in supplies[supply].pools { pools[Int(pool)] += change }
    }

    @inline(__always)
    private mutating func count(_ old: ChannelSet, _ new: ChannelSet, at base: Int) {
        var rest = UInt64(old.rawValue ^ new.rawValue)
        while rest != 0 {
            let channel = rest.trailingZeroBitCount
            rest &= rest - 1
            counts[base + channel] += new.rawValue & (1 << UInt8(channel)) != 0 ? 1 : -1
        }
    }
}

extension StaffIndex.Presences {
    fileprivate mutating func add(_ presence: AgentStanding.Presence, _ count: Int32) {
        switch presence {
        case .loggedOut: loggedOut += count
        case .away: break  // What is left of the total.
        case .available: available += count
        }
    }
}
