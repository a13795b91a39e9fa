internal import TandemCore

extension JSONWriter {
    /// Settings are changed seldom: their JSON is made by Foundation.
    mutating func settingFields(of event: Event) {
        switch event {
        case .tenantCreated(let tenant, let settings): stored(tenant, 1, API.TenantSettings(settings))
        case .tenantChanged(let tenant, let settings, let version):
            stored(tenant, version, API.TenantSettings(settings))
        case .skillDefined(let tenant, let skill):
            field("tenant", tenant)
            field("skill", skill.id)
            field("name", skill.name)
        case .calendarPut(let tenant, let part): stored("calendar", part, tenant, as: API.Calendar.self)
        case .routingPolicyPut(let tenant, let part):
            stored("routingPolicy", part, tenant, as: API.RoutingPolicy.self)
        case .slaPolicyPut(let tenant, let part): stored("slaPolicy", part, tenant, as: API.SLAPolicy.self)
        case .webhookPut(let tenant, let part): stored("webhook", part, tenant, as: API.Webhook.self)
        case .queueCreated(let queue, let tenant, let settings):
            field("queue", queue)
            stored(tenant, 1, API.QueueSettings(settings))
        case .queueChanged(let queue, let tenant, let settings, let version):
            field("queue", queue)
            stored(tenant, version, API.QueueSettings(settings))
        case .agentCreated(let agent, let tenant, let profile):
            field("agent", agent)
            stored(tenant, 1, API.AgentProfile(profile))
        case .agentChanged(let agent, let tenant, let profile, let version):
            field("agent", agent)
            stored(tenant, version, API.AgentProfile(profile))
        case .customerCreated(let customer, let tenant, let profile):
            field("customer", customer)
            stored(tenant, 1, API.CustomerProfile(profile))
        case .customerChanged(let customer, let tenant, let profile, let version):
            field("customer", customer)
            stored(tenant, version, API.CustomerProfile(profile))
        case .credentialCreated(let credential, let spec): created(credential, spec)
        case .credentialRevoked(let credential, let tenant):
            field("credential", credential)
            field("tenant", ifPresent: tenant)
        case .inputQuarantined(let partition, let id, let input): quarantined(partition, id, input)
        case .quarantineResolved(let partition, let id, let by):
            field("partition", partition)
            field("quarantine", id)
            party("by", by)
        default: break  // `fields(of:)` sends only these here.
        }
    }

    private mutating func stored<Settings: PartSettings>(
        _ name: StaticString, _ part: SettingPart<Settings.Spec>, _ tenant: TenantID, as _: Settings.Type
    ) {
        field(name, part.id)
        stored(tenant, part.version, Settings(part.spec))
    }

    private mutating func stored(_ tenant: TenantID, _ version: UInt32, _ settings: some Described) {
        field("tenant", tenant)
        field("version", version)
        key("settings")
        raw(settings.encoded())
    }

    /// Without the digest of its secret.
    private mutating func created(_ credential: CredentialID, _ spec: CredentialSpec) {
        field("credential", credential)
        field("tenant", ifPresent: spec.tenant)
        field("role", word: spec.role.word)
        field("agent", ifPresent: spec.agent)
        field("customer", ifPresent: spec.customer)
        field("label", spec.label)
        field("expiresAt", ifPresent: spec.expiresAt)
    }

    private mutating func quarantined(_ partition: UInt16, _ id: QuarantineID, _ input: QuarantinedInput) {
        field("partition", partition)
        field("quarantine", id)
        field("summary", input.summary)
        field("actor", input.actor.text)
        field("contact", ifPresent: input.contact)
        field("reason", input.reason)
    }
}
