internal import TandemAPI
internal import TandemCore

// An address may hold what only its owner should know: who may read webhooks is who may change them.
extension Routes {
    static let webhooks = [
        Route(
            .post, "/v1/webhooks", .writeSettings, "Make a webhook.", query: [.tenant],
            body: .json(API.Webhook.self), status: 201, reply: .json(API.Written.self), part: .webhook
        ) { call throws(Problem) in
            let webhook = try call.body(API.Webhook.self).core
            call.write(.tenant(try call.tenant(), .putWebhook(nil, webhook, expecting: nil)))
        },
        Route(
            .get, "/v1/webhooks", .writeSettings, "List a tenant's webhooks.", query: [.tenant],
            reply: .page(API.Stored<API.Webhook>.self)
        ) { call throws(Problem) in
            try call.tenantRecord(try call.tenant()) { tenant in
                call.answer(page: tenant.webhooks.map { API.Stored($0, of: tenant.id) }, next: nil)
            }
        },
        Route(
            .get, "/v1/webhooks/{webhook}", .writeSettings, "One webhook.", ids: ["whk"], query: [.tenant],
            reply: .json(API.Stored<API.Webhook>.self), isVersioned: true
        ) { call throws(Problem) in
            let id: WebhookID = try call.id()
            try call.tenantRecord(try call.tenant()) { tenant throws(Problem) in
                guard let found = tenant.webhook(id) else { throw Problem(.notFound) }
                call.answer(API.Stored(found, of: tenant.id), version: found.version)
            }
        },
        Route(
            .put, "/v1/webhooks/{webhook}", .writeSettings, "Change a webhook.", ids: ["whk"], query: [.tenant],
            body: .json(API.Webhook.self), reply: .json(API.Written.self), isVersioned: true, part: .webhook
        ) { call throws(Problem) in
            let webhook = try call.body(API.Webhook.self).core
            let version = try call.expectedVersion()
            call.write(.tenant(try call.tenant(), .putWebhook(try call.id(), webhook, expecting: version)))
        },
    ]
}
