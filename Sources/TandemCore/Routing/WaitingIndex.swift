/// Who waits, in lines of those that ask the same.
struct WaitingIndex: Sendable {
    /// One waiting contact.
    struct Node: Sendable {
        var contact: ContactID
        var conversation: ConversationID
        var order: OrderKey
        var since: Timestamp
        var group: Int32
        /// Who rejected it and is passed over; whoever is here is until an event says otherwise.
        var declines: [AgentID]
        /// The router's round in which it began to wait.
        var round: UInt64
    }

    /// What a contact asks of agents. Those with preferred agents are found through these agents, the others by row.
    struct Ask: Hashable, Sendable {
        var queue: QueueID
        var channel: Channel
        var requirement: Requirement

        /// One number for all, mixed here: it is asked for each contact that comes.
        func hash(into hasher: inout Hasher) {
            var mixed = queue.raw ^ UInt64(channel.rawValue)
            for pool in requirement.pools { mixed = Self.mix(mixed, pool.raw) }
            for asked in requirement.skills { mixed = Self.mix(mixed, asked.skill.raw ^ UInt64(asked.level)) }
            for agent in requirement.preferred { mixed = Self.mix(mixed, agent.raw) }
            hasher.combine(mixed)
        }

        @inline(__always)
        private static func mix(_ sum: UInt64, _ value: UInt64) -> UInt64 {
            let product = (sum ^ value) &* 0x9E37_79B9_7F4A_7C15
            return product ^ (product >> 29)
        }
    }

    /// A line of contacts that ask the same.
    struct Group: Sendable {
        var ask: Ask
        /// The place of its queue in `queues`.
        var queue: Int32
        /// In the table of fits; -1 where agents are preferred.
        var row: Int32
        var line = IndexedHeap<Place>()
        /// Contacts that somebody declined, in their order.
        var declined: [Int32] = []

        var isEmpty: Bool { line.isEmpty && declined.isEmpty }
    }

    struct QueueState: Sendable {
        var id: QueueID
        var strategy = Strategy.longestIdle
        /// Score per millisecond of age, in millionths.
        var rate: Int64 = 1_000_000
        var order = QueueOrder()
        /// Agent profiles that serve it.
        var serving = BitSet()
    }

    private(set) var nodes: [Node] = []
    private var freeNodes: [Int32] = []
    private var nodeOf = NumberTable()
    /// Each node's place in its line; -1 in `declined`.
    private var places: [Int32] = []

    private(set) var groups: [Group] = []
    private var freeGroups: [Int32] = []
    private var groupOf: [Ask: Int32] = [:]

    var queues: [QueueState] = []
    private var queueOf = NumberTable()

    var count: Int { nodeOf.count }
    var isEmpty: Bool { nodeOf.count == 0 }

    func node(of contact: ContactID) -> Int32? { nodeOf[contact.raw] }
    func queue(_ id: QueueID) -> Int32? { queueOf[id.raw] }

    mutating func ensureQueue(_ id: QueueID) -> Int32 {
        if let place = queueOf[id.raw] { return place }
        let place = Int32(queues.count)
        queues.append(QueueState(id: id))
        queueOf[id.raw] = place
        return place
    }

    func group(_ ask: Ask) -> Int32? { groupOf[ask] }

    mutating func makeGroup(_ ask: Ask, row: Int32) -> Int32 {
        let group = Group(ask: ask, queue: ensureQueue(ask.queue), row: row)
        let place: Int32
        if let reused = freeGroups.popLast() {
            groups[Int(reused)] = group
            place = reused
        } else {
            groups.append(group)
            place = Int32(groups.count - 1)
        }
        groupOf[ask] = place
        return place
    }

    mutating func releaseGroup(_ place: Int32) {
        groupOf[groups[Int(place)].ask] = nil
        groups[Int(place)].row = -1
        freeGroups.append(place)
    }

    /// The contact stands in its line now.
    mutating func insert(_ node: Node) -> Int32 {
        let number: Int32
        if let reused = freeNodes.popLast() {
            nodes[Int(reused)] = node
            number = reused
        } else {
            nodes.append(node)
            places.append(-1)
            number = Int32(nodes.count - 1)
        }
        nodeOf[node.contact.raw] = number
        let group = Int(node.group)
        if node.declines.isEmpty {
            groups[group].line.insert(Place(node.order, node: number), places: &places)
        } else {
            let place = declinedPlace(of: node.order, in: group)
            groups[group].declined.insert(number, at: place)
        }
        queues[Int(groups[group].queue)].order.insert(node.order, since: node.since)
        return number
    }

    mutating func remove(_ number: Int32) {
        let group = Int(nodes[Int(number)].group)
        let order = nodes[Int(number)].order
        let place = places[Int(number)]
        if place >= 0 {
            groups[group].line.remove(at: Int(place), places: &places)
        } else {
            groups[group].declined.remove(at: declinedPlace(of: order, in: group))
            nodes[Int(number)].declines = []
        }
        queues[Int(groups[group].queue)].order.remove(order)
        nodeOf[nodes[Int(number)].contact.raw] = nil
        freeNodes.append(number)
    }

    private func declinedPlace(of order: OrderKey, in group: Int) -> Int {
        let declined = groups[group].declined
        var low = 0
        var high = declined.count
        while low < high {
            let middle = (low + high) >> 1
            if nodes[Int(declined[middle])].order < order { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
