/// Puts waiting contacts before agents: derived state of one partition, rebuilt from the records at any time.
///
/// The rule: of the contacts that wait and have an agent who may take them now, the first is served, by the best of
/// these agents. First is: priority class, then score by its own queue's weight, then the millisecond it was created
/// in, then the order in which its agent prefers queues, then its identifier. Best is: by the strategy of the
/// contact's queue, then the longest idle, then the identifier.
///
/// After a turn no waiting contact has such an agent, so only what has changed since is looked at: lines that somebody
/// joined, and profiles in which somebody got room. Looking costs a few words of bits per profile and one comparison
/// per line that fits. Numbers of lines, profiles and members follow from history and decide nothing.
package struct Router: Sendable {
    /// Who comes first in its line, as lines are compared.
    struct Head: Sendable {
        var virtual: Int64
        var sequence: UInt64
        var rate: Int64
        /// -1: nobody.
        var node: Int32
        var priority: UInt8

        static let none = Head(virtual: 0, sequence: 0, rate: 0, node: -1, priority: .max)
    }

    package struct Pick: Sendable {
        var node: Int32
        var member: Int32
        package var contact: ContactID
        package var agent: AgentID
        package var trigger: RoutingDecision.Trigger
    }

    var waiting = WaitingIndex()
    var staff = StaffIndex()

    // Lines without preferred agents have a row.
    var rowGroups: [Int32] = []
    var freeRows: [Int32] = []
    /// Rows whose line is empty, kept for who asks the same again.
    var emptyRows = 0
    var heads: [Head] = []
    /// By row: the supplies that serve one of its queues; those of them with the skills.
    var pools = BitRows()
    var takers = BitRows()
    /// By supply: the rows it may take.
    var wants = BitRows()
    var emptySupplies = 0
    /// By channel: the rows where somebody waits.
    var open = BitRows(rows: StaffIndex.Counts.lanes)
    /// The rows where somebody waits who was declined, and how many they are.
    var declinedRows = BitSet()
    var declinedCount = 0

    // What has changed since nothing could be done any more.
    var dirtyRows: [Int32] = []
    var rowIsDirty: [Bool] = []
    var dirtyGroups: [Int32] = []
    var groupIsDirty: [Bool] = []
    var dirtySupplies: [Int32] = []
    var dirtyMembers: [Int32] = []
    /// Rises when all has been looked at.
    var round: UInt64 = 0

    // Kept to spare the allocation.
    var candidates = BitSet()
    var tied: [Head] = []

    package init() {}

    /// Something changed that has not been looked at; the next offer may still be none.
    package var hasWork: Bool {
        !(dirtyRows.isEmpty && dirtyGroups.isEmpty && dirtySupplies.isEmpty && dirtyMembers.isEmpty)
    }
    /// Contacts that wait.
    package var waitingCount: Int { waiting.count }

    /// Swapped arguments take the change back.
    package mutating func update(conversation before: Conversation?, after: Conversation?) {
        if let after {
            for place in after.contacts.indices {
                switch after.contacts[place].state {
                case .queued(let state): put(after.contacts[place], state, of: after.id)
                case .created, .bot, .offered, .connected, .held, .wrapping: remove(contact: after.contacts[place].id)
                }
            }
        }
        guard let before, !waiting.isEmpty else { return }
        for place in before.contacts.indices {
            let id = before.contacts[place].id
            if after?.place(ofLeg: id) == nil { remove(contact: id) }
        }
    }

    package mutating func update(agent before: Agent?, after: Agent?) {
        if let after, after.tenant != nil {
            let profile = StaffIndex.Profile(queues: after.profile.queues, skills: after.profile.skills)
            set(agent: after.id, profile, AgentStanding(of: after))
        } else if let id = after?.id ?? before?.id {
            remove(agent: id)
        }
    }

    package mutating func update(queue before: Queue?, after: Queue?) {
        guard let id = after?.id ?? before?.id else { return }
        set(queue: id, strategy: after?.settings.strategy, weight: after?.settings.ageingWeight)
    }

    /// The next offer that can be made, or nil when no waiting contact matches a free slot (then `hasWork` is false).
    ///
    /// The caller applies the offer to the records and tells of it by `update` before it asks again.
    package mutating func next(_ turn: inout TurnContext) throws(InvariantBroken) -> OfferMade? {
        guard let pick = pick(at: turn.now) else { return nil }
        let node = waiting.nodes[Int(pick.node)]
        guard let conversation = turn.view.conversation(node.conversation),
            let place = conversation.place(ofLeg: node.contact),
            case .queued(let state) = conversation.contacts[place].state
        else { throw InvariantBroken("a contact in the routing index does not wait") }
        let (queue, channel) = (conversation.contacts[place].queue, conversation.contacts[place].channel)
        guard let timeout = turn.view.queue(queue)?.settings.offerTimeout(for: channel) else {
            throw InvariantBroken("a contact waits in a queue that is not there")
        }
        let leg = Leg(
            tenant: conversation.tenant, conversation: conversation.id, customer: conversation.customer,
            contact: node.contact, queue: queue)
        let age = turn.now - conversation.contacts[place].ageSince
        return OfferMade(
            leg: leg, offer: turn.mint(), agent: pick.agent, channel: channel, expiresAt: turn.now + timeout,
            decision: decision(pick, for: state, age: age, at: turn.now))
    }

    package func standing(of contact: ContactID?, in queue: QueueID) -> QueueStanding {
        guard let number = waiting.queue(queue) else { return QueueStanding() }
        let order = waiting.queues[Int(number)].order
        var standing = QueueStanding(waiting: order.count, oldestSince: order.oldest)
        if let contact, let node = waiting.node(of: contact) {
            standing.position = order.position(of: waiting.nodes[Int(node)].order)
        }
        waiting.queues[Int(number)].serving.forEach { supply in
            let base = supply * StaffIndex.Counts.kinds
            let loggedIn = Int(
                staff.counts[base + StaffIndex.Counts.total] - staff.counts[base + StaffIndex.Counts.loggedOut])
            standing.agentsLoggedIn += loggedIn
            standing.agentsAvailable += Int(staff.counts[base + StaffIndex.Counts.ready])
            standing.capacity += loggedIn * 1_000 / max(1, staff.supplies[supply].profile.queues.count)
        }
        return standing
    }
}

