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
        var total: Int32 = 0
        var loggedOut: Int32 = 0
        var available: Int32 = 0
        var ready: Int32 = 0
        var free = SIMD8<Int32>()
        var full = SIMD8<Int32>()
        var blocked = SIMD8<Int32>()
    }

    /// The agents of one profile.
    struct Supply: Sendable {
        var profile: Profile
        var members: [Int32] = []
        var isDirty = false
    }

    /// Kinds of lines a supply can have: by channel and ordering.
    static let lineKinds = 32

    private(set) var members: [Member] = []
    private var freeMembers: [Int32] = []
    private var memberOf: [AgentID: Int32] = [:]

    private(set) var supplies: [Supply] = []
    private(set) var counts: [Counts] = []
    private var freeSupplies: [Int32] = []
    private var supplyOf: [Profile: Int32] = [:]

    /// Those of a supply with room on a channel, by an ordering; made when first asked for.
    private(set) var lines: [IndexedHeap<Seat>] = []
    private var freeLines: [Int32] = []
    private var lineOf: [Int32] = []
    /// Per kind, each member's place in its supply's line.
    private var places = [[Int32]](repeating: [], count: StaffIndex.lineKinds)

    /// Per channel, the supplies with anybody free.
    private(set) var free = [BitSet](repeating: BitSet(), count: 8)

    func member(_ id: AgentID) -> Int32? { memberOf[id] }
    func supply(_ profile: Profile) -> Int32? { supplyOf[profile] }

    mutating func ensureMember(_ id: AgentID) -> Int32 {
        if let number = memberOf[id] { return number }
        let number: Int32
        if let reused = freeMembers.popLast() {
            members[Int(reused)] = Member(id: id)
            number = reused
        } else {
            members.append(Member(id: id))
            for kind in places.indices where !places[kind].isEmpty { places[kind].append(-1) }
            number = Int32(members.count - 1)
        }
        memberOf[id] = number
        return number
    }

    /// Forgets who is neither in the records nor preferred.
    mutating func releaseMember(_ number: Int32) {
        let member = members[Int(number)]
        guard member.supply < 0, member.reserved.isEmpty, !member.isDirty else { return }
        memberOf[member.id] = nil
        freeMembers.append(number)
    }

    mutating func reserve(_ group: Int32, for number: Int32) { members[Int(number)].reserved.append(group) }

    mutating func unreserve(_ group: Int32, for number: Int32) {
        members[Int(number)].reserved.removeAll { $0 == group }
        releaseMember(number)
    }

    mutating func mark(member number: Int32, _ dirty: Bool) { members[Int(number)].isDirty = dirty }
    mutating func mark(supply number: Int32, _ dirty: Bool) { supplies[Int(number)].isDirty = dirty }

    mutating func makeSupply(_ profile: Profile) -> Int32 {
        let number: Int32
        if let reused = freeSupplies.popLast() {
            supplies[Int(reused)] = Supply(profile: profile)
            number = reused
        } else {
            supplies.append(Supply(profile: profile))
            counts.append(Counts())
            lineOf.append(contentsOf: repeatElement(-1, count: Self.lineKinds))
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
        counts[Int(supply)].total += 1
        counts[Int(supply)].loggedOut += 1
        change(number, to: standing)
    }

    mutating func leave(_ number: Int32) {
        let absent = Member(id: members[Int(number)].id).standing
        change(number, to: absent)
        let supply = Int(members[Int(number)].supply)
        counts[supply].total -= 1
        counts[supply].loggedOut -= 1
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
        counts[supply].add(old, by: -1)
        counts[supply].add(new, by: 1)
        if old.free != new.free {
            for channel in Channel.allCases where old.free.contains(channel) != new.free.contains(channel) {
                let any = counts[supply].free[Int(channel.rawValue)] > 0
                free[Int(channel.rawValue)][supply] = any
            }
        }
        for channel in Channel.allCases where old.free.contains(channel) || new.free.contains(channel) {
            for ordering in Ordering.allCases {
                let kind = Self.kind(channel, ordering)
                let line = line(supply, kind)
                guard line >= 0 else { continue }
                if !old.free.contains(channel) {
                    lines[line].insert(seat(Int(number), ordering), places: &places[kind])
                } else if !new.free.contains(channel) {
                    lines[line].remove(at: Int(places[kind][Int(number)]), places: &places[kind])
                } else if old.rank(by: ordering) != new.rank(by: ordering) || old.idleSince != new.idleSince {
                    let place = Int(places[kind][Int(number)])
                    lines[line].replace(at: place, with: seat(Int(number), ordering), places: &places[kind])
                }
            }
        }
    }
}

extension StaffIndex.Counts {
    mutating func add(_ standing: AgentStanding, by step: Int32) {
        switch standing.presence {
        case .loggedOut: loggedOut += step
        case .away: break
        case .available:
            available += step
            if standing.isReady { ready += step }
            free &+= standing.free.lanes(step)
            full &+= standing.full.lanes(step)
            blocked &+= standing.blocked.lanes(step)
        }
    }
}

extension ChannelSet {
    /// `value` in the lane of each channel that is in the set.
    @inline(__always)
    func lanes(_ value: Int32) -> SIMD8<Int32> {
        let bits = SIMD8<Int32>(1, 2, 4, 8, 16, 32, 64, 128) & SIMD8(repeating: Int32(rawValue))
        return SIMD8(repeating: 0).replacing(with: value, where: bits .!= 0)
    }
}
