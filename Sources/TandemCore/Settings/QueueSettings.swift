/// How a queue orders, offers and closes.
package struct QueueSettings: Hashable, Sendable {
    package var name: String
    package var strategy: Strategy
    /// Score gained per second of age, in thousandths; one weight per queue, so that order never changes by itself.
    package var ageingWeight: UInt32
    /// Score added for a customer's tier, in the order of `Tier.allCases`.
    package var tierBoosts: [Int32]
    package var wrapUp: WrapUp
    /// Per channel, in the order of `Channel.allCases`.
    package var offerTimeouts: [Milliseconds]
    package var shortAbandon: Milliseconds
    package var routingPolicy: RoutingPolicyID?
    package var slaPolicy: SLAPolicyID?
    /// Business hours, for conditions and for SLA policies without a calendar of their own.
    package var calendar: CalendarID?

    package init(
        name: String, strategy: Strategy = .longestIdle, ageingWeight: UInt32 = 1_000,
        tierBoosts: [Int32] = [0, 0, 0, 0], wrapUp: WrapUp = .none,
        offerTimeouts: [Milliseconds] = QueueSettings.offerTimeoutDefaults, shortAbandon: Milliseconds = .seconds(5),
        routingPolicy: RoutingPolicyID? = nil, slaPolicy: SLAPolicyID? = nil, calendar: CalendarID? = nil
    ) {
        self.name = name
        self.strategy = strategy
        self.ageingWeight = ageingWeight
        self.tierBoosts = tierBoosts
        self.wrapUp = wrapUp
        self.offerTimeouts = offerTimeouts
        self.shortAbandon = shortAbandon
        self.routingPolicy = routingPolicy
        self.slaPolicy = slaPolicy
        self.calendar = calendar
    }

    /// Voice 20 s, chat 30 s, messaging 30 s, email 120 s, social 30 s, task 120 s, callback 20 s.
    package static let offerTimeoutDefaults: [Milliseconds] = [
        .seconds(20), .seconds(30), .seconds(30), .seconds(120), .seconds(30), .seconds(120), .seconds(20),
    ]

    package func offerTimeout(for channel: Channel) -> Milliseconds {
        let place = Int(channel.rawValue)
        return place < offerTimeouts.count ? offerTimeouts[place] : .seconds(30)
    }

    package func boost(for tier: Tier) -> Int32 {
        let place = Int(tier.rawValue)
        return place < tierBoosts.count ? tierBoosts[place] : 0
    }
}

package enum WrapUp: Hashable, Sendable {
    case none
    /// The agent ends it as soon as he likes; until then it keeps its slot.
    case optional
    /// Ends by itself after the time, or earlier by hand.
    case timed(Milliseconds)
    /// Ends only with a disposition.
    case mandatory
}

extension QueueSettings {
    /// Whether a clock has the same promise by either.
    package func promisesLike(_ other: Self) -> Bool { slaPolicy == other.slaPolicy && calendar == other.calendar }
}
