internal import TandemAPI
internal import TandemCore
internal import TandemRuntime

/// Lists actors in memory that fit a filter, sorted: by identifier, age, next deadline or size.
///
/// It walks the partitions and kinds a bounded stretch at a time, so that an operator's look holds nobody up. By
/// identifier it stops at a full page; the other orders need all that fit, of which only a page is kept.
struct ActorList: Sendable {
    /// Actors looked at in one go on a partition's executor: some milliseconds.
    private static let stretch = 5_000

    private enum Order: String {
        case id, age, deadline, size
    }

    /// Where an actor stands in the list; the cursor of the next page is the last one's.
    private struct Place: Comparable, Sendable {
        var key: Int64
        var kind: Int
        var partition: UInt16
        var raw: UInt64

        static func < (left: Self, right: Self) -> Bool {
            (left.key, left.partition, left.kind, left.raw) < (right.key, right.partition, right.kind, right.raw)
        }
    }

    private struct Found: Sendable {
        let place: Place
        let line: API.ActorLine
    }

    /// The next stretch begins after this actor.
    private struct Walk: Sendable {
        var partition: UInt16
        var kind: Int
        var after: UInt64 = 0
    }

    private let call: Call
    private let kinds: [ActorKind]
    private let filter: ActorFilter
    private let order: Order
    private let last: UInt16
    private let limit: Int
    /// The last line of the page before.
    private let after: Place?

    static func begin(_ call: Call) throws(Problem) {
        let partitions = try call.partitions
        let order = call.query["sort"].flatMap(Order.init) ?? .id
        var after: Place?
        if let parts = try call.cursor(parts: 5) {
            guard parts[0] == order.rawValue, let kind = Int(parts[2]), ActorKind.allCases.indices.contains(kind),
                let partition = UInt16(parts[3]), partitions.contains(partition), let raw = UInt64(parts[4])
            else {
                throw Problem(.invalid, field: "cursor", detail: "Expected: `next` of a page of this list.")
            }
            after = Place(key: try call.number(cursor: parts[1]), kind: kind, partition: partition, raw: raw)
        }
        let list = ActorList(
            call: call, kinds: call.query["kind"].flatMap { ActorKind(word: $0) }.map { [$0] } ?? ActorKind.allCases,
            filter: ActorFilter(
                tenant: call.parameter("tenant"), queue: call.parameter("queue"), state: call.query["state"]),
            order: order, last: partitions.upperBound, limit: call.limit, after: after)
        var walk = Walk(partition: partitions.lowerBound, kind: 0)
        if order == .id, let after, let kind = list.kinds.firstIndex(of: ActorKind.allCases[after.kind]) {
            walk = Walk(partition: after.partition, kind: kind, after: after.raw)
        }
        list.go(on: walk, with: [])
    }

    private func go(on walk: Walk, with found: [Found]) {
        let kind = kinds[walk.kind]
        call.read(walk.partition) { view in
            let actors = view.actors(kind, after: walk.after, limit: Self.stretch)
            return (self.fitting(actors, view), actors.count == Self.stretch ? actors.last?.raw : nil)
        } then: { fitting, reached in
            let best = Array((found + fitting).sorted { $0.place < $1.place }.prefix(limit + 1))
            var next = walk
            if let reached {
                next.after = reached
            } else {
                next.after = 0
                next.kind += 1
                if next.kind == kinds.count { (next.kind, next.partition) = (0, next.partition + 1) }
            }
            let isFull = order == .id && best.count > limit
            if isFull || next.partition > last { return answer(best) }
            go(on: next, with: best)
        }
    }

    /// The best of a stretch, at most a page and one more: whether there is a next page.
    private func fitting(_ actors: [ActorID], _ view: PartitionView) -> [Found] {
        var places: [(place: Place, actor: ActorID)] = []
        for actor in actors where filter.fits(actor, view) {
            guard let key = key(actor, view) else { continue }
            let place = Place(
                key: key, kind: ActorKind.allCases.firstIndex(of: actor.kind) ?? 0, partition: actor.partition,
                raw: actor.raw)
            if let after, place <= after { continue }
            places.append((place, actor))
        }
        return places.sorted { $0.place < $1.place }.prefix(limit + 1).map {
            Found(place: $0.place, line: Self.line($0.actor, view))
        }
    }

