package import TandemCore

extension API {
    /// What a rule may ask. A condition is an object whose `type` says what it asks; where a `queue` is left out, the
    /// contact's own is meant.
    package indirect enum RoutingCondition: Described, Equatable {
        case always
        case all([RoutingCondition])
        case any([RoutingCondition])
        case not(RoutingCondition)
        case channel(ChannelSet)
        case tierAtLeast(Tier)
        case tag(String)
        case waitAtLeast(Milliseconds)
        case estimatedWaitAtLeast(Milliseconds)
        case positionAtLeast(UInt32)
        case waitingAtLeast(QueueID?, UInt32)
        case availableAtMost(QueueID?, UInt32)
        case loggedInAtMost(QueueID?, UInt32)
        case serviceLevelBelow(QueueID?, UInt16)
        case open(CalendarID)
        case closed(CalendarID)

        package init(_ core: TandemCore.RoutingCondition) {
            switch core {
            case .always: self = .always
            case .all(let parts): self = .all(parts.map(Self.init))
            case .any(let parts): self = .any(parts.map(Self.init))
            case .not(let part): self = .not(Self(part))
            case .channel(let channels): self = .channel(channels)
            case .tierAtLeast(let tier): self = .tierAtLeast(tier)
            case .tag(let tag): self = .tag(tag)
            case .waitAtLeast(let wait): self = .waitAtLeast(wait)
            case .estimatedWaitAtLeast(let wait): self = .estimatedWaitAtLeast(wait)
            case .positionAtLeast(let position): self = .positionAtLeast(position)
            case .waitingAtLeast(let queue, let count): self = .waitingAtLeast(queue, count)
            case .availableAtMost(let queue, let count): self = .availableAtMost(queue, count)
            case .loggedInAtMost(let queue, let count): self = .loggedInAtMost(queue, count)
            case .serviceLevelBelow(let queue, let level): self = .serviceLevelBelow(queue, level)
            case .open(let calendar): self = .open(calendar)
            case .closed(let calendar): self = .closed(calendar)
            }
        }

        package var core: TandemCore.RoutingCondition {
            switch self {
            case .always: .always
            case .all(let parts): .all(parts.map(\.core))
            case .any(let parts): .any(parts.map(\.core))
            case .not(let part): .not(part.core)
            case .channel(let channels): .channel(channels)
            case .tierAtLeast(let tier): .tierAtLeast(tier)
            case .tag(let tag): .tag(tag)
            case .waitAtLeast(let wait): .waitAtLeast(wait)
            case .estimatedWaitAtLeast(let wait): .estimatedWaitAtLeast(wait)
            case .positionAtLeast(let position): .positionAtLeast(position)
            case .waitingAtLeast(let queue, let count): .waitingAtLeast(queue, count)
            case .availableAtMost(let queue, let count): .availableAtMost(queue, count)
            case .loggedInAtMost(let queue, let count): .loggedInAtMost(queue, count)
            case .serviceLevelBelow(let queue, let level): .serviceLevelBelow(queue, level)
            case .open(let calendar): .open(calendar)
            case .closed(let calendar): .closed(calendar)
            }
        }

        package static let schemaDescription = "What a rule asks of a contact; a queue left out is the contact's own."
        package static let schema: Schema = {
            let parts = Schema.array(.named(RoutingCondition.self), max: Limits.conditionsPerRuleMax)
            let counted: [Schema.Field] = [
                .optional("queue", .id(QueueID.self)), .required("count", .integer(0...Int64(UInt32.max))),
            ]
            return .union([
                .init("always"),
                .init("all", [.required("of", parts)]),
                .init("any", [.required("of", parts)]),
                .init("not", [.required("not", .named(RoutingCondition.self))]),
                .init(
                    "channel",
                    [.required("channels", .array(.word(Channel.self), min: 1, max: Channel.allCases.count))]),
                .init("tierAtLeast", [.required("tier", .word(Tier.self))]),
                .init("tag", [.required("tag", .name)]),
                .init("waitAtLeast", [.required("wait", .length)]),
                .init("estimatedWaitAtLeast", [.required("wait", .length, "Does not hold while unknown.")]),
                .init("positionAtLeast", [.required("position", .integer(0...Int64(UInt32.max)))]),
                .init("waitingAtLeast", counted),
                .init("availableAtMost", counted),
                .init("loggedInAtMost", counted),
                .init(
                    "serviceLevelBelow",
                    [
                        .optional("queue", .id(QueueID.self)),
                        .required("level", .integer(0...1_000), "SL-B of the last half hour, in thousandths."),
                    ]),
                .init("open", [.required("calendar", .id(CalendarID.self))]),
                .init("closed", [.required("calendar", .id(CalendarID.self))]),
            ])
        }()
    }
}

