package import TandemCore

extension API {
    /// The facts of one finished leg.
    package struct ContactRecord: Described, Equatable {
        package var contact: ContactID
        package var conversation: ConversationID
        package var customer: CustomerID
        package var queue: QueueID
        package var agent: AgentID?
        package var channel: Channel
        package var kind: LegKind
        package var previous: ContactID?
        package var next: ContactID?
        package var reason: EndReason
        package var disposition: String?
        package var createdAt: Timestamp
        package var enqueuedAt: Timestamp?
        package var answeredAt: Timestamp?
        package var closedAt: Timestamp
        package var closedBy: Party
        package var target: Milliseconds?
        package var queued: Milliseconds
        package var talk: Milliseconds
        package var hold: Milliseconds
        package var wrapUp: Milliseconds
        package var holds: UInt16
        package var offers: UInt16
        package var offersTimedOut: UInt16

        package init(_ closed: ContactClosed, at time: Timestamp) {
            contact = closed.leg.contact
            conversation = closed.leg.conversation
            customer = closed.leg.customer
            queue = closed.leg.queue
            agent = closed.agent
            channel = closed.channel
            kind = closed.kind
            previous = closed.previous
            next = closed.next
            reason = closed.reason
            disposition = closed.disposition
            createdAt = closed.createdAt
            enqueuedAt = closed.enqueuedAt
            answeredAt = closed.answeredAt
            closedAt = time
            closedBy = closed.by
            target = closed.target
            queued = closed.times.queued
            talk = closed.times.talk
            hold = closed.times.hold
            wrapUp = closed.times.wrapUp
            holds = closed.times.holds
            offers = closed.times.offers
            offersTimedOut = closed.times.offersTimedOut
        }

        package static let schemaDescription = "The facts of one finished leg."
        package static let schema = Schema.object([
            .required("contact", .id(ContactID.self)),
            .required("conversation", .id(ConversationID.self)),
            .required("customer", .id(CustomerID.self)),
            .required("queue", .id(QueueID.self)),
            .optional("agent", .id(AgentID.self), "Who handled it last."),
            .required("channel", .word(Channel.self)),
            .required("kind", .word(LegKind.self)),
            .optional("previous", .id(ContactID.self)),
            .optional("next", .id(ContactID.self)),
            .required("reason", .word(EndReason.self)),
            .optional("disposition", .text),
            .required("createdAt", .time),
            .optional("enqueuedAt", .time),
            .optional("answeredAt", .time),
            .required("closedAt", .time),
            .required("closedBy", .party),
            .optional("target", .measured, "The queue's answer target at the end."),
            .required("queued", .measured),
            .required("talk", .measured),
            .required("hold", .measured),
            .required("wrapUp", .measured),
            .required("holds", .count),
            .required("offers", .count),
            .required("offersTimedOut", .count),
        ])
    }

    package enum ClockState: String, Codable, CaseIterable, Sendable {
        case running, paused, fulfilled
        /// Its contact closed before it was fulfilled.
        case ended
    }

    package struct SLAClock: Described, Equatable {
        package var contact: ContactID
        package var metric: SLAMetric
        package var conversation: ConversationID
        package var queue: QueueID
        package var state: ClockState
        package var target: Milliseconds?
        package var warnPercent: UInt8?
        package var activatedAt: Timestamp
        package var dueAt: Timestamp?
        package var remaining: Milliseconds?
        package var warnedAt: Timestamp?
        package var breachedAt: Timestamp?
        package var fulfilledAt: Timestamp?
        package var elapsed: Milliseconds?

        package init(
            contact: ContactID, metric: SLAMetric, conversation: ConversationID, queue: QueueID, state: ClockState,
            target: Milliseconds?, warnPercent: UInt8?, activatedAt: Timestamp, dueAt: Timestamp?,
            remaining: Milliseconds?, warnedAt: Timestamp?, breachedAt: Timestamp?, fulfilledAt: Timestamp?,
            elapsed: Milliseconds?
        ) {
            self.contact = contact
            self.metric = metric
            self.conversation = conversation
            self.queue = queue
            self.state = state
            self.target = target
            self.warnPercent = warnPercent
            self.activatedAt = activatedAt
            self.dueAt = dueAt
            self.remaining = remaining
            self.warnedAt = warnedAt
            self.breachedAt = breachedAt
            self.fulfilledAt = fulfilledAt
            self.elapsed = elapsed
        }

        package static let schemaDescription = "One clock on a contact, with what is promised if anything is."
        package static let schema = Schema.object([
            .required("contact", .id(ContactID.self)),
            .required("metric", .word(SLAMetric.self)),
            .required("conversation", .id(ConversationID.self)),
            .required("queue", .id(QueueID.self)),
            .required("state", .word(ClockState.allCases.map(\.rawValue))),
            .optional("target", .measured, "Absent: nothing is promised."),
            .optional("warnPercent", .integer(1...99)),
            .required("activatedAt", .time),
            .optional("dueAt", .time, "Absent where nothing is promised, or its policy came when it did not run."),
            .optional("remaining", .integer(Int64.min...Int64.max), "While it is paused."),
            .optional("warnedAt", .time),
            .optional("breachedAt", .time),
            .optional("fulfilledAt", .time),
            .optional("elapsed", .measured, "Once it is fulfilled."),
        ])
    }

    /// How long an agent's presence was what it was.
    package struct AgentInterval: Described, Equatable {
        package var presence: String
        package var breakCode: String?
        package var since: Timestamp
        package var until: Timestamp?
        package var changedBy: Party
        package init(
            presence: String, breakCode: String?, since: Timestamp, until: Timestamp?, changedBy: Party
        ) {
            self.presence = presence
            self.breakCode = breakCode
            self.since = since
            self.until = until
            self.changedBy = changedBy
        }
        package static let schemaDescription = "How long an agent's presence was what it was."
        package static let schema = Schema.object([
            .required("presence", .word(Presence.words)),
            .optional("breakCode", .text),
            .required("since", .time),
            .optional("until", .time, "Absent while it lasts."),
            .required("changedBy", .party),
        ])
    }
}

extension Presence {
    package static let words = ["loggedOut", "available", "onBreak", "notResponding", "offline"]

    package var word: StaticString {
        switch self {
        case .loggedOut: "loggedOut"
        case .available: "available"
        case .onBreak: "onBreak"
        case .notResponding: "notResponding"
        case .offline: "offline"
        }
    }

    package var breakCode: String? {
        if case .onBreak(let code) = self { return code.text }
        return nil
    }

    package var offlineUntil: Timestamp? {
        if case .offline(let until) = self { return until }
        return nil
    }
}
