/// An ordered list of rules: the first whose condition matches a contact picks the steps it goes through.
package typealias RoutingPolicy = SettingPart<RoutingPolicySpec>

package struct RoutingPolicySpec: SettingSpec {
    package typealias Kind = RoutingPolicyKind
    package var name: String
    package var rules: [RoutingRule]
    package init(name: String, rules: [RoutingRule]) {
        self.name = name
        self.rules = rules
    }
}

package struct RoutingRule: Hashable, Sendable {
    package var condition: RoutingCondition
    package var steps: [RoutingStep]
    package init(condition: RoutingCondition, steps: [RoutingStep]) {
        self.condition = condition
        self.steps = steps
    }
}

/// What a rule may ask; a queue of nil is the contact's own.
package indirect enum RoutingCondition: Hashable, Sendable {
    case always
    case all([RoutingCondition])
    case any([RoutingCondition])
    case not(RoutingCondition)
    case channel(ChannelSet)
    case tierAtLeast(Tier)
    case tag(String)
    case waitAtLeast(Milliseconds)
    /// False while the estimate is unknown.
    case estimatedWaitAtLeast(Milliseconds)
    case positionAtLeast(UInt32)
    case waitingAtLeast(QueueID?, UInt32)
    case availableAtMost(QueueID?, UInt32)
    case loggedInAtMost(QueueID?, UInt32)
    /// SL-B of the last half hour, in thousandths, against the queue's answer target; false without a sample.
    case serviceLevelBelow(QueueID?, UInt16)
    case open(CalendarID)
    case closed(CalendarID)
}

/// One stage of waiting.
package struct RoutingStep: Hashable, Sendable {
    /// Where the contact waits during this step; nil: where it is.
    package var queue: QueueID?
    /// Asked in addition to the contact's own skills; the higher level of the two counts.
    package var skills: [SkillLevel]
    /// Only these may take it during this step; who is logged out is passed over, and a step with none left is skipped.
    package var preferred: [AgentID]
    /// Prefer the agent who handled the customer last, within the tenant's window.
    package var preferLastAgent: Bool
    /// The length of this step; steps add up and are measured against the contact's age. Nil: until answered.
    package var length: Milliseconds?
    /// Done, in order, when the step expires.
    package var onExpiry: [RoutingOperation]

    package init(
        queue: QueueID? = nil, skills: [SkillLevel] = [], preferred: [AgentID] = [], preferLastAgent: Bool = false,
        length: Milliseconds? = nil, onExpiry: [RoutingOperation] = []
    ) {
        self.queue = queue
        self.skills = skills
        self.preferred = preferred
        self.preferLastAgent = preferLastAgent
        self.length = length
        self.onExpiry = onExpiry
    }
}

package enum RoutingOperation: Hashable, Sendable {
    case lowerLevel(SkillID, by: UInt8)
    case dropSkill(SkillID)
    /// Agents of that queue may take it too.
    case widen(QueueID)
    /// Classes towards the front.
    case raisePriority(by: UInt8)
    case boost(Int32)
    /// The leg ends as `flowedOut` and a new one, with its age kept, waits there.
    case overflow(QueueID)
    /// The leg ends as `callbackQueued` and a callback contact waits in its place.
    case offerCallback
    case close(message: String)
}
