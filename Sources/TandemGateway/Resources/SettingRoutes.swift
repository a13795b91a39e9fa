internal import TandemAPI
internal import TandemCore
internal import TandemRuntime

// Tenants, and what they keep in their records: skills, calendars, policies, webhooks.
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

    private static let calendars = parts(
        .calendar, at: "/v1/calendars", "calendar", called: "a", "calendar", "calendars", in: { $0.calendars },
        put: { .putCalendar($0, $1, expecting: $2) }
    ) { (calendar: API.Calendar) throws(FieldProblem) in
        // Its zone is written out.
        let written = calendar.transitions == nil ? try ZoneTable.transitions(of: calendar.zone) : []
        return try calendar.core(transitions: written)
    }

    private static let routingPolicies = parts(
        .routingPolicy, at: "/v1/routing-policies", "policy", called: "a", "routing policy", "routing policies",
        in: { $0.routingPolicies }, put: { .putRoutingPolicy($0, $1, expecting: $2) },
        spec: { (policy: API.RoutingPolicy) in policy.core })

    private static let slaPolicies = parts(
        .slaPolicy, at: "/v1/sla-policies", "policy", called: "an", "SLA policy", "SLA policies",
        in: { $0.slaPolicies }, put: { .putSLAPolicy($0, $1, expecting: $2) },
        spec: { (policy: API.SLAPolicy) in policy.core })

    /// An address may hold what only its owner should know: who may read webhooks is who may change them.
    private static let webhooks = parts(
        .webhook, at: "/v1/webhooks", "webhook", called: "a", "webhook", "webhooks", reading: .writeSettings,
        in: { $0.webhooks }, put: { .putWebhook($0, $1, expecting: $2) },
        spec: { (webhook: API.Webhook) in webhook.core })

    /// A kind of part that tenants keep: made, listed, shown and changed in one way.
    ///
    /// - Parameters:
    ///   - parameter: what its identifier is called in the path
    ///   - list: where a tenant keeps them
    ///   - put: makes one where it gets no identifier
    ///   - spec: what is kept of a body
    private static func parts<Settings: PartSettings>(
        _ part: Route.Part, at path: String, _ parameter: String, called article: String, _ one: String,
        _ many: String, reading: Operation = .readSettings,
        in list: @escaping @Sendable (Tenant) -> [SettingPart<Settings.Spec>],
        put: @escaping @Sendable (Identifier<Settings.Spec.Kind>?, Settings.Spec, UInt32?) -> TenantCommand,
        spec: @escaping @Sendable (Settings) throws(FieldProblem) -> Settings.Spec
    ) -> [Route] {
        let (place, ids) = ("\(path)/{\(parameter)}", [Settings.Spec.Kind.prefix.description])
        let (body, stored) = (Route.Body.json(Settings.self), API.Stored<Settings>.self)
        return [
            Route(
                .post, path, .writeSettings, "Make \(article) \(one).", query: [.tenant], body: body, status: 201,
                reply: .json(API.Written.self), part: part
            ) { call throws(Problem) in
                call.write(.tenant(try call.tenant(), put(nil, try call.spec(spec), nil)))
            },
            Route(
                .get, path, reading, "List a tenant's \(many).", query: [.tenant], reply: .page(stored)
            ) { call throws(Problem) in
                try call.tenantRecord(try call.tenant()) { tenant in
                    call.answer(page: list(tenant).map { API.Stored<Settings>($0, of: tenant.id) }, next: nil)
                }
            },
            Route(
                .get, place, reading, "One \(one).", ids: ids, query: [.tenant], reply: .json(stored),
                isVersioned: true
            ) { call throws(Problem) in
                let id: Identifier<Settings.Spec.Kind> = try call.id()
                try call.tenantRecord(try call.tenant()) { tenant throws(Problem) in
                    guard let found = list(tenant).first(where: { $0.id == id }) else { throw Problem(.notFound) }
                    call.answer(API.Stored<Settings>(found, of: tenant.id), version: found.version)
                }
            },
            Route(
                .put, place, .writeSettings, "Change \(article) \(one).", ids: ids, query: [.tenant], body: body,
                reply: .json(API.Written.self), isVersioned: true, part: part
            ) { call throws(Problem) in
                let (spec, version) = (try call.spec(spec), try call.expectedVersion())
                call.write(.tenant(try call.tenant(), put(try call.id(), spec, version)))
            },
        ]
    }
}

extension Call {
    /// The tenant of the path; another's does not exist for the caller.
    fileprivate func pathTenant() throws(Problem) -> TenantID {
        let tenant: TenantID = try id()
        guard try requireCaller().sees(tenant) else { throw Problem(.notFound) }
        return tenant
    }

    /// A tenant's record, which is always in memory.
    fileprivate func tenantRecord(
        _ id: TenantID, then: @escaping @Sendable (Tenant) throws(Problem) -> Void
    ) throws(Problem) {
        read(id.partition) { view throws(Problem) in
            guard let tenant = view.tenant(id) else { throw Problem(.notFound) }
            return tenant
        } then: { tenant throws(Problem) in
            try then(tenant)
        }
    }

    /// What is kept of the body.
    fileprivate func spec<Settings: PartSettings>(
        _ kept: (Settings) throws(FieldProblem) -> Settings.Spec
    ) throws(Problem) -> Settings.Spec {
        let settings = try body(Settings.self)
        do throws(FieldProblem) {
            return try kept(settings)
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
}

extension API.Stored where Settings: PartSettings {
    fileprivate init(_ part: SettingPart<Settings.Spec>, of tenant: TenantID) {
        self.init(
            id: part.id.description, tenant: tenant, version: part.version, settings: Settings(part.spec))
    }
}
