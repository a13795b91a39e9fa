import TandemAPI
import TandemCore
import TandemGateway
import Testing

@Suite("Schemas")
struct SchemaTests {
    private let skill = SkillID(raw: 1 << 20)
    private let queue = QueueID(raw: 2 << 20)
    private let agent = AgentID(raw: 3 << 20)
    private let calendar = CalendarID(raw: 4 << 20)

    /// A value with every field of its type, through JSON and back; its keys are exactly its schema's.
    private func expectWhole<Value: Described & Equatable>(
        _ value: Value, at location: SourceLocation = #_sourceLocation
    ) throws {
        let bytes = value.encoded()
        let json = try JSONValue(parsing: bytes)
        try Value.schema.check(json)
        #expect(try Value.decode(bytes) == value, sourceLocation: location)
        if case .object(let fields) = Value.schema {
            #expect(Set(json.keys) == Set(fields.map(\.name)), sourceLocation: location)
        }
    }

    @Test("Settings go through JSON and Core and come back the same")
    func settings() throws {
        let policy = RoutingPolicySpec(
            name: "All",
            rules: Self.conditions(queue, calendar).map { condition in
                RoutingRule(condition: condition, steps: [step])
            })
        let routing = API.RoutingPolicy(policy)
        try expectWhole(routing)
        #expect(try API.RoutingPolicy.decode(routing.encoded()).core == policy)
        let sla = SLAPolicySpec(
            name: "Fast",
            targets: SLAMetric.allCases.map {
                SLATarget(metric: $0, channels: [.voice, .task], target: .seconds(20), calendar: calendar)
            })
        try expectWhole(API.SLAPolicy(sla))
        #expect(API.SLAPolicy(sla).core == sla)
        let webhook = WebhookSpec(
            name: "CRM", url: "https://crm.example/", notices: NoticeSet([.promiseBroken, .messagePosted]),
            secret: "main",
            isEnabled: false)
        try expectWhole(API.Webhook(webhook))
        #expect(try API.Webhook.decode(API.Webhook(webhook).encoded()).core == webhook)
        for wrapUp in [WrapUp.none, .optional, .mandatory, .timed(.seconds(15))] {
            var settings = QueueSettings(
                name: "Sales", strategy: .mostSkilled, tierBoosts: [0, 1, 2, -3], wrapUp: wrapUp,
                routingPolicy: RoutingPolicyID(raw: 5 << 20), slaPolicy: SLAPolicyID(raw: 6 << 20), calendar: calendar)
            settings.offerTimeouts[3] = .seconds(7)
            try expectWhole(API.QueueSettings(settings))
            #expect(try API.QueueSettings.decode(API.QueueSettings(settings).encoded()).core == settings)
        }
        var profile = AgentProfile(name: "Ann", skills: [SkillLevel(skill, 7)], queues: [queue])
        profile.channels[0] = ChannelRule(slots: 2, weight: 300, blocks: [.chat, .email], interruptible: true)
        try expectWhole(API.AgentProfile(profile))
        #expect(try API.AgentProfile.decode(API.AgentProfile(profile).encoded()).core == profile)
        let customer = CustomerProfile(name: "Cyd", tier: .vip, tags: ["a", "b"], externalID: "4711")
        try expectWhole(API.CustomerProfile(customer))
        #expect(API.CustomerProfile(customer).core == customer)
        let tenant = TenantSettings(name: "Acme", graceOffline: .seconds(9), noAnswerMax: 7)
        try expectWhole(API.TenantSettings(tenant))
        #expect(API.TenantSettings(tenant).core == tenant)
    }

    private var step: RoutingStep {
        RoutingStep(
            queue: queue, skills: [SkillLevel(skill, 3)], preferred: [agent], preferLastAgent: true,
            length: .seconds(30),
            onExpiry: [
                .lowerLevel(skill, by: 2), .dropSkill(skill), .widen(queue), .raisePriority(by: 1), .boost(-5),
                .overflow(queue), .offerCallback, .close(message: "sorry"),
            ])
    }

    private static func conditions(_ queue: QueueID, _ calendar: CalendarID) -> [RoutingCondition] {
        [
            .always, .all([.always, .tag("a")]), .any([]), .not(.not(.always)), .channel([.chat, .voice]),
            .tierAtLeast(.core), .tag("vip"), .waitAtLeast(.seconds(1)), .estimatedWaitAtLeast(.seconds(2)),
            .positionAtLeast(3), .waitingAtLeast(queue, 4), .waitingAtLeast(nil, 4), .availableAtMost(queue, 0),
            .loggedInAtMost(nil, 0), .serviceLevelBelow(queue, 800), .open(calendar), .closed(calendar),
        ]
    }

    @Test("A calendar keeps its hours, holidays and written-out zone")
    func calendars() throws {
        let spec = CalendarSpec(
            name: "Office", zone: "Europe/Berlin",
            blocks: [WeeklyBlock(weekday: 0, start: 540, end: 1_440), WeeklyBlock(weekday: 6, start: 0, end: 1)],
            holidays: [Holiday(day: 20_447, blocks: [WeeklyBlock(weekday: 0, start: 600, end: 720)])],
            transitions: [ZoneTransition(at: Timestamp(milliseconds: 0), offset: -3_600)])
        let shown = API.Calendar(spec)
        try expectWhole(shown)
        #expect(try API.Calendar.decode(shown.encoded()).core(transitions: []) == spec)
        #expect(shown.holidays?.first?.day == "2025-12-25" && shown.blocks.first?.end == "24:00")
    }

    @Test("Every type a request takes is accepted with its required fields alone")
    func minimal() throws {
        for route in Routes.all {
            guard case .json(let type) = route.body, case .object(let fields) = type.schema else { continue }
            let members = fields.filter(\.isRequired).map { JSONValue.Member($0.name, Self.example($0.schema)) }
            var writer = JSONWriter()
            writer.value(.object(members))
            #expect(throws: Never.self, "\(type)") { _ = try type.decode(writer.bytes) }
        }
    }

    /// The smallest value a schema takes.
    private static func example(_ schema: Schema) -> JSONValue {
        switch schema {
        case .string(let min, _): .string(String(repeating: "x", count: min))
        case .word(let words): .string(words[0])
        case .id(let prefix): .string("\(prefix)_0000000000001")
        case .time: .string("2026-11-23T03:31:00Z")
        case .day: .string("2026-11-23")
        case .clock: .string("00:00")
        case .integer(let range): .integer(range.lowerBound)
        case .choice(let numbers): .integer(numbers[0])
        case .number: .number(0.5)
        case .boolean: .boolean(false)
        case .array(let element, let min, _): .array((0..<min).map { _ in example(element) })
        case .object(let fields):
            .object(fields.filter(\.isRequired).map { .init($0.name, example($0.schema)) })
        case .union(let variants):
            .object(
                [.init("type", .string(variants[0].type))]
                    + variants[0].fields.filter(\.isRequired).map { .init($0.name, example($0.schema)) })
        case .map, .anything: .object([])
        case .named(let type): example(type.schema)
        }
    }
}