// What the index is told. A benchmark drives it through these; `update` reads them off the records.
extension Router {
    /// The contact waits from now on, or asks something else.
    package mutating func add(
        contact: ContactID, of conversation: ConversationID, queue: QueueID, channel: Channel,
        requirement: Requirement, order: OrderKey, since: Timestamp, declines: [AgentID] = []
    ) {
        let ask = WaitingIndex.Ask(queue: queue, channel: channel, requirement: requirement)
        remove(contact: contact)
        let group = group(for: ask)
        let wasEmpty = waiting.groups[Int(group)].isEmpty
        _ = waiting.insert(
            WaitingIndex.Node(
                contact: contact, conversation: conversation, order: order, since: since, group: group,
                declines: declines, round: round))
        let row = waiting.groups[Int(group)].row
        if row >= 0 {
            if wasEmpty { emptyRows -= 1 }
            refresh(row: row)
            mark(row: row)
        } else {
            mark(group: group)
        }
    }

    package mutating func remove(contact: ContactID) {
        guard let number = waiting.node(of: contact) else { return }
        let group = waiting.nodes[Int(number)].group
        waiting.remove(number)
        let row = waiting.groups[Int(group)].row
        if row >= 0 {
            if waiting.groups[Int(group)].isEmpty { emptyRows += 1 }
            refresh(row: row)
        } else if waiting.groups[Int(group)].isEmpty {
            release(reserved: group)
        }
    }

    /// The agent is there, with this profile, and stands so from now on.
    package mutating func set(agent: AgentID, queues: [QueueID], skills: [SkillLevel], _ standing: AgentStanding) {
        set(agent: agent, StaffIndex.Profile(queues: queues, skills: skills), standing)
    }

