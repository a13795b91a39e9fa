internal import TandemAPI
internal import TandemCore
internal import TandemReadModel
internal import TandemRuntime

extension Routes {
    static let queues = [
        Route(
            .post, "/v1/queues", .writeSettings, "Make a queue.", query: [.tenant],
            body: .json(API.QueueSettings.self), status: 201, reply: .json(API.Written.self)
        ) { call throws(Problem) in
            let settings = try call.body(API.QueueSettings.self).core
            call.write(.queue(nil, .create(try call.tenant(), settings)))
        },
        Route(
            .get, "/v1/queues", .readSettings, "List a tenant's queues.", query: [.tenant, .limit, .cursor],
            reply: .page(API.Stored<API.QueueSettings>.self)
        ) { call throws(Problem) in
            let (tenant, after, limit) = (try call.tenant(), try call.cursor(as: QueueID.self), call.limit)
            call.query(tenant.partition) { store in
                try store.queues(of: tenant, after: after, limit: limit)
            } then: { page in
                let items = page.items.map { API.Stored($0.id, of: $0.tenant, $0.version, $0.settings) }
                call.answer(page: items, next: page.next.map { Cursor.text($0.description) })
            }
        },
        Route(
            .get, "/v1/queues/{queue}", .readSettings, "One queue.", ids: ["que"],
            reply: .json(API.Stored<API.QueueSettings>.self), isVersioned: true
        ) { call throws(Problem) in
            try call.queue { queue in
                let stored = API.Stored(queue.id, of: queue.tenant, queue.version, queue.settings)
                call.answer(stored, version: queue.version)
            }
        },
        Route(
            .put, "/v1/queues/{queue}", .writeSettings, "Change a queue's settings.", ids: ["que"],
            body: .json(API.QueueSettings.self), reply: .json(API.Written.self), isVersioned: true
        ) { call throws(Problem) in
            let (settings, version) = (try call.body(API.QueueSettings.self).core, try call.expectedVersion())
            try call.queue { queue in
                call.write(.queue(queue.id, .change(settings, expecting: version)))
            }
        },
        Route(
            .post, "/v1/queues/{queue}/apply-sla-policy", .writeSettings,
            "Apply what a queue promises now to its clocks of conversations of a period, newest first, closed ones too.",
            ids: ["que"],
            query: [.limit, .cursor, .init("from", .time, "Conversations opened since then; all if left out.")],
            reply: .json(API.PolicyApplication.self)
        ) { call throws(Problem) in
            try PolicyRun.begin(call)
        },
    ]
}

extension API.Stored where Settings == API.QueueSettings {
    fileprivate init(_ id: QueueID, of tenant: TenantID?, _ version: UInt32, _ settings: QueueSettings) {
        self.init(
            id: id.description, tenant: tenant, version: version, settings: API.QueueSettings(settings))
    }
}

extension Call {
    /// The queue of the path, which is always in memory.
    func queue(then: @escaping @Sendable (Queue) throws(Problem) -> Void) throws(Problem) {
        let (id, caller): (QueueID, Caller) = (try id(), try requireCaller())
        read(id.partition) { view throws(Problem) in
            guard let queue = view.queue(id), caller.sees(queue.tenant) else { throw Problem(.notFound) }
            return queue
        } then: { queue throws(Problem) in
            try then(queue)
        }
    }
}
