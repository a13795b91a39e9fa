/// `absent → present`: settings and parts, each with a version of its own. No time runs here.
extension Tenant: Machine {
    package init(absent id: TenantID) {
        self.init(
            id: id, version: 0, settings: TenantSettings(name: ""), skills: [], calendars: [], routingPolicies: [],
            slaPolicies: [], webhooks: [])
    }

    package var isAbsent: Bool { version == 0 }
    /// A tenant stays: every turn of its contacts looks at it.
    package var isDormant: Bool { isAbsent }
    package var nextDeadline: Timestamp? { nil }
    package var deadlines: [Deadline] { [] }

    package func skill(_ id: SkillID) -> Skill? { skills.part(id) }
    package func calendar(_ id: CalendarID) -> BusinessCalendar? { calendars.part(id) }
    package func routingPolicy(_ id: RoutingPolicyID) -> RoutingPolicy? { routingPolicies.part(id) }
    package func slaPolicy(_ id: SLAPolicyID) -> SLAPolicy? { slaPolicies.part(id) }
    package func webhook(_ id: WebhookID) -> Webhook? { webhooks.part(id) }

    package func decide(_ instruction: TenantCommand, _ turn: inout TurnContext) throws(DecideError) -> Decision {
        if case .create(let settings) = instruction { return try create(settings) }
        guard !isAbsent else { throw .refuse(.notFound) }
        switch instruction {
        case .create: throw .refuse(.alreadyExists)
        case .change(let settings, let expected):
            try Version.check(expected, against: version)
            try DecideError.refusing { () throws(Refusal) in try settings.validate() }
            let next = settings == self.settings ? version : Version.next(after: version)
            let events: [Event] = next == version ? [] : [.tenantChanged(id, settings, version: next)]
            return Decision(events, answer: Answer(actor: ActorID(id), version: next))
        case .defineSkill(let name): return try defineSkill(name, &turn)
        case .putCalendar(let calendar, let spec, let expected):
            let spec = spec.normalized
            return try put(
                calendar, spec, expecting: expected, among: calendars, atMost: Limits.calendarsPerTenantMax,
                field: "calendars", as: Event.calendarPut, &turn
            ) { () throws(Refusal) in try spec.validate() }
        case .putRoutingPolicy(let policy, let spec, let expected):
            let spec = RoutingPolicyRules.normalized(spec)
            let rules = RoutingPolicyRules(tenant: self, view: turn.view)
            return try put(
                policy, spec, expecting: expected, among: routingPolicies, atMost: Limits.policiesPerTenantMax,
                field: "routingPolicies", as: Event.routingPolicyPut, &turn
            ) { () throws(Refusal) in try rules.validate(spec) }
        case .putSLAPolicy(let policy, let spec, let expected):
            return try put(
                policy, spec, expecting: expected, among: slaPolicies, atMost: Limits.policiesPerTenantMax,
                field: "slaPolicies", as: Event.slaPolicyPut, &turn
            ) { () throws(Refusal) in try spec.validate(in: self) }
        case .putWebhook(let webhook, let spec, let expected):
            return try put(
                webhook, spec, expecting: expected, among: webhooks, atMost: Limits.webhooksPerTenantMax,
                field: "webhooks", as: Event.webhookPut, &turn
            ) { () throws(Refusal) in try spec.validate() }
        }
    }

    package func wake(_ turn: inout TurnContext) throws(DecideError) -> Decision { Decision() }

