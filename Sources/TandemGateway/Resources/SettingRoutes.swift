internal import TandemAPI
internal import TandemCore
internal import TandemRuntime

// Tenants, skills, calendars, policies: all parts of a tenant's record.
extension Routes {
    static let tenants = [
        Route(
            .post, "/v1/tenants", .createTenant, "Make a tenant.", body: .json(API.TenantSettings.self), status: 201,
            reply: .json(API.Written.self)
        ) { call throws(Problem) in
            call.write(.tenant(nil, .create(try call.body(API.TenantSettings.self).core)))
        },
        Route(
            .get, "/v1/tenants", .readTenants, "List the tenants the token sees.",
            reply: .page(API.Stored<API.TenantSettings>.self)
        ) { call throws(Problem) in
            try TenantList(call).gather()
        },
        Route(
            .get, "/v1/tenants/{tenant}", .readTenants, "One tenant.", ids: ["ten"],
            reply: .json(API.Stored<API.TenantSettings>.self), isVersioned: true
        ) { call throws(Problem) in
            try call.tenantRecord(try call.pathTenant()) { tenant in
                call.answer(API.Stored(tenant), version: tenant.version)
            }
        },
        Route(
            .put, "/v1/tenants/{tenant}", .writeSettings,
            "Change a tenant's settings; what is left out gets its default.",
            ids: ["ten"], body: .json(API.TenantSettings.self), reply: .json(API.Written.self), isVersioned: true
        ) { call throws(Problem) in
            let settings = try call.body(API.TenantSettings.self).core
            call.write(.tenant(try call.pathTenant(), .change(settings, expecting: try call.expectedVersion())))
        },
    ]

    static let settings = skills + calendars + routingPolicies + slaPolicies + webhooks

    private static let skills = [
        Route(
            .post, "/v1/skills", .writeSettings, "Define a skill; an existing name is answered with its skill.",
            query: [.tenant], body: .json(API.SkillName.self), status: 201, reply: .json(API.Written.self), part: .skill
        ) { call throws(Problem) in
            call.write(.tenant(try call.tenant(), .defineSkill(name: try call.body(API.SkillName.self).name)))
        },
        Route(
            .get, "/v1/skills", .readSettings, "List a tenant's skills.", query: [.tenant],
            reply: .page(API.Skill.self)
        ) { call throws(Problem) in
            try call.tenantRecord(try call.tenant()) { tenant in
                call.answer(page: tenant.skills.map(API.Skill.init), next: nil)
            }
        },
    ]

    private static let calendars = [
        Route(
            .post, "/v1/calendars", .writeSettings, "Make a calendar.", query: [.tenant],
            body: .json(API.Calendar.self), status: 201, reply: .json(API.Written.self), part: .calendar
        ) { call throws(Problem) in
            call.write(.tenant(try call.tenant(), .putCalendar(nil, try call.calendar(), expecting: nil)))
        },
        Route(
            .get, "/v1/calendars", .readSettings, "List a tenant's calendars.", query: [.tenant],
            reply: .page(API.Stored<API.Calendar>.self)
        ) { call throws(Problem) in
            try call.tenantRecord(try call.tenant()) { tenant in
                call.answer(page: tenant.calendars.map { API.Stored($0, of: tenant.id) }, next: nil)
            }
        },
        Route(
            .get, "/v1/calendars/{calendar}", .readSettings, "One calendar.", ids: ["cal"], query: [.tenant],
            reply: .json(API.Stored<API.Calendar>.self), isVersioned: true
        ) { call throws(Problem) in
            let id: CalendarID = try call.id()
            try call.tenantRecord(try call.tenant()) { tenant throws(Problem) in
                guard let found = tenant.calendars.first(where: { $0.id == id }) else { throw Problem(.notFound) }
                call.answer(API.Stored(found, of: tenant.id), version: found.version)
            }
        },
        Route(
            .put, "/v1/calendars/{calendar}", .writeSettings, "Change a calendar.", ids: ["cal"], query: [.tenant],
            body: .json(API.Calendar.self), reply: .json(API.Written.self), isVersioned: true, part: .calendar
        ) { call throws(Problem) in
            let version = try call.expectedVersion()
            call.write(
                .tenant(try call.tenant(), .putCalendar(try call.id(), try call.calendar(), expecting: version)))
        },
    ]

    private static let routingPolicies = [
        Route(
            .post, "/v1/routing-policies", .writeSettings, "Make a routing policy.", query: [.tenant],
            body: .json(API.RoutingPolicy.self), status: 201, reply: .json(API.Written.self), part: .routingPolicy
        ) { call throws(Problem) in
            let policy = try call.body(API.RoutingPolicy.self).core
            call.write(.tenant(try call.tenant(), .putRoutingPolicy(nil, policy, expecting: nil)))
        },
        Route(
            .get, "/v1/routing-policies", .readSettings, "List a tenant's routing policies.", query: [.tenant],
            reply: .page(API.Stored<API.RoutingPolicy>.self)
        ) { call throws(Problem) in
            try call.tenantRecord(try call.tenant()) { tenant in
                call.answer(page: tenant.routingPolicies.map { API.Stored($0, of: tenant.id) }, next: nil)
            }
        },
        Route(
            .get, "/v1/routing-policies/{policy}", .readSettings, "One routing policy.", ids: ["rop"],
            query: [.tenant], reply: .json(API.Stored<API.RoutingPolicy>.self), isVersioned: true
        ) { call throws(Problem) in
            let id: RoutingPolicyID = try call.id()
            try call.tenantRecord(try call.tenant()) { tenant throws(Problem) in
                guard let found = tenant.routingPolicies.first(where: { $0.id == id }) else {
                    throw Problem(.notFound)
                }
                call.answer(API.Stored(found, of: tenant.id), version: found.version)
            }
        },
        Route(
            .put, "/v1/routing-policies/{policy}", .writeSettings, "Change a routing policy.", ids: ["rop"],
            query: [.tenant], body: .json(API.RoutingPolicy.self), reply: .json(API.Written.self), isVersioned: true,
            part: .routingPolicy
        ) { call throws(Problem) in
            let policy = try call.body(API.RoutingPolicy.self).core
            let version = try call.expectedVersion()
            call.write(.tenant(try call.tenant(), .putRoutingPolicy(try call.id(), policy, expecting: version)))
        },
    ]

