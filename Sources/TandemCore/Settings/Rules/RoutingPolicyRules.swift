/// Checks a routing policy against its tenant: everything it names is there, everything it holds is bounded.
struct RoutingPolicyRules {
    let tenant: Tenant
    let view: any TurnView

    /// The same policy with every list in its order.
    static func normalized(_ spec: RoutingPolicySpec) -> RoutingPolicySpec {
        var spec = spec
        for rule in spec.rules.indices {
            for step in spec.rules[rule].steps.indices {
                spec.rules[rule].steps[step].skills = spec.rules[rule].steps[step].skills.normalized
                spec.rules[rule].steps[step].preferred = spec.rules[rule].steps[step].preferred.firstOccurrences()
            }
        }
        return spec
    }

    func validate(_ spec: RoutingPolicySpec) throws(Refusal) {
        try Rules.name(spec.name, field: "name")
        try Rules.count(spec.rules.count, atMost: Limits.rulesPerPolicyMax, field: "rules")
        for (place, rule) in spec.rules.enumerated() {
            let field = "rules[\(place)]"
            var left = Limits.conditionsPerRuleMax
            try validate(rule.condition, depth: 1, left: &left, field: field + ".condition")
            try Rules.require(!rule.steps.isEmpty, field: field + ".steps")
            try Rules.count(rule.steps.count, atMost: Limits.stepsPerRuleMax, field: field + ".steps")
            for (index, step) in rule.steps.enumerated() {
                try validate(step, field: field + ".steps[\(index)]")
            }
        }
    }

    private func validate(_ step: RoutingStep, field: String) throws(Refusal) {
        try validate(step.queue, field: field + ".queue")
        try Rules.skills(step.skills, atMost: Limits.skillsPerContactMax, of: tenant, field: field + ".skills")
        try Rules.count(step.preferred.count, atMost: Limits.preferredPerStepMax, field: field + ".preferred")
        for (place, agent) in step.preferred.enumerated() {
            try Rules.exists(view.agent(agent)?.tenant == tenant.id, field: field + ".preferred[\(place)]")
        }
        if let length = step.length { try Rules.duration(length, field: field + ".length") }
        try Rules.count(step.onExpiry.count, atMost: Limits.operationsPerStepMax, field: field + ".onExpiry")
        try Rules.require(step.onExpiry.isEmpty || step.length != nil, field: field + ".length")
        for (place, operation) in step.onExpiry.enumerated() {
            try validate(operation, field: field + ".onExpiry[\(place)]")
        }
    }

    private func validate(_ operation: RoutingOperation, field: String) throws(Refusal) {
        switch operation {
        case .lowerLevel(let skill, let by):
            try Rules.exists(tenant.skill(skill) != nil, field: field + ".skill")
            try Rules.require((1...10).contains(by), field: field + ".by")
        case .dropSkill(let skill): try Rules.exists(tenant.skill(skill) != nil, field: field + ".skill")
        case .widen(let queue), .overflow(let queue): try validate(queue, field: field + ".queue")
        case .raisePriority(let by): try Rules.require((1...9).contains(by), field: field + ".by")
        case .boost, .offerCallback: break
        case .close(let message):
            try Rules.count(message.utf8.count, atMost: Limits.messageBytesMax, field: field + ".message")
        }
    }

    /// `left` counts down over all conditions of one rule.
    private func validate(
        _ condition: RoutingCondition, depth: Int, left: inout Int, field: String
    ) throws(Refusal) {
        left -= 1
        guard depth <= Limits.conditionDepthMax, left >= 0 else { throw Refusal(.limitExceeded, field: field) }
        switch condition {
        case .always: break
        case .all(let conditions), .any(let conditions):
            for (place, part) in conditions.enumerated() {
                try validate(part, depth: depth + 1, left: &left, field: "\(field).of[\(place)]")
            }
        case .not(let part): try validate(part, depth: depth + 1, left: &left, field: field + ".not")
        case .channel(let channels): try Rules.channels(channels, field: field + ".channels")
        case .tierAtLeast: break
        case .tag(let tag): try Rules.name(tag, field: field + ".tag")
        case .waitAtLeast(let wait), .estimatedWaitAtLeast(let wait):
            try Rules.duration(wait, field: field + ".wait")
        case .positionAtLeast: break
        case .waitingAtLeast(let queue, _), .availableAtMost(let queue, _), .loggedInAtMost(let queue, _):
            try validate(queue, field: field + ".queue")
        case .serviceLevelBelow(let queue, let level):
            try validate(queue, field: field + ".queue")
            try Rules.require(level <= 1_000, field: field + ".level")
        case .open(let calendar), .closed(let calendar):
            try Rules.exists(tenant.calendar(calendar) != nil, field: field + ".calendar")
        }
    }

    private func validate(_ queue: QueueID?, field: String) throws(Refusal) {
        guard let queue else { return }
        try Rules.exists(view.queue(queue)?.tenant == tenant.id, field: field)
    }
}
