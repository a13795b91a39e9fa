/// `absent → present`. What the customer's conversations do is counted here, never decided.
extension Customer: Machine {
    package init(absent id: CustomerID) {
        self.init(
            id: id, tenant: nil, version: 0, profile: CustomerProfile(name: ""), lastAgent: nil, lastHandledAt: nil,
            open: 0)
    }

    package var isAbsent: Bool { tenant == nil }
    package var isDormant: Bool { open == 0 }
    package var nextDeadline: Timestamp? { nil }
    package var deadlines: [Deadline] { [] }

    package func decide(_ instruction: CustomerCommand, _ turn: inout TurnContext) throws(DecideError) -> Decision {
        switch (tenant, instruction) {
        case (nil, .create(let tenant, let profile)):
            guard turn.view.tenant(tenant)?.isAbsent == false else { throw .refuse(.notFound, field: "tenant") }
            let profile = try Self.checked(profile)
            return Decision([.customerCreated(id, tenant, profile)], answer: Answer(actor: ActorID(id), version: 1))
        case (.some, .create): throw .refuse(.alreadyExists)
        case (nil, .change): throw .refuse(.notFound)
        case (let tenant?, .change(let profile, let expected)):
            try Version.check(expected, against: version)
            let profile = try Self.checked(profile)
            let next = profile == self.profile ? version : Version.next(after: version)
            return Decision(
                next == version ? [] : [.customerChanged(id, tenant, profile, version: next)],
                answer: Answer(actor: ActorID(id), version: next))
        }
    }

    package func wake(_ turn: inout TurnContext) throws(DecideError) -> Decision { Decision() }

    package mutating func apply(_ event: Event, at now: Timestamp) {
        switch event {
        case .customerCreated(let customer, let tenant, let profile):
            guard customer == id else { return }
            self.tenant = tenant
            version = 1
            self.profile = profile
        case .customerChanged(let customer, _, let profile, let version):
            guard customer == id else { return }
            self.version = version
            self.profile = profile
        case .conversationOpened(let opened):
            if opened.customer == id, open < .max { open += 1 }
        case .conversationReopened(_, _, let customer):
            if customer == id, open < .max { open += 1 }
        case .conversationClosed(_, _, let customer, _):
            if customer == id, open > 0 { open -= 1 }
        case .offerAccepted(let ended):
            if ended.leg.customer == id { handled(by: ended.agent, at: now) }
        case .contactClosed(let closed):
            // Only an end that the agent had a hand in counts towards the window in which he is preferred.
            if closed.leg.customer == id, closed.answeredAt != nil, let agent = closed.agent {
                handled(by: agent, at: now)
            }
        case .tenantCreated, .tenantChanged, .skillDefined, .calendarPut, .routingPolicyPut, .slaPolicyPut,
            .queueCreated, .queueChanged, .agentCreated, .agentChanged, .presenceChanged, .sessionConnected,
            .sessionEnded, .credentialCreated, .credentialRevoked, .messagePosted, .messagesDelivered, .messagesRead,
            .contactCreated, .contactBotStarted, .contactQueued, .contactStepped, .contactDeclineExpired,
            .contactPriorityChanged, .offerMade, .offerEnded, .contactHeld, .contactResumed, .consultStarted,
            .consultEnded, .contactWrapping, .clockActivated, .clockPaused, .clockResumed, .clockWarned, .clockBreached,
            .clockFulfilled, .clockPolicyApplied, .inputQuarantined, .quarantineResolved, .webhookPut, .deliveryDue,
            .deliveryResumed, .deliveryFailed, .deliveryDone:
            break
        }
    }

    private mutating func handled(by agent: AgentID, at now: Timestamp) {
        lastAgent = agent
        lastHandledAt = now
    }

    private static func checked(_ profile: CustomerProfile) throws(DecideError) -> CustomerProfile {
        let profile = profile.normalized
        try DecideError.refusing { () throws(Refusal) in try profile.validate() }
        return profile
    }
}
