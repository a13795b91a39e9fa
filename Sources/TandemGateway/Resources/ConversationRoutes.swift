internal import TandemAPI
internal import TandemCore
internal import TandemReadModel
internal import TandemRuntime
internal import TandemWire

extension Routes {
    static let conversations = conversationReads + conversationWrites

    private static let conversationReads = [
        Route(
            .get, "/v1/conversations", .listConversations,
            "List conversations, newest first; agents see those they handle or handled, customers their own.",
            query: [
                .tenant, .limit, .cursor, .init("state", .word(["open", "closed"]), "Only those; both if left out."),
                .init("customer", .id("cus"), "Only this customer's."),
                .init("queue", .id("que"), "Only those with a contact in this queue, ever."),
                .init("agent", .id("agt"), "Only those with a contact this agent handled, ever."),
            ], reply: .page(API.Conversation.self)
        ) { call throws(Problem) in
            try call.listConversations()
        },
        Route(
            .get, "/v1/conversations/{conversation}", .readConversation, "One conversation.", ids: ["cnv"],
            reply: .json(API.Conversation.self)
        ) { call throws(Problem) in
            try call.conversation { conversation in
                let id = conversation.id
                call.query(id.partition) {
                    try $0.conversation(id)
                } then: { row throws(Problem) in
                    guard let row else { throw Problem(.notFound) }
                    call.answer(API.Conversation(row))
                }
            }
        },
        Route(
            .get, "/v1/conversations/{conversation}/transcript", .readConversation,
            "A conversation's messages, oldest first.", ids: ["cnv"], query: [.limit, .cursor],
            reply: .page(API.Message.self)
        ) { call throws(Problem) in
            let (range, limit) = (try call.range(), call.limit)
            try call.conversation { conversation in
                let id = conversation.id
                call.query(id.partition) {
                    try $0.transcript(of: id, range, limit: limit)
                } then: { page in
                    let items = page.items.map {
                        API.Message(
                            sequence: $0.message.sequence, time: $0.time, author: $0.message.author,
                            text: $0.message.text)
                    }
                    call.answer(page: items, next: page.next.map { Cursor.text("\($0.rawValue)") })
                }
            }
        },
        Route(
            .get, "/v1/conversations/{conversation}/timeline", .readTimeline,
            "Everything that happened in a conversation, oldest first, as events.", ids: ["cnv"],
            query: [.limit, .cursor], reply: .page(API.EventEnvelope.self)
        ) { call throws(Problem) in
            let (range, limit) = (try call.range(), call.limit)
            try call.conversation { conversation in
                let id = ActorID(conversation.id)
                call.query(id.partition) {
                    try $0.timeline(of: id, range, limit: limit)
                } then: { page in
                    call.answer(page: page.items, next: page.next.map { Cursor.text("\($0.rawValue)") }) {
                        $0.event($1.event, position: UInt64(clamping: $1.position.rawValue), time: $1.time)
                    }
                }
            }
        },
        Route(
            .get, "/v1/conversations/{conversation}/contacts", .readConversation,
            "A conversation's contacts, newest first; without its consultations for the customer.", ids: ["cnv"],
            query: [.limit, .cursor],
            reply: .page(API.Contact.self)
        ) { call throws(Problem) in
            let (cursor, limit) = (try call.contactCursor(), call.limit)
            let isCustomer = try call.requireCaller().customer != nil
            try call.conversation { conversation in
                let id = conversation.id
                call.query(id.partition) { store in
                    try store.contacts(.conversation(id), before: cursor, limit: limit).filter {
                        try !isCustomer || !store.isHidden($0, in: conversation)
                    }
                } then: { page in
                    call.answer(contacts: page)
                }
            }
        },
    ]

    private static let conversationWrites = [
        Route(
            .post, "/v1/conversations", .openConversation, "Open a conversation with its first contact.",
            query: [.tenant], body: .json(API.ConversationRequest.self), status: 201, reply: .json(API.Written.self)
        ) { call throws(Problem) in
            let (body, caller) = (try call.body(API.ConversationRequest.self), try call.requireCaller())
            guard let customer = caller.customer ?? body.customer else {
                throw Problem(.missingField, field: "customer", detail: "Staff name the customer.")
            }
            if let named = body.customer, named != customer { throw Problem(.forbidden, field: "customer") }
            let tenant = try call.tenant()
            try body.contact.check(for: caller, field: "contact.")
            call.write(
                .conversation(nil, .open(tenant, customer, body.contact.core(from: customer))), prefix: "contact.")
        },
        Route(
            .post, "/v1/conversations/{conversation}/messages", .postMessage,
            "Post a message. The same `clientID` again gives the same message.", ids: ["cnv"],
            body: .json(API.MessageRequest.self), status: 201, reply: .json(API.Written.self)
        ) { call throws(Problem) in
            let (body, caller) = (try call.body(API.MessageRequest.self), try call.requireCaller())
            try call.conversation { conversation throws(Problem) in
                let author = try caller.author(body.author, in: conversation)
                let draft = MessageDraft(author: author, clientID: body.clientID, text: body.text)
                call.write(.conversation(conversation.id, .postMessage(draft)))
            }
        },
        Route(
            .post, "/v1/conversations/{conversation}/contacts", .startContact,
            "Start another contact; a closed conversation reopens.", ids: ["cnv"],
            body: .json(API.ContactRequest.self), status: 201, reply: .json(API.Written.self)
        ) { call throws(Problem) in
            let body = try call.body(API.ContactRequest.self)
            try body.check(for: try call.requireCaller(), field: "")
            try call.conversation { conversation in
                let request = body.core(from: conversation.customer)
                call.write(.conversation(conversation.id, .startContact(request)))
            }
        },
        Route(
            .post, "/v1/conversations/{conversation}/delivered", .markMessages,
            "Say that messages reached the reader; staff say it for the customer.", ids: ["cnv"],
            body: .json(API.MarkRequest.self), reply: .json(API.Written.self)
        ) { call throws(Problem) in
            try call.mark { .markDelivered(upTo: $0, by: $1) }
        },
        Route(
            .post, "/v1/conversations/{conversation}/read", .markMessages,
            "Say that messages were read; staff say it for the customer.", ids: ["cnv"],
            body: .json(API.MarkRequest.self), reply: .json(API.Written.self)
        ) { call throws(Problem) in
            try call.mark { .markRead(upTo: $0, by: $1) }
        },
        Route(
            .post, "/v1/conversations/{conversation}/close", .closeConversation,
            "Close a conversation with everything open in it.", ids: ["cnv"], reply: .json(API.Written.self)
        ) { call throws(Problem) in
            let party = try call.requireCaller().party
            try call.conversation { call.write(.conversation($0.id, .close(by: party))) }
        },
    ]
}

