extension Planning {
    /// One contact's way through one rule, as the tenant's settings stand now.
    struct Course {
        let subject: Subject
        let atHead: Bool
        let turn: TurnContext
        let queue: Queue?
        let tenant: Tenant?
        private(set) var policy: RoutingPolicy?
        private(set) var rule = Planning.noRule
        /// Empty: there is no policy, or none of its rules matches.
        private(set) var steps: [RoutingStep] = []

        /// By the rule that `waiting` follows, where its policy has not changed; else by the first that matches.
        init(_ subject: Subject, atHead: Bool, rule waiting: Waiting?, _ turn: TurnContext) {
            self.subject = subject
            self.atHead = atHead
            self.turn = turn
            queue = turn.view.queue(subject.queue)
            tenant = queue?.tenant.flatMap { turn.view.tenant($0) }
            if let waiting, let kept = keptPolicy(of: waiting) {
                policy = kept
                rule = waiting.rule
                steps = kept.spec.rules[Int(waiting.rule)].steps
                return
            }
            guard let id = queue?.settings.routingPolicy else { return }
            policy = tenant?.routingPolicies.first { $0.id == id }
            guard let rules = policy?.spec.rules else { return }
            guard let place = rules.prefix(Limits.rulesPerPolicyMax).firstIndex(where: { holds($0.condition) }) else {
                return
            }
            rule = UInt8(place)
            steps = rules[place].steps
        }

        /// The policy that `waiting` is in the midst of: the same version, and the queue's own or one whose step
        /// brought the contact into this queue.
        private func keptPolicy(of waiting: Waiting) -> RoutingPolicy? {
            guard waiting.step != Planning.keptStep else { return nil }
            guard let policy = tenant?.routingPolicies.first(where: { $0.id == waiting.policy }) else { return nil }
            guard policy.version == waiting.policyVersion, Int(waiting.rule) < policy.spec.rules.count else {
                return nil
            }
            if queue?.settings.routingPolicy == policy.id { return policy }
            let moved = policy.spec.rules[Int(waiting.rule)].steps.prefix(Int(waiting.step) + 1).last {
                $0.queue != nil
            }
            return moved?.queue == subject.queue ? policy : nil
        }

        func follows(_ waiting: Waiting) -> Bool {
            waiting.step != Planning.keptStep && policy?.id == waiting.policy
                && policy?.version == waiting.policyVersion && rule == waiting.rule
        }

        /// The step the contact's age belongs to, after `passed`; `end` where a passed step leads out of the queue, and
        /// then `waiting` is that step, about to expire.
        func place(after passed: Int?) -> (waiting: Waiting, end: Exit?) {
            var asking = Asking(subject)
            var end = subject.ageSince
            for (place, step) in steps.prefix(Limits.stepsPerRuleMax).enumerated() {
                asking.begin(step)
                end = step.length.map { end + $0 } ?? .distantFuture
                let preferred = preferred(in: step)
                let isPassed = passed.map { place <= $0 } ?? false
                if !isPassed, end > turn.now, preferred?.isEmpty != true {
                    let expiry = end == .distantFuture ? nil : end
                    return (waiting(asking, step: place, preferred: preferred ?? [], until: expiry), nil)
                }
                let before = asking
                if let exit = asking.perform(step.onExpiry) {
                    let until = turn.now + Planning.overdueStay
                    let waiting = waiting(before, step: place, preferred: preferred ?? [], until: until)
                    return (waiting, isPassed ? exit : nil)
                }
            }
            return (waiting(asking, step: steps.count, preferred: [], until: nil), nil)
        }

        /// Outside the policy, for one agent alone, as long as an offer rings.
        func kept(for agent: AgentID, anywhere: Bool) -> Waiting {
            var asking = Asking(subject)
            if anywhere {
                asking.pools = []
                asking.skills = []
            }
            let length = queue?.settings.offerTimeout(for: subject.channel) ?? .seconds(30)
            return waiting(asking, step: Int(Planning.keptStep), preferred: [agent], until: turn.now + length)
        }

        func isLoggedIn(_ id: AgentID) -> Bool {
            guard let agent = turn.view.agent(id), agent.tenant == queue?.tenant else { return false }
            return agent.presence != .loggedOut
        }

