import TandemCore

@testable import TandemWire

// Arbitrary webhooks and deliveries.

extension Arbitrary {
    mutating func webhook() -> Webhook { Webhook(id: id(), version: integer(), spec: webhookSpec()) }

    mutating func webhookSpec() -> WebhookSpec {
        WebhookSpec(
            name: text(), url: text(), notices: NoticeSet(rawValue: integer()), secret: text(), isEnabled: bool())
    }

    mutating func notice() -> Notice {
        var notice = Notice(one())
        notice.customer = optional { $0.id() }
        notice.contact = optional { $0.id() }
        notice.queue = optional { $0.id() }
        notice.agent = optional { $0.id() }
        notice.channel = optional { $0.one() }
        notice.reason = optional { $0.one() }
        notice.sequence = optional { $0.integer() }
        notice.author = optional { $0.one() }
        notice.metric = optional { $0.one() }
        return notice
    }

    mutating func deliveryDue() -> DeliveryDue {
        DeliveryDue(
            delivery: id(), tenant: id(), conversation: id(), notice: notice(), webhooks: list { $0.id() },
            turnedAway: list { $0.id() })
    }

    mutating func deliveryTarget() -> DeliveryTarget {
        DeliveryTarget(delivery: id(), tenant: id(), conversation: id(), webhook: id())
    }

    mutating func deliveryFailure() -> DeliveryFailure {
        DeliveryFailure(one(), status: optional { $0.integer() })
    }

    mutating func deliveryResult() -> DeliveryResult {
        switch below(3) {
        case 0: .done(status: integer())
        case 1: .failed(deliveryFailure())
        default: .refused(deliveryFailure())
        }
    }

    mutating func delivery() -> Delivery {
        Delivery(
            id: id(), due: optional { $0.deliveryDue() }, at: time(),
            targets: list {
                Delivery.Target(
                    webhook: $0.id(), attempts: $0.integer(), state: $0.deliveryState(),
                    failure: $0.optional { $0.deliveryFailure() })
            })
    }

    private mutating func deliveryState() -> Delivery.State {
        switch below(4) {
        case 0: .due
        case 1: .waiting(until: time())
        case 2: .done(at: time())
        default: .dead(at: time())
        }
    }
}
