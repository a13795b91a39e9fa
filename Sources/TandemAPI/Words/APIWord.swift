package import TandemCore

/// A closed set of words as the API writes them: the case's name. Words are never renamed.
package protocol APIWord: CaseIterable, Codable, Sendable {
    var word: StaticString { get }
}

extension APIWord {
    package init?(word: String) {
        guard let found = Self.allCases.first(where: { $0.text == word }) else { return nil }
        self = found
    }

    package var text: String { word.description }

    package static var words: [String] { allCases.map(\.text) }
}

extension APIWord where Self: RawRepresentable, RawValue == UInt8 {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let found = Self(word: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "one of \(Self.words.joined(separator: ", ")) was expected")
        }
        self = found
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

extension Channel: APIWord {
    package var word: StaticString {
        switch self {
        case .voice: "voice"
        case .chat: "chat"
        case .messaging: "messaging"
        case .email: "email"
        case .social: "social"
        case .task: "task"
        case .callback: "callback"
        }
    }
}

extension Tier: APIWord {
    package var word: StaticString {
        switch self {
        case .normal: "normal"
        case .important: "important"
        case .core: "core"
        case .vip: "vip"
        }
    }
}

extension EndReason: APIWord {
    package var word: StaticString {
        switch self {
        case .completed: "completed"
        case .abandoned: "abandoned"
        case .shortAbandoned: "shortAbandoned"
        case .callbackQueued: "callbackQueued"
        case .flowedOut: "flowedOut"
        case .expired: "expired"
        case .transferred: "transferred"
        case .forced: "forced"
        case .consultEnded: "consultEnded"
        }
    }
}

extension OfferOutcome: APIWord {
    package var word: StaticString {
        switch self {
        case .accepted: "accepted"
        case .rejected: "rejected"
        case .timedOut: "timedOut"
        case .rescinded: "rescinded"
        case .cancelled: "cancelled"
        case .void: "void"
        }
    }
}

extension QueueReason: APIWord {
    package var word: StaticString {
        switch self {
        case .arrival: "arrival"
        case .handOver: "handOver"
        case .rejected: "rejected"
        case .timedOut: "timedOut"
        case .agentLost: "agentLost"
        case .transfer: "transfer"
        case .requeued: "requeued"
        case .overflow: "overflow"
        case .rescinded: "rescinded"
        case .stepped: "stepped"
        case .consult: "consult"
        }
    }
}

extension LegKind: APIWord {
    package var word: StaticString {
        switch self {
        case .original: "original"
        case .coldTransfer: "coldTransfer"
        case .consult: "consult"
        case .overflow: "overflow"
        case .callback: "callback"
        }
    }
}

extension SLAMetric: APIWord {
    package var word: StaticString {
        switch self {
        case .answer: "answer"
        case .firstReply: "firstReply"
        case .nextReply: "nextReply"
        case .resolution: "resolution"
        }
    }
}

extension Strategy: APIWord {
    package var word: StaticString {
        switch self {
        case .longestIdle: "longestIdle"
        case .leastOccupied: "leastOccupied"
        case .mostSkilled: "mostSkilled"
        case .leastContacts: "leastContacts"
        case .roundRobin: "roundRobin"
        }
    }
}

extension Role: APIWord {
    package var word: StaticString {
        switch self {
        case .administrator: "administrator"
        case .operator: "operator"
        case .supervisor: "supervisor"
        case .agent: "agent"
        case .customer: "customer"
        }
    }
}

extension ActorKind: APIWord {
    package var word: StaticString {
        switch self {
        case .tenant: "tenant"
        case .queue: "queue"
        case .agent: "agent"
        case .customer: "customer"
        case .conversation: "conversation"
        case .credential: "credential"
        case .quarantine: "quarantine"
        case .delivery: "delivery"
        }
    }
}

extension RoutingDecision.Trigger: APIWord {
    package var word: StaticString {
        switch self {
        case .contact: "contact"
        case .agent: "agent"
        case .hand: "hand"
        }
    }
}

extension Agent.Assignment.State: APIWord {
    package var word: StaticString {
        switch self {
        case .offered: "offered"
        case .busy: "busy"
        case .wrapping: "wrapping"
        }
    }
}

extension Deadline.Kind: APIWord {
    package var word: StaticString {
        switch self {
        case .offerTimeout: "offerTimeout"
        case .stepExpiry: "stepExpiry"
        case .declineExpiry: "declineExpiry"
        case .wrapUpEnd: "wrapUpEnd"
        case .slaWarning: "slaWarning"
        case .slaBreach: "slaBreach"
        case .grace: "grace"
        case .deliveryRetry: "deliveryRetry"
        }
    }
}
