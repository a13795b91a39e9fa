internal import TandemAPI
internal import TandemCore
internal import TandemReadModel
internal import TandemRuntime

extension Routes {
    static let contacts = [
        Route(
            .get, "/v1/contacts", .superviseContact, "List a tenant's open contacts, newest first.",
            query: [
                .tenant, .limit, .cursor, .init("queue", .id("que"), "Those of this queue."),
                .init("agent", .id("agt"), "Those of this agent."),
            ], reply: .page(API.Contact.self)
        ) { call throws(Problem) in
            try call.listContacts()
        },
        Route(
            .get, "/v1/contacts/{contact}", .readContact, "One contact.", ids: ["con"], reply: .json(API.Contact.self)
        ) { call throws(Problem) in
            try call.contact { id, _ in
                call.query(id.partition) {
                    try $0.contact(id)
                } then: { row throws(Problem) in
                    guard let row else { throw Problem(.notFound) }
                    call.answer(API.Contact(row))
                }
            }
        },
        Route(
            .get, "/v1/contacts/{contact}/decisions", .readDecisions,
            "Why each agent was offered the contact, oldest first.", ids: ["con"], query: [.limit, .cursor],
            reply: .page(API.Decision.self)
        ) { call throws(Problem) in
            let (after, limit) = (try call.cursor(as: OfferID.self), call.limit)
            try call.contact { id, _ in
                call.query(id.partition) {
                    try $0.decisions(of: id, after: after, limit: limit)
                } then: { page in
                    let items = page.items.map {
                        API.Decision(offer: $0.made.offer, agent: $0.made.agent, time: $0.time, $0.made.decision)
                    }
                    call.answer(page: items, next: page.next.map { Cursor.text($0.description) })
                }
            }
        },
        Route(
            .get, "/v1/contacts/{contact}/offers", .readDecisions, "A contact's offers, newest first.", ids: ["con"],
            query: [.limit, .cursor], reply: .page(API.Offer.self)
        ) { call throws(Problem) in
            let (before, limit) = (try call.cursor(as: OfferID.self), call.limit)
            try call.contact { id, _ in
                call.query(id.partition) {
                    try $0.offers(.contact(id), before: before, limit: limit)
                } then: { page in
                    call.answer(
                        page: page.items.map(API.Offer.init), next: page.next.map { Cursor.text($0.description) })
                }
            }
        },
        Route(
            .get, "/v1/contacts/{contact}/sla-clocks", .readContact, "A contact's promises.", ids: ["con"],
            reply: .page(API.SLAClock.self)
        ) { call throws(Problem) in
            try call.contact { id, _ in
                call.query(id.partition) {
                    try $0.clocks(of: id)
                } then: { clocks in
                    call.answer(page: clocks.map(API.SLAClock.init), next: nil)
                }
            }
        },
        contact("abandon", .abandonContact, "The customer leaves.") { _, _, _ in .abandon },
        contact(
            "handover", .handOverContact, "The bot gives the contact to people.", body: API.HandoverRequest.self
        ) { body, caller, _ in
            .handOver(reason: body.reason, by: caller.agent == nil && caller.customer == nil ? .bot : caller.party)
        },
        contact("hold", .handleContact, "Put the customer on hold.") { _, caller, contact throws(Problem) in
            .hold(by: try caller.handler(of: contact))
        },
        contact("resume", .handleContact, "Resume the customer from hold.") { _, caller, contact throws(Problem) in
            .resume(by: try caller.handler(of: contact))
        },
        contact("end", .handleContact, "End the talk; wrap-up begins where the queue has one.") { _, caller, _ in
            .end(by: caller.party)
        },
        contact(
            "wrapup", .handleContact, "End the wrap-up.", body: API.WrapUpRequest.self
        ) { body, caller, _ in
            .finishWrapUp(disposition: body.disposition, by: caller.party)
        },
        contact("requeue", .superviseContact, "Back to the queue, at its age.") { _, caller, _ in
            .requeue(by: caller.party)
        },
        contact(
            "assign", .superviseContact, "Offer the contact to this agent, whatever his skills.",
            body: API.AssignRequest.self
        ) { body, caller, _ in
            .assign(body.agent, by: caller.party)
        },
        contact("close", .superviseContact, "End the contact from any state.") { _, caller, _ in
            .forceClose(by: caller.party)
        },
        contact(
            "priority", .superviseContact, "Change the contact's priority.", body: API.PriorityRequest.self
        ) { body, caller, _ in
            .setPriority(body.priority, by: caller.party)
        },
    ]

