import TandemCore
import TestChance

@testable import TandemWire

/// Arbitrary values of every type, from one seed: extremes (empty, zero, the largest and smallest) come often.
///
/// The values obey the types, not the business: skills are unsorted, weekdays are 200, contacts know no queue.
struct Arbitrary {
    private var generator: SeededGenerator
    /// How deep conditions may still nest.
    private var depth = 3
    /// Lists around the one being made: only an outermost list is ever long.
    private var nesting = 0

    /// Identifiers are of 1 to this, whatever they name, so that values meet; nil: of all 64 bits.
    private let identifiers: Int?

    init(seed: UInt64, identifiers: Int? = nil) {
        generator = SeededGenerator(seed: seed)
        self.identifiers = identifiers
    }

    mutating func word() -> UInt64 { generator.next() }

    /// 0 up to, not including, `limit`.
    mutating func below(_ limit: Int) -> Int { Int(word() % UInt64(limit)) }

    mutating func bool() -> Bool { below(2) == 0 }

    mutating func integer<Number: FixedWidthInteger>(_: Number.Type = Number.self) -> Number {
        switch below(8) {
        case 0: 0
        case 1: .max
        case 2: .min
        case 3: 1
        // Of any width: as many small numbers as large ones.
        default: Number(truncatingIfNeeded: word() >> UInt64(below(64)))
        }
    }

    mutating func one<Word: CaseIterable>(_: Word.Type = Word.self) -> Word {
        let all = Array(Word.allCases)
        return all[below(all.count)]
    }

    mutating func optional<Value>(_ make: (inout Self) -> Value) -> Value? { bool() ? make(&self) : nil }

    mutating func list<Value>(_ make: (inout Self) -> Value) -> [Value] {
        let count = nesting == 0 && below(40) == 0 ? 100 : below(4)
        nesting += 1
        defer { nesting -= 1 }
        return (0..<count).map { _ in make(&self) }
    }

    mutating func text() -> String {
        switch below(8) {
        case 0: return ""
        case 1: return "Zoë Müller, 東京 👩‍👩‍👧 \u{0} \u{10ffff}"
        case 2: return String(repeating: "ä", count: below(400))
        default:
            let letters = Array("abcdefghijklmnopqrstuvwxyz ABC 0123456789")
            return String((0..<below(24)).map { _ in letters[below(letters.count)] })
        }
    }

