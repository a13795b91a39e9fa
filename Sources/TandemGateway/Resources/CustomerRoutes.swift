internal import TandemAPI
internal import TandemCore
internal import TandemReadModel
internal import TandemRuntime
internal import TandemWire

extension Routes {
    static let customers = [
        Route(
            .post, "/v1/customers", .writeCustomers, "Make a customer.", query: [.tenant],
            body: .json(API.CustomerProfile.self), status: 201, reply: .json(API.Written.self)
        ) { call throws(Problem) in
            let profile = try call.body(API.CustomerProfile.self).core
            call.write(.customer(nil, .create(try call.tenant(), profile)))
        },
        Route(
            .get, "/v1/customers", .writeCustomers, "List a tenant's customers.",
            query: [
                .tenant, .limit, .cursor,
                .init("externalID", .string(min: 1, max: 128), "Only those with the company's own key."),
            ], reply: .page(API.Stored<API.CustomerProfile>.self)
        ) { call throws(Problem) in
            let (tenant, after, limit) = (try call.tenant(), try call.cursor(as: CustomerID.self), call.limit)
            let externalID = call.query["externalID"]
            call.query(tenant.partition) { store in
                try store.customers(of: tenant, externalID: externalID, after: after, limit: limit)
            } then: { page in
                let items = page.items.map { API.Stored($0.id, of: $0.tenant, $0.version, $0.profile) }
                call.answer(page: items, next: page.next.map { Cursor.text($0.description) })
            }
        },
        Route(
            .get, "/v1/customers/{customer}", .readCustomers,
            "One customer; agents see those whose contacts they handle, customers themselves.", ids: ["cus"],
            reply: .json(API.Stored<API.CustomerProfile>.self), isVersioned: true
        ) { call throws(Problem) in
            try call.customer { customer in
                let stored = API.Stored(customer.id, of: customer.tenant, customer.version, customer.profile)
                call.answer(stored, version: customer.version)
            }
        },
        Route(
            .put, "/v1/customers/{customer}", .writeCustomers, "Change a customer's profile.", ids: ["cus"],
            body: .json(API.CustomerProfile.self), reply: .json(API.Written.self), isVersioned: true
        ) { call throws(Problem) in
            let (profile, version) = (try call.body(API.CustomerProfile.self).core, try call.expectedVersion())
            try call.customer { customer in
                call.write(.customer(customer.id, .change(profile, expecting: version)))
            }
        },
    ]
}

extension API.Stored where Settings == API.CustomerProfile {
    fileprivate init(_ id: CustomerID, of tenant: TenantID?, _ version: UInt32, _ profile: CustomerProfile) {
        self.init(
            id: id.description, tenant: tenant, version: version, settings: API.CustomerProfile(profile))
    }
}

extension Call {
    /// The customer of the path, from memory or from the store.
    fileprivate func customer(then: @escaping @Sendable (Customer) throws(Problem) -> Void) throws(Problem) {
        let (id, caller): (CustomerID, Caller) = (try id(), try requireCaller())
        let isOwn = caller.reach(route.operation) == .own
        record(ActorID(id)) { record throws(Problem) in
            guard case .customer(let customer) = record, let tenant = customer.tenant, caller.sees(tenant) else {
                throw Problem(.notFound)
            }
            guard isOwn else { return try then(customer) }
            if let agent = caller.agent { return serves(agent, customer, then: then) }
            guard caller.customer == id else { throw Problem(.forbidden) }
            try then(customer)
        }
    }

    /// Goes on when the agent handles, or is offered, a contact of the customer.
    private func serves(
        _ agent: AgentID, _ customer: Customer, then: @escaping @Sendable (Customer) throws(Problem) -> Void
    ) {
        read(agent.partition) { view throws(Problem) in
            let serves = view.agent(agent)?.assignments.contains { assignment in
                view.conversation(assignment.conversation)?.customer == customer.id
            }
            guard serves == true else { throw Problem(.forbidden) }
            return customer
        } then: { customer throws(Problem) in
            try then(customer)
        }
    }
}
