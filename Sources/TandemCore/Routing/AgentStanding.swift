/// What routing needs of an agent's record: who he may serve, where he has room, and how each strategy ranks him.
package struct AgentStanding: Hashable, Sendable {
    package enum Presence: UInt8, Sendable {
        case loggedOut = 0, away, available
    }
    package var presence: Presence
    /// Channels of which one more contact fits; of those with no slot left, and of those another channel blocks.
    package var free: ChannelSet
    package var full: ChannelSet
    package var blocked: ChannelSet
    /// Present, and with less than a whole contact's share of him in use.
    package var isReady: Bool
    package var idleSince: Timestamp
    /// Weights of the slots in use, in thousandths.
    package var load: Int32
    package var handled: UInt32
    package var lastOffer: UInt64

    package init(
        presence: Presence, free: ChannelSet, full: ChannelSet = [], blocked: ChannelSet = [], isReady: Bool = true,
        idleSince: Timestamp, load: Int32 = 0, handled: UInt32 = 0, lastOffer: UInt64 = 0
    ) {
        self.presence = presence
        self.free = free
        self.full = full
        self.blocked = blocked
        self.isReady = isReady
        self.idleSince = idleSince
        self.load = load
        self.handled = handled
        self.lastOffer = lastOffer
    }

    package init(of agent: Agent) {
        presence =
            switch agent.presence {
            case .available: .available
            case .loggedOut: .loggedOut
            case .onBreak, .notResponding, .offline: .away
            }
        idleSince = agent.idleSince
        handled = agent.handled
        lastOffer = agent.lastOffer
        var used = SIMD8<Int32>()
        var blocks: ChannelSet = []
        var kept: Int32 = 0
        load = 0
        for assignment in agent.assignments {
            let rule = agent.profile.rule(for: assignment.channel)
            used[Int(assignment.channel.rawValue)] &+= 1
            load &+= Int32(rule.weight)
            if !rule.interruptible {
                blocks.formUnion(rule.blocks)
                kept &+= Int32(rule.weight)
            }
        }
        free = []
        full = []
        blocked = []
        for channel in Channel.allCases {
            if used[Int(channel.rawValue)] >= Int32(agent.profile.rule(for: channel).slots) {
                full.formUnion(ChannelSet(channel))
            } else if blocks.contains(channel) {
                blocked.formUnion(ChannelSet(channel))
            } else {
                free.formUnion(ChannelSet(channel))
            }
        }
        isReady = presence == .available && kept < 1_000
        if presence != .available { free = [] }
    }

    /// The smaller is chosen first.
    func rank(by ordering: Ordering) -> Int64 {
        switch ordering {
        case .idle: idleSince.milliseconds
        case .load: Int64(load)
        case .handled: Int64(handled)
        // One bit less keeps the order: the lowest ones are the partition's.
        case .lastOffer: Int64(lastOffer >> 1)
        }
    }
}

/// What agents of one profile are sorted by; between profiles `mostSkilled` looks at skills first.
enum Ordering: UInt8, CaseIterable, Sendable {
    case idle = 0, load, handled, lastOffer

    init(_ strategy: Strategy) {
        self =
            switch strategy {
            case .longestIdle, .mostSkilled: .idle
            case .leastOccupied: .load
            case .leastContacts: .handled
            case .roundRobin: .lastOffer
            }
    }
}

/// An agent's place among those of one profile who have room: by the strategy's measure, then the longest idle, then
/// the identifier.
struct Seat: HeapElement {
    var rank: Int64
    var idleSince: Int64
    var id: UInt64
    var handle: Int32

    @inline(__always)
    func precedes(_ other: Self) -> Bool {
        if rank != other.rank { return rank < other.rank }
        if idleSince != other.idleSince { return idleSince < other.idleSince }
        return id < other.id
    }
}

/// A waiting contact's place among those that ask the same.
struct Place: HeapElement {
    var virtual: Int64
    var sequence: UInt64
    var handle: Int32
    var priority: UInt8

    init(_ key: OrderKey, node: Int32) {
        virtual = key.virtual
        sequence = key.sequence
        priority = key.priority
        handle = node
    }

    @inline(__always)
    func precedes(_ other: Self) -> Bool {
        if priority != other.priority { return priority < other.priority }
        if virtual != other.virtual { return virtual < other.virtual }
        return sequence < other.sequence
    }
}
