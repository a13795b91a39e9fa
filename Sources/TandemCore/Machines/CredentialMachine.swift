extension Credential: Machine {
    package init(absent id: CredentialID) { self.init(id: id, state: .absent) }

    package var isAbsent: Bool { state == .absent }
    /// Read far more often than changed, by readers with a cache of their own.
    package var isDormant: Bool { true }
    package var nextDeadline: Timestamp? { nil }
    package var deadlines: [Deadline] { [] }

    package func decide(_ instruction: CredentialCommand, _ turn: inout TurnContext) throws(DecideError) -> Decision {
        let answer = Answer(actor: ActorID(id))
        switch (state, instruction) {
        case (.absent, .create(let spec)):
            let turn = turn
            try DecideError.refusing { () throws(Refusal) in try spec.validate(turn) }
            return Decision([.credentialCreated(id, spec)], answer: answer)
        case (.valid, .create), (.revoked, .create): throw .refuse(.alreadyExists)
        case (.absent, .revoke): throw .refuse(.notFound)
        case (.valid(let spec), .revoke): return Decision([.credentialRevoked(id, spec.tenant)], answer: answer)
        case (.revoked, .revoke): return Decision(answer: answer)  // Revoking twice is one revocation.
        }
    }

    package func wake(_ turn: inout TurnContext) throws(DecideError) -> Decision { Decision() }

    package mutating func apply(_ event: Event, at now: Timestamp) {
        switch event {
        case .credentialCreated(let credential, let spec):
            if credential == id { state = .valid(spec) }
        case .credentialRevoked(let credential, _):
            // What was never made, or is revoked already, stays as it is.
            if credential == id, case .valid(let spec) = state { state = .revoked(spec, at: now) }
        case .tenantCreated, .tenantChanged, .skillDefined, .calendarPut, .routingPolicyPut, .slaPolicyPut,
            .queueCreated, .queueChanged, .agentCreated, .agentChanged, .presenceChanged, .sessionConnected,
            .sessionEnded, .customerCreated, .customerChanged, .conversationOpened, .conversationReopened,
            .messagePosted, .messagesDelivered, .messagesRead, .conversationClosed, .contactCreated,
            .contactBotStarted, .contactQueued, .contactStepped, .contactDeclineExpired, .contactPriorityChanged,
            .offerMade, .offerAccepted, .offerEnded, .contactHeld, .contactResumed, .consultStarted, .consultEnded,
            .contactWrapping, .contactClosed, .clockActivated, .clockPaused, .clockResumed, .clockWarned,
            .clockBreached, .clockFulfilled, .clockPolicyApplied, .inputQuarantined, .quarantineResolved, .webhookPut,
            .deliveryDue, .deliveryResumed, .deliveryFailed, .deliveryDone:
            break
        }
    }
}
