// Presence: what the agent wishes, what his connections do, and what unanswered offers make of him.
extension Agent {
    /// What an offer that rang out makes of him: `notResponding`, and at `noAnswerMax` in a row a break. Nil when he
    /// is not there to answer, or is on a break by his own wish.
    package func afterNoAnswer(noAnswerMax: UInt8) -> PresenceChanged? {
        guard let tenant else { return nil }
        let count = unanswered == .max ? .max : unanswered + 1
        let to: Presence = count >= max(1, noAnswerMax) ? .onBreak(.noAnswer) : .notResponding
        switch presence {
        case .available, .notResponding:
            return PresenceChanged(
                agent: id, tenant: tenant, from: presence, to: to, by: .system, unanswered: count)
        case .loggedOut, .onBreak, .offline: return nil
        }
    }

    func setPresence(_ wish: PresenceWish, by: Party, of tenant: TenantID) throws(DecideError) -> Decision {
        let mayForce: Bool
        switch by {
        case .agent(let agent):
            guard agent == id else { throw .refuse(.notAllowed) }
            mayForce = false
        case .staff, .system: mayForce = true
        case .bot, .customer: throw .refuse(.notAllowed)
        }
        let wished: Presence
        switch wish {
        case .available: wished = .available
        case .onBreak(let code):
            try DecideError.refusing { () throws(Refusal) in try Rules.name(code.text, field: "code") }
            wished = .onBreak(code)
        case .loggedOut: wished = .loggedOut
        }
        let answer = Answer(actor: ActorID(id))
        guard wished != presence else { return Decision(answer: answer) }
        let change = presenceChanged(to: wished, by: by, of: tenant)
        switch (presence, wish) {
        case (.offline, .available), (.offline, .onBreak):
            // Only a connection brings him back: a word alone would cancel the grace time with nobody behind it.
            throw .refuse(.agentNotAvailable)
        case (.loggedOut, .available), (.available, .available), (.onBreak, .available), (.notResponding, .available):
            return Decision([change], answer: answer)
        case (.loggedOut, .onBreak), (.available, .onBreak), (.onBreak, .onBreak), (.notResponding, .onBreak):
            return Decision([change], asks: voidingOffers(), answer: answer)
        case (.loggedOut, .loggedOut), (.available, .loggedOut), (.onBreak, .loggedOut), (.notResponding, .loggedOut),
            (.offline, .loggedOut):
            guard mayForce || !holdsContacts else { throw .refuse(.agentHasContacts) }
            return Decision([change], asks: givingUpAll(), answer: answer)
        }
    }

    /// Brings an offline agent back to where he was.
    func connect(_ session: SessionID, of tenant: TenantID) throws(DecideError) -> Decision {
        let answer = Answer(actor: ActorID(id))
        guard !sessions.contains(session) else { return Decision(answer: answer) }
        guard sessions.count < Limits.sessionsPerAgentMax else { throw .refuse(.limitExceeded, field: "sessions") }
        var events: [Event] = [.sessionConnected(id, tenant, session)]
        switch presence {
        case .offline: events.append(presenceChanged(to: presenceBefore, by: .agent(id), of: tenant))
        case .loggedOut, .available, .onBreak, .notResponding: break
        }
        return Decision(events, answer: answer)
    }

    /// With his last session an agent goes offline for the grace time; one who closes it with empty hands is out.
    func end(
        _ session: SessionID, lost: Bool, of tenant: TenantID, _ turn: TurnContext
    ) throws(DecideError) -> Decision {
        let answer = Answer(actor: ActorID(id))
        guard sessions.contains(session) else { return Decision(answer: answer) }  // It ended before.
        let ended = Event.sessionEnded(id, tenant, session, lost: lost)
        guard sessions.count == 1 else { return Decision([ended], answer: answer) }
        switch presence {
        case .loggedOut, .offline: return Decision([ended], answer: answer)
        case .available, .onBreak, .notResponding: break
        }
        if !lost, !holdsContacts {
            let out = presenceChanged(to: .loggedOut, by: .agent(id), of: tenant)
            return Decision([ended, out], asks: voidingOffers(), answer: answer)
        }
        guard let settings = turn.view.tenant(tenant)?.settings else {
            throw .invariantBroken(InvariantBroken("the tenant of a connected agent is not loaded"))
        }
        let offline = Presence.offline(until: turn.now + settings.graceOffline)
        return Decision(
            [ended, presenceChanged(to: offline, by: .system, of: tenant)], asks: voidingOffers(), answer: answer)
    }

    /// He holds something that an offer's end does not take away.
    var holdsContacts: Bool { assignments.contains { $0.state != .offered } }

    func presenceChanged(to: Presence, by: Party, of tenant: TenantID) -> Event {
        .presenceChanged(
            PresenceChanged(
                agent: id, tenant: tenant, from: presence, to: to, by: by, unanswered: unansweredAfter(to)))
    }

    /// Offers in a row are forgiven by going out and by coming back from a break, not by a click on "available".
    private func unansweredAfter(_ to: Presence) -> UInt8 {
        switch (presence, to) {
        case (.loggedOut, _), (.available, .loggedOut), (.onBreak, .loggedOut), (.notResponding, .loggedOut),
            (.offline, .loggedOut), (.onBreak, .available):
            0
        case (.available, .available), (.available, .onBreak), (.available, .notResponding), (.available, .offline),
            (.onBreak, .onBreak), (.onBreak, .notResponding), (.onBreak, .offline),
            (.notResponding, .available), (.notResponding, .onBreak), (.notResponding, .notResponding),
            (.notResponding, .offline), (.offline, .available), (.offline, .onBreak), (.offline, .notResponding),
            (.offline, .offline):
            unanswered
        }
    }

    /// Every pending offer is void; what he holds stays with him.
    func voidingOffers() -> [Command] {
        assignments.filter { $0.state == .offered }.map { ask($0, .offerVoid(id)) }
    }

    /// Everything goes back: offers are void, contacts lose their agent.
    func givingUpAll() -> [Command] {
        assignments.map { ask($0, $0.state == .offered ? .offerVoid(id) : .agentLost(id)) }
    }

    private func ask(_ assignment: Assignment, _ command: ContactCommand) -> Command {
        .conversation(assignment.conversation, .contact(assignment.contact, command))
    }
}