extension API.ContactRequest {
    /// What decides who is served first is not the customer's to say.
    func check(for caller: Caller, field prefix: String) throws(Problem) {
        guard caller.role == .customer else { return }
        let named: [(String, Bool)] = [
            ("priority", priority != nil), ("boost", boost != nil), ("preferredAgent", preferredAgent != nil),
        ]
        if let first = named.first(where: \.1) {
            throw Problem(.forbidden, field: prefix + first.0, detail: "This is for staff to set.")
        }
    }
}

extension Call {
    /// Where a history goes on.
    func range() throws(Problem) -> EventRange {
        guard let parts = try cursor(parts: 1) else { return .fromStart }
        return .after(EventPosition(rawValue: try number(cursor: parts[0])))
    }

    func contactCursor() throws(Problem) -> ContactCursor? {
        guard let parts = try cursor(parts: 2) else { return nil }
        guard let conversation = ConversationID(parts[0]), let contact = ContactID(parts[1]) else {
            throw Problem(.invalid, field: "cursor", detail: "Expected: `next` of a page of this list.")
        }
        return ContactCursor(conversation: conversation, contact: contact)
    }

    func answer(contacts page: Page<ContactRow, ContactCursor>) {
        let next = page.next.map { Cursor.text($0.conversation.description, $0.contact.description) }
        answer(page: page.items.map(API.Contact.init), next: next)
    }

    fileprivate func mark(_ command: @escaping @Sendable (UInt64, Party) -> ConversationCommand) throws(Problem) {
        let (upTo, caller) = (try body(API.MarkRequest.self).upTo, try requireCaller())
        try conversation { conversation in
            let isStaff = caller.agent == nil && caller.customer == nil
            let reader = isStaff ? .customer(conversation.customer) : caller.party
            write(.conversation(conversation.id, command(upTo, reader)))
        }
    }

    fileprivate func listConversations() throws(Problem) {
        let (tenant, caller) = (try tenant(), try requireCaller())
        var filter = ConversationFilter(
            isOpen: query["state"].map { $0 == "open" }, customer: parameter("customer"), queue: parameter("queue"),
            agent: parameter("agent"))
        if caller.reach(route.operation) == .own {
            // Another's name would ask for what is not the caller's: it is answered as such, not with an empty list.
            if let named = filter.customer, caller.agent == nil, named != caller.customer {
                throw Problem(.forbidden, field: "customer")
            }
            if let named = filter.agent, named != caller.agent { throw Problem(.forbidden, field: "agent") }
            if caller.agent == nil { filter.customer = caller.customer } else { filter.agent = caller.agent }
        }
        let (asked, before, limit) = (filter, try cursor(as: ConversationID.self), limit)
        query(tenant.partition) { store in
            try store.conversations(of: tenant, asked, before: before, limit: limit)
        } then: { page in
            answer(
                page: page.items.map(API.Conversation.init), next: page.next.map { Cursor.text($0.description) })
        }
    }
}

extension API.Conversation {
    init(_ row: ConversationRow) {
        self.init(
            id: row.id, tenant: row.tenant, customer: row.customer, channel: row.channel, subject: row.subject,
            isOpen: row.isOpen, openedAt: row.openedAt, closedAt: row.closedAt, messages: row.messages,
            lastMessageAt: row.lastMessageAt, customerDelivered: row.customerDelivered,
            customerRead: row.customerRead, agentRead: row.agentRead)
    }
}

extension API.Contact {
    init(_ row: ContactRow) {
        self.init(
            id: row.id, conversation: row.conversation, tenant: row.tenant, customer: row.customer,
            queue: row.queue, channel: row.channel, kind: row.kind, state: API.ContactState(row.state),
            since: row.since, agent: row.agent, previous: row.previous, next: row.next, priority: row.priority,
            boost: row.boost, preferredAgent: row.preferredAgent, createdAt: row.createdAt, ageSince: row.ageSince,
            enqueuedAt: row.enqueuedAt, answeredAt: row.answeredAt, wrapUntil: row.wrapUntil,
            closedAt: row.closedAt, endReason: row.endReason, disposition: row.disposition)
    }
}

extension API.ContactState {
    init(_ state: ContactState) {
        switch state {
        case .created: self = .created
        case .bot: self = .bot
        case .queued: self = .queued
        case .offered: self = .offered
        case .connected: self = .connected
        case .held: self = .held
        case .wrapping: self = .wrapping
        case .closed: self = .closed
        }
    }
}
