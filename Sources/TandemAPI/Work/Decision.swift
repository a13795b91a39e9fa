package import TandemCore

extension API {
    /// Why an agent was offered a contact.
    package struct Decision: Described, Equatable {
        package struct Candidate: Described, Equatable {
            package var agent: AgentID
            package var score: Int64
            package static let schema = Schema.object([
                .required("agent", .id(AgentID.self)), .required("score", .integer(Int64.min...Int64.max)),
            ])
        }
        package struct RuledOut: Described, Equatable {
            package var loggedOut: UInt32
            package var notAvailable: UInt32
            package var skill: UInt32
            package var noSlot: UInt32
            package var blocked: UInt32
            package var notPreferred: UInt32
            package var declined: UInt32
            package init(_ core: RoutingDecision.RuledOut) {
                loggedOut = core.loggedOut
                notAvailable = core.notAvailable
                skill = core.skill
                noSlot = core.noSlot
                blocked = core.blocked
                notPreferred = core.notPreferred
                declined = core.declined
            }
            package static let schemaDescription = "Agents that were no candidates, by the first reason that applied."
            package static let schema = Schema.object(
                ["loggedOut", "notAvailable", "skill", "noSlot", "blocked", "notPreferred", "declined"].map {
                    .required($0, .count)
                })
        }

        package var offer: OfferID
        package var agent: AgentID
        package var time: Timestamp
        package var trigger: RoutingDecision.Trigger
        package var policy: RoutingPolicyID?
        package var policyVersion: UInt32
        package var rule: UInt8
        package var step: UInt8
        package var strategy: Strategy
        package var pools: [QueueID]
        package var skills: [SkillLevel]
        package var preferred: [AgentID]
        package var priority: UInt8
        package var age: Milliseconds
        package var eligible: UInt32
        package var candidates: [Candidate]
        package var ruledOut: RuledOut

        package init(offer: OfferID, agent: AgentID, time: Timestamp, _ core: RoutingDecision) {
            self.offer = offer
            self.agent = agent
            self.time = time
            trigger = core.trigger
            policy = core.policy
            policyVersion = core.policyVersion
            rule = core.rule
            step = core.step
            strategy = core.strategy
            pools = core.requirement.pools
            skills = core.requirement.skills.map(SkillLevel.init)
            preferred = core.requirement.preferred
            priority = core.order.priority
            age = core.age
            eligible = core.eligible
            candidates = core.candidates.map { Candidate(agent: $0.agent, score: $0.score) }
            ruledOut = RuledOut(core.ruledOut)
        }

        package static let schemaDescription = "Why an agent was offered a contact."
        package static let schema = Schema.object([
            .required("offer", .id(OfferID.self)),
            .required("agent", .id(AgentID.self), "The winner."),
            .required("time", .time),
            .required("trigger", .word(RoutingDecision.Trigger.self), "Whose move led to it."),
            .optional("policy", .id(RoutingPolicyID.self)),
            .required("policyVersion", .count),
            .required("rule", .count, "The rule of the policy that matched, from 0."),
            .required("step", .count, "The step the contact was in, from 0."),
            .required("strategy", .word(Strategy.self)),
            .required("pools", .array(.id(QueueID.self), max: 64), "Whose agents were looked at."),
            .required("skills", .array(.named(SkillLevel.self), max: 64), "What was asked of them."),
            .required("preferred", .array(.id(AgentID.self), max: 64), "Where not empty, only these."),
            .required("priority", .count),
            .required("age", .measured),
            .required("eligible", .count, "How many could have been chosen."),
            .required("candidates", .array(.named(Candidate.self), max: 5), "The best five, winner first."),
            .required("ruledOut", .named(RuledOut.self)),
        ])
    }
}
