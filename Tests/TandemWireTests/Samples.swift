import TandemCore

@testable import TandemWire

/// One value of each kind, written out by hand: the values behind `Fixtures/v1.txt`. They never change.
///
/// A field that a later version adds is set here to what an old journal means by its absence.
enum Samples {
    static func id<Kind>(_ number: UInt64) -> Identifier<Kind> {
        Identifier(raw: (1_750_000_000_000 << 12 | number) << 10 | 3)
    }

    static let time = Timestamp(milliseconds: 1_750_000_000_123)
    static let later = Timestamp(milliseconds: 1_750_000_030_456)
    static let leg = Leg(tenant: id(1), conversation: id(2), customer: id(3), contact: id(4), queue: id(5))
    static let party = Party.staff(id(6))
    static let session = SessionID(node: 3, incarnation: 0x0102_0304_0506_0708, number: 300)
    static let skill = SkillLevel(id(7), 8)
    static let order = OrderKey(priority: 5, virtual: -1_750_000, sequence: 77 << 32)
    static let requirement = Requirement(pools: [id(5), id(8)], skills: [skill], preferred: [id(9)])
    static let waiting = Waiting(
        policy: id(10), policyVersion: 4, rule: 1, step: 2, stepExpiresAt: later, requirement: requirement,
        order: order)
    static let tenantSettings = TenantSettings(
        name: "Zoë & Söhne", graceOffline: .seconds(30), preferredWindow: .hours(24), declinePause: .seconds(45),
        noAnswerMax: 3)
    static let queueSettings = QueueSettings(
        name: "Claims", strategy: .mostSkilled, ageingWeight: 1_500, tierBoosts: [0, 100, -200, 300_000],
        wrapUp: .timed(.seconds(60)), offerTimeouts: [.seconds(20), .seconds(30)], shortAbandon: .seconds(5),
        routingPolicy: id(10), slaPolicy: id(11), calendar: nil)
    static let profile = AgentProfile(
        name: "Ada", skills: [skill], queues: [id(5)],
        channels: [ChannelRule(slots: 4, weight: 250, blocks: [.voice, .chat], interruptible: true)])
    static let customer = CustomerProfile(name: "東京", tier: .vip, tags: ["a", "b"], externalID: "K-1")
    static let credential = CredentialSpec(
        tenant: id(1), role: .supervisor, agent: nil, customer: id(3), label: "night shift",
        secretDigest: (0..<32).map { UInt8($0) }, expiresAt: later)
    static let calendar = CalendarSpec(
        name: "Office", zone: "Europe/Berlin", blocks: [WeeklyBlock(weekday: 0, start: 480, end: 1_020)],
        holidays: [Holiday(day: -3), Holiday(day: 20_000, blocks: [WeeklyBlock(weekday: 0, start: 0, end: 60)])],
        transitions: [ZoneTransition(at: time, offset: -3_600)])
    static let routing = RoutingPolicySpec(
        name: "Standard",
        rules: [
            RoutingRule(
                condition: .all([
                    .any([.channel([.chat]), .tierAtLeast(.core), .tag("vip"), .waitAtLeast(.seconds(9))]),
                    .not(.estimatedWaitAtLeast(.seconds(90))), .positionAtLeast(3), .waitingAtLeast(nil, 4),
                    .availableAtMost(id(5), 5), .loggedInAtMost(nil, 600), .serviceLevelBelow(id(5), 800),
                    .open(id(12)), .closed(id(13)),
                ]),
                steps: [
                    RoutingStep(
                        queue: id(8), skills: [skill], preferred: [id(9)], preferLastAgent: true,
                        length: .seconds(20),
                        onExpiry: [
                            .lowerLevel(id(7), by: 2), .dropSkill(id(7)), .widen(id(8)), .raisePriority(by: 1),
                            .boost(-5), .overflow(id(8)), .offerCallback, .close(message: "Sorry"),
                        ])
                ]),
            RoutingRule(condition: .always, steps: [RoutingStep()]),
        ])
    static let sla = SLAPolicySpec(
        name: "Gold",
        targets: [SLATarget(metric: .firstReply, channels: [.chat], target: .seconds(20), calendar: id(12))])
    static let quarantined = QuarantinedInput(
        input: 0xfeed, summary: "acceptOffer", actor: ActorID(kind: .conversation, raw: 99), contact: id(4),
        reason: "no such offer")

    static var queued: ContactQueued {
        ContactQueued(
            leg: leg, reason: .overflow, enqueuedAt: time, waiting: waiting, priority: 4, boost: -7,
            released: id(9), note: "asks for a person")
    }

    static var marked: MessagesMarked {
        MessagesMarked(conversation: id(2), tenant: id(1), by: .customer(id(3)), upTo: 300, agents: [id(9)])
    }

    static var offer: OfferMade {
        var ruledOut = RoutingDecision.RuledOut()
        ruledOut.loggedOut = 1
        ruledOut.notAvailable = 2
        ruledOut.skill = 3
        ruledOut.noSlot = 4
        ruledOut.blocked = 5
        ruledOut.notPreferred = 6
        ruledOut.declined = 700
        return OfferMade(
            leg: leg, offer: id(14), agent: id(9), channel: .voice, expiresAt: later,
            decision: RoutingDecision(
                trigger: .agent, policy: id(10), policyVersion: 4, rule: 1, step: 2, strategy: .roundRobin,
                requirement: requirement, order: order, age: .seconds(33),
                candidates: [RoutingDecision.Candidate(agent: id(9), score: -12)], eligible: 12, ruledOut: ruledOut))
    }

    static func ended(_ outcome: OfferOutcome) -> OfferEnded {
        OfferEnded(
            leg: leg, offer: id(14), agent: id(9), channel: .email, outcome: outcome, declinedUntil: later,
            waited: .seconds(12), target: .seconds(20), isCounted: true)
    }

    static var times: ContactTimes {
        var times = ContactTimes()
        times.queued = .seconds(1)
        times.talk = .seconds(2)
        times.hold = .seconds(3)
        times.wrapUp = .seconds(4)
        times.holds = 5
        times.offers = 6
        times.offersTimedOut = 700
        return times
    }

    static var closed: ContactClosed {
        ContactClosed(
            leg: leg, channel: .callback, kind: .consult, previous: id(15), next: id(16), agent: id(9),
            reason: .transferred, disposition: "sold", createdAt: time, enqueuedAt: time, answeredAt: later,
            times: times, target: .seconds(20), by: party)
    }
}