    static let transfers = [
        contact(
            "transfer", .handleContact, "Give the contact to a queue or an agent, cold: this leg ends.",
            body: API.TargetRequest.self
        ) { body, caller, _ throws(Problem) in
            .transfer(try body.target(), by: caller.party)
        },
        contact(
            "consult", .handleContact, "Speak with a queue or an agent while the customer is held.",
            body: API.TargetRequest.self
        ) { body, caller, contact throws(Problem) in
            .startConsult(try body.target(), by: try caller.handler(of: contact))
        },
        contact(
            "consult/complete", .handleContact, "The consulted agent takes over: a warm transfer."
        ) { _, caller, contact throws(Problem) in
            .completeTransfer(by: try caller.handler(of: contact))
        },
        contact(
            "consult/end", .handleContact, "The consultation is taken back; the customer is resumed."
        ) { _, caller, contact throws(Problem) in
            .endConsult(by: try caller.handler(of: contact))
        },
    ]

    /// A command on a contact with a body.
    private static func contact<Body: Described>(
        _ verb: String, _ operation: Operation, _ summary: String, body: Body.Type,
        _ command: @escaping @Sendable (Body, Caller, Contact?) throws(Problem) -> ContactCommand
    ) -> Route {
        Route(
            .post, "/v1/contacts/{contact}/\(verb)", operation, summary, ids: ["con"], body: .json(body),
            reply: .json(API.Written.self)
        ) { call throws(Problem) in
            try call.command(try call.body(Body.self), command)
        }
    }

    /// A command on a contact without one.
    private static func contact(
        _ verb: String, _ operation: Operation, _ summary: String,
        _ command: @escaping @Sendable (Void, Caller, Contact?) throws(Problem) -> ContactCommand
    ) -> Route {
        Route(
            .post, "/v1/contacts/{contact}/\(verb)", operation, summary, ids: ["con"], reply: .json(API.Written.self)
        ) { call throws(Problem) in
            try call.command((), command)
        }
    }
}

extension Call {
    fileprivate func command<Body: Sendable>(
        _ body: Body, _ command: @escaping @Sendable (Body, Caller, Contact?) throws(Problem) -> ContactCommand
    ) throws(Problem) {
        let caller = try requireCaller()
        try contact { id, conversation throws(Problem) in
            // A closed leg has left its conversation; the machine says so.
            let open = conversation.contacts.first { $0.id == id }
            write(.conversation(conversation.id, .contact(id, try command(body, caller, open))))
        }
    }

    fileprivate func listContacts() throws(Problem) {
        let (tenant, caller) = (try tenant(), try requireCaller())
        let (queue, agent): (QueueID?, AgentID?) = (parameter("queue"), parameter("agent"))
        if queue != nil, agent != nil {
            throw Problem(.invalid, field: "agent", detail: "A queue or an agent, not both.")
        }
        let (before, limit) = (try contactCursor(), limit)
        read(tenant.partition) { view throws(Problem) in
            if let queue {
                guard let found = view.queue(queue), caller.sees(found.tenant) else {
                    throw Problem(.notFound, field: "queue")
                }
                return ContactFilter.queue(queue, onlyOpen: true)
            }
            if let agent {
                guard let found = view.agent(agent), caller.sees(found.tenant) else {
                    throw Problem(.notFound, field: "agent")
                }
                return .agent(agent, onlyOpen: true)
            }
            return .open(tenant)
        } then: { filter in
            query(tenant.partition) {
                try $0.contacts(filter, before: before, limit: limit)
            } then: { page in
                answer(contacts: page)
            }
        }
    }
}

extension Caller {
    /// Who acts: an agent for himself; staff for whoever has the contact.
    fileprivate func handler(of contact: Contact?) throws(Problem) -> AgentID {
        if let agent { return agent }
        guard let contact else { throw Problem(.contactNotFound) }
        guard let agent = contact.agentNow else { throw Problem(.contactNotConnected) }
        return agent
    }
}

extension API.TargetRequest {
    fileprivate func target() throws(Problem) -> TransferTarget {
        do throws(FieldProblem) {
            return try core()
        } catch {
            throw Problem(error)
        }
    }
}
