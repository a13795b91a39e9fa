package import TandemCore

extension API {
    /// What an agent may be given: membership, skills, slots. What is left out gets its default.
    package struct AgentProfile: Described, Equatable {
        package var name: String
        package var skills: [SkillLevel]?
        package var queues: [QueueID]?
        package var channels: [String: ChannelRule]?

        package init(
            name: String, skills: [SkillLevel]? = nil, queues: [QueueID]? = nil,
            channels: [String: ChannelRule]? = nil
        ) {
            self.name = name
            self.skills = skills
            self.queues = queues
            self.channels = channels
        }

        package init(_ core: TandemCore.AgentProfile) {
            self.init(
                name: core.name, skills: core.skills.map(SkillLevel.init), queues: core.queues,
                channels: Dictionary(
                    uniqueKeysWithValues: Channel.allCases.map { ($0.text, ChannelRule(core.rule(for: $0))) }))
        }

        package var core: TandemCore.AgentProfile {
            var core = TandemCore.AgentProfile(name: name, skills: (skills ?? []).core, queues: queues ?? [])
            for channel in Channel.allCases {
                guard let rule = channels?[channel.text] else { continue }
                core.channels[Int(channel.rawValue)] = rule.core(default: core.rule(for: channel))
            }
            return core
        }

        package static let schemaDescription = "What an agent may be given: membership, skills, slots."
        package static let schema = Schema.object([
            .required("name", .name),
            .optional("skills", .array(.named(SkillLevel.self), max: Limits.skillsPerAgentMax)),
            .optional(
                "queues", .array(.id(QueueID.self), max: Limits.queuesPerAgentMax),
                "The queues served, most preferred first."),
            .optional("channels", .map(Channel.words, .named(ChannelRule.self))),
        ])
    }

    /// How many contacts of one channel an agent may hold at once, and what they keep away.
    package struct ChannelRule: Described, Equatable {
        package var slots: UInt8
        package var weight: UInt16?
        package var blocks: ChannelSet?
        package var interruptible: Bool?

        package init(
            slots: UInt8, weight: UInt16? = nil, blocks: ChannelSet? = nil, interruptible: Bool? = nil
        ) {
            self.slots = slots
            self.weight = weight
            self.blocks = blocks
            self.interruptible = interruptible
        }
        package init(_ core: TandemCore.ChannelRule) {
            self.init(
                slots: core.slots, weight: core.weight, blocks: core.blocks, interruptible: core.interruptible)
        }
        func core(default rule: TandemCore.ChannelRule) -> TandemCore.ChannelRule {
            TandemCore.ChannelRule(
                slots: slots, weight: weight ?? rule.weight, blocks: blocks ?? rule.blocks,
                interruptible: interruptible ?? rule.interruptible)
        }

        package static let schemaDescription = "How many contacts of one channel an agent may hold at once."
        package static let schema = Schema.object([
            .required("slots", .integer(0...Int64(Limits.slotsMax))),
            .optional("weight", .integer(0...1_000), "The share of the agent one contact takes, in thousandths."),
            .optional(
                "blocks", .array(.word(Channel.self), max: Channel.allCases.count),
                "Channels that are not newly offered meanwhile."),
            .optional("interruptible", .boolean, "May be pre-empted: never blocks another channel."),
        ])
    }

    /// What an agent, or his supervisor, wants his presence to be.
    package struct PresenceWish: Described, Equatable {
        package var presence: String
        package var breakCode: String?

        package func core() throws(FieldProblem) -> TandemCore.PresenceWish {
            switch presence {
            case "available": return .available
            case "loggedOut": return .loggedOut
            case "onBreak":
                guard let breakCode else {
                    throw FieldProblem(.missingField, field: "breakCode", "A break needs its code.")
                }
                return .onBreak(BreakCode(breakCode))
            default: throw FieldProblem(.invalid, field: "presence", "There is no such presence to ask for.")
            }
        }

        package static let schemaDescription = "What an agent's presence is to be."
        package static let schema = Schema.object([
            .required("presence", .word(["available", "onBreak", "loggedOut"])),
            .optional("breakCode", .name, "Why, for `onBreak`."),
        ])
    }
}
