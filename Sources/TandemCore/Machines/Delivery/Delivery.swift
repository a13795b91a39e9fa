/// Something that a tenant's webhooks are to be told: an effect, one for all of them. Its identifier is what they know a
/// repetition by.
package struct Delivery: Hashable, Sendable {
    package let id: DeliveryID
    /// Nil: absent.
    package internal(set) var due: DeliveryDue?
    /// When what it tells of happened.
    package internal(set) var at: Timestamp
    /// One for each webhook, in the order of the event.
    package internal(set) var targets: [Target]

    package struct Target: Hashable, Sendable {
        package let webhook: WebhookID
        /// That have failed.
        package internal(set) var attempts: UInt16
        package internal(set) var state: State
        /// Why the last attempt failed.
        package internal(set) var failure: DeliveryFailure?

        package init(webhook: WebhookID, attempts: UInt16, state: State, failure: DeliveryFailure?) {
            self.webhook = webhook
            self.attempts = attempts
            self.state = state
            self.failure = failure
        }
    }

    package enum State: Hashable, Sendable {
        case due
        /// An attempt failed; due again then.
        case waiting(until: Timestamp)
        case done(at: Timestamp)
        /// Given up.
        case dead(at: Timestamp)

        package var isOpen: Bool {
            switch self {
            case .due, .waiting: true
            case .done, .dead: false
            }
        }
    }

    package init(id: DeliveryID, due: DeliveryDue?, at: Timestamp, targets: [Target]) {
        self.id = id
        self.due = due
        self.at = at
        self.targets = targets
    }

    package func target(_ webhook: WebhookID) -> Target? { targets.first { $0.webhook == webhook } }
}

/// Why an attempt failed.
package struct DeliveryFailure: Hashable, Sendable {
    /// Raw values are journaled: append, never renumber.
    package enum Reason: UInt8, CaseIterable, Sendable {
        /// No connection, or one that broke.
        case unreachable = 0
        case timedOut
        /// The name is not known, or what it names may not be reached from this node.
        case addressNotFound, addressNotAllowed
        /// What was answered is not as it must be.
        case badAnswer
        /// Answered with a status that is no success.
        case status
        /// This node's file of secrets has none of that name.
        case secretMissing
        /// The webhook was disabled meanwhile.
        case disabled
        /// Too many deliveries wait for the webhook already.
        case turnedAway
        /// TLS did not come about: it is not spoken there, or the certificate is not good for the name, is not of an
        /// authority that is trusted, or not of this time.
        case tlsFailed
    }
    package var reason: Reason
    /// Of HTTP, where there was an answer.
    package var status: UInt16?
    package init(_ reason: Reason, status: UInt16? = nil) {
        self.reason = reason
        self.status = status
    }
}

/// What came of an attempt.
package enum DeliveryResult: Hashable, Sendable {
    case done(status: UInt16)
    case failed(DeliveryFailure)
    /// No further attempt would do better.
    case refused(DeliveryFailure)
}

/// One effect: a delivery to one of its webhooks.
package struct DeliveryTarget: Hashable, Sendable {
    package let delivery: DeliveryID
    package let tenant: TenantID
    package let conversation: ConversationID
    package let webhook: WebhookID
    package init(delivery: DeliveryID, tenant: TenantID, conversation: ConversationID, webhook: WebhookID) {
        self.delivery = delivery
        self.tenant = tenant
        self.conversation = conversation
        self.webhook = webhook
    }
}

package struct DeliveryDue: Hashable, Sendable {
    package var delivery: DeliveryID
    package var tenant: TenantID
    package var conversation: ConversationID
    package var notice: Notice
    package var webhooks: [WebhookID]
    /// For which too much waits already: they are not told, and that is what the journal says.
    package var turnedAway: [WebhookID]
    package init(
        delivery: DeliveryID, tenant: TenantID, conversation: ConversationID, notice: Notice, webhooks: [WebhookID],
        turnedAway: [WebhookID] = []
    ) {
        self.delivery = delivery
        self.tenant = tenant
        self.conversation = conversation
        self.notice = notice
        self.webhooks = webhooks
        self.turnedAway = turnedAway
    }
}

package struct DeliveryFailed: Hashable, Sendable {
    package var target: DeliveryTarget
    /// From 1.
    package var attempt: UInt16
    package var failure: DeliveryFailure
    /// Nil: given up.
    package var retryAt: Timestamp?
    package init(target: DeliveryTarget, attempt: UInt16, failure: DeliveryFailure, retryAt: Timestamp?) {
        self.target = target
        self.attempt = attempt
        self.failure = failure
        self.retryAt = retryAt
    }
}
