internal import TandemAPI
internal import TandemCore
internal import TandemReadModel
internal import TandemRuntime

extension Routes {
    static let agents = [
        Route(
            .post, "/v1/agents", .writeAgents, "Make an agent.", query: [.tenant], body: .json(API.AgentProfile.self),
            status: 201, reply: .json(API.Written.self)
        ) { call throws(Problem) in
            let profile = try call.body(API.AgentProfile.self).core
            call.write(.agent(nil, .create(try call.tenant(), profile)))
        },
        Route(
            .get, "/v1/agents", .readAgents, "List a tenant's agents, with what they do now; agents see themselves.",
            query: [
                .tenant, .limit, .cursor, .init("presence", .word(Presence.words), "Only those in this presence."),
                .init("queue", .id("que"), "Only those who serve this queue."),
            ], reply: .page(API.AgentStatus.self)
        ) { call throws(Problem) in
            try call.listAgents()
        },
        Route(
            .get, "/v1/agents/{agent}", .readAgents, "One agent, with what he does now.", ids: ["agt"],
            reply: .json(API.AgentStatus.self)
        ) { call throws(Problem) in
            // No `ETag`: what he does now changes without his profile's version.
            try call.agent { agent in call.answer(API.AgentStatus(agent)) }
        },
        Route(
            .put, "/v1/agents/{agent}", .writeAgents, "Change an agent's profile.", ids: ["agt"],
            body: .json(API.AgentProfile.self), reply: .json(API.Written.self), isVersioned: true
        ) { call throws(Problem) in
            let (profile, version) = (try call.body(API.AgentProfile.self).core, try call.expectedVersion())
            try call.agent { agent in call.write(.agent(agent.id, .change(profile, expecting: version))) }
        },
        Route(
            .put, "/v1/agents/{agent}/presence", .setPresence,
            "Set an agent's presence. Staff who log an agent out send his contacts back to their queues.",
            ids: ["agt"], body: .json(API.PresenceWish.self), reply: .json(API.Written.self)
        ) { call throws(Problem) in
            let body = try call.body(API.PresenceWish.self)
            let wish: PresenceWish
            do throws(FieldProblem) {
                wish = try body.core()
            } catch {
                throw Problem(error)
            }
            let party = try call.requireCaller().party
            try call.agent { agent in call.write(.agent(agent.id, .setPresence(wish, by: party))) }
        },
        Route(
            .get, "/v1/agents/{agent}/intervals", .readIntervals, "How long an agent was in which presence.",
            ids: ["agt"],
            query: [
                .limit, .cursor, .init("from", .time, "Intervals that last at or after it; the first if left out."),
                .init("to", .time, "Intervals that begin before it; no end if left out."),
            ], reply: .page(API.AgentInterval.self)
        ) { call throws(Problem) in
            try call.listIntervals()
        },
    ]
}

extension Call {
    /// The agent of the path, who is always in memory.
    func agent(then: @escaping @Sendable (Agent) throws(Problem) -> Void) throws(Problem) {
        let (id, caller): (AgentID, Caller) = (try id(), try requireCaller())
        let isOwn = caller.reach(route.operation) == .own
        read(id.partition) { view throws(Problem) in
            guard let agent = view.agent(id), caller.sees(agent.tenant) else { throw Problem(.notFound) }
            if isOwn, caller.agent != id { throw Problem(.forbidden) }
            return agent
        } then: { agent throws(Problem) in
            try then(agent)
        }
    }

    fileprivate func listAgents() throws(Problem) {
        let (tenant, caller) = (try tenant(), try requireCaller())
        let own = caller.reach(route.operation) == .own ? caller.agent : nil
        let (after, limit) = (try cursor(as: AgentID.self), limit)
        let (presence, queue): (String?, QueueID?) = (query["presence"], parameter("queue"))
        read(tenant.partition) { view in
            let fitting = view.agents(of: tenant).filter { agent in
                (own == nil || own == agent.id) && after.map { agent.id > $0 } ?? true
                    && presence.map { agent.presence.word.description == $0 } ?? true
                    && queue.map { agent.profile.queues.contains($0) } ?? true
            }
            return Array(fitting.prefix(limit + 1))
        } then: { agents in
            let page = agents.prefix(limit)
            let next = agents.count > limit ? page.last.map { Cursor.text($0.id.description) } : nil
            answer(page: page.map(API.AgentStatus.init), next: next)
        }
    }

    fileprivate func listIntervals() throws(Problem) {
        let from = time("from") ?? Timestamp(milliseconds: 0)
        let to = time("to") ?? .distantFuture
        var after: AgentIntervalCursor?
        if let parts = try cursor(parts: 2) {
            after = AgentIntervalCursor(
                since: Timestamp(milliseconds: try number(cursor: parts[0])),
                position: EventPosition(rawValue: try number(cursor: parts[1])))
        }
        let (limit, start) = (limit, after)
        try agent { agent in
            query(agent.id.partition) { store in
                try store.intervals(of: agent.id, from: from, to: to, after: start, limit: limit)
            } then: { page in
                let items = page.items.map {
                    API.AgentInterval(
                        presence: $0.presence.word.description, breakCode: $0.presence.breakCode, since: $0.since,
                        until: $0.until, changedBy: $0.changedBy)
                }
                let next = page.next.map { Cursor.text("\($0.since.milliseconds)", "\($0.position.rawValue)") }
                answer(page: items, next: next)
            }
        }
    }
}
