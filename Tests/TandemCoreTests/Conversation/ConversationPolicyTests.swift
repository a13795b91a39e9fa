import Testing

@testable import TandemCore

@Suite("Policies that are applied to a conversation")
struct ConversationPolicyTests {
    private let answer = SLATarget(metric: .answer, channels: .all, target: .seconds(60))
    private let first = SLATarget(metric: .firstReply, channels: .all, target: .seconds(90))
    private let matter = SLATarget(metric: .resolution, channels: .all, target: .seconds(300))

    @Test("Every clock is there before a policy is, with no timer; the policy arms them from their starts")
    func open() throws {
        let story = try Story(.email)
        let centre = story.centre
        try centre.promise(centre.support, [])
        try centre.followPolicies()
        #expect(story.leg?.clocks.map(\.metric) == [.answer, .firstReply] && story.thread.nextDeadline == nil)
        let began = centre.now
        centre.skip(.seconds(30))
        try centre.promise(centre.support, [answer, first, matter])
        let start = centre.journal.count
        try centre.followPolicies()
        let events = centre.journal[start...].map(\.event)
        #expect(events.count == 3)
        #expect(events.allSatisfy { if case .clockPolicyApplied = $0 { true } else { false } })
        #expect(
            story.thread.deadlines.filter { $0.kind == .slaBreach }.map(\.at) == [
                began + .seconds(60), began + .seconds(90), began + .seconds(300),
            ])
        #expect(!story.thread.hasStalePromise(centre))
        #expect(try story.run(.followPolicies).isEmpty, "there is nothing more to do")
    }

    @Test("A contact that a step took to another queue keeps the promises it was given")
    func stepped() throws {
        let centre = Centre()
        try centre.promise(centre.support, [answer])
        try centre.promise(centre.sales, [first])
        try centre.route(
            centre.support,
            by: [
                RoutingStep(length: .seconds(10)), RoutingStep(queue: centre.sales, length: .hours(1)),
            ])
        let story = try Story(.email, centre: centre)
        try centre.pass(.seconds(20))
        #expect(story.leg?.queue == centre.sales)
        #expect(!story.thread.hasStalePromise(centre))
        #expect(story.leg?.clocks.clock(.answer)?.target == .seconds(60))
    }

    @Test("Legs that have ended get the verdict of a policy that came later, each clock once")
    func closed() throws {
        let story = try Story(.email)
        let centre = story.centre
        let bo = try centre.addAgent("Bo")
        let began = centre.now
        centre.skip(.seconds(70))
        try story.answer(by: bo)
        centre.skip(.seconds(10))
        _ = try story.say("Hi", by: .agent(bo))
        centre.skip(.seconds(400))
        try story.contact(.end(by: .agent(bo)))
        #expect(story.thread.isDormant)
        centre.skip(.hours(50))
        try centre.promise(centre.support, [answer, first, matter])
        #expect(!story.thread.hasStalePromise(centre), "what is past is asked for by staff")
        let events = try centre.applyPolicy(of: centre.support, to: story.id)
        #expect(events.filter { if case .clockPolicyApplied = $0 { true } else { false } }.count == 3)
        let leg = Leg(
            tenant: centre.tenant, conversation: story.id, customer: centre.customer, contact: story.contact,
            queue: centre.support)
        let breaches = events.filter { if case .clockBreached = $0 { true } else { false } }
        #expect(
            breaches == [
                .clockBreached(leg, .resolution, brokenAt: began + .seconds(300)),
                .clockBreached(leg, .answer, brokenAt: began + .seconds(60)),
            ])
        #expect(story.thread.isDormant && story.thread.nextDeadline == nil, "no timer wakes what is over")
        #expect(try centre.applyPolicy(of: centre.support, to: story.id).isEmpty)
        #expect(try centre.applyPolicy(of: centre.sales, to: story.id).isEmpty, "it was never there")
    }

    @Test("A clock that ran when its leg ended has counted until then")
    func ended() throws {
        let story = try Story(.email)
        let centre = story.centre
        centre.skip(.seconds(80))
        try story.contact(.abandon)
        centre.skip(.hours(1))
        try centre.promise(centre.support, [answer, first])
        let events = try centre.applyPolicy(of: centre.support, to: story.id)
        let remaining = events.compactMap { event -> Milliseconds? in
            guard case .clockPolicyApplied(_, let terms) = event else { return nil }
            return terms.remaining
        }
        #expect(remaining == [.seconds(-20), .seconds(10)])
        #expect(events.filter { if case .clockBreached = $0 { true } else { false } }.count == 1)
    }

    @Test("Only staff apply a policy to the past, of a queue that is theirs, to clocks that are this conversation's")
    func refusals() throws {
        let story = try Story(.email)
        let centre = story.centre
        func refusal(_ application: PolicyApplication) -> Refusal? { story.refusal(.applyPolicy(application)) }
        func application(
            queue: QueueID? = nil, past: [PastClock] = [], by party: Party? = nil
        ) -> PolicyApplication {
            PolicyApplication(queue: queue ?? centre.support, past: past, by: party ?? centre.staff)
        }
        #expect(refusal(application()) == nil)
        for party in [Party.bot, .customer(centre.customer)] {
            #expect(refusal(application(by: party)) == Refusal(.notAllowed, field: "by"))
        }
        #expect(refusal(application(queue: QueueID(raw: 99))) == Refusal(.notFound, field: "queue"))
        let stranger = PastClock(
            leg: Leg(
                tenant: centre.tenant, conversation: ConversationID(raw: 5), customer: centre.customer,
                contact: ContactID(raw: 6), queue: centre.support),
            channel: .chat,
            clock: SLAClock(
                metric: .answer, queue: centre.support, promise: nil, state: .paused(remaining: nil)))
        #expect(refusal(application(past: [stranger])) == Refusal(.invalid, field: "past"))
        let many = Array(repeating: stranger, count: Limits.clocksPerApplicationMax + 1)
        #expect(refusal(application(past: many)) == Refusal(.limitExceeded, field: "past"))
        let nobody = ConversationID(raw: 1 << 50)
        #expect(throws: DecideError.self) { try centre.run(nobody, .applyPolicy(application())) }
        #expect(try centre.run(nobody, .followPolicies).isEmpty, "the runtime is never refused")
    }
}