    /// The smaller comes first; nil: it is not in this list.
    private func key(_ actor: ActorID, _ view: PartitionView) -> Int64? {
        switch order {
        case .id: 0
        case .age: actor.createdAt?.milliseconds
        case .deadline: view.nextDeadline(of: actor)?.milliseconds
        case .size: -Int64(view.size(of: actor))
        }
    }

    private func answer(_ found: [Found]) {
        let page = found.prefix(limit)
        guard found.count > limit, let place = page.last?.place else {
            return call.answer(page: page.map(\.line), next: nil)
        }
        call.answer(
            page: page.map(\.line),
            next: Cursor.text(
                order.rawValue, "\(place.key)", "\(place.kind)", "\(place.partition)", "\(place.raw)"))
    }

    static func line(_ actor: ActorID, _ view: PartitionView) -> API.ActorLine {
        let deadlines = view.deadlines(of: actor)
        let (tenant, state) = describe(actor, view)
        return API.ActorLine(
            actor: actor.text, kind: actor.kind, partition: actor.partition, tenant: tenant, state: state,
            createdAt: actor.createdAt, bytes: view.size(of: actor), timers: deadlines.count,
            nextDeadline: deadlines.map(\.at).min())
    }

    static func describe(_ actor: ActorID, _ view: PartitionView) -> (TenantID?, String) {
        switch actor.kind {
        case .tenant: return (TenantID(raw: actor.raw), "present")
        case .queue:
            let id = QueueID(raw: actor.raw)
            return (view.queue(id)?.tenant, "waiting \(view.standing(of: nil, in: id).waiting)")
        case .agent:
            let agent = view.agent(AgentID(raw: actor.raw))
            return (agent?.tenant, agent?.presence.word.description ?? "absent")
        case .customer: return (view.customer(CustomerID(raw: actor.raw))?.tenant, "present")
        case .conversation:
            let conversation = view.conversation(ConversationID(raw: actor.raw))
            let states = conversation?.contacts.map(\.state.word.description) ?? []
            return (conversation?.tenant, states.isEmpty ? "idle" : states.joined(separator: " "))
        case .credential: return (nil, "present")
        case .quarantine: return (nil, "\(view.quarantine.count) inputs")
        case .delivery:
            let delivery = view.delivery(DeliveryID(raw: actor.raw))
            let states = delivery?.targets.map(\.state.word.description) ?? []
            return (delivery?.due?.tenant, states.isEmpty ? "absent" : states.joined(separator: " "))
        }
    }
}

/// Which actors are meant; what is nil leaves nothing out.
struct ActorFilter: Sendable {
    let tenant: TenantID?
    let queue: QueueID?
    /// A word of the state: `available`, `queued`; of a conversation with several legs, or a delivery to
    /// several webhooks, any of theirs.
    let state: String?

    func fits(_ actor: ActorID, _ view: PartitionView) -> Bool {
        if let queue, !Self.concerns(actor, queue, view) { return false }
        guard tenant != nil || state != nil else { return true }
        let (owner, words) = ActorList.describe(actor, view)
        if let tenant, owner != tenant { return false }
        guard let state else { return true }
        return words.split(separator: " ").contains(state[...])
    }

    /// The queue itself, who serves it or holds a contact of it, and conversations with a contact in it.
    private static func concerns(_ actor: ActorID, _ queue: QueueID, _ view: PartitionView) -> Bool {
        switch actor.kind {
        case .queue: return actor.raw == queue.raw
        case .agent:
            guard let agent = view.agent(AgentID(raw: actor.raw)) else { return false }
            return agent.profile.queues.contains(queue) || agent.assignments.contains { $0.queue == queue }
        case .conversation:
            let conversation = view.conversation(ConversationID(raw: actor.raw))
            return conversation?.contacts.contains { $0.queue == queue } ?? false
        case .tenant, .customer, .credential, .quarantine, .delivery: return false
        }
    }
}

extension ActorID {
    /// When it was made, by its identifier; nil for a quarantine, which is always there.
    var createdAt: Timestamp? { kind == .quarantine ? nil : ConversationID(raw: raw).time }
}

extension Delivery.State {
    var word: StaticString {
        switch self {
        case .due: "due"
        case .waiting: "waiting"
        case .done: "done"
        case .dead: "dead"
        }
    }
}

extension Contact.State {
    var word: StaticString {
        switch self {
        case .created: "created"
        case .bot: "bot"
        case .queued: "queued"
        case .offered: "offered"
        case .connected: "connected"
        case .held: "held"
        case .wrapping: "wrapping"
        }
    }
}