        /// Logged out, and no connection of his stands.
        func isCutOff(_ id: AgentID) -> Bool {
            guard let agent = turn.view.agent(id), agent.tenant == queue?.tenant else { return false }
            return agent.presence == .loggedOut && agent.sessions.isEmpty
        }

        /// Nil: the step prefers nobody; empty: nobody it prefers is there.
        private func preferred(in step: RoutingStep) -> [AgentID]? {
            guard step.preferLastAgent || !step.preferred.isEmpty else { return nil }
            var wanted = step.preferred
            if step.preferLastAgent {
                if let agent = subject.preferredAgent { wanted.append(agent) }
                let window = tenant?.settings.preferredWindow ?? .zero
                if let agent = subject.lastAgent, let handled = subject.lastHandledAt, turn.now - handled <= window {
                    wanted.append(agent)
                }
            }
            var present: [AgentID] = []
            for agent in wanted where !present.contains(agent) && isLoggedIn(agent) { present.append(agent) }
            return present
        }

        private func waiting(_ asking: Asking, step: Int, preferred: [AgentID], until: Timestamp?) -> Waiting {
            // By the queue it stands in, whose other contacts it is compared with.
            let settings = (asking.pools.first.flatMap { turn.view.queue($0) } ?? queue)?.settings
            let boost = asking.boost + Int64(settings?.boost(for: subject.tier) ?? 0)
            return Waiting(
                policy: policy?.id, policyVersion: policy?.version ?? 0, rule: rule, step: UInt8(clamping: step),
                stepExpiresAt: until,
                requirement: Requirement(pools: asking.pools, skills: asking.skills, preferred: preferred),
                order: OrderKey(
                    priority: atHead ? 0 : asking.priority, ageSince: subject.ageSince, boost: boost,
                    weight: settings?.ageingWeight ?? 0, contact: subject.contact))
        }
    }
}

// Conditions. A queue or calendar that is not there makes what asks for it false.
extension Planning.Course {
    func holds(_ condition: RoutingCondition) -> Bool {
        switch condition {
        case .always: true
        case .all(let parts): parts.allSatisfy { holds($0) }
        case .any(let parts): parts.contains { holds($0) }
        case .not(let part): !holds(part)
        case .channel(let channels): channels.contains(subject.channel)
        case .tierAtLeast(let tier): subject.tier.rawValue >= tier.rawValue
        case .tag(let tag): subject.tags.contains(tag)
        case .waitAtLeast(let wait): turn.now - subject.ageSince >= wait
        case .estimatedWaitAtLeast(let wait): estimate.map { $0 >= wait } ?? false
        case .positionAtLeast(let place): position >= Int(place)
        case .waitingAtLeast(let id, let count): standing(of: id).waiting >= Int(count)
        case .availableAtMost(let id, let count): standing(of: id).agentsAvailable <= Int(count)
        case .loggedInAtMost(let id, let count): standing(of: id).agentsLoggedIn <= Int(count)
        case .serviceLevelBelow(let id, let level): isServiceLevel(of: id, below: level)
        case .open(let calendar): isOpen(calendar) == true
        case .closed(let calendar): isOpen(calendar) == false
        }
    }

    private func standing(of id: QueueID?) -> QueueStanding {
        turn.view.standing(of: nil, in: id ?? subject.queue)
    }

    private var position: Int {
        let standing = turn.view.standing(of: subject.contact, in: subject.queue)
        return standing.position ?? standing.waiting + 1
    }

    private var estimate: Milliseconds? {
        guard let queue else { return nil }
        let standing = turn.view.standing(of: subject.contact, in: subject.queue)
        return EstimatedWait.estimate(queue: queue, standing: standing, now: turn.now)
    }

    /// False without a sample.
    private func isServiceLevel(of id: QueueID?, below level: UInt16) -> Bool {
        guard let queue = turn.view.queue(id ?? subject.queue) else { return false }
        let current = ServiceLevel.b.level(of: queue.recentAnswers(at: turn.now))
        guard current.whole > 0 else { return false }
        return Int128(current.part) * 1_000 < Int128(current.whole) * Int128(level)
    }

    private func isOpen(_ id: CalendarID) -> Bool? {
        tenant?.calendars.first { $0.id == id }?.isOpen(at: turn.now)
    }
}