    /// His profile is the same; his presence or his slots are not. Unknown agents stay unknown.
    package mutating func set(agent: AgentID, _ standing: AgentStanding) {
        guard let number = staff.member(agent), staff.members[Int(number)].supply >= 0 else { return }
        change(number, to: standing)
    }

    package mutating func remove(agent: AgentID) {
        guard let number = staff.member(agent) else { return }
        leave(number)
        staff.releaseMember(number)
    }

    /// Nil: as for a queue of which nothing is known.
    package mutating func set(queue: QueueID, strategy: Strategy?, weight: UInt32?) {
        let number = Int(waiting.ensureQueue(queue))
        let rate = weight.map { $0 == 0 ? 1 : Int64($0) * 1_000 } ?? 1_000_000
        waiting.queues[number].strategy = strategy ?? .longestIdle
        guard waiting.queues[number].rate != rate else { return }
        waiting.queues[number].rate = rate
        for row in rowGroups.indices where rowGroups[row] >= 0 {
            if Int(waiting.groups[Int(rowGroups[row])].queue) == number { refresh(row: Int32(row)) }
        }
    }

    private mutating func put(_ contact: Contact, _ state: Waiting, of conversation: ConversationID) {
        let since = contact.enqueuedAt ?? contact.ageSince
        if let number = waiting.node(of: contact.id) {
            let node = waiting.nodes[Int(number)]
            let ask = waiting.groups[Int(node.group)].ask
            if node.order == state.order, node.since == since, ask.queue == contact.queue,
                ask.requirement == state.requirement, node.declines.elementsEqual(contact.declines.lazy.map(\.agent))
            {
                return
            }
        }
        add(
            contact: contact.id, of: conversation, queue: contact.queue, channel: contact.channel,
            requirement: state.requirement, order: state.order, since: since,
            declines: contact.declines.isEmpty ? [] : contact.declines.map(\.agent))
    }

    private mutating func set(agent: AgentID, _ profile: StaffIndex.Profile, _ standing: AgentStanding) {
        let number = staff.ensureMember(agent)
        let supply = staff.members[Int(number)].supply
        if supply >= 0, staff.supplies[Int(supply)].profile == profile {
            change(number, to: standing)
            return
        }
        leave(number)
        let joined = self.supply(for: profile)
        if staff.supplies[Int(joined)].members.isEmpty { emptySupplies -= 1 }
        staff.join(number, supply: joined, standing)
        if !standing.free.isEmpty { mark(member: number) }
    }

    private mutating func change(_ number: Int32, to standing: AgentStanding) {
        let before = staff.members[Int(number)].standing
        guard before != standing else { return }
        staff.change(number, to: standing)
        if !standing.free.subtracting(before.free).isEmpty { mark(member: number) }
    }

    private mutating func leave(_ number: Int32) {
        let supply = staff.members[Int(number)].supply
        guard supply >= 0 else { return }
        staff.leave(number)
        if staff.supplies[Int(supply)].members.isEmpty { emptySupplies += 1 }
    }

    private mutating func mark(member number: Int32) {
        let supply = staff.members[Int(number)].supply
        if !staff.supplies[Int(supply)].isDirty {
            staff.mark(supply: supply, true)
            dirtySupplies.append(supply)
        }
        if !staff.members[Int(number)].reserved.isEmpty, !staff.members[Int(number)].isDirty {
            staff.mark(member: number, true)
            dirtyMembers.append(number)
        }
    }

    private mutating func mark(row: Int32) {
        if rowIsDirty[Int(row)] { return }
        rowIsDirty[Int(row)] = true
        dirtyRows.append(row)
    }

    private mutating func mark(group: Int32) {
        while groupIsDirty.count <= Int(group) { groupIsDirty.append(false) }
        if groupIsDirty[Int(group)] { return }
        groupIsDirty[Int(group)] = true
        dirtyGroups.append(group)
    }
}
