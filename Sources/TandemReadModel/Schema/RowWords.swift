internal import TandemCore
internal import TandemWire

// The states that only rows have, and the words that views show for every number in rows.

/// Where a contact stands; append, never renumber.
package enum ContactState: UInt8, CaseIterable, Sendable {
    case created = 0, bot, queued, offered, connected, held, wrapping, closed
}

/// Where an SLA clock stands; append, never renumber.
package enum ClockState: UInt8, CaseIterable, Sendable {
    case running = 0, paused, fulfilled
    /// Its contact closed before it was fulfilled.
    case ended
}

/// What a row of `tenant_setting` is; append, never renumber.
package enum SettingKind: UInt8, CaseIterable, Sendable {
    case skill = 0, calendar, routingPolicy, slaPolicy, webhook
}

/// The table `word`: the name of each number, by topic, so that plain SQL can show it.
///
/// It is written anew whenever a store is opened, because words are added from version to version.
enum RowWords {
    struct Word: Equatable {
        let topic: String
        let code: Int64
        let name: String
    }

    static let all: [Word] =
        EventName.allCases.map { Word(topic: "event", code: Int64($0.code), name: $0.rawValue) }
        + words("channel", Channel.self) + words("tier", Tier.self) + words("endReason", EndReason.self)
        + words("offerOutcome", OfferOutcome.self) + words("queueReason", QueueReason.self)
        + words("legKind", LegKind.self) + words("metric", SLAMetric.self) + words("strategy", Strategy.self)
        + words("role", Role.self) + words("trigger", RoutingDecision.Trigger.self)
        + words("contactState", ContactState.self) + words("clockState", ClockState.self)
        + words("setting", SettingKind.self)
        + numbered("presence", Presence.words)
        + numbered("party", ["system", "bot", "customer", "agent", "staff"])
        + words("actor", ActorKind.self)
        + numbered("actorPrefix", ["ten_", "que_", "agt_", "cus_", "cnv_", "crd_", "quarantine", "dlv_"])
        + numbered("partyPrefix", ["system", "bot", "cus_", "agt_", "crd_"])

    private static func words<E: CaseIterable & RawRepresentable<UInt8>>(_ topic: String, _: E.Type) -> [Word] {
        E.allCases.map { Word(topic: topic, code: Int64($0.rawValue), name: String(describing: $0)) }
    }

    private static func numbered(_ topic: String, _ names: [String]) -> [Word] {
        names.enumerated().map { Word(topic: topic, code: Int64($0.offset), name: $0.element) }
    }
}
