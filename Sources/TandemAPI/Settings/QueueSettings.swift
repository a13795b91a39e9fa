package import TandemCore

extension API {
    /// How a queue orders, offers and closes; what is left out gets its default.
    package struct QueueSettings: Described, Equatable {
        package var name: String
        package var strategy: Strategy?
        package var ageingWeight: UInt32?
        package var tierBoosts: [String: Int32]?
        package var wrapUp: WrapUp?
        package var offerTimeouts: [String: Milliseconds]?
        package var shortAbandon: Milliseconds?
        package var routingPolicy: RoutingPolicyID?
        package var slaPolicy: SLAPolicyID?
        package var calendar: CalendarID?

        package init(
            name: String, strategy: Strategy? = nil, ageingWeight: UInt32? = nil, tierBoosts: [String: Int32]? = nil,
            wrapUp: WrapUp? = nil, offerTimeouts: [String: Milliseconds]? = nil, shortAbandon: Milliseconds? = nil,
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

        package init(_ core: TandemCore.QueueSettings) {
            self.init(
                name: core.name, strategy: core.strategy, ageingWeight: core.ageingWeight,
                tierBoosts: Dictionary(uniqueKeysWithValues: Tier.allCases.map { ($0.text, core.boost(for: $0)) }),
                wrapUp: WrapUp(core.wrapUp),
                offerTimeouts: Dictionary(
                    uniqueKeysWithValues: Channel.allCases.map { ($0.text, core.offerTimeout(for: $0)) }),
                shortAbandon: core.shortAbandon, routingPolicy: core.routingPolicy, slaPolicy: core.slaPolicy,
                calendar: core.calendar)
        }

        package var core: TandemCore.QueueSettings {
            var core = TandemCore.QueueSettings(
                name: name, routingPolicy: routingPolicy, slaPolicy: slaPolicy, calendar: calendar)
            if let strategy { core.strategy = strategy }
            if let ageingWeight { core.ageingWeight = ageingWeight }
            if let tierBoosts { core.tierBoosts = Tier.allCases.map { tierBoosts[$0.text] ?? 0 } }
            if let wrapUp { core.wrapUp = wrapUp.core }
            if let offerTimeouts {
                core.offerTimeouts = Channel.allCases.map { offerTimeouts[$0.text] ?? core.offerTimeout(for: $0) }
            }
            if let shortAbandon { core.shortAbandon = shortAbandon }
            return core
        }

        package static let schemaDescription = "How a queue orders, offers and closes."
        package static let schema = Schema.object([
            .required("name", .name),
            .optional("strategy", .word(Strategy.self), "How an agent is chosen among those who may."),
            .optional(
                "ageingWeight", .integer(0...Int64(Limits.ageingWeightMax)),
                "Score gained per second of age, in thousandths."),
            .optional(
                "tierBoosts", .map(Tier.words, .integer(Int64(Int32.min)...Int64(Int32.max))),
                "Score added for a customer's tier."),
            .optional("wrapUp", .named(WrapUp.self)),
            .optional(
                "offerTimeouts", .map(Channel.words, .integer(1...Limits.durationMax.count)),
                "How long an offer rings, by channel."),
            .optional("shortAbandon", .length, "Who leaves within it is not counted as abandoned."),
            .optional("routingPolicy", .id(RoutingPolicyID.self)),
            .optional("slaPolicy", .id(SLAPolicyID.self)),
            .optional("calendar", .id(CalendarID.self)),
        ])
    }

    /// After-contact work.
    package enum WrapUp: Described, Equatable {
        case none, optional, mandatory
        case timed(Milliseconds)

        package init(_ core: TandemCore.WrapUp) {
            switch core {
            case .none: self = .none
            case .optional: self = .optional
            case .timed(let length): self = .timed(length)
            case .mandatory: self = .mandatory
            }
        }

        package var core: TandemCore.WrapUp {
            switch self {
            case .none: .none
            case .optional: .optional
            case .mandatory: .mandatory
            case .timed(let length): .timed(length)
            }
        }

        private enum Key: String, CodingKey { case type, length }

        package init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Key.self)
            switch try container.decode(String.self, forKey: .type) {
            case "none": self = .none
            case "optional": self = .optional
            case "mandatory": self = .mandatory
            case "timed": self = .timed(try container.decode(Milliseconds.self, forKey: .length))
            default:
                throw DecodingError.dataCorruptedError(
                    forKey: .type, in: container, debugDescription: "There is no such kind of wrap-up.")
            }
        }

        package func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            switch self {
            case .none: try container.encode("none", forKey: .type)
            case .optional: try container.encode("optional", forKey: .type)
            case .mandatory: try container.encode("mandatory", forKey: .type)
            case .timed(let length):
                try container.encode("timed", forKey: .type)
                try container.encode(length, forKey: .length)
            }
        }

        package static let schemaDescription = "After-contact work: none, ended by hand, timed, or with a disposition."
        package static let schema = Schema.union([
            .init("none"), .init("optional"), .init("mandatory"), .init("timed", [.required("length", .length)]),
        ])
    }
}
