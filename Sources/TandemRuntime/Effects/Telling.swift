internal import TandemCore

/// Who has anything told, and how much waits to be told, by the records in memory: open deliveries always are.
struct Telling {
    private var tenants: Set<UInt64> = []
    private var counts: [UInt64: Int] = [:]
    /// Deliveries that are not over, by webhook.
    private(set) var open = 0

    /// A turn's events are looked at only then.
    var isWanted: Bool { !tenants.isEmpty }

    func open(to webhook: WebhookID) -> Int { counts[webhook.raw] ?? 0 }

    mutating func update(tenant: Tenant) {
        if tenant.webhooks.contains(where: \.spec.isEnabled) {
            tenants.insert(tenant.id.raw)
        } else {
            tenants.remove(tenant.id.raw)
        }
    }

    mutating func update(delivery before: Delivery, after: Delivery) {
        for target in before.targets where target.state.isOpen { count(target.webhook, -1) }
        for target in after.targets where target.state.isOpen { count(target.webhook, 1) }
    }

    private mutating func count(_ webhook: WebhookID, _ change: Int) {
        open += change
        let count = (counts[webhook.raw] ?? 0) + change
        counts[webhook.raw] = count == 0 ? nil : count
    }
}