    private static let slaPolicies = [
        Route(
            .post, "/v1/sla-policies", .writeSettings, "Make an SLA policy.", query: [.tenant],
            body: .json(API.SLAPolicy.self), status: 201, reply: .json(API.Written.self), part: .slaPolicy
        ) { call throws(Problem) in
            let policy = try call.body(API.SLAPolicy.self).core
            call.write(.tenant(try call.tenant(), .putSLAPolicy(nil, policy, expecting: nil)))
        },
        Route(
            .get, "/v1/sla-policies", .readSettings, "List a tenant's SLA policies.", query: [.tenant],
            reply: .page(API.Stored<API.SLAPolicy>.self)
        ) { call throws(Problem) in
            try call.tenantRecord(try call.tenant()) { tenant in
                call.answer(page: tenant.slaPolicies.map { API.Stored($0, of: tenant.id) }, next: nil)
            }
        },
        Route(
            .get, "/v1/sla-policies/{policy}", .readSettings, "One SLA policy.", ids: ["slp"], query: [.tenant],
            reply: .json(API.Stored<API.SLAPolicy>.self), isVersioned: true
        ) { call throws(Problem) in
            let id: SLAPolicyID = try call.id()
            try call.tenantRecord(try call.tenant()) { tenant throws(Problem) in
                guard let found = tenant.slaPolicies.first(where: { $0.id == id }) else { throw Problem(.notFound) }
                call.answer(API.Stored(found, of: tenant.id), version: found.version)
            }
        },
        Route(
            .put, "/v1/sla-policies/{policy}", .writeSettings, "Change an SLA policy.", ids: ["slp"],
            query: [.tenant], body: .json(API.SLAPolicy.self), reply: .json(API.Written.self), isVersioned: true,
            part: .slaPolicy
        ) { call throws(Problem) in
            let policy = try call.body(API.SLAPolicy.self).core
            let version = try call.expectedVersion()
            call.write(.tenant(try call.tenant(), .putSLAPolicy(try call.id(), policy, expecting: version)))
        },
    ]
}

extension Call {
    /// The tenant of the path; another's does not exist for the caller.
    fileprivate func pathTenant() throws(Problem) -> TenantID {
        let tenant: TenantID = try id()
        guard try requireCaller().sees(tenant) else { throw Problem(.notFound) }
        return tenant
    }

    /// A tenant's record, which is always in memory.
    func tenantRecord(
        _ id: TenantID, then: @escaping @Sendable (Tenant) throws(Problem) -> Void
    ) throws(Problem) {
        read(id.partition) { view throws(Problem) in
            guard let tenant = view.tenant(id) else { throw Problem(.notFound) }
            return tenant
        } then: { tenant throws(Problem) in
            try then(tenant)
        }
    }

    /// The calendar in the body, its zone written out.
    fileprivate func calendar() throws(Problem) -> CalendarSpec {
        let calendar = try body(API.Calendar.self)
        do throws(FieldProblem) {
            let written = calendar.transitions == nil ? try ZoneTable.transitions(of: calendar.zone) : []
            return try calendar.core(transitions: written)
        } catch {
            throw Problem(error)
        }
    }
}

extension API.Stored {
    init(_ tenant: Tenant) where Settings == API.TenantSettings {
        self.init(
            id: tenant.id.description, tenant: nil, version: tenant.version,
            settings: API.TenantSettings(tenant.settings))
    }
    init(_ calendar: BusinessCalendar, of tenant: TenantID) where Settings == API.Calendar {
        self.init(
            id: calendar.id.description, tenant: tenant, version: calendar.version,
            settings: API.Calendar(calendar.spec))
    }
    init(_ policy: RoutingPolicy, of tenant: TenantID) where Settings == API.RoutingPolicy {
        self.init(
            id: policy.id.description, tenant: tenant, version: policy.version,
            settings: API.RoutingPolicy(policy.spec))
    }
    init(_ webhook: Webhook, of tenant: TenantID) where Settings == API.Webhook {
        self.init(
            id: webhook.id.description, tenant: tenant, version: webhook.version, settings: API.Webhook(webhook.spec))
    }
    init(_ policy: SLAPolicy, of tenant: TenantID) where Settings == API.SLAPolicy {
        self.init(
            id: policy.id.description, tenant: tenant, version: policy.version, settings: API.SLAPolicy(policy.spec))
    }
}
