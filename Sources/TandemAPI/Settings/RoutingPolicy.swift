package import TandemCore

extension API {
    /// An ordered list of rules: the first whose condition matches a contact picks the steps it goes through.
    package struct RoutingPolicy: PartSettings {
        package var name: String
        package var rules: [RoutingRule]

        package init(name: String, rules: [RoutingRule]) {
            self.name = name
            self.rules = rules
        }
        package init(_ core: RoutingPolicySpec) {
            self.init(name: core.name, rules: core.rules.map(RoutingRule.init))
        }
        package var core: RoutingPolicySpec { RoutingPolicySpec(name: name, rules: rules.map(\.core)) }

        package static let schemaDescription = "An ordered list of rules: the first that matches picks the steps."
        package static let schema = Schema.object([
            .required("name", .name),
            .required("rules", .array(.named(RoutingRule.self), max: Limits.rulesPerPolicyMax)),
        ])
    }

    package struct RoutingRule: Described, Equatable {
        package var condition: RoutingCondition
        package var steps: [RoutingStep]

        package init(condition: RoutingCondition, steps: [RoutingStep]) {
            self.condition = condition
            self.steps = steps
        }
        package init(_ core: TandemCore.RoutingRule) {
            self.init(condition: RoutingCondition(core.condition), steps: core.steps.map(RoutingStep.init))
        }
        package var core: TandemCore.RoutingRule {
            TandemCore.RoutingRule(condition: condition.core, steps: steps.map(\.core))
        }

        package static let schemaDescription = "When it holds, and the steps that follow."
        package static let schema = Schema.object([
            .required("condition", .named(RoutingCondition.self)),
            .required("steps", .array(.named(RoutingStep.self), min: 1, max: Limits.stepsPerRuleMax)),
        ])
    }

    /// One stage of waiting.
    package struct RoutingStep: Described, Equatable {
        package var queue: QueueID?
        package var skills: [SkillLevel]?
        package var preferred: [AgentID]?
        package var preferLastAgent: Bool?
        package var length: Milliseconds?
        package var onExpiry: [RoutingOperation]?

        package init(
            queue: QueueID? = nil, skills: [SkillLevel]? = nil, preferred: [AgentID]? = nil,
            preferLastAgent: Bool? = nil, length: Milliseconds? = nil, onExpiry: [RoutingOperation]? = nil
        ) {
            self.queue = queue
            self.skills = skills
            self.preferred = preferred
            self.preferLastAgent = preferLastAgent
            self.length = length
            self.onExpiry = onExpiry
        }
        package init(_ core: TandemCore.RoutingStep) {
            self.init(
                queue: core.queue, skills: core.skills.map(SkillLevel.init), preferred: core.preferred,
                preferLastAgent: core.preferLastAgent, length: core.length,
                onExpiry: core.onExpiry.map(RoutingOperation.init))
        }
        package var core: TandemCore.RoutingStep {
            TandemCore.RoutingStep(
                queue: queue, skills: (skills ?? []).core, preferred: preferred ?? [],
                preferLastAgent: preferLastAgent ?? false, length: length, onExpiry: (onExpiry ?? []).map(\.core))
        }

        package static let schemaDescription =
            "One stage of waiting; lengths add up, measured against the contact's age."
        package static let schema = Schema.object([
            .optional("queue", .id(QueueID.self), "Where the contact waits during this step; else where it is."),
            .optional("skills", .array(.named(SkillLevel.self), max: Limits.skillsPerContactMax)),
            .optional(
                "preferred", .array(.id(AgentID.self), max: Limits.preferredPerStepMax),
                "Only these may take it during this step."),
            .optional("preferLastAgent", .boolean, "Prefer the agent who handled the customer last."),
            .optional("length", .length, "Until the step expires; absent: until answered."),
            .optional(
                "onExpiry", .array(.named(RoutingOperation.self), max: Limits.operationsPerStepMax),
                "Done, in order, when the step expires."),
        ])
    }
}