extension API.RoutingCondition {
    private enum Key: String, CodingKey {
        case type, of, not, channels, tier, tag, wait, position, queue, count, level, calendar
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        func value<Value: Decodable>(_ key: Key) throws -> Value { try container.decode(Value.self, forKey: key) }
        func queue() throws -> QueueID? { try container.decodeIfPresent(QueueID.self, forKey: .queue) }
        switch try container.decode(String.self, forKey: .type) {
        case "always": self = .always
        case "all": self = .all(try value(.of))
        case "any": self = .any(try value(.of))
        case "not": self = .not(try value(.not))
        case "channel": self = .channel(try value(.channels))
        case "tierAtLeast": self = .tierAtLeast(try value(.tier))
        case "tag": self = .tag(try value(.tag))
        case "waitAtLeast": self = .waitAtLeast(try value(.wait))
        case "estimatedWaitAtLeast": self = .estimatedWaitAtLeast(try value(.wait))
        case "positionAtLeast": self = .positionAtLeast(try value(.position))
        case "waitingAtLeast": self = .waitingAtLeast(try queue(), try value(.count))
        case "availableAtMost": self = .availableAtMost(try queue(), try value(.count))
        case "loggedInAtMost": self = .loggedInAtMost(try queue(), try value(.count))
        case "serviceLevelBelow": self = .serviceLevelBelow(try queue(), try value(.level))
        case "open": self = .open(try value(.calendar))
        case "closed": self = .closed(try value(.calendar))
        default:
            throw DecodingError.dataCorruptedError(
                forKey: .type, in: container, debugDescription: "There is no such condition.")
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        func put(_ type: String, _ key: Key? = nil, _ value: (any Encodable)? = nil) throws {
            try container.encode(type, forKey: .type)
            if let key, let value { try container.encode(value, forKey: key) }
        }
        func put(_ type: String, queue: QueueID?, _ key: Key, _ value: any Encodable) throws {
            try put(type, key, value)
            try container.encodeIfPresent(queue, forKey: .queue)
        }
        switch self {
        case .always: try put("always")
        case .all(let parts): try put("all", .of, parts)
        case .any(let parts): try put("any", .of, parts)
        case .not(let part): try put("not", .not, part)
        case .channel(let channels): try put("channel", .channels, channels)
        case .tierAtLeast(let tier): try put("tierAtLeast", .tier, tier)
        case .tag(let tag): try put("tag", .tag, tag)
        case .waitAtLeast(let wait): try put("waitAtLeast", .wait, wait)
        case .estimatedWaitAtLeast(let wait): try put("estimatedWaitAtLeast", .wait, wait)
        case .positionAtLeast(let position): try put("positionAtLeast", .position, position)
        case .waitingAtLeast(let queue, let count): try put("waitingAtLeast", queue: queue, .count, count)
        case .availableAtMost(let queue, let count): try put("availableAtMost", queue: queue, .count, count)
        case .loggedInAtMost(let queue, let count): try put("loggedInAtMost", queue: queue, .count, count)
        case .serviceLevelBelow(let queue, let level): try put("serviceLevelBelow", queue: queue, .level, level)
        case .open(let calendar): try put("open", .calendar, calendar)
        case .closed(let calendar): try put("closed", .calendar, calendar)
        }
    }
}
