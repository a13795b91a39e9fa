internal import TandemAPI
internal import TandemCore
internal import TandemReadModel
internal import TandemRuntime

extension Routes {
    static let figures = [
        Route(
            .get, "/v1/queues/{queue}/status", .readQueueStatus,
            "Who waits, who is there, how long it takes, and the service level by every formula.", ids: ["que"],
            reply: .json(API.QueueStatus.self)
        ) { call throws(Problem) in
            let (id, caller): (QueueID, Caller) = (try call.id(), try call.requireCaller())
            call.read(id.partition) { view throws(Problem) in
                guard let queue = view.queue(id), caller.sees(queue.tenant) else { throw Problem(.notFound) }
                return API.QueueStatus(queue, view.standing(of: nil, in: id), now: view.now)
            } then: { status in
                call.answer(status)
            }
        },
        Route(
            .get, "/v1/contact-records", .readReports, "The facts of legs that ended in a period, oldest first.",
            query: [
                .tenant, .limit, .cursor, .init("from", .time, "The first if left out."),
                .init("to", .time, "Exclusive; no end if left out."), .init("queue", .id("que"), "Only its legs."),
                .init("agent", .id("agt"), "Only legs he handled last."), .stale,
            ], reply: .page(API.ContactRecord.self)
        ) { call throws(Problem) in
            try call.listRecords()
        },
        Route(
            .get, "/v1/reports", .readReports,
            "The figures of a period, by one fold over its events: the same question gives the same number everywhere.",
            query: [
                .tenant, .init("from", .time, "A day before `to` if left out."),
                .init("to", .time, "Exclusive; now if left out. At most 31 days after `from`."),
                .init("queue", .id("que"), "Only this queue's; all together if left out."), .stale,
            ], reply: .json(API.Report.self)
        ) { call throws(Problem) in
            try ReportRun.begin(call)
        },
        Route(
            .get, "/v1/sla-clocks", .readClocks, "A tenant's promises: running ones by due time, or breached ones.",
            query: [
                .tenant, .limit, .cursor,
                .init(
                    "state", .word(API.ClockState.allCases.map(\.rawValue) + ["breached"]), "`running` if left out."),
                .stale,
            ], reply: .page(API.SLAClock.self)
        ) { call throws(Problem) in
            try call.listClocks()
        },
    ]
}

extension Call {
    fileprivate func listRecords() throws(Problem) {
        let (tenant, caller) = (try tenant(), try requireCaller())
        let (queue, agent): (QueueID?, AgentID?) = (parameter("queue"), parameter("agent"))
        if queue != nil, agent != nil {
            throw Problem(.invalid, field: "agent", detail: "A queue or an agent, not both.")
        }
        var after: ContactRecordCursor?
        if let parts = try cursor(parts: 2) {
            after = ContactRecordCursor(
                closedAt: Timestamp(milliseconds: try number(cursor: parts[0])),
                position: EventPosition(rawValue: try number(cursor: parts[1])))
        }
        let (start, limit) = (after, limit)
        let (from, to) = (time("from") ?? Timestamp(milliseconds: 0), time("to") ?? .distantFuture)
        read(tenant.partition) { view throws(Problem) in
            if let queue {
                guard let found = view.queue(queue), caller.sees(found.tenant) else {
                    throw Problem(.notFound, field: "queue")
                }
                return ContactRecordFilter.queue(queue)
            }
            if let agent {
                guard let found = view.agent(agent), caller.sees(found.tenant) else {
                    throw Problem(.notFound, field: "agent")
                }
                return .agent(agent)
            }
            return .tenant(tenant)
        } then: { filter in
            query(tenant.partition) { store in
                try store.contactRecords(filter, from: from, to: to, after: start, limit: limit)
            } then: { page in
                let next = page.next.map { Cursor.text("\($0.closedAt.milliseconds)", "\($0.position.rawValue)") }
                answer(page: page.items.map { API.ContactRecord($0.facts, at: $0.closedAt) }, next: next)
            }
        }
    }

    fileprivate func listClocks() throws(Problem) {
        let (tenant, limit) = (try tenant(), limit)
        var after: ClockCursor?
        if let parts = try cursor(parts: 3) {
            guard let contact = ContactID(parts[1]), let metric = SLAMetric(word: parts[2]) else {
                throw Problem(.invalid, field: "cursor", detail: "Expected: `next` of a page of this list.")
            }
            after = ClockCursor(
                at: Timestamp(milliseconds: try number(cursor: parts[0])), contact: contact, metric: metric)
        }
        let filter: ClockFilter =
            switch query["state"] {
            case "breached": .breached
            case "paused": .state(.paused)
            case "fulfilled": .state(.fulfilled)
            case "ended": .state(.ended)
            default: .state(.running)
            }
        let start = after
        query(tenant.partition) {
            try $0.clocks(of: tenant, filter, after: start, limit: limit)
        } then: { page in
            let next = page.next.map { Cursor.text("\($0.at.milliseconds)", $0.contact.description, $0.metric.text) }
            answer(page: page.items.map(API.SLAClock.init), next: next)
        }
    }
}

extension API.SLAClock {
    init(_ row: ClockRow) {
        let state: API.ClockState =
            switch row.state {
            case .running: .running
            case .paused: .paused
            case .fulfilled: .fulfilled
            case .ended: .ended
            }
        self.init(
            contact: row.contact, metric: row.metric, conversation: row.conversation, queue: row.queue, state: state,
            target: row.target, warnPercent: row.warnPercent, activatedAt: row.activatedAt, dueAt: row.dueAt,
            remaining: row.remaining,
            warnedAt: row.warnedAt, breachedAt: row.breachedAt, fulfilledAt: row.fulfilledAt, elapsed: row.elapsed)
    }
}
