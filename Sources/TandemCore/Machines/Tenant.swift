/// One company: its settings, skills, calendars, policies and webhooks.
package struct Tenant: Hashable, Sendable {
    package let id: TenantID
    /// 0: absent.
    package internal(set) var version: UInt32
    package internal(set) var settings: TenantSettings
    package internal(set) var skills: [Skill]
    package internal(set) var calendars: [BusinessCalendar]
    package internal(set) var routingPolicies: [RoutingPolicy]
    package internal(set) var slaPolicies: [SLAPolicy]
    package internal(set) var webhooks: [Webhook]

    package init(
        id: TenantID, version: UInt32, settings: TenantSettings, skills: [Skill], calendars: [BusinessCalendar],
        routingPolicies: [RoutingPolicy], slaPolicies: [SLAPolicy], webhooks: [Webhook]
    ) {
        self.id = id
        self.version = version
        self.settings = settings
        self.skills = skills
        self.calendars = calendars
        self.routingPolicies = routingPolicies
        self.slaPolicies = slaPolicies
        self.webhooks = webhooks
    }
}
