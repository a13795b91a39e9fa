/// ```
/// absent ──▶ loggedOut ⇄ available ⇄ onBreak        notResponding: an offer rang out
///                ▲          │  ▲  ⇄ notResponding
///      grace over│   lost   ▼  │ back
///                └──────── offline
/// ```
/// Presence is decided here; what he holds follows from the contacts' events.
extension Agent: Machine {
    package init(absent id: AgentID) {
        let never = Timestamp(milliseconds: 0)
        self.init(
            id: id, tenant: nil, version: 0, profile: AgentProfile(name: ""), presence: .loggedOut,
            presenceSince: never, presenceBefore: .loggedOut, sessions: [], assignments: [], idleSince: never,
            handled: 0, unanswered: 0, lastOffer: 0)
    }

    package var isAbsent: Bool { tenant == nil }
    /// An agent stays even when logged out: routing counts him among those it passed over.
    package var isDormant: Bool { isAbsent }

    package var nextDeadline: Timestamp? {
        guard case .offline(let until) = presence else { return nil }
        return until == .distantFuture ? nil : until
    }

    package var deadlines: [Deadline] { nextDeadline.map { [Deadline(.grace, at: $0)] } ?? [] }

    package func decide(_ instruction: AgentCommand, _ turn: inout TurnContext) throws(DecideError) -> Decision {
        guard let tenant else {
            switch instruction {
            case .create(let tenant, let profile): return try create(in: tenant, profile, turn)
            case .change, .setPresence, .connectSession, .loseSession, .closeSession: throw .refuse(.notFound)
            }
        }
        switch instruction {
        case .create: throw .refuse(.alreadyExists)
        case .change(let profile, let expected):
            return try change(profile, of: tenant, expecting: expected, turn)
        case .setPresence(let wish, let by): return try setPresence(wish, by: by, of: tenant)
        case .connectSession(let session): return try connect(session, of: tenant)
        case .loseSession(let session): return try end(session, lost: true, of: tenant, turn)
        case .closeSession(let session): return try end(session, lost: false, of: tenant, turn)
        }
    }

    /// The grace time is over: what he holds goes back, and he is logged out.
    package func wake(_ turn: inout TurnContext) throws(DecideError) -> Decision {
        guard let tenant, case .offline(let until) = presence, until <= turn.now else { return Decision() }
        return Decision([presenceChanged(to: .loggedOut, by: .system, of: tenant)], asks: givingUpAll())
    }

    package mutating func apply(_ event: Event, at now: Timestamp) {
        switch event {
        case .agentCreated(let agent, let tenant, let profile):
            guard agent == id else { return }
            self.tenant = tenant
            version = 1
            self.profile = profile
            presenceSince = now
            idleSince = now
        case .agentChanged(let agent, _, let profile, let version):
            guard agent == id else { return }
            self.version = version
            self.profile = profile
        case .presenceChanged(let change):
            if change.agent == id { apply(change, at: now) }
        case .sessionConnected(let agent, _, let session):
            guard agent == id, !sessions.contains(session) else { return }
            sessions.insert(session, at: sessions.firstIndex { session < $0 } ?? sessions.endIndex)
        case .sessionEnded(let agent, _, let session, _):
            if agent == id { sessions.removeAll { $0 == session } }
        case .offerMade(let made): if made.agent == id { take(made, at: now) }
        case .offerAccepted(let ended): if ended.agent == id { accept(ended, at: now) }
        case .offerEnded(let ended): if ended.agent == id { endOffer(ended) }
        case .contactQueued(let queued): if queued.released == id { release(queued.leg.contact, at: now) }
        case .contactWrapping(let wrapping): if wrapping.agent == id { wrap(wrapping.leg.contact, at: now) }
        // A leg that has ended is in nobody's hands, whoever its record names.
        case .contactClosed(let closed): release(closed.leg.contact, at: now)
        // A held contact keeps its slot; a consultation is a leg, and an assignment, of its own.
        case .contactHeld, .contactResumed, .consultStarted, .consultEnded: break
        case .tenantCreated, .tenantChanged, .skillDefined, .calendarPut, .routingPolicyPut, .slaPolicyPut,
            .queueCreated, .queueChanged, .customerCreated, .customerChanged, .credentialCreated, .credentialRevoked,
            .conversationOpened, .conversationReopened, .messagePosted, .messagesDelivered, .messagesRead,
            .conversationClosed, .contactCreated, .contactBotStarted, .contactStepped, .contactDeclineExpired,
            .contactPriorityChanged, .clockActivated, .clockPaused, .clockResumed, .clockWarned, .clockBreached,
            .clockFulfilled, .clockPolicyApplied, .inputQuarantined, .quarantineResolved, .webhookPut, .deliveryDue,
            .deliveryResumed, .deliveryFailed, .deliveryDone:
            break
        }
    }

    private mutating func apply(_ change: PresenceChanged, at now: Timestamp) {
        switch (presence, change.to) {
        case (.available, .offline), (.onBreak, .offline), (.notResponding, .offline): presenceBefore = presence
        case (_, .loggedOut): presenceBefore = .loggedOut
        case (.loggedOut, .offline), (.offline, .offline): break  // Nobody decides it.
        case (_, .available), (_, .onBreak), (_, .notResponding): break
        }
        if presence == .loggedOut, change.to != .loggedOut {
            idleSince = now
            handled = 0
        }
        presence = change.to
        presenceSince = now
        unanswered = change.unanswered
    }

    // MARK: Settings

    private func create(
        in tenant: TenantID, _ profile: AgentProfile, _ turn: TurnContext
    ) throws(DecideError) -> Decision {
        let profile = try checked(profile, in: tenant, turn)
        return Decision([.agentCreated(id, tenant, profile)], answer: Answer(actor: ActorID(id), version: 1))
    }

    /// What he holds stays, also where the new profile has fewer slots: it only admits nothing new.
    private func change(
        _ profile: AgentProfile, of tenant: TenantID, expecting: UInt32?, _ turn: TurnContext
    ) throws(DecideError) -> Decision {
        try Version.check(expecting, against: version)
        let profile = try checked(profile, in: tenant, turn)
        let next = profile == self.profile ? version : Version.next(after: version)
        return Decision(
            next == version ? [] : [.agentChanged(id, tenant, profile, version: next)],
            answer: Answer(actor: ActorID(id), version: next))
    }

    private func checked(
        _ profile: AgentProfile, in tenant: TenantID, _ turn: TurnContext
    ) throws(DecideError) -> AgentProfile {
        guard let tenant = turn.view.tenant(tenant), !tenant.isAbsent else { throw .refuse(.notFound, field: "tenant") }
        let profile = profile.normalized
        try DecideError.refusing { () throws(Refusal) in try profile.validate(in: tenant, view: turn.view) }
        return profile
    }
}
