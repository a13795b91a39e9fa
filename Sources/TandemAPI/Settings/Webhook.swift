package import TandemCore

extension NoticeKind: APIWord {
    package var word: StaticString {
        switch self {
        case .contactCreated: "contactCreated"
        case .contactAnswered: "contactAnswered"
        case .contactEnded: "contactEnded"
        case .conversationClosed: "conversationClosed"
        case .messagePosted: "messagePosted"
        case .promiseWarned: "promiseWarned"
        case .promiseBroken: "promiseBroken"
        }
    }
}

extension Notice.AuthorKind: APIWord {
    package var word: StaticString {
        switch self {
        case .system: "system"
        case .bot: "bot"
        case .customer: "customer"
        case .agent: "agent"
        case .staff: "staff"
        }
    }
}

extension DeliveryFailure.Reason: APIWord {
    package var word: StaticString {
        switch self {
        case .unreachable: "unreachable"
        case .timedOut: "timedOut"
        case .addressNotFound: "addressNotFound"
        case .addressNotAllowed: "addressNotAllowed"
        case .badAnswer: "badAnswer"
        case .status: "status"
        case .secretMissing: "secretMissing"
        case .disabled: "disabled"
        case .turnedAway: "turnedAway"
        case .tlsFailed: "tlsFailed"
        }
    }
}

extension API {
    /// Where a tenant's own systems are told of what happens.
    package struct Webhook: PartSettings {
        package var name: String
        package var url: String
        package var notices: [NoticeKind]
        package var secret: String
        package var isEnabled: Bool?

        package init(name: String, url: String, notices: [NoticeKind], secret: String, isEnabled: Bool? = nil) {
            self.name = name
            self.url = url
            self.notices = notices
            self.secret = secret
            self.isEnabled = isEnabled
        }
        package init(_ core: WebhookSpec) {
            self.init(
                name: core.name, url: core.url, notices: core.notices.kinds, secret: core.secret,
                isEnabled: core.isEnabled)
        }
        package var core: WebhookSpec {
            WebhookSpec(
                name: name, url: url, notices: NoticeSet(notices), secret: secret, isEnabled: isEnabled ?? true)
        }

        package static let schemaDescription = "Where a tenant's own systems are told of what happens, by signed HTTP."
        package static let schema = Schema.object([
            .required("name", .name),
            .required(
                "url", .string(min: 1, max: Limits.webhookURLBytesMax),
                "`https://…`, or `http://` on loopback; no user, no password, no fragment."),
            .required("notices", .array(.word(NoticeKind.self), min: 1, max: NoticeKind.allCases.count)),
            .required("secret", .name, "The name of the secret in the nodes' files, never the secret itself."),
            .optional("isEnabled", .boolean, "Disabled, nothing is sent there; true if left out."),
        ])
    }
}