    package mutating func apply(_ event: Event, at now: Timestamp) {
        switch event {
        case .tenantCreated(let tenant, let settings):
            guard tenant == id else { return }
            version = 1
            self.settings = settings
        case .tenantChanged(let tenant, let settings, let version):
            guard tenant == id else { return }
            self.version = version
            self.settings = settings
        case .skillDefined(let tenant, let skill):
            if tenant == id { skills.put(skill) }
        case .calendarPut(let tenant, let calendar):
            if tenant == id { calendars.put(calendar) }
        case .routingPolicyPut(let tenant, let policy):
            if tenant == id { routingPolicies.put(policy) }
        case .slaPolicyPut(let tenant, let policy):
            if tenant == id { slaPolicies.put(policy) }
        case .webhookPut(let tenant, let webhook):
            if tenant == id { webhooks.put(webhook) }
        case .queueCreated, .queueChanged, .agentCreated, .agentChanged, .presenceChanged, .sessionConnected,
            .sessionEnded, .customerCreated, .customerChanged, .credentialCreated, .credentialRevoked,
            .conversationOpened, .conversationReopened, .messagePosted, .messagesDelivered, .messagesRead,
            .conversationClosed, .contactCreated, .contactBotStarted, .contactQueued, .contactStepped,
            .contactDeclineExpired, .contactPriorityChanged, .offerMade, .offerAccepted, .offerEnded, .contactHeld,
            .contactResumed, .consultStarted, .consultEnded, .contactWrapping, .contactClosed, .clockActivated,
            .clockPaused,
            .clockResumed, .clockWarned, .clockBreached, .clockFulfilled, .clockPolicyApplied, .inputQuarantined,
            .quarantineResolved, .deliveryDue, .deliveryResumed, .deliveryFailed, .deliveryDone:
            break
        }
    }

    // MARK: Deciding

    private func create(_ settings: TenantSettings) throws(DecideError) -> Decision {
        guard isAbsent else { throw .refuse(.alreadyExists) }
        try DecideError.refusing { () throws(Refusal) in try settings.validate() }
        return Decision([.tenantCreated(id, settings)], answer: Answer(actor: ActorID(id), version: 1))
    }

    /// A skill has one name, and a name one skill.
    private func defineSkill(_ name: String, _ turn: inout TurnContext) throws(DecideError) -> Decision {
        try DecideError.refusing { () throws(Refusal) in try Rules.name(name, field: "name") }
        if let known = skills.first(where: { $0.name == name }) { return answer(known.id.raw, version: nil) }
        try checkRoom(skills.count, limit: Limits.skillsPerTenantMax, field: "skills")
        let skill = Skill(id: turn.mint(), name: name)
        return answer(skill.id.raw, version: nil, .skillDefined(id, skill))
    }

    /// A part that is addressed must be there and becomes its next version, unless it says the same already; without an
    /// identifier it is a new one, which has version 0 for whoever expects it.
    private func put<Spec>(
        _ id: Identifier<Spec.Kind>?, _ spec: Spec, expecting: UInt32?, among parts: [SettingPart<Spec>],
        atMost limit: Int, field: String, as event: (TenantID, SettingPart<Spec>) -> Event, _ turn: inout TurnContext,
        validate: () throws(Refusal) -> Void
    ) throws(DecideError) -> Decision {
        let known = id.flatMap { parts.part($0) }
        if id != nil, known == nil { throw .refuse(.notFound) }
        try Version.check(expecting, against: known?.version ?? 0)
        try DecideError.refusing(validate)
        if let known, known.spec == spec { return answer(known.id.raw, version: known.version) }
        if known == nil { try checkRoom(parts.count, limit: limit, field: field) }
        let next = SettingPart(
            id: id ?? turn.mint(), version: Version.next(after: known?.version ?? 0), spec: spec)
        return answer(next.id.raw, version: next.version, event(self.id, next))
    }

    private func checkRoom(_ count: Int, limit: Int, field: String) throws(DecideError) {
        guard count < limit else { throw .refuse(.limitExceeded, field: field) }
    }

    private func answer(_ part: UInt64, version: UInt32?, _ events: Event...) -> Decision {
        Decision(events, answer: Answer(actor: ActorID(id), part: part, version: version))
    }
}

/// What a tenant keeps in a list sorted by identifier.
private protocol TenantPart {
    associatedtype Kind: IdentifierKind
    var id: Identifier<Kind> { get }
}

extension Skill: TenantPart {}
extension SettingPart: TenantPart {}

extension Array where Element: TenantPart {
    fileprivate func part(_ id: Identifier<Element.Kind>) -> Element? {
        let place = place(of: id)
        return place < count && self[place].id == id ? self[place] : nil
    }

    fileprivate mutating func put(_ part: Element) {
        let place = place(of: part.id)
        if place < count, self[place].id == part.id { self[place] = part } else { insert(part, at: place) }
    }

    /// The place of the first part that is not before an identifier.
    private func place(of id: Identifier<Element.Kind>) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle].id < id { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
