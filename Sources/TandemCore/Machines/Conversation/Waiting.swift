/// What a waiting contact asks, where it stands in its policy, and its place in the order.
package struct Waiting: Hashable, Sendable {
    package var policy: RoutingPolicyID?
    package var policyVersion: UInt32
    package var rule: UInt8
    package var step: UInt8
    package var stepExpiresAt: Timestamp?
    package var requirement: Requirement
    package var order: OrderKey
    package init(
        policy: RoutingPolicyID? = nil, policyVersion: UInt32 = 0, rule: UInt8 = 0, step: UInt8 = 0,
        stepExpiresAt: Timestamp? = nil, requirement: Requirement, order: OrderKey
    ) {
        self.policy = policy
        self.policyVersion = policyVersion
        self.rule = rule
        self.step = step
        self.stepExpiresAt = stepExpiresAt
        self.requirement = requirement
        self.order = order
    }
}

/// What an agent must meet; contacts that ask the same share one line.
package struct Requirement: Hashable, Sendable {
    /// Whose agents may take it: first the queue it waits in, then those it was widened to. Empty: whoever is
    /// preferred, wherever he serves.
    package var pools: [QueueID]
    /// Sorted by skill, one minimum level each.
    package var skills: [SkillLevel]
    /// Where not empty, only these.
    package var preferred: [AgentID]
    package init(pools: [QueueID], skills: [SkillLevel] = [], preferred: [AgentID] = []) {
        self.pools = pools
        self.skills = skills
        self.preferred = preferred
    }
}

/// The order of waiting contacts, constant while one waits: the smaller is served first.
///
/// With one ageing weight per queue, `boost + age × weight` orders as `start of the age − boost ÷ weight` does. That
/// is a moment, so that keys made before and after a change of the weight still compare sensibly.
package struct OrderKey: Hashable, Comparable, Sendable {
    /// 0 is the head, kept for contacts whose agent was lost; 1 to 9 are the priorities.
    package var priority: UInt8
    /// The start of the age in milliseconds, moved back by as long as ageing takes to gain the boost.
    package var virtual: Int64
    /// The contact's identifier: the enqueue order among equals.
    package var sequence: UInt64
    package init(priority: UInt8, virtual: Int64, sequence: UInt64) {
        self.priority = priority
        self.virtual = virtual
        self.sequence = sequence
    }
    @inlinable
    package static func < (left: Self, right: Self) -> Bool {
        if left.priority != right.priority { return left.priority < right.priority }
        if left.virtual != right.virtual { return left.virtual < right.virtual }
        return left.sequence < right.sequence
    }
}