    mutating func id<Kind>() -> Identifier<Kind> {
        Identifier(raw: identifiers.map { UInt64(1 + below($0)) } ?? integer())
    }
    mutating func time() -> Timestamp { Timestamp(milliseconds: integer()) }
    mutating func length() -> Milliseconds { Milliseconds(integer()) }
    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: word()) } }

    // Words

    mutating func presence() -> Presence {
        switch below(5) {
        case 0: .loggedOut
        case 1: .available
        case 2: .onBreak(BreakCode(text()))
        case 3: .notResponding
        default: .offline(until: time())
        }
    }

    mutating func party() -> Party {
        switch below(5) {
        case 0: .system
        case 1: .bot
        case 2: .customer(id())
        case 3: .agent(id())
        default: .staff(id())
        }
    }

    mutating func skillLevel() -> SkillLevel { SkillLevel(id(), integer()) }
    mutating func channels() -> ChannelSet { ChannelSet(rawValue: integer()) }
    mutating func actor() -> ActorID { ActorID(kind: one(), raw: integer()) }
    mutating func session() -> SessionID { SessionID(node: integer(), incarnation: integer(), number: integer()) }

    // Settings

    mutating func tenantSettings() -> TenantSettings {
        TenantSettings(
            name: text(), graceOffline: length(), preferredWindow: length(), declinePause: length(),
            noAnswerMax: integer())
    }

    mutating func skill() -> Skill { Skill(id: id(), name: text()) }

    mutating func queueSettings() -> QueueSettings {
        QueueSettings(
            name: text(), strategy: one(), ageingWeight: integer(), tierBoosts: list { $0.integer() },
            wrapUp: wrapUp(), offerTimeouts: list { $0.length() }, shortAbandon: length(),
            routingPolicy: optional { $0.id() }, slaPolicy: optional { $0.id() }, calendar: optional { $0.id() })
    }

    mutating func wrapUp() -> WrapUp {
        switch below(4) {
        case 0: .none
        case 1: .optional
        case 2: .timed(length())
        default: .mandatory
        }
    }

    mutating func agentProfile() -> AgentProfile {
        AgentProfile(
            name: text(), skills: list { $0.skillLevel() }, queues: list { $0.id() },
            channels: list { any in
                ChannelRule(
                    slots: any.integer(), weight: any.integer(), blocks: any.channels(), interruptible: any.bool())
            })
    }

    mutating func customerProfile() -> CustomerProfile {
        CustomerProfile(
            name: text(), tier: one(), tags: list { $0.text() }, externalID: optional { $0.text() })
    }

    mutating func credentialSpec() -> CredentialSpec {
        CredentialSpec(
            tenant: optional { $0.id() }, role: one(), agent: optional { $0.id() }, customer: optional { $0.id() },
            label: text(), secretDigest: bytes(below(40)), expiresAt: optional { $0.time() })
    }

    mutating func weeklyBlock() -> WeeklyBlock { WeeklyBlock(weekday: integer(), start: integer(), end: integer()) }

    mutating func calendarSpec() -> CalendarSpec {
        CalendarSpec(
            name: text(), zone: text(), blocks: list { $0.weeklyBlock() },
            holidays: list { any in Holiday(day: any.integer(), blocks: any.list { $0.weeklyBlock() }) },
            transitions: list { ZoneTransition(at: $0.time(), offset: $0.integer()) })
    }

    mutating func calendar() -> BusinessCalendar {
        BusinessCalendar(id: id(), version: integer(), spec: calendarSpec())
    }

    mutating func slaPolicySpec() -> SLAPolicySpec {
        SLAPolicySpec(
            name: text(),
            targets: list { any in
                SLATarget(
                    metric: any.one(), channels: any.channels(), target: any.length(),
                    calendar: any.optional { $0.id() }, warnPercent: any.integer())
            })
    }

    mutating func slaPolicy() -> SLAPolicy { SLAPolicy(id: id(), version: integer(), spec: slaPolicySpec()) }

    mutating func routingPolicySpec() -> RoutingPolicySpec {
        RoutingPolicySpec(
            name: text(),
            rules: list { any in
                RoutingRule(condition: any.condition(), steps: any.list { $0.routingStep() })
            })
    }

    mutating func routingPolicy() -> RoutingPolicy {
        RoutingPolicy(id: id(), version: integer(), spec: routingPolicySpec())
    }

    mutating func condition() -> RoutingCondition {
        depth -= 1
        defer { depth += 1 }
        switch depth > 0 ? below(16) : 3 + below(13) {
        case 0: return .all(list { $0.condition() })
        case 1: return .any(list { $0.condition() })
        case 2: return .not(condition())
        case 3: return .always
        case 4: return .channel(channels())
        case 5: return .tierAtLeast(one())
        case 6: return .tag(text())
        case 7: return .waitAtLeast(length())
        case 8: return .estimatedWaitAtLeast(length())
        case 9: return .positionAtLeast(integer())
        case 10: return .waitingAtLeast(optional { $0.id() }, integer())
        case 11: return .availableAtMost(optional { $0.id() }, integer())
        case 12: return .loggedInAtMost(optional { $0.id() }, integer())
        case 13: return .serviceLevelBelow(optional { $0.id() }, integer())
        case 14: return .open(id())
        default: return .closed(id())
        }
    }

    mutating func routingStep() -> RoutingStep {
        RoutingStep(
            queue: optional { $0.id() }, skills: list { $0.skillLevel() }, preferred: list { $0.id() },
            preferLastAgent: bool(), length: optional { $0.length() }, onExpiry: list { $0.operation() })
    }

    mutating func operation() -> RoutingOperation {
        switch below(8) {
        case 0: .lowerLevel(id(), by: integer())
        case 1: .dropSkill(id())
        case 2: .widen(id())
        case 3: .raisePriority(by: integer())
        case 4: .boost(integer())
        case 5: .overflow(id())
        case 6: .offerCallback
        default: .close(message: text())
        }
    }

    // Records

    mutating func record(_ kind: ActorKind) -> Record {
        switch kind {
        case .tenant:
            .tenant(
                Tenant(
                    id: id(), version: integer(), settings: tenantSettings(), skills: list { $0.skill() },
                    calendars: list { $0.calendar() }, routingPolicies: list { $0.routingPolicy() },
                    slaPolicies: list { $0.slaPolicy() }, webhooks: list { $0.webhook() }))
        case .queue:
            .queue(
                Queue(
                    id: id(), tenant: optional { $0.id() }, version: integer(), settings: queueSettings(),
                    buckets: list { $0.bucket() }))
        case .agent: .agent(agent())
        case .customer:
            .customer(
                Customer(
                    id: id(), tenant: optional { $0.id() }, version: integer(), profile: customerProfile(),
                    lastAgent: optional { $0.id() }, lastHandledAt: optional { $0.time() }, open: integer()))
        case .conversation: .conversation(conversation())
        case .credential: .credential(Credential(id: id(), state: credentialState()))
        case .quarantine:
            .quarantine(
                Quarantine(
                    partition: integer(),
                    items: list { Quarantine.Item(id: $0.id(), since: $0.time(), input: $0.quarantinedInput()) }))
        case .delivery: .delivery(delivery())
        }
    }

    mutating func bucket() -> Queue.Bucket {
        var bucket = Queue.Bucket(halfHour: integer())
        bucket.offered = integer()
        bucket.answered = integer()
        bucket.answeredInTarget = integer()
        bucket.abandoned = integer()
        bucket.abandonedInTarget = integer()
        bucket.shortAbandoned = integer()
        bucket.handled = integer()
        bucket.handleTime = length()
        return bucket
    }

    mutating func agent() -> Agent {
        Agent(
            id: id(), tenant: optional { $0.id() }, version: integer(), profile: agentProfile(), presence: presence(),
            presenceSince: time(), presenceBefore: presence(), sessions: list { $0.session() },
            assignments: list { any in
                Agent.Assignment(
                    contact: any.id(), conversation: any.id(), queue: any.id(), channel: any.one(), state: any.one(),
                    since: any.time())
            },
            idleSince: time(), handled: integer(), unanswered: integer(), lastOffer: integer())
    }

    mutating func credentialState() -> Credential.State {
        switch below(3) {
        case 0: .absent
        case 1: .valid(credentialSpec())
        default: .revoked(credentialSpec(), at: time())
        }
    }

    /// Often more than lie in one piece.
    private mutating func seenMessages() -> SeenMessages {
        let count = below(3) == 0 ? below(100) : below(4)
        return SeenMessages(
            (0..<count).map { _ in SeenMessages.Mark(high: integer(), low: integer(), sequence: integer()) })
    }

    mutating func conversation() -> Conversation {
        let states: [Conversation.State] = [.absent, .open, .closed(at: time())]
        return Conversation(
            id: id(), state: states[below(3)], tenant: id(), customer: id(), channel: one(), openedAt: time(),
            messageCount: integer(), customerMessageAt: optional { $0.time() }, agentMessageAt: optional { $0.time() },
            customerDelivered: integer(), customerRead: integer(), agentRead: integer(),
            seen: seenMessages(),
            contacts: list { $0.contact() }, lastAgent: optional { $0.id() }, lastHandledAt: optional { $0.time() },
            resolution: optional { Conversation.Resolution(contact: $0.id(), clock: $0.clock()) })
    }

    mutating func contact() -> Contact {
        Contact(
            id: id(), queue: id(), channel: one(), kind: one(), previous: optional { $0.id() },
            next: optional { $0.id() }, tags: list { $0.text() }, skills: list { $0.skillLevel() },
            priority: integer(), boost: integer(), preferredAgent: optional { $0.id() }, createdAt: time(),
            ageSince: time(), enqueuedAt: optional { $0.time() }, answeredAt: optional { $0.time() },
            state: contactState(), since: time(), times: contactTimes(),
            declines: list { Contact.Decline(agent: $0.id(), until: $0.time()) }, clocks: list { $0.clock() })
    }

    mutating func contactState() -> Contact.State {
        switch below(7) {
        case 0: .created
        case 1: .bot
        case 2: .queued(waiting())
        case 3: .offered(Offer(id: id(), agent: id(), madeAt: time(), expiresAt: time()), waiting())
        case 4: .connected(id())
        case 5: .held(id())
        default: .wrapping(Contact.Wrapping(agent: id(), until: optional { $0.time() }, reason: one()))
        }
    }

    mutating func clock() -> SLAClock {
        let states: [SLAClock.State] = [
            .running(since: time(), warnAt: optional { $0.time() }, dueAt: optional { $0.time() }),
            .paused(remaining: optional { $0.length() }),
            .fulfilled(since: optional { $0.time() }, at: time(), elapsed: length()),
        ]
        return SLAClock(
            metric: one(), queue: id(), promise: optional { $0.clockPromise() }, state: states[below(3)],
            warned: bool(), breachedAt: optional { $0.time() }, used: length(),
            runs: list { SLAClock.Run(start: $0.time(), end: $0.time()) })
    }
}
