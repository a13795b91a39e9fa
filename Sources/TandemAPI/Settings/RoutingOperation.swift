package import TandemCore

extension API {
    /// What is done when a step expires: an object whose `type` says what.
    package enum RoutingOperation: Described, Equatable {
        case lowerLevel(SkillID, by: UInt8)
        case dropSkill(SkillID)
        case widen(QueueID)
        case raisePriority(by: UInt8)
        case boost(Int32)
        case overflow(QueueID)
        case offerCallback
        case close(message: String)

        package init(_ core: TandemCore.RoutingOperation) {
            switch core {
            case .lowerLevel(let skill, let by): self = .lowerLevel(skill, by: by)
            case .dropSkill(let skill): self = .dropSkill(skill)
            case .widen(let queue): self = .widen(queue)
            case .raisePriority(let by): self = .raisePriority(by: by)
            case .boost(let by): self = .boost(by)
            case .overflow(let queue): self = .overflow(queue)
            case .offerCallback: self = .offerCallback
            case .close(let message): self = .close(message: message)
            }
        }

        package var core: TandemCore.RoutingOperation {
            switch self {
            case .lowerLevel(let skill, let by): .lowerLevel(skill, by: by)
            case .dropSkill(let skill): .dropSkill(skill)
            case .widen(let queue): .widen(queue)
            case .raisePriority(let by): .raisePriority(by: by)
            case .boost(let by): .boost(by)
            case .overflow(let queue): .overflow(queue)
            case .offerCallback: .offerCallback
            case .close(let message): .close(message: message)
            }
        }

        package static let schemaDescription = "What is done when a step expires."
        package static let schema: Schema = {
            let skill = Schema.Field.required("skill", .id(SkillID.self))
            let queue = Schema.Field.required("queue", .id(QueueID.self))
            return .union([
                .init("lowerLevel", [skill, .required("by", .integer(1...10))]),
                .init("dropSkill", [skill]),
                .init("widen", [queue]),
                .init("raisePriority", [.required("by", .integer(1...9))]),
                .init("boost", [.required("by", .integer(Int64(Int32.min)...Int64(Int32.max)))]),
                .init("overflow", [queue]),
                .init("offerCallback"),
                .init("close", [.required("message", .string(max: Limits.messageBytesMax))]),
            ])
        }()

        private enum Key: String, CodingKey { case type, skill, by, queue, message }

        package init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Key.self)
            func value<Value: Decodable>(_ key: Key) throws -> Value { try container.decode(Value.self, forKey: key) }
            switch try container.decode(String.self, forKey: .type) {
            case "lowerLevel": self = .lowerLevel(try value(.skill), by: try value(.by))
            case "dropSkill": self = .dropSkill(try value(.skill))
            case "widen": self = .widen(try value(.queue))
            case "raisePriority": self = .raisePriority(by: try value(.by))
            case "boost": self = .boost(try value(.by))
            case "overflow": self = .overflow(try value(.queue))
            case "offerCallback": self = .offerCallback
            case "close": self = .close(message: try value(.message))
            default:
                throw DecodingError.dataCorruptedError(
                    forKey: .type, in: container, debugDescription: "There is no such operation.")
            }
        }

        package func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            func put(_ type: String, _ key: Key? = nil, _ value: (any Encodable)? = nil) throws {
                try container.encode(type, forKey: .type)
                if let key, let value { try container.encode(value, forKey: key) }
            }
            switch self {
            case .lowerLevel(let skill, let by):
                try put("lowerLevel", .skill, skill)
                try container.encode(by, forKey: .by)
            case .dropSkill(let skill): try put("dropSkill", .skill, skill)
            case .widen(let queue): try put("widen", .queue, queue)
            case .raisePriority(let by): try put("raisePriority", .by, by)
            case .boost(let by): try put("boost", .by, by)
            case .overflow(let queue): try put("overflow", .queue, queue)
            case .offerCallback: try put("offerCallback")
            case .close(let message): try put("close", .message, message)
            }
        }
    }
}
