internal import TandemAPI
internal import TandemCore
internal import TandemRuntime

/// Lists actors in memory: partition by partition, kind by kind, or those with timers by the next one.
struct ActorList: Sendable {
    private let call: Call
    private let kinds: [ActorKind]
    private let tenant: TenantID?
    private let last: UInt16
    private let limit: Int

    static func begin(_ call: Call) throws(Problem) {
        let kinds = call.query["kind"].flatMap { ActorKind(word: $0) }.map { [$0] } ?? ActorKind.allCases
        let partitions = try call.partitions
        let list = ActorList(
            call: call, kinds: kinds, tenant: call.parameter("tenant"), last: partitions.upperBound,
            limit: call.limit)
        if call.query["sort"] == "deadline" { return try list.byDeadline() }
        var place = Place(partition: partitions.lowerBound, kind: 0, after: 0)
        if let parts = try call.cursor(parts: 3) {
            let numbers = [
                try call.number(cursor: parts[0]), try call.number(cursor: parts[1]),
                try call.number(cursor: parts[2]),
            ]
            guard let partition = UInt16(exactly: numbers[0]), partitions.contains(partition),
                kinds.indices.contains(Int(numbers[1])), numbers[2] >= 0
            else { throw Problem(.invalid, field: "cursor", detail: "Expected: `next` of a page of this list.") }
            place = Place(partition: partition, kind: Int(numbers[1]), after: UInt64(numbers[2]))
        }
        list.go(on: place, with: [])
    }

    private struct Place: Sendable {
        var partition: UInt16
        var kind: Int
        var after: UInt64
    }

    private func go(on place: Place, with found: [API.ActorLine]) {
        let (kind, room, tenant) = (kinds[place.kind], limit - found.count, tenant)
        call.read(place.partition) { view in
            let actors = view.actors(kind, after: place.after, limit: room)
            return (actors.map { Self.line($0, view) }, actors)
        } then: { lines, actors in
            let fitting = found + lines.filter { tenant == nil || $0.tenant == tenant }
            var next = place
            if actors.count == room, let last = actors.last {
                next.after = last.raw
            } else {
                next.after = 0
                next.kind += 1
                if next.kind == kinds.count {
                    next.kind = 0
                    next.partition += 1
                }
            }
            if next.partition > last { return call.answer(page: fitting, next: nil) }
            guard fitting.count < limit else {
                return call.answer(
                    page: fitting, next: Cursor.text("\(next.partition)", "\(next.kind)", "\(next.after)"))
            }
            go(on: next, with: fitting)
        }
    }

    /// The earliest `limit` of those that have a timer; there is no further page.
    private func byDeadline() throws(Problem) {
        let (kinds, tenant, limit) = (kinds, tenant, limit)
        try call.eachPartition({ view in
            var seen: Set<ActorID> = []
            var lines: [API.ActorLine] = []
            for (actor, _) in view.deadlines(limit: 100_000) where kinds.contains(actor.kind) {
                guard lines.count < limit else { break }
                guard seen.insert(actor).inserted else { continue }
                let line = Self.line(actor, view)
                if tenant == nil || line.tenant == tenant { lines.append(line) }
            }
            return lines
        }) { lines in
            let sorted = lines.joined().sorted {
                ($0.nextDeadline ?? .distantFuture, $0.actor) < ($1.nextDeadline ?? .distantFuture, $1.actor)
            }
            call.answer(page: Array(sorted.prefix(limit)), next: nil)
        }
    }

    static func line(_ actor: ActorID, _ view: PartitionView) -> API.ActorLine {
        let deadlines = view.deadlines(of: actor)
        let (tenant, state) = describe(actor, view)
        return API.ActorLine(
            actor: actor.text, kind: actor.kind, partition: actor.partition, tenant: tenant, state: state,
            timers: deadlines.count, nextDeadline: deadlines.map(\.at).min())
    }

    private static func describe(_ actor: ActorID, _ view: PartitionView) -> (TenantID?, String) {
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
            let states = conversation?.contacts.map(\.stateWord) ?? []
            return (conversation?.tenant, states.isEmpty ? "idle" : states.joined(separator: " "))
        case .credential: return (nil, "present")
        case .quarantine: return (nil, "\(view.quarantine.count) inputs")
        }
    }
}

extension Contact {
    var stateWord: String {
        switch state {
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
