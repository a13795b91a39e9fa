/// What an agent may be given: membership, skills, slots.
package struct AgentProfile: Hashable, Sendable {
    package var name: String
    /// Sorted by skill, one level each.
    package var skills: [SkillLevel]
    /// The queues served, most preferred first.
    package var queues: [QueueID]
    /// One rule per channel, in the order of `Channel.allCases`.
    package var channels: [ChannelRule]

    package init(
        name: String, skills: [SkillLevel] = [], queues: [QueueID] = [],
        channels: [ChannelRule] = ChannelRule.defaults
    ) {
        self.name = name
        self.skills = skills
        self.queues = queues
        self.channels = channels
    }

    package func rule(for channel: Channel) -> ChannelRule {
        let place = Int(channel.rawValue)
        return place < channels.count ? channels[place] : ChannelRule(slots: 0)
    }
}

/// How many contacts of one channel an agent may hold at once, and what they keep away.
package struct ChannelRule: Hashable, Sendable {
    package var slots: UInt8
    /// The share of the agent that one contact takes, in thousandths; it orders `leastOccupied`.
    package var weight: UInt16
    /// Channels that are not newly offered while a contact of this channel is offered, busy or wrapping.
    package var blocks: ChannelSet
    /// May be pre-empted: a contact of this channel never blocks another channel's offer.
    package var interruptible: Bool

    package init(slots: UInt8, weight: UInt16 = 1_000, blocks: ChannelSet = [], interruptible: Bool = false) {
        self.slots = slots
        self.weight = weight
        self.blocks = blocks
        self.interruptible = interruptible
    }

    /// 1 voice (blocks chat and another callback), 4 chat, 4 messaging, 1 email, 4 social, 5 task, 1 callback.
    package static let defaults: [ChannelRule] = [
        ChannelRule(slots: 1, weight: 1_000, blocks: [.chat, .callback]),
        ChannelRule(slots: 4, weight: 250),
        ChannelRule(slots: 4, weight: 250),
        ChannelRule(slots: 1, weight: 1_000, interruptible: true),
        ChannelRule(slots: 4, weight: 250),
        ChannelRule(slots: 5, weight: 200, interruptible: true),
        ChannelRule(slots: 1, weight: 1_000, blocks: [.chat, .voice]),
    ]
}

package struct ChannelSet: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }
    package init(_ channel: Channel) { self.init(rawValue: 1 << channel.rawValue) }

    package static let voice = ChannelSet(.voice)
    package static let chat = ChannelSet(.chat)
    package static let messaging = ChannelSet(.messaging)
    package static let email = ChannelSet(.email)
    package static let social = ChannelSet(.social)
    package static let task = ChannelSet(.task)
    package static let callback = ChannelSet(.callback)

    package func contains(_ channel: Channel) -> Bool { contains(ChannelSet(channel)) }
}
