// What may be said of a tenant, its queues, its promises, its agents and its customers.

extension TenantSettings {
    func validate() throws(Refusal) {
        try Rules.name(name, field: "name")
        try Rules.duration(graceOffline, field: "graceOffline")
        try Rules.duration(preferredWindow, field: "preferredWindow")
        try Rules.duration(declinePause, field: "declinePause")
        try Rules.require(noAnswerMax > 0, field: "noAnswerMax")
    }
}

extension QueueSettings {
    func validate(in tenant: Tenant) throws(Refusal) {
        try Rules.name(name, field: "name")
        guard ageingWeight <= Limits.ageingWeightMax else { throw Refusal(.limitExceeded, field: "ageingWeight") }
        try Rules.require(tierBoosts.count == Tier.allCases.count, field: "tierBoosts")
        try Rules.require(offerTimeouts.count == Channel.allCases.count, field: "offerTimeouts")
        for (place, timeout) in offerTimeouts.enumerated() {
            try Rules.positive(timeout, field: "offerTimeouts[\(place)]")
        }
        try Rules.duration(shortAbandon, field: "shortAbandon")
        switch wrapUp {
        case .none, .optional, .mandatory: break
        case .timed(let time): try Rules.duration(time, field: "wrapUp")
        }
        if let routingPolicy {
            try Rules.exists(tenant.routingPolicy(routingPolicy) != nil, field: "routingPolicy")
        }
        if let slaPolicy { try Rules.exists(tenant.slaPolicy(slaPolicy) != nil, field: "slaPolicy") }
        if let calendar { try Rules.exists(tenant.calendar(calendar) != nil, field: "calendar") }
    }
}

extension SLAPolicySpec {
    func validate(in tenant: Tenant) throws(Refusal) {
        try Rules.name(name, field: "name")
        try Rules.count(targets.count, atMost: Limits.targetsPerPolicyMax, field: "targets")
        for (place, target) in targets.enumerated() {
            let field = "targets[\(place)]"
            try Rules.channels(target.channels, field: field + ".channels")
            try Rules.positive(target.target, field: field + ".target")
            try Rules.require((1...99).contains(target.warnPercent), field: field + ".warnPercent")
            if let calendar = target.calendar {
                try Rules.exists(tenant.calendar(calendar) != nil, field: field + ".calendar")
            }
        }
    }
}

extension WebhookSpec {
    func validate() throws(Refusal) {
        try Rules.name(name, field: "name")
        try Rules.count(url.utf8.count, atMost: Limits.webhookURLBytesMax, field: "url")
        try Rules.require(WebhookAddress(url) != nil, field: "url")
        try Rules.require(!notices.isEmpty && NoticeSet.all.isSuperset(of: notices), field: "notices")
        try Rules.name(secret, field: "secret")
    }
}

extension AgentProfile {
    /// The same profile with every list in its order; the order of the queues is the agent's preference.
    var normalized: AgentProfile {
        var profile = self
        profile.skills = skills.normalized
        profile.queues = queues.firstOccurrences()
        return profile
    }

    func validate(in tenant: Tenant, view: any TurnView) throws(Refusal) {
        try Rules.name(name, field: "name")
        try Rules.skills(skills, atMost: Limits.skillsPerAgentMax, of: tenant, field: "skills")
        try Rules.count(queues.count, atMost: Limits.queuesPerAgentMax, field: "queues")
        for (place, queue) in queues.enumerated() {
            try Rules.exists(view.queue(queue)?.tenant == tenant.id, field: "queues[\(place)]")
        }
        try Rules.require(channels.count == Channel.allCases.count, field: "channels")
        let slots = channels.reduce(0) { $0 + Int($1.slots) }
        try Rules.count(slots, atMost: Limits.slotsPerAgentMax, field: "channels")
        for (place, rule) in channels.enumerated() {
            let field = "channels[\(place)]"
            guard rule.slots <= Limits.slotsMax else { throw Refusal(.limitExceeded, field: field + ".slots") }
            try Rules.require(rule.weight <= 1_000, field: field + ".weight")
            try Rules.require(ChannelSet.all.isSuperset(of: rule.blocks), field: field + ".blocks")
        }
    }
}

extension CustomerProfile {
    /// The same profile with its tags in their order.
    var normalized: CustomerProfile {
        var profile = self
        profile.tags = tags.normalizedTags
        return profile
    }

    /// The name may be empty: not every channel knows one.
    func validate() throws(Refusal) {
        try Rules.count(name.utf8.count, atMost: Limits.nameBytesMax, field: "name")
        try Rules.tags(tags, field: "tags")
        if let externalID {
            try Rules.require(!externalID.isEmpty, field: "externalID")
            try Rules.count(externalID.utf8.count, atMost: Limits.externalIDBytesMax, field: "externalID")
        }
    }
}

extension CredentialSpec {
    /// Length of a SHA-256 digest in bytes.
    static let digestLength = 32

    /// Administrators and operators may stand above tenants; who is named must belong to the tenant.
    func validate(_ turn: TurnContext) throws(Refusal) {
        try Rules.count(label.utf8.count, atMost: Limits.nameBytesMax, field: "label")
        try Rules.require(secretDigest.count == Self.digestLength, field: "secretDigest")
        if let expiresAt { try Rules.require(expiresAt > turn.now, field: "expiresAt") }
        if let tenant { try Rules.exists(turn.view.tenant(tenant)?.isAbsent == false, field: "tenant") }
        switch role {
        case .administrator, .operator: try validate(agent: false, customer: false, turn)
        case .supervisor:
            try Rules.require(tenant != nil, field: "tenant")
            try validate(agent: false, customer: false, turn)
        case .agent:
            try Rules.require(tenant != nil, field: "tenant")
            try validate(agent: true, customer: false, turn)
        case .customer:
            try Rules.require(tenant != nil, field: "tenant")
            try validate(agent: false, customer: true, turn)
        }
    }

    private func validate(agent wantsAgent: Bool, customer wantsCustomer: Bool, _ turn: TurnContext) throws(Refusal) {
        try Rules.require((agent != nil) == wantsAgent, field: "agent")
        try Rules.require((customer != nil) == wantsCustomer, field: "customer")
        if let agent { try Rules.exists(turn.view.agent(agent)?.tenant == tenant, field: "agent") }
        if let customer { try Rules.exists(turn.view.customer(customer)?.tenant == tenant, field: "customer") }
    }
}
