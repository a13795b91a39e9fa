internal import TandemAPI
internal import TandemCore
internal import TandemReadModel
internal import TandemRuntime
internal import TandemWire

/// One actor whole, for operators: nothing in it was said by people.
struct ActorDetailAnswer: Sendable {
    private static let eventsMax = 20

    private let call: Call
    private let actor: ActorID
    private let record: Record

    static func begin(_ call: Call) throws(Problem) {
        guard let actor = ActorID(text: call.text()), call.gateway.node.hasPartition(actor.partition) else {
            throw Problem(.notFound)
        }
        call.record(actor) { record in ActorDetailAnswer(call: call, actor: actor, record: record).look() }
    }

    private func look() {
        let actor = actor
        call.read(actor.partition) { view in
            (view.deadlines(of: actor), view.isInMemory(actor))
        } then: { deadlines, isInMemory in
            call.query(actor.partition) {
                try $0.timeline(of: actor, .fromEnd, limit: Self.eventsMax)
            } then: { page in
                answer(deadlines, isInMemory, page.items)
            }
        }
    }

    private func answer(_ deadlines: [Deadline], _ isInMemory: Bool, _ events: [StoredEvent]) {
        var writer = JSONWriter(reserving: 4_096)
        writer.beginObject()
        writer.field("actor", actor.text)
        writer.field("kind", word: actor.kind.word)
        writer.field("partition", actor.partition)
        writer.field("parent", "partition \(actor.partition)")
        writer.field("isInMemory", isInMemory)
        writer.key("timers")
        writer.beginArray()
        for deadline in deadlines.prefix(1_000) { writer.raw(API.TimerLine(actor: actor, deadline).encoded()) }
        writer.endArray()
        writer.key("record")
        writer.record(record)
        writer.key("events")
        writer.beginArray()
        for stored in events.reversed() { writer.raw(JournalTail.line(stored, in: actor.partition).encoded()) }
        writer.endArray()
        writer.endObject()
        call.answer(writer.bytes)
    }
}

extension JSONWriter {
    /// A record as operators may see it: names and texts left out.
    fileprivate mutating func record(_ record: Record) {
        switch record {
        case .tenant(let tenant):
            beginObject()
            field("version", tenant.version)
            field("skills", tenant.skills.count)
            field("calendars", tenant.calendars.map(\.id))
            field("routingPolicies", tenant.routingPolicies.map(\.id))
            field("slaPolicies", tenant.slaPolicies.map(\.id))
            field("webhooks", tenant.webhooks.map(\.id))
            endObject()
        case .queue(let queue):
            beginObject()
            field("tenant", ifPresent: queue.tenant)
            field("version", queue.version)
            field("buckets", queue.buckets.count)
            key("settings")
            raw(API.QueueSettings(queue.settings).encoded())
            endObject()
        case .agent(let agent): raw(API.AgentStatus(agent).encoded())
        case .customer(let customer):
            beginObject()
            field("tenant", ifPresent: customer.tenant)
            field("version", customer.version)
            field("tier", word: customer.profile.tier.word)
            field("open", customer.open)
            field("lastAgent", ifPresent: customer.lastAgent)
            field("lastHandledAt", ifPresent: customer.lastHandledAt)
            endObject()
        case .conversation(let conversation): self.conversation(conversation)
        case .credential(let credential): self.credential(credential)
        case .delivery(let delivery): self.delivery(delivery)
        case .quarantine(let quarantine):
            beginObject()
            field("inputs", quarantine.items.map(\.id))
            endObject()
        }
    }

    private mutating func conversation(_ conversation: Conversation) {
        beginObject()
        field("tenant", conversation.tenant)
        field("customer", conversation.customer)
        field("channel", word: conversation.channel.word)
        if case .closed(let at) = conversation.state { field("closedAt", at) }
        field("openedAt", conversation.openedAt)
        field("messages", conversation.messageCount)
        field("lastAgent", ifPresent: conversation.lastAgent)
        key("contacts")
        beginArray()
        for contact in conversation.contacts { self.contact(contact) }
        endArray()
        endObject()
    }

    private mutating func contact(_ contact: Contact) {
        beginObject()
        field("id", contact.id)
        field("queue", contact.queue)
        field("channel", word: contact.channel.word)
        field("kind", word: contact.kind.word)
        field("state", word: contact.state.word)
        field("since", contact.since)
        field("agent", ifPresent: contact.agentNow)
        field("priority", contact.priority)
        field("boost", contact.boost)
        field("ageSince", contact.ageSince)
        field("enqueuedAt", ifPresent: contact.enqueuedAt)
        if case .queued(let waiting) = contact.state { self.waiting(waiting) }
        if case .offered(let offer, let waiting) = contact.state {
            field("offer", offer.id)
            field("offerExpiresAt", offer.expiresAt)
            self.waiting(waiting)
        }
        endObject()
    }

    private mutating func waiting(_ waiting: Waiting) {
        field("policy", ifPresent: waiting.policy)
        field("rule", waiting.rule)
        field("step", waiting.step)
        field("stepExpiresAt", ifPresent: waiting.stepExpiresAt)
        key("requirement")
        requirement(waiting.requirement)
    }

    private mutating func delivery(_ delivery: Delivery) {
        beginObject()
        field("at", delivery.at)
        if let due = delivery.due {
            field("tenant", due.tenant)
            field("conversation", due.conversation)
            field("notice", word: due.notice.kind.word)
        }
        key("webhooks")
        beginArray()
        for target in delivery.targets {
            beginObject()
            field("webhook", target.webhook)
            field("state", word: target.state.word)
            field("attempts", target.attempts)
            if let failure = target.failure {
                field("failure", word: failure.reason.word)
                if let status = failure.status { field("status", status) }
            }
            switch target.state {
            case .due: break
            case .waiting(let until): field("until", until)
            case .done(let at), .dead(let at): field("endedAt", at)
            }
            endObject()
        }
        endArray()
        endObject()
    }

    private mutating func credential(_ credential: Credential) {
        beginObject()
        switch credential.state {
        case .absent: field("state", word: "absent")
        case .valid(let spec):
            field("state", word: "valid")
            field("role", word: spec.role.word)
            field("tenant", ifPresent: spec.tenant)
            field("expiresAt", ifPresent: spec.expiresAt)
        case .revoked(let spec, let at):
            field("state", word: "revoked")
            field("role", word: spec.role.word)
            field("tenant", ifPresent: spec.tenant)
            field("revokedAt", at)
        }
        endObject()
    }
}
